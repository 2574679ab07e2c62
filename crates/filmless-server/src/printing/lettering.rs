//! Text on pages. The font has all letters of Vietnamese; what it has not is a box, and the page says so.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef};
use unicode_normalization::UnicodeNormalization as _;

use super::pdf::{Colour, Page, Typeface};

/// Be Vietnam Pro (SIL Open Font License 1.1), beside its licence in `fonts/`.
const REGULAR: &[u8] = include_bytes!("../../fonts/BeVietnamPro-Regular.ttf");
const SEMI_BOLD: &[u8] = include_bytes!("../../fonts/BeVietnamPro-SemiBold.ttf");
/// Points of a millimetre.
const POINTS: f32 = 72.0 / 25.4;

static MEASURES: LazyLock<[FontRef<'static>; 2]> =
    LazyLock::new(|| [REGULAR, SEMI_BOLD].map(|font| FontRef::try_from_slice(font).expect("the font is a part of the program")));

/// The fonts of a print, in the order of [`Weight`].
pub(super) fn typefaces() -> [Typeface; 2] {
    let [regular, semi_bold] = &*MEASURES;
    [
        Typeface { name: "BeVietnamPro-Regular", file: REGULAR, measure: regular },
        Typeface { name: "BeVietnamPro-SemiBold", file: SEMI_BOLD, measure: semi_bold },
    ]
}

/// How heavy letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// For what is read.
    Regular,
    /// For what is seen first.
    SemiBold,
}

/// Where a text begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It begins there.
    Left,
    /// It ends there.
    Right,
}

/// How a line is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Where: the place of its beginning or end, on its base line, in millimetres.
    pub(super) at: (f32, f32),
    /// Height of letters, in points.
    pub(super) size: f32,
    /// The most room, in millimetres: what is longer is cut, and shown to be.
    pub(super) room: f32,
    /// How heavy.
    pub(super) weight: Weight,
    /// Which end of it is there.
    pub(super) side: Side,
    /// In which colour.
    pub(super) colour: Colour,
}

/// How wide and high a box is, in sizes of letters.
const BOX: (f32, f32) = (0.62, 0.7);

/// Writes a line. What the font has no letter for is a box.
pub(super) fn write(page: &mut Page<'_>, text: &str, line: Line) {
    let text = fitted(&plain(text), line);
    let (end, y) = line.at;
    let mut x = if line.side == Side::Right { end - width_mm(&text, line.size, line.weight) } else { end };
    let letters: Vec<char> = text.chars().collect();
    for run in letters.chunk_by(|one, next| has_letter(*one) == has_letter(*next)) {
        let run: String = run.iter().collect();
        if run.chars().all(has_letter) {
            page.text(&run, (x, y), line.weight as usize, line.size, line.colour);
        } else {
            let em = line.size / POINTS;
            for place in 0..run.chars().count() {
                let left = x + em * (BOX.0 * f32::from(u16::try_from(place).unwrap_or(u16::MAX)) + 0.05);
                let (right, top) = (left + em * (BOX.0 - 0.1), y - em * BOX.1);
                page.rule(&[(left, y), (left, top), (right, top), (right, y), (left, y)], em * 0.06, line.colour);
            }
        }
        x += width_mm(&run, line.size, line.weight);
    }
}

fn has_letter(c: char) -> bool {
    MEASURES[0].glyph_id(c).0 != 0
}

/// Without what is no letter: control characters, and those that turn the direction of what follows.
fn plain(text: &str) -> String {
    let is_turning = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    // The font has letters with their marks, and no marks alone.
    text.nfc().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_turning(*c)).collect()
}

/// Whether the font has no letter for something in a text.
pub(super) fn is_missing(text: &str) -> bool {
    plain(text).chars().any(|c| !has_letter(c))
}

/// The width of a text of this size in points.
pub(super) fn width_mm(text: &str, size: f32, weight: Weight) -> f32 {
    let font = &MEASURES[weight as usize];
    let units = font.units_per_em().unwrap_or(1000.0);
    let of_letter = |c| if has_letter(c) { font.h_advance_unscaled(font.glyph_id(c)) } else { BOX.0 * units };
    let advance: f32 = text.chars().map(of_letter).sum();
    advance / units * size / POINTS
}

/// The text, or as much of its beginning as there is room for.
fn fitted(text: &str, line: Line) -> String {
    if width_mm(text, line.size, line.weight) <= line.room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width_mm(&kept, line.size, line.weight) + width_mm("…", line.size, line.weight) > line.room {
            kept.pop();
            break;
        }
    }
    kept.trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_letters_of_vietnamese_are_there() {
        let letters = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
        for text in [letters, &letters.to_uppercase(), "0123456789 × · – — … ° µ ²"] {
            assert!(!is_missing(text), "{text}");
        }
        assert!(is_missing("陳大文") && is_missing("ខ្មែរ"));
    }

    #[test]
    fn what_is_too_long_is_cut_and_shown_to_be() {
        let line = |room| Line { at: (0.0, 0.0), size: 10.0, room, weight: Weight::Regular, side: Side::Left, colour: [0.0; 3] };
        assert_eq!(fitted("Nguyễn Văn An", line(100.0)), "Nguyễn Văn An");
        let cut = fitted("Nguyễn Văn An", line(15.0));
        assert!(cut.ends_with('…') && cut.starts_with("Ng"), "{cut}");
        assert!(width_mm(&cut, 10.0, Weight::Regular) <= 15.0);
    }

    #[test]
    fn what_turns_text_round_and_controls_are_not_written() {
        assert_eq!(plain("An\u{202E}\n\u{0}B"), "An  B");
    }
}
