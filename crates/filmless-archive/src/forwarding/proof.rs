//! Proof by storage commitment (PS3.4 annex J): a destination that has taken instances is asked whether it keeps them, many in
//! one transaction. Only what it vouches for counts as sent; what it does not vouch for is sent again.

use std::collections::BTreeMap;
use std::time::Duration;

use filmless_index::{DestinationRow, Forward, SettledForward, Taking};
use filmless_model::commitment::CommitmentAnswer;
use filmless_model::forwarding::{ForwardState, Target};

use super::Notary;
use super::errand::{Outcome, number, settled};
use crate::archive::{Archive, ArchiveError};
use crate::asked_commitment::TOGETHER;
use crate::clock::{later, milliseconds, now_ms, pause};

/// What was sent within the same so many seconds is asked for together.
const GATHER: Duration = Duration::from_secs(10);
/// What is taken is asked for, or settled, within this time.
const LEASE: Duration = Duration::from_mins(1);
/// Asking takes less than this; if nobody has said how it went by then, perhaps after a crash, it is asked again.
const ASKING: Duration = Duration::from_mins(1);
/// How long a destination has for its first answer; for each after that twice as long.
const FIRST_ANSWER: Duration = Duration::from_hours(1);
/// The longest time for an answer.
const LONGEST_ANSWER: Duration = Duration::from_hours(8);
/// The first pause after it could not be asked; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// After it was asked so often somebody has to look.
const MAX_ASKED: u32 = 12;

/// When it is asked about what it took at `now_ms`.
pub(super) fn due_ms(now_ms: i64) -> i64 {
    let gather = milliseconds(GATHER);
    (now_ms / gather + 1) * gather
}

/// Settles what the destination has answered, and asks it about the rest that is due; how many were settled.
pub(super) async fn run(archive: &Archive, row: &DestinationRow, notary: &dyn Notary) -> Result<u64, ArchiveError> {
    let number = number();
    let taking = Taking {
        destination: row.key,
        state: ForwardState::Unproven,
        taken_by: number,
        now_ms: now_ms(),
        until_ms: later(LEASE),
        limit: TOGETHER,
    };
    let mut transactions = BTreeMap::new();
    for forward in archive.index.take_forwards(taking).await? {
        transactions.entry(forward.transaction.clone()).or_insert_with(Vec::new).push(forward);
    }
    let (mut known, mut open) = (Vec::new(), Vec::new());
    for (transaction, forwards) in transactions {
        let asked = match &transaction {
            Some(transaction) => archive.index.asked_commitment(transaction).await?,
            None => None,
        };
        let answer = asked.and_then(|asked| asked.answer);
        for forward in forwards {
            match said_of(&forward, row, answer.as_ref()) {
                Some(said) => known.push(said),
                None => open.push(forward),
            }
        }
    }
    archive.index.settle_forwards(number, &known).await?;
    if !open.is_empty() {
        ask(archive, row, notary, number, open).await?;
    }
    Ok(known.len() as u64)
}

/// What is known of an instance, if anything is.
fn said_of(forward: &Forward, row: &DestinationRow, answer: Option<&CommitmentAnswer>) -> Option<SettledForward> {
    let instance = &forward.instance.address.instance;
    let outcome = match answer {
        // Somebody has changed the destination meanwhile.
        _ if !row.destination.commit => Outcome::Sent(None),
        Some(answer) if answer.committed.contains(instance) => Outcome::Sent(None),
        Some(answer) => {
            let reason = answer.failed.iter().find_map(|(failed, reason)| (failed == instance).then_some(*reason));
            let reason = reason.map_or_else(String::new, |reason| format!(": failure reason {reason:04X}"));
            Outcome::NotNow(format!("it has taken the instance but does not vouch for it{reason}"))
        }
        None if forward.asked >= MAX_ASKED => {
            Outcome::Never("it has taken the instance but does not say whether it vouches for it".to_owned())
        }
        None => return None,
    };
    Some(settled(forward, forward.attempts, outcome))
}

/// Asks the destination about instances that this errand has.
async fn ask(
    archive: &Archive,
    row: &DestinationRow,
    notary: &dyn Notary,
    number: i64,
    open: Vec<Forward>,
) -> Result<(), ArchiveError> {
    let Target::Peer(peer) = &row.destination.target else { return Ok(()) };
    let keys: Vec<_> = open.iter().map(|forward| forward.key).collect();
    let asked_before = open.iter().map(|forward| forward.asked).min().unwrap_or_default();
    let references = open.into_iter().map(|forward| (forward.instance.sop_class, forward.instance.address.instance));
    let asked = archive.ask_together(peer, references.collect()).await?;
    // Before it is asked: it may answer at once.
    let until_ms = later(ASKING);
    archive.index.ask_for_forwards(number, &keys, &asked.transaction, until_ms).await?;
    let (trouble, next_ms) = match notary.ask(&row.destination, &asked).await {
        Ok(()) => (None, later(pause(FIRST_ANSWER, asked_before, LONGEST_ANSWER))),
        Err(trouble) => {
            let (destination, instances) = (row.destination.name.as_str(), keys.len());
            tracing::warn!(destination, instances, trouble, "a destination cannot be asked to vouch for what it has taken");
            archive.could_not_ask(&asked.transaction, &trouble).await?;
            let next_ms = later(pause(FIRST_PAUSE, asked_before, LONGEST_PAUSE));
            (Some(format!("it has taken the instance, but: {trouble}")), next_ms)
        }
    };
    Ok(archive.index.postpone_proof((&asked.transaction, until_ms), trouble.as_deref(), next_ms).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_within_some_seconds_is_asked_about_together() {
        assert_eq!([0, 9_999, 10_000, 25_000].map(due_ms), [10_000, 10_000, 20_000, 30_000]);
    }
}
