//! The arithmetic coder (ISO/IEC 15444-1 Annex C, Arithmetic entropy coding).

/// How probable the less probable symbol is, and which state follows.
struct Estimate {
    probability: u32,
    after_more_probable: u8,
    after_less_probable: u8,
    switches: bool,
}

/// ISO/IEC 15444-1 table C.2.
const ESTIMATES: [Estimate; 47] = {
    const fn estimate(probability: u32, after_more_probable: u8, after_less_probable: u8) -> Estimate {
        // Only the three states of even odds exchange the symbols.
        let switches = matches!(after_more_probable, 1 | 7 | 15) && probability == 0x5601;
        Estimate { probability, after_more_probable, after_less_probable, switches }
    }
    [
        estimate(0x5601, 1, 1),
        estimate(0x3401, 2, 6),
        estimate(0x1801, 3, 9),
        estimate(0x0ac1, 4, 12),
        estimate(0x0521, 5, 29),
        estimate(0x0221, 38, 33),
        estimate(0x5601, 7, 6),
        estimate(0x5401, 8, 14),
        estimate(0x4801, 9, 14),
        estimate(0x3801, 10, 14),
        estimate(0x3001, 11, 17),
        estimate(0x2401, 12, 18),
        estimate(0x1c01, 13, 20),
        estimate(0x1601, 29, 21),
        estimate(0x5601, 15, 14),
        estimate(0x5401, 16, 14),
        estimate(0x5101, 17, 15),
        estimate(0x4801, 18, 16),
        estimate(0x3801, 19, 17),
        estimate(0x3401, 20, 18),
        estimate(0x3001, 21, 19),
        estimate(0x2801, 22, 19),
        estimate(0x2401, 23, 20),
        estimate(0x2201, 24, 21),
        estimate(0x1c01, 25, 22),
        estimate(0x1801, 26, 23),
        estimate(0x1601, 27, 24),
        estimate(0x1401, 28, 25),
        estimate(0x1201, 29, 26),
        estimate(0x1101, 30, 27),
        estimate(0x0ac1, 31, 28),
        estimate(0x09c1, 32, 29),
        estimate(0x08a1, 33, 30),
        estimate(0x0521, 34, 31),
        estimate(0x0441, 35, 32),
        estimate(0x02a1, 36, 33),
        estimate(0x0221, 37, 34),
        estimate(0x0141, 38, 35),
        estimate(0x0111, 39, 36),
        estimate(0x0085, 40, 37),
        estimate(0x0049, 41, 38),
        estimate(0x0025, 42, 39),
        estimate(0x0015, 43, 40),
        estimate(0x0009, 44, 41),
        estimate(0x0005, 45, 42),
        estimate(0x0001, 45, 43),
        estimate(0x5601, 46, 46),
    ]
};

/// What is known of the symbols of one context.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    state: u8,
    more_probable: bool,
}

impl Context {
    pub(crate) const fn new(state: u8) -> Self {
        Self { state, more_probable: false }
    }
}

/// Writes symbols.
pub(crate) struct ArithmeticEncoder {
    /// Behind one byte that carries would go to; none does.
    out: Vec<u8>,
    code: u32,
    interval: u32,
    /// Shifts until a byte is complete.
    shifts: u32,
}

impl ArithmeticEncoder {
    pub(crate) fn new() -> Self {
        Self { out: vec![0], code: 0, interval: 0x8000, shifts: 12 }
    }

    #[inline]
    pub(crate) fn put(&mut self, context: &mut Context, symbol: bool) {
        let estimate = &ESTIMATES[usize::from(context.state)];
        let is_upper = symbol == context.more_probable;
        self.interval -= estimate.probability;
        if is_upper && self.interval & 0x8000 != 0 {
            self.code += estimate.probability;
            return;
        }
        // The larger part of the interval is the more probable symbol's, whichever it is.
        if is_upper == (self.interval < estimate.probability) {
            self.interval = estimate.probability;
        } else {
            self.code += estimate.probability;
        }
        context.state = if is_upper { estimate.after_more_probable } else { estimate.after_less_probable };
        context.more_probable ^= !is_upper && estimate.switches;
        while self.interval & 0x8000 == 0 {
            self.interval <<= 1;
            self.shift(1);
        }
    }

    fn shift(&mut self, count: u32) {
        self.code <<= count;
        self.shifts -= count;
        if self.shifts == 0 {
            self.put_byte();
        }
    }

    /// A byte behind one of ones has its highest bit free, for carries.
    fn put_byte(&mut self) {
        let last = self.out.last_mut().expect("it begins with one");
        if *last != 0xff && self.code >= 0x800_0000 {
            *last += 1;
            self.code &= 0x7ff_ffff;
        }
        let is_stuffed = *last == 0xff;
        let [_, _, high, highest] = (if is_stuffed { self.code >> 4 } else { self.code >> 3 }).to_le_bytes();
        debug_assert_eq!(highest, 0, "the carry is done with");
        self.out.push(high);
        (self.code, self.shifts) = if is_stuffed { (self.code & 0xf_ffff, 7) } else { (self.code & 0x7_ffff, 8) };
    }

    /// What was written (ISO/IEC 15444-1 C.2.9, Termination of coding).
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let end = self.code + self.interval;
        self.code |= 0xffff;
        if self.code >= end {
            self.code -= 0x8000;
        }
        self.shift(self.shifts);
        self.shift(self.shifts);
        if self.out.last() == Some(&0xff) {
            self.out.pop();
        }
        self.out.remove(0);
        self.out
    }
}
