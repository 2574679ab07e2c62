//! What the bytes of an instance mean: header, text, DICOM JSON, frames, pixels.
//!
//! Reading is by push: bytes come as they arrive from a peer and are never held as a whole. Nothing here does I/O.
//! What is stored is never re-encoded.

pub mod file_meta;

pub mod header;

pub mod text;

pub mod json;

pub mod json_attributes;

pub mod compose;

pub mod dictionary;

pub mod dicomdir;

pub mod comparable;

pub mod match_key;

pub mod identifier;

pub mod remote_search;

pub mod performed_step;

pub mod commitment;

pub mod availability;

pub mod person_name;

pub mod order_file;

pub mod further;

pub mod condition;

mod wild_card;

pub mod coercion;

pub mod data_set;

mod frames;

pub mod pixel;

pub mod lut;

pub mod spacing;

pub mod loss;

pub mod render;

mod canvas;

mod lettering;

pub mod icon;

pub mod presentation;

mod annotation;

mod text_object;

mod shutter;

pub mod report;

pub mod waveform;

pub mod target_syntax;

pub mod transcode;

pub mod transcode_frame;

mod derivation;

mod transcode_header;

mod element_header;

mod native_pixels;

mod encapsulated_pixels;

#[cfg(test)]
mod test_objects;

mod deflated_data_set;
