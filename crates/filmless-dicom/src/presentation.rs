//! Softcopy presentation states (PS3.3 sections A.33 and C.11.8 to C.11.12; PS3.4 annex N): which images a state is for, and one
//! of these shown through it. What is drawn on the image is in `annotation.rs`, what is written on it in `text_object.rs`.
//!
//! The state's own grey scale pipeline takes the place of the image's, as PS3.4 N.2 asks: what a state leaves out is left out. Of
//! colour images place, shutters and drawings apply.

mod area;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid};
use image::{DynamicImage, Rgb, RgbImage};

use crate::annotation::{self, Shape};
use crate::canvas::{Canvas, Point};
use crate::lut::{Groups, LookupTable, ModalityTransform, VoiTransform, Window, first_item};
use crate::pixel::{PixelError, Samples, integer, text};
use crate::render::{RenderOptions, encode, finish, shades};
use crate::shutter::Shutter;
use crate::text_object::{self, Place};
use area::{Area, Turn};

/// Images of which a state is read to be for.
const MAX_REFERENCES: usize = 10_000;

/// A presentation state.
#[derive(Debug, Clone)]
pub struct PresentationState {
    header: InMemDicomObject,
}

/// An image that a state is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedImage {
    /// Its series.
    pub series: SeriesInstanceUid,
    /// The instance.
    pub instance: SopInstanceUid,
    /// The frame: the first one named, if there are any.
    pub frame: FrameNumber,
}

impl PresentationState {
    /// Takes the data set of a state.
    pub fn new(header: InMemDicomObject) -> Self {
        Self { header }
    }

    /// The images it is for (PS3.3 section C.11.11, Presentation State Relationship Module), in its order.
    pub fn images(&self) -> Vec<PresentedImage> {
        let series_list = items(&self.header, tags::REFERENCED_SERIES_SEQUENCE);
        let images = series_list.iter().flat_map(|series_item| {
            let series = text(series_item, tags::SERIES_INSTANCE_UID).and_then(|uid| SeriesInstanceUid::parse(&uid).ok());
            items(series_item, tags::REFERENCED_IMAGE_SEQUENCE).iter().filter_map(move |item| {
                let instance = SopInstanceUid::parse(&text(item, tags::REFERENCED_SOP_INSTANCE_UID)?).ok()?;
                let frame = integer(item, tags::REFERENCED_FRAME_NUMBER).and_then(|number| u32::try_from(number).ok());
                let frame = frame.and_then(FrameNumber::new).unwrap_or(FrameNumber::FIRST);
                Some(PresentedImage { series: series.clone()?, instance, frame })
            })
        });
        images.take(MAX_REFERENCES).collect()
    }

    /// Shows a decoded frame of an image through this state. Blocks for milliseconds: call it off the async threads.
    pub fn render(
        &self,
        image: &InMemDicomObject,
        samples: &Samples,
        frame: FrameNumber,
        options: &RenderOptions,
    ) -> Result<Vec<u8>, PixelError> {
        let about = About { instance: text(image, tags::SOP_INSTANCE_UID).unwrap_or_default(), frame };
        let mut picture = if samples.description.photometric.is_colour() {
            shades(image, samples, frame, None)?.into_rgb8()
        } else {
            self.grey_picture(samples, &about)?
        };
        Shutter::read(&self.header, frame).close(&mut picture);
        for overlay in annotation::overlays(&self.header, image, frame) {
            overlay.draw(&mut picture);
        }
        let (columns, rows) = (picture.width(), picture.height());
        let selections = items(&self.header, tags::DISPLAYED_AREA_SELECTION_SEQUENCE).iter();
        let area = selections.clone().find(|item| about.is_meant(item)).and_then(Area::read);
        let area = area.unwrap_or_else(|| Area::whole(columns, rows));
        let size = area.size(options.viewport)?;
        let mut canvas = Canvas::from(area.scaled(&picture, size));

        let shapes = annotation::shapes(&self.header, |item| about.is_meant(item));
        draw(&mut canvas, shapes.iter().filter(|shape| !shape.is_of_display), |point| area.place(point, size));
        let turn = Turn::read(&self.header);
        let mut canvas = canvas.map(|picture| turn.picture(picture));
        let (width, height) = (f64::from(canvas.picture.width()), f64::from(canvas.picture.height()));
        let on_display = |(x, y): Point| (x * width, y * height);
        draw(&mut canvas, shapes.iter().filter(|shape| shape.is_of_display), on_display);
        for text in text_object::texts(&self.header, |item| about.is_meant(item)) {
            text.draw(&mut canvas, |place| match place {
                Place::OfImage(point) => turn.place(area.place(point, size), size),
                Place::OfDisplay(point) => on_display(point),
            });
        }

        let is_grey = canvas.picture.pixels().all(|Rgb([red, green, blue])| red == green && green == blue);
        let picture = DynamicImage::ImageRgb8(canvas.picture);
        let picture = if is_grey { DynamicImage::ImageLuma8(picture.to_luma8()) } else { picture };
        let (picture, icc_profile) = finish(picture, image, frame, options)?;
        encode(&picture, icc_profile, options)
    }

    /// PS3.4 N.2.1 (Grayscale Transformations): modality, VOI and presentation, each as the state has it.
    fn grey_picture(&self, samples: &Samples, about: &About) -> Result<RgbImage, PixelError> {
        let description = &samples.description;
        let modality = ModalityTransform::read(&Groups::of(&self.header, FrameNumber::FIRST), description.signed);
        let (least, most) = output_range(&modality, description.bits_stored, description.signed);
        let voi = items(&self.header, tags::SOFTCOPY_VOILUT_SEQUENCE).iter().find(|item| about.is_meant(item));
        let voi = voi.and_then(|item| VoiTransform::read(&Groups::of(item, FrameNumber::FIRST), least < 0.0));
        let voi = voi.unwrap_or_else(|| VoiTransform::Window(Window::spanning(least, most)));
        let presentation = Presentation::read(&self.header)?;
        let shade = |value: f64| {
            let shade = presentation.apply(voi.apply(modality.apply(value)));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and NaN is black")]
            {
                (shade * 255.0).round() as u8
            }
        };
        let mut bytes = Vec::with_capacity(samples.bytes.len());
        match samples.raw() {
            Some(raw) if description.bits_allocated <= 16 => {
                #[expect(clippy::cast_precision_loss, reason = "16 bits")]
                let table: Vec<u8> =
                    (0..1u32 << description.bits_allocated).map(|raw| shade(samples.stored_value(raw) as f64)).collect();
                raw.each(|raw| bytes.extend_from_slice(&[table.get(raw as usize).copied().unwrap_or(0); 3]));
            }
            _ => bytes.extend(samples.numbers().into_iter().flat_map(|number| [shade(number); 3])),
        }
        let short = PixelError::ShortFrame { found: bytes.len() as u64, expected: description.pixels() * 3 };
        RgbImage::from_raw(description.columns.into(), description.rows.into(), bytes).ok_or(short)
    }
}

fn draw<'s>(canvas: &mut Canvas, shapes: impl Iterator<Item = &'s Shape>, place: impl Fn(Point) -> Point) {
    let width = (f64::from(canvas.picture.width().max(canvas.picture.height())) / 400.0).clamp(1.0, 6.0);
    for shape in shapes {
        let points: Vec<_> = shape.points.iter().map(|point| place(*point)).collect();
        if shape.is_filled {
            canvas.fill(&points, shape.colour);
        } else if let [only] = points[..] {
            canvas.polyline(&[only], width * 4.0, shape.colour);
        } else {
            canvas.polyline(&points, width, shape.colour);
        }
    }
}

/// The items of a sequence; none if there is no such sequence.
pub(crate) fn items(object: &InMemDicomObject, sequence: Tag) -> &[InMemDicomObject] {
    object.get(sequence).and_then(|element| element.items()).unwrap_or_default()
}

/// Which image is shown.
struct About {
    instance: String,
    frame: FrameNumber,
}

impl About {
    /// Whether an item of the state is for it: it names the image, and the frame if it names any; or it names nothing.
    fn is_meant(&self, item: &InMemDicomObject) -> bool {
        let references = items(item, tags::REFERENCED_IMAGE_SEQUENCE);
        let names = |reference: &InMemDicomObject| {
            let frames: Vec<u32> =
                reference.get(tags::REFERENCED_FRAME_NUMBER).and_then(|element| element.to_multi_int().ok()).unwrap_or_default();
            text(reference, tags::REFERENCED_SOP_INSTANCE_UID).as_deref() == Some(&self.instance)
                && (frames.is_empty() || frames.contains(&self.frame.get()))
        };
        references.is_empty() || references.iter().any(names)
    }
}

/// What the modality transformation may give.
fn output_range(modality: &ModalityTransform, bits: u16, signed: bool) -> (f64, f64) {
    if let ModalityTransform::Table(table) = modality {
        return (0.0, table.largest());
    }
    let values = 2f64.powi(i32::from(bits));
    let (least, most) = if signed { (-values / 2.0, values / 2.0 - 1.0) } else { (0.0, values - 1.0) };
    let (one, other) = (modality.apply(least), modality.apply(most));
    (one.min(other), one.max(other))
}

/// From what the VOI transformation gives to shades (PS3.3 section C.11.6, Softcopy Presentation LUT Module).
enum Presentation {
    Identity,
    Inverse,
    Table(LookupTable),
}

impl Presentation {
    fn read(header: &InMemDicomObject) -> Result<Self, PixelError> {
        if let Some(item) = first_item(header, tags::PRESENTATION_LUT_SEQUENCE) {
            return LookupTable::read(item, tags::LUT_DESCRIPTOR, tags::LUT_DATA, false).map(Self::Table);
        }
        let is_inverse = text(header, tags::PRESENTATION_LUT_SHAPE).is_some_and(|shape| shape == "INVERSE");
        Ok(if is_inverse { Self::Inverse } else { Self::Identity })
    }

    fn apply(&self, shade: f64) -> f64 {
        match self {
            Self::Identity => shade,
            Self::Inverse => 1.0 - shade,
            Self::Table(table) => {
                #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "2^16 entries at most")]
                let entry = (shade * (table.entries.len() - 1) as f64).round() as i64;
                (f64::from(table.get(table.first.saturating_add(entry))) / table.largest()).min(1.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue, VR};

    use super::*;
    use crate::pixel::PixelDescription;
    use crate::pixel::tests::header;
    use crate::render::{Format, Viewport};
    use crate::test_objects::{object, put_items};

    fn with_items(mut object: InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) -> InMemDicomObject {
        put_items(&mut object, tag, items);
        object
    }

    fn about(object: InMemDicomObject, instance: &str) -> InMemDicomObject {
        let reference = self::object(&[(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance)]);
        with_items(object, tags::REFERENCED_IMAGE_SEQUENCE, vec![reference])
    }

    /// Rows of the picture that a state makes of an image of 8 bits.
    fn shown(state: &InMemDicomObject, columns: u16, bytes: &[u8], viewport: Option<Viewport>) -> Vec<Vec<u8>> {
        let rows = u16::try_from(bytes.len()).expect("few") / columns;
        let mut image = header("MONOCHROME2", rows, columns, 8, 8);
        image.put(DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, PrimitiveValue::from("1.5")));
        image.put(DataElement::new(tags::WINDOW_CENTER, VR::DS, PrimitiveValue::from("1")));
        image.put(DataElement::new(tags::WINDOW_WIDTH, VR::DS, PrimitiveValue::from("1")));
        let samples = Samples { description: PixelDescription::from_header(&image).expect("whole"), bytes: bytes.to_vec() };
        let options = RenderOptions { format: Format::Png, viewport, ..RenderOptions::default() };
        let state = PresentationState::new(state.clone());
        let picture = state.render(&image, &samples, FrameNumber::FIRST, &options).expect("shown");
        let picture = image::load_from_memory(&picture).expect("decodes").to_luma8();
        picture.rows().map(|row| row.map(|pixel| pixel.0[0]).collect()).collect()
    }

    #[test]
    fn the_grey_scale_is_the_state_s_own() {
        let bytes = [0, 100, 200];
        assert_eq!(shown(&object(&[]), 3, &bytes, None), [[0, 100, 200]], "what a state leaves out is left out");
        let inverse = object(&[(tags::PRESENTATION_LUT_SHAPE, VR::CS, "INVERSE")]);
        assert_eq!(shown(&inverse, 3, &bytes, None), [[255, 155, 55]]);
        let window = |center: &str| object(&[(tags::WINDOW_CENTER, VR::DS, center), (tags::WINDOW_WIDTH, VR::DS, "101")]);
        let windows = vec![about(window("500"), "1.9"), about(window("50.5"), "1.5"), window("900")];
        let state = with_items(object(&[]), tags::SOFTCOPY_VOILUT_SEQUENCE, windows);
        assert_eq!(shown(&state, 3, &bytes, None), [[0, 255, 255]], "the window that is for this image");
        let rescaled = [(tags::RESCALE_SLOPE, VR::DS, "0.5"), (tags::RESCALE_INTERCEPT, VR::DS, "0")];
        let state = with_items(object(&rescaled), tags::SOFTCOPY_VOILUT_SEQUENCE, vec![window("50.5")]);
        assert_eq!(shown(&state, 3, &bytes, None), [[0, 128, 255]]);
    }

    #[test]
    fn an_area_is_cut_out_magnified_turned_and_flipped() {
        let area = |top_left: [i32; 2], bottom_right: [i32; 2], more: &[(Tag, VR, &str)]| {
            let mut item = object(more);
            item.put(DataElement::new(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, VR::SL, PrimitiveValue::from(top_left)));
            item.put(DataElement::new(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, VR::SL, PrimitiveValue::from(bottom_right)));
            vec![item]
        };
        let bytes = [10, 20, 30, 40, 50, 60];
        let state = |turn: &[(Tag, VR, &str)], area| with_items(object(turn), tags::DISPLAYED_AREA_SELECTION_SEQUENCE, area);
        let right = || area([2, 1], [3, 2], &[]);
        let turned = [(tags::IMAGE_ROTATION, VR::US, "90")];
        let flipped = [turned[0], (tags::IMAGE_HORIZONTAL_FLIP, VR::CS, "Y")];
        for (state, expected) in [
            (state(&[], right()), vec![vec![20, 30], vec![50, 60]]),
            (state(&turned, right()), vec![vec![50, 20], vec![60, 30]]),
            (state(&flipped, right()), vec![vec![20, 50], vec![30, 60]]),
            // As the corners of a picture turned by 90 degrees are written.
            (state(&turned, area([2, 2], [3, 1], &[])), vec![vec![50, 20], vec![60, 30]]),
            (state(&[], area([0, 0], [1, 1], &[])), vec![vec![0, 0], vec![0, 10]]),
            (state(&[], area([i32::MIN, 0], [i32::MAX, 1], &[])), vec![vec![10, 20, 30], vec![40, 50, 60]]),
            (state(&[], area([4, 1], [5, 1], &[])), vec![vec![0, 0]]),
        ] {
            assert_eq!(shown(&state, 3, &bytes, None), expected);
        }
        // Much more than the image: what it has is a pixel of it.
        let wide = state(&[], area([-8000, -8000], [8000, 8000], &[]));
        let small = shown(&wide, 3, &bytes, Some(Viewport::fit(20, 20)));
        assert_eq!(small.iter().flatten().filter(|shade| **shade > 0).count(), 1, "{small:?}");
        let magnified = [
            (tags::PRESENTATION_SIZE_MODE, VR::CS, "MAGNIFY"),
            (tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO, VR::FL, "3"),
            (tags::PRESENTATION_PIXEL_ASPECT_RATIO, VR::IS, "2\\1"),
        ];
        let state = state(&[], area([1, 1], [3, 2], &magnified));
        let side = |rows: Vec<Vec<u8>>| (rows[0].len(), rows.len());
        assert_eq!(side(shown(&state, 3, &bytes, None)), (9, 12));
        assert_eq!(side(shown(&state, 3, &bytes, Some(Viewport::fit(30, 30)))), (23, 30));
    }

    #[test]
    fn shutters_cover_what_is_outside() {
        let white = (tags::SHUTTER_PRESENTATION_VALUE, VR::US, "65535");
        let bytes = [100; 9];
        let rectangle = [
            white,
            (tags::SHUTTER_SHAPE, VR::CS, "RECTANGULAR"),
            (tags::SHUTTER_LEFT_VERTICAL_EDGE, VR::IS, "2"),
            (tags::SHUTTER_RIGHT_VERTICAL_EDGE, VR::IS, "3"),
            (tags::SHUTTER_UPPER_HORIZONTAL_EDGE, VR::IS, "1"),
            (tags::SHUTTER_LOWER_HORIZONTAL_EDGE, VR::IS, "2"),
        ];
        assert_eq!(shown(&object(&rectangle), 3, &bytes, None), [[255, 100, 100], [255, 100, 100], [255, 255, 255]]);
        let circle = [
            white,
            (tags::SHUTTER_SHAPE, VR::CS, "CIRCULAR"),
            (tags::CENTER_OF_CIRCULAR_SHUTTER, VR::IS, "2\\2"),
            (tags::RADIUS_OF_CIRCULAR_SHUTTER, VR::IS, "1"),
        ];
        assert_eq!(shown(&object(&circle), 3, &bytes, None), [[255, 100, 255], [100, 100, 100], [255, 100, 255]]);
        let triangle =
            [(tags::SHUTTER_SHAPE, VR::CS, "POLYGONAL"), (tags::VERTICES_OF_THE_POLYGONAL_SHUTTER, VR::IS, "0\\0\\4\\0\\4\\4")];
        assert_eq!(shown(&object(&triangle), 3, &bytes, None), [[100, 0, 0], [100, 100, 0], [100, 100, 100]]);
    }

    #[test]
    fn lines_are_drawn_in_the_grey_of_their_layer_on_the_image_that_is_meant() {
        let line = |units: &str, numbers: [f32; 4]| {
            let mut line = object(&[(tags::GRAPHIC_ANNOTATION_UNITS, VR::CS, units), (tags::GRAPHIC_TYPE, VR::CS, "POLYLINE")]);
            line.put(DataElement::new(tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::from(numbers)));
            line
        };
        let annotation = |line: InMemDicomObject| {
            with_items(object(&[(tags::GRAPHIC_LAYER, VR::CS, "LINES")]), tags::GRAPHIC_OBJECT_SEQUENCE, vec![line])
        };
        let layer = object(&[
            (tags::GRAPHIC_LAYER, VR::CS, "LINES"),
            (tags::GRAPHIC_LAYER_ORDER, VR::IS, "1"),
            (tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE, VR::US, "32896"),
        ]);
        let bytes = [0; 12];
        let drawn = vec![vec![0; 4], vec![128; 4], vec![0; 4]];
        for (annotation, expected) in [
            (annotation(line("PIXEL", [0.0, 1.5, 4.0, 1.5])), drawn.clone()),
            (annotation(line("DISPLAY", [0.0, 0.5, 1.0, 0.5])), drawn.clone()),
            (about(annotation(line("PIXEL", [0.0, 1.5, 4.0, 1.5])), "1.5"), drawn),
            (about(annotation(line("PIXEL", [0.0, 1.5, 4.0, 1.5])), "1.9"), vec![vec![0; 4]; 3]),
            (annotation(line("PIXEL", [f32::NAN, 1.5, f32::INFINITY, 1.5])), vec![vec![0; 4]; 3]),
        ] {
            let state = with_items(object(&[]), tags::GRAPHIC_LAYER_SEQUENCE, vec![layer.clone()]);
            let state = with_items(state, tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![annotation]);
            assert_eq!(shown(&state, 4, &bytes, None), expected);
        }
    }

    #[test]
    fn the_images_of_a_state_are_read_in_order() {
        let image = |uid: &str| {
            object(&[(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, uid), (tags::REFERENCED_FRAME_NUMBER, VR::IS, "3\\4")])
        };
        let series = object(&[(tags::SERIES_INSTANCE_UID, VR::UI, "1.3")]);
        let series = with_items(series, tags::REFERENCED_IMAGE_SEQUENCE, vec![image("1.5"), image("no uid"), image("1.6")]);
        let state = PresentationState::new(with_items(object(&[]), tags::REFERENCED_SERIES_SEQUENCE, vec![series]));
        let found: Vec<_> = state.images().iter().map(|image| (image.instance.to_string(), image.frame.get())).collect();
        assert_eq!(found, [("1.5".to_owned(), 3), ("1.6".to_owned(), 3)]);
    }
}
