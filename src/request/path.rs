//! Paths as callers give them, made fit for the wire (RFC 3986 section 3.3).

use std::borrow::Cow;

use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::code::{Code, Error};

/// What is encoded in a path: all that RFC 3986 does not allow there. `%` stays, since what
/// follows may be an encoding already; a `%` that encodes nothing is dealt with apart.
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

/// What is encoded in the name or value of a query parameter: all but the unreserved characters
/// (RFC 3986 section 2.3).
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path with an optional query, as it goes behind the base path.
///
/// Spaces and whatever else is not allowed are percent-encoded, `%XX` is kept; dot segments are
/// resolved, and cannot climb above the first slash.
///
/// # Errors
/// [`Code::InvalidPath`] where it does not start with `/`, or holds a control character, a
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
    let mut whole = without_dot_segments(percent_encode(path))?;
    if let Some(query) = query {
        whole.push('?');
        whole.push_str(&percent_encode(query));
    }
    Ok(Cow::Owned(whole))
}

/// The same in the form in which it becomes part of a URI without being read again.
///
/// # Errors
/// As [`normalise`]; [`Code::InvalidPath`] also where it is longer than a URI may be (65,534 bytes).
pub fn target(path: &str) -> Result<PathAndQuery, Error> {
    match normalise(path)? {
        Cow::Borrowed(plain) => check_parsed(PathAndQuery::try_from(plain)),
        Cow::Owned(encoded) => check_parsed(PathAndQuery::try_from(encoded)),
    }
}

/// What a URI's own parser makes of a path that has been normalised.
pub(super) fn check_parsed<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, Error> {
    parsed.map_err(|error| invalid_path(&format!("cannot be used: {error}")))
}

/// Adds `name=value` to a query, both percent-encoded (a space as `%20`, which every server reads).
pub fn append_query(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, COMPONENT));
    query.push('=');
    query.extend(utf8_percent_encode(value, COMPONENT));
}

fn invalid_path(why: &str) -> Error {
    Error::new(Code::InvalidPath, format!("the path {why}"))
}

fn forbidden_reason(character: char) -> Option<&'static str> {
    match character {
        '#' => Some("holds a fragment, which is never sent"),
        '\\' => Some("holds a backslash"),
        control if control.is_control() => Some("holds a control character"),
        _ => None,
    }
}

/// Whether the path can go out as it stands. The common case, so it is decided in one look.
fn is_plain(path: &str) -> bool {
    let mut last = 0;
    path.bytes().all(|byte| {
        let plain = match byte {
            b'.' => last != b'/',
            b'/' | b'?' | b'&' | b'=' | b'-' | b'_' | b'~' | b',' | b':' | b'@' | b'+' | b'!'
            | b'$' | b'*' | b'(' | b')' | b'\'' | b';' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        last = byte;
        plain
    })
}

/// Percent-encodes what needs it, `%` only where it encodes nothing.
fn percent_encode(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut pieces = part.split('%');
    out.extend(pieces.next().map(|piece| utf8_percent_encode(piece, PATH)).into_iter().flatten());
    for piece in pieces {
        let encodes = piece.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        out.push_str(if encodes { "%" } else { "%25" });
        out.extend(utf8_percent_encode(piece, PATH));
    }
    out
}

/// Resolves `.` and `..`, spelled as they are or as `%2e` (RFC 3986 section 5.2.4).
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
    fn a_plain_path_goes_out_as_it_is() {
        for path in ["/", "/v1/users/42", "/v1/items?page=2&per_page=10", "/a.json", "/a;b=c,d:e@f"]
        {
            assert!(matches!(normalise(path), Ok(Cow::Borrowed(same)) if same == path), "{path}");
        }
    }

    #[test]
    fn what_no_path_may_hold_is_percent_encoded_and_what_is_encoded_is_kept() {
        assert_eq!(ok("/a b"), "/a%20b");
        assert_eq!(ok("/straße/日?q=ü ß"), "/stra%C3%9Fe/%E6%97%A5?q=%C3%BC%20%C3%9F");
        assert_eq!(ok("/a%20b%2Fc"), "/a%20b%2Fc");
        assert_eq!(ok("/100%"), "/100%25");
        assert_eq!(ok("/100%zz?x=%4"), "/100%25zz?x=%254");
        assert_eq!(ok("/{id}|\"x\""), "/%7Bid%7D%7C%22x%22");
    }

    #[test]
    fn dot_segments_never_climb_above_the_base() {
        assert_eq!(ok("/../secret"), "/secret");
        assert_eq!(ok("/a/../../../b"), "/b");
        assert_eq!(ok("/a/%2e%2E/%2e/b"), "/b");
        assert_eq!(ok("/a/./b/.."), "/a/");
        assert_eq!(ok("/.well-known/x"), "/.well-known/x");
    }

    #[test]
    fn a_double_slash_is_a_path_and_no_host() {
        assert_eq!(ok("//evil.example/x"), "//evil.example/x");
        assert_eq!(ok("//evil.example/../x y"), "//x%20y");
    }

    #[test]
    fn a_query_may_hold_dots_and_slashes() {
        assert_eq!(ok("/a?path=/../b"), "/a?path=/../b");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
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
    fn a_target_is_the_path_and_no_longer_than_a_uri_may_be() {
        assert_eq!(target("/a?b=1").unwrap(), "/a?b=1");
        assert_eq!(target("/a b?").unwrap(), "/a%20b?");
        for character in ["a", "ä"] {
            let path = format!("/{}", character.repeat(70_000));
            assert_eq!(target(&path).unwrap_err().code, Code::InvalidPath);
        }
    }

    #[test]
    fn query_parameters_survive_any_character() {
        let mut query = String::new();
        append_query(&mut query, "a&b", "1 = 2?");
        append_query(&mut query, "ü", "");
        assert_eq!(query, "a%26b=1%20%3D%202%3F&%C3%BC=");
    }
}
