//! The limits of this door and the address it gives itself. Reading them from a file is the server's part.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::events::Listeners;

/// How the door is set up.
#[derive(Debug, Clone)]
pub struct DicomwebConfig {
    /// The path under which the router is mounted, such as `/dicom-web`.
    pub base_path: String,
    /// Scheme, host and port that clients use, such as `https://pacs.example.org`; `None` takes them from each request.
    pub public_origin: Option<String>,
    /// Whether `X-Forwarded-Proto` and `X-Forwarded-Host` come from our own proxy and can be believed.
    pub trust_forwarded: bool,
    /// Whether this process itself speaks TLS, so that links begin with `https:`.
    pub tls: bool,
    /// The port that this process listens on. `dicomweb-client` leaves the port out of `Host`; links to a loopback host
    /// get it back. Elsewhere a host without port may be a proxy's, and stays as it is.
    pub listen_port: Option<u16>,
    /// The longest body of a store request, in bytes.
    pub max_store_bytes: u64,
    /// The longest metadata that a store request may have waiting for bulk data, in bytes as sent.
    pub max_store_metadata_bytes: usize,
    /// The most instances of one store request.
    pub max_store_instances: usize,
    /// The longest wait for more bytes of a store request.
    pub body_idle_timeout: Duration,
    /// The longest query string, in bytes.
    pub max_query_bytes: usize,
    /// How many results a search returns that names no limit.
    pub default_results: u32,
    /// The most results of one search; more are reached by `offset`.
    pub max_results: u32,
    /// The most frames of one request.
    pub max_frames: usize,
    /// How many requests are worked on at a time; more wait.
    pub max_requests: usize,
    /// How many frames are decoded or rendered at a time; more wait.
    pub max_decodings: usize,
    /// The largest width or height of a rendered image, in pixels.
    pub max_viewport: u32,
    /// The longer side of a thumbnail, in pixels.
    pub thumbnail_size: u32,
    /// How long a client may keep pixels without asking again.
    pub pixel_max_age: Duration,
    /// Memory for answers that are asked for again, in bytes.
    pub answer_cache_bytes: usize,
    /// Who may follow the change feed at once, and when that ends.
    pub listeners: Listeners,
}

impl Default for DicomwebConfig {
    fn default() -> Self {
        Self {
            base_path: "/dicom-web".to_owned(),
            public_origin: None,
            trust_forwarded: false,
            tls: false,
            listen_port: None,
            max_store_bytes: 64 << 30,
            max_store_metadata_bytes: 32 << 20,
            max_store_instances: 100_000,
            body_idle_timeout: Duration::from_mins(1),
            max_query_bytes: 16 * 1024,
            default_results: 100,
            max_results: 5_000,
            max_frames: 10_000,
            max_requests: 256,
            max_decodings: std::thread::available_parallelism().map_or(2, usize::from),
            max_viewport: 4_096,
            thumbnail_size: 128,
            pixel_max_age: Duration::from_hours(1),
            answer_cache_bytes: 32 << 20,
            listeners: Listeners::new(128, CancellationToken::new()),
        }
    }
}
