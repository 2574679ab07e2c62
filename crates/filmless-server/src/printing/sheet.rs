//! One page: the band with whose pictures they are, the pictures with what is said of each, and the mark of the copy.

use super::Print;
use super::lettering::{Line, Side, Weight, is_missing, width_mm, write};
use super::paper::Area;
use super::pdf::{Colour, Page};
use super::picture::Printed;

/// Beside everything: what printers leave free.
const MARGIN: f32 = 8.0;
/// Between pictures.
const GAP: f32 = 2.0;
/// From one line of the band to the next.
const BAND_LINE: f32 = 4.6;
/// What stands below a picture, for each line.
const CAPTION_LINE: f32 = 3.6;
/// The mark of the copy.
const FOOTER: f32 = 12.0;
/// A bar of a scale is no longer than this share of its picture.
const LONGEST_BAR: f32 = 0.3;

const BLACK: Colour = [0.0; 3];
const WHITE: Colour = [1.0; 3];

/// What things are drawn in.
struct Colours {
    ink: Colour,
    faint: Colour,
    warning: Colour,
}

impl Colours {
    fn of(is_film: bool) -> Self {
        if is_film {
            Self { ink: WHITE, faint: [0.67; 3], warning: [1.0, 0.77, 0.0] }
        } else {
            Self { ink: BLACK, faint: [0.35; 3], warning: [0.75, 0.0, 0.0] }
        }
    }
}

struct Sheet<'s, 'd, 'p> {
    page: &'s mut Page<'d>,
    print: &'p Print,
    colours: Colours,
}

/// Draws a page with these pictures; which it is of how many.
pub(super) fn draw(page: &mut Page<'_>, print: &Print, pictures: &[Printed], number: (usize, usize)) {
    let is_film = print.paper.is_film();
    let mut sheet = Sheet { page, print, colours: Colours::of(is_film) };
    let (width, height) = print.paper.size_mm();
    if is_film {
        sheet.page.fill(Area { left: 0.0, top: 0.0, width, height }, BLACK);
    }
    let top = sheet.band(Area { left: MARGIN, top: MARGIN, width: width - 2.0 * MARGIN, height }, pictures);
    let bottom = height - MARGIN - FOOTER;
    sheet.footer(Area { left: MARGIN, top: bottom, width: width - 2.0 * MARGIN, height: FOOTER }, pictures, number);
    let area = Area { left: MARGIN, top, width: width - 2.0 * MARGIN, height: bottom - top };
    for (place, picture) in pictures.iter().enumerate() {
        sheet.picture(print.grid.cell(area, place, GAP), picture);
    }
}

impl Sheet<'_, '_, '_> {
    fn line(&mut self, text: &str, at: (f32, f32), size: f32, room: f32) {
        let line = Line { at, size, room, weight: Weight::Regular, side: Side::Left, colour: self.colours.ink };
        self.styled(text, line);
    }

    fn styled(&mut self, text: &str, line: Line) {
        write(self.page, text, line);
    }

    /// The band; gives where it ends.
    fn band(&mut self, area: Area, pictures: &[Printed]) -> f32 {
        let print = self.print;
        let (ink, faint, warning) = (self.colours.ink, self.colours.faint, self.colours.warning);
        let mut y = area.top + 4.5;
        let heading = Line {
            at: (area.left, y),
            size: 11.0,
            room: area.width * 0.62,
            weight: Weight::SemiBold,
            side: Side::Left,
            colour: ink,
        };
        self.styled(&print.institution, heading);
        if pictures.iter().any(|picture| !picture.reductions.is_empty()) {
            let text = print.language.not_for_diagnosis();
            let line =
                Line { at: (area.right(), y), size: 8.0, room: area.width * 0.44, side: Side::Right, colour: warning, ..heading };
            self.styled(&text, line);
        }
        if !print.title.is_empty() {
            y += 5.2;
            self.styled(&print.title, Line { at: (area.left, y), size: 10.0, room: area.width, ..heading });
        }
        y += 1.8;
        // Two columns; names and descriptions are long.
        let column = area.width / 2.0;
        for (place, (label, text)) in print.band.iter().enumerate() {
            let left = if place % 2 == 0 { area.left } else { area.left + column };
            if place % 2 == 0 {
                y += BAND_LINE;
            }
            let label = format!("{}: ", print.language.label(*label));
            let size = 8.0;
            let taken = width_mm(&label, size, Weight::Regular);
            self.styled(
                &label,
                Line { at: (left, y), size, room: column, weight: Weight::Regular, side: Side::Left, colour: faint },
            );
            let room = (column - taken - 3.0).max(1.0);
            self.styled(
                text,
                Line { at: (left + taken, y), size, room, weight: Weight::SemiBold, side: Side::Left, colour: ink },
            );
        }
        y += 2.2;
        self.page.rule(&[(area.left, y), (area.right(), y)], 0.25, faint);
        y + 2.5
    }

    fn footer(&mut self, area: Area, pictures: &[Printed], number: (usize, usize)) {
        let print = self.print;
        let faint = self.colours.faint;
        let y = area.top + 2.0;
        self.page.rule(&[(area.left, y), (area.right(), y)], 0.25, faint);
        let size = 7.0;
        let half = area.width / 2.0;
        self.line(&print.language.copy(), (area.left, y + 3.6), size, area.width * 0.68);
        self.line(&print.language.printed(&print.printed_by, &print.printed_at), (area.left, y + 7.2), size, area.width * 0.68);
        let right = Line {
            at: (area.right(), y + 3.6),
            size,
            room: half * 0.6,
            weight: Weight::SemiBold,
            side: Side::Right,
            colour: self.colours.ink,
        };
        self.styled(&print.language.page(number), right);
        self.styled(&print.language.code(&print.code), Line { at: (area.right(), y + 7.2), room: half, ..right });
        let texts = print.band.iter().map(|(_, text)| text).chain([&print.institution, &print.title, &print.printed_by]);
        let mut texts = texts.chain(pictures.iter().map(|picture| &picture.name));
        if texts.any(|text| is_missing(text)) {
            self.line(&print.language.missing_letters(), (area.left, y + 10.4), 6.0, area.width);
        }
    }

    fn picture(&mut self, cell: Area, picture: &Printed) {
        let language = self.print.language;
        let lines = 1.0 + f32::from(u8::from(!picture.reductions.is_empty()));
        let room = Area { height: (cell.height - lines * CAPTION_LINE).max(1.0), ..cell };
        let (columns, rows) = picture.samples.sides();
        #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
        let (columns, rows) = (columns as f32, rows as f32);
        let fitting = (room.width / columns).min(room.height / rows);
        let of_true_size = picture.scale.filter(|_| self.print.is_true_size).map(|scale| scale.mm);
        // Millimetres of paper in a pixel of the picture.
        let mm = of_true_size.unwrap_or(fitting);
        let placed = room.middle(columns * mm, rows * mm);
        let is_cut = placed.width > room.width + 0.05 || placed.height > room.height + 0.05;
        self.page.picture(room, placed, &picture.samples);

        let (ink, warning) = (self.colours.ink, self.colours.warning);
        let mut y = room.bottom().min(placed.bottom().max(room.top)) + 2.7;
        let size = if cell.width < 40.0 { 5.0 } else { 6.5 };
        let mut said = Vec::new();
        let mut bar_begins = cell.right();
        match picture.scale {
            Some(scale) => {
                let on_paper = mm / scale.mm;
                let (bar_mm, long) = bar(on_paper, cell.width * LONGEST_BAR);
                bar_begins -= long;
                let right = cell.right();
                self.page.rule(&[(bar_begins, y - 1.6), (bar_begins, y), (right, y), (right, y - 1.6)], 0.25, ink);
                said.extend(language.source(scale.source));
                said.push(language.ratio(on_paper));
                said.push(if bar_mm < 10.0 {
                    format!("{} mm", language.number(bar_mm, usize::from(bar_mm < 1.0)))
                } else {
                    format!("{} cm", language.number(bar_mm / 10.0, 0))
                });
            }
            None => said.push(language.no_scale()),
        }
        if is_cut {
            said.insert(0, language.cut());
        }
        let said = said.join(" · ");
        let scale_room = (cell.width * 0.6).min(bar_begins - cell.left);
        let line =
            Line { at: (bar_begins - 1.0, y), size, room: scale_room, weight: Weight::Regular, side: Side::Right, colour: ink };
        self.styled(&said, line);
        let taken = width_mm(&said, size, Weight::Regular).min(scale_room) + cell.right() - bar_begins + 3.0;
        self.line(&picture.name, (cell.left, y), size, (cell.width - taken).max(4.0));
        if !picture.reductions.is_empty() {
            y += CAPTION_LINE;
            let reasons: Vec<_> = picture.reductions.iter().map(|reduction| language.reduction(*reduction)).collect();
            let text = format!("{}: {}", language.not_for_diagnosis(), reasons.join(", "));
            let at = (cell.left, y);
            self.styled(&text, Line { at, size, room: cell.width, weight: Weight::SemiBold, side: Side::Left, colour: warning });
        }
    }
}

/// The longest bar of 1, 2 or 5 times a power of ten millimetres that has room: its length in the patient, and on paper.
fn bar(on_paper: f32, room: f32) -> (f32, f32) {
    let most = room / on_paper;
    let power = 10_f32.powf(most.log10().floor());
    let factor = [5.0, 2.0, 1.0].into_iter().find(|factor| factor * power <= most).unwrap_or(1.0);
    (factor * power, factor * power * on_paper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_of_round_length_and_have_room() {
        for (on_paper, room, expected) in [(1.0, 30.0, 20.0), (0.5, 30.0, 50.0), (0.25, 30.0, 100.0), (10.0, 30.0, 2.0)] {
            let (in_patient, long) = bar(on_paper, room);
            assert!((in_patient - expected).abs() < 1e-3, "{in_patient}");
            assert!((long - expected * on_paper).abs() < 1e-3 && long <= room + 1e-3, "{long}");
        }
    }
}
