//! Reading server-sent events as they come.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures::StreamExt as _;

/// Reads the stream until what came holds `text`.
pub async fn read_until(stream: &mut BodyDataStream, so_far: &mut String, text: &str) {
    let reading = async {
        while !so_far.contains(text) {
            let piece = stream.next().await.expect("the stream goes on").expect("a whole piece");
            so_far.push_str(&String::from_utf8_lossy(&piece));
        }
    };
    assert!(tokio::time::timeout(Duration::from_mins(1), reading).await.is_ok(), "no {text:?} in {so_far:?}");
}
