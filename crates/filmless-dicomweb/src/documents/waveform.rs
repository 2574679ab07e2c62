//! Waveforms as they are read on paper: 25 mm a second and 10 mm a millivolt on a grid, in SVG whose unit is the millimetre.

use std::fmt::{self, Write as _};

use filmless_dicom::report::{Fact, facts};
use filmless_dicom::waveform::{Channel, Filter, Group, Waveform};
use filmless_index::StoredInstance;

use super::DocumentForm;
use super::language::Language;
use super::markup::Escaped;
use super::report::fact_text;
use crate::problem::Problem;
use crate::router::Door;

/// The form of a waveform.
pub(super) const FORM: DocumentForm = DocumentForm { essence: "image/svg+xml", extension: "svg" };

/// Paper speed, in millimetres a second.
const SPEED: f64 = 25.0;
/// Height of a millivolt, in millimetres.
const GAIN: f64 = 10.0;
/// What one strip shows, in seconds.
const STRIP_SECONDS: f64 = 10.0;
/// What stands before a curve: its calibration mark, in millimetres.
const LEAD_IN: f64 = 12.0;
/// Room behind a curve.
const GAP: f64 = 4.0;
/// The paper, in millimetres, without its edges.
const WIDTH: f64 = LEAD_IN + STRIP_SECONDS * SPEED + GAP;
const EDGE: f64 = 6.0;
/// How far a curve may reach from its line; more is cut.
const MAX_REACH: f64 = 60.0;
/// What curves of no voltage are scaled to.
const COMFORTABLE_HEIGHT: f64 = 30.0;
/// Lines of text above the curves.
const LINE: f64 = 4.5;

/// Draws a waveform.
pub(super) async fn write(door: &Door, stored: &StoredInstance, language: Language) -> Result<String, Problem> {
    let _permit = door.decodings.acquire().await.map_err(|_| Problem::Unavailable)?;
    let header = door.archive.header(stored).await?;
    let drawn = tokio::task::spawn_blocking(move || {
        let waveform = Waveform::read(&header);
        let facts = facts(&header).into_iter().filter_map(|(fact, value)| Some((fact, value?)));
        (!waveform.groups.is_empty()).then(|| draw(&waveform, &facts.collect::<Vec<_>>(), language))
    });
    let drawn = drawn.await.map_err(|error| {
        tracing::error!(%error, "drawing a waveform panicked");
        Problem::Internal
    })?;
    drawn.ok_or(Problem::NoPixels)
}

fn draw(waveform: &Waveform, facts: &[(Fact, String)], language: Language) -> String {
    let mut paper = Paper { body: String::new(), y: EDGE, language };
    paper.write(waveform, facts).expect("writing to a string cannot fail");
    let (width, height) = (WIDTH + 2.0 * EDGE, paper.y + EDGE);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height:.1}mm\" viewBox=\"0 0 {width} {height:.1}\" \
         font-family=\"system-ui,sans-serif\" font-size=\"3.2\"><defs>\
         <pattern id=\"small\" width=\"1\" height=\"1\" patternUnits=\"userSpaceOnUse\">\
         <path d=\"M1 0H0V1\" fill=\"none\" stroke=\"#f4c6c0\" stroke-width=\".1\"/></pattern>\
         <pattern id=\"large\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">\
         <rect width=\"5\" height=\"5\" fill=\"url(#small)\"/>\
         <path d=\"M5 0H0V5\" fill=\"none\" stroke=\"#e8928a\" stroke-width=\".2\"/></pattern></defs>\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>{}</svg>",
        paper.body
    )
}

/// What is drawn, from the top down.
struct Paper {
    body: String,
    y: f64,
    language: Language,
}

impl Paper {
    fn write(&mut self, waveform: &Waveform, facts: &[(Fact, String)]) -> fmt::Result {
        let shown = |fact: &Fact| {
            matches!(
                fact,
                Fact::PatientName | Fact::PatientId | Fact::BirthDate | Fact::Sex | Fact::StudyDate | Fact::Institution
            )
        };
        let facts = facts.iter().filter(|(fact, _)| shown(fact));
        let facts: Vec<_> = facts
            .map(|(fact, value)| format!("{}: {}", self.language.fact(*fact), fact_text(*fact, value, self.language)))
            .collect();
        self.texts(&facts, 3, true)?;
        let annotations = waveform.annotations.iter().map(|annotation| match &annotation.name {
            Some(name) => format!("{name}: {}", annotation.text),
            None => annotation.text.clone(),
        });
        self.texts(&annotations.collect::<Vec<_>>(), 4, false)?;
        for group in &waveform.groups {
            self.group(group)?;
        }
        Ok(())
    }

    /// Short texts in columns.
    fn texts(&mut self, texts: &[String], columns: usize, is_bold: bool) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "a few columns")]
        let width = WIDTH / columns as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some tens of letters")]
        let letters = (width / 1.7) as usize;
        let weight = if is_bold { " font-weight=\"600\"" } else { "" };
        for row in texts.chunks(columns) {
            self.y += LINE;
            let mut x = EDGE;
            for text in row {
                let short: String = text.chars().take(letters).collect();
                write!(self.body, "<text x=\"{x:.1}\" y=\"{:.1}\"{weight}>{}</text>", self.y, Escaped(&short))?;
                x += width;
            }
        }
        self.y += 1.0;
        Ok(())
    }

    /// Strip by strip, and in each the channels below each other; short ones beside each other as well.
    fn group(&mut self, group: &Group) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "bounded")]
        let seconds = group.channels.iter().map(|channel| channel.values.len()).max().unwrap_or(0) as f64 / group.frequency;
        let language = self.language;
        let mut caption = format!("{SPEED} mm/s · {GAIN} mm/mV · {} Hz", group.frequency);
        if let Some(label) = &group.label {
            caption = format!("{label} · {caption}");
        }
        if seconds + 1.0 < group.seconds {
            let (first, of) = (language.choose("first", "phần đầu"), language.choose("of", "trên tổng số"));
            write!(caption, " · {first} {seconds:.0} s {of} {:.0} s", group.seconds)?;
        }
        let mut captions = vec![caption];
        captions.extend(filters_text(group, language));
        if group.channels.iter().any(|channel| channel.is_raw) {
            captions.push(
                language
                    .choose(
                        "Without a channel sensitivity: samples as they were recorded, in no unit",
                        "Không có độ nhạy kênh: giá trị thô như đã ghi, không có đơn vị",
                    )
                    .to_owned(),
            );
        }
        self.texts(&captions, 1, true)?;
        let cell = LEAD_IN + seconds.min(STRIP_SECONDS) * SPEED + GAP;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few columns")]
        let columns = ((WIDTH / cell) as usize).clamp(1, 6);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a minute at most")]
        let strips = (seconds / STRIP_SECONDS).ceil().max(1.0) as usize;
        let curves: Vec<_> = group.channels.iter().map(Curve::of).collect();
        for strip in 0..strips {
            for row in curves.chunks(columns) {
                let up = row.iter().map(|curve| curve.up).fold(0.0, f64::max);
                let down = row.iter().map(|curve| curve.down).fold(0.0, f64::max);
                let height = ((up + down) / 5.0).ceil() * 5.0;
                write!(
                    self.body,
                    "<g transform=\"translate({EDGE} {:.1})\"><rect width=\"{WIDTH}\" height=\"{height}\" fill=\"url(#large)\"/>",
                    self.y
                )?;
                let mut x = 0.0;
                for curve in row {
                    // For who measures: left, top, width and height of the curve's part of the paper, and what a millimetre means.
                    write!(
                        self.body,
                        "<g data-area=\"{:.1} {:.1} {cell:.1} {height:.1}\" data-name=\"{}\" data-unit=\"{}\" data-per-millimetre=\"{}\">",
                        EDGE + x,
                        self.y,
                        Escaped(&curve.channel.name),
                        Escaped(&curve.channel.unit),
                        1.0 / curve.gain
                    )?;
                    curve.write(&mut self.body, (x, up), strip, group.frequency)?;
                    write!(self.body, "</g>")?;
                    x += cell;
                }
                write!(self.body, "</g>")?;
                self.y += height;
            }
            self.y += 1.0;
        }
        Ok(())
    }
}

/// What was filtered: once for all channels if it is the same, or else with the names of the first few.
fn filters_text(group: &Group, language: Language) -> Option<String> {
    const MOST: usize = 6;
    let text = |filter: Filter| {
        let band = match (filter.low, filter.high) {
            (Some(low), Some(high)) => Some(format!("{low}–{high} Hz")),
            (Some(low), None) => Some(format!("> {low} Hz")),
            (None, Some(high)) => Some(format!("< {high} Hz")),
            (None, None) => None,
        };
        let notch = filter.notch.map(|notch| format!("{} {notch} Hz", language.choose("without", "khử")));
        let parts: Vec<_> = [band, notch].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    };
    let first = group.channels.first()?.filter;
    let filters = if group.channels.iter().all(|channel| channel.filter == first) {
        text(first)?
    } else {
        let named = group.channels.iter().filter_map(|channel| Some(format!("{} {}", channel.name, text(channel.filter)?)));
        named.take(MOST).collect::<Vec<_>>().join("; ")
    };
    Some(format!("{}: {filters}", language.choose("Filter", "Bộ lọc")))
}

/// A channel in millimetres.
struct Curve<'c> {
    channel: &'c Channel,
    /// Millimetres of a unit.
    gain: f64,
    /// The value of the line that it is drawn around.
    middle: f64,
    /// How far it reaches above and below that line, with room for a label.
    up: f64,
    down: f64,
}

impl<'c> Curve<'c> {
    fn of(channel: &'c Channel) -> Self {
        let values = || channel.values.iter().copied().filter(|value| value.is_finite()).map(f64::from);
        let least = values().fold(f64::INFINITY, f64::min);
        let most = values().fold(f64::NEG_INFINITY, f64::max);
        let (least, most) = if least <= most { (least, most) } else { (0.0, 0.0) };
        let is_voltage = channel.unit == "mV";
        let (gain, middle) = if is_voltage {
            (GAIN, 0.0)
        } else {
            (GAIN / step_of((most - least) / (COMFORTABLE_HEIGHT / GAIN)), f64::midpoint(least, most))
        };
        // A mark of calibration is as high as a millivolt.
        let up = ((most - middle) * gain).clamp(if is_voltage { GAIN } else { 5.0 }, MAX_REACH) + 3.0;
        let down = ((middle - least) * gain).clamp(3.0, MAX_REACH) + 2.0;
        Self { channel, gain, middle, up, down }
    }

    fn write(&self, out: &mut String, (x, line): (f64, f64), strip: usize, frequency: f64) -> fmt::Result {
        let name: String = self.channel.name.chars().take(40).collect();
        let start = x + LEAD_IN;
        write!(out, "<text x=\"{:.1}\" y=\"{:.1}\" font-weight=\"700\">{}</text>", start + 1.0, 3.4, Escaped(&name))?;
        if self.channel.unit == "mV" {
            // A millivolt for a fifth of a second.
            let mark = format!("M{:.1} {line:.1}h2v-{GAIN}h5v{GAIN}h2", x + 1.0);
            write!(out, "<path d=\"{mark}\" fill=\"none\" stroke=\"#000\" stroke-width=\".3\"/>")?;
        } else {
            let unit: String = self.channel.unit.chars().take(10).collect();
            let scale = format!("{} {unit}", GAIN / self.gain);
            write!(
                out,
                "<path d=\"M{:.1} {line:.1}v-{GAIN}\" stroke=\"#000\" stroke-width=\".3\"/><text x=\"{:.1}\" y=\"{:.1}\" font-size=\"2.2\">{}</text>",
                x + 1.5,
                x + 2.0,
                line + 2.4,
                Escaped(scale.trim_end())
            )?;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "bounded")]
        let (first, count) = ((strip as f64 * STRIP_SECONDS * frequency) as usize, (STRIP_SECONDS * frequency).ceil() as usize);
        let values = self.channel.values.get(first..).unwrap_or_default();
        // The next strip begins where this one ends.
        self.write_path(out, (start, line), &values[..values.len().min(count + 1)], frequency)
    }

    /// The curve: of samples that lie closer than a tenth of a millimetre the lowest and the highest, so nothing that can be seen
    /// is lost. Steps are in hundredths of a millimetre.
    fn write_path(&self, out: &mut String, (x, line): (f64, f64), values: &[f32], frequency: f64) -> fmt::Result {
        const COLUMN: f64 = 0.1;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let together = ((frequency * COLUMN / SPEED) as usize / 2).max(1);
        let hundredths = |place: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "a few metres of paper")]
            {
                (place * 100.0).round() as i64
            }
        };
        write!(
            out,
            "<path transform=\"scale(.01)\" fill=\"none\" stroke=\"#111\" stroke-width=\"25\" stroke-linejoin=\"round\" d=\""
        )?;
        let mut pen: Option<(i64, i64)> = None;
        for (place, run) in values.chunks(together).enumerate() {
            let finite = || run.iter().copied().filter(|value| value.is_finite()).map(f64::from);
            #[expect(clippy::cast_precision_loss, reason = "bounded")]
            let at = hundredths(x + (place * together) as f64 / frequency * SPEED);
            let (least, most) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
            if least > most {
                pen = None;
                continue;
            }
            let height = |value: f64| hundredths(line - ((value - self.middle) * self.gain).clamp(-MAX_REACH, MAX_REACH));
            // The nearer one first, so that the line does not run back and forth.
            let mut ends = [height(least), height(most)];
            if pen.is_some_and(|(_, before)| (ends[0] - before).abs() > (ends[1] - before).abs()) {
                ends.reverse();
            }
            let count = if ends[0] == ends[1] { 1 } else { 2 };
            for y in ends.into_iter().take(count) {
                match pen {
                    Some((x0, y0)) => write!(out, "l{} {}", at - x0, y - y0)?,
                    None => write!(out, "M{at} {y}")?,
                }
                pen = Some((at, y));
            }
        }
        write!(out, "\"/>")
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is at least so much.
fn step_of(least: f64) -> f64 {
    if !least.is_finite() || least <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(unit: &str, frequency: f64, values: Vec<f32>) -> Group {
        #[expect(clippy::cast_precision_loss, reason = "few")]
        let seconds = values.len() as f64 / frequency;
        let filter = Filter { low: Some(0.05), high: Some(150.0), notch: Some(50.0) };
        let channel = Channel { name: "<b>II".to_owned(), unit: unit.to_owned(), is_raw: unit.is_empty(), filter, values };
        Group { label: None, frequency, seconds, channels: vec![channel] }
    }

    fn drawn(group: Group) -> String {
        draw(&Waveform { groups: vec![group], annotations: Vec::new() }, &[], Language::English)
    }

    #[test]
    fn a_second_is_25_millimetres_and_a_millivolt_10() {
        let svg = drawn(group("mV", 1.0, vec![0.0, 1.0, 0.0, -0.5]));
        // One sample a second: steps of 2500 hundredths across, of 1000 up and down.
        assert!(svg.contains("l2500 -1000l2500 1000l2500 500\""), "{svg}");
        assert!(svg.contains("&lt;b&gt;II") && !svg.contains("<b>"), "{svg}");
        assert!(svg.contains("h2v-10h5v10h2"), "the mark of calibration");
    }

    #[test]
    fn what_a_millimetre_means_is_said_of_every_curve() {
        let svg = drawn(group("mV", 1.0, vec![0.0, 1.0]));
        assert!(svg.contains("data-name=\"&lt;b&gt;II\" data-unit=\"mV\" data-per-millimetre=\"0.1\""), "{svg}");
        assert!(svg.contains("data-area=\"6.0 "), "{svg}");
        assert!(drawn(group("mm[Hg]", 1.0, vec![80.0, 120.0])).contains("data-per-millimetre=\"2\""));
    }

    #[test]
    fn filters_and_a_missing_sensitivity_are_said() {
        let svg = drawn(group("mV", 1.0, vec![0.0, 1.0]));
        assert!(svg.contains("Filter: 0.05–150 Hz, without 50 Hz") && !svg.contains("sensitivity"), "{svg}");
        assert!(drawn(group("", 1.0, vec![0.0, 1.0])).contains("Without a channel sensitivity"));
        let mut differing = group("mV", 1.0, vec![0.0]);
        let unfiltered = Channel { filter: Filter::default(), ..differing.channels[0].clone() };
        differing.channels.push(unfiltered);
        assert!(drawn(differing).contains("Filter: &lt;b&gt;II 0.05–150 Hz, without 50 Hz<"));
    }

    #[test]
    fn where_there_is_no_signal_the_line_is_interrupted() {
        let svg = drawn(group("mV", 1.0, vec![0.0, f32::NAN, 0.0]));
        assert_eq!(svg.matches("d=\"M1200 ").count(), 1, "{svg}");
        assert!(svg.contains("M6200 "), "{svg}");
    }

    #[test]
    fn of_close_samples_the_extremes_are_drawn() {
        let values: Vec<f32> = (0..10_000).map(|at| if at % 2 == 0 { 0.0 } else { 1.0 }).collect();
        let svg = drawn(group("mV", 10_000.0, values));
        assert!(svg.matches('l').count() < 2_000 && svg.contains("-1000"), "{}", svg.len());
    }

    #[test]
    fn other_units_are_scaled_by_round_steps() {
        for (least, expected) in [(0.3, 0.5), (1.0, 1.0), (33.3, 50.0), (51.0, 100.0), (0.0, 1.0), (f64::NAN, 1.0)] {
            assert!((step_of(least) - expected).abs() < 1e-9, "{least}");
        }
        let svg = drawn(group("mm[Hg]", 1.0, vec![80.0, 120.0, 80.0]));
        // 40 mmHg within 30 mm: 20 mmHg for each 10 mm.
        assert!(svg.contains("20 mm[Hg]") && svg.contains("l2500 -2000"), "{svg}");
    }
}
