//! One exchange: one request, one response.

// The error is not larger than the response, and neither is copied on its way.
#![allow(clippy::result_large_err)]

mod body_io;
mod framed_body;
mod open_body;
mod read_body;
mod receive;
mod send;
mod transport;

use std::sync::Arc;

use http::Method;
use ureq::unversioned::transport::{NextTimeout, Transport as _};

use crate::headers::Headers;
use crate::trace::Event;

use super::connect;
use super::context;
use super::error::{ExchangeError, TransportResult, from_ureq};
use super::http1::{FinalHead, HeadParser, ParseStatus};
use super::options::{Body, RequestHead};
use super::pool::{Pool, PooledConnection};
use super::response::ReceivedResponse;
use body_io::{BodySource, ProgressReporter};
use receive::{Destination, StartedResponse};
use send::Outgoing;

pub use body_io::{BodyHandlers, BodyIoError, BodyTarget, Sink, Upload};
pub use open_body::OpenBody;
pub use transport::Transport;

/// For these methods, the request sends `Content-Length: 0` if it has no body (RFC 9110 section
/// 8.6).
#[must_use]
pub fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

fn run<'a>(
    pool: &Arc<Pool>,
    request: RequestHead<'_>,
    body: Body<'a>,
    handlers: BodyHandlers<'_>,
    max_bytes: u64,
    open_body: &mut Option<Box<OpenBody<'a>>>,
) -> Result<ReceivedResponse, ExchangeError> {
    let reporter = ProgressReporter::new(handlers.progress);
    let response = send_request(
        pool,
        request,
        BodySource::new(body, handlers.upload),
        &reporter,
        handlers.tracer.is_some(),
    );
    let response = response.map_err(|failure| failure.with_partial_response(None, Vec::new()))?;
    let destination = Destination { reporter: &reporter, max_bytes, raw: handlers.raw, open_body };
    receive::receive(response, handlers.sink, destination)
}

/// Sends the request, and reads the head of its response.
fn send_request<'a>(
    pool: &Arc<Pool>,
    request: RequestHead<'_>,
    body: Option<BodySource<'a>>,
    reporter: &ProgressReporter,
    traced: bool,
) -> TransportResult<StartedResponse<'a>> {
    context::with_current(|context| context.check_start())?;
    let bodiless = *request.method == Method::HEAD;
    let body = body.or_else(|| expects_body(request.method).then_some(BodySource::Memory(&[])));
    let mut connection =
        context::with_current(|context| connect::checkout(pool, context, request.uri))?;
    let mut outgoing = send::begin(&mut connection, request, body, (reporter, traced))?;
    let head = read_head(&mut connection, &mut outgoing, traced, bodiless)?;
    // A server that sends an error, or decides without the body, does not want the rest (RFC 9112
    // section 9.5).
    if outgoing.as_ref().is_some_and(|outgoing| head.status >= 400 || outgoing.awaits_continue()) {
        send::give_up(&mut outgoing);
        connection.forbid_reuse();
    }
    Ok(StartedResponse { head, connection, outgoing })
}

fn trace_interim(status: u16, head: Option<&[u8]>) {
    let head = head.unwrap_or_default();
    let line_end = memchr::memchr(b'\n', head).map_or(head.len(), |at| at.saturating_add(1));
    let fields = head.get(line_end..).unwrap_or_default();
    let headers = Headers::from_lines(fields.to_vec());
    context::update_current(|context| {
        context.trace(|| Event::Interim { status, headers: &headers });
    });
}

/// Reads the final head, and continues sending in the meantime. `bodiless`: the request was a HEAD.
fn read_head(
    connection: &mut PooledConnection,
    outgoing: &mut Option<Outgoing<'_>>,
    traced: bool,
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
                if traced {
                    trace_interim(status, connection.buffers().input().get(..length));
                }
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
