//! Tells peers which studies are here, and which are not any more (PS3.4 annex R): reads the change feed for it, and calls whoever is to be told, until they
//! have said that they know, after longer and longer pauses.

use std::sync::Arc;
use std::time::Duration;

use filmless_archive::availability::HeldNotice;
use filmless_archive::{Archive, ArchiveError};
use filmless_model::availability::AvailableStudy;
use filmless_model::peer::Peer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::requester::{RemoteNode, Requester};
use crate::status::Meaning;

/// Peers that one process tells at a time.
const AT_ONCE: usize = 4;
/// How often the feed is read.
const FOLLOW: Duration = Duration::from_secs(5);
/// How often it is looked what is due.
const LOOK: Duration = Duration::from_secs(1);
/// How often old notices are forgotten.
const FORGET: Duration = Duration::from_hours(1);

/// Tells peers until `stop`; of a study when nothing of it has come or gone for as long as `quiet`.
pub(crate) async fn work(archive: Arc<Archive>, quiet: Duration, requester: Requester, stop: CancellationToken) {
    let mut under_way = JoinSet::new();
    let [mut follow, mut look, mut forget] = [FOLLOW, LOOK, FORGET].map(tokio::time::interval);
    loop {
        let has_room = under_way.len() < AT_ONCE;
        let done = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = under_way.join_next() => Ok(()),
            _ = follow.tick() => archive.follow_availability(quiet).await,
            _ = look.tick(), if has_room => archive.due_notice().await.map(|due| {
                if let Some(held) = due {
                    under_way.spawn(tell(archive.clone(), requester.clone(), held));
                    look.reset_immediately();
                }
            }),
            _ = forget.tick() => archive.forget_notices().await.map(drop),
        };
        if let Err(error) = done {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot look who is to be told of studies");
        }
    }
    under_way.shutdown().await;
}

async fn tell(archive: Arc<Archive>, requester: Requester, held: HeldNotice) {
    if let Err(error) = try_to_tell(&archive, &requester, held).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot keep who was told of a study");
    }
}

async fn try_to_tell(archive: &Archive, requester: &Requester, held: HeldNotice) -> Result<(), ArchiveError> {
    let HeldNotice { notice, mut lease } = held;
    let Some((peer, available)) = archive.begin_to_tell(&notice).await? else { return archive.drop_notice(&notice).await };
    match archive.hold(&mut lease, call(requester, &peer, &available)).await {
        Some(Ok(())) => archive.end_to_tell(&notice, &available).await,
        Some(Err(trouble)) => archive.postpone_notice(&notice, &trouble).await,
        // More of the study came or went, and the peer is told of it all later; or somebody else has it.
        None => Ok(()),
    }
}

/// The error says what is wrong, in words for an operator.
async fn call(requester: &Requester, peer: &Peer, available: &AvailableStudy) -> Result<(), String> {
    let node = RemoteNode::of(peer).ok_or("no address and port are set up to call the peer")?;
    match requester.tell_of(&node, available).await {
        Ok(status) if matches!(Meaning::of(status), Meaning::Success | Meaning::Warning) => Ok(()),
        Ok(status) => Err(format!("the peer refused to be told with status {status:04X}")),
        Err(error) => Err(error.to_string()),
    }
}
