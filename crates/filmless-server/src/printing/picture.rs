//! A picture that is printed: samples that were checked, and what is known of them.

use std::io::Cursor;

use filmless_dicom::spacing::SpacingSource;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

/// The longest side of a picture.
pub const MAX_SIDE: u32 = 4096;

/// Why a picture is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is neither PNG nor JPEG, or damaged.
    #[error("a picture is no readable PNG or JPEG")]
    Unreadable,
    /// It has more pixels than there is room for.
    #[error("a picture is larger than 4096 × 4096 pixels")]
    TooLarge,
}

/// Samples of one byte, grey or red, green and blue.
#[derive(Debug)]
pub struct Samples {
    bytes: Vec<u8>,
    width: u32,
    height: u32,
    is_grey: bool,
    /// It came as JPEG.
    has_lost: bool,
}

impl Samples {
    /// Decodes a PNG or JPEG within bounds; what is grey throughout is kept so.
    pub fn decode(file: &[u8]) -> Result<Self, PictureError> {
        let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::Unreadable)?;
        let format = reader.format().filter(|format| matches!(format, ImageFormat::Png | ImageFormat::Jpeg));
        let format = format.ok_or(PictureError::Unreadable)?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(u64::from(MAX_SIDE) * u64::from(MAX_SIDE) * 16);
        reader.limits(limits);
        let picture = reader.decode().map_err(|error| match error {
            image::ImageError::Limits(_) => PictureError::TooLarge,
            _ => PictureError::Unreadable,
        })?;
        let (width, height) = (picture.width(), picture.height());
        let rgb = over_black(picture);
        let is_grey = rgb.chunks_exact(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]);
        let bytes = if is_grey { rgb.iter().step_by(3).copied().collect() } else { rgb };
        Ok(Self { bytes, width, height, is_grey, has_lost: format == ImageFormat::Jpeg })
    }

    /// Its width and height.
    pub fn sides(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Row by row, a byte for grey or three for a colour.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it is grey throughout.
    pub(super) fn is_grey(&self) -> bool {
        self.is_grey
    }

    /// Whether it lost something when it was made.
    pub fn has_lost(&self) -> bool {
        self.has_lost
    }
}

/// Red, green and blue; what is not covered is black, as beside a picture.
fn over_black(picture: DynamicImage) -> Vec<u8> {
    if !picture.color().has_alpha() {
        return picture.into_rgb8().into_raw();
    }
    let covered = |sample: u8, alpha: u8| u8::try_from(u16::from(sample) * u16::from(alpha) / 255).unwrap_or(u8::MAX);
    let rgba = picture.into_rgba8();
    rgba.pixels().flat_map(|pixel| [0, 1, 2].map(|channel| covered(pixel.0[channel], pixel.0[3]))).collect()
}

/// The millimetres of the patient, or of the detector, in a pixel of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Across a pixel.
    pub mm: f32,
    /// Where it comes from.
    pub source: SpacingSource,
}

/// Why a picture does not serve for diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// The image was compressed with loss before it was stored.
    StoredWithLoss,
    /// The picture was.
    SentWithLoss,
    /// The picture has fewer pixels than the image has there.
    Smaller,
}

/// A picture with what is said of it.
#[derive(Debug)]
pub struct Printed {
    /// Its samples.
    pub samples: Samples,
    /// Which image it is, in short.
    pub name: String,
    /// How large it is, where that is known.
    pub scale: Option<Scale>,
    /// What it lost.
    pub reductions: Vec<Reduction>,
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Rgba, RgbaImage};

    use super::*;

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).expect("encoded");
        file.into_inner()
    }

    #[test]
    fn grey_stays_grey_and_what_is_clear_is_black() {
        let grey = DynamicImage::ImageLuma8(GrayImage::from_raw(2, 1, vec![10, 200]).expect("two pixels"));
        let samples = Samples::decode(&encoded(&grey, ImageFormat::Png)).expect("readable");
        assert_eq!((samples.bytes(), samples.sides(), samples.has_lost()), (&[10, 200][..], (2, 1), false));
        let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(1, 1, Rgba([200, 100, 50, 0])));
        assert_eq!(Samples::decode(&encoded(&clear, ImageFormat::Png)).expect("readable").bytes(), [0]);
        let jpeg = Samples::decode(&encoded(&grey, ImageFormat::Jpeg)).expect("readable");
        assert!(jpeg.has_lost());
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        let wide = DynamicImage::ImageLuma8(GrayImage::new(MAX_SIDE + 1, 1));
        assert_eq!(Samples::decode(&encoded(&wide, ImageFormat::Png)).err(), Some(PictureError::TooLarge));
        let png = encoded(&DynamicImage::ImageLuma8(GrayImage::new(8, 8)), ImageFormat::Png);
        for damaged in [&b""[..], b"<svg/>", &png[..png.len() / 2]] {
            assert_eq!(Samples::decode(damaged).err(), Some(PictureError::Unreadable));
        }
        // A header that promises more than there is.
        let mut hostile = png.clone();
        hostile[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        assert!(Samples::decode(&hostile).is_err());
    }
}
