//! Any data set shows an image as a presentation state does, within the viewport, or is refused.
#![no_main]

use std::sync::LazyLock;

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::InMemDicomObject;
use filmless_dicom::pixel::{PixelDescription, Samples};
use filmless_dicom::presentation::PresentationState;
use filmless_dicom::render::{Format, RenderOptions, Viewport};
use filmless_dicom_fuzz::data_set;
use filmless_model::frame::FrameNumber;
use libfuzzer_sys::fuzz_target;

const SIDES: [u32; 2] = [64, 48];

/// A grey image of 12 bits, and one of colours.
static IMAGES: LazyLock<[(InMemDicomObject, Samples); 2]> =
    LazyLock::new(|| [image("MONOCHROME2", 1, 16, 12), image("RGB", 3, 8, 8)]);

fn image(photometric: &str, samples: u16, bits: u16, stored: u16) -> (InMemDicomObject, Samples) {
    let (rows, columns) = (30, 40);
    let numbers = [(0x0002, samples), (0x0010, rows), (0x0011, columns), (0x0100, bits), (0x0101, stored), (0x0102, stored - 1)];
    let mut header = InMemDicomObject::from_element_iter(
        numbers.map(|(element, number)| DataElement::new(Tag(0x0028, element), VR::US, PrimitiveValue::from(number))),
    );
    header.put(DataElement::new(Tag(0x0028, 0x0004), VR::CS, PrimitiveValue::from(photometric)));
    let description = PixelDescription::from_header(&header).expect("whole");
    let length = usize::try_from(description.native_frame_bits() / 8).expect("small");
    let bytes = (0..length).map(|at| u8::try_from(at % 251).expect("less")).collect();
    (header, Samples { description, bytes })
}

fuzz_target!(|file: &[u8]| {
    let Some(header) = data_set(file) else { return };
    let (mut image, samples) = IMAGES[file.len() % 2].clone();
    let state = PresentationState::new(header);
    let images = state.images();
    let frame = images.first().map_or(FrameNumber::FIRST, |image| image.frame);
    if let Some(named) = images.first() {
        image.put(DataElement::new(Tag(0x0008, 0x0018), VR::UI, PrimitiveValue::from(named.instance.as_str())));
    }
    let options =
        RenderOptions { viewport: Some(Viewport::fit(SIDES[0], SIDES[1])), format: Format::Png, ..RenderOptions::default() };
    let Ok(picture) = state.render(&image, &samples, frame, &options) else { return };
    // The first chunk of a PNG begins with its sides, as a state that turns may exchange them.
    let side = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("four bytes"));
    assert!(side(16).max(side(20)) <= SIDES[0] && side(16).min(side(20)) >= 1);
});
