//! JPEG extended with 12 bits a sample (ISO/IEC 10918-1, process 4), which no crate decodes: sequential, Huffman coded.
//!
//! Rare and small, so plain: codes are read bit by bit and the transform is in floating point. Memory follows from the frame
//! header, which has been compared with the data set before, and work from the number of blocks; input that ends early
//! is an error.

use crate::CodecError;
use crate::codestream::{JpegComponent, JpegHeader};

/// Samples of a block's side.
const SIDE: usize = 8;

/// Where the coefficients of a block stand in the order they are coded (ISO/IEC 10918-1 figure A.6).
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42,
    49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

fn broken(what: &str) -> CodecError {
    CodecError::Corrupt(format!("JPEG extended: {what}"))
}

/// The planes of the image, one a component, each of the image's size: components of lower resolution are repeated.
pub(crate) fn decode(header: &JpegHeader, codestream: &[u8]) -> Result<Vec<Vec<i32>>, CodecError> {
    let mut decoder = Decoder::new(header)?;
    decoder.read(codestream)?;
    let (rows, columns) = (usize::from(header.rows), usize::from(header.columns));
    Ok(decoder.planes.iter().map(|plane| plane.resampled(rows, columns)).collect())
}

/// A Huffman table (ISO/IEC 10918-1 annex C): for each length the first code, the first value and how many there are.
#[derive(Debug, Clone, Default)]
struct Huffman {
    lengths: [(i32, usize, i32); 16],
    values: Vec<u8>,
}

impl Huffman {
    fn new(counts: &[u8; 16], values: &[u8]) -> Self {
        let (mut code, mut at) = (0, 0);
        let lengths = counts.map(|count| {
            let entry = (code, at, i32::from(count));
            code = (code + i32::from(count)) << 1;
            at += usize::from(count);
            entry
        });
        Self { lengths, values: values.to_vec() }
    }

    fn read(&self, bits: &mut Bits<'_>) -> Result<u8, CodecError> {
        let mut code = 0;
        for (first, at, count) in self.lengths {
            code = code << 1 | bits.take(1)?;
            if (first..first + count).contains(&code) {
                let offset = usize::try_from(code - first).unwrap_or(usize::MAX);
                return self.values.get(at + offset).copied().ok_or_else(|| broken("a code without a value"));
            }
        }
        Err(broken("no such code"))
    }
}

/// Entropy-coded bits, without the zeros stuffed behind each FF.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u8,
    count: u32,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Result<i32, CodecError> {
        let mut value = 0;
        for _ in 0..count {
            if self.count == 0 {
                self.held = *self.bytes.get(self.at).ok_or_else(|| broken("cut short"))?;
                self.at += 1;
                if self.held == 0xff {
                    if self.bytes.get(self.at) != Some(&0) {
                        return Err(broken("a marker among the samples"));
                    }
                    self.at += 1;
                }
                self.count = 8;
            }
            self.count -= 1;
            value = value << 1 | i32::from(self.held >> self.count & 1);
        }
        Ok(value)
    }

    /// ISO/IEC 10918-1 F.2.2.1: a number of so many bits, negative ones below half.
    fn take_signed(&mut self, bits: u32) -> Result<i32, CodecError> {
        let value = self.take(bits)?;
        Ok(if bits > 0 && value < 1 << (bits - 1) { value - (1 << bits) + 1 } else { value })
    }

    /// Steps to and over the next restart marker.
    fn restart(&mut self) -> Result<(), CodecError> {
        self.count = 0;
        match self.bytes.get(self.at..self.at + 2) {
            Some([0xff, 0xd0..=0xd7]) => {
                self.at += 2;
                Ok(())
            }
            _ => Err(broken("no restart marker where one must stand")),
        }
    }
}

/// The samples of a component, in whole blocks.
struct Plane {
    component: JpegComponent,
    /// Sampling factors of the component and the largest of all (ISO/IEC 10918-1 A.1.1).
    horizontal: (usize, usize),
    vertical: (usize, usize),
    /// Samples of a padded line.
    stride: usize,
    /// Blocks of the component without padding, which is what a scan of its own has.
    blocks_across: usize,
    blocks_down: usize,
    samples: Vec<u16>,
}

impl Plane {
    /// The component at the image's resolution.
    fn resampled(&self, rows: usize, columns: usize) -> Vec<i32> {
        let mut out = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            let line = row * self.vertical.0 / self.vertical.1 * self.stride;
            let at = |column: usize| line + column * self.horizontal.0 / self.horizontal.1;
            out.extend((0..columns).map(|column| i32::from(self.samples[at(column)])));
        }
        out
    }

    fn put(&mut self, across: usize, down: usize, block: &[u16; 64]) {
        for (row, line) in block.chunks_exact(SIDE).enumerate() {
            let at = (down * SIDE + row) * self.stride + across * SIDE;
            self.samples[at..at + SIDE].copy_from_slice(line);
        }
    }
}

/// A component of a scan and its tables.
struct ScanComponent {
    plane: usize,
    dc: Huffman,
    ac: Huffman,
    quantisation: [f32; 64],
    prediction: i32,
}

struct Decoder {
    planes: Vec<Plane>,
    units_across: usize,
    units_down: usize,
    quantisation: [Option<[f32; 64]>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    restart_interval: usize,
}

impl Decoder {
    fn new(header: &JpegHeader) -> Result<Self, CodecError> {
        let factors = |component: &JpegComponent| (usize::from(component.horizontal), usize::from(component.vertical));
        if header.components.iter().map(factors).any(|(h, v)| !(1..=4).contains(&h) || !(1..=4).contains(&v)) {
            return Err(broken("sampling factors are 1 to 4"));
        }
        let most_across = header.components.iter().map(|c| usize::from(c.horizontal)).max().unwrap_or(1);
        let most_down = header.components.iter().map(|c| usize::from(c.vertical)).max().unwrap_or(1);
        let (rows, columns) = (usize::from(header.rows), usize::from(header.columns));
        let units_across = columns.div_ceil(SIDE * most_across);
        let units_down = rows.div_ceil(SIDE * most_down);
        let plane = |component: &JpegComponent| {
            let (across, down) = factors(component);
            let stride = units_across * across * SIDE;
            Plane {
                component: *component,
                horizontal: (across, most_across),
                vertical: (down, most_down),
                stride,
                blocks_across: (columns * across).div_ceil(most_across).div_ceil(SIDE),
                blocks_down: (rows * down).div_ceil(most_down).div_ceil(SIDE),
                samples: vec![0; stride * units_down * down * SIDE],
            }
        };
        Ok(Self {
            planes: header.components.iter().map(plane).collect(),
            units_across,
            units_down,
            quantisation: [None; 4],
            dc: [const { None }; 4],
            ac: [const { None }; 4],
            restart_interval: 0,
        })
    }

    /// Reads marker segments and scans to the end of the image.
    fn read(&mut self, codestream: &[u8]) -> Result<(), CodecError> {
        let mut at = 2;
        let mut scanned = vec![false; self.planes.len()];
        while scanned.contains(&false) {
            let Some(&[0xff, marker]) = codestream.get(at..).and_then(|rest| rest.first_chunk()) else {
                return Err(broken("no marker where one must stand"));
            };
            at += 1;
            if matches!(marker, 0xff) {
                continue;
            }
            at += 1;
            if matches!(marker, 0x01 | 0xd0..=0xd8) {
                continue;
            }
            if marker == 0xd9 {
                return Err(broken("a component without a scan"));
            }
            let length = codestream.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |length| u16::from_be_bytes(*length));
            let end = at + usize::from(length);
            let segment = codestream.get(at + 2..end).ok_or_else(|| broken("a marker segment is cut short"))?;
            at = end;
            match marker {
                0xdb => self.read_quantisation(segment)?,
                0xc4 => self.read_huffman(segment)?,
                0xdd => {
                    let interval = segment.first_chunk().ok_or_else(|| broken("a restart interval is cut short"))?;
                    self.restart_interval = usize::from(u16::from_be_bytes(*interval));
                }
                0xda => {
                    let components = self.read_scan_header(segment)?;
                    for component in &components {
                        scanned[component.plane] = true;
                    }
                    at += self.read_scan(components, &codestream[at..])?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_quantisation(&mut self, mut segment: &[u8]) -> Result<(), CodecError> {
        while let Some((&kind, rest)) = segment.split_first() {
            let width = if kind >> 4 == 0 { 1 } else { 2 };
            let (numbers, rest) = rest.split_at_checked(64 * width).ok_or_else(|| broken("a table is cut short"))?;
            let slot = self.quantisation.get_mut(usize::from(kind & 15)).ok_or_else(|| broken("a fifth table"))?;
            let mut table = [0.0; 64];
            for (number, place) in numbers.chunks_exact(width).zip(ZIGZAG) {
                table[place] = number.iter().fold(0.0, |sum, byte| sum * 256.0 + f32::from(*byte));
            }
            *slot = Some(table);
            segment = rest;
        }
        Ok(())
    }

    fn read_huffman(&mut self, mut segment: &[u8]) -> Result<(), CodecError> {
        while let Some((&kind, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(|| broken("a table is cut short"))?;
            let length = counts.iter().map(|count| usize::from(*count)).sum();
            let (values, rest) = rest.split_at_checked(length).ok_or_else(|| broken("a table is cut short"))?;
            let tables = if kind >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let slot = tables.get_mut(usize::from(kind & 15)).ok_or_else(|| broken("a fifth table"))?;
            *slot = Some(Huffman::new(counts, values));
            segment = rest;
        }
        Ok(())
    }

    fn read_scan_header(&self, segment: &[u8]) -> Result<Vec<ScanComponent>, CodecError> {
        let short = || broken("a scan header is cut short");
        let (&count, rest) = segment.split_first().ok_or_else(short)?;
        let pairs = rest.get(..2 * usize::from(count)).ok_or_else(short)?;
        let mut components: Vec<ScanComponent> = Vec::new();
        for &[id, tables] in pairs.as_chunks::<2>().0 {
            let plane = self.planes.iter().position(|plane| plane.component.id == id);
            let plane = plane.ok_or_else(|| broken("a scan of an unknown component"))?;
            if components.iter().any(|component| component.plane == plane) {
                return Err(broken("a component twice in a scan"));
            }
            let table = |tables: &[Option<Huffman>; 4], number: u8| tables.get(usize::from(number)).cloned().flatten();
            let dc = table(&self.dc, tables >> 4).ok_or_else(|| broken("no Huffman table"))?;
            let ac = table(&self.ac, tables & 15).ok_or_else(|| broken("no Huffman table"))?;
            let number = usize::from(self.planes[plane].component.quantisation);
            let quantisation = self.quantisation.get(number).copied().flatten();
            let quantisation = quantisation.ok_or_else(|| broken("no quantisation table"))?;
            components.push(ScanComponent { plane, dc, ac, quantisation, prediction: 0 });
        }
        if components.is_empty() { Err(broken("a scan of nothing")) } else { Ok(components) }
    }

    /// Decodes one scan; how many bytes it took.
    fn read_scan(&mut self, mut components: Vec<ScanComponent>, bytes: &[u8]) -> Result<usize, CodecError> {
        let mut bits = Bits { bytes, at: 0, held: 0, count: 0 };
        // ISO/IEC 10918-1 A.2: one component alone goes block by block, several go by units of all.
        let alone = components.len() == 1;
        let (across, down) = match components.as_slice() {
            [only] => (self.planes[only.plane].blocks_across, self.planes[only.plane].blocks_down),
            _ => (self.units_across, self.units_down),
        };
        for unit in 0..across * down {
            if self.restart_interval > 0 && unit > 0 && unit % self.restart_interval == 0 {
                bits.restart()?;
                for component in &mut components {
                    component.prediction = 0;
                }
            }
            let (x, y) = (unit % across, unit / across);
            for component in &mut components {
                let plane = &mut self.planes[component.plane];
                let (wide, high) = if alone { (1, 1) } else { (plane.horizontal.0, plane.vertical.0) };
                for block in 0..wide * high {
                    let samples = component.read_block(&mut bits)?;
                    plane.put(x * wide + block % wide, y * high + block / wide, &samples);
                }
            }
        }
        Ok(bits.at)
    }
}

impl ScanComponent {
    fn read_block(&mut self, bits: &mut Bits<'_>) -> Result<[u16; 64], CodecError> {
        let mut coefficients = [0f32; 64];
        let category = u32::from(self.dc.read(bits)?);
        if category > 16 {
            return Err(broken("a difference of too many bits"));
        }
        self.prediction = self.prediction.wrapping_add(bits.take_signed(category)?);
        coefficients[0] = number(self.prediction) * self.quantisation[0];
        let mut at = 1;
        while at < 64 {
            let code = self.ac.read(bits)?;
            let (run, category) = (usize::from(code >> 4), u32::from(code & 15));
            if category == 0 {
                if run < 15 {
                    break;
                }
                at += 16;
                continue;
            }
            at += run;
            let place = *ZIGZAG.get(at).ok_or_else(|| broken("more coefficients than a block has"))?;
            coefficients[place] = number(bits.take_signed(category)?) * self.quantisation[place];
            at += 1;
        }
        Ok(inverse_transform(&coefficients))
    }
}

#[expect(clippy::cast_precision_loss, reason = "coefficients of 12 bit samples have 16 bits; more is garbage anyway")]
fn number(integer: i32) -> f32 {
    integer as f32
}

/// ISO/IEC 10918-1 A.3.3 and A.3.1: rows, then columns, then the level of 12 bit samples.
fn inverse_transform(coefficients: &[f32; 64]) -> [u16; 64] {
    let mut lines = [0f32; 64];
    for row in 0..SIDE {
        let line: &[f32; SIDE] = coefficients[row * SIDE..].first_chunk().expect("eight are left of each row");
        for (column, value) in inverse_line(line).into_iter().enumerate() {
            lines[row * SIDE + column] = value;
        }
    }
    let mut samples = [0; 64];
    for column in 0..SIDE {
        let line = std::array::from_fn(|row| lines[row * SIDE + column]);
        for (row, value) in inverse_line(&line).into_iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            let sample = (value / 4.0 + 2048.0).round().clamp(0.0, 4095.0) as u16;
            samples[row * SIDE + column] = sample;
        }
    }
    samples
}

fn inverse_line(line: &[f32; SIDE]) -> [f32; SIDE] {
    use std::f32::consts::{FRAC_1_SQRT_2, PI};
    /// Cosines of (2x + 1) u π / 16, by x and u.
    static COSINES: std::sync::LazyLock<[[f32; SIDE]; SIDE]> = std::sync::LazyLock::new(|| {
        let step = |n: usize| f32::from(u8::try_from(n).expect("at most 105"));
        std::array::from_fn(|x| {
            std::array::from_fn(|u| if u == 0 { FRAC_1_SQRT_2 } else { (step((2 * x + 1) * u) * PI / 16.0).cos() })
        })
    });
    COSINES.map(|cosines| cosines.iter().zip(line).map(|(cosine, value)| cosine * value).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One block of one component: a DC difference of category 2 (value 3), one AC coefficient, end of block.
    fn codestream() -> Vec<u8> {
        let mut out = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
        out.extend([8; 64]);
        out.extend([0xff, 0xc1, 0, 11, 12, 0, 8, 0, 8, 1, 1, 0x11, 0]);
        // DC: one code of one bit, category 2. AC: 0 is the end of the block, 10 is a run of 0 and category 1.
        out.extend([0xff, 0xc4, 0, 20, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        out.extend([0xff, 0xc4, 0, 21, 0x10, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        // 0 11 | 10 1 | 0 and padding of ones.
        out.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0b0111_0101, 0xff, 0xd9]);
        out
    }

    #[test]
    fn a_block_is_its_mean_and_its_waves() {
        let codestream = codestream();
        let header = JpegHeader::read(&codestream).expect("good");
        let planes = decode(&header, &codestream).expect("good");
        let cut = &codestream[..codestream.len() - 3];
        assert!(decode(&header, cut).is_err());
        // A DC of 3 and an AC of 1, each times 8: 2048 + 24/8, and half of a cosine of amplitude 8/4/sqrt(2).
        let expected =
            |column: u8| 2051.0 + 8.0 / 4.0 * 0.5f32.sqrt() * (f32::from(2 * column + 1) * std::f32::consts::PI / 16.0).cos();
        for (at, sample) in (0..).zip(&planes[0]) {
            assert!((number(*sample) - expected(at % 8)).abs() <= 0.51, "{at}: {sample}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_entropy_coded_bytes_give_an_image_or_an_error(bytes: Vec<u8>) {
            let mut codestream = codestream();
            let header = JpegHeader::read(&codestream).expect("good");
            codestream.truncate(codestream.len() - 3);
            codestream.extend(bytes);
            if let Ok(planes) = decode(&header, &codestream) {
                proptest::prop_assert_eq!(planes[0].len(), 64);
            }
        }
    }
}
