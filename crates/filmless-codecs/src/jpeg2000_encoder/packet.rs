//! Packets: what there is of the code blocks of one resolution, and how long it is (ISO/IEC 15444-1 B.9 and B.10, Packet
//! header information coding). One layer, one precinct.

use super::block::EncodedBlock;

/// The code blocks of a sub-band, row by row.
pub(crate) struct BandBlocks {
    pub(crate) columns: usize,
    pub(crate) blocks: Vec<EncodedBlock>,
    /// Bit planes that the quantisation of the sub-band has room for.
    pub(crate) planes: u32,
}

/// Writes the packet of these sub-bands: its header, and the bytes of its blocks.
pub(crate) fn write(bands: &[BandBlocks], out: &mut Vec<u8>) {
    let mut bits = HeaderBits { out: Vec::new(), byte: 0, free: 8 };
    bits.put(true);
    for band in bands.iter().filter(|band| !band.blocks.is_empty()) {
        let absent = band.blocks.iter().map(|block| u32::from(block.planes == 0)).collect();
        let mut inclusion = TagTree::new(band.columns, absent);
        let empty_planes = band.blocks.iter().map(|block| band.planes.saturating_sub(block.planes)).collect();
        let mut empty_planes = TagTree::new(band.columns, empty_planes);
        for (number, block) in band.blocks.iter().enumerate() {
            inclusion.put(&mut bits, number, 1);
            if block.planes == 0 {
                continue;
            }
            empty_planes.put(&mut bits, number, u32::MAX);
            put_passes(&mut bits, block.passes());
            // Lengths have three bits to begin with, and more for more passes.
            let length = u32::try_from(block.bytes.len()).expect("a block has 4096 coefficients");
            let room = 3 + block.passes().ilog2();
            let needed = u32::BITS - length.leading_zeros();
            (room..needed).for_each(|_| bits.put(true));
            bits.put(false);
            bits.put_number(length, room.max(needed));
        }
    }
    out.extend(bits.finish());
    for block in bands.iter().flat_map(|band| &band.blocks) {
        out.extend_from_slice(&block.bytes);
    }
}

/// ISO/IEC 15444-1 table B.4: codewords of numbers of coding passes.
fn put_passes(bits: &mut HeaderBits, passes: u32) {
    match passes {
        0 | 1 => bits.put(false),
        2 => bits.put_number(0b10, 2),
        3..=5 => bits.put_number(0b1100 | (passes - 3), 4),
        6..=36 => bits.put_number(0b1111 << 5 | (passes - 6), 9),
        _ => bits.put_number(0b1_1111_1111 << 7 | (passes - 37), 16),
    }
}

/// Bits from the highest; behind a byte of ones one is left out.
struct HeaderBits {
    out: Vec<u8>,
    byte: u8,
    free: u32,
}

impl HeaderBits {
    fn put(&mut self, bit: bool) {
        self.free -= 1;
        self.byte |= u8::from(bit) << self.free;
        if self.free == 0 {
            self.put_byte();
        }
    }

    /// The low `count` bits.
    fn put_number(&mut self, number: u32, count: u32) {
        (0..count).rev().for_each(|at| self.put(number >> at & 1 == 1));
    }

    fn put_byte(&mut self) {
        self.out.push(self.byte);
        self.free = if self.byte == 0xff { 7 } else { 8 };
        self.byte = 0;
    }

    /// A header does not end with a byte of ones.
    fn finish(mut self) -> Vec<u8> {
        if self.free < 8 {
            self.put_byte();
        }
        self.out
    }
}

/// ISO/IEC 15444-1 B.10.2 (Tag trees): numbers of a grid, told by the least of each four, of each four of these, and so on.
struct TagTree {
    /// From the leaves to the root.
    levels: Vec<Level>,
}

struct Level {
    columns: usize,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    value: u32,
    /// What is known already: the value is not below.
    least: u32,
    known: bool,
}

impl TagTree {
    fn new(columns: usize, values: Vec<u32>) -> Self {
        let node = |value| Node { value, least: 0, known: false };
        let mut levels = vec![Level { columns, nodes: values.into_iter().map(node).collect() }];
        while let Some(below) = levels.last().filter(|level| level.nodes.len() > 1) {
            let columns = below.columns.div_ceil(2);
            let rows = (below.nodes.len() / below.columns).div_ceil(2);
            let mut nodes = vec![node(u32::MAX); columns * rows];
            for (at, child) in below.nodes.iter().enumerate() {
                let parent = &mut nodes[at / below.columns / 2 * columns + at % below.columns / 2];
                parent.value = parent.value.min(child.value);
            }
            levels.push(Level { columns, nodes });
        }
        Self { levels }
    }

    /// Tells of a leaf whether its value is below the threshold, and if so which it is.
    fn put(&mut self, bits: &mut HeaderBits, leaf: usize, threshold: u32) {
        let (row, column) = (leaf / self.levels[0].columns, leaf % self.levels[0].columns);
        let mut least = 0;
        for (height, level) in self.levels.iter_mut().enumerate().rev() {
            let node = &mut level.nodes[(row >> height) * level.columns + (column >> height)];
            least = least.max(node.least);
            while least < threshold && !node.known {
                node.known = least >= node.value;
                bits.put(node.known);
                least += u32::from(!node.known);
            }
            node.least = least;
        }
    }
}
