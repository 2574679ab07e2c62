//! What is deleted is gone from search and retrieve.

use std::net::Ipv4Addr;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::account::{AccountName, Role};
use filmless_model::actor::{Actor, Acts};
use filmless_testkit::instance::Instance;

use crate::site::{Answer, Site, instance_path};

async fn delete(site: &Site, path: &str) -> Answer {
    site.send(Method::DELETE, path, &[], Body::empty()).await
}

#[tokio::test]
async fn instance_series_and_study_are_deleted_and_the_rest_stays() {
    let site = Site::new().await;
    let slices = Instance::ct().series_of(3);
    let other = Instance { study: slices[0].study.clone(), series_number: 2, ..Instance::ct() };
    let kept = Instance::ct();
    let mut all = slices.clone();
    all.extend([other.clone(), kept.clone()]);
    site.fill(&all).await;
    let study = format!("/studies/{}", slices[0].study);
    for (path, left) in [(instance_path(&slices[0]), 4), (format!("{study}/series/{}", slices[0].series), 2), (study.clone(), 1)]
    {
        let answer = delete(&site, &path).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::NO_CONTENT, String::new()), "{path}");
        assert_eq!(site.get("/instances", "*/*").await.json().as_array().map(Vec::len), Some(left), "{path}");
        site.get(&path, "*/*").await.assert_problem(404, "not-found");
        site.get(&format!("{path}/metadata"), "*/*").await.assert_problem(404, "not-found");
        delete(&site, &path).await.assert_problem(404, "not-found");
    }
    assert_eq!(site.get(&instance_path(&kept), "*/*").await.status, StatusCode::OK);
    site.fill(&slices).await;
    assert_eq!(site.get("/instances", "*/*").await.json().as_array().map(Vec::len), Some(4), "what is stored again is there");
}

#[tokio::test]
async fn an_answer_given_before_is_not_given_of_what_is_deleted_or_to_who_may_not_see_it() {
    let mut site = Site::new().await;
    let slices = Instance::ct().series_of(2);
    site.fill(&slices).await;
    let (study, first) = (format!("/studies/{}", slices[0].study), instance_path(&slices[0]));
    let (metadata, picture) = (format!("{study}/metadata"), format!("{first}/rendered"));
    let both = site.get(&metadata, "*/*").await.body;
    let shown = site.get(&picture, "*/*").await.body;
    assert_eq!(site.get(&metadata, "*/*").await.body, both);
    assert_eq!(site.get(&picture, "*/*").await.body, shown);

    let actor = site.actor.take();
    site.get(&metadata, "*/*").await.assert_problem(401, "unauthenticated");
    site.get(&picture, "*/*").await.assert_problem(401, "unauthenticated");
    site.actor = actor;
    assert_eq!(delete(&site, &first).await.status, StatusCode::NO_CONTENT);
    let left = site.get(&metadata, "*/*").await.json();
    assert_eq!(left.as_array().map(Vec::len), Some(1));
    assert_eq!(left[0]["00080018"]["Value"][0], slices[1].sop_instance.as_str());
    site.get(&picture, "*/*").await.assert_problem(404, "not-found");
}

#[tokio::test]
async fn only_who_may_delete_does() {
    let mut site = Site::new().await;
    let instance = Instance::ct();
    site.fill(std::slice::from_ref(&instance)).await;
    site.actor = Some(Actor::Account {
        name: AccountName::parse("reader").expect("a name"),
        role: Role::Radiologist,
        within: Acts::ALL,
        address: Ipv4Addr::LOCALHOST.into(),
    });
    delete(&site, &instance_path(&instance)).await.assert_problem(403, "forbidden");
    site.actor = None;
    delete(&site, &instance_path(&instance)).await.assert_problem(401, "unauthenticated");
    site.actor = Some(Actor::Operator);
    assert_eq!(site.get(&instance_path(&instance), "*/*").await.status, StatusCode::OK);
    delete(&site, "/studies/abc").await.assert_problem(400, "malformed-path");
    delete(&site, "/studies").await.assert_problem(405, "method-not-allowed");
}
