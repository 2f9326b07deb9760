//! Where a redirect leads, and what of the request goes along.
//!
//! The rules are those of browsers (the Fetch standard, "HTTP-redirect fetch") and of RFC 9110
//! section 15.4, with less trust: an API client carries credentials and nobody sees an address bar.
//!
//! | status | GET, HEAD | POST | other methods |
//! | --- | --- | --- | --- |
//! | 301, 302 | same | GET, without the body | same, with the body |
//! | 303 | same | GET, without the body | GET, without the body |
//! | 307, 308 | same | same, with the body | same, with the body |
//!
//! No other status is followed: 300 leaves the choice to people, 304 is no redirect, 305 and 306
//! are withdrawn. An answer without a `Location`, or with an empty one, stands for itself, as with
//! curl and browsers; a `Location` that cannot be followed is an error, for an answer that looks
//! like success would hide it.

use std::fmt;

use http::{HeaderName, Method, header};
use percent_encoding::{AsciiSet, percent_encode};
use url::Url;

use crate::code::{Code, Error};

/// Nothing but bytes beyond ASCII: the rest of a `Location` is the URL parser's to judge.
const NON_ASCII: &AsciiSet = &AsciiSet::EMPTY;

/// A longer `Location` is refused before anything is made of it: no request has room for such a URL.
const MOST_LOCATION: usize = u16::MAX as usize;

/// The next request of a call that is redirected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// Where to: http or https, without userinfo and fragment.
    pub url: Url,
    /// By which method.
    pub method: Method,
    /// Whether the body goes along. Where it does not, [`describes_body`] tells which header fields
    /// stay behind with it; where it does, it is replayed from its start.
    pub keep_body: bool,
    /// Whether scheme, host and port stay the same. Where they change, [`goes_to_other_origins`]
    /// tells which header fields go along; the others stay behind for the rest of the call, even if
    /// another hop leads back.
    pub same_origin: bool,
}

/// Why a redirect is not followed. Its text names no more of the target than its scheme, for a
/// `Location` may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectError {
    /// The `Location` is no URL.
    Unparsable,
    /// The target is neither http nor https, but this.
    Scheme(String),
    /// The target is http, and the request went to https.
    Downgrade,
    /// More hops than allowed, which is this many.
    TooMany(u32),
    /// The body has to go along and cannot be read again.
    BodyNotReplayable,
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unparsable => f.write_str("redirect refused: its Location is not a URL"),
            Self::Scheme(scheme) => {
                write!(f, "redirect refused: it leads to {scheme:?}, not to http or https")
            }
            Self::Downgrade => f.write_str("redirect refused: it leads from https to http"),
            Self::TooMany(most) => write!(f, "more than {most} redirects"),
            Self::BodyNotReplayable => {
                f.write_str("redirect refused: the body cannot be sent again from the start")
            }
        }
    }
}

impl From<RedirectError> for Error {
    fn from(refused: RedirectError) -> Self {
        Self::new(Code::Redirect, refused.to_string())
    }
}

/// Where an answer to a request by this method, sent to `from`, leads; `None` where it leads
/// nowhere and is itself what the caller gets. `location` is the field as received. Counting the
/// hops is the caller's.
///
/// # Errors
/// [`RedirectRefused`] where the answer is a redirect that must not be followed.
pub fn resolve_redirect(
    method: &Method,
    from: &Url,
    status: u16,
    location: Option<&[u8]>,
) -> Result<Option<Redirect>, RedirectError> {
    let Some(method) = next_method(method, status) else {
        return Ok(None);
    };
    let location = location.unwrap_or_default().trim_ascii();
    if location.is_empty() {
        return Ok(None);
    }
    let url = target(from, location)?;
    let same_origin = url.origin() == from.origin();
    Ok(Some(Redirect { keep_body: method.kept, method: method.method, url, same_origin }))
}

struct NextMethod {
    method: Method,
    kept: bool,
}

fn next_method(method: &Method, status: u16) -> Option<NextMethod> {
    let to_get = match status {
        301 | 302 => *method == Method::POST,
        303 => !matches!(*method, Method::GET | Method::HEAD),
        307 | 308 => false,
        _ => return None,
    };
    Some(if to_get {
        NextMethod { method: Method::GET, kept: false }
    } else {
        NextMethod { method: method.clone(), kept: true }
    })
}

fn target(from: &Url, location: &[u8]) -> Result<Url, RedirectError> {
    if location.len() > MOST_LOCATION {
        return Err(RedirectError::Unparsable);
    }
    // What stands there beyond ASCII is against RFC 9110, and whatever its encoding, its bytes are
    // what the server knows the resource by.
    let text = percent_encode(location, NON_ASCII).to_string();
    let mut url = from.join(&text).map_err(|_| RedirectError::Unparsable)?;
    match (from.scheme(), url.scheme()) {
        ("https", "http") => return Err(RedirectError::Downgrade),
        (_, "http" | "https") => {}
        (_, other) => return Err(RedirectError::Scheme(other.to_owned())),
    }
    url.set_fragment(None);
    // Neither fails on a URL that has a host, and http has one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(url)
}

/// What is known to be harmless to another origin: what kind of answer is wanted, what the answer
/// may come from, and the preconditions, without which the request would do more than was asked.
///
/// Everything else stays behind, whatever its name: a name that this list does not know may hold a
/// credential. `Referer`, `traceparent` and `Idempotency-Key` are left out on purpose: they tell a
/// stranger of the caller. `Host` names the origin that is left.
const CROSS_ORIGIN_HEADERS: [&str; 21] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "dnt",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "pragma",
    "prefer",
    "priority",
    "range",
    "save-data",
    "sec-gpc",
    "user-agent",
    "want-content-digest",
    "want-digest",
    "want-repr-digest",
];

/// What says how to read the body, and is harmless where the body itself goes along.
const CROSS_ORIGIN_BODY_HEADERS: [&str; 10] = [
    "content-digest",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-range",
    "content-type",
    "digest",
    "expect",
    "repr-digest",
];

/// Whether a header field may go to another origin, with a request that has its body or not.
#[must_use]
pub fn allowed_cross_origin(name: &HeaderName, with_body: bool) -> bool {
    let name = name.as_str();
    CROSS_ORIGIN_HEADERS.contains(&name) || (with_body && CROSS_ORIGIN_BODY_HEADERS.contains(&name))
}

/// Whether a header field describes the body, and stays behind with it.
#[must_use]
pub fn describes_body(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-")
        || [header::TRANSFER_ENCODING, header::TRAILER, header::EXPECT].contains(name)
        || matches!(name.as_str(), "digest" | "repr-digest")
}

#[cfg(test)]
mod tests;
