//! The delete act: gone from sight at once, restorable for a time, then destroyed.
//!
//! Deleting moves no bytes. Destroying gives a copy's row up first, then removes the bytes, then says so: whatever
//! interrupts it, no row that is served or can be restored is without bytes, and the next run knows what is left to do.

use std::sync::Arc;
use std::time::Duration;

use filmless_blobstore::key::BlobKey;
use filmless_dicom::coercion;
use filmless_dicom::header::{Header, HeaderReader};
use filmless_index::{Deleted, DeletionOrder, Origin, VersionCommit};
use filmless_model::actor::{Act, Actor};
use filmless_model::address::Resource;
use filmless_model::audit::{AuditEvent, AuditedAct};
use filmless_model::deletion::{DeletedVersion, Deletion};
use filmless_model::record::InstanceVersion;
use futures::TryStreamExt;

use crate::archive::{Archive, ArchiveError};
use crate::clock::{milliseconds, now_ms};

/// Which part of a study is meant.
fn below_study(resource: &Resource) -> String {
    match resource {
        Resource::Study(_) => "study".to_owned(),
        Resource::Series(address) => format!("series {}", address.series),
        Resource::Instance(address) => format!("instance {}", address.instance),
    }
}

/// Copies destroyed or restored together.
const BATCH: u32 = 100;
/// So much is parsed at a time on an async thread, as when it arrived.
const PIECE_BYTES: usize = 256 << 10;

impl Archive {
    /// Deletes a study, series or instance, with every kept copy of its instances.
    pub async fn delete(&self, actor: &Actor, resource: &Resource) -> Result<Deleted, ArchiveError> {
        self.permit_on(actor, Act::Delete, resource.study())?;
        let order = DeletionOrder { resource: resource.clone(), deleted_by: actor.name(), at_ms: now_ms() };
        let event =
            AuditEvent::of(actor, AuditedAct::Delete, order.at_ms).about(resource.study()).with_detail(below_study(resource));
        let deleted = self.recorded(event).delete(&order).await?.ok_or(ArchiveError::NotFound)?;
        let (by, study) = (order.deleted_by.as_str(), resource.study().as_str());
        let (deletion, instances) = (deleted.key, deleted.instances);
        tracing::info!(deletion, by, study.uid = study, instances, "deleted; it can be restored for a time");
        if let Some(change) = deleted.change {
            self.announce(change);
        }
        Ok(deleted)
    }

    /// What was deleted, newest first.
    pub async fn deletions(&self, actor: &Actor, limit: u32) -> Result<Vec<Deletion>, ArchiveError> {
        self.permit(actor, Act::Delete)?;
        Ok(self.index.deletions(limit).await?)
    }

    /// Takes a deletion back, as far as it is not destroyed, and says how many copies are kept again. Where another
    /// version of an instance came since, that one stays and the restored one is listed as a conflict. The source of the
    /// copy that is served again counts as the one that stored the instance first. A copy that cannot
    /// be restored keeps no other from it; the error then is the first one's.
    ///
    /// Goes on when the caller goes away; a restore that was interrupted is continued by another one.
    pub async fn restore(self: &Arc<Self>, actor: &Actor, deletion: i64) -> Result<u64, ArchiveError> {
        self.permit(actor, Act::Delete)?;
        // Before it begins: it is done piece by piece, and goes on if we do not.
        let event = AuditEvent::of(actor, AuditedAct::Restore, now_ms()).with_detail(format!("deletion {deletion}"));
        self.index.record(&[event]).await?;
        let archive = self.clone();
        let restoring = tokio::spawn(async move { archive.restore_all(deletion).await });
        let restored = restoring.await.unwrap_or_else(|error| Err(ArchiveError::Damaged(error.to_string())))?;
        tracing::info!(deletion, by = actor.name(), restored, "restored what was deleted");
        Ok(restored)
    }

    async fn restore_all(&self, deletion: i64) -> Result<u64, ArchiveError> {
        let (mut restored, mut failure, mut after) = (0, None, 0);
        loop {
            let versions = self.index.deleted_versions(deletion, after, BATCH).await?;
            let Some(last) = versions.last() else { break };
            after = last.key;
            for version in versions {
                let id = version.version.id;
                match self.restore_version(version).await {
                    Ok(()) => restored += 1,
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, deletion, version = %id, "cannot restore a copy");
                        failure.get_or_insert(error);
                    }
                }
            }
        }
        match failure {
            Some(error) => Err(error),
            None if restored == 0 => Err(ArchiveError::NotFound),
            None => Ok(restored),
        }
    }

    /// The attributes are read from the bytes again, and coerced as they were when they came.
    async fn restore_version(&self, deleted: DeletedVersion) -> Result<(), ArchiveError> {
        if !deleted.was_served {
            return Ok(self.index.keep_again(deleted.version.id).await?);
        }
        let version = deleted.version;
        let header = self.header_of(&version).await?;
        let known = self.index.known(&header.record, &version.digest).await?;
        let (record, dicom_json) = (header.record, header.dicom_json);
        let commit = VersionCommit { record, version, dicom_json, may_replace: false, origin: Origin::Deleted, known };
        if let Some(change) = self.index.commit_version(commit).await?.change {
            self.announce(change);
        }
        Ok(())
    }

    async fn header_of(&self, version: &InstanceVersion) -> Result<Header, ArchiveError> {
        let damaged = |error: filmless_dicom::header::HeaderError| ArchiveError::Damaged(error.to_string());
        let mut before_data_set = version.data_set_offset;
        let mut reader = HeaderReader::new(&version.transfer_syntax, version.data_set_offset, self.limits.header.clone());
        if let Some(coercion) = &version.coercion {
            reader = reader.gathering(coercion.character_set, Arc::default());
        }
        let mut bytes = self.blobstore.get_stream(&BlobKey::Instance(version.id), None).await?;
        while let Some(piece) = bytes.try_next().await? {
            let skipped = usize::try_from(before_data_set).map_or(piece.len(), |skip| skip.min(piece.len()));
            before_data_set -= skipped as u64;
            for part in piece.slice(skipped..).chunks(PIECE_BYTES) {
                reader.push(part).map_err(damaged)?;
                tokio::task::yield_now().await;
            }
        }
        let mut header = reader.finish().map_err(damaged)?;
        if let Some(coercion) = &version.coercion {
            coercion::show(&mut header, coercion, &self.limits.header).map_err(damaged)?;
        }
        Ok(header)
    }

    /// Destroys what was deleted longer ago than `keep`, and says how many copies that were. May be stopped anywhere.
    pub async fn destroy_deleted(&self, keep: Duration) -> Result<u64, ArchiveError> {
        let before_ms = now_ms().saturating_sub(milliseconds(keep));
        let mut destroyed = 0;
        loop {
            let versions = self.index.begin_to_destroy(before_ms, BATCH).await?;
            if versions.is_empty() {
                return Ok(destroyed);
            }
            for version in &versions {
                self.blobstore.delete(&BlobKey::Instance(*version)).await?;
            }
            self.index.end_to_destroy(&versions).await?;
            destroyed += versions.len() as u64;
        }
    }
}
