//! A response's reason phrase and header fields as C reads them: NUL-terminated UTF-8.

use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;
use std::sync::OnceLock;

use crate::headers::{Headers, value_text};

/// The reason phrase and the header fields. They become C strings at the first access, because most
/// callers never read them.
#[derive(Default)]
pub struct Fields {
    reason: Cow<'static, str>,
    headers: Headers,
    strings: OnceLock<Box<CStrings>>,
}

/// The reason phrase, then names and values in turn, each followed by a NUL.
struct CStrings {
    text: Vec<u8>,
    /// The end of the reason phrase.
    reason_end: usize,
    /// The end of each field's name and of its value, after the NUL.
    ends: Vec<(usize, usize)>,
}

impl Fields {
    /// The reason phrase and the fields of a response.
    #[must_use]
    pub fn new(reason: Cow<'static, str>, headers: Headers) -> Self {
        Self { reason, headers, strings: OnceLock::new() }
    }

    /// The reason phrase of the status line; empty if there is none.
    #[must_use]
    pub fn reason(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.strings().text).unwrap_or_default()
    }

    /// The number of fields; a field that the server sent twice counts twice.
    #[must_use]
    pub fn count(&self) -> usize {
        self.strings().ends.len()
    }

    /// The name and the value of the field at an index, each with its NUL. Fields of one name are
    /// next to each other; names are in lower case.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.strings().at(index)
    }

    /// The first value of a field. The case of the name does not matter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&CStr> {
        let strings = self.strings();
        let has_name = |(field, _): &(&[u8], &[u8])| {
            field.strip_suffix(b"\0").is_some_and(|f| f.eq_ignore_ascii_case(name.as_bytes()))
        };
        let mut all = (0..strings.ends.len()).filter_map(|index| strings.at(index));
        CStr::from_bytes_until_nul(all.find(has_name)?.1).ok()
    }

    /// The values of a field as they arrived.
    pub fn get_all(&self, name: http::HeaderName) -> impl Iterator<Item = &[u8]> {
        self.headers.get_all(name).into_iter().map(http::HeaderValue::as_bytes)
    }

    fn strings(&self) -> &CStrings {
        self.strings.get_or_init(|| Box::new(CStrings::new(&self.reason, &self.headers.grouped())))
    }
}

/// Leaves out the values, because some are secrets.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.headers.fmt(f)
    }
}

impl CStrings {
    fn new(reason: &str, fields: &[(&[u8], &[u8])]) -> Self {
        let reason_end = reason.len().saturating_add(1);
        let length = fields.iter().fold(reason_end, |length, (name, value)| {
            length.saturating_add(name.len()).saturating_add(value.len()).saturating_add(2)
        });
        let (mut text, ends) = (Vec::with_capacity(length), Vec::with_capacity(fields.len()));
        text.extend_from_slice(reason.as_bytes());
        text.push(0);
        let mut strings = Self { text, reason_end, ends };
        for (name, value) in fields {
            strings.push(name, value);
        }
        strings
    }

    /// Names and values contain no NUL (RFC 9110 section 5.5). The parser refuses a NUL in them and
    /// in the reason phrase.
    fn push(&mut self, name: &[u8], value: &[u8]) {
        let name_start = self.text.len();
        self.text.extend_from_slice(name);
        self.text.get_mut(name_start..).unwrap_or_default().make_ascii_lowercase();
        self.text.push(0);
        let name_end = self.text.len();
        if value.is_ascii() {
            self.text.extend_from_slice(value);
        } else {
            self.text.extend_from_slice(value_text(value).as_bytes());
        }
        self.text.push(0);
        self.ends.push((name_end, self.text.len()));
    }

    fn at(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let (name_end, end) = *self.ends.get(index)?;
        let previous = index.checked_sub(1).and_then(|previous| self.ends.get(previous));
        let start = previous.map_or(self.reason_end, |(_, end)| *end);
        Some((self.text.get(start..name_end)?, self.text.get(name_end..end)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn a_field_is_found_in_any_case_and_the_first_value_counts() {
        let mut headers = HeaderMap::new();
        headers.append("set-cookie", HeaderValue::from_static("a=1"));
        headers.append("set-cookie", HeaderValue::from_static("b=2"));
        let fields = Fields::new("Not Here".into(), headers.into());
        assert_eq!(fields.reason(), c"Not Here");
        assert_eq!(fields.get("Set-Cookie"), Some(c"a=1"));
        assert_eq!(fields.count(), 2);
        assert_eq!(fields.at(1), Some((&b"set-cookie\0"[..], &b"b=2\0"[..])));
        assert_eq!(fields.at(2), None);
        assert_eq!(fields.get("x"), None);
    }
}
