//! The plan of a call: all that settings and request say, frozen when the call begins.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{HeaderMap, Method, Uri};

use crate::auth::Cookie;
use crate::auth::jar::Jar;
use crate::code::Code;
use crate::log::CallLogger;
use crate::request::{Body, Output, ProgressCallback};
use crate::settings::Settings;
use crate::wait::Cancel;

/// What a call does. Nothing changes it while the call runs.
pub struct Plan<'a> {
    /// The method of the first hop.
    pub method: &'a Method,
    /// The URI of the first hop.
    pub uri: &'a Uri,
    /// The interface through which the host of that URI is reached, if it is named.
    pub zone: Option<&'a Arc<str>>,
    /// The header fields, without the cookies.
    pub headers: Cow<'a, Box<HeaderMap>>,
    /// The cookies; the signed ones are signed for each attempt.
    pub cookies: &'a [Cookie],
    /// The cookies that servers set, where they are kept.
    pub jar: Option<&'a ArcSwap<Jar>>,
    /// Whether the request says itself which cookies go along.
    pub has_own_cookies: bool,
    /// The body.
    pub body: &'a Body,
    /// Where the body of the answer goes.
    pub output: &'a Output,
    /// Who is told how far the bodies have come.
    pub progress: Option<&'a ProgressCallback>,
    /// Whether a 2xx without JSON is a failure.
    pub asks_for_json: bool,
    /// The settings of this call.
    pub settings: Cow<'a, Box<Settings>>,
    /// Where it tells of itself.
    pub logger: CallLogger<'a>,
    /// The caller's way out.
    pub cancel: Option<&'a Cancel>,
    /// Who is told before each wait for a retry.
    pub on_retry: Option<&'a RetryCallback>,
}

/// Told before each wait for a retry; says whether it may happen.
pub type RetryCallback = Arc<dyn Fn(&RetryNotice) -> bool + Send + Sync>;

/// What is told before the wait for a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryNotice {
    /// The number of the attempt that has ended, from 1, as the journal counts them.
    pub attempt: u32,
    /// What came of it.
    pub code: Code,
    /// Its status; 0 where no answer came.
    pub status: u16,
    /// How long the wait is going to be.
    pub wait: Duration,
}
