//! Words burned into a picture: who it is of and how it was taken (PS3.18 8.3.5.1.1, Image Annotation).

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;
use image::{DynamicImage, Luma, Rgb};

use crate::lettering::Lettering;
use crate::pixel::{decimals, text};

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
    lettering: Lettering,
    picture: [u32; 2],
}

impl Pen {
    /// Nothing if not even a line has room.
    fn for_picture(picture: &DynamicImage) -> Option<Self> {
        let (width, height) = (picture.width(), picture.height());
        let pen = Self { lettering: Lettering::for_picture(width, height), picture: [width, height] };
        (pen.lines() > 0).then_some(pen)
    }

    fn lines(&self) -> usize {
        (self.picture[1].saturating_sub(2 * self.lettering.margin()) / self.lettering.line_pixels()) as usize
    }

    /// Writes one line, white with a dark rim.
    fn write(&self, picture: &mut DynamicImage, line: &str, place: usize) {
        let (margin, down) = (self.lettering.margin(), i64::from(self.lettering.line_pixels()));
        let ink = self.lettering.ink(line, self.picture[0].saturating_sub(2 * margin));
        let at = (i64::from(margin), i64::from(margin) + i64::try_from(place).unwrap_or(i64::MAX).saturating_mul(down));
        match picture {
            DynamicImage::ImageLuma8(shades) => ink.lay(shades, at, Luma([255]), Luma([0])),
            DynamicImage::ImageRgb8(colours) => ink.lay(colours, at, Rgb([255; 3]), Rgb([0; 3])),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue, VR};
    use image::{GrayImage, RgbImage};
    use unicode_normalization::UnicodeNormalization;

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
