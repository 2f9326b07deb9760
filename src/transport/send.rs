//! A request on its way out: its head as ureq-proto writes it, and the body behind it.

use http::{Request, header};
use ureq::unversioned::transport::{NextTimeout, Transport};
use ureq_proto::client::Call;
use ureq_proto::client::state::SendRequest;

use super::buffers::LARGE;
use super::fault::{Failure, FaultKind, Outcome, explain};
use super::link::Link;
use super::stream::{Gauge, Origin};

/// What a head leaves free behind it for a body, however long it is.
const ROOM: usize = 8 * 1024;

/// Sends all of a request. Head and body go out together as far as they are short.
pub(super) fn send(
    link: &mut Link,
    request: Request<()>,
    mut body: Option<Origin<'_>>,
    gauge: &mut Gauge<'_>,
) -> Outcome<()> {
    let length = body.as_ref().map(Origin::length);
    let mut call = prepared(request, length).map_err(unsendable)?;
    let mut filled = write_head(link, &mut call)?;
    let mut left = length.unwrap_or(0);
    gauge.moved.to_send = left;
    let most = LARGE.max(filled.saturating_add(ROOM));
    link.make_room(usize::try_from(left).unwrap_or(LARGE).saturating_add(filled).min(most));
    while let Some(origin) = &mut body
        && left > 0
    {
        // What the last round read has been sent by now.
        gauge.report()?;
        let room = link.buffers().output().get_mut(filled..).unwrap_or_default();
        let most = usize::try_from(left).unwrap_or(room.len()).min(room.len());
        let read = origin.read(room.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            return Err(Failure::new(FaultKind::Internal, "the body ended before its length"));
        }
        gauge.moved.sent = gauge.moved.sent.saturating_add(read as u64);
        left = left.saturating_sub(read as u64);
        transmit(link, filled.saturating_add(read))?;
        filled = 0;
    }
    if filled > 0 {
        transmit(link, filled)?;
    }
    match gauge.moved.to_send {
        0 => Ok(()),
        _ => gauge.report(),
    }
}

/// `Host` is added where it is missing.
fn prepared(
    request: Request<()>,
    length: Option<u64>,
) -> Result<Call<SendRequest>, ureq_proto::Error> {
    let mut call = Call::new(request)?;
    call.allow_non_standard_methods(true);
    if let Some(length) = length {
        call.force_send_body();
        call.header(header::CONTENT_LENGTH, length)?;
    }
    Ok(call.proceed())
}

/// Writes the head to the front of the output, as a whole; returns its length.
fn write_head(link: &mut Link, call: &mut Call<SendRequest>) -> Outcome<usize> {
    let mut filled = 0_usize;
    loop {
        let output = link.buffers().output();
        let length = output.len();
        match call.write(output.get_mut(filled..).unwrap_or_default()) {
            Ok(written) => filled = filled.saturating_add(written),
            // A field may be of any length, and goes out as a whole.
            Err(ureq_proto::Error::OutputOverflow) => {}
            Err(error) => return Err(unsendable(error)),
        }
        if call.can_proceed() {
            link.head_written(filled);
            return Ok(filled);
        }
        // Behind what is whole stands some of a field that found no room.
        link.head_written(length);
        link.make_room(length.saturating_mul(2));
    }
}

fn transmit(link: &mut impl Transport, amount: usize) -> Outcome<()> {
    link.transmit_output(amount, NextTimeout::default()).map_err(explain)
}

fn unsendable(error: ureq_proto::Error) -> Failure {
    Failure::new(FaultKind::Internal, format!("the request cannot be sent: {error}"))
}
