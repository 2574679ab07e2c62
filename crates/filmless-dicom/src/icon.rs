//! Small drawings that stand for what has no picture of its own, for lists of series: a page, a curve, a film, a model.

use image::DynamicImage;

use crate::canvas::{Canvas, Point};
use crate::pixel::PixelError;
use crate::render::{RenderOptions, encode};

/// What a drawing stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Icon {
    /// A PDF document.
    Pdf,
    /// Text: a report, a CDA document.
    Text,
    /// A waveform.
    Waveform,
    /// A video.
    Video,
    /// A model in three dimensions.
    Model,
}

/// Sides of a drawing for which no viewport is given, in pixels.
const SIDE: u32 = 128;
/// Nobody needs larger ones.
const MAX_SIDE: u32 = 512;

const BACKGROUND: [u8; 3] = [24, 27, 31];
const PAPER: [u8; 3] = [226, 230, 234];
const FOLD: [u8; 3] = [160, 168, 176];
const INK: [u8; 3] = [90, 98, 106];
const RED: [u8; 3] = [196, 52, 46];
const GREEN: [u8; 3] = [86, 201, 134];
const GRID: [u8; 3] = [52, 59, 66];

/// The three letters of PDF as lines, in a box of 1 by 1 each.
const LETTERS: [&[Point]; 4] = [
    &[(0.1, 1.0), (0.1, 0.0), (0.6, 0.0), (0.8, 0.12), (0.8, 0.4), (0.6, 0.52), (0.1, 0.52)],
    &[(1.2, 0.0), (1.6, 0.0), (1.9, 0.25), (1.9, 0.75), (1.6, 1.0), (1.2, 1.0), (1.2, 0.0)],
    &[(2.3, 1.0), (2.3, 0.0), (2.95, 0.0)],
    &[(2.3, 0.5), (2.8, 0.5)],
];

/// Draws a square, as large as the viewport allows.
pub fn draw(icon: Icon, options: &RenderOptions) -> Result<Vec<u8>, PixelError> {
    let side = options.viewport.and_then(|viewport| viewport.sides?.into_iter().min()).unwrap_or(SIDE).clamp(1, MAX_SIDE);
    let mut drawing = Drawing { canvas: Canvas::new(side, side, BACKGROUND), scale: f64::from(side) };
    match icon {
        Icon::Pdf => {
            drawing.page();
            let place = |(x, y): &Point| (0.3 + x * 0.14, 0.5 + y * 0.17);
            for letter in LETTERS {
                drawing.lines(&letter.iter().map(place).collect::<Vec<_>>(), 0.03, RED);
            }
        }
        Icon::Text => {
            drawing.page();
            drawing.lines(&[(0.3, 0.33), (0.5, 0.33)], 0.04, INK);
            for (line, end) in (0..5).map(f64::from).zip([0.7, 0.66, 0.7, 0.58, 0.68]) {
                let y = 0.46 + line * 0.085;
                drawing.lines(&[(0.3, y), (end, y)], 0.022, FOLD);
            }
        }
        Icon::Waveform => {
            for line in (1..8).map(|number| f64::from(number) / 8.0) {
                drawing.lines(&[(line, 0.0), (line, 1.0)], 0.008, GRID);
                drawing.lines(&[(0.0, line), (1.0, line)], 0.008, GRID);
            }
            let beat: [Point; 12] = [
                (0.06, 0.55),
                (0.22, 0.55),
                (0.28, 0.48),
                (0.34, 0.55),
                (0.40, 0.55),
                (0.44, 0.62),
                (0.50, 0.18),
                (0.56, 0.74),
                (0.60, 0.55),
                (0.70, 0.55),
                (0.78, 0.44),
                (0.94, 0.55),
            ];
            drawing.lines(&beat, 0.03, GREEN);
        }
        Icon::Video => {
            drawing.surface(&[(0.12, 0.22), (0.88, 0.22), (0.88, 0.78), (0.12, 0.78)], GRID);
            for hole in (0..6).map(|number| 0.17 + f64::from(number) * 0.12) {
                for y in [0.26, 0.69] {
                    drawing.surface(&[(hole, y), (hole + 0.06, y), (hole + 0.06, y + 0.05), (hole, y + 0.05)], BACKGROUND);
                }
            }
            drawing.surface(&[(0.42, 0.37), (0.64, 0.5), (0.42, 0.63)], PAPER);
        }
        Icon::Model => {
            let [top, right, left, middle, bottom] = [(0.5, 0.16), (0.8, 0.33), (0.2, 0.33), (0.5, 0.5), (0.5, 0.84)];
            let [low_right, low_left] = [(0.8, 0.67), (0.2, 0.67)];
            drawing.surface(&[top, right, middle, left], PAPER);
            drawing.surface(&[left, middle, bottom, low_left], FOLD);
            drawing.surface(&[right, middle, bottom, low_right], INK);
        }
    }
    encode(&DynamicImage::ImageRgb8(drawing.canvas.picture), None, options)
}

/// A canvas whose sides are 1.
struct Drawing {
    canvas: Canvas,
    scale: f64,
}

impl Drawing {
    fn lines(&mut self, points: &[Point], width: f64, colour: [u8; 3]) {
        let points = self.scaled(points);
        self.canvas.polyline(&points, width * self.scale, colour);
    }

    fn surface(&mut self, points: &[Point], colour: [u8; 3]) {
        let points = self.scaled(points);
        self.canvas.fill(&points, colour);
    }

    fn scaled(&self, points: &[Point]) -> Vec<Point> {
        points.iter().map(|(x, y)| (x * self.scale, y * self.scale)).collect()
    }

    /// A sheet of paper with a folded corner.
    fn page(&mut self) {
        self.surface(&[(0.22, 0.12), (0.62, 0.12), (0.78, 0.28), (0.78, 0.88), (0.22, 0.88)], PAPER);
        self.surface(&[(0.62, 0.12), (0.78, 0.28), (0.62, 0.28)], FOLD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Format, Viewport};

    #[test]
    fn every_kind_has_a_drawing_of_its_own_within_the_viewport() {
        let options = RenderOptions { viewport: Some(Viewport::fit(64, 96)), format: Format::Png, ..RenderOptions::default() };
        let mut drawings = Vec::new();
        for icon in [Icon::Pdf, Icon::Text, Icon::Waveform, Icon::Video, Icon::Model] {
            let bytes = draw(icon, &options).expect("drawn");
            let picture = image::load_from_memory(&bytes).expect("decodes");
            assert_eq!((picture.width(), picture.height()), (64, 64), "{icon:?}");
            assert!(!drawings.contains(&bytes), "{icon:?}");
            drawings.push(bytes);
        }
        let large = RenderOptions { viewport: Some(Viewport::fit(9000, 9000)), ..options };
        let picture = image::load_from_memory(&draw(Icon::Text, &large).expect("drawn")).expect("decodes");
        assert_eq!(picture.width(), 512);
    }
}
