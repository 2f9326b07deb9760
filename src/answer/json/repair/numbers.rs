//! Numbers as other languages write them.

/// What a word is that begins like a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// A number of JSON, to be copied as it is.
    Exact,
    /// A number, spelled as JSON has it.
    Respelled(String),
    /// The beginning of a number: something has to follow.
    Unfinished,
    /// None.
    None,
}

/// Reads a word as a number. Leading zeros mean something, so that what has them is none.
pub(super) fn number(word: &[u8]) -> Number {
    let Ok(word) = std::str::from_utf8(word) else { return Number::None };
    let (sign, rest) = match word.as_bytes().first() {
        Some(b'-') => ("-", word.get(1..)),
        Some(b'+') => ("", word.get(1..)),
        _ => ("", Some(word)),
    };
    let rest = rest.unwrap_or_default();
    let (whole, rest) = digits(rest);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (fraction, rest) = digits(rest);
            (Some(fraction), rest)
        }
        None => (None, rest),
    };
    let (exponent, rest) = match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let (power, rest) = digits(unsigned);
            let signed = exponent.len().saturating_sub(rest.len());
            (Some((exponent.get(..signed).unwrap_or_default(), power)), rest)
        }
        None => (None, rest),
    };
    let zeros = whole.len() > 1 && whole.starts_with('0');
    if !rest.is_empty() || zeros {
        return Number::None;
    }
    let fraction_digits = fraction.unwrap_or_default();
    if whole.is_empty() && fraction_digits.is_empty() {
        return if exponent.is_none() { Number::Unfinished } else { Number::None };
    }
    if exponent.is_some_and(|(_, power)| power.is_empty()) {
        return Number::Unfinished;
    }
    if !whole.is_empty() && fraction != Some("") && !word.starts_with('+') {
        return Number::Exact;
    }
    let mut respelled = String::from(sign);
    respelled.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction_digits.is_empty() {
        respelled.push('.');
        respelled.push_str(fraction_digits);
    }
    if let Some((signed, _)) = exponent {
        respelled.push('e');
        respelled.push_str(signed);
    }
    Number::Respelled(respelled)
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_json_are_exact() {
        for word in ["0", "-0", "10", "-1.5e-7", "2E+3", "6.02e23", "1e400", "0.10", "0e1"] {
            assert_eq!(number(word.as_bytes()), Number::Exact, "{word}");
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
            (".5E-2", "0.5e-2"),
        ] {
            assert_eq!(number(word.as_bytes()), Number::Respelled(json.into()), "{word}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_none() {
        for word in ["007", "-012", "1.2.3", "12kb", "10-20", "0x1F", "1_000", "--1", "1e5.5", "e5"]
        {
            assert_eq!(number(word.as_bytes()), Number::None, "{word}");
        }
    }

    #[test]
    fn the_beginning_of_a_number_is_unfinished() {
        for word in ["-", "+", "1e", "1E+", "-1.5e-", "."] {
            assert_eq!(number(word.as_bytes()), Number::Unfinished, "{word}");
        }
    }
}
