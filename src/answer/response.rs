//! The response: the outcome of a call, also of a failed one.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::sync::OnceLock;
use std::time::Duration;

use http::header;
use url::Url;

use crate::code::Code;
use crate::headers::Headers;

use super::content::{Body, Json};
use super::fields::Fields;
use super::json::{RepairKinds, ValueCache};
use super::json_state::JsonState;
use super::link::Links;

/// The report of a call: its journal and its final URL. Formatted only if the caller reads it.
pub trait CallReport: std::fmt::Debug + Send + Sync {
    /// The journal as JSON text: an array with an object for each attempt.
    fn to_json(&self) -> String;

    /// The URL that sent the response, after redirects.
    fn url(&self) -> String;

    /// The TLS session on which the response arrived, as a JSON object; `None` for http.
    fn tls(&self) -> Option<&CStr>;
}

/// The repairs of a body.
#[derive(Debug, Clone, Copy)]
pub struct Repair {
    /// The kinds of repair.
    pub kinds: RepairKinds,
    /// Offset of the first repair in the body, in bytes.
    pub offset: usize,
}

/// The outcome of a call. Immutable, except for parts that are computed at the first access.
///
/// Functions pass it on by value, so it is small: parts that most callers never read are on the
/// heap.
#[derive(Debug)]
pub struct Response {
    pub(super) code: Code,
    pub(super) status: u16,
    pub(super) json: Json,
    pub(super) body: Body,
    pub(super) error: Option<CString>,
    pub(super) json_state: JsonState,
    pub(super) repair: Option<Repair>,
    pub(super) attempts: u32,
    pub(super) elapsed: Duration,
    pub(super) report: Option<Box<dyn CallReport>>,
    pub(super) fields: Fields,
    lazy: OnceLock<Box<LazyParts>>,
}

/// Parts that are computed at the first access.
#[derive(Debug, Default)]
struct LazyParts {
    journal: OnceLock<CString>,
    links: OnceLock<Links>,
    values: ValueCache,
}

/// The parts of the HTTP response.
pub(super) struct HttpParts {
    pub(super) status: u16,
    pub(super) reason: Cow<'static, str>,
    pub(super) headers: Headers,
    pub(super) body: Body,
}

impl HttpParts {
    /// The parts if no HTTP response arrived.
    pub(super) fn empty() -> Self {
        let reason = Cow::Borrowed("");
        Self { status: 0, reason, headers: Headers::default(), body: Body::empty() }
    }
}

impl Response {
    /// Sets the number of requests sent, and the duration of the whole call, including the work on
    /// the response.
    pub fn set_attempts_and_elapsed(&mut self, attempts: u32, elapsed: Duration) {
        self.attempts = attempts;
        self.elapsed = elapsed;
    }

    /// Sets the report of the call.
    pub fn set_report(&mut self, report: Box<dyn CallReport>) {
        self.report = Some(report);
    }

    /// The result of the call.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The HTTP status; 0 if no response arrived.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The JSON text.
    #[must_use]
    pub fn json_text(&self) -> &str {
        self.json.text(&self.body)
    }

    /// The JSON text followed by a NUL, for C.
    #[must_use]
    pub fn json_with_nul(&self) -> &str {
        self.json.text_with_nul(&self.body)
    }

    /// The bytes of the body followed by a NUL, for C.
    #[must_use]
    pub fn body_with_nul(&self) -> &[u8] {
        self.body.bytes_with_nul()
    }

    /// The bytes of the decoded body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.bytes()
    }

    /// The error message in one line; `None` if the code is [`Code::Ok`].
    #[must_use]
    pub fn error(&self) -> Option<&CStr> {
        self.error.as_deref()
    }

    /// How the JSON relates to the body.
    #[must_use]
    pub fn json_state(&self) -> JsonState {
        self.json_state
    }

    /// The repairs, if the JSON was repaired.
    #[must_use]
    pub fn repair(&self) -> Option<Repair> {
        self.repair
    }

    /// The number of requests sent, without those that followed a redirect.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Duration of the whole call in microseconds, including waits.
    #[must_use]
    pub fn elapsed_us(&self) -> u64 {
        u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX)
    }

    /// The journal as JSON text: what each attempt did.
    #[must_use]
    pub fn journal(&self) -> &CStr {
        self.lazy().journal.get_or_init(|| {
            let json =
                self.report.as_ref().map_or_else(|| "[]".to_owned(), |report| report.to_json());
            CString::new(json).unwrap_or_default()
        })
    }

    /// The TLS session on which the response arrived, as a JSON object; `None` for http.
    #[must_use]
    pub fn tls(&self) -> Option<&CStr> {
        self.report.as_ref()?.tls()
    }

    /// The reason phrase and the header fields.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The target of the link with a relation, as a full URL.
    #[must_use]
    pub fn link(&self, relation: &str) -> Option<&CStr> {
        let links = self.lazy().links.get_or_init(|| {
            let base = self.report.as_ref().and_then(|report| Url::parse(&report.url()).ok());
            Links::parse(self.fields.get_all(header::LINK), base)
        });
        links.target(relation)
    }

    /// The values in the JSON, for reading by JSON pointers and nodes.
    #[must_use]
    pub fn values(&self) -> &ValueCache {
        &self.lazy().values
    }

    /// The same, if this object already exists.
    #[must_use]
    #[inline]
    pub fn existing_values(&self) -> Option<&ValueCache> {
        Some(&self.lazy.get()?.values)
    }

    fn lazy(&self) -> &LazyParts {
        self.lazy.get_or_init(Box::default)
    }

    /// A response of these parts, without attempts, duration and report.
    pub(super) fn from_parts(
        code: Code,
        json: Json,
        error: Option<CString>,
        http: HttpParts,
    ) -> Self {
        Self {
            code,
            status: http.status,
            json,
            body: http.body,
            error,
            json_state: JsonState::None,
            repair: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            report: None,
            fields: Fields::new(http.reason, http.headers),
            lazy: OnceLock::new(),
        }
    }
}
