//! One request, one answer: what the rest of the library asks of this module.

// The failure is no larger than the answer, and neither is copied on its way.
#![allow(clippy::result_large_err)]

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{HeaderValue, Method, Request, header};
use ureq::unversioned::transport::{NextTimeout, Transport as _};

use super::body::Incoming;
use super::call::{self, Call, Phase};
use super::fault::{Failure, FaultKind, Outcome, explain};
use super::fork::PerProcess;
use super::framed::Framed;
use super::head::{Complete, Framing, HeadScan, Look};
use super::link::Link;
use super::pool::Pool;
use super::route::Way;
use super::send::{self, Outgoing};
use super::stream::{Extras, Gauge, Origin, Sink};
use super::tls::{Setup, TlsSetup};
use super::{Body, Exchange, Fault, Head, Received, Route, Wire, body, decode, dial, http_proxy};

/// TLS settings beyond this many are made anew when they come back: nobody alternates so many.
const MAX_SETUPS: usize = 32;

/// What the clients of one family share: their connections and what goes with them.
///
/// May be used from any number of threads at once, and after a `fork` in both processes.
#[derive(Debug, Default)]
pub struct Transport {
    pub(super) family: PerProcess<Family>,
}

#[derive(Default)]
pub(super) struct Family {
    pub(super) pool: Arc<Pool>,
    setups: Mutex<Vec<Arc<Setup>>>,
}

impl Family {
    /// The way of a request: what a connection must be like to carry it.
    pub(super) fn way(&self, route: &Route, tls: &TlsSetup, https: bool) -> Way {
        let proxy_tls = proxy_tls(route, tls).map(|tls| self.setup(&tls));
        Way { route: route.clone(), tls: https.then(|| self.setup(tls)), proxy_tls }
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
    /// The URI must be absolute. The header fields go out as they are, behind a `Host`, which is that of
    /// the URI where none is given, and before the `Content-Length` of a body. With an `Expect`, which
    /// must be `100-continue`, a body waits for the server's word (RFC 9110 section 10.1.1).
    pub fn exchange(&self, wire: &Wire<'_>, request: Request<()>, body: Body<'_>) -> Exchange {
        self.exchange_with(wire, request, body, Extras::default())
    }

    /// The same with a body that is read while it is sent, a sink for the answer's body, and
    /// somebody who watches; each only where there is one.
    pub fn exchange_with<'a>(
        &self,
        wire: &Wire<'_>,
        mut request: Request<()>,
        body: Body<'a>,
        extras: Extras<'a>,
    ) -> Exchange {
        if !wire.keep_alive {
            request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let begun = Instant::now();
        let family = self.family.get(|left_behind| {
            if let Some(parent) = left_behind {
                parent.pool.abandon();
            }
            Family::default()
        });
        let https = request.uri().scheme() == Some(&http::uri::Scheme::HTTPS);
        let way = family.way(&extras.route, wire.tls, https);
        let mut call = Call::by(way, begun, &wire.bounds);
        call.fresh_connection = wire.fresh_connection || !wire.keep_alive;
        (call.keep_alive, call.max_age) = (wire.keep_alive, wire.max_age);
        let entered = call::enter(call);
        let outcome = run(&family.pool, request, body, extras, wire.bounds.max_body_bytes);
        let mut record = call::take_record();
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

/// How a proxy is spoken to by TLS: as the server, but for the certificate, which is not for it.
fn proxy_tls(route: &Route, tls: &TlsSetup) -> Option<TlsSetup> {
    match route {
        Route::Proxy(proxy) if proxy.tls => Some(TlsSetup { client_cert: None, ..tls.clone() }),
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
    extras: Extras<'_>,
    most: u64,
) -> Result<Received, Fault> {
    let moved = Cell::default();
    let gauge = Gauge { meter: extras.meter, moved: &moved };
    let answer = ask(pool, request, Origin::new(body, extras.upload), gauge);
    let answer = answer.map_err(|failure| failure.with(None, Vec::new()))?;
    receive(answer, extras.sink, gauge, most)
}

/// An answer whose head has come.
struct Answer<'a> {
    head: Complete,
    link: Link,
    /// What is still to be sent of the request.
    outgoing: Option<Outgoing<'a>>,
}

/// Sends the request, and waits for the head of its answer.
fn ask<'a>(
    pool: &Arc<Pool>,
    request: Request<()>,
    body: Option<Origin<'a>>,
    gauge: Gauge<'a>,
) -> Outcome<Answer<'a>> {
    call::with(|call| call.may_begin())?;
    let bodiless = *request.method() == Method::HEAD;
    let body = body.or_else(|| expects_body(request.method()).then_some(Origin::Memory(&[])));
    let mut link = call::with(|call| dial::link(pool, call, request.uri()))?;
    let mut outgoing = send::begin(&mut link, &request, body, gauge)?;
    drop(request);
    let head = await_head(&mut link, &mut outgoing, bodiless)?;
    // Whoever says no, or has made up its mind, does not want the rest (RFC 9112 section 9.5).
    if outgoing.as_ref().is_some_and(|outgoing| head.status >= 400 || outgoing.held()) {
        outgoing = None;
        link.make_unfit();
    }
    Ok(Answer { head, link, outgoing })
}

/// Waits for the head that counts, and sends on meanwhile. `bodiless`: the request was a HEAD.
fn await_head(
    link: &mut Link,
    outgoing: &mut Option<Outgoing<'_>>,
    bodiless: bool,
) -> Outcome<Complete> {
    let mut scan = HeadScan::default();
    loop {
        match scan.look(link.buffers().input(), bodiless)? {
            Look::Unfinished => {
                send::go_on(outgoing, link)?;
                if outgoing.is_none()
                    && !link.await_input(NextTimeout::default()).map_err(explain)?
                {
                    return Err(scan.cut_off(link.buffers().input()));
                }
            }
            Look::Interim(length, status) => {
                link.buffers().input_consume(length);
                if let (100, Some(outgoing)) = (status, outgoing.as_mut()) {
                    outgoing.release();
                }
            }
            Look::Final(length, head) => {
                link.buffers().input_consume(length);
                return Ok(head);
            }
        }
    }
}

// Its one caller has answer and link at hand, which are large.
#[inline(always)]
fn receive(
    answer: Answer<'_>,
    sink: Option<&mut dyn Sink>,
    gauge: Gauge<'_>,
    most: u64,
) -> Result<Received, Fault> {
    let Answer { head, mut link, outgoing } = answer;
    let Complete { version, status, reason, headers, framing, coded, .. } = head;
    let Complete { quota_spent, persistent, idle, passed_over, .. } = head;
    link.stays_for(idle);
    let mut head = Head { status, version, reason, headers, quota_spent };
    let mut forwarder = None;
    call::note(|call| {
        call.phase = Phase::Receiving;
        call.record.lines_passed_over = passed_over;
        forwarder = call.way.forwarder().cloned();
    });
    if let (407, Some(proxy)) = (status, forwarder) {
        let failure = dial::named(http_proxy::unauthorized(&proxy, 407), &proxy);
        return Err(failure.with(Some(head), Vec::new()));
    }
    if status == 101 {
        let detail = "the server switched protocols without being asked to";
        return Err(Failure::new(FaultKind::Protocol, detail).with(Some(head), Vec::new()));
    }
    let codings = match framing {
        Framing::None => Vec::new(),
        _ if coded => match decode::codings(&head.headers) {
            Ok(codings) => codings,
            Err(failure) => return Err(failure.with(Some(head), Vec::new())),
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
    let body = Framed::new(link, outgoing, framing, persistent);
    let mut bytes = Vec::new();
    let outcome = open(sink, &head, codings.is_empty()).and_then(|sink| {
        let already = sink.as_ref().map_or(0, |sink| sink.already());
        gauge.count(|moved| {
            moved.received = already;
            moved.to_receive = announced.map_or(0, |length| length.saturating_add(already));
        });
        gauge.report()?;
        match framing {
            Framing::None => body.map(drop),
            _ => take(body?, &codings, announced, sink, &mut bytes, gauge, most),
        }
    });
    bytes.reserve_exact(1);
    match outcome {
        Ok(()) => Ok(Received { head, body: bytes }),
        Err(failure) => Err(failure.with(Some(head), bytes)),
    }
}

/// The sink, if it takes the body of this answer.
fn open<'a>(
    sink: Option<&'a mut dyn Sink>,
    head: &Head,
    plain: bool,
) -> Result<Option<&'a mut dyn Sink>, Failure> {
    let Some(sink) = sink else { return Ok(None) };
    let takes = sink.open(head, plain)?;
    Ok(takes.then_some(sink))
}

/// Takes the body in, into the sink or else into memory.
fn take(
    body: Framed<'_>,
    codings: &[decode::Coding],
    announced: Option<u64>,
    sink: Option<&mut dyn Sink>,
    bytes: &mut Vec<u8>,
    gauge: Gauge<'_>,
    most: u64,
) -> Outcome<()> {
    let limit = sink.as_ref().map_or(Some(most), |sink| sink.most());
    let mut incoming = Incoming::new(body, codings, limit);
    let (arrived, outcome) = match sink {
        Some(sink) => body::pour(&mut incoming, announced, sink, gauge),
        None => {
            let outcome = body::read(&mut incoming, announced, most, bytes, gauge);
            (bytes.len() as u64, outcome)
        }
    };
    outcome.map_err(|failure| cut_short(failure, announced, arrived))
}

fn cut_short(mut failure: Failure, announced: Option<u64>, arrived: u64) -> Failure {
    if let (FaultKind::Closed, Some(announced)) = (failure.kind, announced) {
        failure.detail =
            format!("the server closed the connection after {arrived} of {announced} body bytes");
    }
    failure
}
