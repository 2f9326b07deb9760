//! One attempt: a request, the redirects that it leads to, and the answer at the end of them.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, HeaderName, Method, Uri, header};
use url::Url;

use crate::auth::{Cookie, cookie_line};
use crate::code::{Code, Error};
use crate::headers::has_option;
use crate::log::{Level, display_url};
use crate::request::Moved;
use crate::transport::{
    Body, Bounds, Exchange, Extras, Fault, FaultKind, Head, Received, Record, Route, Sink,
    TlsSetup, Upload, Wire,
};
use crate::wait::Deadline;

use super::carriage::{self, Carriage, Sending};
use super::cause;
use super::cookies;
use super::decision::{self, Happened, idempotent, should_retry};
use super::family::Family;
use super::journal::{Entry, Timings};
use super::plan::Plan;
use super::redirect::{self, Hop, RedirectRefused};
use super::server_delay::{self, server_delay};

/// What came of an attempt.
pub struct Attempt {
    /// The answer, or what prevented one.
    pub outcome: Result<Received, Box<Failed>>,
    /// Where the last hop went, if the request was redirected.
    pub uri: Option<Box<Uri>>,
    /// Whether any hop put a request on the wire.
    pub on_the_wire: bool,
    /// Whether another origin was given the request without its idempotency key, which it needs.
    pub lost_its_key: bool,
    /// What the transport tells of the last hop.
    record: Record,
    /// How long all hops took together.
    total: Duration,
}

/// A failed attempt, with what had arrived.
#[derive(Debug)]
pub struct Failed {
    /// What went wrong.
    pub error: Error,
    /// The response's head, where it had arrived.
    pub head: Option<Head>,
    /// What had arrived of the body.
    pub body: Vec<u8>,
    /// Whether a TLS failure is one of certificates.
    pub(super) certificate: bool,
}

/// One hop: what is sent where.
struct Target<'a> {
    method: Method,
    uri: Cow<'a, Uri>,
    /// It goes with the header fields that say something of the body, and with the body.
    with_body: bool,
    /// A hop up to this one led to another origin: only what is harmless goes along.
    strayed: bool,
}

/// Sends the request and follows redirects, all before the deadline. `begun`: now. `fresh`: not on
/// a connection that has carried another request.
pub(super) fn attempt<'a>(
    plan: &'a Plan<'a>,
    family: &'a Family,
    begun: Instant,
    deadline: Deadline,
    fresh: bool,
    carriage: &mut Carriage<'a>,
) -> Attempt {
    let deadline = family.clock.on_sockets(deadline, begun);
    let mut hops = Hops {
        plan,
        family,
        deadline,
        fresh,
        carriage,
        unexpecting: false,
        on_the_wire: false,
        lost_its_key: false,
        record: Record::default(),
    };
    let (outcome, uri) = hops.follow_through();
    let Hops { on_the_wire, lost_its_key, record, .. } = hops;
    let total = family.clock.now().saturating_duration_since(begun);
    Attempt { outcome, uri, on_the_wire, lost_its_key, record, total }
}

/// What stays the same from hop to hop, and what is to be told of them.
struct Hops<'c, 'a> {
    plan: &'a Plan<'a>,
    family: &'a Family,
    deadline: Deadline,
    fresh: bool,
    carriage: &'c mut Carriage<'a>,
    /// The server does not know what to do with an `Expect`.
    unexpecting: bool,
    on_the_wire: bool,
    lost_its_key: bool,
    /// Of the last one.
    record: Record,
}

impl<'a> Hops<'_, 'a> {
    /// The answer at the end of all redirects, and where they led.
    fn follow_through(&mut self) -> (Result<Received, Box<Failed>>, Option<Box<Uri>>) {
        let plan = self.plan;
        let uri = Cow::Borrowed(plan.uri);
        let method = plan.method.clone();
        let mut target = Target { method, uri, with_body: true, strayed: false };
        let mut hops = 0;
        let mut outcome = self.hop(&target, hops);
        loop {
            match &outcome {
                Err(_) if self.carriage.asks_anew() => {}
                Err(_) => break,
                Ok(received) if self.carriage.starts_anew(&received.head) => {}
                Ok(received) if self.expects_too_much(&received.head) => self.unexpecting = true,
                Ok(received) => match follow(plan, &target, &received.head, hops) {
                    Ok(Some(next)) => target = next,
                    Ok(None) => break,
                    Err(error) => {
                        outcome = outcome.and_then(|all| Err(Failed::redirected(error, all)));
                        break;
                    }
                },
            }
            hops = hops.saturating_add(1);
            outcome = self.hop(&target, hops);
        }
        let uri = match target.uri {
            Cow::Borrowed(_) => None,
            Cow::Owned(uri) => Some(Box::new(uri)),
        };
        (outcome, uri)
    }

    /// # Errors
    /// Also what keeps the exchange from beginning, such as a file that cannot be read.
    fn hop(&mut self, target: &Target<'_>, hops: u32) -> Result<Received, Box<Failed>> {
        let mut request = http::Request::new(());
        self.dress(target, &mut request)?;
        let mut sending = self.body_of(target)?;
        let settings = &self.plan.settings;
        let route = route(self.plan, &target.uri)?;
        let tls = target.tls_of(&settings.tls);
        let wire = Wire {
            tls: &tls,
            bounds: Bounds {
                attempt: self.deadline,
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
        let wanted = |head: &Head| {
            let stays = matches!(follow(plan, target, head, hops), Ok(None));
            stays && carriage::is_content(&target.method, head.status)
        };
        let mut receiving = self.carriage.receiving(settings.max_streamed_bytes, wanted);
        let meter = plan.progress.map(|progress| &**progress as &dyn Fn(Moved) -> bool);
        let extras = Extras {
            upload: sending.as_mut().map(|sending| sending as &mut dyn Upload),
            sink: receiving.as_mut().map(|receiving| receiving as &mut dyn Sink),
            meter,
            route,
        };
        let exchange = self.family.transport.exchange_with(&wire, request, body, extras);
        drop(receiving);
        cookies::keep(plan, &target.uri, &exchange, &*self.family.clock);
        if exchange.outcome.is_ok() {
            self.carriage.answered();
        }
        self.note(target, &exchange);
        let Exchange { outcome, record } = exchange;
        self.on_the_wire |= record.request_bytes > 0;
        self.lost_its_key |= target.strayed && !idempotent(&target.method, || false);
        self.record = record;
        outcome.map_err(Box::from)
    }

    /// Whether an answer only refuses to be asked before the body is sent (RFC 9110 section 15.5.18):
    /// then the request is sent without asking.
    fn expects_too_much(&self, head: &Head) -> bool {
        let plan = self.plan;
        let asked = plan.body.content_type().is_some() && plan.headers.contains_key(header::EXPECT);
        head.status == 417 && asked && !self.unexpecting
    }

    /// Gives the request of a hop all but its body. The header fields are the one copy that is made
    /// of them, for sending takes them.
    fn dress(&mut self, target: &Target<'_>, request: &mut http::Request<()>) -> Result<(), Error> {
        *request.method_mut() = target.method.clone();
        *request.uri_mut() = target.uri.as_ref().clone();
        let (plan, clock) = (self.plan, &*self.family.clock);
        let headers = request.headers_mut();
        *headers = target.kept_of(&plan.headers);
        if self.unexpecting {
            headers.remove(header::EXPECT);
        }
        if !target.strayed && !plan.cookies.is_empty() {
            let own = headers.get(header::COOKIE);
            if let Some(line) = cookie_line(own, plan.cookies, clock.wall())? {
                if plan.cookies.iter().any(Cookie::is_signed) {
                    plan.logger
                        .keep_signed(std::str::from_utf8(line.as_bytes()).unwrap_or_default());
                }
                headers.insert(header::COOKIE, line);
            }
        }
        cookies::add(plan, &target.uri, headers, clock);
        self.carriage.ask_for_rest(plan, headers);
        Ok(())
    }

    /// The body of a hop, where it has one that is read while it is sent.
    fn body_of(&mut self, target: &Target<'_>) -> Result<Option<Sending<'a>>, Error> {
        if target.with_body { self.carriage.open_body(self.plan) } else { Ok(None) }
    }

    /// Counts the hop, and tells the log of it.
    fn note(&self, target: &Target<'_>, exchange: &Exchange) {
        let (stats, record) = (&self.family.stats, &exchange.record);
        stats.transferred(record.request_bytes, record.response_bytes);
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
        if record.lines_passed_over > 0 {
            let lines = record.lines_passed_over;
            warn(&format!("passed over {lines} header lines that are no fields"));
        }
        if record.surplus {
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
fn crossed(head: &Head) -> bool {
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
    if !settings.proxy.concerns(https) {
        return Ok(direct);
    }
    let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
    let proxy = settings.proxy.proxy_for(https, uri.host().unwrap_or_default(), port)?;
    Ok(proxy.map_or(direct, Route::Proxy))
}

/// Where an answer leads on to, if it does.
fn follow<'a>(
    plan: &Plan<'_>,
    from: &Target<'_>,
    head: &Head,
    hops: u32,
) -> Result<Option<Target<'a>>, Error> {
    let max = plan.settings.redirects;
    if max == 0 || !(300..400).contains(&head.status) {
        return Ok(None);
    }
    let here = Url::parse(&from.uri.to_string()).map_err(|_| RedirectRefused::Unparsable)?;
    let location = head.headers.get(header::LOCATION).map(http::HeaderValue::as_bytes);
    let Some(hop) = redirect::next_hop(&from.method, &here, head.status, location)? else {
        return Ok(None);
    };
    if hops >= max {
        return Err(RedirectRefused::TooMany(max).into());
    }
    let next = target_of(from, hop).map_err(|_| RedirectRefused::Unparsable)?;
    Ok(Some(next))
}

fn target_of<'a>(from: &Target<'_>, hop: Hop) -> Result<Target<'a>, http::uri::InvalidUri> {
    Ok(Target {
        method: hop.method,
        uri: Cow::Owned(Uri::try_from(hop.url.as_str())?),
        with_body: from.with_body && hop.keep_body,
        strayed: from.strayed || !hop.same_origin,
    })
}

impl Target<'_> {
    /// The TLS of a hop: a client certificate is a credential, and stays behind as they do.
    fn tls_of<'t>(&self, tls: &'t TlsSetup) -> Cow<'t, TlsSetup> {
        if self.strayed && tls.client_cert.is_some() {
            Cow::Owned(TlsSetup { client_cert: None, ..tls.clone() })
        } else {
            Cow::Borrowed(tls)
        }
    }

    /// Those of the header fields that go along.
    fn kept_of(&self, headers: &HeaderMap) -> HeaderMap {
        if self.with_body && !self.strayed {
            return headers.clone();
        }
        let kept = |name: &HeaderName| match self.strayed {
            true => redirect::goes_to_other_origins(name, self.with_body),
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
    pub fn quota_spent(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|received| received.head.quota_spent)
    }

    /// What the policy is told of it, where it is asked: of a plain success it is not.
    pub fn happened(&self, wall: SystemTime) -> Happened {
        match &self.outcome {
            Ok(received) if self.record.reused_connection && crossed(&received.head) => {
                Happened::Fault(decision::Fault {
                    kind: cause::FaultKind::Closed,
                    request_bytes_written: true,
                    reused_connection: true,
                    response_bytes_read: false,
                })
            }
            Ok(received) => {
                let Head { status, headers, .. } = &received.head;
                Happened::Answer {
                    status: *status,
                    limited: is_rate_limit(&received.head),
                    should_retry: should_retry(headers),
                    delay: server_delay(headers, *status, wall),
                }
            }
            Err(failed) => Happened::Fault(decision::Fault {
                kind: cause::FaultKind::of(failed.error.code, failed.certificate),
                request_bytes_written: self.on_the_wire,
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
pub fn is_rate_limit(head: &Head) -> bool {
    head.status >= 400 && server_delay::is_rate_limit(&head.headers, head.status)
}

impl Failed {
    /// A failure with nothing behind it.
    pub fn before_sending(error: Error) -> Box<Self> {
        Box::new(Self { error, head: None, body: Vec::new(), certificate: false })
    }

    fn redirected(error: Error, received: Received) -> Box<Self> {
        let Received { head, body } = received;
        Box::new(Self { error, head: Some(head), body, certificate: false })
    }
}

impl From<Error> for Box<Failed> {
    fn from(error: Error) -> Self {
        Failed::before_sending(error)
    }
}

impl From<Fault> for Box<Failed> {
    fn from(fault: Fault) -> Self {
        Self::new(Failed {
            error: Error::new(code_of(fault.kind), fault.detail),
            head: fault.head,
            body: fault.body,
            certificate: fault.kind == FaultKind::Tls { certificate: true },
        })
    }
}

/// The code that a caller sees for a fault of the transport.
fn code_of(kind: FaultKind) -> Code {
    match kind {
        FaultKind::Resolve => Code::Resolve,
        FaultKind::Connect => Code::Connect,
        FaultKind::Tls { .. } => Code::Tls,
        FaultKind::Proxy => Code::Proxy,
        FaultKind::Timeout => Code::Timeout,
        FaultKind::Closed => Code::Closed,
        FaultKind::Protocol => Code::Protocol,
        FaultKind::TooLarge => Code::TooLarge,
        FaultKind::File => Code::File,
        FaultKind::Cancelled => Code::Cancelled,
        FaultKind::Internal => Code::Internal,
    }
}
