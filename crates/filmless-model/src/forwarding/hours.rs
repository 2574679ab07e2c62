//! A part of each day.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::utc_offset::UtcOffset;

const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// A part of each day by the clocks of a time zone, over midnight if it ends before it begins. Written `22:00-05:30+0700`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    /// The first minute of it.
    from: i64,
    /// The first minute after it.
    to: i64,
    offset: UtcOffset,
}

impl Hours {
    /// Reads the form in which they are written. Without an offset they are of UTC. `None` if they are not hours, or empty.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, rest) = text.trim().split_once('-')?;
        let (to, offset) = match rest.find(['+', '-']) {
            Some(place) => (rest.get(..place)?, rest.get(place..)?),
            None => (rest, "+0000"),
        };
        let (from, to, offset) = (minute(from)?, minute(to)?, UtcOffset::parse(offset)?);
        (from != to % MINUTES_OF_A_DAY && from < MINUTES_OF_A_DAY).then_some(Self { from, to, offset })
    }

    /// Whether a moment, in milliseconds since 1970-01-01T00:00:00Z, is in it.
    pub fn contain(self, at_ms: i64) -> bool {
        let minute = (at_ms.div_euclid(60_000) + self.offset.minutes()).rem_euclid(MINUTES_OF_A_DAY);
        if self.from < self.to { (self.from..self.to).contains(&minute) } else { minute >= self.from || minute < self.to }
    }
}

/// The minute of the day of `HH:MM`, to `24:00`.
fn minute(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()));
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= MINUTES_OF_A_DAY).then_some(hours * 60 + minutes)
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, offset } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}{offset}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hours({self})")
    }
}

impl TryFrom<String> for Hours {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("hours are written as 22:00-05:30+0700")
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> String {
        hours.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_of_a_time_zone_and_may_go_over_midnight() {
        // 1970-01-01 at 16:30 UTC, 23:30 in Hanoi.
        let late = (16 * 60 + 30) * 60_000;
        let contain = |text: &str, at_ms: i64| Hours::parse(text).expect("hours").contain(at_ms);
        assert!(contain("22:00-05:30+0700", late));
        assert!(!contain("22:00-05:30", late));
        assert!(contain("16:30-16:31", late) && !contain("16:30-16:31", late + 60_000));
        assert!(contain("22:00-24:00+0700", late) && !contain("22:00-24:00+0700", late + 30 * 60_000));
        assert!(contain("22:00-05:30+0700", late - 24 * 3_600_000), "before 1970 too");
    }

    #[test]
    fn hours_are_read_back_and_nonsense_is_refused() {
        for text in ["22:00-05:30+0700", "00:00-12:00-0330"] {
            assert_eq!(Hours::parse(text).expect("hours").to_string(), text);
        }
        for text in
            ["", "22:00", "22:00-22:00", "00:00-24:00", "24:00-05:00", "25:00-26:00", "1:00-2:00", "10:60-11:00", "10:00-11:00+1"]
        {
            assert_eq!(Hours::parse(text), None, "{text}");
        }
    }
}
