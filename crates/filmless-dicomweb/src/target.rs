//! What a request is about and who makes it, read from its path and extensions before any handler runs.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use filmless_model::actor::Actor;
use filmless_model::address::{InstanceAddress, Resource, SeriesAddress};
use filmless_model::frame::FrameNumber;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid, UidError};

use crate::problem::Problem;

/// Whoever asks. The server puts the actor into the request; without one the answer is 401.
pub struct Caller(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Actor>().cloned().map(Self).ok_or(Problem::Unauthenticated)
    }
}

/// The parameters of the path, checked.
#[derive(Debug, Default)]
pub struct Target {
    /// `{study}`, if the path has it.
    pub study: Option<StudyInstanceUid>,
    /// `{series}`, if the path has it.
    pub series: Option<SeriesInstanceUid>,
    /// `{instance}`, if the path has it.
    instance: Option<SopInstanceUid>,
    /// `{frames}` as sent.
    frames: Option<String>,
    /// `{bulkdata}` as sent.
    bulkdata: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let malformed = |part| move |error: UidError| Problem::MalformedPath { part, reason: error.to_string() };
        let parameters = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::MalformedPath { part: "encoding", reason: "it is not percent-encoded UTF-8".to_owned() })?;
        let mut target = Self::default();
        for (name, value) in &parameters {
            match name {
                "study" => target.study = Some(StudyInstanceUid::parse(value).map_err(malformed("Study Instance UID"))?),
                "series" => target.series = Some(SeriesInstanceUid::parse(value).map_err(malformed("Series Instance UID"))?),
                "instance" => target.instance = Some(SopInstanceUid::parse(value).map_err(malformed("SOP Instance UID"))?),
                "frames" => target.frames = Some(value.to_owned()),
                "bulkdata" => target.bulkdata = Some(value.to_owned()),
                _ => {}
            }
        }
        Ok(target)
    }
}

impl Target {
    /// The study, series or instance.
    pub fn resource(&self) -> Result<Resource, Problem> {
        let study = self.study.clone().ok_or(Problem::UnknownPath)?;
        Ok(match (self.series.clone(), self.instance.clone()) {
            (None, _) => Resource::Study(study),
            (Some(series), None) => Resource::Series(SeriesAddress { study, series }),
            (Some(series), Some(instance)) => Resource::Instance(InstanceAddress { study, series, instance }),
        })
    }

    /// The frame list, in the order asked for (PS3.18 section 10.4.1.1.6, Frame Resources). Without one in the path
    /// the list is empty.
    pub fn frames(&self, limit: usize) -> Result<Vec<FrameNumber>, Problem> {
        let malformed = |reason: String| Problem::MalformedPath { part: "frame list", reason };
        let Some(text) = &self.frames else { return Ok(Vec::new()) };
        let numbers: Option<Vec<_>> =
            text.split(',').take(limit.saturating_add(1)).map(|word| parse_frame(word.trim())).collect();
        let numbers = numbers.ok_or_else(|| malformed("it is one or more numbers from 1, with commas between".to_owned()))?;
        if numbers.len() > limit {
            return Err(malformed(format!("it names more than {limit} frames")));
        }
        Ok(numbers)
    }

    /// Offset and length of bulk data, as the links in metadata name them.
    pub fn bulkdata(&self) -> Option<(u64, u64)> {
        let (offset, length) = self.bulkdata.as_deref()?.split_once('-')?;
        Some((parse_digits(offset)?, parse_digits(length)?))
    }
}

/// Reads digits only: `parse` alone would take `+1`.
fn parse_digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads a number from 1.
pub fn parse_frame(text: &str) -> Option<FrameNumber> {
    FrameNumber::new(u32::try_from(parse_digits(text)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_list_is_numbers_from_one_with_commas_between() {
        for (text, expected) in [
            ("1", Some(vec![1])),
            ("3,1,1", Some(vec![3, 1, 1])),
            ("1, 2", Some(vec![1, 2])),
            ("", None),
            ("0", None),
            ("+1", None),
            ("1,", None),
            ("-1", None),
            ("1-3", None),
            ("4294967296", None),
            ("1,2,3,4", None),
        ] {
            let target = Target { frames: Some(text.to_owned()), ..Target::default() };
            let numbers = target.frames(3).ok().map(|list| list.iter().map(|frame| frame.get()).collect());
            assert_eq!(numbers, expected, "{text}");
        }
    }

    #[test]
    fn bulk_data_is_an_offset_and_a_length() {
        for (text, expected) in [
            ("132-10", Some((132, 10))),
            ("0-18446744073709551615", Some((0, u64::MAX))),
            ("0-18446744073709551616", None),
            ("+1-2", None),
            ("1--2", None),
            ("1", None),
            ("../etc", None),
        ] {
            let target = Target { bulkdata: Some(text.to_owned()), ..Target::default() };
            assert_eq!(target.bulkdata(), expected, "{text}");
        }
    }
}
