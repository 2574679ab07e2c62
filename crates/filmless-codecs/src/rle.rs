//! RLE Lossless: PS3.5 Annex G (Encapsulated RLE Compressed Images).

use crate::CodecError;
use crate::deflated::native;
use crate::frame_spec::{DecodedFrame, FrameSpec};

/// PS3.5 G.5 (The RLE Header): the number of segments and fifteen offsets.
const HEADER_LENGTH: usize = 64;

/// One segment a byte of the sample and sample of the pixel, most significant byte first (PS3.5 G.2, Byte Segments).
///
/// Segmentations of single bits are met with eight pixels a byte, as native ones are packed, and with one.
pub(crate) fn decode(spec: &FrameSpec, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
    let header: &[u8; HEADER_LENGTH] =
        codestream.first_chunk().ok_or_else(|| CodecError::Corrupt("RLE header is cut short".into()))?;
    let mut numbers = header.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
    let count = usize::try_from(numbers.next().unwrap_or(0)).unwrap_or(usize::MAX);
    let sample_bytes = to_usize(spec.sample_bytes());
    let segments = usize::from(spec.samples_per_pixel) * sample_bytes;
    if count != segments {
        return Err(CodecError::Mismatch(format!("{count} RLE segments, {segments} expected")));
    }
    let offsets: Vec<usize> = numbers.take(count).map(|offset| to_usize(u64::from(offset))).collect();
    if offsets.len() != count {
        return Err(CodecError::Unsupported("more than fifteen RLE segments".into()));
    }

    let pixels = to_usize(spec.pixels());
    let mut samples = vec![0; pixels * segments];
    let mut segment = vec![0; pixels];
    for (number, &start) in offsets.iter().enumerate() {
        let end = offsets.iter().copied().filter(|&other| other > start).min().unwrap_or(codestream.len());
        let bytes = codestream.get(start..end.min(codestream.len())).filter(|_| start >= HEADER_LENGTH);
        let bytes = bytes.ok_or_else(|| CodecError::Corrupt("RLE segment lies outside the frame".into()))?;
        let filled = unpack_bits(bytes, &mut segment)?;
        if spec.bits_allocated == 1 && filled == pixels.div_ceil(8) {
            return native(spec, &segment[..filled]);
        }
        if filled < pixels {
            return Err(CodecError::Corrupt("RLE segment ends too early".into()));
        }
        // Segments go from the most significant byte; samples are written from the least.
        let (sample, byte) = (number / sample_bytes, number % sample_bytes);
        let at = sample * sample_bytes + (sample_bytes - 1 - byte);
        for (pixel, &value) in samples.chunks_exact_mut(segments).zip(&segment) {
            pixel[at] = value;
        }
    }
    Ok(DecodedFrame { samples, bits_allocated: spec.bits_allocated.max(8), photometric: spec.photometric })
}

/// PS3.5 G.3.2 (The RLE decoder). Fills `out` as far as the segment goes and says how far; stops when it is full, because
/// what follows is padding.
fn unpack_bits(mut bytes: &[u8], out: &mut [u8]) -> Result<usize, CodecError> {
    let mut filled = 0;
    while filled < out.len() {
        let Some((&control, rest)) = bytes.split_first() else { break };
        bytes = rest;
        let room = out.len() - filled;
        match control {
            0..=127 => {
                let literal = usize::from(control) + 1;
                let take = literal.min(room);
                // A lone zero pads a segment to even length.
                let Some(values) = bytes.get(..take) else {
                    if bytes.is_empty() && control == 0 {
                        break;
                    }
                    return Err(CodecError::Corrupt("RLE literal run is cut short".into()));
                };
                out[filled..filled + take].copy_from_slice(values);
                bytes = bytes.get(literal..).unwrap_or_default();
                filled += take;
            }
            128 => {}
            129..=255 => {
                let Some((&value, rest)) = bytes.split_first() else {
                    return Err(CodecError::Corrupt("RLE replicate run is cut short".into()));
                };
                bytes = rest;
                let take = (257 - usize::from(control)).min(room);
                out[filled..filled + take].fill(value);
                filled += take;
            }
        }
    }
    Ok(filled)
}

/// A segment for each byte of the sample, most significant first, sample by sample.
pub(crate) fn encode(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let sample_bytes = to_usize(spec.sample_bytes());
    let segments = usize::from(spec.samples_per_pixel) * sample_bytes;
    let mut out = u32::try_from(segments).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    out.resize(HEADER_LENGTH, 0);
    for number in 0..segments {
        let offset = u32::try_from(out.len()).map_err(|_| CodecError::Encoding("RLE offsets have 32 bits".into()))?;
        let place = out.get_mut(4 + 4 * number..8 + 4 * number).filter(|_| number < HEADER_LENGTH / 4 - 1);
        place
            .ok_or_else(|| CodecError::Unsupported("more than fifteen RLE segments".into()))?
            .copy_from_slice(&offset.to_le_bytes());
        let at = number / sample_bytes * sample_bytes + (sample_bytes - 1 - number % sample_bytes);
        let segment: Vec<u8> = samples.iter().skip(at).step_by(segments).copied().collect();
        // PS3.5 G.3.1 (The RLE encoder): no run crosses the end of a row.
        for row in segment.chunks(usize::from(spec.columns)) {
            pack_bits(row, &mut out);
        }
        out.resize(out.len().next_multiple_of(2), 0);
    }
    Ok(out)
}

/// PS3.5 G.3.1 (The RLE encoder).
fn pack_bits(mut row: &[u8], out: &mut Vec<u8>) {
    const LONGEST: usize = 128;
    while let Some(first) = row.first() {
        let run = row.iter().take(LONGEST).take_while(|value| *value == first).count();
        // Two alike pay only where no literal run is interrupted.
        let is_run = run > 2 || run == row.len() && run > 1;
        let length = if is_run {
            out.extend([u8::try_from(257 - run).unwrap_or(0), *first]);
            run
        } else {
            let next = row.windows(3).position(|three| three[0] == three[1] && three[1] == three[2]);
            let literal = next.unwrap_or(row.len()).min(LONGEST);
            out.push(u8::try_from(literal - 1).unwrap_or(0));
            out.extend_from_slice(&row[..literal]);
            literal
        };
        row = &row[length..];
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_spec::tests::spec;

    fn frame(segments: &[&[u8]]) -> Vec<u8> {
        let mut out = u32::try_from(segments.len()).expect("few").to_le_bytes().to_vec();
        let mut offset = HEADER_LENGTH;
        for segment in segments {
            out.extend(u32::try_from(offset).expect("small").to_le_bytes());
            offset += segment.len();
        }
        out.resize(HEADER_LENGTH, 0);
        out.extend(segments.concat());
        out
    }

    #[test]
    fn bytes_of_a_sample_are_joined_from_their_segments() {
        let spec = spec("1.2.840.10008.1.2.5", 1, 3, 16);
        // Replicated high bytes, literal low bytes, a no-op and padding.
        let frame = frame(&[&[254, 0x12], &[128, 2, 1, 2, 3, 0]]);
        assert_eq!(decode(&spec, &frame).expect("good").samples, [1, 0x12, 2, 0x12, 3, 0x12]);
    }

    #[test]
    fn single_bits_are_read_packed_and_a_byte_each() {
        let spec = spec("1.2.840.10008.1.2.5", 2, 8, 1);
        let expected = [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0];
        for segment in [[1, 1, 3].as_slice(), &[0, 1, 250, 0, 255, 1, 251, 0]] {
            assert_eq!(decode(&spec, &frame(&[segment])).expect("good").samples, expected);
        }
    }

    #[test]
    fn broken_frames_are_errors() {
        let spec = spec("1.2.840.10008.1.2.5", 1, 3, 8);
        for (name, bytes) in [
            ("no header", vec![1, 0, 0, 0]),
            ("two segments", frame(&[&[254, 1], &[254, 1]])),
            ("no data", frame(&[&[]])),
            ("literal run cut short", frame(&[&[5, 1]])),
            ("replicate run cut short", frame(&[&[254]])),
            ("no-ops only", frame(&[&[128; 99]])),
            ("offset into the header", {
                let mut bytes = frame(&[&[254, 1]]);
                bytes[4] = 4;
                bytes
            }),
            ("offset beyond the end", {
                let mut bytes = frame(&[&[254, 1]]);
                bytes[7] = 0xff;
                bytes
            }),
        ] {
            assert!(decode(&spec, &bytes).is_err(), "{name}");
        }
    }

    #[test]
    fn runs_end_with_their_row_and_segments_are_even() {
        let spec = FrameSpec { bits_stored: 12, ..spec("1.2.840.10008.1.2.5", 2, 3, 16) };
        let encoded = encode(&spec, &[7, 1, 7, 1, 7, 1, 7, 1, 8, 1, 9, 1]).expect("encodes");
        assert_eq!(encoded, frame(&[&[254, 1, 254, 1], &[254, 7, 2, 7, 8, 9]]));
    }

    proptest::proptest! {
        #[test]
        fn any_row_is_packed_to_what_unpacks_to_it(row: Vec<u8>) {
            let row: Vec<u8> = row.iter().map(|value| value / 64).collect();
            let (mut packed, mut unpacked) = (Vec::new(), vec![9; row.len()]);
            pack_bits(&row, &mut packed);
            proptest::prop_assert!(packed.len() <= row.len() + row.len().div_ceil(128));
            proptest::prop_assert_eq!(unpack_bits(&packed, &mut unpacked).expect("whole"), row.len());
            proptest::prop_assert_eq!(unpacked, row);
        }

        #[test]
        fn any_bytes_give_a_frame_of_the_right_size_or_an_error(bytes: Vec<u8>, segments in 0u8..4) {
            let spec = spec("1.2.840.10008.1.2.5", 7, 5, 16);
            let mut frame = vec![segments, 0, 0, 0, 64, 0, 0, 0, 70];
            frame.resize(HEADER_LENGTH, 0);
            frame.extend(bytes);
            if let Ok(decoded) = decode(&spec, &frame) {
                proptest::prop_assert_eq!(decoded.samples.len(), 70);
            }
        }
    }
}
