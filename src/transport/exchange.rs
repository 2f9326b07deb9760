//! One request, one answer: what the rest of the library asks of this module.

// The failure is no larger than the answer, and neither is copied on its way.
#![allow(clippy::result_large_err)]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{Method, Request, Response, StatusCode, header};
use ureq::Agent;

use super::call::{self, Call, Phase};
use super::connector::{Dial, NoLookUp};
use super::fault::{Failure, FaultKind, classify};
use super::fork::PerProcess;
use super::pool::Pool;
use super::tls::{Setup, TlsSetup};
use super::{Body, Exchange, Fault, Head, Received, Wire, body};

/// Response heads above this are refused.
const MAX_HEAD: usize = 256 * 1024;
/// TLS settings beyond this many are made anew when they come back: nobody alternates so many.
const MAX_SETUPS: usize = 32;

/// What the clients of one family share: their connections and what goes with them.
///
/// May be used from any number of threads at once, and after a `fork` in both processes.
#[derive(Debug, Default)]
pub struct Transport {
    family: PerProcess<Family>,
}

struct Family {
    agent: Agent,
    pool: Arc<Pool>,
    setups: Mutex<Vec<Arc<Setup>>>,
}

impl Family {
    fn new() -> Self {
        let pool = Arc::new(Pool::default());
        let dial = Dial { pool: Arc::clone(&pool) };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .allow_non_standard_methods(true)
            .max_response_header_size(MAX_HEAD)
            .max_idle_connections(0)
            .build();
        let agent = Agent::with_parts(config, dial, NoLookUp);
        Self { agent, pool, setups: Mutex::new(Vec::new()) }
    }

    /// The prepared form of these TLS settings, the same one for equal settings.
    fn setup(&self, wanted: &TlsSetup) -> Arc<Setup> {
        let mut setups = self.setups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(setup) = setups.iter().find(|setup| setup.settings() == wanted) {
            return Arc::clone(setup);
        }
        let setup = Arc::new(Setup::new(wanted.clone()));
        if setups.len() >= MAX_SETUPS {
            setups.remove(0);
        }
        setups.push(Arc::clone(&setup));
        setup
    }
}

impl Transport {
    /// A family without a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a request and waits for the whole of its answer. Redirects are answers like any
    /// other; nothing is sent twice.
    ///
    /// The URI must be absolute, without userinfo. The header fields go out as they are, with
    /// `Host` and `Content-Length` added where missing; only an `Expect` is left out, because
    /// bodies are sent at once (RFC 9110 section 10.1.1).
    pub fn exchange(&self, wire: &Wire<'_>, mut request: Request<()>, body: Body<'_>) -> Exchange {
        request.headers_mut().remove(header::EXPECT);
        let begun = Instant::now();
        let family = self.family.get(|left_behind| {
            if let Some(parent) = left_behind {
                parent.pool.abandon();
            }
            Family::new()
        });
        let mut call = Call::new(begun, &wire.bounds);
        call.fresh_connection = wire.fresh_connection;
        if request.uri().scheme() == Some(&http::uri::Scheme::HTTPS) {
            call.tls = Some(family.setup(wire.tls));
        }
        announce(&mut call, &request, body);
        let entered = call::enter(call);
        let outcome = run(&family.agent, request, body, wire.bounds.max_body_bytes);
        let mut record = call::take().map(|call| call.record).unwrap_or_default();
        drop(entered);
        record.total = begun.elapsed();
        Exchange { outcome, record }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // What a parent process left is not for this one to take apart.
        if let Some((family, false)) = self.family.peek() {
            family.pool.abandon();
            std::mem::forget(family);
        }
    }
}

/// Tells the buffers how much is going to be written.
fn announce(call: &mut Call, request: &Request<()>, body: Body<'_>) {
    /// More than all punctuation of the request line and the fields that ureq may add.
    const SLACK: usize = 128;
    const PER_FIELD: usize = 4;
    let uri = request.uri();
    let target = uri.path_and_query().map_or(1, |target| target.as_str().len());
    let host = uri.authority().map_or(0, |authority| authority.as_str().len());
    let fields = request.headers().iter().fold(0_usize, |sum, (name, value)| {
        let field = name.as_str().len().saturating_add(value.len()).saturating_add(PER_FIELD);
        sum.saturating_add(field)
    });
    let head = target.saturating_add(host).saturating_add(fields).saturating_add(SLACK);
    let body = match body {
        Body::None => 0,
        Body::Bytes(bytes) => bytes.len(),
    };
    call.head_size = head;
    call.output_size = head.saturating_add(body);
    call.body_follows = body > 0;
}

/// These are expected to have a body, so that an empty one is announced (RFC 9110 section 8.6).
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// Answers that have no body, whatever their fields say (RFC 9110 section 6.4.1).
fn bodiless(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn run(agent: &Agent, request: Request<()>, body: Body<'_>, most: u64) -> Result<Received, Fault> {
    call::with(|call| call.may_begin()).map_err(|failure| failure.with(None, Vec::new()))?;
    let method = request.method().clone();
    let answer = match body {
        Body::Bytes(bytes) => agent.run(request.map(|()| bytes)),
        Body::None if expects_body(&method) => agent.run(request.map(|()| [].as_slice())),
        Body::None => agent.run(request),
    };
    let response = answer.map_err(|error| explain(error).with(None, Vec::new()))?;
    receive(&method, response, most)
}

fn receive(method: &Method, response: Response<ureq::Body>, most: u64) -> Result<Received, Fault> {
    let (parts, body) = response.into_parts();
    let mut head = Head {
        status: parts.status.as_u16(),
        version: parts.version,
        reason: None,
        headers: parts.headers,
    };
    call::note(|call| {
        call.phase = Phase::Receiving;
        head.reason = call.reason.take();
    });
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        let detail = "the server switched protocols without being asked to";
        return Err(Failure::new(FaultKind::Protocol, detail).with(Some(head), Vec::new()));
    }
    let mut bytes = Vec::new();
    if bodiless(method, parts.status) {
        bytes.reserve_exact(1);
        return Ok(Received { head, body: bytes });
    }
    let announced = body.content_length();
    match body::read(body, most, &mut bytes) {
        Ok(()) => Ok(Received { head, body: bytes }),
        Err(body::Stop::Failed(error)) if empty_after_all(&error, &head) => {
            Ok(Received { head, body: bytes })
        }
        Err(body::Stop::Failed(error)) => {
            let failure = cut_short(error, announced, bytes.len());
            Err(failure.with(Some(head), bytes))
        }
        Err(body::Stop::TooLarge(failure)) => Err(failure.with(Some(head), bytes)),
    }
}

/// Servers announce a content coding for bodies that they then leave empty; what holds no byte
/// at all is empty rather than cut short.
fn empty_after_all(error: &ureq::Error, head: &Head) -> bool {
    let ureq::Error::Decompress(_, error) = error else { return false };
    let mut first = None;
    call::note(|call| first = call.body_began_with);
    let chunked = head.headers.contains_key(header::TRANSFER_ENCODING);
    let nothing = first.is_none() || (chunked && first == Some(b'0'));
    nothing && error.kind() == std::io::ErrorKind::UnexpectedEof
}

fn cut_short(error: ureq::Error, announced: Option<u64>, arrived: usize) -> Failure {
    let mut failure = explain(error);
    if let (FaultKind::Closed, Some(announced)) = (failure.kind, announced) {
        failure.detail =
            format!("the server closed the connection after {arrived} of {announced} body bytes");
    }
    failure
}

fn explain(error: ureq::Error) -> Failure {
    let mut error = Some(error);
    let mut failure = Failure::new(FaultKind::Internal, "an error outside of a call");
    call::note(|call| {
        if let Some(error) = error.take() {
            failure = classify(error, call, MAX_HEAD);
        }
    });
    failure
}
