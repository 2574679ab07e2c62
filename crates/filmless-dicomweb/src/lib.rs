//! filmless-dicomweb
