//! Words burned into a picture: who it is of and how it was taken (PS3.18 8.3.5.1.1, Image Annotation).
//!
//! The font is a part of `DejaVu Sans`, beside its licence in `fonts/`: Latin with every mark of Vietnamese, Greek and
//! Cyrillic. Letters of other scripts are drawn as boxes.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, ScaleFont, point};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;
use image::DynamicImage;
use unicode_normalization::UnicodeNormalization;

use crate::pixel::{decimals, text};

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../../fonts/DejaVuSans.ttf")).expect("the font is a part of the program")
});

/// So many lines of letters fit across the shorter side of a picture.
const LINES_OF_A_SIDE: f32 = 26.0;
/// Pixels of the smallest letters that can be read.
const SMALLEST_PIXELS: f32 = 12.0;
/// From one line to the next, in heights of a letter.
const LINE_SPACING: f32 = 1.3;
/// How much of that is above the letters, for marks over marks.
const ROOM_ABOVE: f32 = 0.15;
/// The dark rim of letters, in heights of a letter.
const RIM: f32 = 0.08;
/// Longer words are cut before they are measured.
const MAX_CHARACTERS: usize = 200;

/// What is burned into a picture; nothing by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Annotation {
    /// Who it is of: upper left.
    pub patient: bool,
    /// How it was taken: lower left.
    pub technique: bool,
}

impl Annotation {
    /// Reads `patient`, `technique`, or both with a comma between.
    pub fn parse(text: &str) -> Option<Self> {
        text.split(',').try_fold(Self::default(), |asked, word| match word.trim() {
            "patient" => Some(Self { patient: true, ..asked }),
            "technique" => Some(Self { technique: true, ..asked }),
            _ => None,
        })
    }

    /// Burns the words of a frame's header in.
    pub(super) fn burn_into(self, picture: &mut DynamicImage, header: &InMemDicomObject, frame: FrameNumber) {
        let Self { patient, technique } = self;
        let upper = if patient { patient_lines(header) } else { Vec::new() };
        let lower = if technique { technique_lines(header, frame) } else { Vec::new() };
        let Some(pen) = Pen::for_picture(picture) else { return };
        let room = pen.lines() / if patient && technique { 2 } else { 1 };
        for (place, line) in upper.iter().take(room).enumerate() {
            pen.write(picture, line, place);
        }
        let shown = lower.len().min(room);
        for (place, line) in lower.iter().take(shown).enumerate() {
            pen.write(picture, line, pen.lines() - shown + place);
        }
    }
}

/// Name, ID, date of birth and sex.
fn patient_lines(header: &InMemDicomObject) -> Vec<String> {
    let birth = [date(header, tags::PATIENT_BIRTH_DATE), text(header, tags::PATIENT_SEX)];
    let lines = [text(header, tags::PATIENT_NAME).map(|name| person(&name)), text(header, tags::PATIENT_ID), joined(birth)];
    lines.into_iter().flatten().filter(|line| !line.is_empty()).collect()
}

/// Device, description, day and number, and what of the beam or the sequence there is.
fn technique_lines(header: &InMemDicomObject, frame: FrameNumber) -> Vec<String> {
    let number = |tag, before: &str, after: &str| {
        let value = decimals(header, tag).first().copied()?;
        Some(format!("{before}{}{after}", (value * 100.0).round() / 100.0))
    };
    let device = [text(header, tags::MODALITY), text(header, tags::MANUFACTURER_MODEL_NAME)];
    let what = text(header, tags::SERIES_DESCRIPTION).or_else(|| text(header, tags::PROTOCOL_NAME));
    let body_part = text(header, tags::BODY_PART_EXAMINED);
    let day = date(header, tags::ACQUISITION_DATE).or_else(|| date(header, tags::CONTENT_DATE));
    let many = decimals(header, tags::NUMBER_OF_FRAMES).first().is_some_and(|count| *count > 1.0);
    let place = [
        day.or_else(|| date(header, tags::STUDY_DATE)),
        number(tags::SERIES_NUMBER, "S ", ""),
        number(tags::INSTANCE_NUMBER, "I ", ""),
        many.then(|| format!("F {}", frame.get())),
    ];
    let settings = [
        number(tags::KVP, "", " kV"),
        number(tags::X_RAY_TUBE_CURRENT, "", " mA"),
        number(tags::EXPOSURE, "", " mAs"),
        number(tags::REPETITION_TIME, "TR ", ""),
        number(tags::ECHO_TIME, "TE ", ""),
        number(tags::INVERSION_TIME, "TI ", ""),
        number(tags::MAGNETIC_FIELD_STRENGTH, "", " T"),
        number(tags::SLICE_THICKNESS, "", " mm"),
    ];
    [joined(device), joined([what, body_part]), joined(place), joined(settings)].into_iter().flatten().collect()
}

fn joined(words: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let words: Vec<_> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" · "))
}

/// A person's name as people write it: its letters (PS3.5 6.2.1.2, Ideographic and Phonetic Characters), without carets.
fn person(name: &str) -> String {
    let group = name.split('=').find(|group| !group.trim_matches(['^', ' ']).is_empty()).unwrap_or_default();
    group.split(['^', ' ']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A date as ISO 8601 writes it, if it is one.
fn date(header: &InMemDicomObject, tag: Tag) -> Option<String> {
    let date = text(header, tag)?;
    let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_date { format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]) } else { date })
}

/// Letters of a size that fits a picture.
struct Pen {
    height: f32,
    line_pixels: u32,
    margin: u32,
    picture: [u32; 2],
}

impl Pen {
    /// Nothing if not even a line has room.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "sides of pictures")]
    fn for_picture(picture: &DynamicImage) -> Option<Self> {
        let sides = [picture.width(), picture.height()];
        let height = (sides[0].min(sides[1]) as f32 / LINES_OF_A_SIDE).max(SMALLEST_PIXELS);
        let pen = Self {
            height,
            line_pixels: (height * LINE_SPACING).ceil() as u32,
            margin: (height / 3.0).ceil() as u32,
            picture: sides,
        };
        (pen.lines() > 0).then_some(pen)
    }

    fn lines(&self) -> usize {
        (self.picture[1].saturating_sub(2 * self.margin) / self.line_pixels) as usize
    }

    /// Writes one line, white with a dark rim, so that it can be read on whatever lies below.
    fn write(&self, picture: &mut DynamicImage, line: &str, place: usize) {
        let (across, down) = (self.picture[0] as usize, self.line_pixels as usize);
        let mut ink = vec![0_u8; across * down];
        for glyph in self.glyphs(line) {
            let Some(outline) = FONT.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            #[expect(clippy::cast_possible_truncation, reason = "whole pixels near the picture")]
            let place = |from: f32, by: u32| usize::try_from(from as i64 + i64::from(by)).ok();
            outline.draw(|x, y, coverage| {
                if let (Some(x), Some(y)) = (place(corner.x, x), place(corner.y, y))
                    && x < across
                    && let Some(pixel) = ink.get_mut(y * across + x)
                {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
                    let coverage = (coverage * 255.0) as u8;
                    *pixel = pixel.saturating_add(coverage);
                }
            });
        }
        let rim = widened(&ink, across, self.rim());
        let top = self.margin as usize + place * down;
        let (bytes, channels): (&mut [u8], usize) = match picture {
            DynamicImage::ImageLuma8(shades) => (shades, 1),
            DynamicImage::ImageRgb8(colours) => (colours, 3),
            _ => return,
        };
        let pixels = bytes.chunks_exact_mut(channels).skip(top * across);
        for ((pixel, ink), rim) in pixels.zip(ink).zip(rim) {
            for sample in pixel {
                *sample = blend(blend(*sample, 0, rim), 255, ink);
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a letter's height")]
    fn rim(&self) -> usize {
        (self.height * RIM).ceil() as usize
    }

    /// The letters of a line where they stand, as many as there is room for.
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    fn glyphs(&self, line: &str) -> Vec<Glyph> {
        let font = FONT.as_scaled(self.height);
        let (start, end) = (self.margin as f32, self.picture[0].saturating_sub(self.margin) as f32);
        let width = |letter: char| font.h_advance(font.glyph_id(letter));
        let letters: Vec<char> = line.nfc().filter(|letter| !letter.is_control()).take(MAX_CHARACTERS).collect();
        let whole: f32 = letters.iter().map(|letter| width(*letter)).sum();
        let cut = if start + whole > end { "…" } else { "" };
        let end = end - cut.chars().map(width).sum::<f32>();
        let mut at = start;
        let mut glyphs = Vec::new();
        let mut put = |letter: char, at: &mut f32| {
            glyphs.push(
                font.glyph_id(letter).with_scale_and_position(self.height, point(*at, font.ascent() + self.height * ROOM_ABOVE)),
            );
            *at += width(letter);
        };
        for letter in letters {
            if at + width(letter) > end {
                break;
            }
            put(letter, &mut at);
        }
        cut.chars().for_each(|letter| put(letter, &mut at));
        glyphs
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
    use dicom_core::{DataElement, PrimitiveValue, VR};
    use image::{GrayImage, RgbImage};

    use super::*;

    fn header(attributes: &[(Tag, &str)]) -> InMemDicomObject {
        let element = |(tag, value): &(Tag, &str)| DataElement::new(*tag, VR::LO, PrimitiveValue::from(*value));
        InMemDicomObject::from_element_iter(attributes.iter().map(element))
    }

    fn patient() -> InMemDicomObject {
        header(&[
            (tags::PATIENT_NAME, "Nguyễn^Thị Ánh"),
            (tags::PATIENT_ID, "BN-0042"),
            (tags::PATIENT_BIRTH_DATE, "19800102"),
            (tags::PATIENT_SEX, "F"),
            (tags::MODALITY, "MR"),
            (tags::ECHO_TIME, "15.004"),
            (tags::NUMBER_OF_FRAMES, "3"),
        ])
    }

    const BOTH: Annotation = Annotation { patient: true, technique: true };

    #[test]
    fn what_to_burn_in_is_read_from_a_list() {
        assert_eq!(Annotation::parse("patient"), Some(Annotation { patient: true, technique: false }));
        assert_eq!(Annotation::parse("technique, patient"), Some(BOTH));
        for bad in ["", "patient,", "Patient", "all", "patient;technique"] {
            assert_eq!(Annotation::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_header_says_who_and_how() {
        assert_eq!(patient_lines(&patient()), ["Nguyễn Thị Ánh", "BN-0042", "1980-01-02 · F"]);
        assert_eq!(technique_lines(&patient(), FrameNumber::FIRST), ["MR", "F 1", "TE 15"]);
        assert_eq!(patient_lines(&header(&[])), Vec::<String>::new());
        for (name, expected) in [
            ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada Tarou"),
            ("=山田^太郎", "山田 太郎"),
            ("Trần Văn^^^BS^", "Trần Văn BS"),
            ("^^", ""),
        ] {
            assert_eq!(person(name), expected);
        }
    }

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
    fn words_stand_in_their_corners_and_can_be_read_on_any_ground() {
        for ground in [0, 128, 255] {
            let mut picture = GrayImage::from_pixel(400, 300, image::Luma([ground])).into();
            BOTH.burn_into(&mut picture, &patient(), FrameNumber::FIRST);
            let shades = picture.to_luma8();
            let touched = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
                let mut all = y.flat_map(|y| x.clone().map(move |x| (x, y)));
                all.any(|(x, y)| shades.get_pixel(x, y).0 != [ground])
            };
            assert!(touched(0..200, 0..60) && touched(0..200, 240..300), "{ground}");
            assert!(!touched(200..400, 0..300) && !touched(0..400, 100..200), "{ground}");
            let (darkest, lightest) = (shades.iter().min().copied(), shades.iter().max().copied());
            assert!(darkest < Some(40) && lightest > Some(215), "{ground}");
        }
    }

    #[test]
    fn the_same_name_is_the_same_picture_however_its_marks_are_written() {
        let drawn = |name: &str| {
            let mut picture = RgbImage::new(300, 200).into();
            BOTH.burn_into(&mut picture, &header(&[(tags::PATIENT_NAME, name)]), FrameNumber::FIRST);
            picture
        };
        let composed = "Đặng^Thị Hồng Hạnh";
        let apart: String = composed.nfd().collect();
        assert!(apart != composed && drawn(composed) == drawn(&apart));
        assert!(drawn(composed) != drawn("Dang^Thi Hong Hanh"));
    }

    #[test]
    fn small_pictures_and_long_names_are_no_trouble() {
        for (width, height) in [(1, 1), (12, 12), (64, 8), (8, 64), (64, 64), (500, 20)] {
            let mut picture = GrayImage::new(width, height).into();
            let long = header(&[(tags::PATIENT_NAME, &"Nguyễn\u{7}".repeat(1000)), (tags::MODALITY, "CT")]);
            BOTH.burn_into(&mut picture, &long, FrameNumber::FIRST);
            assert_eq!((picture.width(), picture.height()), (width, height));
        }
    }
}
