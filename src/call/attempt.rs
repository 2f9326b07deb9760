//! One attempt: a request, the redirects that it leads to, and the answer at the end of them.

use http::{HeaderMap, HeaderName, Method, Uri, header};
use url::Url;

use crate::auth::cookie_line;
use crate::code::{Code, Error};
use crate::log::{Level, display_url};
use crate::transport::{Body, Bounds, Fault, FaultKind, Head, Received, Record, Transport, Wire};
use crate::wait::{Clock, Deadline};

use super::plan::Plan;
use super::redirect::{self, Hop, RedirectRefused};

/// What came of an attempt.
pub struct Attempt {
    /// The answer, or what prevented one.
    pub outcome: Result<Received, Failed>,
    /// Where the last hop went.
    pub uri: Uri,
    /// What the transport tells of the last hop.
    pub record: Record,
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
}

/// What an attempt works with.
pub struct Means<'a> {
    /// Connections.
    pub transport: &'a Transport,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The end of the attempt.
    pub deadline: Deadline,
}

/// One hop: what is sent where.
struct Target {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    with_body: bool,
}

/// Sends the request and follows redirects.
pub fn attempt(plan: &Plan<'_>, means: &Means<'_>) -> Attempt {
    let mut target = match first_target(plan, means.clock) {
        Ok(target) => target,
        Err(error) => return Attempt::failed(Failed::before_sending(error), plan.uri.clone(), Record::default()),
    };
    let mut hops: u32 = 0;
    loop {
        let exchange = exchange(plan, means, &target);
        log_hop(plan, &target, &exchange.outcome);
        let received = match exchange.outcome {
            Ok(received) => received,
            Err(fault) => return Attempt::failed(fault.into(), target.uri, exchange.record),
        };
        match follow(plan, &target, &received.head, hops) {
            Ok(Some(next)) => target = next,
            Ok(None) => return Attempt { outcome: Ok(received), uri: target.uri, record: exchange.record },
            Err(error) => {
                let failed = Failed { error, head: Some(received.head), body: received.body };
                return Attempt::failed(failed, target.uri, exchange.record);
            }
        }
        hops = hops.saturating_add(1);
    }
}

fn exchange(plan: &Plan<'_>, means: &Means<'_>, target: &Target) -> crate::transport::Exchange {
    let settings = &plan.settings;
    let wire = Wire {
        tls: &settings.tls,
        bounds: Bounds {
            attempt: means.deadline,
            connect_timeout: settings.connect_timeout,
            read_timeout: None,
            cancel: None,
            max_body_bytes: settings.max_body_bytes,
        },
        fresh_connection: false,
    };
    let mut request = http::Request::new(());
    *request.method_mut() = target.method.clone();
    *request.uri_mut() = target.uri.clone();
    *request.headers_mut() = target.headers.clone();
    let body = plan.body.filter(|_| target.with_body).map_or(Body::None, Body::Bytes);
    means.transport.exchange(&wire, request, body)
}

fn first_target(plan: &Plan<'_>, clock: &dyn Clock) -> Result<Target, Error> {
    let mut headers = plan.headers.clone();
    if let Some(line) = cookie_line(headers.get(header::COOKIE), plan.cookies, clock.wall())? {
        headers.insert(header::COOKIE, line);
    }
    Ok(Target { method: plan.method.clone(), uri: plan.uri.clone(), headers, with_body: true })
}

/// Where an answer leads on to, if it does.
fn follow(plan: &Plan<'_>, from: &Target, head: &Head, hops: u32) -> Result<Option<Target>, Error> {
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

fn target_of(from: &Target, hop: Hop) -> Result<Target, http::uri::InvalidUri> {
    let stays_behind = |name: &HeaderName| {
        let crosses = !hop.same_origin && (*name == header::HOST || redirect::drop_on_cross_origin(name, true));
        crosses || (!hop.keep_body && redirect::describes_body(name))
    };
    let kept = |(name, value): (&HeaderName, &http::HeaderValue)| {
        (!stays_behind(name)).then(|| (name.clone(), value.clone()))
    };
    let headers = from.headers.iter().filter_map(kept).collect();
    let uri = Uri::try_from(hop.url.as_str())?;
    Ok(Target { method: hop.method, uri, headers, with_body: from.with_body && hop.keep_body })
}

fn log_hop(plan: &Plan<'_>, target: &Target, outcome: &Result<Received, Fault>) {
    plan.logger.emit(Level::Debug, || {
        let came = match outcome {
            Ok(received) => format!("{}, {} bytes", received.head.status, received.body.len()),
            Err(fault) => fault.detail.clone(),
        };
        format!("{} {}: {came}", target.method, display_url(&target.uri.to_string()))
    });
}

impl Attempt {
    fn failed(failed: Failed, uri: Uri, record: Record) -> Self {
        Self { outcome: Err(failed), uri, record }
    }
}

impl Failed {
    fn before_sending(error: Error) -> Self {
        Self { error, head: None, body: Vec::new() }
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self { error: Error::new(code_of(fault.kind), fault.detail), head: fault.head, body: fault.body }
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
        FaultKind::Cancelled => Code::Cancelled,
        FaultKind::Internal => Code::Internal,
    }
}
