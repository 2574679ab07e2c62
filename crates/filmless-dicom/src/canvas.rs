//! Lines and surfaces on a picture, with smooth edges. What is drawn outside is cut off, and costs nothing.

use image::{Rgb, RgbImage};

/// A place on the picture, in pixels from its upper left corner; centres of pixels lie at halves.
pub(crate) type Point = (f64, f64);

/// Pixels that lines and surfaces may visit, each as often as one lies on it: some seconds' work. What would be drawn behind
/// that is left out.
const MAX_VISITS: u64 = 300 << 20;

/// A picture that is drawn on.
pub(crate) struct Canvas {
    /// The picture.
    pub(crate) picture: RgbImage,
    /// Pixels that may still be visited.
    visits: u64,
}

impl From<RgbImage> for Canvas {
    fn from(picture: RgbImage) -> Self {
        Self { picture, visits: MAX_VISITS }
    }
}

impl Canvas {
    /// A picture of one colour.
    pub(crate) fn new(width: u32, height: u32, background: [u8; 3]) -> Self {
        RgbImage::from_pixel(width, height, Rgb(background)).into()
    }

    /// Whether so many pixels may still be visited; if so, they have been.
    pub(crate) fn may_visit(&mut self, pixels: u64) -> bool {
        let left = self.visits.checked_sub(pixels);
        self.visits = left.unwrap_or(0);
        left.is_some()
    }

    /// The picture turned or scaled, to be drawn on as long as it still may be.
    pub(crate) fn map(self, change: impl FnOnce(RgbImage) -> RgbImage) -> Self {
        Self { picture: change(self.picture), ..self }
    }

    /// Lines from each point to the next, with round ends.
    pub(crate) fn polyline(&mut self, points: &[Point], width: f64, colour: [u8; 3]) {
        if let [only] = points {
            self.segment(*only, *only, width, colour);
        }
        for ends in points.windows(2) {
            self.segment(ends[0], ends[1], width, colour);
        }
    }

    /// One line. Only the pixels near it are visited: row by row those beside the part of it that passes the row.
    fn segment(&mut self, from: Point, to: Point, width: f64, colour: [u8; 3]) {
        let ((x0, y0), (x1, y1)) = if from.1 <= to.1 { (from, to) } else { (to, from) };
        if ![x0, y0, x1, y1, width].iter().all(|number| number.is_finite()) {
            return;
        }
        let reach = width / 2.0 + 1.0;
        let (dx, dy) = (x1 - x0, y1 - y0);
        let square = dx * dx + dy * dy;
        for row in within(y0 - reach, y1 + reach, self.picture.height()) {
            let y = f64::from(row) + 0.5;
            let at = |y: f64| if dy > 0.0 { x0 + dx * ((y - y0) / dy).clamp(0.0, 1.0) } else { x0 };
            let (a, b) = if dy > 0.0 { (at(y - reach), at(y + reach)) } else { (x0, x1) };
            let columns = within(a.min(b) - reach, a.max(b) + reach, self.picture.width());
            if !self.may_visit(1 + columns.len() as u64) {
                return;
            }
            for column in columns {
                let x = f64::from(column) + 0.5;
                let along = if square > 0.0 { (((x - x0) * dx + (y - y0) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (x - x0 - along * dx).hypot(y - y0 - along * dy);
                self.blend(column, row, width / 2.0 + 0.5 - distance, colour);
            }
        }
    }

    /// The inside of a polygon, by the even-odd rule, a quarter of a pixel exact.
    pub(crate) fn fill(&mut self, polygon: &[Point], colour: [u8; 3]) {
        const STEPS: u32 = 4;
        if !polygon.iter().all(|(x, y)| x.is_finite() && y.is_finite()) {
            return;
        }
        let top = polygon.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
        let bottom = polygon.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
        let mut cover = vec![0.0; self.picture.width() as usize];
        for row in within(top, bottom, self.picture.height()) {
            // Every edge is looked at for every line.
            if !self.may_visit(u64::from(STEPS) * (u64::from(self.picture.width()) + polygon.len() as u64)) {
                return;
            }
            cover.fill(0.0);
            for step in 0..STEPS {
                let y = f64::from(row) + (f64::from(step) + 0.5) / f64::from(STEPS);
                for pair in crossings(polygon, y).as_chunks::<2>().0 {
                    for column in within(pair[0], pair[1], self.picture.width()) {
                        let (left, right) = (f64::from(column).max(pair[0]), (f64::from(column) + 1.0).min(pair[1]));
                        cover[column as usize] += (right - left).max(0.0) / f64::from(STEPS);
                    }
                }
            }
            for (column, share) in (0..self.picture.width()).zip(&cover) {
                self.blend(column, row, *share, colour);
            }
        }
    }

    /// Lays a share of a colour over a pixel.
    fn blend(&mut self, column: u32, row: u32, share: f64, colour: [u8; 3]) {
        if share <= 0.0 {
            return;
        }
        let share = share.min(1.0);
        let pixel = self.picture.get_pixel_mut(column, row);
        for (old, new) in pixel.0.iter_mut().zip(colour) {
            let mixed = f64::from(*old) * (1.0 - share) + f64::from(new) * share;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two u8")]
            {
                *old = mixed.round() as u8;
            }
        }
    }
}

/// Where a line across meets the edges of a polygon, from left to right.
pub(crate) fn crossings(polygon: &[Point], y: f64) -> Vec<f64> {
    let edges = polygon.iter().zip(polygon.iter().cycle().skip(1));
    let mut found: Vec<f64> =
        edges.filter(|(a, b)| (a.1 <= y) != (b.1 <= y)).map(|(a, b)| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)).collect();
    found.sort_by(f64::total_cmp);
    found
}

/// The pixels of a side that lie between two places.
fn within(first: f64, last: f64, side: u32) -> std::ops::Range<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is cut to the side")]
    let pixel = |place: f64| (place.max(0.0) as u32).min(side);
    pixel(first.floor())..pixel(last.ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 3] = [255; 3];

    fn rows(canvas: &Canvas) -> Vec<Vec<u8>> {
        canvas.picture.rows().map(|row| row.map(|pixel| pixel.0[0]).collect()).collect()
    }

    #[test]
    fn a_line_covers_the_pixels_that_it_passes() {
        let mut canvas = Canvas::new(4, 3, [0; 3]);
        canvas.polyline(&[(0.5, 1.5), (3.5, 1.5)], 1.0, WHITE);
        assert_eq!(rows(&canvas), [vec![0; 4], vec![255; 4], vec![0; 4]]);
        let mut canvas = Canvas::new(3, 3, [0; 3]);
        canvas.polyline(&[(-5.0, -5.0), (20.0, 20.0)], 1.0, WHITE);
        assert!((0..3).all(|at| canvas.picture.get_pixel(at, at).0 == WHITE));
        assert!(canvas.picture.get_pixel(2, 0).0 == [0; 3]);
    }

    #[test]
    fn a_surface_is_filled_and_its_edges_are_shared() {
        let mut canvas = Canvas::new(4, 2, [0; 3]);
        canvas.fill(&[(0.5, 0.0), (3.0, 0.0), (3.0, 1.0), (0.5, 1.0)], WHITE);
        assert_eq!(rows(&canvas), [vec![128, 255, 255, 0], vec![0; 4]]);
    }

    #[test]
    fn drawing_has_an_end() {
        let mut canvas = Canvas { visits: 2_500, ..Canvas::new(20, 20, [0; 3]) };
        let all = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)];
        canvas.fill(&all, WHITE);
        assert!(canvas.visits > 0 && canvas.visits < 600);
        canvas.fill(&all, [7; 3]);
        assert_eq!(canvas.visits, 0);
        assert!(canvas.picture.get_pixel(3, 19).0 == WHITE, "the end of the second surface");
        canvas.polyline(&[(0.0, 19.0), (20.0, 19.0)], 5.0, [7; 3]);
        assert!(canvas.picture.get_pixel(3, 19).0 == WHITE, "nothing comes behind");
    }

    #[test]
    fn what_is_outside_or_no_number_is_left_out() {
        let mut canvas = Canvas::new(2, 2, [9; 3]);
        canvas.polyline(&[(1e300, 1e300), (-1e300, 2e300)], 1.0, WHITE);
        canvas.polyline(&[(f64::NAN, 0.0), (1.0, 1.0)], 1.0, WHITE);
        canvas.fill(&[(f64::INFINITY, 0.0), (1.0, 1.0), (0.0, 1.0)], WHITE);
        canvas.fill(&[], WHITE);
        assert_eq!(rows(&canvas), [vec![9; 2], vec![9; 2]]);
    }
}
