//! What comes in over a connection, looked through on its way to ureq.

use super::buffers::LinkBuffers;
use super::call::Call;
use super::chunks::ChunkScan;
use super::fault::{Failure, FaultKind, Outcome};
use super::head::{Framing, HeadScan, Look};

/// Where in a response the input stands.
#[derive(Debug)]
pub(super) enum Intake {
    Head(HeadScan),
    Chunked(ChunkScan),
    /// A body of this length, which ureq is not to see.
    Counted(u64),
    /// ureq needs nobody to count bytes.
    Plain,
}

impl Intake {
    /// For the response to come.
    pub(super) fn new() -> Self {
        Self::Head(HeadScan::default())
    }

    /// Fails where more is awaited behind what is broken.
    pub(super) fn check(&self) -> Outcome<()> {
        match self {
            Self::Chunked(scan) => scan.check(),
            Self::Head(_) | Self::Counted(_) | Self::Plain => Ok(()),
        }
    }

    /// Looks at so many bytes at the end of the input. Whether ureq can do something with what it
    /// now gets to see: a head is passed on as a whole.
    pub(super) fn pass(
        &mut self,
        call: &mut Call,
        buffers: &mut LinkBuffers,
        amount: usize,
    ) -> Outcome<bool> {
        match self {
            Self::Counted(_) | Self::Plain => Ok(true),
            Self::Head(_) => self.head(call, buffers),
            Self::Chunked(scan) => Ok(chunks(scan, buffers, amount) > 0),
        }
    }

    fn head(&mut self, call: &mut Call, buffers: &mut LinkBuffers) -> Outcome<bool> {
        let Self::Head(scan) = self else { return Ok(true) };
        let complete = loop {
            match scan.look(buffers.unread_mut(), call.bodiless)? {
                Look::Unfinished => return Ok(false),
                Look::Interim(length) => buffers.skip(length),
                Look::Final(complete) => break complete,
            }
        };
        buffers.skip(complete.skip);
        call.reason = complete.reason;
        call.headers = complete.headers;
        let head = complete.end.saturating_sub(complete.skip);
        *self = match complete.framing {
            Framing::Plain => Self::Plain,
            Framing::Length(length) => {
                buffers.show_only(head);
                Self::Counted(length)
            }
            Framing::Chunked => Self::Chunked(ChunkScan::new()),
        };
        if let Self::Chunked(scan) = self {
            let behind = buffers.unread_mut().len().saturating_sub(head);
            chunks(scan, buffers, behind);
        }
        Ok(true)
    }

    /// The connection has ended. ureq finds out itself what that means, but for chunks.
    pub(super) fn ended(&self) -> Outcome<()> {
        match self {
            Self::Chunked(scan) if !scan.ended() => {
                let detail = "the server closed the connection within the body";
                Err(Failure::new(FaultKind::Closed, detail))
            }
            _ => Ok(()),
        }
    }
}

/// Passes so many bytes at the end of the input; how many ureq is to see.
fn chunks(scan: &mut ChunkScan, buffers: &mut LinkBuffers, amount: usize) -> usize {
    let kept = scan.pass(buffers.newest(amount));
    buffers.give_up_newest(amount.saturating_sub(kept));
    kept
}
