//! The `Set-Cookie` field as user agents read it (RFC 6265bis section 5.6).

use std::time::{Duration, SystemTime};

use super::date;

/// Maximum length of name and value together, and of an attribute. Longer ones are ignored (RFC
/// 6265bis section 5.6).
const MAX_NAME_AND_VALUE: usize = 4096;
const MAX_ATTRIBUTE: usize = 1024;
/// Maximum lifetime of a cookie: 400 days (RFC 6265bis sections 5.6.1 and 5.6.2).
const MAX_LIFETIME: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A cookie as a server set it.
pub(super) struct SetCookie {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) domain: Option<String>,
    pub(super) path: Option<String>,
    pub(super) secure: bool,
    pub(super) expires: Option<SystemTime>,
}

/// Parses one field; `None` if it must be ignored.
pub(super) fn parse(text: &str, now: SystemTime) -> Option<SetCookie> {
    let mut parts = text.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let too_long = name.len().saturating_add(value.len()) > MAX_NAME_AND_VALUE;
    if name.is_empty() || too_long || text.contains(|c: char| c.is_control() && c != '\t') {
        return None;
    }
    let mut cookie = SetCookie {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: None,
        path: None,
        secure: false,
        expires: None,
    };
    let mut max_age = None;
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        if value.len() > MAX_ATTRIBUTE {
            continue;
        }
        match attribute.trim().to_ascii_lowercase().as_str() {
            "expires" => cookie.expires = date::parse(value).or(cookie.expires),
            "max-age" => max_age = parse_max_age(value, now).or(max_age),
            "domain" => cookie.domain = domain(value),
            "path" => cookie.path = Some(value.to_owned()).filter(|path| path.starts_with('/')),
            "secure" => cookie.secure = true,
            _ => {}
        }
    }
    let latest = now.checked_add(MAX_LIFETIME);
    cookie.expires =
        max_age.or(cookie.expires).map(|time| latest.map_or(time, |end| time.min(end)));
    Some(cookie)
}

fn domain(value: &str) -> Option<String> {
    let domain = value.strip_prefix('.').unwrap_or(value);
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

fn parse_max_age(value: &str, now: SystemTime) -> Option<SystemTime> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if value.starts_with('-') {
        return Some(SystemTime::UNIX_EPOCH);
    }
    let max = MAX_LIFETIME.as_secs();
    now.checked_add(Duration::from_secs(digits.parse().unwrap_or(max).min(max)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_of_more_than_a_kilobyte_is_ignored() {
        let path = |length: usize| {
            let text = format!("a=b; Path=/{}", "p".repeat(length - 1));
            parse(&text, SystemTime::UNIX_EPOCH).unwrap().path
        };
        assert_eq!(path(1024).map(|path| path.len()), Some(1024));
        assert_eq!(path(1025), None);
    }
}
