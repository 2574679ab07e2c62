//! Dates and times in time zones (PS3.4 section C.2.2.2.1.3, Attributes of VR of DA, DT or TM): the keys are of the zone that
//! the query names, the rows of that of their study, or of the query's where the study says none.
//!
//! No row is converted: a key is written in each zone that studies are of, and a row is compared with the one in its own. Keys
//! of birth dates stay as they are, for no time stands beside them.

use std::collections::BTreeMap;

use filmless_model::attribute::Attribute;
use filmless_model::query::{Matching, Query};
use filmless_model::utc_offset::UtcOffset;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::comparisons::{Kind, earliest, latest};
use super::conditions::{Page, is_universal};
use crate::columns::{Table, column, table};
use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;

/// The minutes of a day.
const DAY: i64 = 24 * 60;

/// How far the clocks of studies are ahead of those of a query, in minutes, by the offset as the study has it. Those that are
/// level with it, unknown or illegible are left out.
#[derive(Debug, Default)]
pub(super) struct Zones(BTreeMap<String, i64>);

impl Zones {
    /// Reads them; none, without asking, for a query without a zone.
    pub(super) async fn of(connections: &Connections, query: &Query) -> Result<Self, IndexError> {
        let Some(own) = query.time_zone else { return Ok(Self::default()) };
        let sql = "select distinct timezone_offset_from_utc from studies where timezone_offset_from_utc is not null";
        let rows = connections.fetch_all(sqlx::query(sql)).await?;
        let offsets = rows.iter().map(|row| row::text(row, 0)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::ahead_of(own, offsets))
    }

    fn ahead_of(own: UtcOffset, offsets: Vec<String>) -> Self {
        let ahead = |text: &String| UtcOffset::parse(text).map(|offset| offset.minutes() - own.minutes());
        let zones = offsets.into_iter().filter_map(|text| ahead(&text).map(|minutes| (text, minutes)));
        Self(zones.filter(|(_, minutes)| *minutes != 0).collect())
    }
}

/// The ends of a range of moments: a day, and a time of it in the precision of a key.
type End = Option<(String, String)>;

impl Page<'_> {
    /// The condition of one match key, or of a date with the time beside it where these are combined; `None` if every value
    /// meets it.
    pub(super) fn in_zones(&mut self, attribute: Attribute, matching: &Matching) -> Option<String> {
        let combined = self.query.combined(attribute);
        let as_written = match combined {
            Some((days, times)) => self.moments(attribute, days, times),
            None => self.condition(attribute, matching),
        }?;
        let is_bound = matches!(matching, Matching::Single(_) | Matching::Range { .. }) && !is_universal(matching);
        let is_bound = is_bound && !self.zones.0.is_empty();
        if let Some(time) = attribute.time_beside().filter(|_| is_bound) {
            let (from, to) = span(matching, combined.map(|(_, times)| times));
            return Some(self.days_in_zones(attribute, time, &from, &to, &as_written));
        }
        if attribute.date_beside().is_some() && is_bound {
            return Some(self.times_in_zones(attribute, matching, &as_written));
        }
        Some(as_written)
    }

    /// A date with the time beside it, as they are written.
    fn moments(&mut self, date: Attribute, days: &Matching, times: &Matching) -> Option<String> {
        self.join(table(date));
        let condition = self.values.compare_moments(&name(date), days, &name(date.time_beside()?), times);
        (!condition.is_empty()).then_some(condition)
    }

    /// Moments in the zone of each study. A date without a time is compared as it is written.
    fn days_in_zones(&mut self, date: Attribute, time: Attribute, from: &End, to: &End, as_written: &str) -> String {
        let (days, times) = (name(date), name(time));
        let (mut first, mut last) = (day(from), day(to));
        let mut branches = format!("when {times} is null then ({as_written}) ");
        let zones = self.zones;
        for (offset, minutes) in &zones.0 {
            let shifted = |end: &End| match end {
                None => Some(None),
                Some((day, time)) => moved(day, time, *minutes).map(Some),
            };
            // Days that no calendar has are compared as they are written.
            let (Some(from), Some(to)) = (shifted(from), shifted(to)) else { continue };
            (first, last) = (first.min(day(&from)), last.max(day(&to)));
            let range = |first: &End, last: &End, of: fn(&(String, String)) -> &String| Matching::Range {
                from: first.as_ref().map(|end| of(end).clone()),
                to: last.as_ref().map(|end| of(end).clone()),
            };
            let condition =
                self.values.compare_moments(&days, &range(&from, &to, |end| &end.0), &times, &range(&from, &to, |end| &end.1));
            branches.push_str(&self.branch(offset, &condition));
        }
        // What bounds all zones lets a SQL index by date serve.
        let bounds = self.values.compare(&days, Kind::Date, &Matching::Range { from: first, to: last });
        format!("({} and case {branches}else ({as_written}) end)", bounds.expect("one end is bound"))
    }

    /// Times of day in the zone of each study, where they may go on past midnight.
    fn times_in_zones(&mut self, time: Attribute, matching: &Matching, as_written: &str) -> String {
        let (from, to) = match matching {
            Matching::Single(key) => (Some(key.as_str()), Some(key.as_str())),
            Matching::Range { from, to } => (from.as_deref(), to.as_deref()),
            _ => return as_written.to_owned(),
        };
        let (from, to) = (first_moment(from.unwrap_or("00")), latest(Kind::Time, to.unwrap_or("23")));
        let times = name(time);
        let mut branches = String::new();
        let zones = self.zones;
        for (offset, minutes) in &zones.0 {
            let Some(((_, from), (_, to))) = turned(&from, *minutes).zip(turned(&to, *minutes)) else { continue };
            let joined = if from <= to { "and" } else { "or" };
            let (first, last) = (self.values.text(earliest(&from)), self.values.text(&to));
            branches.push_str(&self.branch(offset, &format!("{times} >= ${first} {joined} {times} <= ${last}")));
        }
        if branches.is_empty() { as_written.to_owned() } else { format!("case {branches}else ({as_written}) end") }
    }

    /// What rows of the studies of a zone must meet.
    fn branch(&mut self, offset: &str, condition: &str) -> String {
        self.join(Table::Studies);
        let offset = self.values.text(offset);
        format!("when {} = ${offset} then ({condition}) ", name(Attribute::TimezoneOffsetFromUtc))
    }
}

fn name(attribute: Attribute) -> String {
    format!("{}.{}", table(attribute).alias(), column(attribute))
}

/// The moments of a key on a date: whole days, or, with a key on the time beside it, from and to these times.
fn span(days: &Matching, times: Option<&Matching>) -> (End, End) {
    let (first_day, last_day) = match days {
        Matching::Single(day) => (Some(day), Some(day)),
        Matching::Range { from, to } => (from.as_ref(), to.as_ref()),
        _ => (None, None),
    };
    let (from, to) = match times {
        Some(Matching::Range { from, to }) => (from.as_deref(), to.as_deref()),
        _ => (None, None),
    };
    let first = first_day.map(|day| (first_day_of(day), first_moment(from.unwrap_or("00"))));
    let last = last_day.map(|day| (latest(Kind::Date, day), latest(Kind::Time, to.unwrap_or("23"))));
    (first, last)
}

fn day(end: &End) -> Option<String> {
    end.as_ref().map(|(day, _)| day.clone())
}

/// `YYYYMMDD` of the first day that a date covers.
fn first_day_of(day: &str) -> String {
    format!("{day}{}", "00000101".get(day.len()..).unwrap_or_default())
}

/// `HHMMSS` or more of the first moment that a time covers.
fn first_moment(time: &str) -> String {
    format!("{time:0<6}")
}

/// A moment so many minutes later; `None` if there is no such day.
fn moved(day: &str, time: &str, minutes: i64) -> Option<(String, String)> {
    let date = Date::new(day.get(..4)?.parse().ok()?, day.get(4..6)?.parse().ok()?, day.get(6..)?.parse().ok()?).ok()?;
    let (days, time) = turned(time, minutes)?;
    Some((date.checked_add(days.days()).ok()?.strftime("%Y%m%d").to_string(), time))
}

/// A time of day so many minutes later, and how many days that is after or before.
fn turned(time: &str, minutes: i64) -> Option<(i64, String)> {
    let (hour, minute) = (time.get(..2)?.parse::<i64>().ok()?, time.get(2..4)?.parse::<i64>().ok()?);
    let later = hour * 60 + minute + minutes;
    let of_day = later.rem_euclid(DAY);
    Some((later.div_euclid(DAY), format!("{:02}{:02}{}", of_day / 60, of_day % 60, time.get(4..)?)))
}

#[cfg(test)]
mod tests {
    use filmless_model::query::QueryRetrieveLevel;

    use super::*;
    use crate::engine::Engine;

    #[test]
    fn moments_move_over_midnight_and_the_ends_of_months() {
        for (day, time, minutes, expected) in [
            ("20260105", "103000.5", 90, Some(("20260105", "120000.5"))),
            ("20260228", "235959.999999", 1, Some(("20260301", "000059.999999"))),
            ("20260101", "003000", -60, Some(("20251231", "233000"))),
            ("20260101", "120000", -26 * 60, Some(("20251231", "100000"))),
            ("20260230", "120000", 60, None),
            ("99991231", "230000", 60, None),
            ("2026010", "230000", 60, None),
        ] {
            let expected = expected.map(|(day, time): (&str, &str)| (day.to_owned(), time.to_owned()));
            assert_eq!(moved(day, time, minutes), expected, "{day} {time} {minutes}");
        }
    }

    #[test]
    fn zones_are_those_that_differ_and_can_be_read() {
        let own = UtcOffset::parse("+0700").expect("an offset");
        let offsets = ["+0000", "+0700", "-0330", "local"].map(str::to_owned).to_vec();
        let zones = Zones::ahead_of(own, offsets);
        assert_eq!(zones.0.into_iter().collect::<Vec<_>>(), [("+0000".to_owned(), -420), ("-0330".to_owned(), -630)]);
    }

    #[test]
    fn the_shape_of_a_page_in_time_zones() {
        let range = |from: &str, to: &str| Matching::Range { from: Some(from.to_owned()), to: Some(to.to_owned()) };
        let own = UtcOffset::parse("+0700").expect("an offset");
        let zones = Zones::ahead_of(own, vec!["+0000".to_owned()]);
        let query = Query {
            matches: vec![
                (Attribute::StudyDate, range("20260105", "20260107")),
                (Attribute::SeriesDate, range("20260105", "20260105")),
                (Attribute::SeriesTime, range("100000", "110000")),
                (Attribute::ContentTime, Matching::Single("0630".to_owned())),
                (Attribute::PatientBirthDate, Matching::Single("19800229".to_owned())),
                (Attribute::StudyTime, Matching::Empty),
            ],
            combined_date_times: true,
            time_zone: Some(own),
            ..Query::new(QueryRetrieveLevel::Series)
        };
        let statement = Page::keys(Engine::Sqlite, &query, &zones);
        insta::assert_snapshot!(format!("{}\n{:?}", statement.sql, statement.binds));
    }
}
