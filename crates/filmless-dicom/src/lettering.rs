//! Letters on pictures: a line of text as ink with a rim around it, so that it can be read on whatever lies below.
//!
//! The font is a part of `DejaVu Sans`, beside its licence in `fonts/`: Latin with every mark of Vietnamese, Greek and
//! Cyrillic. Letters of other scripts are drawn as boxes.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, ScaleFont, point};
use image::{ImageBuffer, Pixel};
use unicode_normalization::UnicodeNormalization;

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../fonts/DejaVuSans.ttf")).expect("the font is a part of the program")
});

/// So many lines of letters fit across the shorter side of a picture.
const LINES_OF_A_SIDE: f32 = 26.0;
/// Pixels of the smallest letters that can be read.
const SMALLEST_PIXELS: f32 = 12.0;
/// From one line to the next, in heights of a letter.
const LINE_SPACING: f32 = 1.3;
/// How much of that is above the letters, for marks over marks.
const ROOM_ABOVE: f32 = 0.15;
/// The rim of letters, in heights of a letter.
const RIM: f32 = 0.08;
/// From one size to the next smaller one.
const SHRINKING: f32 = 0.9;
/// Longer lines are cut before they are measured.
const MAX_CHARACTERS: usize = 200;

/// How letters are drawn: their size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lettering {
    height: f32,
}

impl Lettering {
    /// The size that is easily read on a picture.
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    pub(crate) fn for_picture(width: u32, height: u32) -> Self {
        Self { height: (width.min(height) as f32 / LINES_OF_A_SIDE).max(SMALLEST_PIXELS) }
    }

    /// Lines broken between words so that they have room on so many pixels, in this size or a smaller one. Where there is not even
    /// room for the smallest letters that can be read, the lines are in these, as they were.
    pub(crate) fn to_fit(self, lines: &[String], (width, height): (f64, f64)) -> (Self, Vec<String>) {
        let mut fitted = self;
        loop {
            let broken: Vec<_> = lines.iter().flat_map(|line| fitted.broken(line, width)).collect();
            let count = u32::try_from(broken.len()).unwrap_or(u32::MAX);
            let is_low = f64::from(count) * f64::from(fitted.line_pixels()) <= height;
            if is_low && broken.iter().all(|line| f64::from(fitted.width(line)) <= width) {
                return (fitted, broken);
            }
            if fitted.height <= SMALLEST_PIXELS {
                return (fitted, lines.to_vec());
            }
            fitted.height = (fitted.height * SHRINKING).max(SMALLEST_PIXELS);
        }
    }

    /// A line broken between words; what is one word stays one.
    fn broken(self, line: &str, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut end = 0.0;
        for word in line.split(' ') {
            let (space, own) = (f64::from(self.advance(' ')), f64::from(self.width(word)));
            if let Some(last) = lines.last_mut().filter(|_| end + space + own <= width) {
                last.push(' ');
                last.push_str(word);
                end += space + own;
            } else {
                lines.push(word.to_owned());
                end = own;
            }
        }
        lines
    }

    /// Pixels from the left edge to the first letter.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a letter's height")]
    pub(crate) fn margin(self) -> u32 {
        (self.height / 3.0).ceil() as u32
    }

    /// Pixels from one line to the next.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some tens")]
    pub(crate) fn line_pixels(self) -> u32 {
        (self.height * LINE_SPACING).ceil() as u32
    }

    /// Pixels that the rim adds on every side.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a letter's height")]
    pub(crate) fn rim(self) -> u32 {
        (self.height * RIM).ceil() as u32
    }

    /// How long a line is, in pixels.
    pub(crate) fn width(self, line: &str) -> f32 {
        letters(line).map(|letter| self.advance(letter)).sum()
    }

    fn advance(self, letter: char) -> f32 {
        let font = FONT.as_scaled(self.height);
        font.h_advance(font.glyph_id(letter))
    }

    /// A line as ink: as many letters as so many pixels have room for.
    pub(crate) fn ink(self, line: &str, most: u32) -> Ink {
        let (glyphs, end) = self.glyphs(line, most);
        let rim = self.rim();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let (across, down) = ((end.ceil() as u32).min(most) + 2 * rim, self.line_pixels());
        let mut letters = vec![0_u8; across as usize * down as usize];
        for glyph in glyphs {
            let Some(outline) = FONT.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            #[expect(clippy::cast_possible_truncation, reason = "whole pixels near the picture")]
            let place = |from: f32, by: u32| u32::try_from(from as i64 + i64::from(by)).ok();
            outline.draw(|x, y, coverage| {
                if let (Some(x), Some(y)) = (place(corner.x, x), place(corner.y, y))
                    && x < across
                    && let Some(pixel) = letters.get_mut(y as usize * across as usize + x as usize)
                {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
                    let coverage = (coverage * 255.0) as u8;
                    *pixel = pixel.saturating_add(coverage);
                }
            });
        }
        let rims = widened(&letters, across as usize, rim as usize);
        Ink { across, rim, letters, rims }
    }

    /// The letters of a line where they stand behind the rim, and where they end.
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    fn glyphs(self, line: &str, most: u32) -> (Vec<Glyph>, f32) {
        let font = FONT.as_scaled(self.height);
        let (start, most) = (self.rim() as f32, most as f32);
        let cut = if self.width(line) > most { "…" } else { "" };
        let room = most - cut.chars().map(|letter| self.advance(letter)).sum::<f32>();
        let mut at = 0.0;
        let mut glyphs = Vec::new();
        let mut put = |letter: char, at: &mut f32| {
            let place = point(start + *at, font.ascent() + self.height * ROOM_ABOVE);
            glyphs.push(font.glyph_id(letter).with_scale_and_position(self.height, place));
            *at += self.advance(letter);
        };
        for letter in letters(line) {
            if at + self.advance(letter) > room {
                break;
            }
            put(letter, &mut at);
        }
        cut.chars().for_each(|letter| put(letter, &mut at));
        (glyphs, at)
    }
}

/// What is drawn of a line.
fn letters(line: &str) -> impl Iterator<Item = char> + '_ {
    line.nfc().filter(|letter| !letter.is_control()).take(MAX_CHARACTERS)
}

/// A line that is to be laid over a picture: how far letters and their rim cover each pixel.
pub(crate) struct Ink {
    across: u32,
    rim: u32,
    letters: Vec<u8>,
    rims: Vec<u8>,
}

impl Ink {
    /// Pixels that it covers or may cover.
    pub(crate) fn area(&self) -> u64 {
        self.letters.len() as u64
    }

    /// Lays it over a picture, the first letter with its upper left corner at a place. What is outside is cut.
    pub(crate) fn lay<P: Pixel<Subpixel = u8>>(&self, picture: &mut ImageBuffer<P, Vec<u8>>, (x, y): (i64, i64), ink: P, rim: P) {
        let left = x - i64::from(self.rim);
        let across = self.across.max(1) as usize;
        for (row, (letters, rims)) in (0..).zip(self.letters.chunks(across).zip(self.rims.chunks(across))) {
            for (column, (letter, around)) in (0..).zip(letters.iter().zip(rims)) {
                let (Ok(x), Ok(y)) = (u32::try_from(left + column), u32::try_from(y + row)) else { continue };
                let Some(pixel) = picture.get_pixel_mut_checked(x, y) else { continue };
                for ((sample, ink), rim) in pixel.channels_mut().iter_mut().zip(ink.channels()).zip(rim.channels()) {
                    *sample = blend(blend(*sample, *rim, *around), *ink, *letter);
                }
            }
        }
    }
}

/// The ink spread by so many pixels, across and down.
fn widened(ink: &[u8], across: usize, by: usize) -> Vec<u8> {
    let rows: Vec<u8> = ink.chunks(across).flat_map(|row| (0..row.len()).map(move |at| most_near(row, at, by))).collect();
    let mut out = vec![0; ink.len()];
    for x in 0..across {
        let column: Vec<u8> = rows.iter().skip(x).step_by(across).copied().collect();
        for (y, pixel) in out.iter_mut().skip(x).step_by(across).enumerate() {
            *pixel = most_near(&column, y, by);
        }
    }
    out
}

fn most_near(line: &[u8], at: usize, by: usize) -> u8 {
    let near = line.get(at.saturating_sub(by)..(at + by + 1).min(line.len())).unwrap_or_default();
    near.iter().copied().max().unwrap_or_default()
}

/// A sample with another over it, which covers it so far.
fn blend(under: u8, over: u8, coverage: u8) -> u8 {
    let (under, over, coverage) = (u16::from(under), u16::from(over), u16::from(coverage));
    u8::try_from((under * (255 - coverage) + over * coverage + 127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    #[test]
    fn the_font_has_every_letter_of_vietnamese() {
        let vowels = "aăâeêioôơuưy";
        let marks = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
        let marked = vowels.chars().flat_map(|vowel| marks.map(|mark| format!("{vowel}{mark}").nfc().collect::<String>()));
        for letters in marked.chain(["đĐăâêôơưĂÂÊÔƠƯ…·".to_owned()]) {
            for letter in format!("{letters}{}", letters.to_uppercase()).chars() {
                assert_ne!(FONT.glyph_id(letter).0, 0, "{letter}");
            }
        }
    }

    #[test]
    fn letters_are_as_large_as_there_is_room_for() {
        let large = Lettering::for_picture(2600, 5200);
        assert!((large.height - 100.0).abs() < 1e-3);
        let lines = ["gan".to_owned(), "túi mật".to_owned()];
        let fitted = |width, height| large.to_fit(&lines, (width, height));
        assert_eq!(fitted(5000.0, 5000.0), (large, lines.to_vec()));
        let (lettering, broken) = fitted(5000.0, 130.0);
        assert!(broken == lines && 2 * lettering.line_pixels() <= 130 && lettering.height > 40.0);
        let (lettering, broken) = fitted(200.0, 5000.0);
        assert_eq!((broken, lettering.width("mật") <= 200.0), (vec!["gan".into(), "túi".into(), "mật".into()], true));
        let (lettering, broken) = fitted(1.0, 1.0);
        assert!(broken == lines && (lettering.height - SMALLEST_PIXELS).abs() < 1e-3, "what cannot be read helps nobody");
    }

    #[test]
    fn what_has_no_room_is_cut_and_ends_in_dots() {
        let lettering = Lettering::for_picture(100, 100);
        let whole = lettering.ink("phổi phải", 1000);
        let cut = lettering.ink("phổi phải", 30);
        assert!(cut.across < whole.across && cut.across <= 30 + 2 * lettering.rim());
        assert!(lettering.ink("", 30).letters.iter().all(|pixel| *pixel == 0));
        assert_eq!(lettering.ink("\u{7}\u{1b}", 30).across, 2 * lettering.rim(), "controls are no letters");
    }

    #[test]
    fn ink_outside_of_a_picture_is_cut() {
        let ink = Lettering::for_picture(100, 100).ink("phổi phải", 1000);
        for (x, y) in [(-10, -5), (10, 10), (i64::from(i32::MIN), 0), (5, 5000)] {
            let mut picture = GrayImage::from_pixel(20, 20, Luma([100]));
            ink.lay(&mut picture, (x, y), Luma([255]), Luma([0]));
            let is_touched = picture.pixels().any(|pixel| *pixel != Luma([100]));
            assert_eq!(is_touched, x.abs() < 20 && y.abs() < 20, "{x} {y}");
        }
    }
}
