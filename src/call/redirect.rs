//! The target of a redirect, and the parts of the request that go there.
//!
//! The rules are those of browsers (the Fetch standard, "HTTP-redirect fetch") and of RFC 9110
//! section 15.4, with less trust: an API client carries credentials, and no user sees an address
//! bar.
//!
//! | status | GET, HEAD | POST | other methods |
//! | --- | --- | --- | --- |
//! | 301, 302 | same | GET, without the body | same, with the body |
//! | 303 | same | GET, without the body | GET, without the body |
//! | 307, 308 | same | same, with the body | same, with the body |
//!
//! Other statuses are not followed: a 300 leaves the choice to people, a 304 is not a redirect, 305
//! and 306 are withdrawn. A response without a `Location`, or with an empty one, is the result, as
//! in curl and browsers. A `Location` that cannot be followed is an error, because a response that
//! looks like success would hide it.

use std::fmt;

use http::{HeaderName, Method, header};
use percent_encoding::{AsciiSet, percent_encode};
use url::Url;

use crate::code::{Code, Error};

/// Escapes only bytes outside ASCII. The URL parser judges the rest of a `Location`.
const NON_ASCII: &AsciiSet = &AsciiSet::EMPTY;

/// A longer `Location` is refused before it is parsed: no request has room for such a URL.
const MAX_LOCATION: usize = u16::MAX as usize;

/// The next request of a redirected call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The target: http or https, without userinfo and fragment.
    pub url: Url,
    /// The method.
    pub method: Method,
    /// Whether the body goes along, from its start. If it does not, the header fields that
    /// [`describes_body`] names do not go along either.
    pub keep_body: bool,
    /// Whether scheme, host and port stay the same. If they change, only the header fields that
    /// [`allowed_cross_origin`] allows go along, for the rest of the call, even if another redirect
    /// leads back.
    pub same_origin: bool,
}

/// Why a redirect is not followed. Its text contains only the scheme of the target, because a
/// `Location` may contain secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectError {
    /// The `Location` is not a URL.
    Unparsable,
    /// The target has this scheme, which is neither http nor https.
    Scheme(String),
    /// The target is http, and the request went to https.
    Downgrade,
    /// The target is http, and the client has pinned keys.
    Unpinned,
    /// More redirects than this maximum.
    TooMany(u32),
    /// The body must go along and cannot be read again.
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
            Self::Unpinned => f.write_str(
                "redirect refused: it leads to http, which has no key to compare with the pinned ones",
            ),
            Self::TooMany(max) => write!(f, "more than {max} redirects"),
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

/// The next request after a response to a request with this method, sent to `from`; `None` if the
/// response is the result. `location` is the field as received. The caller counts the redirects.
///
/// # Errors
/// [`RedirectError`] if the redirect must not be followed.
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
    Ok(Some(Redirect { keep_body: method.keep_body, method: method.method, url, same_origin }))
}

struct NextMethod {
    method: Method,
    keep_body: bool,
}

fn next_method(method: &Method, status: u16) -> Option<NextMethod> {
    let to_get = match status {
        301 | 302 => *method == Method::POST,
        303 => !matches!(*method, Method::GET | Method::HEAD),
        307 | 308 => false,
        _ => return None,
    };
    Some(if to_get {
        NextMethod { method: Method::GET, keep_body: false }
    } else {
        NextMethod { method: method.clone(), keep_body: true }
    })
}

fn target(from: &Url, location: &[u8]) -> Result<Url, RedirectError> {
    if location.len() > MAX_LOCATION {
        return Err(RedirectError::Unparsable);
    }
    // Bytes outside ASCII violate RFC 9110. The server knows the resource by these bytes, in any
    // encoding.
    let text = percent_encode(location, NON_ASCII).to_string();
    let mut url = from.join(&text).map_err(|_| RedirectError::Unparsable)?;
    match (from.scheme(), url.scheme()) {
        ("https", "http") => return Err(RedirectError::Downgrade),
        (_, "http" | "https") => {}
        (_, other) => return Err(RedirectError::Scheme(other.to_owned())),
    }
    url.set_fragment(None);
    // Neither call fails, because an http URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(url)
}

/// Header fields that are harmless to another origin: the kind of response that the caller wants,
/// the origin of the response (caches), and the preconditions. Without these, the request would do
/// more than the caller wants.
///
/// All other fields stay, because an unknown field may contain a credential. `Referer`,
/// `traceparent` and `Idempotency-Key` are omitted on purpose: they describe the caller to a
/// stranger. `Host` names the old origin.
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

/// Header fields that describe the body, harmless if the body itself goes along.
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

/// Whether a header field may go to another origin, in a request with or without a body.
#[must_use]
pub fn allowed_cross_origin(name: &HeaderName, with_body: bool) -> bool {
    let name = name.as_str();
    CROSS_ORIGIN_HEADERS.contains(&name) || (with_body && CROSS_ORIGIN_BODY_HEADERS.contains(&name))
}

/// Whether a header field describes the body, so that it is sent only with the body.
#[must_use]
pub fn describes_body(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-")
        || [header::TRANSFER_ENCODING, header::TRAILER, header::EXPECT].contains(name)
        || matches!(name.as_str(), "digest" | "repr-digest")
}

#[cfg(test)]
mod tests;
