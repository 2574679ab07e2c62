//! Real presentation states on the images that they were made for; and what is read to be shown, of every file.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_dicom::presentation::PresentationState;
use filmless_dicom::render::{Format, RenderOptions};
use filmless_dicom::report::Report;
use filmless_dicom::waveform::Waveform;
use filmless_model::frame::FrameNumber;
use image::RgbImage;

use crate::corpus::corpus;
use crate::pixels::{Stored, codecs};
use crate::testdata;

fn open(name: &str) -> Stored {
    Stored::open(std::fs::read(testdata().join("dicom").join(name)).expect("a file")).expect("an instance")
}

/// The image shown through the state.
async fn shown(state: &str, image: &str) -> RgbImage {
    let (state, image) = (PresentationState::new(open(state).object), open(image));
    let samples = image.decode(&codecs(), FrameNumber::FIRST).await.expect("decoded");
    let options = RenderOptions { format: Format::Png, ..RenderOptions::default() };
    let picture = state.render(&image.object, &samples, FrameNumber::FIRST, &options).expect("shown");
    image::load_from_memory(&picture).expect("decodes").into_rgb8()
}

fn table(object: &InMemDicomObject, sequence: Tag) -> Vec<usize> {
    let item = object.get(sequence).and_then(|element| element.items()?.first()).expect("an item");
    item.get(tags::LUT_DATA).expect("a table").to_multi_int().expect("numbers")
}

#[tokio::test]
async fn three_scrambled_tables_follow_each_other() {
    let (state, image) = ("pr-gsps/prLUTs.dcm", "pr-gsps/imageForPrLUTs.dcm");
    let tables = open(state).object;
    let voi = tables.get(tags::SOFTCOPY_VOILUT_SEQUENCE).and_then(|element| element.items()?.first().cloned()).expect("an item");
    let (modality, voi) = (table(&tables, tags::MODALITY_LUT_SEQUENCE), table(&voi, tags::VOILUT_SEQUENCE));
    let presentation = table(&tables, tags::PRESENTATION_LUT_SEQUENCE);
    let picture = shown(state, image).await;
    let stored = open(image).decode(&codecs(), FrameNumber::FIRST).await.expect("decoded");
    assert_eq!((picture.width(), picture.height(), stored.bytes.len()), (512, 512, 512 * 512));
    for (pixel, value) in picture.pixels().zip(&stored.bytes) {
        let expected = presentation[voi[modality[usize::from(*value)]]];
        assert_eq!(pixel.0, [u8::try_from(expected).expect("8 bits"); 3]);
    }
}

#[tokio::test]
async fn lines_and_window_of_a_state_are_drawn_on_a_slice() {
    let picture = shown("derived-on-ct-volume/gsps_graphics.dcm", "volume-ct-head-phantom/I006.dcm").await;
    let is_coloured = |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        red != green || green != blue
    };
    // The rectangle from (100,100) to (300,250), and the circle of radius 40 around (200,200).
    for (x, y) in [(100, 180), (299, 180), (200, 100), (200, 249), (240, 200), (160, 200), (200, 240)] {
        assert!(is_coloured(x, y), "{x} {y}");
    }
    for (x, y) in [(200, 200), (90, 90), (310, 260), (120, 120)] {
        assert!(!is_coloured(x, y), "{x} {y}");
    }
    let slice = open("volume-ct-head-phantom/I006.dcm");
    let samples = slice.decode(&codecs(), FrameNumber::FIRST).await.expect("decoded");
    for (x, y) in [(250u32, 300u32), (256, 256), (300, 350), (90, 256)] {
        let at = ((y * 512 + x) * 2) as usize;
        let stored = f64::from(i16::from_le_bytes([samples.bytes[at], samples.bytes[at + 1]]));
        // Rescale by -1024, window 40 ± 40 (PS3.3 C.11.2.1.2.1).
        let shade = ((stored - 1024.0 - 39.5) / 79.0 + 0.5).clamp(0.0, 1.0) * 255.0;
        assert!((f64::from(picture.get_pixel(x, y).0[0]) - shade).abs() < 1.0, "{x} {y}");
    }
}

#[test]
fn every_data_set_can_be_asked_for_a_report_curves_and_images_to_present() {
    let mut asked = 0;
    for (path, _) in corpus() {
        let Some(stored) = Stored::open(std::fs::read(&path).expect("it is listed")) else { continue };
        let report = Report::read(&stored.object);
        assert_eq!(report.find(&[1]), Some(&report.root), "{}", path.display());
        let waveform = Waveform::read(&stored.object);
        let is_ecg = path.ends_with("ecg/waveform_ecg.dcm");
        assert_eq!(waveform.groups.iter().map(|group| group.channels.len()).sum::<usize>(), if is_ecg { 24 } else { 0 });
        let _ = PresentationState::new(stored.object).images();
        asked += 1;
    }
    assert!(asked > 100, "{asked}");
}
