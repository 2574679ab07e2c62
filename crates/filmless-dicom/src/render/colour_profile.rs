//! ICC profiles of colour pictures (PS3.3 C.11.15, ICC Profile Module; PS3.18 8.3.5.1.5, ICC Profile): handed on with the
//! picture, or followed, so that its colours are those of sRGB.
//!
//! Grey pictures have none: their values are for display as they are.

use dicom_core::DataElement;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use image::{DynamicImage, RgbImage};
use moxcms::{CmsError, ColorProfile, Layout, TransformOptions};

use crate::pixel::PixelError;

/// Longer profiles are left out. Those of slide scanners have about 1 MiB.
const MAX_PROFILE_BYTES: usize = 4 << 20;
/// The header of a profile (ICC.1, 7.2): its length, the space of its colours, and a signature.
const HEADER_BYTES: usize = 128;

/// Which colours a picture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colours {
    /// Those of the pixels, without a word on what they mean.
    #[default]
    AsStored,
    /// Those of the pixels, with the profile of the instance.
    WithProfile,
    /// Those of sRGB, with its profile.
    Srgb,
}

impl Colours {
    /// Reads `no`, `yes` or `srgb`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "no" => Some(Self::AsStored),
            "yes" => Some(Self::WithProfile),
            "srgb" => Some(Self::Srgb),
            _ => None,
        }
    }

    /// The picture in these colours, and the profile to be embedded.
    pub(super) fn of(
        self,
        picture: DynamicImage,
        header: &InMemDicomObject,
    ) -> Result<(DynamicImage, Option<Vec<u8>>), PixelError> {
        let DynamicImage::ImageRgb8(colours) = &picture else { return Ok((picture, None)) };
        let unusable =
            |error: CmsError| PixelError::Unsupported(format!("colours of an ICC profile that cannot be followed: {error}"));
        match self {
            Self::AsStored => Ok((picture, None)),
            Self::WithProfile => Ok((picture, stored(header).map(<[u8]>::to_vec))),
            Self::Srgb => {
                let srgb = ColorProfile::new_srgb();
                let embedded = srgb.encode().map_err(unusable)?;
                // Colours without a profile are sRGB to all that show pictures.
                let Some(profile) = stored(header) else { return Ok((picture, Some(embedded))) };
                let profile = ColorProfile::new_from_slice(profile).map_err(unusable)?;
                let options = TransformOptions { rendering_intent: profile.rendering_intent, ..TransformOptions::default() };
                let transform = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options).map_err(unusable)?;
                let mut converted = RgbImage::new(colours.width(), colours.height());
                transform.transform(colours.as_raw(), &mut converted).map_err(unusable)?;
                Ok((converted.into(), Some(embedded)))
            }
        }
    }
}

/// ICC Profile (0028,2000) of the instance, or of the first optical path that has one (PS3.3 C.8.12.5).
fn stored(header: &InMemDicomObject) -> Option<&[u8]> {
    let paths = match header.get(tags::OPTICAL_PATH_SEQUENCE).map(DataElement::value) {
        Some(Value::Sequence(sequence)) => sequence.items(),
        _ => &[],
    };
    std::iter::once(header).chain(paths).find_map(profile)
}

/// The profile of a data set without its padding, if it is one of colours in red, green and blue.
fn profile(object: &InMemDicomObject) -> Option<&[u8]> {
    let Value::Primitive(value) = object.get(tags::ICC_PROFILE)?.value() else { return None };
    let bytes = match value {
        PrimitiveValue::U8(bytes) => bytes.as_slice(),
        _ => return None,
    };
    let (header, length) = (bytes.first_chunk::<HEADER_BYTES>()?, bytes.first_chunk::<4>()?);
    let bytes = bytes.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let is_profile = &header[36..40] == b"acsp" && &header[16..20] == b"RGB " && bytes.len() >= HEADER_BYTES;
    (is_profile && bytes.len() <= MAX_PROFILE_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use dicom_core::VR;
    use dicom_core::value::DataSetSequence;
    use moxcms::DataColorSpace;

    use super::*;

    fn with_profile(bytes: &[u8]) -> InMemDicomObject {
        let mut object = InMemDicomObject::new_empty();
        object.put(DataElement::new(tags::ICC_PROFILE, VR::OB, PrimitiveValue::from(bytes.to_vec())));
        object
    }

    fn orange() -> DynamicImage {
        RgbImage::from_pixel(2, 1, image::Rgb([200, 100, 50])).into()
    }

    #[test]
    fn the_profile_of_the_instance_goes_with_the_picture() {
        let wide = ColorProfile::new_adobe_rgb().encode().expect("a profile");
        let mut padded = wide.clone();
        padded.push(0);
        let path = InMemDicomObject::from_element_iter([DataElement::new(
            tags::OPTICAL_PATH_SEQUENCE,
            VR::SQ,
            DataSetSequence::from(vec![InMemDicomObject::new_empty(), with_profile(&wide)]),
        )]);
        for header in [with_profile(&wide), with_profile(&padded), path] {
            let (picture, profile) = Colours::WithProfile.of(orange(), &header).expect("shown");
            assert_eq!((picture, profile), (orange(), Some(wide.clone())));
            assert_eq!(Colours::AsStored.of(orange(), &header).expect("shown"), (orange(), None));
        }
        let grey = DynamicImage::from(image::GrayImage::new(1, 1));
        assert_eq!(Colours::WithProfile.of(grey.clone(), &with_profile(&wide)).expect("shown"), (grey, None));
    }

    #[test]
    fn what_is_no_profile_is_not_handed_on() {
        let wide = ColorProfile::new_adobe_rgb().encode().expect("a profile");
        let mut lying = wide.clone();
        lying[0] = 0xFF;
        let mut other = wide.clone();
        other[36..40].copy_from_slice(b"none");
        for bytes in [&b""[..], b"profile", &wide[..100], &lying, &other] {
            let (_, profile) = Colours::WithProfile.of(orange(), &with_profile(bytes)).expect("shown");
            assert_eq!(profile, None);
        }
    }

    #[test]
    fn colours_become_those_of_srgb() {
        let header = with_profile(&ColorProfile::new_adobe_rgb().encode().expect("a profile"));
        let (picture, profile) = Colours::Srgb.of(orange(), &header).expect("shown");
        let profile = ColorProfile::new_from_slice(&profile.expect("a profile")).expect("one that can be read");
        assert_eq!(profile.color_space, DataColorSpace::Rgb);
        // The wider gamut has a stronger red in the same numbers.
        let [red, green, blue] = picture.to_rgb8().get_pixel(0, 0).0;
        assert!(red > 215 && green.abs_diff(100) < 4 && blue < 50, "{red} {green} {blue}");
        let (same, profile) = Colours::Srgb.of(orange(), &InMemDicomObject::new_empty()).expect("shown");
        assert!(same == orange() && profile.is_some());
    }
}
