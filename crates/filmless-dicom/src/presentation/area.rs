//! What of an image a presentation state shows, and how it is turned (PS3.3 sections C.10.4, Displayed Area Module, and C.10.6,
//! Spatial Transformation Module).

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use image::{RgbImage, imageops};

use crate::canvas::Point;
use crate::pixel::{PixelError, decimals, integer, text};
use crate::render::Viewport;
use crate::render::viewport::MAX_SIDE;

/// Pixels of a side, where the state magnifies and nobody names a viewport.
const MAX_MAGNIFIED: f64 = 4096.0;

/// What of the image is shown: whole pixels, which may lie beside it.
pub(super) struct Area {
    left: i64,
    top: i64,
    width: u32,
    height: u32,
    /// How much higher than wide a pixel is shown.
    aspect: f64,
    /// Pixels of the display for one of the image.
    magnification: Option<f64>,
}

impl Area {
    /// All of an image.
    pub(super) fn whole(columns: u32, rows: u32) -> Self {
        Self { left: 0, top: 0, width: columns, height: rows, aspect: 1.0, magnification: None }
    }

    /// Reads a selection; nothing if it is none.
    pub(super) fn read(item: &InMemDicomObject) -> Option<Self> {
        let corner = |tag| item.get(tag).and_then(|element| element.to_multi_int::<i64>().ok());
        let first = corner(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER)?;
        let last = corner(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER)?;
        let ([x0, y0, ..], [x1, y1, ..]) = (first.as_slice(), last.as_slice()) else { return None };
        // The corners are those of the picture as it is turned, so either may be the lesser.
        let side =
            |one: i64, other: i64| u32::try_from(one.abs_diff(other).saturating_add(1)).ok().filter(|side| *side <= MAX_SIDE);
        let ratio = |values: Vec<f64>| match values[..] {
            [vertical, horizontal, ..] if vertical > 0.0 && horizontal > 0.0 => Some(vertical / horizontal),
            _ => None,
        };
        let aspect = ratio(decimals(item, tags::PRESENTATION_PIXEL_SPACING))
            .or_else(|| ratio(decimals(item, tags::PRESENTATION_PIXEL_ASPECT_RATIO)));
        let magnifies = text(item, tags::PRESENTATION_SIZE_MODE).is_some_and(|mode| mode == "MAGNIFY");
        let magnification = decimals(item, tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO).first().copied();
        Some(Self {
            left: (*x0).min(*x1).saturating_sub(1),
            top: (*y0).min(*y1).saturating_sub(1),
            width: side(*x0, *x1)?,
            height: side(*y0, *y1)?,
            aspect: aspect.filter(|aspect| (0.01..=100.0).contains(aspect)).unwrap_or(1.0),
            magnification: magnification.filter(|ratio| magnifies && *ratio > 0.0),
        })
    }

    /// The size it is shown in, before it is turned: as large as the viewport allows, else as the state says.
    pub(super) fn size(&self, viewport: Option<Viewport>) -> Result<(u32, u32), PixelError> {
        let (width, height) = (f64::from(self.width), f64::from(self.height) * self.aspect);
        let scale = match viewport.and_then(|viewport| viewport.sides) {
            Some(sides) if !sides.iter().all(|side| (1..=MAX_SIDE).contains(side)) => {
                return Err(PixelError::BadRequest(format!("viewport sides are 1 to {MAX_SIDE}")));
            }
            Some([across, down]) => (f64::from(across) / width).min(f64::from(down) / height),
            None => self.magnification.unwrap_or(1.0).min((MAX_MAGNIFIED / width.max(height)).max(1.0)),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is clamped")]
        let side = |length: f64| ((length * scale).round() as u32).clamp(1, MAX_SIDE);
        Ok((side(width), side(height)))
    }

    /// Where a place of the image comes to lie, before it is turned.
    pub(super) fn place(&self, (x, y): Point, (width, height): (u32, u32)) -> Point {
        let (across, down) = (f64::from(width) / f64::from(self.width), f64::from(height) / f64::from(self.height));
        #[expect(clippy::cast_precision_loss, reason = "some thousand pixels")]
        let (left, top) = (self.left as f64, self.top as f64);
        ((x - left) * across, (y - top) * down)
    }

    /// Cut out and scaled, with black where the image has nothing: of an area that is much larger than the image only what it has
    /// is ever in memory.
    pub(super) fn scaled(&self, picture: &RgbImage, (width, height): (u32, u32)) -> RgbImage {
        let (Some((x, columns)), Some((y, rows))) =
            (overlap(self.left, self.width, picture.width()), overlap(self.top, self.height, picture.height()))
        else {
            return RgbImage::new(width, height);
        };
        let part = imageops::crop_imm(picture, x, y, columns, rows).to_image();
        let (left, across) = share(i64::from(x) - self.left, columns, width, self.width);
        let (top, down) = share(i64::from(y) - self.top, rows, height, self.height);
        let shrinks = across < columns || down < rows;
        let filter = if shrinks { imageops::FilterType::CatmullRom } else { imageops::FilterType::Triangle };
        let part = if (across, down) == (columns, rows) { part } else { imageops::resize(&part, across, down, filter) };
        if (across, down) == (width, height) {
            return part;
        }
        let mut scaled = RgbImage::new(width, height);
        imageops::replace(&mut scaled, &part, left, top);
        scaled
    }
}

/// Turned clockwise by quarters, then flipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    quarters: i64,
    is_flipped: bool,
}

impl Turn {
    /// Reads how a state turns. What is no quarter turns nothing.
    pub(super) fn read(state: &InMemDicomObject) -> Self {
        let angle = integer(state, tags::IMAGE_ROTATION).unwrap_or(0).rem_euclid(360);
        Self {
            quarters: if angle % 90 == 0 { angle / 90 } else { 0 },
            is_flipped: text(state, tags::IMAGE_HORIZONTAL_FLIP).is_some_and(|flip| flip == "Y"),
        }
    }

    /// A picture as it is turned.
    pub(super) fn picture(self, picture: RgbImage) -> RgbImage {
        let mut picture = match self.quarters {
            1 => imageops::rotate90(&picture),
            2 => imageops::rotate180(&picture),
            3 => imageops::rotate270(&picture),
            _ => picture,
        };
        if self.is_flipped {
            imageops::flip_horizontal_in_place(&mut picture);
        }
        picture
    }

    /// Where a place of a picture of this size comes to lie.
    pub(super) fn place(self, (x, y): Point, (width, height): (u32, u32)) -> Point {
        let (width, height) = (f64::from(width), f64::from(height));
        let ((x, y), across) = match self.quarters {
            1 => ((height - y, x), height),
            2 => ((width - x, height - y), width),
            3 => ((y, width - x), height),
            _ => ((x, y), width),
        };
        if self.is_flipped { (across - x, y) } else { (x, y) }
    }
}

/// The pixels of a side of the image that lie within an extent: the first, and how many.
fn overlap(start: i64, extent: u32, side: u32) -> Option<(u32, u32)> {
    let first = u32::try_from(start.max(0)).ok()?;
    let end = u32::try_from(start.saturating_add(i64::from(extent)).clamp(0, i64::from(side))).ok()?;
    (first < end).then(|| (first, end - first))
}

/// Where pixels of an area come to lie, and on how many, once so many of its pixels are shown in so many.
fn share(start: i64, length: u32, shown: u32, of: u32) -> (i64, u32) {
    let scale = f64::from(shown) / f64::from(of);
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "within the sides of pictures")]
    let place = |at: i64| (at as f64 * scale).round() as i64;
    let (first, end) = (place(start), place(start + i64::from(length)));
    (first, u32::try_from(end - first).unwrap_or(1).max(1))
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn places_are_turned_as_pictures_are() {
        for quarters in 0..4 {
            for is_flipped in [false, true] {
                let turn = Turn { quarters, is_flipped };
                let mut picture = RgbImage::new(5, 3);
                picture.put_pixel(1, 2, Rgb([255; 3]));
                let (x, y) = turn.place((1.5, 2.5), (5, 3));
                let turned = turn.picture(picture);
                let found = turned.enumerate_pixels().find(|(_, _, pixel)| pixel.0[0] > 0).map(|(x, y, _)| (x, y));
                let middle = found.map(|(x, y)| (f64::from(x) + 0.5, f64::from(y) + 0.5));
                assert_eq!(Some((x, y)), middle, "{turn:?}");
            }
        }
    }
}
