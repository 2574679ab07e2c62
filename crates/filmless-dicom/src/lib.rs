//! filmless-dicom
