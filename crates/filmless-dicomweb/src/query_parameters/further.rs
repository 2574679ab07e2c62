//! Attributes that are asked for beyond those of the columns: they stand in the headers of the instances, and those that
//! an administrator had indexed are match keys too.

use filmless_dicom::comparable::{self, comparable};
use filmless_dicom::dictionary;
use filmless_dicom::json_attributes::JsonAttribute;
use filmless_dicom::match_key::{self, ENDS_BEFORE_IT_BEGINS, Extended, ends_before_it_begins};
use filmless_model::attribute::{Attribute, Level, Tag, Vr};
use filmless_model::further::FurtherAttribute;
use filmless_model::module;
use filmless_model::query::Matching;
use filmless_model::utc_offset::UtcOffset;

/// The first element of a group that reserves a block (PS3.5 section 7.8.1, Private Data Element Tags).
const FIRST_BLOCK: u16 = 0x10;

/// Which of them an answer has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Further {
    /// Those named.
    pub tags: Vec<Tag>,
    /// All of these levels, if all are asked for.
    pub all: Option<(Level, Level)>,
    /// The creators that private attributes must have (PS3.5 section 7.8.1, Private Data Element Tags).
    pub creators: Vec<(Tag, String)>,
}

/// Values that no search is for: they are long, and are fetched as bulk data.
const BINARY: [&[u8]; 7] = [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"UN"];

impl Further {
    /// Whether headers need not be read.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.all.is_none()
    }

    /// Whether an attribute of a header is returned. `creator` finds the value of a Private Creator Element in it.
    pub fn has(&self, attribute: &JsonAttribute<'_>, creator: impl Fn(Tag) -> Option<String>) -> bool {
        let tag = attribute.tag;
        if Attribute::from_tag(tag).is_some_and(|attribute| !attribute.is_request_attribute()) {
            return false;
        }
        if let Some(reserved_by) = creator_of(tag) {
            let asked = self.creators.iter().find(|(element, _)| *element == reserved_by);
            let is_theirs = asked.is_none_or(|(_, name)| creator(reserved_by).as_deref() == Some(name));
            return self.tags.contains(&tag) && is_theirs;
        }
        if tag.is_private_creator() {
            return self.tags.iter().any(|private| creator_of(*private) == Some(tag));
        }
        let is_binary = attribute.vr().is_some_and(|vr| BINARY.contains(&vr));
        let in_all = |(from, to): (Level, Level)| !is_binary && (from..=to).contains(&module::level(tag));
        self.tags.contains(&tag) || self.all.is_some_and(in_all)
    }
}

/// The Private Creator Element that reserves the block of a private attribute.
fn creator_of(tag: Tag) -> Option<Tag> {
    (tag.is_private() && tag.1 >= 0x1000).then_some(Tag(tag.0, tag.1 >> 8))
}

/// The indexed attribute that a path names; a private one by the creator that is given as a key for its block.
pub fn named<'i>(path: &[Tag], creators: &[(Tag, String)], indexed: &'i [FurtherAttribute]) -> Option<&'i FurtherAttribute> {
    let block = match path {
        [tag] => creator_of(*tag),
        _ => None,
    };
    let Some(block) = block else { return indexed.iter().find(|attribute| attribute.path() == path) };
    let (_, creator) = creators.iter().find(|(element, _)| *element == block)?;
    let [tag] = path else { return None };
    let without_block = [Tag(tag.0, tag.1 & 0x00FF)];
    indexed.iter().find(|attribute| attribute.creator() == Some(creator) && attribute.path() == without_block)
}

/// An indexed attribute as searches name it. A private one is in the first block of its group, and has the key of its creator
/// beside it.
pub fn key(attribute: &FurtherAttribute) -> (String, Option<String>) {
    let step = |tag: &Tag| dictionary::keyword(*tag).map_or_else(|| tag.to_hex(), str::to_owned);
    match (attribute.creator(), attribute.path()) {
        (Some(creator), [tag]) => {
            let reserved = Tag(tag.0, FIRST_BLOCK << 8 | tag.1);
            (reserved.to_hex(), Some(format!("{}={creator}", Tag(tag.0, FIRST_BLOCK).to_hex())))
        }
        (_, path) => (path.iter().map(step).collect::<Vec<_>>().join("."), None),
    }
}

/// Reads the value of a key on a further attribute, into the form that its values are compared in. A date with time that has
/// no offset is of `time_zone`. `None` is universal matching.
pub fn parse(vr: Vr, text: &str, extended: Extended, time_zone: Option<UtcOffset>) -> Result<Option<Matching>, String> {
    let text = match_key::trimmed(text);
    if match_key::is_universal(text) {
        return Ok(None);
    }
    let is_one = !(extended.empty_values && text == match_key::EMPTY_VALUE);
    let matching = match vr {
        Vr::DT if is_one => moments(text, time_zone)?,
        _ if vr.is_number() && is_one => numbers(text)?,
        _ => match_key::read(vr, text, extended)?,
    };
    Ok(Some(match (vr, matching) {
        (Vr::TM, Matching::Single(time)) => {
            let (from, to) = match_key::time(&time)?;
            Matching::Range { from: Some(from), to: Some(to) }
        }
        (Vr::TM | Vr::DA, range @ Matching::Range { .. }) if ends_before_it_begins(&range) => {
            return Err(ENDS_BEFORE_IT_BEGINS.to_owned());
        }
        (_, Matching::Single(key)) if !is_ready(vr) => Matching::Single(folded(vr, &key)),
        (_, Matching::WildCard(key)) => Matching::WildCard(folded(vr, &key)),
        (_, other) => other,
    }))
}

/// Whether a key of this kind is in its form once it is read.
fn is_ready(vr: Vr) -> bool {
    matches!(vr, Vr::DT | Vr::DA | Vr::UI) || vr.is_number()
}

fn folded(vr: Vr, key: &str) -> String {
    comparable(vr, key, None).unwrap_or_default()
}

/// A number, or a range of two; our own, for the standard has ranges of times only. A hyphen in front is a sign.
fn numbers(text: &str) -> Result<Matching, String> {
    let number = |text: &str| {
        let number = text.trim().parse().ok().and_then(comparable::number);
        number.ok_or_else(|| "it is a number, or two with - between, of which the second may be missing".to_owned())
    };
    let hyphen = text.char_indices().skip(1).find(|(place, c)| *c == '-' && !text[..*place].ends_with(['e', 'E']));
    let Some((place, _)) = hyphen else { return Ok(Matching::Single(number(text)?)) };
    let to = &text[place + 1..];
    let range =
        Matching::Range { from: Some(number(&text[..place])?), to: if to.trim().is_empty() { None } else { Some(number(to)?) } };
    if ends_before_it_begins(&range) { Err(ENDS_BEFORE_IT_BEGINS.to_owned()) } else { Ok(range) }
}

/// A date with time of any precision, or a range of two (PS3.4 section C.2.2.2.5, Range Matching). A hyphen may also begin an
/// offset: what reads as one moment is one.
fn moments(text: &str, time_zone: Option<UtcOffset>) -> Result<Matching, String> {
    let wrong = || {
        "a date with time is YYYYMMDDHHMMSS.FFFFFF&ZZXX, from the right as short as YYYY; a range is two of them with - between, \
         open at either end"
            .to_owned()
    };
    let offset = time_zone.map(|offset| offset.to_string());
    let moments = |text: &str| comparable::moments(text.trim(), offset.as_deref());
    if let Some((from, to)) = moments(text) {
        return Ok(Matching::Range { from: Some(from), to: Some(to) });
    }
    let open = |text: &str| text.trim().is_empty();
    let parted = text.match_indices('-').find_map(|(place, _)| {
        let (first, last) = (&text[..place], &text[place + 1..]);
        let from = if open(first) { None } else { Some(moments(first)?.0) };
        let to = if open(last) { None } else { Some(moments(last)?.1) };
        (from.is_some() || to.is_some()).then_some(Matching::Range { from, to })
    });
    let range = parted.ok_or_else(wrong)?;
    if ends_before_it_begins(&range) { Err(ENDS_BEFORE_IT_BEGINS.to_owned()) } else { Ok(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_returned_if_named_or_of_all_levels() {
        let named = Further {
            tags: vec![Tag(0x0010, 0x1030), Tag(0x0009, 0x1001), Tag(0x0009, 0x1101)],
            creators: vec![(Tag(0x0009, 0x0010), "ACME".to_owned()), (Tag(0x0009, 0x0011), "OTHER".to_owned())],
            ..Further::default()
        };
        let all = Further { all: Some((Level::Patient, Level::Study)), ..Further::default() };
        for (text, by_name, by_all) in [
            (r#""00101030":{"vr":"DS","Value":[70]}"#, true, true),
            (r#""00100010":{"vr":"PN"}"#, false, false),
            (r#""00081032":{"vr":"SQ"}"#, false, true),
            (r#""00181030":{"vr":"LO"}"#, false, false),
            (r#""00104001":{"vr":"OB"}"#, false, false),
            (r#""00090010":{"vr":"LO","Value":["ACME"]}"#, true, false),
            (r#""00090012":{"vr":"LO","Value":["X"]}"#, false, false),
            (r#""00091001":{"vr":"LO"}"#, true, false),
            (r#""00091101":{"vr":"LO"}"#, false, false),
        ] {
            let json = format!("{{{text}}}");
            let attribute = filmless_dicom::json_attributes::attributes(json.as_bytes()).next().expect("an attribute");
            let creator = |_| Some("ACME".to_owned());
            assert_eq!((named.has(&attribute, creator), all.has(&attribute, creator)), (by_name, by_all), "{text}");
        }
    }

    #[test]
    fn keys_are_brought_into_the_form_of_the_values() {
        let key = |text: &str| comparable::number(text.parse().expect("a number"));
        let range = |from: Option<&str>, to: Option<&str>| {
            Some(Matching::Range { from: from.map(str::to_owned), to: to.map(str::to_owned) })
        };
        let of_numbers = |from: &str, to: Option<&str>| Some(Matching::Range { from: key(from), to: to.and_then(key) });
        let one = |text: &str| Some(Matching::Single(text.to_owned()));
        for (vr, text, expected) in [
            (Vr::DS, "70.50", Ok(key("70.5").map(Matching::Single))),
            (Vr::DS, "-5", Ok(key("-5").map(Matching::Single))),
            (Vr::FD, "1e-3", Ok(key("0.001").map(Matching::Single))),
            (Vr::DS, "40-60.5", Ok(of_numbers("40", Some("60.5")))),
            (Vr::DS, "-5--1", Ok(of_numbers("-5", Some("-1")))),
            (Vr::IS, "40-", Ok(of_numbers("40", None))),
            (Vr::IS, "60-40", Err(())),
            (Vr::IS, "4*", Err(())),
            (Vr::US, "*", Ok(None)),
            (Vr::DA, "20260101-", Ok(range(Some("20260101"), None))),
            (Vr::TM, "1030", Ok(range(Some("103000"), Some("103059.999999")))),
            (Vr::TM, "22-06", Err(())),
            (Vr::DT, "2026010510+0700", Ok(range(Some("20260105030000.000000"), Some("20260105035959.999999")))),
            (Vr::DT, "2026-0500", Ok(range(Some("20260101050000.000000"), Some("20270101045959.999999")))),
            (Vr::DT, "2025-2026", Ok(range(Some("20250101000000.000000"), Some("20261231235959.999999")))),
            (Vr::DT, "-20260105", Ok(range(None, Some("20260105235959.999999")))),
            (Vr::DT, "20260105-0200-", Ok(range(Some("20260105020000.000000"), None))),
            (Vr::DT, "2026-2025", Err(())),
            (Vr::DT, "-", Err(())),
            (Vr::PN, "Nguyễn^V*", Ok(Some(Matching::WildCard("nguyen v*".to_owned())))),
            (Vr::LO, "a-b", Ok(one("a-b"))),
            (Vr::LO, "a?b", Ok(Some(Matching::WildCard("a?b".to_owned())))),
            (Vr::UI, "1.2", Ok(one("1.2"))),
            (Vr::UI, "x", Err(())),
            (Vr::CS, "A\\B", Ok(Some(Matching::List(vec!["A".to_owned(), "B".to_owned()])))),
        ] {
            assert_eq!(parse(vr, text, Extended::default(), None).map_err(drop), expected, "{vr:?} {text}");
        }
        let in_zone = |text: &str| parse(Vr::DT, text, Extended::default(), UtcOffset::parse("+0700"));
        let hour = range(Some("20260105030000.000000"), Some("20260105035959.999999"));
        assert_eq!(in_zone("2026010510"), Ok(hour.clone()));
        assert_eq!(in_zone("2026010503+0000"), Ok(hour));
        let all = Extended { empty_values: true, multiple_values: true };
        assert_eq!(parse(Vr::DS, "\"\"", all, None), Ok(Some(Matching::Empty)));
        assert_eq!(parse(Vr::CS, "A\\B", all, None), Ok(Some(Matching::All(vec!["A".to_owned(), "B".to_owned()]))));
    }
}
