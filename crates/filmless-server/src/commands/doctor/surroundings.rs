//! What the machine gives: disk, open files, clock, ports, and the viewer that was built into the binary.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use filmless_archive::clock::now_ms;
use filmless_index::Index;
use indicatif::HumanBytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Findings, Verdict};
use crate::commands::format_time;
use crate::config::Config;
use crate::{open_files, wiring};

/// Less free space than this is a fault: the database may already fail.
const FAULT_FREE_BYTES: u64 = 1 << 30;
/// Less free space than this deserves a look: a day of a busy scanner.
const WARNING_FREE_BYTES: u64 = 20 << 30;
/// The clock cannot show a time before this program was written: 2026-01-01.
const EARLIEST_MS: i64 = 1_767_225_600_000;
/// Nor one this far in the future: 2100-01-01.
const LATEST_MS: i64 = 4_102_444_800_000;
/// How far behind the newest change the clock may be, for nodes that share a database.
const TOLERATED_LAG_MS: i64 = 60_000;
/// Permission bits of group and others.
const OTHERS: u32 = 0o077;
/// How long a port has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The data folder, who may read it, and the space on its disk.
pub(super) fn folder_and_disk(config: &Config, findings: &mut Findings) -> anyhow::Result<()> {
    let folder = wiring::data_folder(config)?;
    let shown = folder.display();
    if let Err(error) = wiring::create_data_folder(config) {
        findings.tell(Verdict::Fault, "data folder", format_args!("{error:#}"))?;
        return Ok(());
    }
    let Ok(metadata) = std::fs::metadata(&folder) else {
        findings.tell(Verdict::Fine, "data folder", "not needed")?;
        return Ok(());
    };
    if metadata.permissions().mode() & OTHERS == 0 {
        findings.tell(Verdict::Fine, "data folder", &shown)?;
    } else {
        let advice = format_args!("{shown}: other users of this machine can look into it\nclose it: chmod go= {shown}");
        findings.tell(Verdict::Warning, "data folder", advice)?;
    }
    match rustix::fs::statvfs(&folder) {
        Ok(space) => {
            let free = space.f_bavail.saturating_mul(space.f_frsize);
            let verdict = match free {
                ..FAULT_FREE_BYTES => Verdict::Fault,
                FAULT_FREE_BYTES..WARNING_FREE_BYTES => Verdict::Warning,
                _ => Verdict::Fine,
            };
            findings.tell(verdict, "disk space", format_args!("{} free at {shown}", HumanBytes(free)))?;
        }
        Err(error) => findings.tell(Verdict::Warning, "disk space", format_args!("{shown}: {error}"))?,
    }
    Ok(())
}

/// Whether the system lets the process open what its settings may make it open.
pub(super) fn open_files(config: &Config, findings: &mut Findings) -> std::io::Result<()> {
    let needed = open_files::needed(config);
    match open_files::allowed() {
        Some(allowed) if allowed < needed => findings.tell(
            Verdict::Warning,
            "open files",
            format_args!(
                "at most {allowed}, but {needed} may be needed at a busy hour\n\
                 raise the hard limit: LimitNOFILE={needed} in the unit file, or ulimit -Hn; or lower max_associations, max_connections and max_requests"
            ),
        ),
        _ => findings.tell(Verdict::Fine, "open files", format_args!("{needed} are enough, and allowed")),
    }
}

/// The clock against the calendar, and against the newest change.
pub(super) async fn clock(index: Option<&dyn Index>, findings: &mut Findings) -> std::io::Result<()> {
    let now = now_ms();
    if !(EARLIEST_MS..LATEST_MS).contains(&now) {
        return findings.tell(Verdict::Fault, "clock", format_args!("shows {} UTC; set the clock", format_time(now)));
    }
    let newest = match index {
        Some(index) => newest_change_ms(index).await,
        None => None,
    };
    match newest.filter(|newest| now.saturating_add(TOLERATED_LAG_MS) < *newest) {
        Some(newest) => findings.tell(
            Verdict::Fault,
            "clock",
            format_args!("shows {} UTC, but something was stored at {}; set the clock", format_time(now), format_time(newest)),
        ),
        None => findings.tell(Verdict::Fine, "clock", format_args!("{} UTC", format_time(now))),
    }
}

async fn newest_change_ms(index: &dyn Index) -> Option<i64> {
    let last = index.last_change().await.ok().filter(|last| *last > 0)?;
    index.changes(last - 1, 1).await.ok()?.first().map(|change| change.at_ms)
}

/// Whether the ports are free, or taken by a Filmless that runs.
pub(super) async fn ports(config: &Config, findings: &mut Findings) -> std::io::Result<()> {
    let ours = is_filmless(config.http.listen).await;
    for (key, address) in config.doors() {
        match TcpListener::bind(address).await {
            Ok(_) => findings.tell(Verdict::Fine, key, format_args!("{address} is free"))?,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && ours => {
                findings.tell(Verdict::Fine, key, format_args!("{address} is taken, and filmless runs"))?;
            }
            Err(error) => {
                let variable = key.replace('.', "__").to_ascii_uppercase();
                findings.tell(Verdict::Fault, key, format_args!("{address}: {error}\nchange {key} (or FILMLESS_{variable})"))?;
            }
        }
    }
    Ok(())
}

/// Whether `/healthz` at this address answers as ours does.
async fn is_filmless(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: filmless\r\nConnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.take(8192).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(PATIENCE, ask).await;
    matches!(answer, Ok(Ok(answer)) if answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"ok\n"))
}
