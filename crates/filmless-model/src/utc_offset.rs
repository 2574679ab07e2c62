//! How far the clocks of a time zone are ahead of UTC.

use std::fmt;

/// A Timezone Offset From UTC (0008,0201), in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// Reads `&ZZXX`: a sign, hours and minutes (PS3.3 section C.12.1.1.8, Timezone Offset From UTC).
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = match text.split_at_checked(1)? {
            ("+", digits) => (1, digits),
            ("-", digits) => (-1, digits),
            _ => return None,
        };
        let legal = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let (hours, minutes) = digits.split_at_checked(2).filter(|_| legal)?;
        let (hours, minutes) = (hours.parse::<i16>().ok()?, minutes.parse::<i16>().ok()?);
        (hours <= 14 && minutes < 60).then_some(Self(sign * (hours * 60 + minutes)))
    }

    /// Minutes ahead of UTC; negative west of it.
    pub fn minutes(self) -> i64 {
        i64::from(self.0)
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs();
        write!(formatter, "{sign}{:02}{:02}", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_signed_hours_and_minutes() {
        for (text, minutes) in [
            ("+0700", Some(420)),
            ("-0330", Some(-210)),
            ("+0000", Some(0)),
            ("+1459", Some(899)),
            ("+1500", None),
            ("+0760", None),
            ("0700", None),
            ("+700", None),
            ("++700", None),
            ("+07:00", None),
            ("+07 0", None),
            ("−0700", None),
            ("", None),
        ] {
            let offset = UtcOffset::parse(text);
            assert_eq!(offset.map(UtcOffset::minutes), minutes, "{text}");
            assert!(offset.is_none_or(|offset| offset.to_string() == text), "{text}");
        }
    }
}
