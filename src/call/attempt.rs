//! One attempt: a request, the redirects that it leads to, and the answer at the end of them.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, HeaderName, Method, Uri, header};
use url::Url;

use crate::auth::{Cookie, cookie_header};
use crate::code::{Code, Error};
use crate::headers::has_option;
use crate::log::{Level, display_url};
use crate::request::Progress;
use crate::transport::{
    Body, BodyHandlers, ConnectionOptions, ExchangeError, ExchangeLimits, ExchangeRecord,
    ExchangeResult, ReceivedResponse, ResponseHead, Route, Sink, TlsSettings, TransportErrorKind,
    Upload,
};
use crate::wait::Deadline;

use super::bodies::{self, Bodies, RequestBody};
use super::cookies;
use super::decision::{self, AttemptResult, idempotent, should_retry};
use super::family::Family;
use super::journal::{Entry, Timings};
use super::plan::Plan;
use super::reason;
use super::redirect::{self, Redirect, RedirectError};
use super::server_delay::{self, server_delay};

/// What came of an attempt.
pub struct Attempt {
    /// The answer, or what prevented one.
    pub outcome: Result<ReceivedResponse, Box<AttemptError>>,
    /// Where the last hop went, if the request was redirected.
    pub uri: Option<Box<Uri>>,
    /// Whether any hop put a request on the wire.
    pub request_sent: bool,
    /// Whether another origin was given the request without its idempotency key, which it needs.
    pub sent_without_key: bool,
    /// What the transport tells of the last hop.
    record: ExchangeRecord,
    /// How long all hops took together.
    total: Duration,
}

/// A failed attempt, with what had arrived.
#[derive(Debug)]
pub struct AttemptError {
    /// What went wrong.
    pub error: Error,
    /// The response's head, where it had arrived.
    pub head: Option<ResponseHead>,
    /// What had arrived of the body.
    pub body: Vec<u8>,
    /// Whether a TLS failure is one of certificates.
    pub(super) certificate: bool,
}

/// One hop: what is sent where.
struct HopTarget<'a> {
    method: Method,
    uri: Cow<'a, Uri>,
    /// It goes with the header fields that say something of the body, and with the body.
    with_body: bool,
    /// A hop up to this one led to another origin: only what is harmless goes along.
    cross_origin: bool,
}

/// Sends the request and follows redirects, all before the deadline. `begun`: now. `fresh`: not on
/// a connection that has carried another request.
pub(super) fn attempt<'a>(
    plan: &'a Plan<'a>,
    family: &'a Family,
    begun: Instant,
    deadline: Deadline,
    fresh: bool,
    carriage: &mut Bodies<'a>,
) -> Attempt {
    let deadline = family.clock.socket_deadline(deadline, begun);
    let mut hops = RedirectChain {
        plan,
        family,
        deadline,
        fresh,
        carriage,
        without_expect: false,
        on_the_wire: false,
        lost_its_key: false,
        record: ExchangeRecord::default(),
    };
    let (outcome, uri) = hops.follow_redirects();
    let RedirectChain { on_the_wire, lost_its_key, record, .. } = hops;
    let total = family.clock.now().saturating_duration_since(begun);
    Attempt {
        outcome,
        uri,
        request_sent: on_the_wire,
        sent_without_key: lost_its_key,
        record,
        total,
    }
}

/// What stays the same from hop to hop, and what is to be told of them.
struct RedirectChain<'c, 'a> {
    plan: &'a Plan<'a>,
    family: &'a Family,
    deadline: Deadline,
    fresh: bool,
    carriage: &'c mut Bodies<'a>,
    /// The server does not know what to do with an `Expect`.
    without_expect: bool,
    on_the_wire: bool,
    lost_its_key: bool,
    /// Of the last one.
    record: ExchangeRecord,
}

impl<'a> RedirectChain<'_, 'a> {
    /// The answer at the end of all redirects, and where they led.
    fn follow_redirects(
        &mut self,
    ) -> (Result<ReceivedResponse, Box<AttemptError>>, Option<Box<Uri>>) {
        let plan = self.plan;
        let uri = Cow::Borrowed(plan.uri);
        let method = plan.method.clone();
        let mut target = HopTarget { method, uri, with_body: true, cross_origin: false };
        let mut hops = 0;
        let mut outcome = self.send_once(&target, hops);
        loop {
            match &outcome {
                Err(_) if self.carriage.asks_anew() => {}
                Err(_) => break,
                Ok(received) if self.carriage.must_restart(&received.head) => {}
                Ok(received) if self.expectation_failed(&received.head) => {
                    self.without_expect = true
                }
                Ok(received) => match next_target(plan, &target, &received.head, hops) {
                    Ok(Some(next)) => target = next,
                    Ok(None) => break,
                    Err(error) => {
                        outcome = outcome.and_then(|all| Err(AttemptError::redirected(error, all)));
                        break;
                    }
                },
            }
            hops = hops.saturating_add(1);
            outcome = self.send_once(&target, hops);
        }
        let uri = match target.uri {
            Cow::Borrowed(_) => None,
            Cow::Owned(uri) => Some(Box::new(uri)),
        };
        (outcome, uri)
    }

    /// # Errors
    /// Also what keeps the exchange from beginning, such as a file that cannot be read.
    fn send_once(
        &mut self,
        target: &HopTarget<'_>,
        hops: u32,
    ) -> Result<ReceivedResponse, Box<AttemptError>> {
        let mut request = http::Request::new(());
        self.set_head(target, &mut request)?;
        let mut sending = self.request_body(target)?;
        let settings = &self.plan.settings;
        let route = route(self.plan, &target.uri)?;
        let tls = target.tls_settings(&settings.tls);
        let wire = ConnectionOptions {
            tls: &tls,
            bounds: ExchangeLimits {
                deadline: self.deadline,
                connect_timeout: settings.connect_timeout,
                read_timeout: settings.read_timeout,
                cancel: self.plan.cancel,
                max_body_bytes: settings.max_body_bytes,
            },
            fresh_connection: self.fresh,
            keep_alive: settings.keep_alive,
            max_age: settings.connection_max_age,
        };
        let plan = self.plan;
        let body = plan.body.bytes().filter(|_| target.with_body).map_or(Body::None, Body::Bytes);
        let wanted = |head: &ResponseHead| {
            let stays = matches!(next_target(plan, target, head, hops), Ok(None));
            stays && bodies::is_content(&target.method, head.status)
        };
        let mut receiving = self.carriage.response_body(settings.max_streamed_bytes, wanted);
        let meter = plan.progress.map(|progress| &**progress as &dyn Fn(Progress) -> bool);
        let extras = BodyHandlers {
            upload: sending.as_mut().map(|sending| sending as &mut dyn Upload),
            sink: receiving.as_mut().map(|receiving| receiving as &mut dyn Sink),
            progress: meter,
            route,
        };
        let exchange = self.family.transport.exchange_with(&wire, request, body, extras);
        drop(receiving);
        cookies::store(plan, &target.uri, &exchange, &*self.family.clock);
        if exchange.outcome.is_ok() {
            self.carriage.response_complete();
        }
        self.record_exchange(target, &exchange);
        let ExchangeResult { outcome, record } = exchange;
        self.on_the_wire |= record.request_bytes > 0;
        self.lost_its_key |= target.cross_origin && !idempotent(&target.method, || false);
        self.record = record;
        outcome.map_err(Box::from)
    }

    /// Whether an answer only refuses to be asked before the body is sent (RFC 9110 section 15.5.18):
    /// then the request is sent without asking.
    fn expectation_failed(&self, head: &ResponseHead) -> bool {
        let plan = self.plan;
        let asked = plan.body.content_type().is_some() && plan.headers.contains_key(header::EXPECT);
        head.status == 417 && asked && !self.without_expect
    }

    /// Gives the request of a hop all but its body. The header fields are the one copy that is made
    /// of them, for sending takes them.
    fn set_head(
        &mut self,
        target: &HopTarget<'_>,
        request: &mut http::Request<()>,
    ) -> Result<(), Error> {
        *request.method_mut() = target.method.clone();
        *request.uri_mut() = target.uri.as_ref().clone();
        let (plan, clock) = (self.plan, &*self.family.clock);
        let headers = request.headers_mut();
        *headers = target.forwarded_headers(&plan.headers);
        if self.without_expect {
            headers.remove(header::EXPECT);
        }
        if !target.cross_origin && !plan.cookies.is_empty() {
            let own = headers.get(header::COOKIE);
            if let Some(line) = cookie_header(own, plan.cookies, clock.system_time())? {
                if plan.cookies.iter().any(Cookie::is_signed) {
                    plan.logger.add_signed_cookies(
                        std::str::from_utf8(line.as_bytes()).unwrap_or_default(),
                    );
                }
                headers.insert(header::COOKIE, line);
            }
        }
        cookies::add(plan, &target.uri, headers, clock);
        self.carriage.ask_for_rest(plan, headers);
        Ok(())
    }

    /// The body of a hop, where it has one that is read while it is sent.
    fn request_body(&mut self, target: &HopTarget<'_>) -> Result<Option<RequestBody<'a>>, Error> {
        if target.with_body { self.carriage.open_body(self.plan) } else { Ok(None) }
    }

    /// Counts the hop, and tells the log of it.
    fn record_exchange(&self, target: &HopTarget<'_>, exchange: &ExchangeResult) {
        let (stats, record) = (&self.family.stats, &exchange.record);
        stats.count_bytes(record.request_bytes, record.response_bytes);
        if record.opened_connection {
            stats.connection_opened();
        }
        if record.reused_connection {
            stats.connection_reused();
        }
        let url = || display_url(&target.uri.to_string());
        let warn = |what: &str| {
            self.plan.logger.emit(Level::Warn, || format!("{} {}: {what}", target.method, url()));
        };
        if record.skipped_lines > 0 {
            let lines = record.skipped_lines;
            warn(&format!("passed over {lines} header lines that are no fields"));
        }
        if record.had_trailing_bytes {
            warn("bytes behind the end of the compressed body are ignored");
        }
        self.plan.logger.emit(Level::Debug, || {
            let came = match &exchange.outcome {
                Ok(received) => format!("{}, {} bytes", received.head.status, received.body.len()),
                Err(fault) => fault.detail.clone(),
            };
            let connection = if record.reused_connection { "a kept" } else { "a new" };
            let us = record.total.as_micros();
            let url = url();
            format!("{} {url}: {came}, on {connection} connection, in {us} us", target.method)
        });
    }
}

/// Whether an answer on a kept connection is none to the request: the server had waited long enough
/// for one, and its end of the connection crossed with it (RFC 9110 section 15.5.9).
fn is_idle_timeout(head: &ResponseHead) -> bool {
    let says_close = |options: &http::HeaderValue| has_option(options.as_bytes(), b"close");
    head.status == 408 && head.headers.get_all(header::CONNECTION).iter().any(says_close)
}

/// The way to a target. A socket that was set is for all of them.
fn route(plan: &Plan<'_>, uri: &Uri) -> Result<Route, Error> {
    let settings = &plan.settings;
    if let Some(path) = &settings.unix_socket {
        return Ok(Route::Unix(path.clone()));
    }
    let https = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
    let direct = match plan.zone {
        Some(zone) if uri.host() == plan.uri.host() => Route::Interface(Arc::clone(zone)),
        _ => Route::Direct,
    };
    if !settings.proxy.may_apply(https) {
        return Ok(direct);
    }
    let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
    let proxy = settings.proxy.proxy_for(https, uri.host().unwrap_or_default(), port)?;
    Ok(proxy.map_or(direct, Route::Proxy))
}

/// Where an answer leads on to, if it does.
fn next_target<'a>(
    plan: &Plan<'_>,
    from: &HopTarget<'_>,
    head: &ResponseHead,
    hops: u32,
) -> Result<Option<HopTarget<'a>>, Error> {
    let max = plan.settings.redirects;
    if max == 0 || !(300..400).contains(&head.status) {
        return Ok(None);
    }
    let here = Url::parse(&from.uri.to_string()).map_err(|_| RedirectError::Unparsable)?;
    let location = head.headers.get(header::LOCATION).map(http::HeaderValue::as_bytes);
    let Some(hop) = redirect::resolve_redirect(&from.method, &here, head.status, location)? else {
        return Ok(None);
    };
    if hops >= max {
        return Err(RedirectError::TooMany(max).into());
    }
    let next = redirected_target(from, hop).map_err(|_| RedirectError::Unparsable)?;
    Ok(Some(next))
}

fn redirected_target<'a>(
    from: &HopTarget<'_>,
    hop: Redirect,
) -> Result<HopTarget<'a>, http::uri::InvalidUri> {
    Ok(HopTarget {
        method: hop.method,
        uri: Cow::Owned(Uri::try_from(hop.url.as_str())?),
        with_body: from.with_body && hop.keep_body,
        cross_origin: from.cross_origin || !hop.same_origin,
    })
}

impl HopTarget<'_> {
    /// The TLS of a hop: a client certificate is a credential, and stays behind as they do.
    fn tls_settings<'t>(&self, tls: &'t TlsSettings) -> Cow<'t, TlsSettings> {
        if self.cross_origin && tls.client_cert.is_some() {
            Cow::Owned(TlsSettings { client_cert: None, ..tls.clone() })
        } else {
            Cow::Borrowed(tls)
        }
    }

    /// Those of the header fields that go along.
    fn forwarded_headers(&self, headers: &HeaderMap) -> HeaderMap {
        if self.with_body && !self.cross_origin {
            return headers.clone();
        }
        let kept = |name: &HeaderName| match self.cross_origin {
            true => redirect::allowed_cross_origin(name, self.with_body),
            false => !redirect::describes_body(name),
        };
        let fields = headers.iter().filter(|(name, _)| kept(name));
        fields.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl Attempt {
    /// The code of what came of it.
    pub fn code(&self) -> Code {
        match &self.outcome {
            Ok(received) if is_rate_limit(&received.head) => Code::RateLimited,
            Ok(received) if received.head.status >= 400 => Code::Status,
            Ok(_) => Code::Ok,
            Err(failed) => failed.error.code,
        }
    }

    /// The status of the answer; 0 where none came.
    pub fn status(&self) -> u16 {
        match &self.outcome {
            Ok(received) => received.head.status,
            Err(failed) => failed.head.as_ref().map_or(0, |head| head.status),
        }
    }

    /// Whether an answer came that says that no request is left.
    pub fn quota_exhausted(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|received| received.head.quota_spent)
    }

    /// What the policy is told of it, where it is asked: of a plain success it is not.
    pub fn result(&self, wall: SystemTime) -> AttemptResult {
        match &self.outcome {
            Ok(received) if self.record.reused_connection && is_idle_timeout(&received.head) => {
                AttemptResult::Failure(decision::AttemptFailure {
                    kind: reason::FailureKind::Closed,
                    request_bytes_written: true,
                    reused_connection: true,
                    response_bytes_read: false,
                })
            }
            Ok(received) => {
                let ResponseHead { status, headers, .. } = &received.head;
                AttemptResult::Response {
                    status: *status,
                    limited: is_rate_limit(&received.head),
                    should_retry: should_retry(headers),
                    delay: server_delay(headers, *status, wall),
                }
            }
            Err(failed) => AttemptResult::Failure(decision::AttemptFailure {
                kind: reason::FailureKind::of(failed.error.code, failed.certificate),
                request_bytes_written: self.request_sent,
                reused_connection: self.record.reused_connection,
                response_bytes_read: self.record.response_bytes > 0,
            }),
        }
    }

    /// What the journal says of it.
    pub fn entry(&self) -> Entry {
        Entry {
            status: Some(self.status()).filter(|status| *status > 0),
            error: self.outcome.as_ref().err().map(|failed| failed.error.code),
            reused_connection: self.record.reused_connection,
            timings: Timings {
                resolve: self.record.resolve,
                connect: self.record.connect,
                tls: self.record.tls,
                first_byte: self.record.first_byte,
                total: self.total,
            },
        }
    }
}

/// Whether an answer is a rate limit. Looks at header fields of a 403 alone.
pub fn is_rate_limit(head: &ResponseHead) -> bool {
    head.status >= 400 && server_delay::is_rate_limit(&head.headers, head.status)
}

impl AttemptError {
    /// A failure with nothing behind it.
    pub fn not_sent(error: Error) -> Box<Self> {
        Box::new(Self { error, head: None, body: Vec::new(), certificate: false })
    }

    fn redirected(error: Error, received: ReceivedResponse) -> Box<Self> {
        let ReceivedResponse { head, body } = received;
        Box::new(Self { error, head: Some(head), body, certificate: false })
    }
}

impl From<Error> for Box<AttemptError> {
    fn from(error: Error) -> Self {
        AttemptError::not_sent(error)
    }
}

impl From<ExchangeError> for Box<AttemptError> {
    fn from(fault: ExchangeError) -> Self {
        Self::new(AttemptError {
            error: Error::new(code_of(fault.kind), fault.detail),
            head: fault.head,
            body: fault.body,
            certificate: fault.kind == TransportErrorKind::Tls { certificate: true },
        })
    }
}

/// The code that a caller sees for a fault of the transport.
fn code_of(kind: TransportErrorKind) -> Code {
    match kind {
        TransportErrorKind::Resolve => Code::Resolve,
        TransportErrorKind::Connect => Code::Connect,
        TransportErrorKind::Tls { .. } => Code::Tls,
        TransportErrorKind::Proxy => Code::Proxy,
        TransportErrorKind::Timeout => Code::Timeout,
        TransportErrorKind::Closed => Code::Closed,
        TransportErrorKind::Protocol => Code::Protocol,
        TransportErrorKind::TooLarge => Code::TooLarge,
        TransportErrorKind::File => Code::File,
        TransportErrorKind::Cancelled => Code::Cancelled,
        TransportErrorKind::Internal => Code::Internal,
    }
}
