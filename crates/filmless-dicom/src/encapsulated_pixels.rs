//! Encapsulated pixels: a sequence of fragments, one a frame (PS3.5 section A.4, Transfer Syntaxes For Encapsulation of
//! Encoded Pixel Data).
//!
//! The Basic Offset Table stays empty: where a frame will begin is not known until all before it are encoded.

use dicom_core::VR;
use filmless_model::attribute::Tag;

use crate::element_header::{put_header, put_item};
use crate::header::{Encoding, ITEM, SEQUENCE_DELIMITER, UNDEFINED};
use crate::pixel::{PixelDescription, PixelError};
use crate::transcode_frame::Encoded;

/// Writes the frames of one instance.
pub(crate) struct EncapsulatedWriter {
    description: PixelDescription,
}

impl EncapsulatedWriter {
    pub(crate) fn new(description: PixelDescription) -> Self {
        Self { description }
    }

    /// The element header and the empty offset table.
    pub(crate) fn begin(out: &mut Vec<u8>) {
        put_header(out, Tag(0x7FE0, 0x0010), VR::OB, UNDEFINED);
        put_item(Encoding::EXPLICIT_LITTLE, out, ITEM, 0);
    }

    /// The fragment of one frame.
    pub(crate) fn frame(&self, frame: &Encoded, number: u32) -> Result<Vec<u8>, PixelError> {
        if frame.description != self.description {
            return Err(PixelError::Unsupported(format!("frame {number}, whose pixels are unlike those of the first")));
        }
        let padded = frame.bytes.len().next_multiple_of(2);
        let length = u32::try_from(padded).ok().filter(|length| *length < UNDEFINED);
        let length = length.ok_or(PixelError::TooLarge { bytes: padded as u64 })?;
        let mut out = Vec::with_capacity(padded + 8);
        put_item(Encoding::EXPLICIT_LITTLE, &mut out, ITEM, length);
        out.extend_from_slice(&frame.bytes);
        out.resize(padded + 8, 0);
        Ok(out)
    }

    /// The delimiter behind the last.
    pub(crate) fn finish() -> Vec<u8> {
        let mut out = Vec::new();
        put_item(Encoding::EXPLICIT_LITTLE, &mut out, SEQUENCE_DELIMITER, 0);
        out
    }
}
