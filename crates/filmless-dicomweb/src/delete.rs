//! Deletes a study, series or instance. PS3.18 has no such transaction of the Studies Service (chapter 10); the method is
//! HTTP's own (RFC 9110 section 9.3.5, DELETE), as other archives have it.

use axum::extract::State;
use axum::http::StatusCode;

use crate::problem::Problem;
use crate::router::Door;
use crate::target::{Caller, Target};

/// `DELETE` of a study, series or instance: 204, and it is gone for every reader.
pub async fn delete(State(door): State<Door>, Caller(actor): Caller, target: Target) -> Result<StatusCode, Problem> {
    door.archive.delete(&actor, &target.resource()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
