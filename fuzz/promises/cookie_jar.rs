//! A cookie goes only to the server that set it and to servers of the same domain. It cannot break
//! the `Cookie` field.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, header};
use sac::auth::jar::Jar;
use url::{Host, Url};

use super::Lines;

/// RFC 6265 section 6.1 asks for 50 cookies per domain; the jar keeps a few more, but not many.
const MAX_COOKIES: usize = 100;

/// Input, in lines: the URL of the response, the URL of the next request, then `Set-Cookie` values.
pub fn check(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut lines = Lines::new(&input);
    let (from, to) = (Url::parse(lines.next()), Url::parse(lines.next()));
    let (Ok(from), Ok(to)) = (from, to) else { return };
    let is_http = |url: &Url| matches!(url.scheme(), "http" | "https");
    if !is_http(&from) || !is_http(&to) {
        return;
    }
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let mut headers = HeaderMap::new();
    for line in lines {
        if let Ok(value) = HeaderValue::from_bytes(line.as_bytes()) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    let mut jar = Jar::default();
    jar.store_from(&from, &headers, now);
    let cookies = jar.for_url(&to, now);
    assert!(cookies.is_empty() || may_share_cookies(&from, &to), "a cookie of {from} goes to {to}");
    assert!(cookies.len() <= MAX_COOKIES, "{} cookies are kept", cookies.len());
    for cookie in &cookies {
        let (name, value) = (&*cookie.name, cookie.value.expose());
        let is_valid =
            |text: &str| !text.contains(|c: char| c == ';' || (c.is_control() && c != '\t'));
        assert!(is_valid(name) && is_valid(value), "{name:?} breaks its field");
        assert!(!name.is_empty() && !name.contains('='), "{name:?} is not a name");
        let lower_case = name.to_ascii_lowercase();
        if lower_case.starts_with("__host-") {
            assert_eq!(from.host(), to.host(), "{name} goes to {to}");
        }
        if lower_case.starts_with("__host-") || lower_case.starts_with("__secure-") {
            assert_eq!((from.scheme(), to.scheme()), ("https", "https"), "{name} goes to {to}");
        }
    }
    // Storing the same fields again does not change the sent cookies.
    jar.store_from(&from, &headers, now);
    let again = jar.for_url(&to, now);
    let names = |cookies: &[sac::auth::jar::CookiePair]| {
        let mut names: Vec<_> = cookies.iter().map(|cookie| cookie.name.to_string()).collect();
        names.sort();
        names
    };
    if headers.len() <= 50 {
        assert_eq!(names(&again), names(&cookies), "the same response twice changes the cookies");
    }
}

/// Whether two servers may share cookies: the same host, or a common domain of at least two labels
/// without the empty label of the root.
fn may_share_cookies(one: &Url, other: &Url) -> bool {
    match (one.host(), other.host()) {
        (Some(Host::Domain(one)), Some(Host::Domain(other))) => {
            let common = one.split('.').rev().zip(other.split('.').rev());
            let common = common.take_while(|(one, other)| one == other);
            one == other || common.filter(|(label, _)| !label.is_empty()).count() >= 2
        }
        (one, other) => one == other,
    }
}
