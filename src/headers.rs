//! The header fields of a response: stored as received, and parsed on the first access.
//!
//! Most callers read only the JSON. A map of a dozen fields costs more than the rest of a small
//! response, so it is created on the first access.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Header fields that become a [`HeaderMap`] on the first access.
#[derive(Clone, Default)]
pub struct Headers {
    /// The checked lines; empty if the fields were created from a map.
    lines: Vec<u8>,
    /// In a box, because a response is moved more often than its fields are read.
    map: OnceLock<Box<HeaderMap>>,
}

impl Headers {
    /// The fields on these lines, each `name: value` (RFC 9112 section 5) with a line feed. Other
    /// lines are ignored.
    #[must_use]
    pub fn from_lines(lines: Vec<u8>) -> Self {
        Self { lines, map: OnceLock::new() }
    }

    /// Whether there is a field with this name. Cheaper than any other access.
    #[must_use]
    pub fn contains(&self, name: &HeaderName) -> bool {
        match self.map.get() {
            Some(map) => map.contains_key(name),
            None => {
                let name = name.as_str().as_bytes();
                self.lines().any(|line| {
                    let (begin, after) = line.split_at_checked(name.len()).unwrap_or_default();
                    after.first() == Some(&b':') && begin.eq_ignore_ascii_case(name)
                })
            }
        }
    }

    /// The fields without those with these names.
    #[must_use]
    pub fn without(mut self, names: &[HeaderName]) -> Self {
        let mut map = self.map.take().unwrap_or_else(|| self.parsed());
        for name in names {
            map.remove(name);
        }
        Self { lines: Vec::new(), map: OnceLock::from(map) }
    }

    /// The name and value of each field. Fields with the same name are next to each other, as in a
    /// map. Names keep their case. Creates no map.
    #[must_use]
    pub fn grouped(&self) -> Vec<(&[u8], &[u8])> {
        if let Some(map) = self.map.get() {
            return map.iter().map(|(name, value)| (name.as_ref(), value.as_bytes())).collect();
        }
        let mut listed: Vec<(&[u8], &[u8])> = Vec::with_capacity(16);
        for (name, value) in self.pairs() {
            let same = |(other, _): &(&[u8], &[u8])| other.eq_ignore_ascii_case(name);
            match listed.iter().rposition(same) {
                Some(last) => listed.insert(last.saturating_add(1), (name, value)),
                None => listed.push((name, value)),
            }
        }
        listed
    }

    fn parsed(&self) -> Box<HeaderMap> {
        let map = self
            .pairs()
            .filter_map(|(name, value)| {
                let name = HeaderName::from_bytes(name).ok()?;
                Some((name, HeaderValue::from_bytes(value).ok()?))
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            });
        Box::new(map)
    }

    /// Each line, with its line feed.
    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.lines.as_slice();
        std::iter::from_fn(move || {
            let end = memchr::memchr(b'\n', rest)?;
            let (line, after) = rest.split_at_checked(end.saturating_add(1))?;
            rest = after;
            Some(line)
        })
    }

    /// The name and value of each field, without whitespace around the value.
    fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines().filter_map(|line| {
            let colon = memchr::memchr(b':', line)?;
            let (name, rest) = line.split_at_checked(colon)?;
            Some((name, rest.get(1..)?.trim_ascii()))
        })
    }
}

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        self.map.get_or_init(|| self.parsed())
    }
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self { lines: Vec::new(), map: OnceLock::from(Box::new(map)) }
    }
}

/// Without the values, because some are secrets.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}

/// A field value or a reason phrase as text: UTF-8 if it is valid, else Latin-1, in which every
/// byte is a character.
#[must_use]
pub fn value_text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

/// Whether the list in a `Connection` field contains this option (RFC 9110 section 7.6.1).
#[must_use]
pub fn has_option(connection: &[u8], option: &[u8]) -> bool {
    connection.split(|&byte| byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(option))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    const LINES: &[u8] = b"Set-Cookie: a=1\r\nX-Empty:\r\nset-cookie:\tb=2 \nX: gr\xfcn\r\n\r\n";

    #[test]
    fn lines_become_a_map_on_the_first_access() {
        let headers = Headers::from_lines(LINES.to_vec());
        assert!(headers.contains(&header::SET_COOKIE) && headers.map.get().is_none());
        assert!(!headers.contains(&header::COOKIE));
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).into_iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(headers["x-empty"], "");
        assert_eq!(headers["x"].as_bytes(), b"gr\xfcn");
        assert_eq!(headers.len(), 4);
        assert!(headers.contains(&header::SET_COOKIE) && !headers.contains(&header::COOKIE));
    }

    #[test]
    fn a_name_is_all_of_the_text_before_the_colon() {
        let name = HeaderName::from_static("x-wanted");
        let fields = |field| Headers::from_lines(format!("a:\r\n{field}\r\nb:\r\n").into_bytes());
        assert!(fields("X-Wanted: 1").contains(&name) && fields("x-wanted:").contains(&name));
        for other in ["X-Wanted-: 1", "-X-Wanted: 1", "X-Want: 1", "y: X-Wanted: 1", "x-wanted"] {
            assert!(!fields(other).contains(&name), "{other}");
        }
        assert!(Headers::from_lines(b"x-wanted:\n".to_vec()).contains(&name));
        assert!(
            !Headers::from_lines(b"x-wanted:".to_vec()).contains(&name),
            "a line without its end"
        );
        assert!(!Headers::from_lines(Vec::new()).contains(&name));
    }

    #[test]
    fn fields_with_the_same_name_are_grouped_with_and_without_a_map() {
        let headers = Headers::from_lines(LINES.to_vec());
        let names_and_values = |headers: &Headers| {
            let listed = headers.grouped();
            let each =
                listed.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec()));
            each.collect::<Vec<_>>()
        };
        let without = names_and_values(&headers);
        assert!(headers.map.get().is_none(), "a map was made");
        let values: Vec<_> = without.iter().map(|(_, value)| value.as_slice()).collect();
        assert_eq!(values, [&b"a=1"[..], b"b=2", b"", b"gr\xfcn"]);
        assert_eq!(headers.len(), 4);
        assert_eq!(names_and_values(&headers), without, "with a map they are the same");
    }

    #[test]
    fn removed_fields_are_gone() {
        let headers = Headers::from_lines(LINES.to_vec()).without(&[header::SET_COOKIE]);
        assert!(!headers.contains(&header::SET_COOKIE));
        assert_eq!(headers.len(), 2);
        assert_eq!(headers.without(&[HeaderName::from_static("x")]).len(), 1);
    }

    #[test]
    fn a_value_is_utf8_or_else_latin_1() {
        assert_eq!(value_text("grün".as_bytes()), "grün");
        assert_eq!(value_text(b"gr\xfcn"), "grün");
    }
}
