//! Reports as documents to be read: the content tree becomes a list of headings and lines, and these become HTML or plain text.

mod html;
mod plain;

use filmless_dicom::report::{ContentItem, ContentValue, Fact, ReferenceKind, ReferencedInstance, Report};
use filmless_index::StoredInstance;
use filmless_model::address::InstanceAddress;

use super::DocumentForm;
use super::language::Language;
use crate::problem::Problem;
use crate::router::Door;

pub(super) use html::policy;

/// The forms of a report, the one for browsers first.
pub(super) const FORMS: [DocumentForm; 2] =
    [DocumentForm { essence: "text/html", extension: "html" }, DocumentForm { essence: "text/plain", extension: "txt" }];

/// Said where not all of a report is shown.
const CUT: (&str, &str) = ("The report is longer than what is shown here.", "Báo cáo dài hơn phần được hiển thị ở đây.");

/// Writes a report.
pub(super) async fn write(
    door: &Door,
    stored: &StoredInstance,
    form: DocumentForm,
    language: Language,
) -> Result<String, Problem> {
    let _permit = door.decodings.acquire().await.map_err(|_| Problem::Unavailable)?;
    let header = door.archive.header(stored).await?;
    let base = door.config.base_path.trim_end_matches('/').to_owned();
    let is_html = form.essence == "text/html";
    let written = tokio::task::spawn_blocking(move || {
        let page = Page::of(&Report::read(&header), language, &base);
        if is_html { html::write(&page) } else { plain::write(&page) }
    });
    written.await.map_err(|error| {
        tracing::error!(%error, "writing a report panicked");
        Problem::Internal
    })
}

/// A report as it is laid out.
struct Page {
    language: Language,
    title: String,
    /// What the header says: label and value.
    facts: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    is_cut: bool,
}

/// One content item.
struct Line {
    /// How deep it stands: 1 below the title.
    depth: usize,
    is_heading: bool,
    /// Its place, if another line leads to it.
    anchor: Option<String>,
    relationship: Option<&'static str>,
    name: String,
    value: Vec<Piece>,
}

/// A part of a line.
enum Piece {
    Text(String),
    /// To another instance: its path, and what stands for it.
    Link {
        path: String,
        text: String,
    },
    /// To another line.
    Pointer {
        place: String,
        text: String,
    },
}

impl Page {
    fn of(report: &Report, language: Language, base: &str) -> Self {
        let facts = report.facts.iter().map(|(fact, value)| (language.fact(*fact), fact_text(*fact, value, language)));
        let untitled = language.choose("Report", "Báo cáo");
        let mut page = Self {
            language,
            title: language.concept(&report.root).unwrap_or_else(|| untitled.to_owned()),
            facts: facts.collect(),
            lines: Vec::new(),
            is_cut: report.is_cut,
        };
        let mut pointed = Vec::new();
        collect_pointed(&report.root, &mut pointed);
        pointed.sort_unstable();
        page.add_children(&report.root, &Context { report, base, pointed: &pointed });
        page
    }

    fn add_children(&mut self, item: &ContentItem, context: &Context<'_>) {
        for child in &item.children {
            let is_heading = child.value == ContentValue::Container;
            let is_pointed = context.pointed.binary_search(&child.place.as_slice()).is_ok();
            self.lines.push(Line {
                depth: child.place.len().saturating_sub(1),
                is_heading,
                anchor: is_pointed.then(|| dotted(&child.place)),
                relationship: self.language.relationship(&child.relationship),
                name: self.language.concept(child).unwrap_or_default(),
                value: self.pieces(child, context),
            });
            self.add_children(child, context);
        }
    }

    fn pieces(&self, item: &ContentItem, context: &Context<'_>) -> Vec<Piece> {
        let language = self.language;
        let text = match &item.value {
            ContentValue::Container => return Vec::new(),
            ContentValue::Text(text) => text.clone(),
            ContentValue::PersonName(name) => person_name(name),
            ContentValue::Date(date) => date_text(date, language),
            ContentValue::Time(time) => time_text(time),
            ContentValue::DateTime(moment) => moment_text(moment, language),
            ContentValue::Number { number, unit, qualifier } => {
                let parts = [number, unit, qualifier].map(|part| part.as_deref().unwrap_or_default());
                let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
                if text.is_empty() { language.choose("no value", "không có giá trị").to_owned() } else { text }
            }
            ContentValue::Figure(kind, numbers) => {
                format!("{} ({numbers} {})", kind, language.choose("coordinates", "tọa độ"))
            }
            ContentValue::Other(value_type) => format!("[{value_type}]"),
            ContentValue::ByReference(place) => {
                let target = context.report.find(place);
                let name = target.and_then(|target| language.concept(target)).unwrap_or_default();
                let place = dotted(place);
                let text = format!("→ {place} {name}").trim_end().to_owned();
                return vec![if target.is_some() { Piece::Pointer { place, text } } else { Piece::Text(text) }];
            }
            ContentValue::Reference { kind, instances } => {
                return instances.iter().flat_map(|instance| reference(instance, *kind, language, context)).collect();
            }
        };
        vec![Piece::Text(text)]
    }
}

/// What all lines share.
struct Context<'r> {
    report: &'r Report,
    base: &'r str,
    /// Places that other items lead to, sorted.
    pointed: &'r [&'r [u32]],
}

fn collect_pointed<'r>(item: &'r ContentItem, pointed: &mut Vec<&'r [u32]>) {
    if let ContentValue::ByReference(place) = &item.value {
        pointed.push(place);
    }
    for child in &item.children {
        collect_pointed(child, pointed);
    }
}

/// Links to the rendered form of what is referred to, one for each frame that is named; without a known place its UID alone.
fn reference<'r>(
    referenced: &'r ReferencedInstance,
    kind: ReferenceKind,
    language: Language,
    context: &Context<'r>,
) -> Vec<Piece> {
    let name = format!("{} {}", language.reference(kind), referenced.instance);
    let Some(address) = context.report.evidence.get(&referenced.instance) else { return vec![Piece::Text(name)] };
    let path = instance_path(context.base, address);
    if referenced.frames.is_empty() || kind != ReferenceKind::Image {
        return vec![Piece::Link { path: format!("{path}/rendered"), text: name }];
    }
    let frame = language.choose("frame", "khung hình");
    let link =
        |number: u32| Piece::Link { path: format!("{path}/frames/{number}/rendered"), text: format!("{name}, {frame} {number}") };
    referenced.frames.iter().map(|number| link(number.get())).collect()
}

fn instance_path(base: &str, address: &InstanceAddress) -> String {
    let InstanceAddress { study, series, instance } = address;
    format!("{base}/studies/{study}/series/{series}/instances/{instance}")
}

fn dotted(place: &[u32]) -> String {
    place.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// What a fact of the header says, as it is read.
pub(super) fn fact_text(fact: Fact, value: &str, language: Language) -> String {
    match fact {
        Fact::PatientName | Fact::ReferringPhysician | Fact::VerifyingObserver => person_name(value),
        Fact::BirthDate | Fact::StudyDate | Fact::ContentDate => date_text(value, language),
        Fact::VerificationTime => moment_text(value, language),
        _ => language.flag(fact, value).map_or_else(|| value.to_owned(), str::to_owned),
    }
}

/// A name (PS3.5 section 6.2.1, Person Name Value Representation) as it is read: carets are spaces, and every group is shown.
fn person_name(name: &str) -> String {
    let groups =
        name.split('=').map(|group| group.split(['^', ' ']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
    groups.filter(|group| !group.is_empty()).collect::<Vec<_>>().join(" / ")
}

/// A date as the language writes it; as it stands if it is none.
fn date_text(date: &str, language: Language) -> String {
    let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    if !is_date {
        return date.to_owned();
    }
    let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
    match language {
        Language::English => format!("{year}-{month}-{day}"),
        Language::Vietnamese => format!("{day}/{month}/{year}"),
    }
}

/// A time as it is read, to the second; as it stands if it is none.
fn time_text(time: &str) -> String {
    let (whole, _) = time.split_once('.').unwrap_or((time, ""));
    let is_time = matches!(whole.len(), 4 | 6) && whole.bytes().all(|byte| byte.is_ascii_digit());
    if !is_time {
        return time.to_owned();
    }
    let pairs: Vec<_> = [whole.get(..2), whole.get(2..4), whole.get(4..6)].into_iter().flatten().collect();
    pairs.join(":")
}

/// Date and time with offset from UTC (PS3.5 section 6.2, DT).
fn moment_text(moment: &str, language: Language) -> String {
    let (date, rest) = moment.split_at_checked(8).unwrap_or((moment, ""));
    let (time, offset) = rest.find(['+', '-']).map_or((rest, ""), |sign| rest.split_at(sign));
    let parts = [date_text(date, language), time_text(time), offset.to_owned()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_dates_and_times_are_written_to_be_read() {
        for (name, expected) in [
            ("Nguyễn^Văn An", "Nguyễn Văn An"),
            ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada Tarou / 山田 太郎 / やまだ たろう"),
            ("Adams^John^^Dr^", "Adams John Dr"),
            ("^^", ""),
        ] {
            assert_eq!(person_name(name), expected);
        }
        for (moment, english, vietnamese) in [
            ("20260102", "2026-01-02", "02/01/2026"),
            ("20260102131415.5+0700", "2026-01-02 13:14:15 +0700", "02/01/2026 13:14:15 +0700"),
            ("202601021314", "2026-01-02 13:14", "02/01/2026 13:14"),
            ("2026", "2026", "2026"),
            ("<b>today</b>", "<b>today </b>", "<b>today </b>"),
        ] {
            assert_eq!(moment_text(moment, Language::English), english);
            assert_eq!(moment_text(moment, Language::Vietnamese), vietnamese);
        }
        assert_eq!((time_text("0915"), time_text("a<b")), ("09:15".to_owned(), "a<b".to_owned()));
    }
}
