//! Logs and metrics of the running service. Logs go to standard error; standard output belongs to commands.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Histogram edges in seconds: from a cached search to a large upload.
const DURATION_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 300.0];

/// Starts logging as configured.
pub fn init_logs(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.level)
        .with_context(|| format!("log.level is {:?}; write error, warn, info, debug or trace", config.level))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.format {
        LogFormat::Text => subscriber.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    // A second service in one process (tests) keeps the first one's log.
    drop(started);
    Ok(())
}

/// The metrics of this process, recorded from the first call on.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    // Held while the recorder is made, so that two first calls cannot each make one.
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*handle {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BUCKETS)
        .context("histogram buckets")?
        .build_recorder();
    let made = recorder.handle();
    metrics::set_global_recorder(recorder).context("another recorder of metrics is installed")?;
    describe();
    Ok(handle.insert(made).clone())
}

fn describe() {
    metrics::describe_counter!("filmless_http_requests_total", "HTTP requests answered, by method, route and status");
    metrics::describe_histogram!("filmless_http_request_duration_seconds", "Time to the head of an HTTP answer, by route");
    metrics::describe_gauge!("filmless_http_connections", "Open HTTP connections");
    metrics::describe_gauge!("filmless_event_clients", "Clients that follow live events");
    metrics::describe_counter!("filmless_sign_ins_total", "Sign-ins by outcome");
}

/// How often the exporter tidies its histograms.
pub const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
