//! The response: what came of a call, whatever happened.

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
use super::json::{Kinds, Values};
use super::json_state::JsonState;
use super::link::Links;

/// What there is to tell of a call besides its answer. Put into words only if somebody asks.
pub trait CallReport: std::fmt::Debug + Send + Sync {
    /// What each attempt did, as JSON text: an array with an object for each.
    fn to_json(&self) -> String;

    /// Where the answer came from, redirects followed.
    fn url(&self) -> String;
}

/// What was repaired in a body.
#[derive(Debug, Clone, Copy)]
pub struct Repair {
    /// The kinds of repair.
    pub kinds: Kinds,
    /// Where the first one was made, in bytes of the body.
    pub offset: usize,
}

/// What came of a call. Immutable, but for what it works out once on the first look.
///
/// It is handed from one to the next on its way out, so it is kept small: what most callers never
/// look at has its place elsewhere.
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

/// What is worked out on the first look.
#[derive(Debug, Default)]
struct LazyParts {
    journal: OnceLock<CString>,
    links: OnceLock<Links>,
    values: Values,
}

/// The answer behind a response.
pub(super) struct HttpParts {
    pub(super) status: u16,
    pub(super) reason: Cow<'static, str>,
    pub(super) headers: Headers,
    pub(super) body: Body,
}

impl HttpParts {
    /// None.
    pub(super) fn empty() -> Self {
        let reason = Cow::Borrowed("");
        Self { status: 0, reason, headers: Headers::default(), body: Body::empty() }
    }
}

impl Response {
    /// Notes how many requests were put on the wire, and the time that the whole call took, the work
    /// on its answer included.
    pub fn set_attempts_and_elapsed(&mut self, attempts: u32, elapsed: Duration) {
        self.attempts = attempts;
        self.elapsed = elapsed;
    }

    /// Keeps what there is to tell of the call.
    pub fn set_report(&mut self, account: Box<dyn CallReport>) {
        self.report = Some(account);
    }

    /// What went wrong, or that nothing did.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The HTTP status; 0 where no response arrived.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The JSON text.
    #[must_use]
    pub fn json_text(&self) -> &str {
        self.json.text(&self.body)
    }

    /// The JSON text with a NUL behind it, for C.
    #[must_use]
    pub fn json_with_nul(&self) -> &str {
        self.json.text_with_nul(&self.body)
    }

    /// The body's bytes with a NUL behind them, for C.
    #[must_use]
    pub fn body_with_nul(&self) -> &[u8] {
        self.body.bytes_with_nul()
    }

    /// The body's bytes, content coding undone.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.bytes()
    }

    /// What went wrong, in a line; there exactly where the code is not [`Code::Ok`].
    #[must_use]
    pub fn error(&self) -> Option<&CStr> {
        self.error.as_deref()
    }

    /// How the JSON relates to the body.
    #[must_use]
    pub fn json_state(&self) -> JsonState {
        self.json_state
    }

    /// What was repaired, where something was.
    #[must_use]
    pub fn repair(&self) -> Option<Repair> {
        self.repair
    }

    /// Requests put on the wire, redirect hops not counted.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The whole call in microseconds, waits included.
    #[must_use]
    pub fn elapsed_us(&self) -> u64 {
        u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX)
    }

    /// What each attempt did, as JSON text.
    #[must_use]
    pub fn journal(&self) -> &CStr {
        self.worked_out().journal.get_or_init(|| {
            let json =
                self.report.as_ref().map_or_else(|| "[]".to_owned(), |account| account.to_json());
            CString::new(json).unwrap_or_default()
        })
    }

    /// The reason phrase and the header fields.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The target of the `Link` with a relation, as a full URL.
    #[must_use]
    pub fn link(&self, relation: &str) -> Option<&CStr> {
        let links = self.worked_out().links.get_or_init(|| {
            let base = self.report.as_ref().and_then(|account| Url::parse(&account.url()).ok());
            Links::parse(self.fields.get_all(header::LINK), base)
        });
        links.target(relation)
    }

    /// The values in the JSON, for those who read them by pointer.
    #[must_use]
    pub fn values(&self) -> &Values {
        &self.worked_out().values
    }

    fn worked_out(&self) -> &LazyParts {
        self.lazy.get_or_init(Box::default)
    }

    /// A response of these parts, with nothing else known of the call.
    pub(super) fn from_parts(
        code: Code,
        json: Json,
        error: Option<CString>,
        origin: HttpParts,
    ) -> Self {
        Self {
            code,
            status: origin.status,
            json,
            body: origin.body,
            error,
            json_state: JsonState::None,
            repair: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            report: None,
            fields: Fields::new(origin.reason, origin.headers),
            lazy: OnceLock::new(),
        }
    }
}
