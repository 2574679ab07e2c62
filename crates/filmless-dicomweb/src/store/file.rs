//! A part that is a DICOM file: it goes to the archive as it comes.

use std::sync::Arc;

use bytes::Bytes;
use filmless_archive::Archive;
use filmless_archive::store::Incoming;
use filmless_dicom::file_meta::FileMetaReader;
use filmless_model::actor::Actor;
use filmless_model::store_outcome::{StoreFailure, Stored};
use filmless_model::uid::{SopClassUid, SopInstanceUid, StudyInstanceUid};

use crate::store::response::{Failed, Outcome};

/// One file on its way in. After a failure its further bytes are read and dropped, so that the next part is found.
pub(super) struct ArrivingFile {
    state: Result<Incoming, Failed>,
    name: Name,
}

/// Which instance a part says it is, for the answer if it fails.
enum Name {
    Reading(FileMetaReader),
    Known(Option<SopClassUid>, Option<SopInstanceUid>),
}

impl ArrivingFile {
    /// Begins to store what comes for an actor, of `study` only if one is given.
    pub(super) fn begin(archive: &Arc<Archive>, actor: &Actor, study: Option<StudyInstanceUid>) -> Self {
        let incoming = archive.begin_store_file(actor, study);
        Self { state: incoming.map_err(Failed::from), name: Name::Reading(FileMetaReader::new()) }
    }

    pub(super) async fn write(&mut self, bytes: Bytes) {
        if let Name::Reading(reader) = &mut self.name {
            match reader.push(&bytes) {
                Ok(None) => {}
                Ok(Some(start)) => self.name = Name::Known(start.sop_class, start.sop_instance),
                Err(_) => self.name = Name::Known(None, None),
            }
        }
        let Ok(incoming) = &mut self.state else { return };
        if let Err(failure) = incoming.write(bytes).await {
            self.state = Err(failure.into());
        }
    }

    pub(super) async fn finish(self) -> Outcome {
        let result: Result<Stored, Failed> = match self.state {
            Ok(incoming) => incoming.finish().await.map_err(|failure: StoreFailure| failure.into()),
            Err(failed) => Err(failed),
        };
        let (sop_class, sop_instance) = match self.name {
            Name::Known(sop_class, sop_instance) => (sop_class, sop_instance),
            Name::Reading(_) => (None, None),
        };
        match result {
            Ok(stored) => Outcome::Stored { sop_class, stored },
            Err(failed) => Outcome::Failed { sop_class, sop_instance, failed },
        }
    }
}
