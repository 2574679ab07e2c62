//! Every tool of dcmtk by TLS, in both directions. Those that do not speak it (dcmsend, movescu, getscu and dcmqrscp of 3.6.7)
//! stand behind a tunnel, as old devices do in hospitals.

use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::text_value;
use filmless_testkit::site::{CALLED, CALLING, Site, free_port};
use tokio::process::Child;

use crate::nodes::{dcmqrscp, delete, sends_finds_and_fetches, stored};
use crate::peers;
use crate::tls::{Certificates, call, serve};

/// A tunnel that shows this certificate: `to` a port that speaks TLS, or `from` TLS to a port that does not.
async fn tunnel(certificates: &Certificates, file: &str, mode: &str, port: u16) -> (Child, u16) {
    let (listen, port) = (free_port(), port.to_string());
    let [certificate, key] = ["pem", "key"].map(|ending| certificates.path(&format!("{file}.{ending}")));
    let arguments = [mode, &port, &certificate, &key, &certificates.path("authority.pem")];
    (peers::interop_scp("tls_tunnel.py", listen, &arguments).await, listen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_requester_of_dcmtk_comes_by_tls() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.issue("ct", "CT1", "authority", "2").await;
    let (server, address) = serve(&mut site, &certificates).await;
    site.run(&["peer", "add", CALLING, "--allow", "store,query,retrieve,worklist", "--certificate", "CN=CT1"]).await.success();
    let (_tunnel, near) = tunnel(&certificates, "ct", "to", address.port()).await;
    let (near, volume) = (near.to_string(), testdata("dicom/volume-mr-t1-sagittal"));
    let through = ["-aet", CALLING, "-aec", CALLED, "127.0.0.1", &near];
    let folder = volume.display().to_string();
    peers::run("dcmsend", through.into_iter().chain(["+sd", &folder])).await;
    let count = files_below(&volume).len();
    assert_eq!(server.search("instances").await.len(), count);

    let call = call(&certificates, "ct", address);
    peers::run("echoscu", &call).await;
    peers::run("storescu", call.iter().map(String::as_str).chain(["+sd", &folder])).await;
    for (model, key, answers) in
        [("-P", "QueryRetrieveLevel=PATIENT", 1), ("-S", "QueryRetrieveLevel=STUDY", 1), ("-W", "PatientID", 0)]
    {
        let found = site.scratch().join(format!("found{model}"));
        std::fs::create_dir(&found).expect("a folder of its own");
        let folder = found.display().to_string();
        let keys = [model, "-k", key, "-k", "PatientName", "-X", "-od", &folder];
        peers::run("findscu", call.iter().map(String::as_str).chain(keys)).await;
        assert_eq!(files_below(&found).len(), answers, "{model}");
    }

    let (got, moved, port) = (site.scratch().join("got"), site.scratch().join("moved"), free_port());
    for folder in [&got, &moved] {
        std::fs::create_dir(folder).expect("a folder of its own");
    }
    let [key, certificate, authority] = ["ct.key", "ct.pem", "authority.pem"].map(|name| certificates.path(name));
    let _storescp = peers::storescp(&moved, port, &["+tls", &key, &certificate, "+cf", &authority]).await;
    let place = ["--address", "127.0.0.1", "--port", &port.to_string(), "--tls"];
    site.run(&[&["peer", "add", "STORESCP", "--allow", "store"], &place[..]].concat()).await.success();
    let study = text_value(&server.search("studies").await[0], "0020000D").expect("a study has its UID");
    let study = format!("StudyInstanceUID={study}");
    let keys = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", &study];
    let folder = got.display().to_string();
    peers::run("getscu", through.into_iter().chain(keys).chain(["-od", &folder])).await;
    peers::run("movescu", through.into_iter().chain(keys).chain(["-aem", "STORESCP"])).await;
    assert_eq!((files_below(&got).len(), files_below(&moved).len()), (count, count));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dcmqrscp_is_a_peer_by_tls_in_both_directions() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.issue("node", "node", "authority", "2").await;
    let (server, address) = serve(&mut site, &certificates).await;
    let (_to_us, ours) = tunnel(&certificates, "node", "to", address.port()).await;
    let port = free_port();
    let _scp = dcmqrscp(&site, port, ours).await;
    let (_to_it, secure) = tunnel(&certificates, "node", "from", port).await;
    let study = sends_finds_and_fetches(&site, &server, secure, &["--tls", "--certificate", "CN=node"]).await;
    site.run(&["peer", "echo", "DCMQRSCP"]).await.success();

    let sent = stored(&server, &study).await;
    delete(&server, &study).await;
    let (port, key) = (port.to_string(), format!("StudyInstanceUID={study}"));
    let call = ["-S", "-aet", CALLING, "-aec", "DCMQRSCP", "-aem", CALLED, "127.0.0.1", &port];
    peers::run("movescu", call.into_iter().chain(["-k", "QueryRetrieveLevel=STUDY", "-k", &key])).await;
    assert_eq!(stored(&server, &study).await, sent);
}
