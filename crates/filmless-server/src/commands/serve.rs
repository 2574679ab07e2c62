//! `filmless serve`: recovers what a crash left, opens both doors, and closes them in order.

mod demo;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use filmless_archive::clock::now_ms;
use filmless_archive::forwarding::{Couriers, Routing};
use filmless_archive::further::{MAX_FURTHER_ATTRIBUTES, Progress};
use filmless_archive::{Archive, ArchiveError};
use filmless_dicomweb::courier::WebCourier;
use filmless_dimse::Listeners;
use filmless_dimse::courier::PeerCourier;
use filmless_dimse::requester::Requester;
use filmless_dimse::users::Users;
use filmless_index::Index;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::Serve;
use crate::commands::console::{note, print};
use crate::config::{Config, seconds};
use crate::http::health::{self, Health};
use crate::http::{App, listener};
use crate::{http, open_files, shutdown, telemetry, wiring};

/// How often changes of other processes, such as an import, are looked for.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often expired sessions are removed.
const SESSIONS_INTERVAL: Duration = Duration::from_hours(1);
/// So often is written to the audit log what was read: a crash loses what was read since.
const NOTES_INTERVAL: Duration = Duration::from_secs(1);
/// So often is written there what was stored.
const STORES_INTERVAL: Duration = Duration::from_mins(1);
/// How often deleted instances whose time is over are looked for.
const DESTROY_INTERVAL: Duration = Duration::from_hours(1);
/// Beyond the agreed time, doors get this long to close what they hold.
const GRACE: Duration = Duration::from_secs(2);

pub(super) async fn run(config: Config, options: &Serve) -> anyhow::Result<ExitCode> {
    telemetry::init_logs(&config.log)?;
    open_files::raise(&config);
    let metrics = telemetry::metrics()?;
    if options.demo {
        demo::check(&config)?;
    }
    // Told to stop while starting, the service stops as soon as it has started.
    let stop = shutdown::on_signals()?;
    let index = wiring::open_index(&config).await?;
    add_attributes(&config, &*index).await?;
    let blobstore = wiring::open_blobstore(&config)?;
    let archive = wiring::archive(&config, index.clone(), blobstore.clone())?;
    let removed = archive.recover().await.context("cannot clean up after the last run")?;
    if removed > 0 {
        tracing::info!(removed, "removed what an interrupted run had left");
    }
    let password = if options.demo { Some(demo::prepare(&archive, &*index, options).await?) } else { None };
    check_doors(&config, &*index).await?;

    let http_listener = bind("http.listen", config.http.listen).await?;
    let dicom_listeners = dicom_listeners(&config).await?;
    let http_address = http_listener.local_addr().context("http.listen")?;
    let dicom_address = dicom_listeners.plain.as_ref().and_then(|listener| listener.local_addr().ok());
    let tls_address = dicom_listeners.secure.as_ref().and_then(|listener| listener.local_addr().ok());
    let mut dimse = wiring::dimse_config(&config)?;
    dimse.accept_any_calling_from_loopback = options.demo;

    let health = Health::new(archive.clone(), blobstore.clone());
    health.refresh().await;
    let requester = Requester::new(dimse.clone(), stop.clone()).with_tls(dicom_listeners.tls.clone());
    let peers = Arc::new(PeerCourier::new(archive.clone(), requester.clone()));
    let couriers = Couriers { notary: peers.clone(), peers, web: Arc::new(WebCourier::new(archive.clone())) };
    let app = App::new(archive.clone(), index.clone(), config.clone(), health.clone(), requester, metrics.clone(), stop.clone());
    let users: Arc<dyn Users> = app.clone();
    let router = http::router(&app, wiring::dicomweb_config(&config)?);

    let doors = TaskTracker::new();
    let (http_config, http_stop) = (config.http.clone(), stop.clone());
    doors.spawn(stopping_all(stop.clone(), async move { listener::serve(http_listener, router, &http_config, http_stop).await }));
    let (dimse_archive, dimse_stop) = (archive.clone(), stop.clone());
    doors.spawn(stopping_all(stop.clone(), filmless_dimse::serve(dicom_listeners, dimse_archive, users, dimse, dimse_stop)));
    let chores = start_chores(&config, &archive, &index, &health, &metrics, &stop);
    chores.spawn(route_forwards(archive.clone(), stop.clone()));
    chores.spawn(archive.clone().send_forwards(couriers, stop.clone()));

    announce(&config, http_address, dicom_address, tls_address, password.as_deref())?;
    let shown = |address: Option<SocketAddr>| address.map(tracing::field::display);
    tracing::info!(http.address = %http_address, dicom.address = shown(dicom_address), dicom.tls.address = shown(tls_address), "ready");

    stop.cancelled().await;
    health.stopping();
    tracing::info!("stopping: finishing what is under way");
    let timeout = seconds(config.shutdown.timeout_seconds);
    let finished = shutdown::finish(&doors, timeout.saturating_add(GRACE)).await;
    shutdown::finish(&chores, GRACE).await;
    shutdown::finish(app.peer_operations.tasks(), GRACE).await;
    warn_of_audit(archive.sum_up_stores().await.and(archive.write_notes(true).await));
    blobstore.close().await?;
    index.close().await;
    if !finished {
        tracing::warn!(timeout_seconds = timeout.as_secs(), "stopped with work unfinished; none of it was acknowledged");
        return Ok(ExitCode::from(super::EXIT_FOUND));
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Whoever can reach a door from another machine must have to sign in.
async fn check_doors(config: &Config, index: &dyn Index) -> anyhow::Result<()> {
    let open = config.doors().into_iter().find(|(_, address)| !address.ip().to_canonical().is_loopback());
    let Some((key, address)) = open else { return Ok(()) };
    if index.accounts().await?.is_empty() {
        bail!(
            "{key} is {address}, which other machines can reach, but there is no account yet\n\
             make one first:  filmless account add NAME --role admin --data {}\n\
             or stay on this machine:  {key} = 127.0.0.1:{}",
            config.data.directory.display(),
            address.port()
        );
    }
    Ok(())
}

/// Has the attributes of the settings indexed, besides those that are so already.
async fn add_attributes(config: &Config, index: &dyn Index) -> anyhow::Result<()> {
    let attributes = config.index.attributes().map_err(anyhow::Error::msg).context("index.additional_attributes")?;
    for attribute in &attributes {
        index.add_further_attribute(attribute).await?;
    }
    let all = index.further_attributes().await?.len();
    if all > MAX_FURTHER_ATTRIBUTES {
        bail!("{all} further attributes are to be indexed, and {MAX_FURTHER_ATTRIBUTES} may be: `filmless index-attribute list`");
    }
    Ok(())
}

/// The DIMSE door's: plain, by TLS, or both.
async fn dicom_listeners(config: &Config) -> anyhow::Result<Listeners> {
    let mut listeners = Listeners::default();
    if let Some(address) = config.plain_dicom() {
        listeners.plain = Some(bind("dicom.listen", address).await?);
    }
    if let Some(address) = config.dicom.tls.address() {
        listeners.secure = Some(bind("dicom.tls.listen", address).await?);
    }
    listeners.tls = wiring::tls(config)?;
    Ok(listeners)
}

async fn bind(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        let variable = key.replace('.', "__").to_ascii_uppercase();
        format!("cannot listen on {address}; is another server there? change {key} (or FILMLESS_{variable})")
    })
}

/// A door that ends for whatever reason, even a panic, stops the service: half a service looks healthy and is not.
async fn stopping_all(stop: CancellationToken, door: impl Future<Output = ()>) {
    let _guard = stop.drop_guard();
    door.await;
}

/// Work in the background, until told to stop.
fn start_chores(
    config: &Config,
    archive: &Arc<Archive>,
    index: &Arc<dyn Index>,
    health: &Health,
    metrics: &metrics_exporter_prometheus::PrometheusHandle,
    stop: &CancellationToken,
) -> TaskTracker {
    let chores = TaskTracker::new();
    let keep_deleted = Duration::from_hours(24) * config.archive.keep_deleted_days;
    let destroying = archive.clone();
    chores.spawn(every(DESTROY_INTERVAL, stop.clone(), async move || match destroying.destroy_deleted(keep_deleted).await {
        Ok(0) => {}
        Ok(destroyed) => tracing::info!(destroyed, "destroyed what was deleted long ago"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot destroy what was deleted; trying again later");
        }
    }));
    chores.spawn(index_further(archive.clone(), stop.clone()));
    keep_audit_log(&chores, archive, seconds(config.audit.anchor_interval_seconds), stop);
    let archive = archive.clone();
    chores.spawn(every(POLL_INTERVAL, stop.clone(), async move || {
        if let Err(error) = archive.poll_changes().await {
            tracing::debug!(error = &error as &dyn std::error::Error, "cannot look for changes");
        }
    }));
    let index = index.clone();
    chores.spawn(every(SESSIONS_INTERVAL, stop.clone(), async move || {
        if let Err(error) = index.remove_expired_sessions(now_ms()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot remove expired sessions");
        }
    }));
    let health = health.clone();
    chores.spawn(every(health::INTERVAL, stop.clone(), async move || health.refresh().await));
    let metrics = metrics.clone();
    chores.spawn(every(telemetry::UPKEEP_INTERVAL, stop.clone(), async move || metrics.run_upkeep()));
    chores
}

/// Writes to the audit log what was noted and stored, and keeps outside the database how far the log is.
fn keep_audit_log(chores: &TaskTracker, archive: &Arc<Archive>, anchor_interval: Duration, stop: &CancellationToken) {
    let noting = archive.clone();
    chores.spawn(every(NOTES_INTERVAL, stop.clone(), async move || warn_of_audit(noting.write_notes(false).await)));
    let summing_up = archive.clone();
    chores.spawn(every(STORES_INTERVAL, stop.clone(), async move || warn_of_audit(summing_up.sum_up_stores().await)));
    let (anchoring, mut last) = (archive.clone(), None);
    chores.spawn(every(anchor_interval, stop.clone(), async move || match anchoring.anchor_log(last.as_ref()).await {
        Ok(head) => last = head.or(last),
        Err(error) => warn_of_audit(Err(error)),
    }));
}

fn warn_of_audit(result: Result<(), ArchiveError>) {
    if let Err(error) = result {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot write to the audit log; trying again");
    }
}

/// Reads what the further attributes lack, page by page. After each it rests as long as the page took: stores come first.
async fn index_further(archive: Arc<Archive>, stop: CancellationToken) {
    let mut progress = Progress::default();
    while !stop.is_cancelled() {
        let began = Instant::now();
        let rest = match archive.index_further(&mut progress).await {
            Ok(true) => began.elapsed(),
            Ok(false) => POLL_INTERVAL,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot index further attributes; trying again");
                POLL_INTERVAL
            }
        };
        let _ = stop.run_until_cancelled(tokio::time::sleep(rest)).await;
    }
}

/// Holds what is stored against the rules of forwarding, page by page.
async fn route_forwards(archive: Arc<Archive>, stop: CancellationToken) {
    let mut changes = archive.watch();
    while !stop.is_cancelled() {
        let routing = archive.route_changes().await.unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot hold changes against forwarding rules; trying again"
            );
            Routing::NoRules
        });
        match routing {
            Routing::Page => {}
            Routing::UpToDate => {
                let _ = stop.run_until_cancelled(tokio::time::timeout(POLL_INTERVAL, changes.changed())).await;
            }
            Routing::NoRules => {
                let _ = stop.run_until_cancelled(tokio::time::sleep(POLL_INTERVAL)).await;
            }
        }
    }
}

/// Does something now and then.
async fn every(interval: Duration, stop: CancellationToken, mut work: impl AsyncFnMut()) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => work().await,
        }
    }
}

/// Tells a person, and scripts that chose port 0, where the doors are.
fn announce(
    config: &Config,
    http: SocketAddr,
    dicom: Option<SocketAddr>,
    tls: Option<SocketAddr>,
    demo_password: Option<&str>,
) -> std::io::Result<()> {
    let url = config.public_url().map_or_else(|| format!("http://{http}/"), String::from);
    let node = |address: SocketAddr| format!("{}@{address}", config.dicom.ae_title);
    if let (Some(password), Some(dicom)) = (demo_password, dicom) {
        note(demo::invitation(&url, &node(dicom), password));
    }
    print(format_args!("http   {url}"))?;
    if let Some(dicom) = dicom {
        print(format_args!("dicom  {}", node(dicom)))?;
    }
    if let Some(tls) = tls {
        print(format_args!("tls    {}", node(tls)))?;
    }
    Ok(())
}
