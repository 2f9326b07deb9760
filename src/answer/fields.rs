//! A response's header fields as C reads them: NUL-terminated UTF-8.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use crate::headers::Headers;

/// Header fields, turned into C strings on the first look and not before: most callers never look.
#[derive(Debug, Default)]
pub struct Fields {
    headers: Headers,
    strings: OnceLock<Box<[(CString, CString)]>>,
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
        self.headers.len()
    }

    /// The field with that number, those of one name side by side.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<(&CStr, &CStr)> {
        self.strings().get(index).map(|(name, value)| (name.as_c_str(), value.as_c_str()))
    }

    /// The first value of a field, by its name in any case.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&CStr> {
        let same = |(listed, _): &&(CString, CString)| {
            listed.to_bytes().eq_ignore_ascii_case(name.as_bytes())
        };
        self.strings().iter().find(same).map(|(_, value)| value.as_c_str())
    }

    /// The values of a field as they came.
    pub fn all(&self, name: http::HeaderName) -> impl Iterator<Item = &[u8]> {
        self.headers.get_all(name).into_iter().map(http::HeaderValue::as_bytes)
    }

    fn strings(&self) -> &[(CString, CString)] {
        self.strings.get_or_init(|| {
            self.headers
                .iter()
                .map(|(name, value)| (c_string(name.as_str()), c_string(&text(value.as_bytes()))))
                .collect()
        })
    }
}

/// A field value as text: UTF-8 where it is, else read as Latin-1, where every byte is a character.
#[must_use]
pub fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

/// Field names and values hold no NUL (RFC 9110 section 5.5), and the parser refuses one.
fn c_string(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
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

    #[test]
    fn a_value_is_utf8_or_else_latin_1() {
        assert_eq!(text("grün".as_bytes()), "grün");
        assert_eq!(text(b"gr\xfcn"), "grün");
    }
}
