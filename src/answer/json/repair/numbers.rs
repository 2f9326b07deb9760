//! Numbers as other languages write them.

/// What a word is that begins like a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Number<'w> {
    /// A number of JSON, to be copied as it is.
    Exact,
    /// A number that JSON spells as these parts, one behind the other.
    Converted([&'w [u8]; 3]),
    /// The beginning of a number: something has to follow.
    Incomplete,
    /// None.
    NotANumber,
}

/// Reads a word as a number. Leading zeros mean something, so that what has them is none.
pub(super) fn parse_number(word: &[u8]) -> Number<'_> {
    let sign = word.first().filter(|byte| matches!(byte, b'+' | b'-'));
    let unsigned = word.get(usize::from(sign.is_some())..).unwrap_or_default();
    let (whole, rest) = digits(unsigned);
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => (Some(digits(rest).0), digits(rest).1),
        None => (None, rest),
    };
    let (exponent, rest) = match rest {
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => {
            (Some(digits(power).0), digits(power).1)
        }
        _ => (None, rest),
    };
    let leading_zero = whole.len() > 1 && whole.starts_with(b"0");
    if !rest.is_empty() || leading_zero {
        return Number::NotANumber;
    }
    let fraction = fraction.map(|digits| (digits, digits.is_empty()));
    if whole.is_empty() && fraction.is_none_or(|(_, none)| none) {
        return if exponent.is_none() { Number::Incomplete } else { Number::NotANumber };
    }
    // An exponent without digits says nothing.
    let powerless = exponent.is_some_and(<[u8]>::is_empty);
    let exact = !whole.is_empty() && fraction.is_none_or(|(_, none)| !none) && !powerless;
    if exact && sign != Some(&b'+') {
        return Number::Exact;
    }
    // All of it but a plus sign, a point or an `e` without digits behind it, and a missing zero.
    let minus: &[u8] = if sign == Some(&b'-') { b"-" } else { b"" };
    let digits = if whole.is_empty() { b"0" } else { whole };
    let mut behind = unsigned.get(whole.len()..).unwrap_or_default();
    if powerless {
        let power = behind.iter().position(|byte| matches!(byte, b'e' | b'E'));
        behind = behind.get(..power.unwrap_or(0)).unwrap_or_default();
    }
    let pointless = fraction.is_some_and(|(_, none)| none);
    behind = behind.get(usize::from(pointless)..).unwrap_or_default();
    Number::Converted([minus, digits, behind])
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_json_are_exact() {
        for word in ["0", "-0", "10", "-1.5e-7", "2E+3", "6.02e23", "1e400", "0.10", "0e1"] {
            assert_eq!(parse_number(word.as_bytes()), Number::Exact, "{word}");
        }
    }

    #[test]
    fn numbers_of_others_are_respelled() {
        for (word, json) in [
            (".5", "0.5"),
            ("5.", "5"),
            ("-.25", "-0.25"),
            ("+1", "1"),
            ("+.5", "0.5"),
            ("5.e3", "5e3"),
            (".5E-2", "0.5E-2"),
            ("1e", "1"),
            ("-2E+", "-2"),
            ("-1.5e-", "-1.5"),
            (".5e", "0.5"),
            ("2.e", "2"),
        ] {
            let Number::Converted(parts) = parse_number(word.as_bytes()) else { panic!("{word}") };
            assert_eq!(parts.concat(), json.as_bytes(), "{word}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_none() {
        for word in ["007", "-012", "1.2.3", "12kb", "10-20", "0x1F", "1_000", "--1", "1e5.5", "e5"]
        {
            assert_eq!(parse_number(word.as_bytes()), Number::NotANumber, "{word}");
        }
    }

    #[test]
    fn the_beginning_of_a_number_is_unfinished() {
        for word in ["-", "+", "."] {
            assert_eq!(parse_number(word.as_bytes()), Number::Incomplete, "{word}");
        }
    }
}
