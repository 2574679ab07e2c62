//! How much of a list an answer has, for every list of the viewer's API.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;

use crate::http::problem::Problem;
use crate::viewer_api::peers::bad;

/// The most rows of one answer.
pub(super) const MAX_ROWS: u32 = 500;

/// The part of a list that has no more to choose by.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Page {
    pub(super) limit: Limit,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(page) = Query::from_request_parts(parts, state).await.map_err(|_| bad("limit is a whole number"))?;
        Ok(page)
    }
}

/// How many rows are asked for.
#[derive(Deserialize)]
pub(super) struct Limit(u32);

impl Limit {
    /// How many there are at most.
    pub(super) fn rows(&self) -> u32 {
        self.0.min(MAX_ROWS)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}
