//! Real connections: bounded in number and time, and closed in order.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, Version};
use filmless_server::config::HttpConfig;
use filmless_server::http::listener;
use http_body_util::BodyExt as _;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::site::Site;

async fn listen(site: &Site, config: HttpConfig) -> (SocketAddr, JoinHandle<()>, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (router, stop) = (site.router.clone(), site.shutdown.clone());
    let token = stop.clone();
    let server = tokio::spawn(async move { listener::serve(listener, router, &config, token).await });
    (address, server, stop)
}

async fn connect(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a listener");
    stream.write_all(bytes).await.expect("an open connection");
    stream
}

/// What comes until the other side closes, or nothing if it does not within a minute.
async fn rest(mut stream: TcpStream) -> Option<String> {
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_mins(1), stream.read_to_end(&mut answer)).await.ok()?.ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn an_answer_comes_and_shutdown_ends_idle_connections() {
    let site = Site::new().await;
    let (address, server, stop) = listen(&site, HttpConfig::default()).await;
    let mut idle = connect(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut first = [0; 15];
    idle.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    stop.cancel();
    server.await.expect("the listener ends");
    assert!(rest(idle).await.is_some_and(|rest| rest.ends_with("ok\n")));
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_head_that_does_not_come_and_a_body_that_stops_end_the_connection() {
    let site = Site::with(|config| config.http.body_timeout_seconds = 1).await;
    let config = HttpConfig { header_timeout_seconds: 1, body_timeout_seconds: 1, ..HttpConfig::default() };
    let (address, _server, _stop) = listen(&site, config).await;
    let slow_head = connect(address, b"GET /healthz HTTP/1.1\r\nHost:").await;
    assert!(rest(slow_head).await.is_some(), "closed");
    let slow_body = b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let answer = rest(connect(address, slow_body).await).await.expect("closed");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let site = Site::new().await;
    let config = HttpConfig { max_connections: 1, ..HttpConfig::default() };
    let (address, _server, _stop) = listen(&site, config).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut first = connect(address, request).await;
    let mut byte = [0];
    first.read_exact(&mut byte).await.expect("the first is served");
    let mut second = connect(address, request).await;
    let early = tokio::time::timeout(Duration::from_millis(200), second.read_exact(&mut byte)).await;
    assert!(early.is_err(), "the second has to wait");
    drop(first);
    tokio::time::timeout(Duration::from_mins(1), second.read_exact(&mut byte)).await.expect("in time").expect("served");
}

/// Speaks HTTP/2 on a new connection; the task ends with it.
async fn connect_http_2(address: SocketAddr) -> (http2::SendRequest<Body>, JoinHandle<()>) {
    let stream = TcpStream::connect(address).await.expect("a listener");
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    (sender, tokio::spawn(async move { drop(connection.await) }))
}

async fn get_health(mut sender: http2::SendRequest<Body>, address: SocketAddr) {
    let request = Request::get(format!("http://{address}/healthz")).body(Body::empty()).expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
    let body = answer.into_body().collect().await.expect("all of it").to_bytes();
    assert_eq!(body, "ok\n");
}

#[tokio::test]
async fn http_2_is_spoken_from_the_first_byte_and_shutdown_ends_it() {
    let site = Site::new().await;
    let (address, server, stop) = listen(&site, HttpConfig::default()).await;
    let (sender, connection) = connect_http_2(address).await;
    futures::future::join_all((0..300).map(|_| get_health(sender.clone(), address))).await;
    stop.cancel();
    server.await.expect("the listener ends");
    connection.await.expect("the connection has ended");
}

#[tokio::test]
async fn connections_on_which_nothing_is_asked_are_closed() {
    let site = Site::new().await;
    let config = HttpConfig { header_timeout_seconds: 1, ..HttpConfig::default() };
    let (address, _server, _stop) = listen(&site, config).await;
    let (sender, connection) = connect_http_2(address).await;
    get_health(sender.clone(), address).await;
    tokio::time::timeout(Duration::from_mins(1), connection).await.expect("in time").expect("closed");
    // Neither the beginning of HTTP/1.1 nor that of HTTP/2, and one that never goes on.
    for bytes in [&b""[..], b"PRI * HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        assert!(rest(connect(address, bytes).await).await.is_some(), "closed");
    }
}
