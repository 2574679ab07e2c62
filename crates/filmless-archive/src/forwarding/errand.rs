//! One errand to a destination: it takes instances that are due, gives them to a courier one after the other, and keeps what
//! became of each while the next is on its way.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use filmless_index::{DestinationRow, Forward, SettledForward, StoredInstance, Taking};
use filmless_model::forwarding::ForwardState;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Courier, proof};
use crate::archive::{Archive, ArchiveError};
use crate::clock::{later, now_ms, pause};

/// So many are taken together.
pub(super) const TAKEN_TOGETHER: u32 = 64;
/// How long what is taken is had without a word of who has it.
const LEASE: Duration = Duration::from_secs(10);
/// How often who has it says so.
const RENEWAL: Duration = Duration::from_secs(3);
/// How long a courier stays for more.
const LINGER: Duration = Duration::from_secs(1);
/// What is settled is written together, up to so many.
const SETTLED_TOGETHER: usize = 64;
/// The first pause after an instance could not be sent; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// After so many attempts somebody has to look.
const MAX_ATTEMPTS: u32 = 16;

/// What became of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The destination has it. It may have said something.
    Sent(Option<String>),
    /// It was not taken, and it helps to try again.
    NotNow(String),
    /// It was not taken and never will be as it is.
    Never(String),
}

/// How an errand ended.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// How many instances the destination has now.
    pub(super) sent: u64,
    /// Why the destination could not be sent to.
    pub(super) trouble: Option<String>,
}

/// Instances for one destination, had by this errand.
pub struct Errand {
    archive: Arc<Archive>,
    destination: i64,
    number: i64,
    stop: CancellationToken,
    on_their_way: watch::Receiver<u64>,
    waiting: VecDeque<Forward>,
    held: Arc<Mutex<BTreeSet<i64>>>,
    settled: mpsc::Sender<SettledForward>,
    sent: u64,
    /// Whether the destination is asked to vouch for what it takes.
    commit: bool,
    pace: Arc<Pace>,
}

impl Errand {
    /// What is known to come, without taking more.
    pub fn waiting(&self) -> impl Iterator<Item = &StoredInstance> {
        self.waiting.iter().map(|forward| &forward.instance)
    }

    /// The next instance; `None` if none came for a while, or if it is time to stop.
    pub async fn next(&mut self) -> Option<Forward> {
        let deadline = Instant::now() + LINGER;
        loop {
            if let Some(forward) = self.at_hand() {
                return Some(forward);
            }
            if self.stop.is_cancelled() {
                return None;
            }
            self.on_their_way.mark_unchanged();
            if let Err(error) = self.take().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot take what is to be forwarded");
                return None;
            }
            if self.waiting.is_empty() {
                tokio::select! {
                    () = self.stop.cancelled() => return None,
                    more = tokio::time::timeout_at(deadline, self.on_their_way.changed()) => more.ok()?.ok()?,
                }
            }
        }
    }

    /// The next instance if one is at hand.
    pub fn at_hand(&mut self) -> Option<Forward> {
        if self.stop.is_cancelled() { None } else { self.waiting.pop_front() }
    }

    /// Puts an instance in front again.
    pub fn put_back(&mut self, forward: Forward) {
        self.waiting.push_front(forward);
    }

    /// Says what became of an instance.
    pub async fn settle(&mut self, forward: &Forward, outcome: Outcome) {
        if matches!(outcome, Outcome::Sent(_)) {
            self.sent += 1;
        }
        let mut settled = settled(forward, forward.attempts.saturating_add(1), outcome);
        if self.commit && settled.state == ForwardState::Sent {
            (settled.state, settled.next_ms) = (ForwardState::Unproven, proof::due_ms(settled.next_ms));
        }
        held(&self.held).remove(&forward.key);
        // Nobody listens any more when the errand is over; the instance is sent again then.
        let _ = self.settled.send(settled).await;
    }

    /// How fast bytes may be sent.
    pub fn pace(&self) -> Arc<Pace> {
        self.pace.clone()
    }

    async fn take(&mut self) -> Result<(), ArchiveError> {
        let taking = Taking {
            destination: self.destination,
            state: ForwardState::Waiting,
            taken_by: self.number,
            now_ms: now_ms(),
            until_ms: later(LEASE),
            limit: TAKEN_TOGETHER,
        };
        self.waiting.extend(self.archive.index.take_forwards(taking).await?);
        held(&self.held).extend(self.waiting.iter().map(|forward| forward.key));
        Ok(())
    }
}

/// What an outcome means for an instance that was sent so often.
pub(super) fn settled(forward: &Forward, attempts: u32, outcome: Outcome) -> SettledForward {
    let instance = forward.instance.address.instance.as_str();
    let (state, trouble, next_ms) = match outcome {
        Outcome::Sent(words) => (ForwardState::Sent, words, now_ms()),
        Outcome::NotNow(why) if attempts < MAX_ATTEMPTS => {
            let pause = pause(FIRST_PAUSE, attempts.saturating_sub(1), LONGEST_PAUSE);
            tracing::warn!(instance.uid = instance, attempts, why, "an instance is not taken, and is sent again later");
            (ForwardState::Waiting, Some(why), later(pause))
        }
        Outcome::NotNow(why) | Outcome::Never(why) => {
            tracing::error!(instance.uid = instance, attempts, why, "an instance cannot be forwarded");
            (ForwardState::Failed, Some(why), now_ms())
        }
    };
    SettledForward { key: forward.key, state, trouble, next_ms }
}

/// Takes what is due at a destination and has a courier deliver it.
pub(super) async fn run(
    archive: &Arc<Archive>,
    row: &DestinationRow,
    courier: &dyn Courier,
    pace: Arc<Pace>,
    stop: CancellationToken,
) -> Result<Done, ArchiveError> {
    let (settled, mut to_keep) = mpsc::channel(SETTLED_TOGETHER);
    let holding = Arc::new(Mutex::new(BTreeSet::new()));
    let mut errand = Errand {
        archive: archive.clone(),
        destination: row.key,
        number: number(),
        stop,
        on_their_way: archive.on_their_way.subscribe(),
        waiting: VecDeque::new(),
        held: holding.clone(),
        settled,
        sent: 0,
        commit: row.destination.commit,
        pace,
    };
    errand.take().await?;
    if errand.waiting.is_empty() {
        return Ok(Done::default());
    }
    let number = errand.number;
    let deliver = async move {
        let delivered = courier.deliver(&row.destination, &mut errand).await;
        Done { sent: errand.sent, trouble: delivered.err() }
    };
    let keep_settled = async {
        let mut together = Vec::new();
        while to_keep.recv_many(&mut together, SETTLED_TOGETHER).await > 0 {
            if let Err(error) = archive.index.settle_forwards(number, &together).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot keep what was forwarded; it is sent again");
            }
            together.clear();
        }
    };
    let deliver = std::pin::pin!(async { tokio::join!(deliver, keep_settled).0 });
    let done = tokio::select! {
        done = deliver => done,
        () = renew(archive, number, &holding) => Done::default(),
    };
    let left: Vec<_> = held(&holding).iter().copied().collect();
    if !left.is_empty() {
        archive.index.keep_forwards(number, &left, now_ms()).await?;
    }
    Ok(done)
}

/// Says now and then that what is held goes on; ends when it went to somebody else.
async fn renew(archive: &Archive, number: i64, holding: &Mutex<BTreeSet<i64>>) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let keys: Vec<_> = held(holding).iter().copied().collect();
        if keys.is_empty() {
            continue;
        }
        match archive.index.keep_forwards(number, &keys, later(LEASE)).await {
            // Some may have been settled meanwhile.
            Ok(0) if !held(holding).is_disjoint(&keys.iter().copied().collect()) => {
                tracing::warn!("what was being forwarded is another's now; were the clocks or the database away?");
                return;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot say that forwarding goes on"),
        }
    }
}

fn held(holding: &Mutex<BTreeSet<i64>>) -> std::sync::MutexGuard<'_, BTreeSet<i64>> {
    holding.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that no other errand has, in this process or another.
pub(super) fn number() -> i64 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    i64::from_ne_bytes((high ^ low).to_ne_bytes()) | 1
}

/// How fast bytes go to a destination, over all errands of this process.
#[derive(Debug, Default)]
pub struct Pace {
    state: Mutex<PaceState>,
}

#[derive(Debug, Default)]
struct PaceState {
    bytes_per_second: Option<u32>,
    /// When what was sent so far has had its time.
    free: Option<Instant>,
}

impl Pace {
    /// Sets how many bytes a second may be sent.
    pub(super) fn set(&self, bytes_per_second: Option<u32>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).bytes_per_second = bytes_per_second;
    }

    /// The same pieces no faster than the pace. Long ones are cut, so that nobody waits long for the next.
    pub fn stream<E: Send + 'static>(
        self: Arc<Self>,
        pieces: BoxStream<'static, Result<Bytes, E>>,
    ) -> BoxStream<'static, Result<Bytes, E>> {
        let next = |(pace, mut pieces, mut rest): (Arc<Self>, BoxStream<'static, Result<Bytes, E>>, Bytes)| async move {
            if rest.is_empty() {
                let Some(piece) = pieces.try_next().await? else { return Ok(None) };
                rest = piece;
            }
            let second = pace.bytes_per_second().map_or(rest.len(), |rate| usize::try_from(rate).unwrap_or(usize::MAX));
            let piece = rest.split_to(second.clamp(1, rest.len().max(1)).min(rest.len()));
            pace.wait(piece.len()).await;
            Ok(Some((piece, (pace, pieces, rest))))
        };
        futures::stream::try_unfold((self, pieces, Bytes::new()), next).boxed()
    }

    fn bytes_per_second(&self) -> Option<u32> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).bytes_per_second
    }

    /// Waits until so many more bytes may be sent.
    async fn wait(&self, bytes: usize) {
        let begin = self.state.lock().unwrap_or_else(PoisonError::into_inner).reserve(bytes, Instant::now());
        tokio::time::sleep_until(begin).await;
    }
}

impl PaceState {
    /// When so many bytes may be sent, at `now` or later; then it is another's turn.
    fn reserve(&mut self, bytes: usize, now: Instant) -> Instant {
        let Some(rate) = self.bytes_per_second else { return now };
        let begin = self.free.map_or(now, |free| free.max(now));
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.free = Some(begin + Duration::from_micros(bytes.saturating_mul(1_000_000) / u64::from(rate.max(1))));
        begin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_no_faster_than_their_pace() {
        let now = Instant::now();
        let after = |ms| now + Duration::from_millis(ms);
        let mut pace = PaceState::default();
        assert_eq!(pace.reserve(1 << 40, now), now, "nothing bounds it");
        pace.bytes_per_second = Some(1000);
        assert_eq!([500, 500, 250, 500].map(|bytes| pace.reserve(bytes, now)), [now, after(500), after(1000), after(1250)]);
        assert_eq!(pace.reserve(500, after(9000)), after(9000));
        assert_eq!(pace.reserve(500, after(9000)), after(9500), "what was not used is not saved up");
    }

    #[tokio::test]
    async fn long_pieces_are_cut_and_all_bytes_come() {
        let pace = Arc::new(Pace::default());
        pace.set(Some(1 << 20));
        let pieces = vec![Ok::<_, ()>(Bytes::from(vec![1; (1 << 20) + 10])), Ok(Bytes::new()), Ok(Bytes::from_static(b"end"))];
        let lengths: Vec<_> =
            pace.stream(futures::stream::iter(pieces).boxed()).map_ok(|piece| piece.len()).try_collect().await.expect("read");
        assert_eq!(lengths, [1 << 20, 10, 0, 3]);
    }
}
