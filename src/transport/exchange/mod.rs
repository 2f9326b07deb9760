//! One exchange: one request, one response.

// The failure is no larger than the answer, and neither is copied on its way.
#![allow(clippy::result_large_err)]

mod body_io;
mod framed_body;
mod read_body;
mod send;
mod transport;

use std::cell::Cell;
use std::sync::Arc;

use http::{Method, Request, header};
use ureq::unversioned::transport::{NextTimeout, Transport as _};

use super::connect;
use super::context::{self, Phase};
use super::decode;
use super::error::{ExchangeError, TransportError, TransportErrorKind, TransportResult, from_ureq};
use super::http1::{FinalHead, Framing, HeadParser, ParseStatus};
use super::options::Body;
use super::pool::{Pool, PooledConnection};
use super::response::{ReceivedResponse, ResponseHead};
use body_io::{BodySource, ProgressReporter};
use framed_body::FramedBody;
use read_body::ResponseReader;
use send::Outgoing;

pub use body_io::{BodyHandlers, BodyIoError, ProgressFn, Sink, Upload};
pub use transport::Transport;

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
    let mut link = context::with_current(|call| connect::checkout(pool, call, request.uri()))?;
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
            connect::with_proxy_name(connect::authentication_required(&proxy, 407), &proxy);
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
