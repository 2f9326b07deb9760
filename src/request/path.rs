//! Checks and encodes the paths of requests (RFC 3986 section 3.3).

use std::borrow::Cow;

use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::code::{Code, Error};

/// Characters to encode in a path: all that RFC 3986 does not allow. `%` is not among them, because
/// it may begin an encoded byte; [`percent_encode`] handles a `%` that does not.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'[')
    .add(b']');

/// Characters to encode in the name or value of a query parameter: all except the unreserved ones
/// (RFC 3986 section 2.3).
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Normalises a path with an optional query, to append it to the base path.
///
/// Percent-encodes spaces and other characters that are not allowed, and keeps `%XX`. Resolves dot
/// segments, which cannot lead above the first slash.
///
/// # Errors
/// [`Code::InvalidPath`] if it does not start with `/`, or contains a control character, a
/// backslash or a fragment.
pub fn normalise(path: &str) -> Result<Cow<'_, str>, Error> {
    if !path.starts_with('/') {
        return Err(invalid_path("does not start with a slash"));
    }
    if is_plain(path) {
        return Ok(Cow::Borrowed(path));
    }
    if let Some(problem) = path.chars().find_map(forbidden_reason) {
        return Err(invalid_path(problem));
    }
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut normalised = without_dot_segments(percent_encode(path))?;
    if let Some(query) = query {
        normalised.push('?');
        normalised.push_str(&percent_encode(query));
    }
    Ok(Cow::Owned(normalised))
}

/// Normalises a path and parses it, so that it can become part of a URI without further parsing.
///
/// # Errors
/// Same as [`normalise`]; [`Code::InvalidPath`] also if it is longer than 65,534 bytes.
pub fn target(path: &str) -> Result<PathAndQuery, Error> {
    match normalise(path)? {
        Cow::Borrowed(plain) => check_parsed(PathAndQuery::try_from(plain)),
        Cow::Owned(encoded) => check_parsed(PathAndQuery::try_from(encoded)),
    }
}

/// Turns the error of the URI parser for a normalised path into [`Code::InvalidPath`].
pub(super) fn check_parsed<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, Error> {
    parsed.map_err(|error| invalid_path(&format!("cannot be used: {error}")))
}

/// Appends `name=value` to a query, both percent-encoded (a space as `%20`, which every server
/// reads).
pub fn append_query(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, COMPONENT));
    query.push('=');
    query.extend(utf8_percent_encode(value, COMPONENT));
}

fn invalid_path(reason: &str) -> Error {
    Error::new(Code::InvalidPath, format!("the path {reason}"))
}

fn forbidden_reason(character: char) -> Option<&'static str> {
    match character {
        '#' => Some("contains a fragment, which is never sent"),
        '\\' => Some("contains a backslash"),
        control if control.is_control() => Some("contains a control character"),
        _ => None,
    }
}

/// Whether the path can be sent unchanged. This is the common case, so one pass decides it.
fn is_plain(path: &str) -> bool {
    let mut previous = 0;
    path.bytes().all(|byte| {
        let plain = match byte {
            b'.' => previous != b'/',
            b'/' | b'?' | b'&' | b'=' | b'-' | b'_' | b'~' | b',' | b':' | b'@' | b'+' | b'!'
            | b'$' | b'*' | b'(' | b')' | b'\'' | b';' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        previous = byte;
        plain
    })
}

/// Percent-encodes the characters of [`PATH`], and each `%` that does not begin an encoded byte.
fn percent_encode(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut pieces = part.split('%');
    out.extend(pieces.next().map(|piece| utf8_percent_encode(piece, PATH)).into_iter().flatten());
    for piece in pieces {
        let is_encoded = piece.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        out.push_str(if is_encoded { "%" } else { "%25" });
        out.extend(utf8_percent_encode(piece, PATH));
    }
    out
}

/// Resolves `.` and `..`, also if spelled with `%2e` (RFC 3986 section 5.2.4).
fn without_dot_segments(path: String) -> Result<String, Error> {
    if !path.contains("/.") && !path.contains("/%2") {
        return Ok(path);
    }
    let url =
        Url::parse(&format!("http://host{path}")).map_err(|_| invalid_path("cannot be parsed"))?;
    Ok(url.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(path: &str) -> String {
        normalise(path).unwrap().into_owned()
    }

    #[test]
    fn a_plain_path_stays_unchanged() {
        for path in ["/", "/v1/users/42", "/v1/items?page=2&per_page=10", "/a.json", "/a;b=c,d:e@f"]
        {
            assert!(matches!(normalise(path), Ok(Cow::Borrowed(same)) if same == path), "{path}");
        }
    }

    #[test]
    fn invalid_characters_are_percent_encoded_and_encoded_bytes_are_kept() {
        assert_eq!(ok("/a b"), "/a%20b");
        assert_eq!(ok("/straße/日?q=ü ß"), "/stra%C3%9Fe/%E6%97%A5?q=%C3%BC%20%C3%9F");
        assert_eq!(ok("/a%20b%2Fc"), "/a%20b%2Fc");
        assert_eq!(ok("/100%"), "/100%25");
        assert_eq!(ok("/100%zz?x=%4"), "/100%25zz?x=%254");
        assert_eq!(ok("/{id}|\"x\""), "/%7Bid%7D%7C%22x%22");
    }

    #[test]
    fn dot_segments_never_lead_above_the_base() {
        assert_eq!(ok("/../secret"), "/secret");
        assert_eq!(ok("/a/../../../b"), "/b");
        assert_eq!(ok("/a/%2e%2E/%2e/b"), "/b");
        assert_eq!(ok("/a/./b/.."), "/a/");
        assert_eq!(ok("/.well-known/x"), "/.well-known/x");
    }

    #[test]
    fn a_double_slash_begins_a_path_and_not_a_host() {
        assert_eq!(ok("//evil.example/x"), "//evil.example/x");
        assert_eq!(ok("//evil.example/../x y"), "//x%20y");
    }

    #[test]
    fn a_query_may_contain_dots_and_slashes() {
        assert_eq!(ok("/a?path=/../b"), "/a?path=/../b");
    }

    #[test]
    fn invalid_paths_are_refused() {
        for path in [
            "",
            "a",
            "http://host/",
            "?a",
            "/a#b",
            "/a\\b",
            "/a\r\nb",
            "/a\0",
            "/\u{7f}",
            "/\u{85}",
        ] {
            assert_eq!(normalise(path).unwrap_err().code, Code::InvalidPath, "{path:?}");
        }
    }

    #[test]
    fn a_target_is_the_path_and_has_a_maximum_length() {
        assert_eq!(target("/a?b=1").unwrap(), "/a?b=1");
        assert_eq!(target("/a b?").unwrap(), "/a%20b?");
        for character in ["a", "ä"] {
            let path = format!("/{}", character.repeat(70_000));
            assert_eq!(target(&path).unwrap_err().code, Code::InvalidPath);
        }
    }

    #[test]
    fn query_parameters_may_contain_any_character() {
        let mut query = String::new();
        append_query(&mut query, "a&b", "1 = 2?");
        append_query(&mut query, "ü", "");
        assert_eq!(query, "a%26b=1%20%3D%202%3F&%C3%BC=");
    }
}
