//! What a presentation state writes on an image (PS3.3 section C.10.5, Graphic Annotation Module, Text Object Sequence): upright in
//! its box, or beside its anchor. Letters are as large as is easily read, or as the box has room for; the fonts, sizes and
//! shadows of Text Styles are not followed, their colours are.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use image::Rgb;

use crate::annotation::{Layers, cielab};
use crate::canvas::{Canvas, Point};
use crate::lettering::Lettering;
use crate::lut::first_item;
use crate::pixel::text;
use crate::presentation::items;
use crate::report::string;

/// Texts of a state that are written, and letters and lines of one.
const MAX_TEXTS: usize = 500;
const MAX_CHARACTERS: usize = 2_000;
const MAX_LINES: usize = 40;
/// Letters have a dark rim if their colour is as light as red, of 255, and a light one otherwise.
const LIGHT: u32 = 50;

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    /// In pixels of the image.
    OfImage(Point),
    /// In shares of what is displayed.
    OfDisplay(Point),
}

/// Where lines begin in their box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Justification {
    Left,
    Center,
    Right,
}

/// A text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TextObject {
    lines: Vec<String>,
    /// Two opposite corners.
    bounds: Option<[Place; 2]>,
    justification: Justification,
    anchor: Option<Place>,
    /// Whether the anchor is to be seen.
    shows_anchor: bool,
    colour: [u8; 3],
}

/// The texts of a state whose annotations `is_meant` accepts, those of the lowest layer first.
pub(crate) fn texts(state: &InMemDicomObject, is_meant: impl Fn(&InMemDicomObject) -> bool) -> Vec<TextObject> {
    let layers = Layers::read(state);
    let annotations = items(state, tags::GRAPHIC_ANNOTATION_SEQUENCE).iter().filter(|item| is_meant(item));
    let found = annotations.flat_map(|annotation| {
        let (order, colour) = layers.of(text(annotation, tags::GRAPHIC_LAYER).as_deref());
        let objects = items(annotation, tags::TEXT_OBJECT_SEQUENCE).iter();
        objects.filter_map(move |object| Some((order, TextObject::read(object, colour)?)))
    });
    let mut found: Vec<_> = found.take(MAX_TEXTS).collect();
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, text)| text).collect()
}

impl TextObject {
    /// Reads a text; nothing if it says nothing, or does not say where.
    fn read(object: &InMemDicomObject, colour: [u8; 3]) -> Option<Self> {
        let value = string(object, tags::UNFORMATTED_TEXT_VALUE)?;
        let value = value.chars().take(MAX_CHARACTERS).collect::<String>().replace("\r\n", "\n");
        let lines = value.split(['\n', '\r', '\u{c}']).take(MAX_LINES).map(|line| line.trim_end().to_owned());
        let place = |tag: Tag, units: Tag| {
            let numbers = object.get(tag)?.to_multi_float64().ok()?;
            let (&[x, y], _) = numbers.split_first_chunk()?;
            let is_place = x.is_finite() && y.is_finite();
            match text(object, units).as_deref() {
                Some("PIXEL") => is_place.then_some(Place::OfImage((x, y))),
                Some("DISPLAY") => is_place.then_some(Place::OfDisplay((x, y))),
                _ => None,
            }
        };
        let corner = |tag| place(tag, tags::BOUNDING_BOX_ANNOTATION_UNITS);
        let bounds = corner(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER).zip(corner(tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER));
        let anchor = place(tags::ANCHOR_POINT, tags::ANCHOR_POINT_ANNOTATION_UNITS);
        let style = first_item(object, tags::TEXT_STYLE_SEQUENCE).and_then(|style| style.get(tags::TEXT_COLOR_CIE_LAB_VALUE));
        let own = style.and_then(|colour| colour.to_multi_int::<u16>().ok()).and_then(|lab| cielab(&lab));
        (bounds.is_some() || anchor.is_some()).then(|| Self {
            lines: lines.collect(),
            bounds: bounds.map(Into::into),
            justification: match text(object, tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION).as_deref() {
                Some("CENTER") => Justification::Center,
                Some("RIGHT") => Justification::Right,
                _ => Justification::Left,
            },
            anchor,
            shows_anchor: text(object, tags::ANCHOR_POINT_VISIBILITY).is_some_and(|visibility| visibility == "Y"),
            colour: own.unwrap_or(colour),
        })
    }

    /// Writes it where `on_canvas` says that its places are. What lies outside of the picture is left out; what begins in it is
    /// moved until it ends there.
    pub(crate) fn draw(&self, canvas: &mut Canvas, on_canvas: impl Fn(Place) -> Point) {
        let (width, height) = (f64::from(canvas.picture.width()), f64::from(canvas.picture.height()));
        let lettering = Lettering::for_picture(canvas.picture.width(), canvas.picture.height());
        let anchor = self.anchor.map(&on_canvas);
        let bounds = self.bounds.map(|corners| Rectangle::between(corners.map(&on_canvas)));
        let ((lettering, lines), bounds) = match (bounds, anchor) {
            (Some(bounds), _) => (lettering.to_fit(&self.lines, (bounds.width, bounds.height)), bounds),
            (None, Some((x, y))) => {
                let (line, margin) = (f64::from(lettering.line_pixels()), f64::from(lettering.margin()));
                ((lettering, self.lines.clone()), Rectangle { left: x + margin, top: y - line / 2.0, width: 0.0, height: line })
            }
            (None, None) => return,
        };
        if !bounds.meets(width, height) {
            return;
        }
        let text = place(&lines, lettering, bounds, (width, height));
        if let Some(anchor) = anchor.filter(|_| self.shows_anchor) {
            let line = f64::from(lettering.rim()).max(1.0);
            canvas.polyline(&[anchor], line * 4.0, self.colour);
            canvas.polyline(&[text.nearest(anchor), anchor], line, self.colour);
        }
        let [red, green, blue] = self.colour.map(u32::from);
        let rim = if (red * 2 + green * 7 + blue) / 10 >= LIGHT { [0; 3] } else { [255; 3] };
        let mut top = text.top;
        for line in &lines {
            let free = text.width - f64::from(lettering.width(line));
            let left = text.left
                + match self.justification {
                    Justification::Left => 0.0,
                    Justification::Center => (free / 2.0).max(0.0),
                    Justification::Right => free.max(0.0),
                };
            let ink = lettering.ink(line, pixels(text.width.ceil()));
            if !canvas.may_visit(ink.area()) {
                return;
            }
            #[expect(clippy::cast_possible_truncation, reason = "within the picture")]
            let at = (left.round() as i64, top.round() as i64);
            ink.lay(&mut canvas.picture, at, Rgb(self.colour), Rgb(rim));
            top += f64::from(lettering.line_pixels());
        }
    }
}

/// What the lines cover: as wide as the box, or as the longest of them if that is wider; no wider than the picture.
fn place(lines: &[String], lettering: Lettering, bounds: Rectangle, (width, height): (f64, f64)) -> Rectangle {
    let longest = lines.iter().map(|line| f64::from(lettering.width(line))).fold(0.0, f64::max);
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let rim = f64::from(lettering.rim());
    let text_width = bounds.width.max(longest).min(width - 2.0 * rim).max(0.0);
    let text_height = f64::from(count) * f64::from(lettering.line_pixels());
    Rectangle {
        left: bounds.left.min(width - rim - text_width).max(rim),
        top: bounds.top.min(height - text_height).max(0.0),
        width: text_width,
        height: text_height,
    }
}

/// A rectangle on the canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rectangle {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Rectangle {
    /// By two opposite corners, whichever these are: a state that turns the image gives those of its own picture.
    fn between([(x0, y0), (x1, y1)]: [Point; 2]) -> Self {
        Self { left: x0.min(x1), top: y0.min(y1), width: (x1 - x0).abs(), height: (y1 - y0).abs() }
    }

    /// Whether it has something in common with a picture.
    fn meets(self, width: f64, height: f64) -> bool {
        self.left < width && self.top < height && self.left + self.width >= 0.0 && self.top + self.height >= 0.0
    }

    /// Its point that is nearest to another.
    fn nearest(self, (x, y): Point) -> Point {
        (x.max(self.left).min(self.left + self.width), y.max(self.top).min(self.top + self.height))
    }
}

fn pixels(length: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    {
        length as u32
    }
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue, VR};

    use super::*;

    const COLOUR: [u8; 3] = [255, 255, 0];

    fn object(text: &str, elements: &[(Tag, &str)], places: &[(Tag, [f32; 2])]) -> InMemDicomObject {
        let mut object = InMemDicomObject::new_empty();
        object.put(DataElement::new(tags::UNFORMATTED_TEXT_VALUE, VR::ST, PrimitiveValue::from(text)));
        for (tag, value) in elements {
            object.put(DataElement::new(*tag, VR::CS, PrimitiveValue::from(*value)));
        }
        for (tag, value) in places {
            object.put(DataElement::new(*tag, VR::FL, PrimitiveValue::from(*value)));
        }
        object
    }

    fn boxed(text: &str, justification: &str, corners: [[f32; 2]; 2]) -> InMemDicomObject {
        let [first, last] = corners;
        object(
            text,
            &[(tags::BOUNDING_BOX_ANNOTATION_UNITS, "PIXEL"), (tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION, justification)],
            &[(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER, first), (tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER, last)],
        )
    }

    fn anchored(text: &str, anchor: [f32; 2], visibility: &str) -> InMemDicomObject {
        let elements = [(tags::ANCHOR_POINT_ANNOTATION_UNITS, "DISPLAY"), (tags::ANCHOR_POINT_VISIBILITY, visibility)];
        object(text, &elements, &[(tags::ANCHOR_POINT, anchor)])
    }

    /// The columns and rows that letters of a text take on a picture of 400 by 300: first, last, first, last.
    fn drawn(object: &InMemDicomObject) -> Option<[u32; 4]> {
        let text = TextObject::read(object, COLOUR)?;
        let mut canvas = Canvas::new(400, 300, [100; 3]);
        text.draw(&mut canvas, |place| match place {
            Place::OfImage(point) => point,
            Place::OfDisplay((x, y)) => (x * 400.0, y * 300.0),
        });
        // Thin letters cover few pixels whole. Their rim is dark, or as light in all three.
        let bright = canvas.picture.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] > 150 && pixel.0[2] < 90);
        let places: Vec<_> = bright.map(|(x, y, _)| (x, y)).collect();
        let (across, down) = (places.iter().map(|place| place.0), places.iter().map(|place| place.1));
        Some([across.clone().min()?, across.max()?, down.clone().min()?, down.max()?])
    }

    #[test]
    fn text_stands_in_its_box_where_it_is_justified() {
        let corners = [[100.0, 50.0], [300.0, 90.0]];
        let found = |justification| drawn(&boxed("Gan phải", justification, corners)).expect("drawn");
        for justification in ["LEFT", "CENTER", "RIGHT"] {
            let [left, right, top, bottom] = found(justification);
            assert!(left >= 100 && right <= 300 && top >= 50 && bottom <= 90, "{left} {right} {top} {bottom}");
        }
        assert!(found("LEFT")[0] < 105 && found("RIGHT")[1] > 295);
        let [left, right, ..] = found("CENTER");
        assert!((left - 100).abs_diff(300 - right) < 6);
        let turned = boxed("Gan phải", "LEFT", [[300.0, 90.0], [100.0, 50.0]]);
        assert_eq!(drawn(&turned), Some(found("LEFT")), "corners of a picture that is turned");
    }

    #[test]
    fn lines_are_below_each_other_and_long_ones_stay_in_the_picture() {
        let corners = [[10.0, 10.0], [390.0, 200.0]];
        let one = drawn(&boxed("mm", "LEFT", corners)).expect("drawn");
        let three = drawn(&boxed("mm\r\nmm\nmm", "LEFT", corners)).expect("drawn");
        let line = Lettering::for_picture(400, 300).line_pixels();
        assert_eq!((three[0], three[1], three[2], three[3]), (one[0], one[1], one[2], one[3] + 2 * line));
        let long = drawn(&boxed(&"dài ".repeat(100), "LEFT", [[350.0, 290.0], [390.0, 299.0]])).expect("drawn");
        assert!(long[0] < 10 && long[1] > 370 && long[3] < 300, "{long:?}");
        assert_eq!(drawn(&boxed("mm", "LEFT", [[500.0, 10.0], [600.0, 40.0]])), None, "outside");
    }

    #[test]
    fn text_without_a_box_stands_beside_its_anchor() {
        let [left, _, top, bottom] = drawn(&anchored("mm", [0.5, 0.5], "N")).expect("drawn");
        assert!((200..215).contains(&left) && top > 135 && bottom < 165, "{left} {top} {bottom}");
        let [left, ..] = drawn(&anchored("mm", [0.5, 0.5], "Y")).expect("drawn");
        assert!(left < 200, "the anchor is seen");
        for (text, anchor) in [("", [0.5, 0.5]), ("mm", [f32::NAN, 0.5]), ("mm", [2.0, 0.5])] {
            assert_eq!(drawn(&anchored(text, anchor, "Y")), None);
        }
    }

    #[test]
    fn a_text_may_have_a_colour_of_its_own() {
        let mut object = anchored("mm", [0.5, 0.5], "N");
        let mut style = InMemDicomObject::new_empty();
        let black = PrimitiveValue::U16([0, 0x8080, 0x8080].into_iter().collect());
        style.put(DataElement::new(tags::TEXT_COLOR_CIE_LAB_VALUE, VR::US, black));
        let sequence = dicom_core::value::DataSetSequence::from(vec![style]);
        object.put(DataElement::new(tags::TEXT_STYLE_SEQUENCE, VR::SQ, sequence));
        assert_eq!(TextObject::read(&object, COLOUR).map(|text| text.colour), Some([0; 3]));
        assert_eq!(drawn(&object), None, "not in the colour of the layer");
    }
}
