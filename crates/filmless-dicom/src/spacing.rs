//! How large a pixel is in millimetres, and how sure that is: what a print needs for its scale.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;

use crate::lut::Groups;
use crate::pixel::{decimal, decimals, integer};
use crate::presentation::items;

/// Where a spacing comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpacingSource {
    /// In the patient, or calibrated: Pixel Spacing (PS3.3 10.7.1, Basic Pixel Spacing Calibration Macro).
    Patient,
    /// Of an ultrasound region (PS3.3 C.8.5.5, US Region Calibration Module).
    Region,
    /// At the detector, so things in the patient are smaller: Imager Pixel Spacing (PS3.3 C.8.7.1).
    Detector,
}

/// The millimetres between the middles of neighbouring pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelSpacing {
    /// From row to row.
    pub row_mm: f64,
    /// From column to column.
    pub column_mm: f64,
    /// Where it comes from.
    pub source: SpacingSource,
}

/// Region Spatial Format (0018,6012): 2D.
const TWO_DIMENSIONAL: i64 = 1;
/// Physical Units X Direction (0018,6024): centimetres.
const CENTIMETRES: i64 = 3;

/// The spacing of a frame: of its functional groups, of the image, of an ultrasound region or of the detector.
pub fn pixel_spacing(header: &InMemDicomObject, frame: FrameNumber) -> Option<PixelSpacing> {
    let pair = |values: &[f64], source| match *values {
        [row_mm, column_mm, ..] if row_mm > 0.0 && column_mm > 0.0 && row_mm.is_finite() && column_mm.is_finite() => {
            Some(PixelSpacing { row_mm, column_mm, source })
        }
        _ => None,
    };
    let measures = Groups::of(header, frame).item(tags::PIXEL_MEASURES_SEQUENCE);
    measures
        .and_then(|item| pair(&decimals(item, tags::PIXEL_SPACING), SpacingSource::Patient))
        .or_else(|| pair(&decimals(header, tags::PIXEL_SPACING), SpacingSource::Patient))
        .or_else(|| of_region(header))
        .or_else(|| pair(&decimals(header, tags::IMAGER_PIXEL_SPACING), SpacingSource::Detector))
}

/// The spacing of the largest region of tissue: the picture, and not its scales and graphs.
fn of_region(header: &InMemDicomObject) -> Option<PixelSpacing> {
    let regions = items(header, tags::SEQUENCE_OF_ULTRASOUND_REGIONS).iter().filter_map(|region| {
        let number = |tag| integer(region, tag);
        let is_tissue = number(tags::REGION_SPATIAL_FORMAT) == Some(TWO_DIMENSIONAL)
            && number(tags::PHYSICAL_UNITS_X_DIRECTION) == Some(CENTIMETRES);
        let side = |from, to| number(to).unwrap_or(0).saturating_sub(number(from).unwrap_or(0));
        let area = side(tags::REGION_LOCATION_MIN_X0, tags::REGION_LOCATION_MAX_X1)
            .saturating_mul(side(tags::REGION_LOCATION_MIN_Y0, tags::REGION_LOCATION_MAX_Y1));
        let mm = decimal(region, tags::PHYSICAL_DELTA_X)?.abs() * 10.0;
        (is_tissue && mm > 0.0 && mm.is_finite()).then_some((area, mm))
    });
    let (_, mm) = regions.max_by_key(|(area, _)| *area)?;
    Some(PixelSpacing { row_mm: mm, column_mm: mm, source: SpacingSource::Region })
}

#[cfg(test)]
mod tests {
    use dicom_core::value::DataSetSequence;
    use dicom_core::{DataElement, PrimitiveValue, VR};

    use super::*;
    use crate::pixel::tests::header;

    fn text(tag: dicom_core::Tag, value: &str) -> DataElement<InMemDicomObject> {
        DataElement::new(tag, VR::DS, PrimitiveValue::from(value))
    }

    fn spacing(image: &InMemDicomObject) -> Option<(f64, f64, SpacingSource)> {
        pixel_spacing(image, FrameNumber::FIRST).map(|found| (found.row_mm, found.column_mm, found.source))
    }

    #[test]
    fn what_is_sure_comes_before_what_is_not() {
        let mut image = header("MONOCHROME2", 2, 4, 8, 8);
        assert_eq!(spacing(&image), None);
        image.put(text(tags::IMAGER_PIXEL_SPACING, "0.2\\0.1"));
        assert_eq!(spacing(&image), Some((0.2, 0.1, SpacingSource::Detector)));
        let region = InMemDicomObject::from_element_iter([
            DataElement::new(tags::REGION_SPATIAL_FORMAT, VR::US, PrimitiveValue::from(1_u16)),
            DataElement::new(tags::PHYSICAL_UNITS_X_DIRECTION, VR::US, PrimitiveValue::from(3_u16)),
            DataElement::new(tags::PHYSICAL_DELTA_X, VR::FD, PrimitiveValue::from(0.05_f64)),
        ]);
        image.put(DataElement::new(tags::SEQUENCE_OF_ULTRASOUND_REGIONS, VR::SQ, DataSetSequence::from(vec![region])));
        assert_eq!(spacing(&image), Some((0.5, 0.5, SpacingSource::Region)));
        image.put(text(tags::PIXEL_SPACING, "0.7\\0.6"));
        assert_eq!(spacing(&image), Some((0.7, 0.6, SpacingSource::Patient)));
        let measures = InMemDicomObject::from_element_iter([text(tags::PIXEL_SPACING, "3\\4")]);
        let measures = DataElement::new(tags::PIXEL_MEASURES_SEQUENCE, VR::SQ, DataSetSequence::from(vec![measures]));
        let shared = InMemDicomObject::from_element_iter([measures]);
        image.put(DataElement::new(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, VR::SQ, DataSetSequence::from(vec![shared])));
        assert_eq!(spacing(&image), Some((3.0, 4.0, SpacingSource::Patient)));
    }

    #[test]
    fn what_is_no_size_is_none() {
        for wrong in ["0\\0", "-1\\1", "1", "", "x\\y"] {
            let mut image = header("MONOCHROME2", 2, 4, 8, 8);
            image.put(text(tags::PIXEL_SPACING, wrong));
            assert_eq!(spacing(&image), None, "{wrong:?}");
        }
    }
}
