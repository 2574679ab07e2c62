//! `GET /api/about`: which Filmless this is.

use axum::Json;
use serde::Serialize;

/// The answer.
#[derive(Serialize)]
pub struct About {
    version: &'static str,
}

/// Says the version.
pub async fn show() -> Json<About> {
    Json(About { version: env!("CARGO_PKG_VERSION") })
}
