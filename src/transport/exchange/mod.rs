//! One exchange: one request, one response.

// The error is not larger than the response, and neither is copied on its way.
#![allow(clippy::result_large_err)]

mod body_io;
mod framed_body;
mod read_body;
mod send;
mod transport;

use std::cell::Cell;
use std::sync::Arc;

use http::{Method, header};
use ureq::unversioned::transport::{NextTimeout, Transport as _};

use super::connect;
use super::context::{self, Phase};
use super::decode;
use super::error::{ExchangeError, TransportError, TransportErrorKind, TransportResult, from_ureq};
use super::http1::{FinalHead, Framing, HeadParser, ParseStatus};
use super::options::{Body, RequestHead};
use super::pool::{Pool, PooledConnection};
use super::response::{ReceivedResponse, ResponseHead};
use body_io::{BodySource, ProgressReporter};
use framed_body::FramedBody;
use read_body::ResponseReader;
use send::Outgoing;

pub use body_io::{BodyHandlers, BodyIoError, ProgressFn, Sink, Upload};
pub use transport::Transport;

/// For these methods, the request sends `Content-Length: 0` if it has no body (RFC 9110 section
/// 8.6).
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

fn run(
    pool: &Arc<Pool>,
    request: RequestHead<'_>,
    body: Body<'_>,
    handlers: BodyHandlers<'_>,
    max_bytes: u64,
) -> Result<ReceivedResponse, ExchangeError> {
    let progress = Cell::default();
    let reporter = ProgressReporter { callback: handlers.progress, progress: &progress };
    let response = send_request(pool, request, BodySource::new(body, handlers.upload), reporter);
    let response = response.map_err(|failure| failure.with_partial_response(None, Vec::new()))?;
    read_response(response, handlers.sink, reporter, max_bytes)
}

/// A response whose head has arrived.
struct StartedResponse<'a> {
    head: FinalHead,
    connection: PooledConnection,
    /// The part of the request that is not sent yet.
    outgoing: Option<Outgoing<'a>>,
}

/// Sends the request, and reads the head of its response.
fn send_request<'a>(
    pool: &Arc<Pool>,
    request: RequestHead<'_>,
    body: Option<BodySource<'a>>,
    reporter: ProgressReporter<'a>,
) -> TransportResult<StartedResponse<'a>> {
    context::with_current(|context| context.check_start())?;
    let bodiless = *request.method == Method::HEAD;
    let body = body.or_else(|| expects_body(request.method).then_some(BodySource::Memory(&[])));
    let mut connection =
        context::with_current(|context| connect::checkout(pool, context, request.uri))?;
    let mut outgoing = send::begin(&mut connection, request, body, reporter)?;
    let head = read_head(&mut connection, &mut outgoing, bodiless)?;
    // A server that sends an error, or decides without the body, does not want the rest (RFC 9112
    // section 9.5).
    if outgoing.as_ref().is_some_and(|outgoing| head.status >= 400 || outgoing.awaits_continue()) {
        outgoing = None;
        connection.forbid_reuse();
    }
    Ok(StartedResponse { head, connection, outgoing })
}

/// Reads the final head, and continues sending in the meantime. `bodiless`: the request was a HEAD.
fn read_head(
    connection: &mut PooledConnection,
    outgoing: &mut Option<Outgoing<'_>>,
    bodiless: bool,
) -> TransportResult<FinalHead> {
    let mut parser = HeadParser::default();
    loop {
        match parser.parse(connection.buffers().input(), bodiless)? {
            ParseStatus::Partial => {
                send::resume(outgoing, connection)?;
                if outgoing.is_none()
                    && !connection.await_input(NextTimeout::default()).map_err(from_ureq)?
                {
                    return Err(parser.truncated_error(connection.buffers().input()));
                }
            }
            ParseStatus::Interim(length, status) => {
                connection.buffers().input_consume(length);
                if let (100, Some(outgoing)) = (status, outgoing.as_mut()) {
                    outgoing.continue_received();
                }
            }
            ParseStatus::Final(length, head) => {
                connection.buffers().input_consume(length);
                return Ok(head);
            }
        }
    }
}

// Inlined into its one caller, which holds the large response and connection.
#[inline(always)]
fn read_response(
    response: StartedResponse<'_>,
    sink: Option<&mut dyn Sink>,
    reporter: ProgressReporter<'_>,
    max_bytes: u64,
) -> Result<ReceivedResponse, ExchangeError> {
    let StartedResponse { head, mut connection, outgoing } = response;
    let FinalHead { version, status, reason, headers, framing, quota_exhausted, .. } = head;
    let FinalHead { has_content_encoding, persistent, idle_timeout, skipped_lines, .. } = head;
    connection.set_idle_timeout(idle_timeout);
    let mut head = ResponseHead { status, version, reason, headers, quota_exhausted };
    let mut forwarder = None;
    context::update_current(|context| {
        context.phase = Phase::Receiving;
        context.record.skipped_lines = skipped_lines;
        forwarder = context.connection_spec.forward_proxy().cloned();
    });
    if let (407, Some(proxy)) = (status, forwarder) {
        let failure =
            connect::with_proxy_name(connect::authentication_required(&proxy, 407), &proxy);
        return Err(failure.with_partial_response(Some(head), Vec::new()));
    }
    if status == 101 {
        let detail = "the server switched protocols without a request to do so";
        return Err(TransportError::new(TransportErrorKind::Protocol, detail)
            .with_partial_response(Some(head), Vec::new()));
    }
    let codings = match framing {
        Framing::None => Vec::new(),
        _ if has_content_encoding => match decode::codings(&head.headers) {
            Ok(codings) => codings,
            Err(failure) => return Err(failure.with_partial_response(Some(head), Vec::new())),
        },
        _ => Vec::new(),
    };
    let content_length = match framing {
        Framing::Length(length) if codings.is_empty() => Some(length),
        _ => None,
    };
    if !codings.is_empty() {
        // They do not describe the decoded body (RFC 9110 section 8.4).
        head.headers = head.headers.without(&[header::CONTENT_ENCODING, header::CONTENT_LENGTH]);
    }
    let body = FramedBody::new(connection, outgoing, framing, persistent);
    let mut bytes = Vec::new();
    let outcome = accepting_sink(sink, &head, codings.is_empty()).and_then(|sink| {
        let before = sink.as_ref().map_or(0, |sink| sink.received_before());
        reporter.count(|progress| {
            progress.received = before;
            progress.to_receive = content_length.map_or(0, |length| length.saturating_add(before));
        });
        reporter.report()?;
        match framing {
            Framing::None => body.map(drop),
            _ => read_response_body(
                body?,
                &codings,
                content_length,
                sink,
                &mut bytes,
                reporter,
                max_bytes,
            ),
        }
    });
    bytes.reserve_exact(1);
    match outcome {
        Ok(()) => Ok(ReceivedResponse { head, body: bytes }),
        Err(failure) => Err(failure.with_partial_response(Some(head), bytes)),
    }
}

/// Returns the sink, if it accepts the body of this response.
fn accepting_sink<'a>(
    sink: Option<&'a mut dyn Sink>,
    head: &ResponseHead,
    plain: bool,
) -> Result<Option<&'a mut dyn Sink>, TransportError> {
    let Some(sink) = sink else { return Ok(None) };
    let accepted = sink.begin(head, plain)?;
    Ok(accepted.then_some(sink))
}

/// Reads the body into the sink, or into memory if there is no sink.
fn read_response_body(
    body: FramedBody<'_>,
    codings: &[decode::Coding],
    content_length: Option<u64>,
    sink: Option<&mut dyn Sink>,
    bytes: &mut Vec<u8>,
    reporter: ProgressReporter<'_>,
    max_bytes: u64,
) -> TransportResult<()> {
    let limit = sink.as_ref().map_or(Some(max_bytes), |sink| sink.limit());
    let mut incoming = ResponseReader::new(body, codings, limit);
    let (received, outcome) = match sink {
        Some(sink) => read_body::read_to_sink(&mut incoming, content_length, sink, reporter),
        None => {
            let outcome =
                read_body::read(&mut incoming, content_length, max_bytes, bytes, reporter);
            (bytes.len() as u64, outcome)
        }
    };
    outcome.map_err(|failure| with_received_length(failure, content_length, received))
}

fn with_received_length(
    mut failure: TransportError,
    content_length: Option<u64>,
    received: u64,
) -> TransportError {
    if let (TransportErrorKind::Closed, Some(content_length)) = (failure.kind, content_length) {
        failure.detail = format!(
            "the server closed the connection after {received} of {content_length} body bytes"
        );
    }
    failure
}
