//! The web door, asked from within: the same routes, permissions and bounds as from outside.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use filmless_model::actor::Actor;
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use tower::ServiceExt;

use super::DataSet;

/// An answer of more bytes is not waited for: metadata of ten thousand instances are less.
const LARGEST_ANSWER: usize = 64 << 20;

/// The door.
pub(super) struct Door(Router);

impl Door {
    pub(super) fn new(router: Router) -> Self {
        Self(router)
    }

    /// The door as it is for this actor.
    pub(super) fn of(&self, actor: Actor) -> AskedBy<'_> {
        AskedBy { door: self, actor }
    }
}

/// The door and who asks.
pub(super) struct AskedBy<'d> {
    door: &'d Door,
    actor: Actor,
}

impl AskedBy<'_> {
    /// The data sets of an answer; none if the answer is empty, nothing if it is a refusal.
    pub(super) async fn data_sets(&self, path: &str) -> Option<Vec<DataSet>> {
        self.json(path).await
    }

    /// An answer of DICOM JSON (PS3.18 Annex F).
    pub(super) async fn json<T: DeserializeOwned + Default>(&self, path: &str) -> Option<T> {
        let bytes = self.bytes(path, "application/dicom+json").await?;
        if bytes.is_empty() { Some(T::default()) } else { serde_json::from_slice(&bytes).ok() }
    }

    /// An answer of this media type.
    pub(super) async fn bytes(&self, path: &str, accept: &str) -> Option<Bytes> {
        let request = Request::get(format!("/dicom-web{path}"))
            .header(header::ACCEPT, accept)
            .extension(self.actor.clone())
            .body(Body::empty())
            .ok()?;
        let Ok(response) = self.door.0.clone().oneshot(request).await;
        if !matches!(response.status(), StatusCode::OK | StatusCode::NO_CONTENT) {
            tracing::debug!(status = response.status().as_u16(), "the page of a study goes without an answer");
            return None;
        }
        Some(Limited::new(response.into_body(), LARGEST_ANSWER).collect().await.ok()?.to_bytes())
    }
}
