//! The store act: permission, bytes, digest, durability, row, success, in this order.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use filmless_dicom::file_meta::FileMeta;
use filmless_index::{IndexError, Origin, VersionCommit};
use filmless_model::actor::{Act, Actor};
use filmless_model::record::InstanceVersion;
use filmless_model::store_outcome::{StoreEffect, StoreFailure, Stored};
use filmless_model::uid::StudyInstanceUid;
use futures::FutureExt as _;

use crate::archive::Archive;
use crate::authorize::{is_annotation, may};
use crate::carried_through::CarriedThrough;
use crate::clock::now_ms;
use crate::intake::{Announced, Intake, Taken};

impl Archive {
    /// Begins to store a data set that a command has named (C-STORE). One that turns out to be another is refused. It is
    /// coerced as the rules of the peer say.
    pub async fn begin_store_data_set(self: &Arc<Self>, actor: &Actor, meta: FileMeta) -> Result<Incoming, StoreFailure> {
        let mut incoming = self.begin_store(actor, Announced::DataSet(meta), None)?;
        let rules = self.coercions.of(&*self.index, actor).await.map_err(|error| unavailable(&error))?;
        incoming.intake = incoming.intake.map(|intake| Box::new(intake.coerced(rules)));
        Ok(incoming)
    }

    /// Begins to store a DICOM file (STOW-RS, import), of `study` only if one is given.
    pub fn begin_store_file(self: &Arc<Self>, actor: &Actor, study: Option<StudyInstanceUid>) -> Result<Incoming, StoreFailure> {
        self.begin_store(actor, Announced::File, study)
    }

    fn begin_store(
        self: &Arc<Self>,
        actor: &Actor,
        announced: Announced,
        study: Option<StudyInstanceUid>,
    ) -> Result<Incoming, StoreFailure> {
        // Whether an account that may not store adds to a study is known once its instance is there.
        if !may(actor, Act::Annotate) {
            self.permit(actor, Act::Store).map_err(|_| StoreFailure::NotAuthorised)?;
        }
        let limits = &self.limits;
        let intake = Intake::new(self.blobstore.stage(), announced, limits.header.clone(), limits.max_instance_bytes);
        Ok(Incoming { archive: self.clone(), actor: actor.clone(), study, intake: Some(Box::new(intake)) })
    }

    /// Makes a complete instance durable, then visible.
    async fn commit(&self, actor: &Actor, study: Option<StudyInstanceUid>, taken: Taken) -> Result<Stored, StoreFailure> {
        let Taken { sealed, header, transfer_syntax, data_set_offset, coercion } = taken;
        let address = header.record.address.clone();
        let warnings = header.warnings;
        if study.is_some_and(|study| study != address.study) {
            return Err(StoreFailure::DataSetDoesNotMatch("Study Instance UID is not the request's".to_owned()));
        }
        let (digest, length_bytes) = (sealed.digest(), sealed.length_bytes());
        let known = match self.index.expected(&header.record) {
            Some(known) => known,
            None => timed("know", self.index.known(&header.record, &digest)).await.map_err(|error| unavailable(&error))?,
        };
        let annotates = known.has_study() && is_annotation(&header.record.sop_class);
        let is_permitted = may(actor, Act::Store) || (annotates && may(actor, Act::Annotate));
        if !is_permitted {
            self.refused(actor, Act::Store, Some(&address.study));
            return Err(StoreFailure::NotAuthorised);
        }
        if let Some((version, address)) = known.same_bytes {
            return Ok(Stored { address, version, effect: StoreEffect::AlreadyStored, warnings });
        }

        let published = timed("publish", self.blobstore.publish(sealed)).await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot publish an instance");
            StoreFailure::OutOfResources("cannot write to the store".to_owned())
        })?;
        let version = InstanceVersion {
            id: published.version(),
            digest,
            length_bytes,
            transfer_syntax,
            data_set_offset,
            frames: header.frames,
            source: actor.source(),
            stored_ms: now_ms(),
            coercion,
        };
        let may_replace = may(actor, Act::Replace);
        let (record, dicom_json) = (header.record, header.dicom_json);
        let commit = VersionCommit { record, version, dicom_json, may_replace, origin: Origin::Arrived, known };
        // After an error the commit may have happened all the same (a connection lost at the last moment), so the
        // blob stays; its line in the ledger lets recovery decide once the database answers.
        let committed = timed("commit", self.index.commit_version(commit)).await.map_err(|error| unavailable(&error))?;
        if committed.version == published.version() {
            published.settle();
        } else if let Err(error) = self.blobstore.withdraw(published).await {
            // The same bytes were stored a moment ago by another association, or deleted but still kept.
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot withdraw a blob; recovery will");
        }
        if let Some(change) = committed.change {
            self.announce(change);
        }
        metrics::counter!("filmless_stored_total", "effect" => format!("{:?}", committed.effect)).increment(1);
        Ok(Stored { address: committed.address, version: committed.version, effect: committed.effect, warnings })
    }
}

/// An instance that is arriving. Dropping it discards what came.
pub struct Incoming {
    archive: Arc<Archive>,
    actor: Actor,
    study: Option<StudyInstanceUid>,
    /// Absent once it failed.
    intake: Option<Box<Intake>>,
}

impl Incoming {
    /// Takes the next bytes. After a failure nothing more is wanted; drop it.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StoreFailure> {
        /// So much is hashed and parsed at a time on an async thread. Handing it to another thread would cost more.
        const PIECE_BYTES: usize = 256 << 10;
        let mut intake = self.intake.take().ok_or_else(already_failed)?;
        for (n, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
            if n > 0 {
                tokio::task::yield_now().await;
            }
            intake.push(piece)?;
            if intake.is_full() {
                intake = spill(intake).await?;
            }
        }
        self.intake = Some(intake);
        Ok(())
    }

    /// Ends the instance. Success means: durable, committed, and found by the next search.
    pub async fn finish(mut self) -> Result<Stored, StoreFailure> {
        let taken = self.intake.take().ok_or_else(already_failed)?.finish()?;
        // A door may stop waiting for us at any point; what has begun to become durable is carried through.
        let archive = self.archive.clone();
        let (actor, study) = (self.actor.clone(), self.study.take());
        let committing = AssertUnwindSafe(async move { archive.commit(&actor, study, taken).await }).catch_unwind();
        CarriedThrough::new(committing).await.unwrap_or_else(|_| {
            tracing::error!("storing an instance panicked");
            Err(StoreFailure::OutOfResources("internal error".to_owned()))
        })
    }
}

/// Waits for a step of a store and notes how long it took.
async fn timed<T>(step: &'static str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let done = work.await;
    metrics::histogram!("filmless_store_step_seconds", "step" => step).record(started.elapsed());
    done
}

async fn spill(mut intake: Box<Intake>) -> Result<Box<Intake>, StoreFailure> {
    let spilled = tokio::task::spawn_blocking(move || intake.spill().map(|()| intake)).await;
    spilled.unwrap_or_else(|error| {
        tracing::error!(%error, "staging an instance panicked");
        Err(StoreFailure::OutOfResources("internal error".to_owned()))
    })
}

fn already_failed() -> StoreFailure {
    StoreFailure::CannotUnderstand("the data set failed before its end".to_owned())
}

fn unavailable(error: &IndexError) -> StoreFailure {
    tracing::error!(error = error as &dyn std::error::Error, "cannot commit an instance");
    StoreFailure::OutOfResources("the database does not answer".to_owned())
}
