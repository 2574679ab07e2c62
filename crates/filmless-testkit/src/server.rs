//! A running `filmless serve`, and requests to it.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::Child;

use crate::instance::Instance;
use crate::multipart::{self, Part};
use crate::requester::{Association, Refused};
use crate::site::{CALLED, CALLING, Site};
use crate::wait;

/// To start, migrations and a busy machine included.
const START_LIMIT: Duration = Duration::from_secs(90);
/// To stop when asked to.
const STOP_LIMIT: Duration = Duration::from_mins(1);

/// A server process. It is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    client: Client,
    /// The secret that requests carry.
    pub token: String,
    /// Where it listens for HTTP.
    pub http: SocketAddr,
    /// Where it listens for DICOM.
    pub dicom: SocketAddr,
}

impl Server {
    pub(crate) async fn start(site: &Site, token: String) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(site.log()).expect("a log file");
        let mut command = site.command(&["serve"]);
        command.stdout(log.try_clone().expect("a log file")).stderr(log);
        let child = command.spawn().expect("the filmless binary starts");
        let mut server = Self { child, client: client(), token, http: site.http, dicom: site.dicom };
        let child = &mut server.child;
        let (client, http, dicom) = (&server.client, server.http, server.dicom);
        wait::until("a ready server", START_LIMIT, async || {
            if let Some(status) = child.try_wait().expect("a child can be asked") {
                let log = std::fs::read(site.log()).unwrap_or_default();
                panic!("the server ended with {status}:\n{}", String::from_utf8_lossy(&log));
            }
            let ready = client.get(format!("http://{http}/readyz")).send().await.ok()?;
            (ready.status().is_success() && TcpStream::connect(dicom).await.is_ok()).then_some(())
        })
        .await;
        server
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The address of the DICOMweb service.
    pub fn dicomweb(&self) -> String {
        format!("{}/dicom-web", self.url())
    }

    /// The operating system's number for the process.
    pub fn process_id(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// The most memory the process ever had, in bytes (`VmHWM`).
    pub fn peak_memory_bytes(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process_id())).expect("a running process has a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells the peak");
        let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse().expect("a number of KiB");
        kib * 1024
    }

    /// Kills the process as a power cut would (SIGKILL).
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// Asks the process to stop (SIGTERM) and waits; whether it said all went well.
    pub async fn stop(mut self) -> bool {
        self.interrupt();
        let status = tokio::time::timeout(STOP_LIMIT, self.child.wait()).await.expect("the server stops when told to");
        status.expect("a child can be waited for").success()
    }

    /// Sends SIGTERM and does not wait.
    pub fn interrupt(&self) {
        let status = std::process::Command::new("kill").args(["-TERM", &self.process_id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// A request with the token of the tests.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    /// A request of nobody.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url()))
    }

    /// GET with the token of the tests.
    pub async fn get(&self, path: &str, accept: &str) -> Response {
        self.request(Method::GET, path).header(ACCEPT, accept).send().await.expect("the server answers")
    }

    /// A search (QIDO-RS): the matches; none if the server says 204.
    pub async fn search(&self, path_and_query: &str) -> Vec<Value> {
        let response = self.get(&format!("/dicom-web/{path_and_query}"), "application/dicom+json").await;
        match response.status().as_u16() {
            204 => Vec::new(),
            200 => response.json().await.expect("a search answers with a JSON array"),
            status => panic!("{path_and_query}: {status}: {}", response.text().await.unwrap_or_default()),
        }
    }

    /// STOW-RS of these files; status and answer.
    pub async fn store(&self, files: &[Vec<u8>]) -> (u16, Value) {
        let (content_type, body) = multipart::of_instances(files);
        let request = self.request(Method::POST, "/dicom-web/studies").header(CONTENT_TYPE, content_type);
        let response = request.header(ACCEPT, "application/dicom+json").body(body).send().await.expect("the server answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("an answer has a body");
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, value)
    }

    /// STOW-RS that must succeed.
    #[track_caller]
    pub fn store_all<'a>(&'a self, instances: &'a [Instance]) -> impl Future<Output = ()> + 'a {
        let files: Vec<_> = instances.iter().map(Instance::part10).collect();
        async move {
            let (status, answer) = self.store(&files).await;
            assert_eq!(status, 200, "{answer}");
        }
    }

    /// A retrieve (WADO-RS) of DICOM files in the transfer syntax they are stored in: the parts; none if there is nothing.
    pub async fn retrieve(&self, path: &str) -> Vec<Part> {
        let accept = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
        self.retrieve_as(path, accept).await
    }

    /// A retrieve of a multipart answer of this kind.
    pub async fn retrieve_as(&self, path: &str, accept: &str) -> Vec<Part> {
        let response = self.get(&format!("/dicom-web/{path}"), accept).await;
        let status = response.status().as_u16();
        if status == 404 {
            return Vec::new();
        }
        let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.to_str().expect("a printable type").to_owned());
        let body = response.bytes().await.expect("the whole body comes");
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        multipart::parse(&content_type.expect("an answer says its type"), &body)
    }

    /// An association as the known peer of the tests.
    pub async fn associate(&self, abstract_syntax: &str, transfer_syntax: &str) -> Result<Association, Refused> {
        Association::request(self.dicom, CALLING, CALLED, abstract_syntax, transfer_syntax).await
    }
}

/// An attribute of DICOM JSON (PS3.18 Annex F): the first value, as text.
pub fn text_value(object: &Value, tag: &str) -> Option<String> {
    let value = &object[tag]["Value"][0];
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(name) => name.get("Alphabetic").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// An HTTP client: no proxy, no redirects, patient.
fn client() -> Client {
    // reqwest looks for the process's provider of cryptography even if only http: is spoken.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.timeout(Duration::from_mins(2)).build().expect("an HTTP client")
}
