//! What of a picture is shown in how many pixels: PS3.18 8.3.5.1.3 (Scaling Regions of Source Images to a Viewport), and the
//! rows, columns and region of the URI service (PS3.18 9.5.1.2). The shape of pixels is kept, whatever is asked for.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;
use image::DynamicImage;
use image::imageops::{self, FilterType};

use crate::lut::Groups;
use crate::pixel::{PixelError, decimals};

/// Pixels of a picture's side that nobody needs more of.
pub const MAX_SIDE: u32 = 16_384;

/// What of the frame is shown in how many pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// Pixels at most, across and down; those that the source has if nothing.
    pub sides: Option<[u32; 2]>,
    /// What is shown; all of the frame if nothing.
    pub source: Option<Source>,
}

/// A rectangle of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// In pixels of the frame.
    Pixels(Region),
    /// In parts of the frame's width and height.
    Parts(Region),
}

/// Edges and extents of a rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Columns; negative to show them from right to left.
    pub width: f64,
    /// Rows; negative to show them from bottom to top.
    pub height: f64,
}

impl Source {
    /// Reads `left,top,right,bottom`, each from 0 to 1.
    pub fn parse_parts(text: &str) -> Option<Self> {
        let part = |text: &str| text.trim().parse::<f64>().ok().filter(|part| (0.0..=1.0).contains(part));
        let parts: Option<Vec<f64>> = text.split(',').map(part).collect();
        let [left, top, right, bottom] = parts?.try_into().ok()?;
        let is_region = left < right && top < bottom;
        is_region.then_some(Self::Parts(Region { x: left, y: top, width: right - left, height: bottom - top }))
    }

    fn in_pixels(self, columns: u32, rows: u32) -> Region {
        match self {
            Self::Pixels(region) => region,
            Self::Parts(Region { x, y, width, height }) => {
                let (columns, rows) = (f64::from(columns), f64::from(rows));
                Region { x: x * columns, y: y * rows, width: width * columns, height: height * rows }
            }
        }
    }
}

impl Viewport {
    /// Reads `vw,vh[,sx,sy,sw,sh]`. Of the source, left edge and upper edge may be empty for 0, the sizes for all there is.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let (sides, source) = parts.split_at_checked(2)?;
        let [width, height] = sides else { return None };
        let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=MAX_SIDE).contains(side));
        let number = |text: &str, absent: f64| match text {
            "" => Some(absent),
            text => text.parse::<f64>().ok().filter(|number| number.is_finite()),
        };
        let source = match source {
            [] => None,
            [x, y, rest @ ..] if rest.len() <= 2 => {
                let extent = |at: usize| number(rest.get(at).copied().unwrap_or_default(), f64::MAX);
                let region = Region { x: number(x, 0.0)?, y: number(y, 0.0)?, width: extent(0)?, height: extent(1)? };
                Some(Source::Pixels(region))
            }
            _ => return None,
        };
        Some(Self { sides: Some([side(width)?, side(height)?]), source })
    }

    /// All of the frame within so many pixels.
    pub fn fit(width: u32, height: u32) -> Self {
        Self { sides: Some([width, height]), source: None }
    }

    /// Cuts out the source region and scales it to fill the sides as far as its shape allows (PS3.3 C.10.4, SCALE TO FIT).
    pub(super) fn show(&self, mut picture: DynamicImage, aspect: f64) -> Result<DynamicImage, PixelError> {
        if let Some(source) = self.source {
            let source = source.in_pixels(picture.width(), picture.height());
            let (left, right) = span(source.x, source.width, picture.width())?;
            let (top, bottom) = span(source.y, source.height, picture.height())?;
            picture = picture.crop_imm(left, top, right - left, bottom - top);
            if source.width < 0.0 {
                imageops::flip_horizontal_in_place(&mut picture);
            }
            if source.height < 0.0 {
                imageops::flip_vertical_in_place(&mut picture);
            }
        }
        let Some(sides) = self.sides else { return Ok(picture) };
        if sides.iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
            return Err(PixelError::BadRequest(format!("viewport sides are 1 to {MAX_SIDE}")));
        }
        let [width, height] = scaled([picture.width(), picture.height()], sides, aspect);
        if (width, height) == (picture.width(), picture.height()) {
            return Ok(picture);
        }
        let shrinks = width < picture.width() || height < picture.height();
        // Catmull-Rom averages over what a pixel covers when shrinking; enlarged pixels must not ring.
        let filter = if shrinks { FilterType::CatmullRom } else { FilterType::Triangle };
        Ok(picture.resize_exact(width, height, filter))
    }
}

/// The size that fills the sides with a picture of this size.
fn scaled([columns, rows]: [u32; 2], [most_across, most_down]: [u32; 2], aspect: f64) -> [u32; 2] {
    let (width, height) = (f64::from(columns), f64::from(rows) * aspect);
    let scale = (f64::from(most_across) / width).min(f64::from(most_down) / height);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is clamped")]
    let side = |length: f64, most: u32| ((length * scale).round() as u32).clamp(1, most);
    [side(width, most_across), side(height, most_down)]
}

/// The pixels between two edges, at least one, inside the frame.
fn span(start: f64, length: f64, limit: u32) -> Result<(u32, u32), PixelError> {
    let end = start + length.abs();
    let inside = start < f64::from(limit) && end > 0.0 && length != 0.0;
    if !inside {
        return Err(PixelError::BadRequest("the source region is outside the frame".into()));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is clamped")]
    let edge = |at: f64| at.round() as u32;
    let first = edge(start).min(limit - 1);
    Ok((first, edge(end).clamp(first + 1, limit)))
}

/// How much higher than wide a pixel is: PS3.3 C.7.6.3.1.7 (Pixel Aspect Ratio), 10.7 (Basic Pixel Spacing).
pub(super) fn pixel_aspect(header: &InMemDicomObject, frame: FrameNumber) -> f64 {
    let groups = Groups::of(header, frame);
    let spacing = groups.item(tags::PIXEL_MEASURES_SEQUENCE).map(|item| decimals(item, tags::PIXEL_SPACING));
    let candidates = [
        spacing.unwrap_or_default(),
        decimals(header, tags::PIXEL_SPACING),
        decimals(header, tags::IMAGER_PIXEL_SPACING),
        decimals(header, tags::NOMINAL_SCANNED_PIXEL_SPACING),
        decimals(header, tags::PIXEL_ASPECT_RATIO),
    ];
    let ratio = |values: &Vec<f64>| match values[..] {
        [vertical, horizontal, ..] if vertical > 0.0 && horizontal > 0.0 => Some(vertical / horizontal),
        _ => None,
    };
    // What no detector has is a mistake.
    candidates.iter().find_map(ratio).filter(|ratio| (0.01..=100.0).contains(ratio)).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue, VR};
    use image::GrayImage;

    use super::*;
    use crate::pixel::tests::header;

    fn region(viewport: &str) -> Region {
        match Viewport::parse(viewport).and_then(|viewport| viewport.source) {
            Some(Source::Pixels(region)) => region,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn viewports_are_read_from_a_query() {
        assert_eq!(Viewport::parse("512,256"), Some(Viewport::fit(512, 256)));
        let source = region("64,64,1,2,-3.5,4");
        assert_eq!((source.x, source.y, source.width, source.height), (1.0, 2.0, -3.5, 4.0));
        let rest = region("64,64,,2");
        assert_eq!((rest.x, rest.y, rest.width), (0.0, 2.0, f64::MAX));
        for bad in ["", "5", "0,5", "5,99999999", "-5,5", "a,b", "5,5,1", "5,5,1,2,3,4,5", "5,5,nan,1"] {
            assert_eq!(Viewport::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn regions_are_read_in_parts_of_the_frame() {
        let quarter = Source::parse_parts("0.5,0,1,0.5").expect("a region");
        assert_eq!(quarter.in_pixels(8, 4), Region { x: 4.0, y: 0.0, width: 4.0, height: 2.0 });
        for bad in ["", "0,0,1", "0,0,1,1,1", "0.5,0,0.5,1", "1,0,0,1", "0,0,1.1,1", "-0.1,0,1,1", "0,0,nan,1", "a,0,1,1"] {
            assert_eq!(Source::parse_parts(bad), None, "{bad}");
        }
    }

    fn picture() -> DynamicImage {
        GrayImage::from_raw(4, 2, vec![10, 20, 30, 40, 50, 60, 70, 80]).expect("eight pixels").into()
    }

    #[test]
    fn a_viewport_keeps_the_shape_of_the_image_and_flips_a_negative_source() {
        let shown = |viewport: &str, aspect| Viewport::parse(viewport).expect("good").show(picture(), aspect);
        let sides = |viewport: &str, aspect| shown(viewport, aspect).map(|p| (p.width(), p.height())).ok();
        assert_eq!(sides("100,100", 1.0), Some((100, 50)));
        assert_eq!(sides("2,100", 1.0), Some((2, 1)));
        assert_eq!(sides("100,100,0,0,2,2", 1.0), Some((100, 100)));
        assert_eq!(sides("100,100,9,0,2,2", 1.0), None);
        assert_eq!(sides("100,100", 2.0), Some((100, 100)));
        assert_eq!(shown("2,1,0,0,-2,1", 1.0).expect("inside").into_bytes(), [20, 10]);
        assert_eq!(shown("1,2,0,0,1,-2", 1.0).expect("inside").into_bytes(), [50, 10]);
    }

    #[test]
    fn a_region_without_sides_is_shown_pixel_for_pixel() {
        let viewport = Viewport { sides: None, source: Source::parse_parts("0.5,0.5,1,1") };
        assert_eq!(viewport.show(picture(), 2.0).expect("inside").into_bytes(), [70, 80]);
    }

    #[test]
    fn the_spacing_of_pixels_is_their_shape() {
        let mut image = header("MONOCHROME2", 2, 4, 8, 8);
        assert!((pixel_aspect(&image, FrameNumber::FIRST) - 1.0).abs() < 1e-9);
        image.put(DataElement::new(tags::PIXEL_SPACING, VR::DS, PrimitiveValue::from("2\\1")));
        assert!((pixel_aspect(&image, FrameNumber::FIRST) - 2.0).abs() < 1e-9);
    }
}
