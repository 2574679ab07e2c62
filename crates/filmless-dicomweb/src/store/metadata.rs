//! Documents of metadata: reading them costs time, so it leaves the async threads.

use filmless_dicom::compose::{Budget, ComposeLimits, DataSet, MetadataError, read_json};

use crate::dicom_xml::reader::read_document;
use crate::problem::Problem;

/// The model that a document is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Model {
    /// The DICOM JSON Model: an array of data sets.
    Json,
    /// The Native DICOM Model: one data set.
    Xml,
}

/// Reads a document. The outer error is ours, the inner one the document's.
pub(super) async fn read(model: Model, document: Vec<u8>) -> Result<Result<Vec<DataSet>, MetadataError>, Problem> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut budget = Budget::new(ComposeLimits::default());
        match model {
            Model::Json => read_json(&document, &mut budget),
            Model::Xml => read_document(&document, &mut budget).map(|data_set| vec![data_set]),
        }
    });
    reading.await.map_err(|error| {
        tracing::error!(%error, "reading metadata panicked");
        Problem::Internal
    })
}
