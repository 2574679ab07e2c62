//! Accepts HTTP connections: a bounded number, each with time-outs, each told to finish when the service stops.
//!
//! `axum::serve` offers neither a header time-out nor a bound on connections, so hyper is driven here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::config::{HttpConfig, seconds};
use crate::http::stall::StallGuard;

/// The longest head of a request that is read, in bytes.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Pause after a failed accept: without one, running out of file descriptors would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until told to stop; returns when all of them have ended.
pub async fn serve(listener: TcpListener, router: Router, config: &HttpConfig, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(usize::try_from(config.max_connections).unwrap_or(Semaphore::MAX_PERMITS)));
    let connections = TaskTracker::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(seconds(config.header_timeout_seconds))
        .max_buf_size(MAX_HEAD_BYTES)
        .half_close(false);
    let stall_timeout = seconds(config.body_timeout_seconds);
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let builder = builder.clone();
        let service = router.clone().map_request(move |mut request: Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(axum::body::Body::new)
        });
        let shutdown = shutdown.clone();
        connections.spawn(async move {
            let open = metrics::gauge!("filmless_http_connections");
            open.increment(1);
            let io = TokioIo::new(StallGuard::new(stream, stall_timeout));
            let mut connection = std::pin::pin!(builder.serve_connection(io, TowerToHyperService::new(service)));
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = shutdown.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended");
            }
            open.decrement(1);
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// The next connection, once there is a place for it. Until then callers wait in the system's queue.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot set TCP_NODELAY");
            }
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            None
        }
    }
}
