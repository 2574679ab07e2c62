//! The transfer syntaxes that instances and frames are transcoded into, and what each of them has a place for.

use dicom_object::InMemDicomObject;
use filmless_codecs::Encoder;
use filmless_model::uid::TransferSyntaxUid;

use crate::pixel::{PixelDescription, PixelError, SampleFormat, integer};

/// Native pixels, little endian; the one transfer syntax that every DIMSE peer takes (PS3.5 section 10.1).
pub const IMPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";

/// Native pixels, little endian.
pub const EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

/// The same, the data set deflated.
pub const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1.99";

/// A transfer syntax that instances and frames are transcoded into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetSyntax {
    /// Implicit VR Little Endian. What private elements are is lost in it.
    ImplicitVrLittleEndian,
    /// Explicit VR Little Endian.
    ExplicitVrLittleEndian,
    /// The same, deflated as a whole.
    DeflatedExplicitVrLittleEndian,
    /// Encapsulated codestreams.
    Encapsulated(Encoder),
}

impl TargetSyntax {
    /// Every one of them, those of native pixels first.
    pub fn all() -> impl Iterator<Item = Self> {
        let native = [Self::ExplicitVrLittleEndian, Self::ImplicitVrLittleEndian, Self::DeflatedExplicitVrLittleEndian];
        native.into_iter().chain(Encoder::ALL.into_iter().map(Self::Encapsulated))
    }

    /// Those in which an instance stays what it is, those of native pixels first.
    pub fn without_loss() -> impl Iterator<Item = Self> {
        Self::all().filter(|target| target.encoder().is_none_or(|encoder| encoder.loss().is_none()))
    }

    /// The UID of the transfer syntax.
    pub fn uid(self) -> &'static str {
        match self {
            Self::ImplicitVrLittleEndian => IMPLICIT_VR_LITTLE_ENDIAN,
            Self::ExplicitVrLittleEndian => EXPLICIT_VR_LITTLE_ENDIAN,
            Self::DeflatedExplicitVrLittleEndian => DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            Self::Encapsulated(encoder) => encoder.uid(),
        }
    }

    /// The target of this UID; `None` where nothing is transcoded into that.
    pub fn of(uid: &str) -> Option<Self> {
        Self::all().find(|target| target.uid() == uid)
    }

    /// What makes codestreams for it; `None` where pixels are native.
    pub(crate) fn encoder(self) -> Option<Encoder> {
        match self {
            Self::ImplicitVrLittleEndian | Self::ExplicitVrLittleEndian | Self::DeflatedExplicitVrLittleEndian => None,
            Self::Encapsulated(encoder) => Some(encoder),
        }
    }

    /// The same, checked.
    pub fn transfer_syntax(self) -> TransferSyntaxUid {
        TransferSyntaxUid::parse(self.uid()).expect("a UID of the standard")
    }

    /// Whether an instance with this header has a place in the transfer syntax. That its pixels can be decoded is not said.
    pub fn check(self, header: &InMemDicomObject) -> Result<(), PixelError> {
        let Some(encoder) = self.encoder() else { return Ok(()) };
        let description = PixelDescription::from_header(header)?;
        if description.format != SampleFormat::Integer {
            return Err(PixelError::Unsupported("floating point samples as codestreams".into()));
        }
        // PS3.3 C.9.2 (Overlay Plane Module) had overlays in unused bits once.
        if !encoder.keeps_all_bits() && has_overlay_in_pixels(header) {
            return Err(PixelError::Unsupported("overlays in unused bits as codestreams".into()));
        }
        Ok(encoder.check(&description.frame_spec(&self.transfer_syntax()))?)
    }
}

/// Whether a repeating group has its overlay in the bits of Pixel Data: Overlay Bit Position (60xx,0102) is not 0 then.
fn has_overlay_in_pixels(header: &InMemDicomObject) -> bool {
    let mut planes = (0x6000..=0x601E).step_by(2);
    planes.any(|group| integer(header, dicom_core::Tag(group, 0x0102)).is_some_and(|bit| bit != 0))
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue, VR};

    use super::*;
    use crate::pixel::tests::header;

    #[test]
    fn what_has_no_place_in_a_codestream_is_refused() {
        assert!(TargetSyntax::Encapsulated(Encoder::Rle).check(&header("MONOCHROME2", 1, 2, 1, 1)).is_err());
        let mut overlaid = header("MONOCHROME2", 1, 2, 16, 12);
        overlaid.put(DataElement::new(dicom_core::Tag(0x6002, 0x0102), VR::US, PrimitiveValue::from(12u16)));
        for target in TargetSyntax::all() {
            let keeps = matches!(target.encoder(), None | Some(Encoder::Rle | Encoder::DeflatedImageFrame));
            assert_eq!(target.check(&overlaid).is_ok(), keeps, "{target:?}");
            let bits = if target.encoder() == Some(Encoder::JpegBaseline) { [8, 8] } else { [16, 12] };
            assert!(target.check(&header("MONOCHROME2", 2, 2, bits[0], bits[1])).is_ok(), "{target:?}");
        }
    }
}
