//! What happened to each file: a bar and lines on standard error while it goes on, numbers at the end.

use std::fmt::{self, Display};
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use filmless_model::store_outcome::{StoreEffect, Stored};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::commands::console::{note, printable};

/// Between two lines of progress where no bar can be drawn.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Numbers of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Instances that are new.
    pub stored: u64,
    /// Instances that were there already.
    pub known: u64,
    /// Other bytes under a known UID: kept, and in the conflict list.
    pub conflicts: u64,
    /// What is not DICOM.
    pub skipped: u64,
    /// What could not be stored.
    pub failed: u64,
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} new, {} already there", self.stored, self.known)?;
        if self.conflicts > 0 {
            write!(f, ", {} kept beside other bytes of the same UID (see the conflict list)", self.conflicts)?;
        }
        write!(f, ", {} skipped, {} failed", self.skipped, self.failed)
    }
}

/// Tells a person how the import goes.
pub struct Report {
    tally: Mutex<(Tally, Instant)>,
    bar: ProgressBar,
    lists: bool,
}

impl Report {
    /// A bar on a terminal, a line now and then elsewhere; what is skipped or failed is listed.
    pub fn to_terminal() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} files  {per_sec}  {eta} left");
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8))
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        } else {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden())
        };
        Self { tally: Mutex::new((Tally::default(), Instant::now())), bar, lists: true }
    }

    /// Only the numbers at the end.
    pub fn quiet() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        Self { tally: Mutex::new((Tally::default(), Instant::now())), bar, lists: false }
    }

    /// One file more was found.
    pub(super) fn expect_one_more(&self) {
        self.bar.inc_length(1);
    }

    /// A file is done, however it ended.
    pub(super) fn one_done(&self) {
        self.bar.inc(1);
        if !self.lists || !self.bar.is_hidden() {
            return;
        }
        let due = {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            let due = tally.1.elapsed() >= LINE_INTERVAL;
            if due {
                tally.1 = Instant::now();
            }
            due
        };
        if due {
            note(format_args!("{} of {} files", self.bar.position(), self.bar.length().unwrap_or(0)));
        }
    }

    /// An instance was stored.
    pub(super) fn stored(&self, name: &dyn Display, stored: &Stored) {
        self.count(|tally| match stored.effect {
            StoreEffect::New => tally.stored += 1,
            StoreEffect::AlreadyStored => tally.known += 1,
            StoreEffect::Replaced | StoreEffect::Conflict => tally.conflicts += 1,
        });
        if matches!(stored.effect, StoreEffect::Replaced | StoreEffect::Conflict) {
            self.line("conflict", name, "other bytes under a known SOP Instance UID");
        }
    }

    /// Something is not for us.
    pub(super) fn skipped(&self, name: &dyn Display, why: &str) {
        self.count(|tally| tally.skipped += 1);
        self.line("skipped", name, why);
    }

    /// Something should have been stored and was not.
    pub(super) fn failed(&self, name: &dyn Display, why: &str) {
        self.count(|tally| tally.failed += 1);
        self.line("failed", name, why);
    }

    /// Takes the bar away and gives the numbers.
    pub(super) fn finish(&self) -> Tally {
        self.bar.finish_and_clear();
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn count(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner).0);
    }

    fn line(&self, word: &str, name: &dyn Display, why: &str) {
        if self.lists {
            self.bar.suspend(|| note(format_args!("{word:<8}  {}: {}", printable(name), printable(why))));
        }
    }
}
