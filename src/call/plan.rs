//! The plan of a call: all that settings and request say, frozen when the call begins.

use std::borrow::Cow;

use http::{HeaderMap, Method, Uri};

use crate::auth::Cookie;
use crate::log::Logger;
use crate::settings::Settings;

/// What a call does. Nothing changes it while the call runs.
pub struct Plan<'a> {
    /// The method of the first hop.
    pub method: Method,
    /// The URI of the first hop.
    pub uri: Uri,
    /// The header fields, without the cookies.
    pub headers: HeaderMap,
    /// The cookies; the signed ones are signed for each attempt.
    pub cookies: &'a [Cookie],
    /// The body.
    pub body: Option<&'a [u8]>,
    /// Whether a 2xx without JSON is a failure.
    pub asks_for_json: bool,
    /// The settings of this call.
    pub settings: Cow<'a, Settings>,
    /// Where it tells of itself.
    pub logger: Cow<'a, Logger>,
}
