//! The body of a response, which ends where its framing says (RFC 9112 section 6.3): read straight
//! to where it is to stay.

use std::io::{self, Read};
use std::time::Instant;

use super::call::{self, Call};
use super::chunks::Chunks;
use super::fault::{Failure, FaultKind, Outcome};
use super::head::Framing;
use super::link::Link;
use super::send::{self, Outgoing};

/// What is still to come of a body, and the connection that it comes over. When the end is read, a
/// connection that may carry another request goes back to the pool; dropped before that, it is
/// closed.
#[derive(Debug)]
pub(super) struct Framed<'a> {
    /// Gone once the end has been read.
    link: Option<Link>,
    /// What is still to be sent of the request.
    outgoing: Option<Outgoing<'a>>,
    rest: Rest,
    persistent: bool,
}

#[derive(Debug)]
enum Rest {
    Length(u64),
    Chunked(Chunks),
    /// Up to the end of the connection.
    ToEnd,
}

impl<'a> Framed<'a> {
    pub(super) fn new(
        link: Link,
        outgoing: Option<Outgoing<'a>>,
        framing: Framing,
        persistent: bool,
    ) -> Outcome<Self> {
        let rest = match framing {
            Framing::None => Rest::Length(0),
            Framing::Length(length) => Rest::Length(length),
            Framing::Chunked => Rest::Chunked(Chunks::new()),
            Framing::ToEnd => Rest::ToEnd,
        };
        let persistent = persistent && framing != Framing::ToEnd;
        let mut framed = Self { link: Some(link), outgoing, rest, persistent };
        if let Rest::Length(0) = framed.rest {
            framed.end()?;
        }
        Ok(framed)
    }

    /// Reads more of it behind what `bytes` holds, which has room; 0 is the end.
    pub(super) fn read_into(&mut self, bytes: &mut Vec<u8>) -> Outcome<usize> {
        let held = bytes.len();
        loop {
            let most = self.left()?.min(bytes.capacity().saturating_sub(held));
            let Some(link) = self.link.as_mut().filter(|_| most > 0) else { return Ok(0) };
            send_on(&mut self.outgoing, link)?;
            let lying = link.take(most);
            bytes.extend_from_slice(lying);
            if lying.is_empty() {
                call::with(|call| link.read_into(call, bytes, most))?;
            }
            let kept = self.came(bytes.get_mut(held..).unwrap_or_default())?;
            bytes.truncate(held.saturating_add(kept));
            if kept > 0 {
                return Ok(kept);
            }
        }
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Outcome<usize> {
        loop {
            let most = self.left()?.min(buffer.len());
            let Some(link) = self.link.as_mut().filter(|_| most > 0) else { return Ok(0) };
            let room = buffer.get_mut(..most).unwrap_or_default();
            send_on(&mut self.outgoing, link)?;
            let lying = link.take(most);
            let read = match lying.len() {
                0 => call::with(|call| link.read(call, room))?,
                length => {
                    room.get_mut(..length).unwrap_or_default().copy_from_slice(lying);
                    length
                }
            };
            let kept = self.came(room.get_mut(..read).unwrap_or_default())?;
            if kept > 0 {
                return Ok(kept);
            }
        }
    }

    /// How much may come at the most. Nothing is left at the end, where the connection goes.
    fn left(&mut self) -> Outcome<usize> {
        let left = match &self.rest {
            Rest::Length(left) => usize::try_from(*left).unwrap_or(usize::MAX),
            Rest::Chunked(chunks) if chunks.ended() => 0,
            Rest::Chunked(chunks) => chunks.check().map(|()| usize::MAX)?,
            Rest::ToEnd => usize::MAX,
        };
        if left == 0 {
            self.end()?;
        }
        Ok(left)
    }

    /// Takes note of what has come; returns how much of it, moved to the front, is the body's.
    fn came(&mut self, piece: &mut [u8]) -> Outcome<usize> {
        match &mut self.rest {
            Rest::Length(_) | Rest::Chunked(_) if piece.is_empty() => {
                let detail = "the server closed the connection within the body";
                return Err(Failure::new(FaultKind::Closed, detail));
            }
            Rest::Length(left) => *left = left.saturating_sub(piece.len() as u64),
            Rest::Chunked(chunks) => {
                let kept = chunks.undo(piece);
                if let (true, Some(link)) = (chunks.surplus(), &mut self.link) {
                    link.make_unfit();
                }
                return Ok(kept);
            }
            Rest::ToEnd if piece.is_empty() => self.rest = Rest::Length(0),
            Rest::ToEnd => {}
        }
        Ok(piece.len())
    }

    /// The whole answer has come. A server that keeps the connection may still read the request: sending
    /// goes on while it takes more, whatever it sends after its answer. A server that is about
    /// to close gets no more (RFC 9112 section 9.6).
    ///
    /// # Errors
    /// Those of the caller's side, such as a cancel. What happens to the connection, and a timeout, only
    /// end the sending.
    fn end(&mut self) -> Outcome<()> {
        let Some(mut link) = self.link.take().filter(|_| self.persistent) else { return Ok(()) };
        if self.outgoing.is_some() {
            call::note(Call::answered_whole);
        }
        while self.outgoing.is_some() {
            if !link.take(usize::MAX).is_empty() {
                link.make_unfit();
            }
            let in_time = call::with(|call| call.may_wait(Instant::now()));
            match in_time.and_then(|()| send::go_on(&mut self.outgoing, &mut link)) {
                Err(failure) if ends_sending(failure.kind) => return Ok(()),
                outcome => outcome?,
            }
        }
        link.park();
        Ok(())
    }
}

/// Whether a failure after the whole answer only ends the sending.
fn ends_sending(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Closed | FaultKind::Timeout | FaultKind::Tls { .. })
}

/// Sends on where there is more to send, until something lies there that can be read.
fn send_on(outgoing: &mut Option<Outgoing<'_>>, link: &mut Link) -> Outcome<()> {
    if outgoing.is_some() && !link.unread() {
        send::go_on(outgoing, link)?;
    }
    Ok(())
}

/// For decoders.
impl Read for Framed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Self::read(self, buffer).map_err(io::Error::other)
    }
}
