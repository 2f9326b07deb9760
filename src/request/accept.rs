//! Whether an `Accept` field asks for JSON (RFC 9110 section 12.5.1).

/// How specifically a media range matches JSON; the most specific one decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    Anything,
    AnyApplication,
    Json,
}

/// Whether a field value accepts JSON: it contains `application/json`, any `+json` type, or a
/// wildcard, and its weight is not zero. An empty value accepts everything.
#[must_use]
pub fn asks_for_json(value: &[u8]) -> bool {
    let Ok(value) = std::str::from_utf8(value) else { return false };
    if value.trim().is_empty() {
        return true;
    }
    value
        .split(',')
        .filter_map(media_range)
        .max_by_key(|(specificity, accepted)| (*specificity, *accepted))
        .is_some_and(|(_, accepted)| accepted)
}

/// How specifically one media range matches JSON, and whether its weight is above zero.
fn media_range(text: &str) -> Option<(Specificity, bool)> {
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next()?.to_ascii_lowercase();
    let specificity = match media_type.as_str() {
        "*/*" => Specificity::Anything,
        "application/*" => Specificity::AnyApplication,
        "application/json" | "text/json" => Specificity::Json,
        other if other.ends_with("+json") => Specificity::Json,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let is_refused = weight
        .and_then(|weight| weight.trim().parse::<f32>().ok())
        .is_some_and(|weight| weight <= 0.0);
    Some((specificity, !is_refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_accepted_by_name_by_suffix_and_by_wildcard() {
        for value in [
            "",
            "application/json",
            "Application/JSON; charset=utf-8",
            "*/*",
            "text/html, */*;q=0.1",
            "application/*",
            "application/vnd.github+json",
            "text/html;q=1, application/json;q=0.5",
            "application/json;q=0, application/problem+json",
        ] {
            assert!(asks_for_json(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn json_is_not_accepted_if_it_is_missing_or_has_weight_zero() {
        for value in [
            "text/csv",
            "image/png, text/*",
            "application/json;q=0",
            "application/json;q=0.0, */*",
            "application/octet-stream",
        ] {
            assert!(!asks_for_json(value.as_bytes()), "{value}");
        }
    }
}
