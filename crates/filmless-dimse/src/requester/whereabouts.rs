//! What a node says it has (C-FIND, PS3.4 section C.4.1): where instances are, one by one, or how many there are.

use std::collections::BTreeSet;

use filmless_dicom::remote_search::{self, Level};
use filmless_model::uid::{SeriesInstanceUid, SopClassUid, SopInstanceUid};
use serde_json::Value;

use crate::message::End;
use crate::requester::{Association, Found, RequestError, Wanted};

/// The most series, and the most instances of one, that are looked through.
const MOST_ANSWERS: usize = 20_000;

/// Where a node has an instance.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) series: SeriesInstanceUid,
    pub(super) instance: SopInstanceUid,
    pub(super) sop_class: Option<SopClassUid>,
}

/// Where it has those that were asked for.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    pub(super) places: Vec<Place>,
    /// Whether it has said so of each series, and to the end.
    pub(super) is_complete: bool,
}

impl Association {
    /// Where the node has what is wanted; only those `among` some, if these are given.
    pub(super) async fn whereabouts(
        &mut self,
        wanted: &Wanted,
        among: Option<&[SopInstanceUid]>,
    ) -> Result<Result<Whereabouts, RequestError>, End> {
        let among: Option<BTreeSet<_>> = among.map(|among| among.iter().map(SopInstanceUid::as_str).collect());
        let study = ("StudyInstanceUID", wanted.study.as_str());
        let mut found = Whereabouts { places: Vec::new(), is_complete: true };
        let series_list = match &wanted.series {
            Some(series) => vec![series.clone()],
            None => match self.answers(Level::Series, &[study]).await? {
                Ok(Found { answers, is_complete }) => {
                    found.is_complete = is_complete && !answers.is_empty();
                    answers.iter().filter_map(|answer| SeriesInstanceUid::parse(text(answer, "0020000E")?).ok()).collect()
                }
                Err(error) => return Ok(Err(error)),
            },
        };
        for series in series_list {
            let Found { answers, is_complete } =
                match self.answers(Level::Instance, &[study, ("SeriesInstanceUID", series.as_str())]).await? {
                    Ok(answers) => answers,
                    Err(error) => return Ok(Err(error)),
                };
            let before = found.places.len();
            found.places.extend(answers.iter().filter_map(|answer| {
                let instance = text(answer, "00080018")?;
                let is_wanted = among.as_ref().is_none_or(|among| among.contains(instance));
                let sop_class = text(answer, "00080016").and_then(|class| SopClassUid::parse(class).ok());
                let instance = SopInstanceUid::parse(instance).ok().filter(|_| is_wanted)?;
                Some(Place { series: series.clone(), instance, sop_class })
            }));
            found.is_complete &= is_complete && found.places.len() > before;
            if among.as_ref().is_some_and(|among| found.places.len() >= among.len()) {
                break;
            }
        }
        Ok(Ok(found))
    }

    /// How many instances the node has of the study or series, if it says so.
    pub(super) async fn related_instances(&mut self, wanted: &Wanted) -> Result<Option<usize>, End> {
        let study = ("StudyInstanceUID", wanted.study.as_str());
        let (found, tag) = match &wanted.series {
            Some(series) => {
                let keys = [study, ("SeriesInstanceUID", series.as_str())];
                (self.answers(Level::Series, &keys).await?, "00201209")
            }
            None => (self.answers(Level::Study, &[study]).await?, "00201208"),
        };
        let answers = found.map(|found| found.answers).unwrap_or_default();
        let [answer] = &answers[..] else { return Ok(None) };
        let number = answer.get(tag).and_then(|member| member.get("Value")?.get(0)?.as_u64());
        Ok(number.and_then(|number| usize::try_from(number).ok()))
    }

    async fn answers(&mut self, level: Level, keys: &[(&str, &str)]) -> Result<Result<Found, RequestError>, End> {
        let keys = remote_search::identifier(level, keys.iter().copied()).expect("attributes of the standard");
        self.find(&keys, MOST_ANSWERS).await
    }
}

fn text<'a>(answer: &'a Value, tag: &str) -> Option<&'a str> {
    answer.get(tag)?.get("Value")?.get(0)?.as_str()
}
