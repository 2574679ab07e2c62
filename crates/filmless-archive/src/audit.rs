//! The audit log: who did what, to whose study, from where, why and when.
//!
//! What changes something is written in its own transaction (`Archive::recorded`). What is read, and what was refused, is noted
//! here and written within a second, so a crash loses the notes of that second at most; what is read over and over is written
//! once, and how often it was some minutes later. What is stored is summed up from the change feed, which loses nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use filmless_index::AuditFault;
use filmless_index::{AuditCheck, Index};
use filmless_model::actor::{Act, Actor};
use filmless_model::audit::{AuditEvent, AuditFilter, AuditHead, AuditedAct, Outcome};
use filmless_model::uid::StudyInstanceUid;

use crate::archive::{Archive, ArchiveError};
use crate::authorize::{Forbidden, may};
use crate::clock::{milliseconds, now_ms};

/// What is noted again within this time is written together, after the first.
const TOGETHER: Duration = Duration::from_mins(10);
/// The most different notes; there are so many only while the database does not take them.
const MOST_NOTES: usize = 65_536;
/// Entries looked at together.
const PAGE: u32 = 1000;

/// What waits to be written.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<HashMap<AuditEvent, Note>>);

/// How often something was noted.
#[derive(Debug, Default)]
struct Note {
    /// Since it was last written.
    count: u64,
    /// The first time of these, in milliseconds since 1970-01-01T00:00:00Z.
    since_ms: i64,
    /// When it was written.
    written_ms: Option<i64>,
}

impl Notes {
    fn held(&self) -> MutexGuard<'_, HashMap<AuditEvent, Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to the note of an event, whatever its time and count.
    fn add(&self, event: AuditEvent) {
        let (at_ms, count) = (event.at_ms, event.count.unwrap_or(1));
        let key = AuditEvent { at_ms: 0, count: None, ..event };
        let mut notes = self.held();
        if notes.len() >= MOST_NOTES && !notes.contains_key(&key) {
            metrics::counter!("filmless_audit_notes_lost_total").increment(1);
            tracing::error!("the audit log is not taken by the database; an entry is lost");
            return;
        }
        let note = notes.entry(key).or_default();
        if note.count == 0 {
            note.since_ms = at_ms;
        }
        note.count += count;
    }

    /// What is to be written at a time; `all` at the end, when nothing more comes.
    fn due(&self, now_ms: i64, all: bool) -> Vec<AuditEvent> {
        let mut due = Vec::new();
        self.held().retain(|key, note| {
            let rests = note.written_ms.is_some_and(|written| now_ms < written.saturating_add(milliseconds(TOGETHER)));
            if note.count == 0 {
                return rests && !all;
            }
            if all || !rests {
                due.push(AuditEvent { at_ms: note.since_ms, count: Some(note.count), ..key.clone() });
                *note = Note { written_ms: Some(now_ms), ..Note::default() };
            }
            true
        });
        due.sort_by_key(|event| event.at_ms);
        due
    }
}

impl Archive {
    /// Lets an act pass, or says that it may not, which is noted. The first line of every act.
    pub(crate) fn permit(&self, actor: &Actor, act: Act) -> Result<(), Forbidden> {
        if may(actor, act) { Ok(()) } else { Err(self.refused(actor, act, None)) }
    }

    /// The same of an act on a study, which is noted too.
    pub(crate) fn permit_on(&self, actor: &Actor, act: Act, study: &StudyInstanceUid) -> Result<(), Forbidden> {
        if may(actor, act) { Ok(()) } else { Err(self.refused(actor, act, Some(study))) }
    }

    /// Notes that an act was refused.
    pub(crate) fn refused(&self, actor: &Actor, act: Act, study: Option<&StudyInstanceUid>) -> Forbidden {
        let event = AuditEvent::of(actor, act.into(), now_ms()).with_detail(act.as_str());
        self.note(AuditEvent { outcome: Outcome::Refused, study: study.cloned(), ..event });
        Forbidden { act }
    }

    /// Notes what no write goes with; it is written within a second.
    pub fn note(&self, event: AuditEvent) {
        self.notes.add(event);
    }

    /// Notes that so many instances of a study were read.
    pub(crate) fn note_read(&self, actor: &Actor, act: AuditedAct, study: &StudyInstanceUid, instances: usize) {
        self.note(AuditEvent::of(actor, act, now_ms()).about(study).counting(instances as u64));
    }

    /// The index for a permitted act: what is written with it is logged in the same transaction.
    pub(crate) fn recorded(&self, event: AuditEvent) -> Arc<dyn Index> {
        self.index.recording(event)
    }

    /// The index for a change of what runs the archive, which `detail` says in few words.
    pub(crate) fn administered(&self, actor: &Actor, detail: impl Into<String>) -> Arc<dyn Index> {
        self.recorded(AuditEvent::of(actor, AuditedAct::Administer, now_ms()).with_detail(detail))
    }

    /// Writes what is noted; `all` before the process ends.
    pub async fn write_notes(&self, all: bool) -> Result<(), ArchiveError> {
        let due = self.notes.due(now_ms(), all);
        if due.is_empty() {
            return Ok(());
        }
        let written = self.index.record(&due).await;
        if written.is_err() {
            for event in due {
                self.note(event);
            }
        }
        Ok(written?)
    }

    /// Writes what was stored since this was done last: who stored how many instances of which study.
    pub async fn sum_up_stores(&self) -> Result<(), ArchiveError> {
        while self.index.sum_up_stores(PAGE).await? > 0 {}
        Ok(())
    }

    /// Entries of the log with their places, last first.
    pub async fn audit_log(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<(i64, AuditEvent)>, ArchiveError> {
        self.permit(actor, Act::ReviewLog)?;
        self.note(AuditEvent::of(actor, AuditedAct::Administer, now_ms()).with_detail("audit log"));
        Ok(self.index.audit_log(filter, limit).await?)
    }

    /// Keeps outside the database how far the log is: an end that is cut off later is missed by that. Nothing if nothing was added
    /// since `last`.
    pub async fn anchor_log(&self, last: Option<&AuditHead>) -> Result<Option<AuditHead>, ArchiveError> {
        let Some(head) = self.index.audit_head().await? else { return Ok(None) };
        if last == Some(&head) {
            return Ok(None);
        }
        self.blobstore.put_audit_head(&head).await?;
        tracing::info!(audit.sequence = head.sequence, audit.digest = %head.digest, "the audit log is anchored");
        Ok(Some(head))
    }

    /// Goes along the whole log, and holds it against the places that were kept outside the database. Says how many entries and
    /// how many such places there are.
    pub async fn verify_log(&self, mut found: impl FnMut(AuditFault)) -> Result<(u64, u64), ArchiveError> {
        // Listed first: what is kept meanwhile is of entries that are there.
        let heads = self.blobstore.audit_heads().await?;
        let (kept, mut check, mut entries) = (heads.len() as u64, AuditCheck::against(heads), 0);
        loop {
            let (looked_at, faults) = self.index.check_audit_log(&mut check, PAGE).await?;
            faults.into_iter().for_each(&mut found);
            entries += looked_at;
            if looked_at == 0 {
                check.end().into_iter().for_each(&mut found);
                return Ok((entries, kept));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewed(at_ms: i64, count: u64) -> AuditEvent {
        AuditEvent::of(&Actor::Operator, AuditedAct::View, at_ms).counting(count)
    }

    #[test]
    fn what_is_read_over_and_over_is_written_at_once_and_then_together() {
        let (notes, later) = (Notes::default(), milliseconds(TOGETHER));
        notes.add(viewed(1_000, 2));
        notes.add(viewed(1_400, 3));
        assert_eq!(notes.due(1_500, false), [viewed(1_000, 5)]);
        notes.add(viewed(2_000, 1));
        notes.add(viewed(3_000, 1));
        assert_eq!(notes.due(3_500, false), []);
        assert_eq!(notes.due(1_500 + later, false), [viewed(2_000, 2)]);
        assert_eq!(notes.due(1_500 + 2 * later, false), []);
        assert!(notes.held().is_empty(), "what is not read any more is forgotten");
    }

    #[test]
    fn at_the_end_nothing_is_held_back() {
        let notes = Notes::default();
        notes.add(viewed(1_000, 1));
        assert_eq!(notes.due(1_500, false).len(), 1);
        notes.add(viewed(2_000, 1));
        notes.add(AuditEvent::of(&Actor::Operator, AuditedAct::Search, 2_100));
        assert_eq!(notes.due(2_200, true).len(), 2);
    }

    #[test]
    fn different_notes_are_bounded() {
        let notes = Notes::default();
        for number in 0..=MOST_NOTES {
            notes.add(viewed(1, 1).with_detail(number.to_string()));
        }
        assert_eq!(notes.held().len(), MOST_NOTES);
    }
}
