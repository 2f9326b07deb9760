//! A response's header fields as C reads them: NUL-terminated UTF-8.

use std::ffi::CStr;
use std::fmt;
use std::sync::OnceLock;

use crate::headers::{Headers, text};

/// Header fields, turned into C strings on the first look and not before: most callers never look.
#[derive(Default)]
pub struct Fields {
    headers: Headers,
    strings: OnceLock<Box<Strings>>,
}

/// Names and values one behind the other, each with a NUL behind it.
struct Strings {
    text: Vec<u8>,
    /// Where each field ends, behind its name and behind its value.
    ends: Vec<(usize, usize)>,
}

impl Fields {
    /// The fields of a response.
    #[must_use]
    pub fn new(headers: Headers) -> Self {
        Self { headers, strings: OnceLock::new() }
    }

    /// How many there are; one sent twice counts twice.
    #[must_use]
    pub fn count(&self) -> usize {
        self.strings().ends.len()
    }

    /// The field with that number, those of one name side by side; its name is in lower case.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<(&CStr, &CStr)> {
        self.strings().at(index)
    }

    /// The first value of a field, by its name in any case.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&CStr> {
        let strings = self.strings();
        let same =
            |(listed, _): &(&CStr, &CStr)| listed.to_bytes().eq_ignore_ascii_case(name.as_bytes());
        let mut all = (0..strings.ends.len()).filter_map(|index| strings.at(index));
        all.find(same).map(|(_, value)| value)
    }

    /// The values of a field as they came.
    pub fn all(&self, name: http::HeaderName) -> impl Iterator<Item = &[u8]> {
        self.headers.get_all(name).into_iter().map(http::HeaderValue::as_bytes)
    }

    fn strings(&self) -> &Strings {
        self.strings.get_or_init(|| Box::new(Strings::of(&self.headers.side_by_side())))
    }
}

/// Without the values, of which some are secrets.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.headers.fmt(f)
    }
}

impl Strings {
    fn of(fields: &[(&[u8], &[u8])]) -> Self {
        let length = fields.iter().fold(0_usize, |length, (name, value)| {
            length.saturating_add(name.len()).saturating_add(value.len()).saturating_add(2)
        });
        let mut strings =
            Self { text: Vec::with_capacity(length), ends: Vec::with_capacity(fields.len()) };
        for (name, value) in fields {
            strings.push(name, value);
        }
        strings
    }

    /// Names and values hold no NUL (RFC 9110 section 5.5), and the parser refuses one.
    fn push(&mut self, name: &[u8], value: &[u8]) {
        self.text.extend(name.iter().map(u8::to_ascii_lowercase));
        self.text.push(0);
        let name_end = self.text.len();
        self.text.extend_from_slice(text(value).as_bytes());
        self.text.push(0);
        self.ends.push((name_end, self.text.len()));
    }

    fn at(&self, index: usize) -> Option<(&CStr, &CStr)> {
        let (name_end, end) = *self.ends.get(index)?;
        let before = index.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |(_, end)| *end);
        let name = CStr::from_bytes_until_nul(self.text.get(start..name_end)?).ok()?;
        let value = CStr::from_bytes_until_nul(self.text.get(name_end..end)?).ok()?;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn fields_are_found_in_any_case_and_the_first_value_wins() {
        let mut headers = HeaderMap::new();
        headers.append("set-cookie", HeaderValue::from_static("a=1"));
        headers.append("set-cookie", HeaderValue::from_static("b=2"));
        let fields = Fields::new(headers.into());
        assert_eq!(fields.first("Set-Cookie"), Some(c"a=1"));
        assert_eq!(fields.count(), 2);
        assert_eq!(fields.at(1), Some((c"set-cookie", c"b=2")));
        assert_eq!(fields.at(2), None);
        assert_eq!(fields.first("x"), None);
    }
}
