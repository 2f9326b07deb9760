//! Numbers in JSON and in other languages.

use super::source::Source;

/// A word read as a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Number<'w> {
    /// A JSON number, which needs no change.
    Exact,
    /// A number of another language: these parts in sequence are the JSON number.
    Converted([&'w [u8]; 3]),
    /// The beginning of a number, without a digit.
    Incomplete,
    /// Not a number.
    Invalid,
}

/// Reads a word as a number. A word with leading zeros is not a number, because they have a
/// meaning.
pub(super) fn parse_number<'w>(word: &'w [u8], source: &Source<'_>) -> Number<'w> {
    let digits = |text: &'w [u8]| {
        let end = source.position(text, |byte| !byte.is_ascii_digit()).unwrap_or(text.len());
        text.split_at_checked(end).unwrap_or((text, &[]))
    };
    let sign = word.first().filter(|byte| matches!(byte, b'+' | b'-'));
    let unsigned = word.get(usize::from(sign.is_some())..).unwrap_or_default();
    let (integer, rest) = digits(unsigned);
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => {
            let (fraction, rest) = digits(rest);
            (Some(fraction), rest)
        }
        None => (None, rest),
    };
    let (exponent, rest) = match rest {
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => {
            let (power, rest) = digits(power);
            (Some(power), rest)
        }
        _ => (None, rest),
    };
    let leading_zero = integer.len() > 1 && integer.starts_with(b"0");
    if !rest.is_empty() || leading_zero {
        return Number::Invalid;
    }
    let fraction_is_empty = fraction.is_some_and(<[u8]>::is_empty);
    if integer.is_empty() && (fraction.is_none() || fraction_is_empty) {
        return if exponent.is_none() { Number::Incomplete } else { Number::Invalid };
    }
    // An exponent without digits is dropped.
    let exponent_is_empty = exponent.is_some_and(<[u8]>::is_empty);
    let exact = !integer.is_empty() && !fraction_is_empty && !exponent_is_empty;
    if exact && sign != Some(&b'+') {
        return Number::Exact;
    }
    // Drops a plus sign, and a point or an `e` without digits after it. Adds a missing zero.
    let minus: &[u8] = if sign == Some(&b'-') { b"-" } else { b"" };
    let digits = if integer.is_empty() { b"0" } else { integer };
    let mut rest = unsigned.get(integer.len()..).unwrap_or_default();
    if exponent_is_empty {
        let power = source.position(rest, |byte| matches!(byte, b'e' | b'E'));
        rest = rest.get(..power.unwrap_or(0)).unwrap_or_default();
    }
    rest = rest.get(usize::from(fraction_is_empty)..).unwrap_or_default();
    Number::Converted([minus, digits, rest])
}

#[cfg(test)]
mod tests {
    use super::super::budget::Budget;
    use super::*;

    fn parse(word: &str) -> Number<'_> {
        parse_number(word.as_bytes(), &Source::new("", &Budget::new(0, &|| true)))
    }

    #[test]
    fn json_numbers_are_exact() {
        for word in ["0", "-0", "10", "-1.5e-7", "2E+3", "6.02e23", "1e400", "0.10", "0e1"] {
            assert_eq!(parse(word), Number::Exact, "{word}");
        }
    }

    #[test]
    fn numbers_of_other_languages_are_converted() {
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
            let Number::Converted(parts) = parse(word) else { panic!("{word}") };
            assert_eq!(parts.concat(), json.as_bytes(), "{word}");
        }
    }

    #[test]
    fn words_that_only_look_like_numbers_are_not_numbers() {
        for word in ["007", "-012", "1.2.3", "12kb", "10-20", "0x1F", "1_000", "--1", "1e5.5", "e5"]
        {
            assert_eq!(parse(word), Number::Invalid, "{word}");
        }
    }

    #[test]
    fn a_number_without_digits_is_incomplete() {
        for word in ["-", "+", "."] {
            assert_eq!(parse(word), Number::Incomplete, "{word}");
        }
    }
}
