//! Accepts HTTP connections: a bounded number, each with time-outs, each told to finish when the service stops. They speak
//! HTTP/1.1, or HTTP/2 from their first byte (RFC 9113 section 3.3, Starting HTTP/2 with Prior Knowledge), as a proxy in front
//! of us may.
//!
//! `axum::serve` offers neither a header time-out nor a bound on connections, so hyper is driven here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::config::{HttpConfig, seconds};
use crate::http::stall::StallGuard;

/// The longest head of a request that is read, in bytes.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 128;

/// Bytes of an answer that wait in memory for a client that takes it slowly, on one HTTP/2 stream.
const STREAM_BUFFER_BYTES: usize = 128 * 1024;

/// Pause after a failed accept: without one, running out of file descriptors would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until told to stop; returns when all of them have ended.
pub async fn serve(listener: TcpListener, router: Router, config: &HttpConfig, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(usize::try_from(config.max_connections).unwrap_or(Semaphore::MAX_PERMITS)));
    let connections = TaskTracker::new();
    let builder = builder(config);
    let idle_timeout = seconds(config.header_timeout_seconds);
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
        let (requests, open_requests) = watch::channel(0);
        let router = router.clone();
        let service = tower::service_fn(move |mut request: Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            let (router, open) = (router.clone(), OpenRequest::new(&requests));
            async move {
                let response = router.oneshot(request.map(Body::new)).await;
                // The request is open until its answer has gone out.
                response.map(|response| {
                    response.map(|body| {
                        Body::new(body.map_err(move |error| {
                            let _ = &open;
                            error
                        }))
                    })
                })
            }
        });
        let shutdown = shutdown.clone();
        connections.spawn(async move {
            let open = metrics::gauge!("filmless_http_connections");
            open.increment(1);
            let io = TokioIo::new(StallGuard::new(stream, stall_timeout));
            let mut connection = std::pin::pin!(builder.serve_connection(io, TowerToHyperService::new(service)));
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = idle(open_requests, idle_timeout) => {
                    connection.as_mut().graceful_shutdown();
                    // A client that speaks HTTP/2 has to agree.
                    tokio::time::timeout(idle_timeout, connection).await.unwrap_or(Ok(()))
                }
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

fn builder(config: &HttpConfig) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(seconds(config.header_timeout_seconds))
        .max_buf_size(MAX_HEAD_BYTES)
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .max_concurrent_streams(MAX_STREAMS)
        .max_send_buf_size(STREAM_BUFFER_BYTES)
        // A client that has vanished leaves its answers unsent.
        .keep_alive_interval(seconds(config.body_timeout_seconds))
        .keep_alive_timeout(seconds(config.body_timeout_seconds));
    builder
}

/// A request of a connection, counted from its head until the end of its answer.
struct OpenRequest(watch::Sender<usize>);

impl OpenRequest {
    fn new(requests: &watch::Sender<usize>) -> Self {
        requests.send_modify(|count| *count += 1);
        Self(requests.clone())
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Returns once no request was open for so long.
async fn idle(mut open_requests: watch::Receiver<usize>, timeout: Duration) {
    loop {
        // The sender lives as long as the connection.
        drop(open_requests.wait_for(|count| *count == 0).await);
        if tokio::time::timeout(timeout, open_requests.wait_for(|count| *count > 0)).await.is_err() {
            return;
        }
    }
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
