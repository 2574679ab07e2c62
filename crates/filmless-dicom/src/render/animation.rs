//! Moving pictures: the frames of an instance one behind the other as an animated GIF, each shown for as long as the header
//! says (PS3.3 C.7.6.5, Cine Module).
//!
//! Frames come one at a time and leave as bytes at once. Shades of grey are exact; of colours a palette is chosen for each frame.

use std::borrow::Cow;
use std::io;

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;
use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};
use image::imageops::FilterType;
use image::{DynamicImage, ImageError};

use super::palette::Paletted;
use super::{RenderOptions, picture};
use crate::pixel::{PixelError, Samples, decimals};

/// The pixels of all frames together, at most: 500 frames of 1024 × 1024.
const MAX_PIXELS: u64 = 500 << 20;
/// How long frames are shown that are no recording.
const DEFAULT_FRAME_MS: f64 = 100.0;
/// Browsers show frames for a tenth of a second that ask for less than this.
const SHORTEST_FRAME_MS: f64 = 20.0;
/// Nobody waits longer for a frame.
const LONGEST_FRAME_MS: f64 = 10_000.0;
/// A GIF counts time in hundredths of a second.
const TICK_MS: f64 = 10.0;

/// How long the frames of an instance are shown.
#[derive(Debug, Clone, PartialEq)]
enum FrameTimes {
    Even(f64),
    /// Frame Time Vector: each is the time between the frame before and this one.
    Vector(Vec<f64>),
}

impl FrameTimes {
    /// The recommended rate, the rate it was taken at, or the times of its frames.
    fn read(header: &InMemDicomObject) -> Self {
        let first = |tag| decimals(header, tag).first().copied().filter(|value| *value > 0.0);
        let rate = first(tags::RECOMMENDED_DISPLAY_FRAME_RATE).or_else(|| first(tags::CINE_RATE));
        if let Some(rate) = rate {
            return Self::Even(1000.0 / rate);
        }
        let vector = decimals(header, tags::FRAME_TIME_VECTOR);
        if vector.len() > 1 {
            return Self::Vector(vector);
        }
        Self::Even(first(tags::FRAME_TIME).unwrap_or(DEFAULT_FRAME_MS))
    }

    /// Milliseconds until the next frame. The last is shown as long as the one before it.
    fn of(&self, frame: FrameNumber) -> f64 {
        let time = match self {
            Self::Even(time) => *time,
            Self::Vector(times) => {
                let next = usize::try_from(frame.get()).unwrap_or(usize::MAX).min(times.len().saturating_sub(1));
                times.get(next).copied().unwrap_or(DEFAULT_FRAME_MS)
            }
        };
        time.clamp(SHORTEST_FRAME_MS, LONGEST_FRAME_MS)
    }
}

/// A moving picture in the making.
pub struct Animation {
    times: FrameTimes,
    /// How many frames it will have.
    count: u64,
    /// There from the first frame on, with its size.
    encoder: Option<([u32; 2], Encoder<Vec<u8>>)>,
    /// What the frames took so far, in milliseconds and in the ticks that were written for that.
    elapsed: (f64, f64),
}

impl Animation {
    /// A picture of so many frames of an instance.
    pub fn new(header: &InMemDicomObject, count: usize) -> Self {
        Self { times: FrameTimes::read(header), count: count as u64, encoder: None, elapsed: (0.0, 0.0) }
    }

    /// Adds a frame. Returns the bytes that it became.
    pub fn add(
        &mut self,
        header: &InMemDicomObject,
        samples: &Samples,
        frame: FrameNumber,
        options: &RenderOptions,
    ) -> Result<Vec<u8>, PixelError> {
        let (mut picture, _) = picture(header, samples, frame, options)?;
        let (size, encoder) = match &mut self.encoder {
            Some((size, encoder)) => (*size, encoder),
            none => {
                let size = [picture.width(), picture.height()];
                let pixels = self.count.saturating_mul(size.map(u64::from).iter().product());
                if pixels > MAX_PIXELS {
                    let what =
                        format!("{} frames of this size as one moving picture: ask for fewer, or for smaller ones", self.count);
                    return Err(PixelError::Unsupported(what));
                }
                let mut encoder = encoder_for(&picture)?;
                encoder.set_repeat(Repeat::Infinite).map_err(failed)?;
                (size, &mut none.insert((size, encoder)).1)
            }
        };
        if [picture.width(), picture.height()] != size {
            // Pixels of another shape than those of the first frame.
            picture = picture.resize_exact(size[0], size[1], FilterType::Triangle);
        }
        self.elapsed.0 += self.times.of(frame);
        let ticks = (self.elapsed.0 / TICK_MS).round() - self.elapsed.1;
        self.elapsed.1 += ticks;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        write(encoder, &picture, ticks as u16)?;
        Ok(std::mem::take(encoder.get_mut()))
    }

    /// The bytes that end it.
    pub fn finish(self) -> Result<Vec<u8>, PixelError> {
        self.encoder.map_or(Ok(Vec::new()), |(_, encoder)| encoder.into_inner().map_err(failed))
    }
}

/// A GIF of one picture.
pub(super) fn still(picture: &DynamicImage) -> Result<Vec<u8>, PixelError> {
    let mut encoder = encoder_for(picture)?;
    write(&mut encoder, picture, 0)?;
    encoder.into_inner().map_err(failed)
}

/// Grey pictures share the palette of all shades; colours have one of their own for each frame.
fn encoder_for(picture: &DynamicImage) -> Result<Encoder<Vec<u8>>, PixelError> {
    let shades: Vec<u8> = if picture.color().has_color() { Vec::new() } else { (0..=255).flat_map(|shade| [shade; 3]).collect() };
    let [width, height] = sides(picture)?;
    Encoder::new(Vec::new(), width, height, &shades).map_err(failed)
}

fn write(encoder: &mut Encoder<Vec<u8>>, picture: &DynamicImage, ticks: u16) -> Result<(), PixelError> {
    let [width, height] = sides(picture)?;
    let mut frame = match picture {
        DynamicImage::ImageLuma8(shades) => Frame { width, height, buffer: Cow::Borrowed(shades.as_raw()), ..Frame::default() },
        colours => {
            let Paletted { palette, pixels } = Paletted::of(colours.to_rgb8().as_raw());
            Frame { width, height, buffer: Cow::Owned(pixels), palette: Some(palette), ..Frame::default() }
        }
    };
    (frame.delay, frame.dispose) = (ticks, DisposalMethod::Keep);
    encoder.write_frame(&frame).map_err(failed)
}

fn sides(picture: &DynamicImage) -> Result<[u16; 2], PixelError> {
    let side =
        |side: u32| u16::try_from(side).map_err(|_| PixelError::BadRequest("a GIF has at most 65535 rows and columns".into()));
    Ok([side(picture.width())?, side(picture.height())?])
}

fn failed(error: EncodingError) -> PixelError {
    PixelError::Encode(ImageError::IoError(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue, Tag, VR};

    use super::*;
    use crate::pixel::PixelDescription;
    use crate::pixel::tests::header;

    fn with(attributes: &[(Tag, &str)]) -> InMemDicomObject {
        let mut header = header("MONOCHROME2", 1, 2, 8, 8);
        for (tag, value) in attributes {
            header.put(DataElement::new(*tag, VR::DS, PrimitiveValue::from(*value)));
        }
        header
    }

    fn frame(number: u32) -> FrameNumber {
        FrameNumber::new(number).expect("not 0")
    }

    /// Palette, pixels and delay of each frame.
    fn decoded(gif: &[u8]) -> Vec<(Vec<u8>, u16)> {
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(gif).expect("a GIF");
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().expect("a frame") {
            frames.push((frame.buffer.to_vec(), frame.delay));
        }
        frames
    }

    #[test]
    fn frames_are_shown_as_long_as_the_header_says() {
        let times = |attributes: &[(Tag, &str)]| {
            let times = FrameTimes::read(&with(attributes));
            [1, 2, 3, 9].map(|number| times.of(frame(number)).to_string())
        };
        let rate = (tags::RECOMMENDED_DISPLAY_FRAME_RATE, "25");
        let cine = (tags::CINE_RATE, "20");
        let time = (tags::FRAME_TIME, "33.5");
        let vector = (tags::FRAME_TIME_VECTOR, "0\\40\\60");
        assert_eq!(times(&[]), ["100"; 4]);
        assert_eq!(times(&[time]), ["33.5"; 4]);
        assert_eq!(times(&[time, vector]), ["40", "60", "60", "60"]);
        assert_eq!(times(&[time, cine]), ["50"; 4]);
        assert_eq!(times(&[time, cine, rate]), ["40"; 4]);
        assert_eq!(times(&[(tags::FRAME_TIME, "1")]), ["20"; 4], "browsers take less for more");
        assert_eq!(times(&[(tags::FRAME_TIME, "1e9")]), ["10000"; 4]);
        assert_eq!(times(&[(tags::FRAME_TIME, "-5")]), ["100"; 4]);
    }

    #[test]
    fn an_animation_has_the_shades_of_its_frames_and_their_time_together() {
        let header = with(&[(tags::FRAME_TIME, "33.4")]);
        let description = PixelDescription::from_header(&header).expect("whole");
        let mut animation = Animation::new(&header, 4);
        let mut bytes = Vec::new();
        for (number, shade) in [(1, 7), (2, 100), (3, 200), (4, 255)] {
            let samples = Samples { description: description.clone(), bytes: vec![shade, 0] };
            let piece = animation.add(&header, &samples, frame(number), &RenderOptions::default()).expect("added");
            assert!(!piece.is_empty(), "frames leave as they come");
            bytes.extend(piece);
        }
        bytes.extend(animation.finish().expect("finished"));
        let frames = decoded(&bytes);
        let shades: Vec<_> = frames.iter().map(|(pixels, _)| pixels[0]).collect();
        assert_eq!(shades, [7, 100, 200, 255]);
        let delays: Vec<_> = frames.iter().map(|(_, delay)| *delay).collect();
        assert_eq!(delays, [3, 4, 3, 3]);
    }

    #[test]
    fn an_animation_is_not_endless() {
        let header = with(&[]);
        let description = PixelDescription::from_header(&header).expect("whole");
        let samples = Samples { description, bytes: vec![0, 0] };
        let add = |count| Animation::new(&header, count).add(&header, &samples, frame(1), &RenderOptions::default());
        assert!(add(1000).is_ok());
        assert!(add(usize::MAX).is_err());
    }

    #[test]
    fn a_still_of_few_colours_has_them_all() {
        let colours: Vec<u8> = (0..=255).flat_map(|at: u8| [at, 255 - at, 3]).collect();
        let picture = image::RgbImage::from_raw(16, 16, colours.clone()).expect("256 pixels").into();
        let frames = decoded(&still(&picture).expect("a GIF"));
        let opaque: Vec<u8> = colours.chunks(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
        assert!(frames.len() == 1 && frames[0].0 == opaque);
    }
}
