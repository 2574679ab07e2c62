//! A decoded frame to a picture that a browser shows: JPEG, PNG, GIF or WebP, windowed, fitted and oriented as stored.
//!
//! The pipeline is PS3.4 N.2 (Pixel Transformation Sequence) without presentation states: modality, VOI, inversion or
//! palette; then PS3.18 8.3.5 (Rendering Query Parameters). Overlays are not burned in. Everything here blocks.

pub mod animation;
pub mod colour_profile;
mod palette;
pub mod viewport;
pub mod words;

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_codecs::Photometric;
use filmless_codecs::colour::ybr_full_to_rgb;
use filmless_model::frame::FrameNumber;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, ImageError, RgbImage};

use crate::lut::{Groups, ModalityTransform, Palette, VoiTransform, Window, is_inverse, padding};
use crate::pixel::{PixelError, Samples, integer, text};
pub use colour_profile::Colours;
use viewport::pixel_aspect;
pub use viewport::{Source, Viewport};
pub use words::Annotation;

/// How a picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// `image/jpeg`.
    #[default]
    Jpeg,
    /// `image/png`.
    Png,
    /// `image/gif`, which holds an animation too.
    Gif,
    /// `image/webp`, without loss.
    WebP,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP];

    /// The format of a media type, in lower case.
    pub fn of(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.media_type() == media_type)
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// PS3.18 8.3.5 (Rendering Query Parameters).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenderOptions {
    /// In place of the instance's own window.
    pub window: Option<Window>,
    /// The frame's own size if nothing.
    pub viewport: Option<Viewport>,
    /// How the picture is encoded.
    pub format: Format,
    /// 1 to 100, for JPEG.
    pub quality: u8,
    /// What is burned in.
    pub annotation: Annotation,
    /// Of which space its colours are.
    pub colours: Colours,
}

impl Default for RenderOptions {
    fn default() -> Self {
        let (annotation, colours) = (Annotation::default(), Colours::default());
        Self { window: None, viewport: None, format: Format::Jpeg, quality: 90, annotation, colours }
    }
}

/// Makes a picture of a decoded frame. Blocks for milliseconds: call it off the async threads.
pub fn render(
    header: &InMemDicomObject,
    samples: &Samples,
    frame: FrameNumber,
    options: &RenderOptions,
) -> Result<Vec<u8>, PixelError> {
    let (picture, icc_profile) = picture(header, samples, frame, options)?;
    encode(&picture, icc_profile, options)
}

/// A decoded frame as it is shown, and the profile of its colours.
fn picture(
    header: &InMemDicomObject,
    samples: &Samples,
    frame: FrameNumber,
    options: &RenderOptions,
) -> Result<(DynamicImage, Option<Vec<u8>>), PixelError> {
    let picture = shades(header, samples, frame, options.window)?;
    let picture = match options.viewport {
        Some(viewport) => viewport.show(picture, pixel_aspect(header, frame))?,
        None => picture,
    };
    finish(picture, header, frame, options)
}

/// What is left once an image is scaled: its colours, and words burned in.
pub(crate) fn finish(
    picture: DynamicImage,
    header: &InMemDicomObject,
    frame: FrameNumber,
    options: &RenderOptions,
) -> Result<(DynamicImage, Option<Vec<u8>>), PixelError> {
    let (mut picture, icc_profile) = options.colours.of(picture, header)?;
    options.annotation.burn_into(&mut picture, header, frame);
    Ok((picture, icc_profile))
}

/// The frame in 8 bits, grey or colour, pixel for pixel.
pub(crate) fn shades(
    header: &InMemDicomObject,
    samples: &Samples,
    frame: FrameNumber,
    window: Option<Window>,
) -> Result<DynamicImage, PixelError> {
    let description = &samples.description;
    let (columns, rows) = (u32::from(description.columns), u32::from(description.rows));
    let supplemental = text(header, tags::PIXEL_PRESENTATION).is_some_and(|value| value == "COLOR" || value == "MIXED")
        && header.get(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR).is_some();
    let rgb = |bytes| RgbImage::from_raw(columns, rows, bytes).map(DynamicImage::ImageRgb8);
    let picture = if description.photometric == Photometric::PaletteColor {
        let palette = Palette::read(header, description.signed)?;
        rgb(paletted(samples, &palette)?)
    } else if description.photometric.is_colour() {
        rgb(colours(samples)?)
    } else {
        let grey = Grey::read(header, samples, frame, window);
        if supplemental {
            let palette = Palette::read(header, description.signed)?;
            rgb(grey.with_colours(samples, &palette))
        } else {
            GrayImage::from_raw(columns, rows, grey.shades(samples)).map(DynamicImage::ImageLuma8)
        }
    };
    picture.ok_or(PixelError::ShortFrame { found: samples.bytes.len() as u64, expected: description.native_frame_bits() / 8 })
}

fn paletted(samples: &Samples, palette: &Palette) -> Result<Vec<u8>, PixelError> {
    let raw = samples.raw().ok_or_else(|| PixelError::Unsupported("a palette of floating point samples".into()))?;
    let mut out = Vec::with_capacity(samples.bytes.len() * 3);
    raw.each(|raw| out.extend_from_slice(&palette.colour(samples.stored_value(raw))));
    Ok(out)
}

/// Colour samples in 8 bits of red, green and blue.
fn colours(samples: &Samples) -> Result<Vec<u8>, PixelError> {
    let description = &samples.description;
    let unsupported =
        || PixelError::Unsupported(format!("{} of {} samples", description.photometric, description.samples_per_pixel));
    if description.samples_per_pixel != 3 {
        return Err(unsupported());
    }
    let mut bytes = if description.bits_allocated == 8 && description.bits_stored == 8 {
        samples.bytes.clone()
    } else {
        // The most significant 8 bits, as all viewers do.
        let raw = samples.raw().ok_or_else(unsupported)?;
        let (bits, mut out) = (u32::from(description.bits_stored), Vec::with_capacity(samples.bytes.len()));
        raw.each(|raw| {
            let value = samples.stored_value(raw).max(0);
            let byte = if bits >= 8 { value >> (bits - 8) } else { value << (8 - bits) };
            out.push(u8::try_from(byte).unwrap_or(u8::MAX));
        });
        out
    };
    match description.photometric {
        Photometric::Rgb => {}
        Photometric::YbrFull | Photometric::YbrFull422 => {
            for pixel in bytes.as_chunks_mut::<3>().0 {
                *pixel = ybr_full_to_rgb(*pixel);
            }
        }
        _ => return Err(unsupported()),
    }
    Ok(bytes)
}

/// How one frame of grey values is shown.
struct Grey {
    modality: ModalityTransform,
    voi: VoiTransform,
    inverse: bool,
}

impl Grey {
    fn read(header: &InMemDicomObject, samples: &Samples, frame: FrameNumber, window: Option<Window>) -> Self {
        let description = &samples.description;
        let groups = Groups::of(header, frame);
        let modality = ModalityTransform::read(&groups, description.signed);
        let voi = window.map(VoiTransform::Window).or_else(|| VoiTransform::read(&groups, true));
        let voi = voi.unwrap_or_else(|| VoiTransform::Window(default_window(header, samples, &modality)));
        Self { modality, voi, inverse: is_inverse(header, description.photometric == Photometric::Monochrome1) }
    }

    fn shade(&self, stored: f64) -> u8 {
        let shade = self.voi.apply(self.modality.apply(stored));
        let shade = if self.inverse { 1.0 - shade } else { shade };
        // Saturates, and what is no number is black.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the comment says")]
        {
            (shade * 255.0).round() as u8
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "33 bits at most")]
    fn shade_of_raw(&self, samples: &Samples, raw: u32) -> u8 {
        self.shade(samples.stored_value(raw) as f64)
    }

    /// Up to 16 bits a table of all values is cheaper than the arithmetic of each pixel.
    fn table(&self, samples: &Samples) -> Option<Vec<u8>> {
        let bits = samples.description.bits_allocated;
        (samples.raw().is_some() && bits <= 16).then(|| (0..1u32 << bits).map(|raw| self.shade_of_raw(samples, raw)).collect())
    }

    fn shades(&self, samples: &Samples) -> Vec<u8> {
        let mut out = Vec::with_capacity(samples.bytes.len());
        match (self.table(samples), samples.raw()) {
            (Some(table), Some(raw)) => raw.each(|raw| out.push(table.get(raw as usize).copied().unwrap_or(0))),
            (None, Some(raw)) => raw.each(|raw| out.push(self.shade_of_raw(samples, raw))),
            _ => out.extend(samples.numbers().into_iter().map(|number| self.shade(number))),
        }
        out
    }

    /// Supplemental palette (PS3.3 C.7.6.19): values from its first on are colours, those below are grey.
    fn with_colours(&self, samples: &Samples, palette: &Palette) -> Vec<u8> {
        let mut out = Vec::with_capacity(samples.bytes.len() * 3);
        if let Some(raw) = samples.raw() {
            raw.each(|raw| {
                let value = samples.stored_value(raw);
                let colour =
                    if palette.0[0].covers(value) { palette.colour(value) } else { [self.shade_of_raw(samples, raw); 3] };
                out.extend_from_slice(&colour);
            });
        }
        out
    }
}

/// The window of a frame that has none.
///
/// Images of 8 bits or fewer were made to be looked at: all of their range. Segmentations and deeper images: from the
/// lowest to the highest value, but for the thousandth part at each end, padding not counted.
fn default_window(header: &InMemDicomObject, samples: &Samples, modality: &ModalityTransform) -> Window {
    let description = &samples.description;
    let segmentation = text(header, tags::SEGMENTATION_TYPE).is_some();
    if description.bits_stored <= 8 && !segmentation && modality.is_identity() {
        let most = f64::from((1u32 << description.bits_stored) - 1);
        return Window::spanning(0.0, most);
    }
    let mut values = samples.numbers();
    let padding = padding(header, description.signed);
    values.retain(|value| {
        #[expect(clippy::cast_possible_truncation, reason = "integers, or compared in vain")]
        let padded = padding.as_ref().is_some_and(|padding| padding.contains(&(*value as i64)));
        value.is_finite() && !padded
    });
    if values.is_empty() {
        return Window::spanning(0.0, 1.0);
    }
    let (least, most) = if segmentation {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min).min(0.0);
        (least, values.iter().copied().fold(least, f64::max))
    } else {
        percentiles(&mut values)
    };
    let (least, most) = (modality.apply(least), modality.apply(most));
    Window::spanning(least.min(most), least.max(most))
}

/// The values that a thousandth of all is below and above; the extremes where those are one.
fn percentiles(values: &mut [f64]) -> (f64, f64) {
    let (end, cut) = (values.len() - 1, values.len() / 1000);
    let least = *values.select_nth_unstable_by(cut, f64::total_cmp).1;
    let most = *values.select_nth_unstable_by(end - cut, f64::total_cmp).1;
    if least < most {
        return (least, most);
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    (least, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// Writes a picture in the format asked for, with the profile of its colours where that has a place for it.
pub(crate) fn encode(
    picture: &DynamicImage,
    icc_profile: Option<Vec<u8>>,
    options: &RenderOptions,
) -> Result<Vec<u8>, PixelError> {
    let mut out = Vec::new();
    match options.format {
        Format::Jpeg => write(JpegEncoder::new_with_quality(&mut out, options.quality.clamp(1, 100)), picture, icc_profile)?,
        Format::Png => write(PngEncoder::new(&mut out), picture, icc_profile)?,
        Format::Gif => out = animation::still(picture)?,
        Format::WebP => write(WebPEncoder::new_lossless(&mut out), picture, icc_profile)?,
    }
    Ok(out)
}

fn write(mut encoder: impl ImageEncoder, picture: &DynamicImage, icc_profile: Option<Vec<u8>>) -> Result<(), PixelError> {
    if let Some(profile) = icc_profile {
        encoder.set_icc_profile(profile).map_err(ImageError::Unsupported)?;
    }
    let color = if picture.color().has_color() { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    encoder.write_image(picture.as_bytes(), picture.width(), picture.height(), color)?;
    Ok(())
}

/// The frame that stands for the instance: Representative Frame Number (0028,6010), else one from the middle.
pub fn representative_frame(header: &InMemDicomObject, count: u32) -> FrameNumber {
    let named = integer(header, tags::REPRESENTATIVE_FRAME_NUMBER).and_then(|number| u32::try_from(number).ok());
    let number = named.filter(|number| (1..=count).contains(number)).unwrap_or(count / 2 + 1);
    FrameNumber::new(number.min(count.max(1))).unwrap_or(FrameNumber::FIRST)
}

#[cfg(test)]
mod tests {
    use dicom_core::value::DataSetSequence;
    use dicom_core::{DataElement, PrimitiveValue, VR};

    use super::*;
    use crate::pixel::PixelDescription;
    use crate::pixel::tests::header;

    fn put(header: &mut InMemDicomObject, tag: dicom_core::Tag, vr: VR, value: &str) {
        header.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
    }

    fn samples(header: &InMemDicomObject, bytes: &[u8]) -> Samples {
        Samples { description: PixelDescription::from_header(header).expect("whole"), bytes: bytes.to_vec() }
    }

    fn words(values: &[u16]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn shown(header: &InMemDicomObject, bytes: &[u8], window: Option<Window>) -> Vec<u8> {
        let picture = shades(header, &samples(header, bytes), FrameNumber::FIRST, window).expect("shown");
        picture.into_bytes()
    }

    #[test]
    fn grey_values_pass_modality_window_and_inversion() {
        let mut ct = header("MONOCHROME2", 1, 3, 16, 16);
        put(&mut ct, tags::RESCALE_SLOPE, VR::DS, "2");
        put(&mut ct, tags::RESCALE_INTERCEPT, VR::DS, "-100");
        put(&mut ct, tags::WINDOW_CENTER, VR::DS, "0.5\\9");
        put(&mut ct, tags::WINDOW_WIDTH, VR::DS, "101\\9");
        let stored = words(&[0, 50, 100]);
        assert_eq!(shown(&ct, &stored, None), [0, 128, 255]);
        let exact = Window { center: 0.0, width: 200.0, function: crate::lut::WindowFunction::LinearExact };
        assert_eq!(shown(&ct, &stored, Some(exact)), [0, 128, 255]);
        put(&mut ct, tags::PRESENTATION_LUT_SHAPE, VR::CS, "INVERSE");
        assert_eq!(shown(&ct, &stored, None), [255, 128, 0]);
        // MONOCHROME1 and INVERSE are one inversion, not two.
        put(&mut ct, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME1");
        assert_eq!(shown(&ct, &stored, None), [255, 128, 0]);
        put(&mut ct, tags::WINDOW_WIDTH, VR::DS, "0");
        assert_eq!(shown(&ct, &stored, None), [255, 128, 0], "a width of 0 is no window");
    }

    #[test]
    fn a_frame_has_its_own_window_and_rescale() {
        let item = |attributes: &[(dicom_core::Tag, &str)]| {
            let mut item = InMemDicomObject::new_empty();
            for (tag, value) in attributes {
                put(&mut item, *tag, VR::DS, value);
            }
            item
        };
        let group = |tag, item: InMemDicomObject| DataElement::new(tag, VR::SQ, DataSetSequence::from(vec![item]));
        let mut shared = InMemDicomObject::new_empty();
        let rescale = item(&[(tags::RESCALE_SLOPE, "10"), (tags::RESCALE_INTERCEPT, "0")]);
        shared.put(group(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, rescale));
        let frames: Vec<_> = ["100", "1000"]
            .map(|width| {
                let mut frame = InMemDicomObject::new_empty();
                let window = item(&[(tags::WINDOW_CENTER, "50.5"), (tags::WINDOW_WIDTH, width)]);
                frame.put(group(tags::FRAME_VOILUT_SEQUENCE, window));
                frame
            })
            .into();
        let mut enhanced = header("MONOCHROME2", 1, 2, 16, 12);
        put(&mut enhanced, tags::WINDOW_CENTER, VR::DS, "1");
        put(&mut enhanced, tags::WINDOW_WIDTH, VR::DS, "1");
        enhanced.put(group(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, shared));
        enhanced.put(DataElement::new(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, VR::SQ, DataSetSequence::from(frames)));
        let samples = samples(&enhanced, &words(&[0, 10]));
        for (frame, expected) in [(1, vec![0, 255]), (2, vec![115, 140]), (3, vec![0, 255])] {
            let frame = FrameNumber::new(frame).expect("not 0");
            assert_eq!(shades(&enhanced, &samples, frame, None).expect("shown").into_bytes(), expected);
        }
    }

    #[test]
    fn without_a_window_the_values_that_are_there_are_shown() {
        let mut image = header("MONOCHROME2", 1, 4, 16, 16);
        assert_eq!(shown(&image, &words(&[1000, 2000, 3000, 1000]), None), [0, 128, 255, 0]);
        image.put(DataElement::new(tags::PIXEL_PADDING_VALUE, VR::US, PrimitiveValue::from(0u16)));
        assert_eq!(shown(&image, &words(&[0, 2000, 3000, 1000]), None), [0, 128, 255, 0]);
        assert_eq!(shown(&image, &words(&[0, 0, 0, 0]), None), [0; 4], "nothing but padding");
        assert_eq!(shown(&image, &words(&[7, 7, 7, 7]), None).len(), 4, "one value");
        assert_eq!(shown(&header("MONOCHROME2", 1, 2, 8, 8), &[0, 100], None), [0, 100], "8 bits as they are");
    }

    #[test]
    fn floating_point_samples_are_shown_and_nan_is_black() {
        let mut map = header("MONOCHROME2", 1, 4, 32, 32);
        map.remove_element(tags::BITS_STORED);
        let bytes: Vec<u8> = [0.0f32, 0.5, 1.0, f32::NAN].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(shown(&map, &bytes, None), [0, 128, 255, 0]);
    }

    #[test]
    fn lookup_tables_of_modality_and_voi_are_applied() {
        let table = |first: u16, entries: &[u16], bits: u16| {
            let mut item = InMemDicomObject::new_empty();
            let words = |words: &[u16]| PrimitiveValue::U16(words.iter().copied().collect());
            let count = u16::try_from(entries.len()).expect("few");
            item.put(DataElement::new(tags::LUT_DESCRIPTOR, VR::US, words(&[count, first, bits])));
            item.put(DataElement::new(tags::LUT_DATA, VR::OW, words(entries)));
            DataSetSequence::from(vec![item])
        };
        let mut image = header("MONOCHROME2", 1, 3, 8, 8);
        image.put(DataElement::new(tags::MODALITY_LUT_SEQUENCE, VR::SQ, table(0, &[300, 200, 100], 16)));
        image.put(DataElement::new(tags::VOILUT_SEQUENCE, VR::SQ, table(100, &vec![0; 101], 8)));
        assert_eq!(shown(&image, &[0, 1, 2], None), [0, 0, 0]);
        let mut ramp: Vec<u16> = (0..=200).collect();
        ramp[200] = 255;
        image.put(DataElement::new(tags::VOILUT_SEQUENCE, VR::SQ, table(100, &ramp, 8)));
        assert_eq!(shown(&image, &[0, 1, 2], None), [255, 100, 0]);
    }

    #[test]
    fn colours_become_red_green_and_blue() {
        assert_eq!(shown(&header("RGB", 1, 1, 8, 8), &[1, 2, 3], None), [1, 2, 3]);
        assert_eq!(shown(&header("RGB", 1, 1, 16, 12), &words(&[0xfff, 0x800, 0x00f]), None), [255, 128, 0]);
        for (ybr, rgb) in [([0, 128, 128], [0, 0, 0]), ([255, 128, 128], [255; 3]), ([76, 85, 255], [254, 0, 0])] {
            assert_eq!(ybr_full_to_rgb(ybr), rgb);
        }
        let palette = |header: &mut InMemDicomObject, first: u16| {
            let words = |words: &[u16]| PrimitiveValue::U16(words.iter().copied().collect());
            for (descriptor, data, entries) in [
                (tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, [0xff00, 0]),
                (tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA, [0, 0x8000]),
                (tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA, [0, 0]),
            ] {
                header.put(DataElement::new(descriptor, VR::US, words(&[2, first, 16])));
                header.put(DataElement::new(data, VR::OW, words(&entries)));
            }
        };
        let mut image = header("PALETTE COLOR", 1, 3, 8, 8);
        assert!(shades(&image, &samples(&image, &[0, 1, 2]), FrameNumber::FIRST, None).is_err());
        palette(&mut image, 0);
        assert_eq!(shown(&image, &[0, 1, 2], None), [255, 0, 0, 0, 128, 0, 0, 128, 0]);
        let mut supplemental = header("MONOCHROME2", 1, 3, 8, 8);
        palette(&mut supplemental, 254);
        put(&mut supplemental, tags::PIXEL_PRESENTATION, VR::CS, "COLOR");
        assert_eq!(shown(&supplemental, &[9, 254, 255], None), [9, 9, 9, 255, 0, 0, 0, 128, 0]);
    }

    #[test]
    fn pictures_are_in_the_format_asked_for() {
        let image = header("MONOCHROME2", 8, 8, 8, 8);
        let frame = samples(&image, &[100; 64]);
        let signatures = [&[0xff, 0xd8, 0xff][..], b"\x89PNG", b"GIF89a", b"RIFF"];
        for (format, signature) in Format::ALL.into_iter().zip(signatures) {
            let options = RenderOptions { format, ..RenderOptions::default() };
            let bytes = render(&image, &frame, FrameNumber::FIRST, &options).expect("rendered");
            assert!(bytes.starts_with(signature), "{format:?}");
            if format == Format::Gif {
                continue; // Its pixels are looked at where it is made.
            }
            let decoded = image::load_from_memory(&bytes).expect("decodes").to_luma8();
            assert!(decoded.as_raw().iter().all(|shade| shade.abs_diff(100) <= 1));
        }
    }

    #[test]
    fn profiles_of_colours_stand_where_browsers_look_for_them() {
        let image = header("RGB", 8, 8, 8, 8);
        let frame = samples(&image, &[100; 64 * 3]);
        let srgb = RenderOptions { colours: Colours::Srgb, ..RenderOptions::default() };
        for (format, place) in [
            (Format::Jpeg, Some(&b"ICC_PROFILE\0"[..])),
            (Format::Png, Some(b"iCCP")),
            (Format::WebP, Some(b"ICCP")),
            (Format::Gif, None),
        ] {
            let has = |options| {
                let bytes = render(&image, &frame, FrameNumber::FIRST, &options).expect("rendered");
                place.is_some_and(|place| bytes.windows(place.len()).any(|window| window == place))
            };
            assert_eq!(has(RenderOptions { format, ..srgb }), place.is_some(), "{format:?}");
            assert!(!has(RenderOptions { format, ..RenderOptions::default() }), "{format:?}");
        }
    }

    #[test]
    fn the_middle_frame_stands_for_the_instance_unless_one_is_named() {
        let mut image = header("MONOCHROME2", 1, 1, 8, 8);
        for (count, expected) in [(0, 1), (1, 1), (2, 2), (9, 5)] {
            assert_eq!(representative_frame(&image, count).get(), expected);
        }
        image.put(DataElement::new(tags::REPRESENTATIVE_FRAME_NUMBER, VR::US, PrimitiveValue::from(3u16)));
        assert_eq!((representative_frame(&image, 9).get(), representative_frame(&image, 2).get()), (3, 2));
    }
}
