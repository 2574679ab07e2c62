//! DICOM over TLS: peers of other makers come by it, and who must not come learns nothing while an administrator learns why.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::requester::{VERIFICATION, associate_request};
use filmless_testkit::server::Server;
use filmless_testkit::site::{CALLED, CALLING, Site};
use filmless_testkit::wait;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::peers;

/// The files are looked at every few seconds.
const RELOAD_LIMIT: Duration = Duration::from_secs(60);
/// Implicit VR Little Endian
const IMPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";

/// Certificates made by openssl, in a folder.
pub(crate) struct Certificates(PathBuf);

impl Certificates {
    /// With an authority.
    pub(crate) async fn new(site: &Site) -> Self {
        let certificates = Self(site.scratch());
        certificates.authority("authority").await;
        certificates
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    pub(crate) async fn authority(&self, name: &str) {
        let (key, certificate, subject) =
            (self.path(&format!("{name}.key")), self.path(&format!("{name}.pem")), format!("/CN={name}"));
        let arguments = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &subject];
        peers::run("openssl", arguments.into_iter().chain(["-keyout", &key, "-out", &certificate])).await;
    }

    /// A certificate `file`.pem with its key, for 127.0.0.1 and whoever is called `name`.
    pub(crate) async fn issue(&self, file: &str, name: &str, authority: &str, days: &str) {
        self.issue_for(file, name, authority, days, "DNS:localhost,IP:127.0.0.1").await;
    }

    /// The same for others than this machine.
    pub(crate) async fn issue_for(&self, file: &str, name: &str, authority: &str, days: &str, alternative_names: &str) {
        let path = |ending: &str| self.path(&format!("{file}.{ending}"));
        let (key, request, certificate, extensions) = (path("key"), path("csr"), path("pem"), path("ext"));
        let text = format!("basicConstraints=critical,CA:FALSE\nsubjectAltName={alternative_names}\n");
        std::fs::write(&extensions, text).expect("a temporary folder");
        let subject = format!("/CN={name}");
        let arguments = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", &subject, "-keyout", &key, "-out", &request];
        peers::run("openssl", arguments).await;
        let (issuer, issuer_key) = (self.path(&format!("{authority}.pem")), self.path(&format!("{authority}.key")));
        let arguments = ["x509", "-req", "-in", &request, "-CA", &issuer, "-CAkey", &issuer_key, "-CAcreateserial"];
        peers::run("openssl", arguments.into_iter().chain(["-days", days, "-extfile", &extensions, "-out", &certificate])).await;
    }

    async fn fingerprint(&self, file: &str) -> String {
        let certificate = self.path(&format!("{file}.pem"));
        let printed = peers::run("openssl", ["x509", "-in", &certificate, "-noout", "-fingerprint", "-sha256"]).await;
        printed.trim().split_once('=').expect("openssl prints name=value").1.to_owned()
    }
}

/// A server that speaks TLS with the certificate `server`, beside the plain port.
pub(crate) async fn serve(site: &mut Site, certificates: &Certificates) -> (Server, SocketAddr) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = port.local_addr().expect("a bound listener has an address");
    drop(port);
    certificates.issue("server", "pacs", "authority", "2").await;
    site.set("dicom.tls.listen", &address.to_string());
    site.set("dicom.tls.certificate", &certificates.path("server.pem"));
    site.set("dicom.tls.key", &certificates.path("server.key"));
    site.set("dicom.tls.client_ca", &certificates.path("authority.pem"));
    (site.serve().await, address)
}

/// Options of dcmtk's tools for a call by TLS with this certificate.
pub(crate) fn call(certificates: &Certificates, file: &str, address: SocketAddr) -> Vec<String> {
    let (key, certificate) = (certificates.path(&format!("{file}.key")), certificates.path(&format!("{file}.pem")));
    let (authority, port) = (certificates.path("authority.pem"), address.port().to_string());
    ["-aet", CALLING, "-aec", CALLED, "+tls", &key, &certificate, "+cf", &authority, "127.0.0.1", &port]
        .map(str::to_owned)
        .to_vec()
}

/// Waits for this reason in the inbox.
async fn await_reason(server: &Server, reason: &str) {
    wait::until(reason, Duration::from_secs(20), async || {
        let inbox: Value = server.get("/api/inbox", "application/json").await.json().await.ok()?;
        let found = inbox.as_array()?.iter().any(|entry| entry["reason"].as_str().is_some_and(|said| said.contains(reason)));
        found.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_of_other_makers_come_by_tls() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.issue("ct", "CT", "authority", "2").await;
    let (server, address) = serve(&mut site, &certificates).await;
    let call = call(&certificates, "ct", address);
    for profile in ["+py", "+px", "+pz"] {
        peers::run("echoscu", call.iter().map(String::as_str).chain([profile])).await;
    }
    let volume = testdata("dicom/volume-mr-t1-sagittal");
    let folder = volume.display().to_string();
    peers::run("storescu", call.iter().map(String::as_str).chain(["+sd", &folder])).await;
    let count = files_below(&volume).len();
    assert_eq!(server.search("instances").await.len(), count);
    let found = site.scratch().join("found");
    std::fs::create_dir_all(&found).expect("a temporary folder");
    let keys = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID", "-X", "-od"];
    let folder = found.display().to_string();
    peers::run("findscu", call.iter().map(String::as_str).chain(keys).chain([folder.as_str()])).await;
    assert_eq!(files_below(&found).len(), 1);

    let file = files_below(&testdata("dicom/volume-ct-head-phantom")).remove(0);
    let port = address.port().to_string();
    let [authority, certificate, key] = ["authority.pem", "ct.pem", "ct.key"].map(|name| certificates.path(name));
    let arguments = ["127.0.0.1", &port, CALLING, CALLED, &authority, &certificate, &key];
    let told = peers::interop("tls_pynetdicom.py", &arguments, &[&file]).await;
    assert_eq!(told, serde_json::json!({"status": 0, "version": "TLSv1.3"}));

    // The plain port is there as well.
    server.associate(VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN).await.expect("accepted").release().await.expect("released");
    site.run(&["doctor"]).await.success();
    assert!(server.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_to_be_trusted_is_refused_and_the_inbox_says_why() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.authority("stranger").await;
    for (file, authority, days) in [("good", "authority", "2"), ("expired", "authority", "-1"), ("strange", "stranger", "2")] {
        certificates.issue(file, file, authority, days).await;
    }
    let (server, address) = serve(&mut site, &certificates).await;
    for (file, reason) in [("expired", "has expired"), ("strange", "is of no authority in dicom.tls.client_ca")] {
        peers::fail("echoscu", call(&certificates, file, address)).await;
        await_reason(&server, reason).await;
    }
    let port = address.port().to_string();
    let authority = certificates.path("authority.pem");
    peers::fail("echoscu", ["-aet", CALLING, "-aec", CALLED, "+tla", "+cf", &authority, "127.0.0.1", &port]).await;
    await_reason(&server, "shows no certificate").await;
    let [key, certificate] = ["good.key", "good.pem"].map(|name| certificates.path(name));
    for version in ["-tls1", "-tls1_1"] {
        let to = ["s_client", "-connect", &format!("127.0.0.1:{port}"), "-cipher", "ALL:@SECLEVEL=0", version].map(str::to_owned);
        let with = ["-cert", &certificate, "-key", &key].map(str::to_owned);
        peers::fail("openssl", to.into_iter().chain(with)).await;
        await_reason(&server, "speaks neither TLS 1.2 nor TLS 1.3").await;
    }
    let mut plain = TcpStream::connect(address).await.expect("the port is open");
    let request = associate_request(CALLING, CALLED, VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN);
    plain.write_all(&request).await.expect("sent");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(answer.first().is_none_or(|first| *first == 0x15), "a TLS alert at most: {answer:?}");
    await_reason(&server, "does not speak TLS").await;
    let log = std::fs::read_to_string(site.log()).expect("a log");
    for reason in ["has expired", "is of no authority", "shows no certificate", "speaks neither", "does not speak TLS"] {
        let said = |line: &str| line.contains("WARN") && line.contains("refused a TLS connection") && line.contains(reason);
        assert!(log.lines().any(said), "{reason}");
    }
    peers::run("echoscu", call(&certificates, "good", address)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_is_bound_to_a_certificate_has_to_show_it() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    for (file, name) in [("ct", "CT1"), ("renewed", "CT1"), ("other", "MR1")] {
        certificates.issue(file, name, "authority", "2").await;
    }
    let (server, address) = serve(&mut site, &certificates).await;
    let bind = async |certificate: &str| {
        site.run(&["peer", "add", CALLING, "--allow", "store", "--certificate", certificate]).await.success();
    };
    bind("CN=CT1").await;
    for file in ["ct", "renewed"] {
        peers::run("echoscu", call(&certificates, file, address)).await;
    }
    peers::fail("echoscu", call(&certificates, "other", address)).await;
    let other = certificates.fingerprint("other").await.replace(':', "").to_lowercase();
    await_reason(&server, &format!("has to show another certificate than that with SHA-256 {other}")).await;
    bind(&certificates.fingerprint("ct").await).await;
    peers::run("echoscu", call(&certificates, "ct", address)).await;
    peers::fail("echoscu", call(&certificates, "renewed", address)).await;
    // Nor may it come without.
    let refused = server.associate(VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN).await;
    assert!(refused.is_err(), "{refused:?}");
    await_reason(&server, "has to show its certificate, and shows none").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_taken_up_without_a_restart_and_examined_by_the_doctor() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.issue("ct", "CT", "authority", "2").await;
    let (server, address) = serve(&mut site, &certificates).await;
    let call = call(&certificates, "ct", address);
    peers::run("echoscu", &call).await;

    // Both authorities change: the peer's old certificate is of none, ours is of one that the peer knows.
    certificates.authority("next").await;
    certificates.issue("next-server", "pacs", "authority", "2").await;
    let copy = |from: &str, to: &str| std::fs::copy(certificates.path(from), certificates.path(to)).expect("a temporary folder");
    let authority = std::fs::read(certificates.path("authority.pem")).expect("a certificate");
    copy("next-server.key", "server.key");
    let said = site.run(&["doctor"]).await.failure();
    assert!(said.contains("is not that of the certificate"), "{said}");
    wait::until("a complaint about the key", RELOAD_LIMIT, async || {
        let log = std::fs::read_to_string(site.log()).ok()?;
        log.contains("cannot take up new certificates").then_some(())
    })
    .await;
    peers::run("echoscu", &call).await;
    copy("next-server.pem", "server.pem");
    let expected = certificates.fingerprint("next-server").await;
    wait::until("the new certificate", RELOAD_LIMIT, async || {
        let to = format!("127.0.0.1:{}", address.port());
        let command = format!("openssl s_client -connect {to} 2>/dev/null | openssl x509 -noout -fingerprint -sha256");
        peers::run("sh", ["-c", &command]).await.contains(&expected).then_some(())
    })
    .await;
    copy("next.pem", "authority.pem");
    wait::until("the peer is refused", RELOAD_LIMIT, async || {
        let log = std::fs::read_to_string(site.log()).ok()?;
        (log.matches("took up new certificates").count() == 2).then_some(())
    })
    .await;
    std::fs::write(certificates.path("old.pem"), authority).expect("a temporary folder");
    let call: Vec<_> = call.iter().map(|option| option.replace("authority.pem", "old.pem")).collect();
    peers::fail("echoscu", &call).await;
    await_reason(&server, "is of no authority").await;

    // Expired files still fit together; the doctor looks at the calendar.
    copy("old.pem", "authority.pem");
    certificates.issue("server", "pacs", "authority", "-1").await;
    let said = site.run(&["doctor"]).await.failure();
    assert!(said.contains("pacs: expired at"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_takes_the_place_of_the_plain_port_where_it_has_its_address() {
    let mut site = Site::embedded();
    let certificates = Certificates::new(&site).await;
    certificates.issue("server", "pacs", "authority", "2").await;
    site.set("dicom.tls.listen", &site.dicom.to_string());
    site.set("dicom.tls.certificate", &certificates.path("server.pem"));
    site.set("dicom.tls.key", &certificates.path("server.key"));
    site.set("dicom.tls.client_authentication", "none");
    let server = site.serve().await;
    assert!(server.associate(VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN).await.is_err());
    let (authority, port) = (certificates.path("authority.pem"), site.dicom.port().to_string());
    peers::run("echoscu", ["-aet", CALLING, "-aec", CALLED, "+tla", "+cf", &authority, "127.0.0.1", &port]).await;
}
