//! Nodes of other makers that we call, by TLS too: who is trusted, and what a person is told of who is not.

use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{CALLED, CALLING, Site, free_port};
use reqwest::Method;
use serde_json::{Value, json};

use crate::peers;
use crate::tls::{Certificates, serve};

/// Makes a node known that is called by TLS.
async fn know(site: &Site, ae_title: &str, port: u16, more: &[&str]) {
    let port = port.to_string();
    let add = ["peer", "add", ae_title, "--allow", "store", "--address", "127.0.0.1", "--port", &port, "--tls"];
    site.run(&[&add[..], more].concat()).await.success();
}

/// What `/api/peers` says of an echo.
async fn echo(server: &Server, ae_title: &str) -> Value {
    let asked = server.request(Method::POST, &format!("/api/peers/{ae_title}/echo")).send().await.expect("an answer");
    asked.json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_are_called_by_tls_that_want_it() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.issue("node", "node", "authority", "2").await;
    let (server, _) = serve(&mut site, &certificates).await;
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let stored: Vec<_> = files.iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect();
    assert_eq!(server.store(&stored).await.0, 200);

    let [key, certificate, authority] = ["node.key", "node.pem", "authority.pem"].map(|name| certificates.path(name));
    let (folder, dcmtk, pynetdicom) = (site.scratch().join("came"), free_port(), free_port());
    std::fs::create_dir(&folder).expect("a folder of its own");
    let _storescp = peers::storescp(&folder, dcmtk, &["+tls", &key, &certificate, "+cf", &authority]).await;
    know(&site, "STORESCP", dcmtk, &["--certificate", "CN=node"]).await;
    site.run(&["peer", "echo", "STORESCP"]).await.success();
    let study = text_value(&server.search("studies").await[0], "0020000D").expect("a study has its UID");
    let (port, study) = (server.dicom.port().to_string(), format!("StudyInstanceUID={study}"));
    let call = ["-S", "-aet", CALLING, "-aec", CALLED, "-aem", "STORESCP", "127.0.0.1", &port];
    peers::run("movescu", call.iter().copied().chain(["-k", "QueryRetrieveLevel=STUDY", "-k", &study])).await;
    assert_eq!(files_below(&folder).len(), files.len());

    let _scp = peers::interop_scp("tls_scp_pynetdicom.py", pynetdicom, &[&certificate, &key, &authority]).await;
    know(&site, "PYNETDICOM", pynetdicom, &[]).await;
    let echo = echo(&server, "PYNETDICOM").await;
    assert_eq!((&echo["answers"], &echo["failure"]), (&json!(true), &Value::Null), "{echo}");
    site.run(&["peer", "echo", "PYNETDICOM"]).await.success();
    let list = site.run(&["peer", "list"]).await.success();
    assert!(list.contains(&format!("{pynetdicom} (TLS)")), "{list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_not_to_be_trusted_is_not_called_and_a_person_learns_why() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.authority("stranger").await;
    for (file, authority, days) in [("good", "authority", "2"), ("expired", "authority", "-1"), ("strange", "stranger", "2")] {
        certificates.issue(file, file, authority, days).await;
    }
    certificates.issue_for("elsewhere", "elsewhere", "authority", "2", "DNS:elsewhere.example.org").await;
    let (server, _) = serve(&mut site, &certificates).await;
    let stranger = certificates.path("stranger.pem");
    for (file, of_callers, binding, expected) in [
        ("good", None, None, None),
        ("elsewhere", None, Some("CN=elsewhere"), None),
        ("expired", None, None, Some("the peer's certificate has expired")),
        ("strange", None, None, Some("is of no authority in dicom.tls.client_ca")),
        ("strange", None, Some("CN=strange"), Some("is of no authority in dicom.tls.client_ca")),
        ("elsewhere", None, None, Some("is not for the address or name that it is called at")),
        ("good", None, Some("CN=other"), Some("shows another certificate than the one it is bound to")),
        ("good", Some(&stranger), None, Some("the peer does not trust our certificate")),
    ] {
        let port = free_port();
        let [certificate, key] = ["pem", "key"].map(|ending| certificates.path(&format!("{file}.{ending}")));
        let mut arguments = vec![certificate.as_str(), key.as_str()];
        arguments.extend(of_callers.map(String::as_str));
        let _scp = peers::interop_scp("tls_scp_pynetdicom.py", port, &arguments).await;
        let bound = binding.map(|binding| ["--certificate", binding]);
        know(&site, "NODE", port, bound.as_ref().map_or(&[], |bound| &bound[..])).await;
        let echo = echo(&server, "NODE").await;
        let detail = echo["detail"].as_str().unwrap_or_default();
        assert_eq!(echo["failure"].as_str(), expected.map(|_| "insecure"), "{file} {binding:?}: {echo}");
        assert!(detail.contains(expected.unwrap_or_default()), "{file} {binding:?}: {detail}");
    }
    // One that does not speak TLS at all.
    let port = free_port();
    let _scp = peers::storescp(&site.scratch(), port, &[]).await;
    know(&site, "NODE", port, &[]).await;
    let said = site.run(&["peer", "echo", "NODE"]).await.failure();
    assert!(said.contains("no secure connection"), "{said}");
}
