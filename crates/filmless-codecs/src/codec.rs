//! Which codec reads which transfer syntax, and the one place that calls them, to decode and to encode.

use filmless_model::uid::TransferSyntaxUid;

use crate::encoder::Encoder;
use crate::frame_spec::{DecodedFrame, EncodedFrame, FrameSpec};
use crate::{
    CodecError, deflated, jpeg, jpeg_baseline, jpeg_lossless, jpeg_ls, jpeg_xl, jpeg2000, jpeg2000_encoder,
    jpeg2000_high_throughput, rle,
};

/// A family of encapsulated transfer syntaxes that one decoder reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Native samples in one fragment a frame.
    EncapsulatedUncompressed,
    /// PS3.5 Annex G (Encapsulated RLE Compressed Images).
    Rle,
    /// PS3.5 A.4.13 (Deflated Image Frame Compression).
    DeflatedImageFrame,
    /// JPEG baseline, extended and lossless (ISO/IEC 10918-1).
    Jpeg,
    /// JPEG-LS (ISO/IEC 14495-1).
    JpegLs,
    /// JPEG 2000 (ISO/IEC 15444-1).
    Jpeg2000,
    /// High-Throughput JPEG 2000 (ISO/IEC 15444-15).
    Htj2k,
    /// JPEG XL (ISO/IEC 18181-1).
    JpegXl,
}

impl Codec {
    /// The codec of a transfer syntax; `None` for native ones and for those nobody here decodes (video, JPIP).
    pub fn of(transfer_syntax: &TransferSyntaxUid) -> Option<Self> {
        let suffix = transfer_syntax.as_str().strip_prefix("1.2.840.10008.1.2.")?;
        Some(match suffix {
            "1.98" => Self::EncapsulatedUncompressed,
            "5" => Self::Rle,
            "8.1" => Self::DeflatedImageFrame,
            "4.50" | "4.51" | "4.57" | "4.70" => Self::Jpeg,
            "4.80" | "4.81" => Self::JpegLs,
            "4.90" | "4.91" => Self::Jpeg2000,
            "4.201" | "4.202" | "4.203" => Self::Htj2k,
            "4.110" | "4.111" | "4.112" => Self::JpegXl,
            _ => return None,
        })
    }

    /// Whether it runs in a worker process. The others are a few lines of safe Rust in this crate, linear in their input.
    pub fn needs_worker(self) -> bool {
        !matches!(self, Self::EncapsulatedUncompressed | Self::Rle | Self::DeflatedImageFrame)
    }
}

/// Decodes in this thread and process. The caller has put what it needs around it.
pub(crate) fn decode_here(spec: &FrameSpec, codestream: &[u8], max_decoded_bytes: u64) -> Result<DecodedFrame, CodecError> {
    let length = spec.check(max_decoded_bytes)?;
    let Some(codec) = Codec::of(&spec.transfer_syntax) else {
        return Err(CodecError::Unsupported(format!("transfer syntax {}", spec.transfer_syntax)));
    };
    let frame = match codec {
        Codec::EncapsulatedUncompressed => deflated::native(spec, codestream),
        Codec::DeflatedImageFrame => deflated::decode(spec, codestream),
        Codec::Rle => rle::decode(spec, codestream),
        Codec::Jpeg => jpeg::decode(spec, codestream, max_decoded_bytes),
        Codec::JpegLs => jpeg_ls::decode(spec, codestream),
        Codec::Jpeg2000 => jpeg2000::decode(spec, codestream),
        Codec::Htj2k => jpeg2000::decode_high_throughput(spec, codestream),
        Codec::JpegXl => jpeg_xl::decode(spec, codestream, max_decoded_bytes),
    }?;
    if frame.samples.len() != length {
        return Err(CodecError::Mismatch(format!("{} bytes decoded, {length} expected", frame.samples.len())));
    }
    Ok(frame)
}

/// Encodes in this thread and process, into the transfer syntax of the description. The caller has put what it needs around it.
///
/// `samples` are as a decoder gives them: little endian, colour by pixel.
pub(crate) fn encode_here(spec: &FrameSpec, samples: &[u8], max_decoded_bytes: u64) -> Result<EncodedFrame, CodecError> {
    let length = spec.check(max_decoded_bytes)?;
    let encoder = Encoder::of(&spec.transfer_syntax)
        .ok_or_else(|| CodecError::Unsupported(format!("into transfer syntax {}", spec.transfer_syntax)))?;
    encoder.check(spec)?;
    let samples = samples.get(..length);
    let samples = samples.ok_or_else(|| CodecError::Mismatch(format!("less than {length} bytes to encode")))?;
    let codestream = match encoder {
        Encoder::DeflatedImageFrame => Ok(deflated::encode(spec, samples)),
        Encoder::Rle => rle::encode(spec, samples),
        Encoder::JpegLossless => jpeg_lossless::encode(spec, samples),
        Encoder::JpegLsLossless => jpeg_ls::encode(spec, samples),
        Encoder::JpegBaseline => jpeg_baseline::encode(spec, samples),
        Encoder::JpegLsNearLossless => jpeg_ls::encode_near(spec, samples),
        Encoder::Jpeg2000Lossless => jpeg2000_encoder::encode(spec, samples),
        Encoder::Jpeg2000 => jpeg2000_encoder::encode_near(spec, samples),
        Encoder::JpegXlLossless => jpeg_xl::encode(spec, samples, max_decoded_bytes),
        Encoder::Htj2kLossless | Encoder::Htj2kLosslessRpcl | Encoder::Htj2k => {
            jpeg2000_high_throughput::encode(spec, samples, encoder)
        }
    }?;
    Ok(EncodedFrame { codestream, photometric: encoder.photometric(spec.photometric) })
}
