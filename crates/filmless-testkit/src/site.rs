//! One installation of Filmless in a temporary folder: its settings, its commands, its places on disk.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::repository;
use crate::s3::Bucket;
use crate::server::Server;

/// The AE title that `Site::admit` makes known, and that tests call as.
pub const CALLING: &str = "TESTER";
/// Our AE title.
pub const CALLED: &str = "FILMLESS";
/// The account of the tests.
pub const ACCOUNT: &str = "admin";
/// Its password.
pub const PASSWORD: &str = "correct horse battery staple 9";

/// An installation; its folder goes with it.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    settings: Vec<(String, String)>,
    instances: PathBuf,
    /// Options of the shell's `ulimit` for every command: `-Sn 256`. None if empty.
    pub limits: &'static str,
    /// `embedded` or `external`: a name for what a test leaves behind.
    pub back_end: &'static str,
    /// Where it will listen for HTTP.
    pub http: SocketAddr,
    /// Where it will listen for DICOM.
    pub dicom: SocketAddr,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// Fails the test unless the command said all is well; its standard output otherwise.
    #[track_caller]
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Fails the test unless the command failed by itself, without a crash; all it printed otherwise.
    #[track_caller]
    pub fn failure(self) -> String {
        let text = format!("{}{}", self.stdout, self.stderr);
        assert!(self.code.is_some_and(|code| code != 0), "exit code {:?}\n{text}", self.code);
        assert!(!text.contains("panicked at"), "{text}");
        text
    }
}

impl Site {
    /// The embedded default: SQLite and a folder.
    pub fn embedded() -> Self {
        let folder = tempfile::Builder::new().prefix("filmless-test-").tempdir().expect("a temporary folder");
        let localhost = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let (http, dicom) = (localhost(free_port()), localhost(free_port()));
        let instances = folder.path().join("data/blobs/instances");
        let mut site = Self { folder, settings: Vec::new(), instances, limits: "", back_end: "embedded", http, dicom };
        site.set("http.listen", &http.to_string());
        site.set("dicom.listen", &dicom.to_string());
        site
    }

    /// Postgres and S3.
    pub fn external(database_url: &str, bucket: &Bucket) -> Self {
        let mut site = Self::embedded();
        site.back_end = "external";
        site.set("database.url", database_url);
        site.set("storage.url", &format!("s3://{}/archive", bucket.name));
        site.set("storage.endpoint", &bucket.endpoint);
        site.set("storage.region", &bucket.region);
        site.set("storage.access_key_id", &bucket.access_key_id);
        site.set("storage.secret_access_key", &bucket.secret_access_key);
        site.instances = bucket.folder.join("archive/instances");
        site
    }

    /// Sets a key of the settings file, by its environment variable. The last word counts.
    pub fn set(&mut self, key: &str, value: &str) {
        let variable = format!("FILMLESS_{}", key.to_uppercase().replace('.', "__"));
        self.settings.push((variable, value.to_owned()));
    }

    /// The folder given as `--data`.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for what the test itself writes.
    pub fn scratch(&self) -> PathBuf {
        let scratch = self.folder.path().join("scratch");
        std::fs::create_dir_all(&scratch).expect("a folder in a temporary folder");
        scratch
    }

    /// Where the server writes its log.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// Every stored instance, as the disk or the S3 server keeps it, for tests that damage one. Not the empty files that a
    /// running server holds ready.
    pub fn blobs(&self) -> Vec<PathBuf> {
        let mut blobs = if self.instances.is_dir() { repository::files_below(&self.instances) } else { Vec::new() };
        let holds = |path: &Path| path.metadata().is_ok_and(|metadata| metadata.len() > 0);
        blobs.retain(|path| path.extension().is_some_and(|extension| extension == "dcm") && holds(path));
        blobs
    }

    /// `filmless ARGUMENTS… --data …` with the settings of this site and no other.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = if self.limits.is_empty() {
            Command::new(binary())
        } else {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("ulimit {} && exec \"$@\"", self.limits)).arg("sh").arg(binary());
            shell
        };
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("FILMLESS_") {
                command.env_remove(variable);
            }
        }
        command.args(arguments).arg("--data").arg(self.data()).current_dir(self.folder.path());
        command.envs(self.settings.iter().map(|(variable, value)| (variable, value)));
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with_input(arguments, "").await
    }

    /// Runs a command to its end with this on standard input.
    pub async fn run_with_input(&self, arguments: &[&str], input: &str) -> Finished {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the filmless binary starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        // A command that reads nothing may be gone before it is written to.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.expect("a child can be waited for");
        Finished {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Adds the account of the tests.
    pub async fn add_account(&self) {
        let add = ["account", "add", ACCOUNT, "--role", "admin", "--password-stdin"];
        self.run_with_input(&add, &format!("{PASSWORD}\n")).await.success();
    }

    /// Makes a token for the account of the tests.
    pub async fn add_token(&self) -> String {
        let printed = self.run(&["token", "add", "--account", ACCOUNT]).await.success();
        printed.trim().to_owned()
    }

    /// Makes a peer known, calling from this machine.
    pub async fn admit(&self, ae_title: &str, rights: &str) {
        self.run(&["peer", "add", ae_title, "--address", "127.0.0.1", "--allow", rights]).await.success();
    }

    /// Adds account, token and the peer `TESTER`, and starts the server.
    pub async fn serve(&self) -> Server {
        self.add_account().await;
        self.admit(CALLING, "store,query,retrieve").await;
        let token = self.add_token().await;
        self.start(token).await
    }

    /// Starts the server over what is there, to be spoken to with this token.
    pub async fn start(&self, token: String) -> Server {
        Server::start(self, token).await
    }

    /// `filmless check`, which must find nothing.
    pub async fn check_is_clean(&self) {
        self.run(&["check"]).await.success();
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(log) = std::fs::read(self.log())
        {
            let log = String::from_utf8_lossy(&log);
            let lines: Vec<_> = log.lines().rev().take(40).collect();
            let tail: Vec<_> = lines.into_iter().rev().collect();
            eprintln!("--- end of the server's log ---\n{}", tail.join("\n"));
        }
    }
}

/// The binary under test: `FILMLESS_BIN`, or built once by cargo into the folder of the running test.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(binary) = std::env::var_os("FILMLESS_BIN") {
            return PathBuf::from(binary);
        }
        let status = std::process::Command::new(env!("CARGO"))
            .current_dir(repository::root())
            .args(["build", "--quiet", "--locked", "-p", "filmless-server", "--bin", "filmless"])
            .status()
            .expect("cargo runs: it is running this test");
        assert!(status.success(), "the filmless binary does not build");
        // target/debug/deps/e2e-0123… → target/debug/filmless
        let test = std::env::current_exe().expect("a test knows its own path");
        test.ancestors().nth(2).expect("a test lies in target/debug/deps").join("filmless")
    })
}

/// A port of this machine that nobody listens on. Outside the range that the system hands out to callers, and never
/// twice in a process, so that it stays free until the server takes it, also while the server is down for a moment.
pub fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    // Processes that run at the same time begin apart.
    let next = NEXT.get_or_init(|| AtomicU16::new(u16::try_from(std::process::id() % 300).expect("below 300") * 40));
    loop {
        let port = FIRST + next.fetch_add(1, Ordering::Relaxed) % COUNT;
        if std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
