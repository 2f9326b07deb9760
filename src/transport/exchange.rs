//! One request, one answer: what the rest of the library asks of this module.

// The failure is no larger than the answer, and neither is copied on its way.
#![allow(clippy::result_large_err)]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{Method, Request, Response, StatusCode, header};
use ureq::{Agent, SendBody};

use crate::headers::Headers;

use super::body::{Incoming, Raw};
use super::call::{self, Call, Phase};
use super::connector::{Dial, NoLookUp};
use super::counted::Counted;
use super::fault::{Failure, FaultKind, classify};
use super::fork::PerProcess;
use super::head::MAX_HEAD;
use super::pool::Pool;
use super::stream::{Extras, Gauge, Origin, Outgoing, Sink};
use super::tls::{Setup, TlsSetup};
use super::{Body, Exchange, Fault, Head, Received, Route, Wire, body, decode, http_proxy, route};

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
        if request.headers().keys().any(|name| *name == header::EXPECT) {
            request.headers_mut().remove(header::EXPECT);
        }
        let begun = Instant::now();
        let family = self.family.get(|left_behind| {
            if let Some(parent) = left_behind {
                parent.pool.abandon();
            }
            Family::new()
        });
        let mut call = Call::new(begun, &wire.bounds);
        call.fresh_connection = wire.fresh_connection;
        call.proxy_tls = proxy_tls(&extras.route, wire.tls).map(|tls| family.setup(&tls));
        call.route = extras.route.clone();
        if request.uri().scheme() == Some(&http::uri::Scheme::HTTPS) {
            call.tls = Some(family.setup(wire.tls));
        }
        let length = extras.upload.as_ref().map_or(length_of(body), |upload| upload.length());
        announce(&mut call, &request, length);
        let entered = call::enter(call);
        let outcome = run(&family.agent, request, body, extras, wire.bounds.max_body_bytes);
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

/// Tells the buffers how much is going to be written.
fn announce(call: &mut Call, request: &Request<()>, body: u64) {
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
    call.head_size = head;
    call.output_size = head.saturating_add(usize::try_from(body).unwrap_or(usize::MAX));
    call.body_follows = body > 0;
    call.bodiless = *request.method() == Method::HEAD;
}

fn length_of(body: Body<'_>) -> u64 {
    match body {
        Body::None => 0,
        Body::Bytes(bytes) => bytes.len() as u64,
    }
}

/// These are expected to have a body, so that an empty one is announced (RFC 9110 section 8.6).
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// Answers that have no body, whatever their fields say (RFC 9110 section 6.4.1).
fn bodiless(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn run<'a>(
    agent: &Agent,
    mut request: Request<()>,
    body: Body<'a>,
    extras: Extras<'a>,
    most: u64,
) -> Result<Received, Fault> {
    call::with(|call| call.may_begin()).map_err(|failure| failure.with(None, Vec::new()))?;
    let method = request.method().clone();
    let mut gauge = Gauge { meter: extras.meter, ..Gauge::default() };
    let answer = match (Origin::new(body, extras.upload, extras.meter.is_some()), body) {
        (Some(origin), _) => {
            let length = origin.length();
            request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            gauge.moved.to_send = length;
            let mut outgoing = Outgoing { origin, gauge };
            let answer = agent.run(request.map(|()| SendBody::from_reader(&mut outgoing)));
            gauge = outgoing.gauge;
            answer
        }
        (None, Body::Bytes(bytes)) => agent.run(request.map(|()| bytes)),
        (None, Body::None) if expects_body(&method) => agent.run(request.map(|()| [].as_slice())),
        (None, Body::None) => agent.run(request),
    };
    let response = answer.map_err(|error| explain(error).with(None, Vec::new()))?;
    receive(&method, response, extras.sink, gauge, most)
}

fn receive(
    method: &Method,
    response: Response<ureq::Body>,
    sink: Option<&mut dyn Sink>,
    mut gauge: Gauge<'_>,
    most: u64,
) -> Result<Received, Fault> {
    let (parts, body) = response.into_parts();
    let mut head = Head {
        status: parts.status.as_u16(),
        version: parts.version,
        reason: None,
        headers: Headers::default(),
    };
    let (mut forwarder, mut counted) = (None, None);
    call::note(|call| {
        call.phase = Phase::Receiving;
        head.reason = call.reason.take();
        head.headers = std::mem::take(&mut call.headers);
        counted = call.counted.take();
        forwarder = route::forwarder(call);
    });
    if let (StatusCode::PROXY_AUTHENTICATION_REQUIRED, Some(proxy)) = (parts.status, forwarder) {
        let failure = route::named(http_proxy::unauthorized(&proxy, 407), &proxy);
        return Err(failure.with(Some(head), Vec::new()));
    }
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        let detail = "the server switched protocols without being asked to";
        return Err(Failure::new(FaultKind::Protocol, detail).with(Some(head), Vec::new()));
    }
    let bodiless = bodiless(method, parts.status);
    let codings = if bodiless { Vec::new() } else { decode::codings(&head.headers) };
    let length = counted.as_ref().map(Counted::length).or_else(|| body.content_length());
    let announced = length.filter(|_| codings.is_empty() && !bodiless);
    if !codings.is_empty() {
        // They say nothing of what is handed over (RFC 9110 section 8.4).
        head.headers = head.headers.without(&[header::CONTENT_ENCODING, header::CONTENT_LENGTH]);
    }
    let mut bytes = Vec::new();
    let outcome = open(sink, &head, codings.is_empty()).and_then(|sink| {
        let already = sink.as_ref().map_or(0, |sink| sink.already());
        gauge.moved.received = already;
        gauge.moved.to_receive = announced.map_or(0, |length| length.saturating_add(already));
        gauge.report()?;
        if bodiless {
            return Ok(());
        }
        take(Raw::new(body, counted), &codings, announced, sink, &mut bytes, &mut gauge, most)
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
    body: Raw,
    codings: &[decode::Coding],
    announced: Option<u64>,
    sink: Option<&mut dyn Sink>,
    bytes: &mut Vec<u8>,
    gauge: &mut Gauge<'_>,
    most: u64,
) -> Result<(), Failure> {
    let (arrived, outcome) = match Incoming::new(body, codings) {
        Err(stop) => (0, Err(stop)),
        Ok(mut incoming) => match sink {
            Some(sink) => body::pour(&mut incoming, announced, sink, gauge),
            None => {
                let outcome = body::read(&mut incoming, announced, most, bytes, gauge);
                (bytes.len() as u64, outcome)
            }
        },
    };
    outcome.map_err(|stop| match stop {
        body::Stop::Known(failure) => cut_short(failure, announced, arrived),
        body::Stop::Failed(error) => cut_short(explain(error), announced, arrived),
    })
}

fn cut_short(mut failure: Failure, announced: Option<u64>, arrived: u64) -> Failure {
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
        if let Some(put_by) = call.put_by.take() {
            failure = put_by;
        } else if let Some(error) = error.take() {
            failure = classify(error, call, MAX_HEAD);
        }
    });
    failure
}
