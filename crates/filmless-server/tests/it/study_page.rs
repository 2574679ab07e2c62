//! The page of a study: for those who are signed in, with nothing of a peer's that a browser would take for markup.

use axum::http::{Method, StatusCode};
use filmless_model::account::Role;
use filmless_server::http::viewer::study_template;
use filmless_testkit::instance::Instance;
use filmless_testkit::multipart;

use crate::site::{PASSWORD, Site, request};

/// A site with these instances, and the cookie of somebody who is signed in.
async fn site_with(instances: &[Instance]) -> (Site, String) {
    let site = Site::new().await;
    site.account("lan", Role::Admin).await;
    let cookie = site.sign_in("lan", PASSWORD).await.cookie();
    let files: Vec<_> = instances.iter().map(Instance::part10).collect();
    let (content_type, body) = multipart::of_instances(&files);
    let headers = [
        ("cookie", cookie.as_str()),
        ("content-type", &content_type),
        ("x-filmless-request", "1"),
        ("sec-fetch-site", "same-origin"),
    ];
    let stored = site.send(request(Method::POST, "/dicom-web/studies", &headers), body).await;
    assert_eq!(stored.status, StatusCode::OK, "{}", stored.body);
    (site, cookie)
}

/// Whether there is a page to be made; not before `make viewer`.
fn is_built() -> bool {
    let is_built = study_template().is_some();
    if !is_built {
        eprintln!("SKIPPED: the viewer was not built, run `make viewer`");
    }
    is_built
}

#[tokio::test]
async fn a_page_has_patient_series_and_picture_with_the_html() {
    if !is_built() {
        return;
    }
    let slice = Instance { character_set: "ISO_IR 192", patient_name: "Nguyễn^Thị Hương".into(), ..Instance::ct() };
    let (site, cookie) = site_with(&slice.clone().series_of(3)).await;
    let path = format!("/studies/{}", slice.study);
    let page = site.get(&path, &[("cookie", &cookie), ("accept-language", "vi-VN,en;q=0.5")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(!page.header("content-security-policy").contains("script-src 'self' 'unsafe-inline'"));
    for expected in [
        "<html lang=\"vi\"",
        "<title>Nguyễn Thị Hương · Filmless</title>",
        "<h1>Nguyễn Thị Hương</h1>",
        "PHANTOM-1 · 02/01/2026 · Synthetic study",
        "src=\"data:image/jpeg;base64,",
        "Ảnh xem nhanh, đã nén",
        &format!("data-series=\"{}\"", slice.series),
        &format!("\"instance\":\"{}\"", slice.sop_instance),
    ] {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    let markup = page.body.split("id=\"state\"").next().unwrap_or_default();
    assert!(!markup.contains("{{"), "a place is left empty: {markup}");
    let scripts: Vec<_> = page.body.split("<script").skip(1).map(|rest| rest.split('>').next().unwrap_or_default()).collect();
    assert!(scripts.iter().all(|tag| tag.contains(" src=\"/assets/") || tag.contains("application/json")), "{scripts:?}");

    let english = site.get(&path, &[("cookie", &format!("{cookie}; filmless_language=en")), ("accept-language", "vi")]).await;
    assert!(english.body.contains("<html lang=\"en\"") && english.body.contains("Quick picture, compressed"), "{}", english.body);
}

#[tokio::test]
async fn nobody_learns_which_studies_there_are() {
    let slice = Instance::ct();
    let (site, cookie) = site_with(std::slice::from_ref(&slice)).await;
    let known = format!("/studies/{}", slice.study);
    let index = site.get("/", &[]).await;
    for (path, headers) in [
        (known.as_str(), &[][..]),
        (&known, &[("cookie", "filmless_session=1.wrong")]),
        ("/studies/1.2.3", &[]),
        ("/studies/1.2.3", &[("cookie", cookie.as_str())]),
        ("/studies/none", &[("cookie", cookie.as_str())]),
    ] {
        let answer = site.get(path, headers).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &index.body), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
    }
    let posted = site.send(request(Method::POST, &known, &[]), "").await;
    assert_eq!((posted.status, posted.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD"));
}

#[tokio::test]
async fn what_a_peer_wrote_is_never_markup() {
    if !is_built() {
        return;
    }
    let hostile = "</script><img src=x onerror=alert(1)>\"'{{state}}";
    let slice = Instance {
        patient_name: hostile.into(),
        patient_id: hostile.into(),
        extra: vec![
            (0x0008, 0x103E, "LO", hostile.into()),
            (0x0008, 0x1030, "LO", hostile.into()),
            (0x0010, 0x0040, "CS", "<B>".into()),
        ],
        ..Instance::ct()
    };
    let (site, cookie) = site_with(std::slice::from_ref(&slice)).await;
    let page = site.get(&format!("/studies/{}", slice.study), &[("cookie", &cookie)]).await;
    assert!(page.body.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;"), "{}", page.body);
    for wrong in ["<img src=x", "onerror=alert(1)>\"", "<B>"] {
        assert!(!page.body.contains(wrong), "{wrong}: {}", page.body);
    }
    let state = page.body.split("id=\"state\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("the data");
    let state: serde_json::Value = serde_json::from_str(state).expect("JSON");
    assert_eq!(state["series"][0]["description"], hostile);
}
