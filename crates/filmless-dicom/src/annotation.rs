//! What a presentation state draws on an image (PS3.3 sections C.10.5, Graphic Annotation Module, C.10.7, Graphic Layer Module,
//! and C.11.7, Overlay Activation Module): lines, surfaces and overlays. Texts are in `text_object.rs`.

use std::collections::HashMap;

use dicom_core::Tag;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;
use image::{Rgb, RgbImage};

use crate::canvas::Point;
use crate::pixel::{integer, text};
use crate::presentation::items;

/// Shapes that are drawn, and points of all of them together.
const MAX_SHAPES: usize = 5_000;
const MAX_POINTS: usize = 200_000;
/// Points that a circle or ellipse becomes.
const ROUND: u32 = 96;
/// Overlays of an instance (PS3.5 section 7.6, Repeating Groups).
const OVERLAY_GROUPS: u16 = 16;

/// Something that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    /// One for a point; a surface is closed by itself.
    pub(crate) points: Vec<Point>,
    pub(crate) is_filled: bool,
    /// Its places are shares of what is displayed, and not pixels of the image.
    pub(crate) is_of_display: bool,
    pub(crate) colour: [u8; 3],
}

/// The shapes of a state whose annotations `is_meant` accepts, those of the lowest layer first.
pub(crate) fn shapes(state: &InMemDicomObject, is_meant: impl Fn(&InMemDicomObject) -> bool) -> Vec<Shape> {
    let layers = Layers::read(state);
    let mut found: Vec<(i64, Shape)> = Vec::new();
    let mut points = MAX_POINTS;
    for annotation in items(state, tags::GRAPHIC_ANNOTATION_SEQUENCE).iter().filter(|item| is_meant(item)) {
        let (order, colour) = layers.of(text(annotation, tags::GRAPHIC_LAYER).as_deref());
        for object in items(annotation, tags::GRAPHIC_OBJECT_SEQUENCE) {
            let Some(shape) = read_shape(object, colour).filter(|shape| shape.points.len() <= points) else { continue };
            if found.len() == MAX_SHAPES {
                break;
            }
            points -= shape.points.len();
            found.push((order, shape));
        }
    }
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, shape)| shape).collect()
}

fn read_shape(object: &InMemDicomObject, colour: [u8; 3]) -> Option<Shape> {
    let numbers = object.get(tags::GRAPHIC_DATA)?.to_multi_float64().ok()?;
    let given: Vec<Point> = numbers.as_chunks::<2>().0.iter().take(MAX_POINTS).map(|[x, y]| (*x, *y)).collect();
    let kind = text(object, tags::GRAPHIC_TYPE)?;
    let points = match (kind.as_str(), given.as_slice()) {
        ("POINT", [point, ..]) => vec![*point],
        ("POLYLINE" | "INTERPOLATED", [_, _, ..]) => given,
        ("CIRCLE", [(x, y), (on_x, on_y), ..]) => {
            let radius = (on_x - x).hypot(on_y - y);
            round((*x, *y), (radius, 0.0), (0.0, radius))
        }
        ("ELLIPSE", [(x0, y0), (x1, y1), (x2, y2), (x3, y3), ..]) => {
            let middle = (f64::midpoint(*x0, *x1), f64::midpoint(*y0, *y1));
            round(middle, ((x1 - x0) / 2.0, (y1 - y0) / 2.0), ((x3 - x2) / 2.0, (y3 - y2) / 2.0))
        }
        _ => return None,
    };
    let units = text(object, tags::GRAPHIC_ANNOTATION_UNITS);
    Some(Shape {
        is_filled: points.len() > 2 && text(object, tags::GRAPHIC_FILLED).is_some_and(|filled| filled == "Y"),
        points,
        is_of_display: units.is_some_and(|units| units == "DISPLAY"),
        colour,
    })
}

/// A closed line around a middle, by its half axes.
fn round((x, y): Point, (ax, ay): Point, (bx, by): Point) -> Vec<Point> {
    let angles = (0..=ROUND).map(|step| f64::from(step) / f64::from(ROUND) * std::f64::consts::TAU);
    angles.map(|angle| (x + ax * angle.cos() + bx * angle.sin(), y + ay * angle.cos() + by * angle.sin())).collect()
}

/// The layers of a state by name: order and colour.
pub(crate) struct Layers(HashMap<String, (i64, [u8; 3])>);

impl Layers {
    pub(crate) fn read(state: &InMemDicomObject) -> Self {
        let read = |item: &InMemDicomObject| {
            let lab = item.get(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
            let lab = lab.and_then(|element| element.to_multi_int::<u16>().ok()).and_then(|lab| cielab(&lab));
            let grey = integer(item, tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE).unwrap_or(0xffff);
            let order = integer(item, tags::GRAPHIC_LAYER_ORDER).unwrap_or(0);
            Some((text(item, tags::GRAPHIC_LAYER)?, (order, lab.unwrap_or_else(|| p_value(grey)))))
        };
        Self(items(state, tags::GRAPHIC_LAYER_SEQUENCE).iter().filter_map(read).collect())
    }

    /// Order and colour of a layer; white on top of nothing if it is not described.
    pub(crate) fn of(&self, name: Option<&str>) -> (i64, [u8; 3]) {
        name.and_then(|name| self.0.get(name)).copied().unwrap_or((0, [255; 3]))
    }
}

/// A plane of single bits (PS3.3 sections C.9.2, Overlay Plane Module, and C.9.3, Multi-frame Overlay Module).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overlay {
    rows: u32,
    columns: u32,
    /// Where its first bit lies, from the first pixel of the image.
    left: i64,
    top: i64,
    bits: Vec<u8>,
    /// Where the plane begins among them.
    first_bit: u64,
    colour: [u8; 3],
}

/// The overlays of a frame that a state activates, its own and those of the image.
pub(crate) fn overlays(state: &InMemDicomObject, image: &InMemDicomObject, frame: FrameNumber) -> Vec<Overlay> {
    let layers = Layers::read(state);
    let groups = (0..OVERLAY_GROUPS).map(|number| 0x6000 + 2 * number);
    let mut found: Vec<_> = groups
        .filter_map(|group| {
            let (order, colour) = layers.of(Some(&text(state, Tag(group, 0x1001))?));
            let overlay = Overlay::read(state, group, frame, colour).or_else(|| Overlay::read(image, group, frame, colour))?;
            Some((order, overlay))
        })
        .collect();
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, overlay)| overlay).collect()
}

impl Overlay {
    /// Reads the plane of a group that is for a frame. One whose bits stand among those of the pixels is not read.
    pub(crate) fn read(object: &InMemDicomObject, group: u16, frame: FrameNumber, colour: [u8; 3]) -> Option<Self> {
        let number = |element| integer(object, Tag(group, element)).and_then(|number| u32::try_from(number).ok());
        let (rows, columns) = (number(0x0010)?, number(0x0011)?);
        // A single plane without Number of Frames in Overlay is for all frames.
        let plane = match (number(0x0015), number(0x0051).unwrap_or(1)) {
            (None, _) => 0,
            (Some(planes), first) => frame.get().checked_sub(first).filter(|plane| *plane < planes)?,
        };
        let origin: Vec<i64> = object.get(Tag(group, 0x0050)).and_then(|e| e.to_multi_int().ok()).unwrap_or_else(|| vec![1, 1]);
        let [top, left, ..] = origin[..] else { return None };
        let Value::Primitive(data) = object.get(Tag(group, 0x3000))?.value() else { return None };
        let bits: Vec<u8> = match data {
            PrimitiveValue::U8(bytes) => bytes.to_vec(),
            PrimitiveValue::U16(words) => words.iter().flat_map(|word| word.to_le_bytes()).collect(),
            _ => return None,
        };
        let first_bit = u64::from(plane).checked_mul(u64::from(rows) * u64::from(columns))?;
        (rows > 0 && columns > 0).then_some(Self { rows, columns, left: left - 1, top: top - 1, bits, first_bit, colour })
    }

    /// Whether the bit over a pixel is set.
    pub(crate) fn covers(&self, x: u32, y: u32) -> bool {
        let within = |place: u32, start: i64, side: u32| {
            u32::try_from(i64::from(place).checked_sub(start)?).ok().filter(|place| *place < side)
        };
        let Some((column, row)) = within(x, self.left, self.columns).zip(within(y, self.top, self.rows)) else { return false };
        let bit = self.first_bit.saturating_add(u64::from(row) * u64::from(self.columns) + u64::from(column));
        let byte = usize::try_from(bit / 8).ok().and_then(|at| self.bits.get(at));
        byte.is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
    }

    /// Draws the plane.
    pub(crate) fn draw(&self, picture: &mut RgbImage) {
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if self.covers(x, y) {
                *pixel = Rgb(self.colour);
            }
        }
    }
}

/// A grey of 16 bits as a display shows it.
pub(crate) fn p_value(value: i64) -> [u8; 3] {
    [u8::try_from((value.clamp(0, 0xffff) + 128) / 257).unwrap_or(u8::MAX); 3]
}

/// A colour in PCS values (PS3.3 section C.10.7.1.1, Encoding of `CIELab` Values) as sRGB.
pub(crate) fn cielab(values: &[u16]) -> Option<[u8; 3]> {
    let [lightness, green_red, blue_yellow, ..] = *values else { return None };
    let lightness = f64::from(lightness) / 65_535.0 * 100.0;
    let chroma = |value: u16| f64::from(value) / 65_535.0 * 255.0 - 128.0;
    let middle = (lightness + 16.0) / 116.0;
    // White of D50, then to linear sRGB with its own white (ICC.1, sRGB profile).
    let inverse = |t: f64| if t > 6.0 / 29.0 { t.powi(3) } else { 3.0 * (6.0f64 / 29.0).powi(2) * (t - 4.0 / 29.0) };
    let x = 0.9642 * inverse(middle + chroma(green_red) / 500.0);
    let (y, z) = (inverse(middle), 0.8249 * inverse(middle - chroma(blue_yellow) / 200.0));
    let linear = [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_142 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ];
    Some(linear.map(|value| {
        let value = value.clamp(0.0, 1.0);
        let value = if value <= 0.003_130_8 { 12.92 * value } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
        {
            (value * 255.0).round() as u8
        }
    }))
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, VR};

    use super::*;

    #[test]
    fn greys_and_cielab_become_what_a_display_shows() {
        assert_eq!([0, 0x8080, 0xffff, 70_000].map(|value| p_value(value)[0]), [0, 128, 255, 255]);
        let pcs = |l: f64, a: f64, b: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
            [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0].map(|share| (share * 65_535.0).round() as u16)
        };
        for (lab, expected) in [
            (pcs(100.0, 0.0, 0.0), [255, 255, 255]),
            (pcs(0.0, 0.0, 0.0), [0, 0, 0]),
            (pcs(53.585, 0.0, 0.0), [128, 128, 128]),
            // Red of sRGB in CIELab of D50.
            (pcs(54.29, 80.81, 69.89), [255, 0, 0]),
        ] {
            let found = cielab(&lab).expect("three values");
            assert!(found.iter().zip(expected).all(|(one, other): (&u8, u8)| one.abs_diff(other) <= 2), "{found:?} {expected:?}");
        }
        assert_eq!(cielab(&[1, 2]), None);
    }

    #[test]
    fn an_overlay_covers_its_bits_where_it_lies() {
        let overlay =
            Overlay { rows: 2, columns: 5, left: 1, top: -1, bits: vec![0b0010_0000, 0b10], first_bit: 0, colour: [255; 3] };
        // Its second row, bits 5 to 9, lies over the first row of the image.
        let covered: Vec<_> = (0..8).filter(|x| overlay.covers(*x, 0)).collect();
        assert_eq!(covered, [1, 5]);
        assert!((0..8).all(|x| !overlay.covers(x, 1)));
    }

    #[test]
    fn an_overlay_of_several_frames_has_a_plane_for_each() {
        let mut object = InMemDicomObject::new_empty();
        let mut put = |element, number: u16| {
            object.put(DataElement::new(Tag(0x6000, element), VR::US, PrimitiveValue::from(number)));
        };
        put(0x0010, 1);
        put(0x0011, 3);
        let bits = DataElement::new(Tag(0x6000, 0x3000), VR::OW, PrimitiveValue::U16([0b100_010_001].into_iter().collect()));
        put(0x0015, 3);
        put(0x0051, 2);
        object.put(bits);
        let covered = |object: &InMemDicomObject, frame| {
            let overlay = Overlay::read(object, 0x6000, FrameNumber::new(frame).expect("not 0"), [0; 3])?;
            Some((0..3).filter(|x| overlay.covers(*x, 0)).collect::<Vec<_>>())
        };
        let found: Vec<_> = (1..=5).map(|frame| covered(&object, frame)).collect();
        assert_eq!(found, [None, Some(vec![0]), Some(vec![1]), Some(vec![2]), None]);
        object.remove_element(Tag(0x6000, 0x0015));
        assert_eq!(covered(&object, 5), Some(vec![0]), "a single plane is for all frames");
    }
}
