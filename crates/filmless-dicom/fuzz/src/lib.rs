//! What fuzz targets share: a Part 10 file of any bytes as the data set that readers of documents begin with.

use dicom_object::InMemDicomObject;
use filmless_dicom::data_set::read_header;
use filmless_dicom::file_meta::FileMetaReader;

/// The data set of a file, if it is one.
pub fn data_set(file: &[u8]) -> Option<InMemDicomObject> {
    let mut meta = FileMetaReader::new();
    let start = match meta.push(file).ok()? {
        Some(start) => start,
        None => meta.finish().ok()?,
    };
    read_header(&start.rest, &start.transfer_syntax).ok()
}
