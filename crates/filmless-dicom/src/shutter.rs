//! Display shutters (PS3.3 sections C.7.6.11 and C.7.6.15): what is not to be seen of an image is covered.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;
use image::{Rgb, RgbImage};

use crate::annotation::{Overlay, cielab, p_value};
use crate::canvas::{Point, crossings};
use crate::pixel::{decimal, integer};

/// Corners of a polygonal shutter that are read.
const MAX_VERTICES: usize = 10_000;

/// What a state covers: all that is outside of any of its shapes.
#[derive(Debug, Default)]
pub(crate) struct Shutter {
    /// Left, right, upper and lower edge, which are still seen; counted from 1.
    rectangle: Option<[f64; 4]>,
    /// Column and row of the centre, and the radius.
    circle: Option<(Point, f64)>,
    polygon: Vec<Point>,
    /// Covers where its bits are set.
    bitmap: Option<Overlay>,
    colour: [u8; 3],
}

impl Shutter {
    /// Reads the shutters of a state, as they are for a frame.
    pub(crate) fn read(header: &InMemDicomObject, frame: FrameNumber) -> Self {
        let shapes = header.get(tags::SHUTTER_SHAPE).and_then(|element| element.to_str().ok()).unwrap_or_default();
        let has = |name: &str| shapes.split('\\').any(|shape| shape.trim() == name);
        let numbers = |tag: Tag| header.get(tag).and_then(|element| element.to_multi_float64().ok()).unwrap_or_default();
        let edges = [
            tags::SHUTTER_LEFT_VERTICAL_EDGE,
            tags::SHUTTER_RIGHT_VERTICAL_EDGE,
            tags::SHUTTER_UPPER_HORIZONTAL_EDGE,
            tags::SHUTTER_LOWER_HORIZONTAL_EDGE,
        ];
        let edges: Vec<_> = edges.into_iter().filter_map(|tag| decimal(header, tag)).collect();
        let circle = match numbers(tags::CENTER_OF_CIRCULAR_SHUTTER)[..] {
            [row, column, ..] => decimal(header, tags::RADIUS_OF_CIRCULAR_SHUTTER).map(|radius| ((column, row), radius)),
            _ => None,
        };
        let vertices = numbers(tags::VERTICES_OF_THE_POLYGONAL_SHUTTER);
        let vertices = vertices.as_chunks::<2>().0.iter().take(MAX_VERTICES).map(|[row, column]| (*column, *row));
        let group = integer(header, tags::SHUTTER_OVERLAY_GROUP).and_then(|group| u16::try_from(group).ok());
        let lab = header.get(tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE).and_then(|element| element.to_multi_int().ok());
        let grey = integer(header, tags::SHUTTER_PRESENTATION_VALUE).unwrap_or(0);
        Self {
            rectangle: edges.try_into().ok().filter(|_| has("RECTANGULAR")),
            circle: circle.filter(|_| has("CIRCULAR")),
            polygon: if has("POLYGONAL") { vertices.collect() } else { Vec::new() },
            bitmap: group.filter(|_| has("BITMAP")).and_then(|group| Overlay::read(header, group, frame, [0; 3])),
            colour: lab.and_then(|lab: Vec<u16>| cielab(&lab)).unwrap_or_else(|| p_value(grey)),
        }
    }

    /// Covers what is outside.
    pub(crate) fn close(&self, picture: &mut RgbImage) {
        if self.rectangle.is_none() && self.circle.is_none() && self.polygon.is_empty() && self.bitmap.is_none() {
            return;
        }
        for y in 0..picture.height() {
            let row = f64::from(y) + 1.0;
            // Columns go from left to right as edges do: an edge that is behind stays behind.
            let edges = crossings(&self.polygon, row);
            let mut spans = edges.as_chunks::<2>().0.iter().peekable();
            for x in 0..picture.width() {
                let column = f64::from(x) + 1.0;
                let in_rectangle = self
                    .rectangle
                    .is_none_or(|[left, right, upper, lower]| (left..=right).contains(&column) && (upper..=lower).contains(&row));
                let in_circle =
                    self.circle.is_none_or(|((middle_x, middle_y), radius)| (column - middle_x).hypot(row - middle_y) <= radius);
                while spans.next_if(|[_, to]| *to < column).is_some() {}
                let in_polygon = self.polygon.is_empty() || spans.peek().is_some_and(|[from, _]| *from <= column);
                let is_masked = self.bitmap.as_ref().is_some_and(|bitmap| bitmap.covers(x, y));
                if !in_rectangle || !in_circle || !in_polygon || is_masked {
                    picture.put_pixel(x, y, Rgb(self.colour));
                }
            }
        }
    }
}
