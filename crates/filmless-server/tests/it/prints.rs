//! Pages to print: bounds, whose pictures they may be of, and that each print is written down.

use axum::http::{Method, StatusCode, header};
use bytes::Bytes;
use filmless_model::account::Role;
use filmless_model::actor::Actor;
use filmless_testkit::instance::Instance;
use serde_json::{Value, json};

use crate::site::{Site, request};

/// A PNG of one grey pixel, in Base 64.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

async fn store(site: &Site, instance: &Instance) {
    let mut incoming = site.archive.begin_store_file(&Actor::Operator, None).expect("permitted");
    incoming.write(Bytes::from(instance.part10())).await.expect("taken");
    incoming.finish().await.expect("stored");
}

fn picture(instance: &Instance) -> Value {
    json!({
        "series": instance.series.as_str(),
        "instance": instance.sop_instance.as_str(),
        "frame": 1,
        "right": [0.5, 0],
        "down": [0, 0.5],
        "file": PIXEL,
    })
}

/// What is wished, with a member that is another one.
fn print(pictures: &Value, member: &str, value: Value) -> Value {
    let mut print = json!({
        "paper": "a4",
        "landscape": false,
        "rows": 2,
        "columns": 2,
        "language": "both",
        "title": "<script>alert(1)</script> ) ET Q \u{202E}",
        "true_size": false,
        "with_identity": true,
        "pictures": pictures,
    });
    if !member.is_empty() {
        print[member] = value;
    }
    print
}

fn path(instance: &Instance) -> String {
    format!("/api/studies/{}/prints", instance.study.as_str())
}

#[tokio::test]
async fn a_print_is_a_pdf_and_is_written_down() {
    let site = Site::new().await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let one = Instance::ct();
    store(&site, &one).await;
    let pictures: Vec<_> = (0..5).map(|_| picture(&one)).collect();
    let headers = [("authorization", admin.as_str()), ("content-type", "application/json")];
    let body = print(&pictures.into(), "", Value::Null).to_string();
    let answer = site.send(request(Method::POST, &path(&one), &headers), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.header(header::CONTENT_TYPE.as_str()), "application/pdf");
    assert!(answer.body.starts_with("%PDF-1.7"));
    assert_eq!(answer.body.matches("/MediaBox").count(), 2, "five pictures of four a page");
    let rows = site.get("/api/exports", &[("authorization", &admin)]).await.json();
    assert_eq!([&rows[0]["format"], &rows[0]["images"], &rows[0]["exported_by"]], [&json!("pdf"), &json!(5), &json!("lan")]);
    let code = rows[0]["code"].as_str().expect("a code");
    assert_eq!(answer.header("content-disposition"), format!("inline; filename=\"filmless-{code}.pdf\""));
    assert_eq!(rows[0]["instances"], json!([one.sop_instance.as_str()]), "each once");
}

#[tokio::test]
async fn what_is_out_of_bounds_or_of_another_study_is_not_printed_and_leaves_no_row() {
    let site = Site::new().await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let [one, other] = [Instance::ct(), Instance::ct()];
    store(&site, &one).await;
    store(&site, &other).await;
    let with = |member: &str, value: Value| {
        let mut picture = picture(&one);
        picture[member] = value;
        json!([picture])
    };
    let many: Vec<_> = (0..121).map(|_| picture(&one)).collect();
    let none = || (String::new(), Value::Null);
    let changed = |member: &str, value: Value| (member.to_owned(), value);
    for (pictures, (member, value), expected) in [
        (json!([picture(&other)]), none(), 404),
        (json!([picture(&one), picture(&other)]), none(), 404),
        (with("frame", json!(2)), none(), 404),
        (with("frame", json!(0)), none(), 400),
        (with("right", json!([0, 0])), none(), 400),
        (with("file", json!("no base 64")), none(), 400),
        (with("file", json!("PHN2Zy8+")), none(), 400),
        (json!([]), none(), 400),
        (json!(many), none(), 400),
        (json!([picture(&one)]), changed("rows", json!(9)), 400),
        (json!([picture(&one)]), changed("columns", json!(0)), 400),
        (json!([picture(&one)]), changed("paper", json!("letter")), 400),
        (json!([picture(&one)]), changed("language", json!("fr")), 400),
        (json!([picture(&one)]), changed("title", json!("x".repeat(201))), 400),
        (json!([picture(&one)]), changed("patient_name", json!("somebody else")), 422),
    ] {
        let answer = site.post_json(&path(&one), &[("authorization", &admin)], &print(&pictures, &member, value)).await;
        assert_eq!(answer.status.as_u16(), expected, "{member}: {}", answer.body);
    }
    assert_eq!(site.get("/api/exports", &[("authorization", &admin)]).await.json(), json!([]));
}
