//! The plan of a call: the settings and the request, fixed when the call begins.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{HeaderMap, Method, Uri};

use crate::auth::digest::Credentials;
use crate::auth::jar::Jar;
use crate::auth::{AwsSigV4, Cookie};
use crate::code::Code;
use crate::log::CallLogger;
use crate::request::{Body, Output, ProgressCallback, RewindCallback};
use crate::settings::Settings;
use crate::trace::Tracer;
use crate::wait::Cancel;

use super::outgoing::AttemptCallback;
use super::token::Tokens;

/// The plan of a call. Nothing changes it while the call runs.
pub struct Plan<'a> {
    /// The method of the first request.
    pub method: &'a Method,
    /// The URI of the first request.
    pub uri: &'a Uri,
    /// The network interface for the host of that URI, if the URI names one.
    pub zone: Option<&'a Arc<str>>,
    /// The header fields, without the cookies.
    pub headers: Cow<'a, Box<HeaderMap>>,
    /// The cookies. A signed cookie is signed for each attempt.
    pub cookies: &'a [Cookie],
    /// The cookies that servers set, if the client keeps them.
    pub jar: Option<&'a ArcSwap<Jar>>,
    /// Whether the request sets its own cookies.
    pub has_own_cookies: bool,
    /// The credentials for servers that ask for Digest authentication.
    pub digest: Option<&'a Credentials>,
    /// The source of the bearer token, if the request has no `Authorization` of its own.
    pub tokens: Option<&'a dyn Tokens>,
    /// Whether a second processing of the request does no harm, whatever its method.
    pub is_idempotent: bool,
    /// The body.
    pub body: &'a Body,
    /// The callback that makes a body callback begin again.
    pub rewind: Option<&'a RewindCallback>,
    /// The destination of the response body.
    pub output: &'a Output,
    /// The callback that receives the progress of the bodies.
    pub progress: Option<&'a ProgressCallback>,
    /// What receives the events of the call.
    pub tracer: Option<&'a Tracer>,
    /// Whether a 2xx without JSON is an error.
    pub asks_for_json: bool,
    /// The settings of this call.
    pub settings: Cow<'a, Box<Settings>>,
    /// The logger of this call.
    pub logger: CallLogger<'a>,
    /// The caller's cancel.
    pub cancel: Option<&'a Cancel>,
    /// The callback before each wait for a retry.
    pub on_retry: Option<&'a RetryCallback>,
    /// The callback before each request.
    pub on_attempt: Option<&'a AttemptCallback>,
    /// Signs each request.
    pub signer: Option<&'a AwsSigV4>,
}

/// Called before each wait for a retry. Returns whether the retry may happen.
pub type RetryCallback = Arc<dyn Fn(&RetryNotice) -> bool + Send + Sync>;

/// The arguments of the retry callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryNotice {
    /// The number of the last attempt, from 1, as in the journal.
    pub attempt: u32,
    /// The code of its result.
    pub code: Code,
    /// Its status; 0 if no response arrived.
    pub status: u16,
    /// How long the wait will be.
    pub wait: Duration,
}
