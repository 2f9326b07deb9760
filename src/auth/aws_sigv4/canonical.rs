//! The canonical form of a request, which AWS computes from the received request as well.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use zeroize::Zeroizing;

use crate::log::SecretWriter;

/// All characters except the unreserved ones (RFC 3986 section 2.3).
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same in a path.
const PATH: &AsciiSet = &COMPONENT.remove(b'/');

/// How a service forms the canonical path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathStyle {
    /// Normalised, and encoded a second time.
    Normalised,
    /// Encoded once. All slashes and dots count, because they belong to the name of an object.
    S3,
}

/// The canonical form of a request. It contains the session token, so it is wiped.
pub(super) struct CanonicalRequest {
    text: Zeroizing<String>,
    signed_headers: String,
}

impl CanonicalRequest {
    /// The canonical form. `fields`: the name in small letters and the value of each signed field.
    /// `path`, `query`: as they are sent.
    pub(super) fn new(
        method: &str,
        (path, style): (&str, PathStyle),
        query: &str,
        mut fields: Vec<(&str, &str)>,
        payload_hash: &str,
    ) -> Self {
        // A stable sort: the values of one name keep their order.
        fields.sort_by_key(|(name, _)| *name);
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        names.dedup();
        let signed_headers = names.join(";");
        let mut text = SecretWriter::with_capacity(1024);
        for line in [method, &canonical_path(path, style), &canonical_query(query)] {
            text.push_str(line);
            text.push('\n');
        }
        for name in names {
            text.push_str(name);
            let values = fields.iter().filter(|(other, _)| *other == name);
            for (index, (_, value)) in values.enumerate() {
                text.push(if index == 0 { ':' } else { ',' });
                push_value(value, &mut text);
            }
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&signed_headers);
        text.push('\n');
        text.push_str(payload_hash);
        Self { text: text.finish(), signed_headers }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The names of the signed fields, with semicolons.
    pub(super) fn signed_headers(&self) -> &str {
        &self.signed_headers
    }
}

/// Appends a value without whitespace around it, and with one space for each sequence of whitespace.
fn push_value(value: &str, text: &mut SecretWriter) {
    for (index, word) in value.split_ascii_whitespace().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
}

/// The path in its canonical form.
pub(super) fn canonical_path(path: &str, style: PathStyle) -> String {
    match style {
        PathStyle::S3 => {
            percent_encode(&Cow::from(percent_decode(non_empty(path).as_bytes())), PATH).to_string()
        }
        PathStyle::Normalised => percent_encode(normalised(path).as_bytes(), PATH).to_string(),
    }
}

fn non_empty(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// The path without empty segments and dot segments.
fn normalised(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    if segments.is_empty() {
        return "/".to_owned();
    }
    let end = if path.ends_with('/') { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

/// The parameters, encoded alike and sorted by name and value. A plus sign means a space, as in a form,
/// because AWS reads it so.
fn canonical_query(query: &str) -> String {
    let encoded = |part: &str| {
        let part = part.replace('+', " ");
        percent_encode(&Cow::from(percent_decode(part.as_bytes())), COMPONENT).to_string()
    };
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let mut parameters: Vec<(String, String)> = parameters
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (encoded(name), encoded(value))
        })
        .collect();
    parameters.sort();
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_normalised_and_encoded_twice() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//a//b//", "/a/b/"),
            ("/a/./../b", "/b"),
            ("/../..", "/"),
            ("/a%20b/%C3%BC", "/a%2520b/%25C3%25BC"),
            ("/a+b=c@d", "/a%2Bb%3Dc%40d"),
        ] {
            assert_eq!(canonical_path(path, PathStyle::Normalised), expected, "{path:?}");
        }
    }

    #[test]
    fn a_path_of_s3_is_encoded_once_and_not_normalised() {
        for (path, expected) in [
            ("", "/"),
            ("//a/../b//", "//a/../b//"),
            ("/a%20b/%c3%bc", "/a%20b/%C3%BC"),
            ("/a+b(1)", "/a%2Bb%281%29"),
            ("/100%25", "/100%25"),
            ("/a~b_c-d.e", "/a~b_c-d.e"),
        ] {
            assert_eq!(canonical_path(path, PathStyle::S3), expected, "{path:?}");
        }
    }

    #[test]
    fn a_query_is_sorted_and_encoded_alike() {
        for (query, expected) in [
            ("", ""),
            ("b=2&a=1&a=0", "a=0&a=1&b=2"),
            ("list-type=2&prefix=a/b", "list-type=2&prefix=a%2Fb"),
            ("a=1+2&b=1%2b2&c=%7e", "a=1%202&b=1%2B2&c=~"),
            ("acl&a", "a=&acl="),
            ("a=1=2&&", "a=1%3D2"),
            // By the encoded names: "%" comes before letters.
            ("a=1&%C3%BC=2", "%C3%BC=2&a=1"),
        ] {
            assert_eq!(canonical_query(query), expected, "{query:?}");
        }
    }
}
