//! Decoded integers to bytes: little endian, sign-extended from the codestream's precision, colour by pixel; and back.

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

/// Samples as integers, in the order that they have. They are of 8 or 16 bits.
pub(crate) fn unpack(spec: &FrameSpec, samples: &[u8]) -> Vec<i32> {
    let step = if spec.bits_allocated > 8 { 2 } else { 1 };
    let value = |sample: &[u8]| match (*sample).try_into() {
        Ok(word) if spec.signed => i32::from(i16::from_le_bytes(word)),
        Ok(word) => i32::from(u16::from_le_bytes(word)),
        Err(_) if spec.signed => i32::from(sample[0].cast_signed()),
        Err(_) => i32::from(sample[0]),
    };
    samples.chunks_exact(step).map(value).collect()
}

/// Bits that a codestream needs for these samples: Bits Stored, or all there are where samples are beyond them.
pub(crate) fn precision(spec: &FrameSpec, values: &[i32]) -> u32 {
    let stored = u32::from(spec.bits_stored);
    let half = 1 << (stored - 1);
    let range = if spec.signed { -half..half } else { 0..2 * half };
    if values.iter().all(|value| range.contains(value)) { stored } else { u32::from(spec.bits_allocated) }
}

/// The low bits of samples, as codestreams have them that know no sign.
pub(crate) fn low_bits(values: &[i32], precision: u32) -> impl Iterator<Item = u16> {
    let mask = u16::MAX >> (16 - precision);
    values.iter().map(move |value| {
        let [low, high, ..] = value.to_le_bytes();
        u16::from_le_bytes([low, high]) & mask
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
    fn samples_are_unpacked_to_what_they_were_packed_from() {
        for (signed, bits, values) in [(true, 16, [-32768, 32767, -1]), (false, 16, [0, 65535, 1]), (true, 8, [-128, 127, -1])] {
            let spec = FrameSpec { signed, ..spec("1.2", 1, 3, bits) };
            let packed = Packing::new(&spec, u32::from(bits)).expect("fits").pack(values.into_iter(), 3);
            assert_eq!(unpack(&spec, &packed), values);
        }
    }

    #[test]
    fn samples_beyond_bits_stored_need_all_bits() {
        let twelve = FrameSpec { bits_stored: 12, ..spec("1.2", 1, 1, 16) };
        for (signed, value, expected) in
            [(false, 4095, 12), (false, 4096, 16), (true, -2048, 12), (true, -2049, 16), (true, 2047, 12), (true, 2048, 16)]
        {
            assert_eq!(precision(&FrameSpec { signed, ..twelve.clone() }, &[0, value]), expected, "{value}");
        }
    }

    #[test]
    fn planes_are_interleaved() {
        let packing = Packing::new(&spec("1.2", 1, 1, 8), 8).expect("fits");
        assert_eq!(packing.pack_planes(&[&[1, 2], &[3, 4], &[5, 6]]), [1, 3, 5, 2, 4, 6]);
    }
}
