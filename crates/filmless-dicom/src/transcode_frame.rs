//! One frame in another transfer syntax: decoded as far as it must be, and encoded.

use bytes::Bytes;
use filmless_codecs::{Codecs, Photometric};
use filmless_model::uid::TransferSyntaxUid;

use crate::native_pixels::NativeWriter;
use crate::pixel::{
    ByteOrder, PixelDescription, PixelError, Samples, decode_all_bits, decode_frame, native_byte_order, swap_bytes,
};
use crate::target_syntax::TargetSyntax;

/// A frame in the bytes it has in another transfer syntax. Native single bits still take a byte each.
pub(crate) struct Encoded {
    pub(crate) description: PixelDescription,
    pub(crate) bytes: Bytes,
}

impl Encoded {
    /// How many times more bytes its samples would take (PS3.3 C.7.6.1.1.5.2, Lossy Image Compression Ratio).
    pub(crate) fn ratio(&self) -> f64 {
        let bits = u32::try_from(self.description.native_frame_bits() / 8).map_or(f64::MAX, f64::from);
        bits / u32::try_from(self.bytes.len()).map_or(f64::MAX, f64::from).max(1.0)
    }
}

/// Makes the bytes of one frame.
pub(crate) async fn encoded(
    codecs: &Codecs,
    description: &PixelDescription,
    transfer_syntax: &TransferSyntaxUid,
    frame: Bytes,
    target: TargetSyntax,
) -> Result<Encoded, PixelError> {
    let Some(encoder) = target.encoder() else {
        return native(codecs, description, transfer_syntax, frame).await;
    };
    let samples = if encoder.keeps_all_bits() {
        decode_all_bits(codecs, description, transfer_syntax, frame).await?
    } else {
        decode_frame(codecs, description, transfer_syntax, frame).await?
    };
    // Single bits have a byte each, but stay single bits.
    let bits_allocated = if description.bits_allocated == 1 { 1 } else { samples.description.bits_allocated };
    let before = PixelDescription { bits_allocated, ..samples.description };
    let frame = codecs.encode(&before.frame_spec(&target.transfer_syntax()), samples.bytes.into()).await?;
    let description = PixelDescription { photometric: frame.photometric, ..before };
    Ok(Encoded { description, bytes: frame.codestream.into() })
}

/// Native frames stay as they are but for the byte order: no plane is moved, no left-out sample filled in.
async fn native(
    codecs: &Codecs,
    description: &PixelDescription,
    transfer_syntax: &TransferSyntaxUid,
    frame: Bytes,
) -> Result<Encoded, PixelError> {
    let order = native_byte_order(transfer_syntax).filter(|_| description.bits_allocated > 1);
    if let Some(order) = order {
        let mut description = description.clone();
        // Some frames have all chroma samples though their label says half of them.
        let full = description.native_frame_bits() / 8;
        if description.photometric == Photometric::YbrFull422 && description.samples_per_pixel == 3 && frame.len() as u64 >= full
        {
            description.photometric = Photometric::YbrFull;
        }
        let bytes = match order {
            ByteOrder::Little => frame,
            ByteOrder::Big => {
                let mut bytes = frame.to_vec();
                swap_bytes(&mut bytes, usize::from(description.bits_allocated.div_ceil(8)));
                bytes.into()
            }
        };
        return Ok(Encoded { description, bytes });
    }
    let Samples { description: mut after, bytes } = decode_all_bits(codecs, description, transfer_syntax, frame).await?;
    if description.bits_allocated == 1 {
        after.bits_allocated = 1;
    }
    Ok(Encoded { description: after, bytes: bytes.into() })
}

/// One frame as another transfer syntax has it, and what its pixels are then. Single bits are packed from the lowest.
pub async fn transcode_frame(
    codecs: &Codecs,
    description: &PixelDescription,
    transfer_syntax: &TransferSyntaxUid,
    frame: Bytes,
    target: TargetSyntax,
) -> Result<(Bytes, PixelDescription), PixelError> {
    let frame = encoded(codecs, description, transfer_syntax, frame, target).await?;
    let description = frame.description.clone();
    if target.encoder().is_some() {
        return Ok((frame.bytes, description));
    }
    let mut writer = NativeWriter::new(frame.description.clone(), 1)?;
    let mut bytes = writer.frame(frame, 1)?;
    bytes.extend(writer.last_bits());
    Ok((bytes.into(), description))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel::tests::header;

    #[tokio::test]
    async fn rle_becomes_native() {
        let rle = TransferSyntaxUid::parse("1.2.840.10008.1.2.5").expect("a UID");
        let codecs = Codecs::new(filmless_codecs::CodecLimits::default());
        let description = PixelDescription::from_header(&header("MONOCHROME2", 1, 4, 8, 8)).expect("whole");
        let mut frame = vec![1, 0, 0, 0, 64];
        frame.resize(64, 0);
        frame.extend([253, 9]);
        let target = TargetSyntax::ExplicitVrLittleEndian;
        let transcoded = transcode_frame(&codecs, &description, &rle, frame.into(), target).await;
        assert_eq!(*transcoded.expect("good").0, [9, 9, 9, 9]);
    }
}
