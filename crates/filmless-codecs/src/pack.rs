//! Decoded integers to bytes: little endian, sign-extended from the codestream's precision, colour by pixel.

use crate::CodecError;
use crate::frame_spec::FrameSpec;

/// How integers of a codestream become samples of the data set.
///
/// The codestream's own signedness is not asked: encoders write signed data as unsigned and the reverse, and what the
/// data set says is what readers rely on. The low `precision` bits are what both agree on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packing {
    shift: u32,
    signed: bool,
    bytes: usize,
}

impl Packing {
    pub(crate) fn new(spec: &FrameSpec, precision: u32) -> Result<Self, CodecError> {
        let bits = u32::from(spec.bits_allocated.max(8));
        if precision == 0 || precision > bits {
            return Err(CodecError::Mismatch(format!("{precision} bits a sample, {} allocated", spec.bits_allocated)));
        }
        let bytes = usize::try_from(bits / 8).expect("at most 4");
        Ok(Self { shift: 32 - precision, signed: spec.signed, bytes })
    }

    /// The sample as the data set means it.
    #[inline]
    fn value(self, raw: i32) -> i32 {
        let high = raw << self.shift;
        if self.signed { high >> self.shift } else { (high.cast_unsigned() >> self.shift).cast_signed() }
    }

    /// Packs samples that stand in their final order.
    pub(crate) fn pack(self, raw: impl Iterator<Item = i32>, samples: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(samples * self.bytes);
        match self.bytes {
            1 => out.extend(raw.map(|raw| self.value(raw).to_le_bytes()[0])),
            2 => {
                for raw in raw {
                    let [low, high, ..] = self.value(raw).to_le_bytes();
                    out.extend_from_slice(&[low, high]);
                }
            }
            _ => {
                for raw in raw {
                    out.extend_from_slice(&self.value(raw).to_le_bytes());
                }
            }
        }
        out
    }

    /// Packs planes of equal length, one sample of each at a time.
    pub(crate) fn pack_planes(self, planes: &[&[i32]]) -> Vec<u8> {
        if let [plane] = planes {
            return self.pack(plane.iter().copied(), plane.len());
        }
        let length = planes.iter().map(|plane| plane.len()).min().unwrap_or(0);
        let raw = (0..length).flat_map(|at| planes.iter().map(move |plane| plane.get(at).copied().unwrap_or(0)));
        self.pack(raw, length * planes.len())
    }
}

/// Native 8 or 16 bit samples of a decoder as integers.
pub(crate) fn widen(bytes: &[u8], wide: bool) -> impl Iterator<Item = i32> {
    let step = if wide { 2 } else { 1 };
    bytes.chunks_exact(step).map(|sample| match *sample {
        [low, high] => i32::from(u16::from_ne_bytes([low, high])),
        [value] => i32::from(value),
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_spec::tests::spec;

    #[test]
    fn samples_are_extended_from_the_precision_of_the_codestream() {
        for (signed, precision, raw, expected) in [
            (true, 12, 0x0fff, [0xff, 0xff]),
            (true, 12, 0x07ff, [0xff, 0x07]),
            (true, 16, -2, [0xfe, 0xff]),
            (false, 12, -1, [0xff, 0x0f]),
            (false, 16, 0xffff, [0xff, 0xff]),
        ] {
            let spec = FrameSpec { signed, bits_stored: 12, ..spec("1.2", 1, 1, 16) };
            let packing = Packing::new(&spec, precision).expect("fits");
            assert_eq!(packing.pack([raw].into_iter(), 1), expected, "{signed} {precision} {raw}");
        }
        assert!(Packing::new(&spec("1.2", 1, 1, 8), 12).is_err());
    }

    #[test]
    fn planes_are_interleaved() {
        let packing = Packing::new(&spec("1.2", 1, 1, 8), 8).expect("fits");
        assert_eq!(packing.pack_planes(&[&[1, 2], &[3, 4], &[5, 6]]), [1, 3, 5, 2, 4, 6]);
    }
}
