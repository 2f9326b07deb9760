//! One request, one answer: what the rest of the library asks of this module.

// The failure is no larger than the answer, and neither is copied on its way.
#![allow(clippy::result_large_err)]

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{HeaderValue, Method, Request, header};
use ureq::unversioned::transport::{NextTimeout, Transport as _};

use super::body_io::{BodyHandlers, BodySource, ProgressReporter, Sink};
use super::context::{self, ExchangeContext, Phase};
use super::error::{TransportError, TransportErrorKind, TransportResult, from_ureq};
use super::fork::PerProcess;
use super::framed_body::FramedBody;
use super::head::{FinalHead, Framing, HeadParser, ParseStatus};
use super::pool::Pool;
use super::pooled_connection::PooledConnection;
use super::read_body::ResponseReader;
use super::route::ConnectionSpec;
use super::send::{self, Outgoing};
use super::tls::{TlsContext, TlsSettings};
use super::{
    Body, ConnectionOptions, ExchangeError, ExchangeResult, ReceivedResponse, ResponseHead, Route,
    decode, dial, http_proxy, read_body,
};

/// TLS settings beyond this many are made anew when they come back: nobody alternates so many.
const MAX_TLS_CONTEXTS: usize = 32;

/// What the clients of one family share: their connections and what goes with them.
///
/// May be used from any number of threads at once, and after a `fork` in both processes.
#[derive(Debug, Default)]
pub struct Transport {
    pub(super) family: PerProcess<TransportState>,
}

#[derive(Default)]
pub(super) struct TransportState {
    pub(super) pool: Arc<Pool>,
    tls_contexts: Mutex<Vec<Arc<TlsContext>>>,
}

impl TransportState {
    /// The way of a request: what a connection must be like to carry it.
    pub(super) fn connection_spec(
        &self,
        route: &Route,
        tls: &TlsSettings,
        https: bool,
    ) -> ConnectionSpec {
        let proxy_tls = proxy_tls(route, tls).map(|tls| self.tls_context(&tls));
        ConnectionSpec {
            route: route.clone(),
            tls: https.then(|| self.tls_context(tls)),
            proxy_tls,
        }
    }

    /// The prepared form of these TLS settings, the same one for equal settings.
    fn tls_context(&self, wanted: &TlsSettings) -> Arc<TlsContext> {
        let mut setups = self.tls_contexts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(setup) = setups.iter().find(|setup| setup.settings() == wanted) {
            return Arc::clone(setup);
        }
        let setup = Arc::new(TlsContext::new(wanted.clone()));
        if setups.len() >= MAX_TLS_CONTEXTS {
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
    /// The URI must be absolute. The header fields go out as they are, behind a `Host`, which is that of
    /// the URI where none is given, and before the `Content-Length` of a body. With an `Expect`, which
    /// must be `100-continue`, a body waits for the server's word (RFC 9110 section 10.1.1).
    pub fn exchange(
        &self,
        wire: &ConnectionOptions<'_>,
        request: Request<()>,
        body: Body<'_>,
    ) -> ExchangeResult {
        self.exchange_with(wire, request, body, BodyHandlers::default())
    }

    /// The same with a body that is read while it is sent, a sink for the answer's body, and
    /// somebody who watches; each only where there is one.
    pub fn exchange_with<'a>(
        &self,
        wire: &ConnectionOptions<'_>,
        mut request: Request<()>,
        body: Body<'a>,
        extras: BodyHandlers<'a>,
    ) -> ExchangeResult {
        if !wire.keep_alive {
            request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let begun = Instant::now();
        let family = self.family.get(|left_behind| {
            if let Some(parent) = left_behind {
                parent.pool.abandon();
            }
            TransportState::default()
        });
        let https = request.uri().scheme() == Some(&http::uri::Scheme::HTTPS);
        let way = family.connection_spec(&extras.route, wire.tls, https);
        let mut call = ExchangeContext::new(way, begun, &wire.bounds);
        call.fresh_connection = wire.fresh_connection || !wire.keep_alive;
        (call.keep_alive, call.max_age) = (wire.keep_alive, wire.max_age);
        let entered = context::enter(call);
        let outcome = run(&family.pool, request, body, extras, wire.bounds.max_body_bytes);
        let mut record = context::take_record();
        drop(entered);
        record.total = begun.elapsed();
        ExchangeResult { outcome, record }
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

/// How a proxy is spoken to by TLS: as the server, but for the certificate, which is not for it.
fn proxy_tls(route: &Route, tls: &TlsSettings) -> Option<TlsSettings> {
    match route {
        Route::Proxy(proxy) if proxy.tls => Some(TlsSettings { client_cert: None, ..tls.clone() }),
        _ => None,
    }
}

/// These are expected to have a body, so that an empty one is announced (RFC 9110 section 8.6).
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

fn run(
    pool: &Arc<Pool>,
    request: Request<()>,
    body: Body<'_>,
    extras: BodyHandlers<'_>,
    most: u64,
) -> Result<ReceivedResponse, ExchangeError> {
    let moved = Cell::default();
    let gauge = ProgressReporter { meter: extras.progress, progress: &moved };
    let answer = send_request(pool, request, BodySource::new(body, extras.upload), gauge);
    let answer = answer.map_err(|failure| failure.with_partial_response(None, Vec::new()))?;
    read_response(answer, extras.sink, gauge, most)
}

/// An answer whose head has come.
struct StartedResponse<'a> {
    head: FinalHead,
    link: PooledConnection,
    /// What is still to be sent of the request.
    outgoing: Option<Outgoing<'a>>,
}

/// Sends the request, and waits for the head of its answer.
fn send_request<'a>(
    pool: &Arc<Pool>,
    request: Request<()>,
    body: Option<BodySource<'a>>,
    gauge: ProgressReporter<'a>,
) -> TransportResult<StartedResponse<'a>> {
    context::with_current(|call| call.check_start())?;
    let bodiless = *request.method() == Method::HEAD;
    let body = body.or_else(|| expects_body(request.method()).then_some(BodySource::Memory(&[])));
    let mut link = context::with_current(|call| dial::checkout(pool, call, request.uri()))?;
    let mut outgoing = send::begin(&mut link, &request, body, gauge)?;
    drop(request);
    let head = read_head(&mut link, &mut outgoing, bodiless)?;
    // Whoever says no, or has made up its mind, does not want the rest (RFC 9112 section 9.5).
    if outgoing.as_ref().is_some_and(|outgoing| head.status >= 400 || outgoing.awaits_continue()) {
        outgoing = None;
        link.forbid_reuse();
    }
    Ok(StartedResponse { head, link, outgoing })
}

/// Waits for the head that counts, and sends on meanwhile. `bodiless`: the request was a HEAD.
fn read_head(
    link: &mut PooledConnection,
    outgoing: &mut Option<Outgoing<'_>>,
    bodiless: bool,
) -> TransportResult<FinalHead> {
    let mut scan = HeadParser::default();
    loop {
        match scan.parse(link.buffers().input(), bodiless)? {
            ParseStatus::Partial => {
                send::resume(outgoing, link)?;
                if outgoing.is_none()
                    && !link.await_input(NextTimeout::default()).map_err(from_ureq)?
                {
                    return Err(scan.truncated_error(link.buffers().input()));
                }
            }
            ParseStatus::Interim(length, status) => {
                link.buffers().input_consume(length);
                if let (100, Some(outgoing)) = (status, outgoing.as_mut()) {
                    outgoing.continue_received();
                }
            }
            ParseStatus::Final(length, head) => {
                link.buffers().input_consume(length);
                return Ok(head);
            }
        }
    }
}

// Its one caller has answer and link at hand, which are large.
#[inline(always)]
fn read_response(
    answer: StartedResponse<'_>,
    sink: Option<&mut dyn Sink>,
    gauge: ProgressReporter<'_>,
    most: u64,
) -> Result<ReceivedResponse, ExchangeError> {
    let StartedResponse { head, mut link, outgoing } = answer;
    let FinalHead {
        version, status, reason, headers, framing, has_content_encoding: coded, ..
    } = head;
    let FinalHead {
        quota_spent, persistent, idle_timeout: idle, skipped_lines: passed_over, ..
    } = head;
    link.set_idle_timeout(idle);
    let mut head = ResponseHead { status, version, reason, headers, quota_spent };
    let mut forwarder = None;
    context::update_current(|call| {
        call.phase = Phase::Receiving;
        call.record.skipped_lines = passed_over;
        forwarder = call.connection_spec.forward_proxy().cloned();
    });
    if let (407, Some(proxy)) = (status, forwarder) {
        let failure =
            dial::with_proxy_name(http_proxy::authentication_required(&proxy, 407), &proxy);
        return Err(failure.with_partial_response(Some(head), Vec::new()));
    }
    if status == 101 {
        let detail = "the server switched protocols without being asked to";
        return Err(TransportError::new(TransportErrorKind::Protocol, detail)
            .with_partial_response(Some(head), Vec::new()));
    }
    let codings = match framing {
        Framing::None => Vec::new(),
        _ if coded => match decode::codings(&head.headers) {
            Ok(codings) => codings,
            Err(failure) => return Err(failure.with_partial_response(Some(head), Vec::new())),
        },
        _ => Vec::new(),
    };
    let announced = match framing {
        Framing::Length(length) if codings.is_empty() => Some(length),
        _ => None,
    };
    if !codings.is_empty() {
        // They say nothing of what is handed over (RFC 9110 section 8.4).
        head.headers = head.headers.without(&[header::CONTENT_ENCODING, header::CONTENT_LENGTH]);
    }
    let body = FramedBody::new(link, outgoing, framing, persistent);
    let mut bytes = Vec::new();
    let outcome = accepting_sink(sink, &head, codings.is_empty()).and_then(|sink| {
        let already = sink.as_ref().map_or(0, |sink| sink.received_before());
        gauge.count(|moved| {
            moved.received = already;
            moved.to_receive = announced.map_or(0, |length| length.saturating_add(already));
        });
        gauge.report()?;
        match framing {
            Framing::None => body.map(drop),
            _ => read_response_body(body?, &codings, announced, sink, &mut bytes, gauge, most),
        }
    });
    bytes.reserve_exact(1);
    match outcome {
        Ok(()) => Ok(ReceivedResponse { head, body: bytes }),
        Err(failure) => Err(failure.with_partial_response(Some(head), bytes)),
    }
}

/// The sink, if it takes the body of this answer.
fn accepting_sink<'a>(
    sink: Option<&'a mut dyn Sink>,
    head: &ResponseHead,
    plain: bool,
) -> Result<Option<&'a mut dyn Sink>, TransportError> {
    let Some(sink) = sink else { return Ok(None) };
    let takes = sink.begin(head, plain)?;
    Ok(takes.then_some(sink))
}

/// Takes the body in, into the sink or else into memory.
fn read_response_body(
    body: FramedBody<'_>,
    codings: &[decode::Coding],
    announced: Option<u64>,
    sink: Option<&mut dyn Sink>,
    bytes: &mut Vec<u8>,
    gauge: ProgressReporter<'_>,
    most: u64,
) -> TransportResult<()> {
    let limit = sink.as_ref().map_or(Some(most), |sink| sink.limit());
    let mut incoming = ResponseReader::new(body, codings, limit);
    let (arrived, outcome) = match sink {
        Some(sink) => read_body::read_to_sink(&mut incoming, announced, sink, gauge),
        None => {
            let outcome = read_body::read(&mut incoming, announced, most, bytes, gauge);
            (bytes.len() as u64, outcome)
        }
    };
    outcome.map_err(|failure| cut_short(failure, announced, arrived))
}

fn cut_short(mut failure: TransportError, announced: Option<u64>, arrived: u64) -> TransportError {
    if let (TransportErrorKind::Closed, Some(announced)) = (failure.kind, announced) {
        failure.detail =
            format!("the server closed the connection after {arrived} of {announced} body bytes");
    }
    failure
}
