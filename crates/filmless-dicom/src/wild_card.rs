//! Wild card matching (PS3.4 section C.2.2.2.4): `*` stands for any run of characters, `?` for one.

use std::str::Chars;

/// Whether a value is like a pattern; upper and lower case are told apart. The time is bounded by the product of the lengths:
/// only the last `*` is ever tried again.
pub(crate) fn is_like(value: &str, pattern: &str) -> bool {
    let (mut value, mut pattern) = (value.chars(), pattern.chars());
    // What stands behind the last `*`, and what of the value that has not taken.
    let mut star: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let (mut rest, mut behind) = (value.clone(), pattern.clone());
        match (behind.next(), rest.next()) {
            (Some('*'), _) => {
                star = Some((behind.clone(), value.clone()));
                pattern = behind;
            }
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => (value, pattern) = (rest, behind),
            _ => {
                let Some((behind, left)) = &mut star else { return false };
                if left.next().is_none() {
                    return false;
                }
                (value, pattern) = (left.clone(), behind.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_run_and_a_question_mark_one_character() {
        for (value, pattern, expected) in [
            ("CT", "CT", true),
            ("CT", "C?", true),
            ("CT", "C??", false),
            ("CT", "ct", false),
            ("", "", true),
            ("", "*", true),
            ("", "?", false),
            ("C", "", false),
            ("CT THORAX", "*THORAX*", true),
            ("CT THORAX", "CT*ORA", false),
            ("aab", "*ab", true),
            ("abcabd", "a*b?", true),
            ("aaaaab", "*a*a*b", true),
            ("aaaaa", "*a*a*b", false),
            ("thường", "th??ng", true),
        ] {
            assert_eq!(is_like(value, pattern), expected, "{value} {pattern}");
        }
    }

    #[test]
    fn stars_of_a_hostile_pattern_cost_no_more_than_the_lengths() {
        let value = "a".repeat(4096);
        assert!(!is_like(&value, &("*a".repeat(32) + "b")));
        assert!(is_like(&value, &"*a".repeat(32)));
    }
}
