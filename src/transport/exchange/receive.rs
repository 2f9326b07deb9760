//! Receives a response, after its head has arrived.

use http::header;

use crate::transport::connect;
use crate::transport::context::{self, Phase};
use crate::transport::decode;
use crate::transport::error::{ExchangeError, TransportError, TransportErrorKind, TransportResult};
use crate::transport::http1::{FinalHead, Framing};
use crate::transport::pool::PooledConnection;
use crate::transport::response::{ReceivedResponse, ResponseHead};

use super::body_io::{BodyTarget, ProgressReporter, Sink};
use super::framed_body::FramedBody;
use super::open_body::OpenBody;
use super::read_body::{self, ResponseReader};
use super::send::Outgoing;

/// A response whose head has arrived.
pub(super) struct StartedResponse<'a> {
    pub(super) head: FinalHead,
    pub(super) connection: PooledConnection,
    /// The part of the request that is not sent yet.
    pub(super) outgoing: Option<Outgoing<'a>>,
}

/// Where the body of a response goes.
pub(super) struct Destination<'d, 'a> {
    pub(super) reporter: &'d ProgressReporter,
    /// The maximum number of bytes in memory.
    pub(super) max_bytes: u64,
    /// Leave the content coding as it is.
    pub(super) raw: bool,
    /// Receives the body if it stays open.
    pub(super) open_body: &'d mut Option<Box<OpenBody<'a>>>,
}

/// Receives the rest of a response, and removes the content codings from its body.
// Inlined into its one caller, which holds the large response and connection.
#[inline(always)]
pub(super) fn receive<'a>(
    response: StartedResponse<'a>,
    sink: Option<&mut dyn Sink>,
    destination: Destination<'_, 'a>,
) -> Result<ReceivedResponse, ExchangeError> {
    let StartedResponse { head, mut connection, outgoing } = response;
    let FinalHead { version, status, reason, headers, framing, quota_exhausted, .. } = head;
    let FinalHead { has_content_encoding, persistent, idle_timeout, skipped_lines, .. } = head;
    connection.set_idle_timeout(idle_timeout);
    let tls = connection.tls_session();
    let mut head = ResponseHead { status, version, reason, headers, quota_exhausted, tls };
    let mut bytes = Vec::new();
    let has_coded_body = has_content_encoding && framing != Framing::None && !destination.raw;
    let outcome = begin_receiving(status, skipped_lines)
        .and_then(|()| if has_coded_body { take_codings(&mut head) } else { Ok(Vec::new()) })
        .and_then(|codings| {
            let body = FramedBody::new(connection, outgoing, framing, persistent);
            let coded = (framing, &*codings);
            receive_body(&head, body, coded, sink, destination, &mut bytes)
        });
    bytes.reserve_exact(1);
    match outcome {
        Ok(()) => Ok(ReceivedResponse { head, body: bytes }),
        Err(failure) => Err(failure.with_partial_response(Some(head), bytes)),
    }
}

/// Reads the body into the sink or into `bytes`, or leaves it open.
#[inline(always)]
fn receive_body<'a>(
    head: &ResponseHead,
    body: TransportResult<FramedBody<'a>>,
    (framing, codings): (Framing, &[decode::Coding]),
    mut sink: Option<&mut dyn Sink>,
    destination: Destination<'_, 'a>,
    bytes: &mut Vec<u8>,
) -> TransportResult<()> {
    let Destination { reporter, max_bytes, open_body, .. } = destination;
    let content_length = match framing {
        Framing::Length(length) if codings.is_empty() => Some(length),
        _ => None,
    };
    let target = match &mut sink {
        Some(sink) => sink.begin(head, codings.is_empty())?,
        None => BodyTarget::Memory,
    };
    let sink = sink.filter(|_| target != BodyTarget::Memory);
    report_start(reporter, sink.as_deref(), content_length)?;
    if framing == Framing::None {
        return body.map(drop);
    }
    let limit = sink.as_ref().map_or(Some(max_bytes), |sink| sink.limit());
    let mut incoming = ResponseReader::new(body?, codings, limit);
    if target == BodyTarget::Open {
        let open = OpenBody::new(incoming, content_length, reporter.clone());
        *open_body = Some(Box::new(open));
        return Ok(());
    }
    let (received, outcome) = match sink {
        Some(sink) => read_body::read_to_sink(&mut incoming, content_length, sink, reporter),
        None => {
            let outcome =
                read_body::read(&mut incoming, content_length, max_bytes, bytes, reporter);
            (bytes.len() as u64, outcome)
        }
    };
    outcome.map_err(|failure| read_body::with_received_length(failure, content_length, received))
}

/// Records that the head has arrived. Fails if a proxy asks for credentials (407), or if the
/// protocol switches (101).
fn begin_receiving(status: u16, skipped_lines: usize) -> TransportResult<()> {
    let mut forwarder = None;
    context::update_current(|context| {
        context.phase = Phase::Receiving;
        context.record.skipped_lines = skipped_lines;
        forwarder = context.connection_spec.forward_proxy().cloned();
    });
    if let (407, Some(proxy)) = (status, forwarder) {
        let failure = connect::authentication_required(&proxy, 407);
        return Err(connect::with_proxy_name(failure, &proxy));
    }
    if status == 101 {
        let detail = "the server switched protocols without a request to do so";
        return Err(TransportError::new(TransportErrorKind::Protocol, detail));
    }
    Ok(())
}

/// The content codings of the body. Their header fields are removed, because they do not describe
/// the decoded body (RFC 9110 section 8.4).
fn take_codings(head: &mut ResponseHead) -> TransportResult<Vec<decode::Coding>> {
    let codings = decode::codings(&head.headers)?;
    if !codings.is_empty() {
        head.headers = std::mem::take(&mut head.headers)
            .without(&[header::CONTENT_ENCODING, header::CONTENT_LENGTH]);
    }
    Ok(codings)
}

/// Reports the length of the body, and how much of it the sink has from an earlier request.
fn report_start(
    reporter: &ProgressReporter,
    sink: Option<&dyn Sink>,
    content_length: Option<u64>,
) -> TransportResult<()> {
    let before = sink.map_or(0, Sink::received_before);
    reporter.count(|progress| {
        progress.received = before;
        progress.to_receive = content_length.map_or(0, |length| length.saturating_add(before));
    });
    reporter.report()
}
