//! `filmless serve --demo`, as `make run` starts it: a person who reads what it prints can sign in and look.

use std::time::Duration;

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::repository::testdata;
use filmless_testkit::requester::Association;
use filmless_testkit::site::{CALLED, Site};
use filmless_testkit::wait;

/// Starting, and importing the samples.
const LIMIT: Duration = Duration::from_mins(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_prints_where_it_is_and_how_to_sign_in() {
    let site = Site::embedded();
    let samples = testdata("dicom/volume-ct-head-phantom");
    let mut command = site.command(&["serve", "--demo", "--samples", samples.to_str().expect("a printable path")]);
    let log = std::fs::File::create(site.log()).expect("a log file");
    let mut child = command.stdout(log.try_clone().expect("a log file")).stderr(log).spawn().expect("the filmless binary starts");
    let (printed, password) = wait::until("how to sign in", LIMIT, async || {
        assert!(child.try_wait().expect("a child can be asked").is_none(), "the demo ended");
        let printed = std::fs::read_to_string(site.log()).expect("what the demo prints is UTF-8");
        let line = printed.lines().find_map(|line| line.split_once("password"))?.1;
        let password = line.split_whitespace().find(|word| word.is_ascii())?.to_owned();
        let ready = printed.contains("any calling AE title");
        ready.then_some((printed, password))
    })
    .await;
    assert!(printed.contains(&site.http.to_string()) && printed.contains("admin"), "{printed}");

    let base = format!("http://{}", site.http);
    let client = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let sign_in = client.post(format!("{base}/api/session")).header("Content-Type", "application/json");
    let body = serde_json::json!({"account": "admin", "password": password}).to_string();
    let response = sign_in.body(body).send().await.expect("the demo answers");
    assert_eq!(response.status().as_u16(), 204, "{printed}");
    let cookie = response.headers()["set-cookie"].to_str().expect("a printable cookie");
    let cookie = cookie.split(';').next().expect("a cookie is a pair").to_owned();
    let studies =
        client.get(format!("{base}/dicom-web/studies")).header("Cookie", cookie).send().await.expect("the demo answers");
    let studies: Vec<serde_json::Value> = studies.json().await.expect("a search answers with JSON");
    assert_eq!(studies.len(), 1, "the samples are there");

    let page = client.get(&base).send().await.expect("the demo answers");
    assert!(page.headers()["content-security-policy"].to_str().expect("printable").contains("default-src 'none'"));
    assert!(page.text().await.expect("a page").contains("<html"), "the viewer is served");

    // Any calling AE of this machine may store.
    let slice = Instance::ct();
    let request = Association::request(site.dicom, "ANYBODY", CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await;
    let mut association = request.expect("the demo knows everybody here");
    let status = association.c_store(CT_IMAGE_STORAGE, slice.sop_instance.as_str(), &slice.data_set()).await;
    assert_eq!(status.expect("a response"), 0);
}

#[tokio::test]
async fn the_demo_does_not_listen_beyond_this_machine() {
    let mut site = Site::embedded();
    site.set("http.listen", &format!("0.0.0.0:{}", filmless_testkit::site::free_port()));
    site.add_account().await;
    site.run(&["serve", "--demo"]).await.failure();
}
