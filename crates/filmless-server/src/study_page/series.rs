//! The series of a study in the order of the viewer, and their list in the page.

use std::cmp::Reverse;

use serde::Serialize;

use super::data_set::DataSet;
use super::template::{Markup, text};
use super::texts::Texts;

/// Modalities whose series usually hold no pictures: those of `viewer/src/imaging/imageModality.ts`.
const NO_PICTURES: [&str; 18] = [
    "SR", "KO", "PR", "SEG", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "DOC", "ECG", "REG", "PLAN", "M3D", "HD", "EPS", "RESP",
    "FID", "RWV",
];

/// One series as the page shows it.
#[derive(Debug, Serialize)]
pub(super) struct Series {
    pub(super) uid: String,
    pub(super) number: Option<f64>,
    pub(super) modality: String,
    pub(super) description: Option<String>,
    pub(super) images: Option<f64>,
}

impl Series {
    fn of(data_set: &DataSet) -> Option<Self> {
        Some(Self {
            uid: data_set.text("0020000E")?,
            number: data_set.number("00200011"),
            modality: data_set.text("00080060").unwrap_or_else(|| "OT".to_owned()),
            description: data_set.text("0008103E"),
            images: data_set.number("00201209"),
        })
    }

    /// Whether series of this modality usually hold pictures.
    pub(super) fn is_pictures(&self) -> bool {
        !NO_PICTURES.contains(&self.modality.as_str())
    }
}

/// Series with pictures first, then by number, then by UID: the order of `viewer/src/dicomweb/series.ts`.
pub(super) fn listed(data_sets: &[DataSet]) -> Vec<Series> {
    let mut series: Vec<_> = data_sets.iter().filter_map(Series::of).collect();
    series.sort_by(|a, b| {
        let number = |series: &Series| series.number.unwrap_or(f64::MAX);
        let by_number = number(a).total_cmp(&number(b));
        Reverse(a.is_pictures()).cmp(&Reverse(b.is_pictures())).then(by_number).then_with(|| a.uid.cmp(&b.uid))
    });
    series
}

/// The list, as links that work without a script.
pub(super) fn markup(list: &[Series], shown: Option<&Series>, texts: &Texts) -> Markup {
    list.iter()
        .map(|series| {
            let current = if shown.is_some_and(|shown| shown.uid == series.uid) { "true" } else { "false" };
            let number = series.number.map_or_else(String::new, |number| format!("{number}. "));
            let name = series.description.as_deref().unwrap_or_else(|| texts.text("lite.unnamedSeries"));
            let images = series.images.map_or_else(String::new, |images| images.to_string());
            Markup::joined([
                Markup::written(r#"<li><a href="?series="#),
                text(&series.uid),
                Markup::written(r#"" data-series=""#),
                text(&series.uid),
                Markup::written(format!(r#"" aria-current="{current}"><b>"#)),
                text(&series.modality),
                Markup::written("</b><span>"),
                text(&format!("{number}{name}")),
                Markup::written("</span><i>"),
                text(&images),
                Markup::written("</i></a></li>"),
            ])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn modalities_without_pictures_are_those_of_the_viewer() {
        let source = fs::read_to_string("../../viewer/src/imaging/imageModality.ts").expect("the viewer's source");
        let set = source.split("otherModalities = new Set([").nth(1).expect("the set").split(']').next().expect("its end");
        let theirs: Vec<_> = set.split(',').map(|word| word.trim().trim_matches('\'')).filter(|word| !word.is_empty()).collect();
        assert_eq!(theirs, NO_PICTURES);
    }

    #[test]
    fn pictures_come_first_then_numbers_count() {
        let text = r#"[{"0020000E":{"Value":["1.4"]},"00080060":{"Value":["SR"]},"00200011":{"Value":[1]}},
            {"0020000E":{"Value":["1.3"]},"00080060":{"Value":["CT"]}},
            {"0020000E":{"Value":["1.2"]},"00080060":{"Value":["CT"]},"00200011":{"Value":[10]}},
            {"0020000E":{"Value":["1.1"]},"00080060":{"Value":["CT"]},"00200011":{"Value":[2]}}, {}]"#;
        let data_sets: Vec<DataSet> = serde_json::from_str(text).expect("DICOM JSON");
        let uids: Vec<_> = listed(&data_sets).into_iter().map(|series| series.uid).collect();
        assert_eq!(uids, ["1.1", "1.2", "1.3", "1.4"]);
    }

    #[test]
    fn descriptions_are_never_markup() {
        let text = r#"[{"0020000E":{"Value":["1.1"]},"0008103E":{"Value":["\"><script>alert(1)</script>"]},
            "00080060":{"Value":["<img src=x>"]}}]"#;
        let data_sets: Vec<DataSet> = serde_json::from_str(text).expect("DICOM JSON");
        let html = markup(&listed(&data_sets), None, super::super::texts::Language::English.texts()).to_string();
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
    }
}
