//! A cookie that a server sets goes to nobody but that server and those it may speak for, and
//! cannot break the `Cookie` field that it stands in.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, header};
use sac::auth::jar::Jar;
use url::{Host, Url};

use super::Lines;

/// RFC 6265 section 6.1 asks for 50; the jar keeps a few more of one domain, and not many.
const MOST: usize = 100;

/// Lines: the URL of the answer, the URL of the next request, then `Set-Cookie` values.
pub fn kept(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut lines = Lines::of(&input);
    let (from, to) = (Url::parse(lines.next()), Url::parse(lines.next()));
    let (Ok(from), Ok(to)) = (from, to) else { return };
    let http = |url: &Url| matches!(url.scheme(), "http" | "https");
    if !http(&from) || !http(&to) {
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
    let kept = jar.for_url(&to, now);
    assert!(kept.is_empty() || related(&from, &to), "a cookie of {from} goes to {to}");
    assert!(kept.len() <= MOST, "{} cookies are kept", kept.len());
    for cookie in &kept {
        let (name, value) = (&*cookie.name, cookie.value.expose());
        let sound =
            |text: &str| !text.contains(|c: char| c == ';' || (c.is_control() && c != '\t'));
        assert!(sound(name) && sound(value), "{name:?} reaches beyond its field");
        assert!(!name.is_empty() && !name.contains('='), "{name:?} is no name");
        let promised = name.to_ascii_lowercase();
        if promised.starts_with("__host-") {
            assert_eq!(from.host(), to.host(), "{name} goes to {to}");
        }
        if promised.starts_with("__host-") || promised.starts_with("__secure-") {
            assert_eq!((from.scheme(), to.scheme()), ("https", "https"), "{name} goes to {to}");
        }
    }
    // Taking the same once more changes nothing of what is sent.
    jar.store_from(&from, &headers, now);
    let again = jar.for_url(&to, now);
    let names = |kept: &[sac::auth::jar::CookiePair]| {
        let mut names: Vec<_> = kept.iter().map(|kept| kept.name.to_string()).collect();
        names.sort();
        names
    };
    if headers.len() <= 50 {
        assert_eq!(names(&again), names(&kept), "the same answer twice keeps other cookies");
    }
}

/// Whether a server may speak for another: the same host, or a name below a common one of at least
/// two labels, the empty one of the root not counted.
fn related(one: &Url, other: &Url) -> bool {
    match (one.host(), other.host()) {
        (Some(Host::Domain(one)), Some(Host::Domain(other))) => {
            let common = one.split('.').rev().zip(other.split('.').rev());
            let common = common.take_while(|(one, other)| one == other);
            one == other || common.filter(|(label, _)| !label.is_empty()).count() >= 2
        }
        (one, other) => one == other,
    }
}
