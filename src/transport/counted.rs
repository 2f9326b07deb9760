//! A body whose length is announced, and that comes as it is: read past ureq, straight to where it
//! is to stay.

use std::io::{self, Read};

use super::call;
use super::fault::{Failure, FaultKind, Outcome};
use super::link::Loan;

/// What is still to come of a body, and the connection that it comes over. The connection goes
/// back to the pool when the end has been read; dropped before that, it is closed.
#[derive(Debug)]
pub(super) struct Counted {
    /// Gone once the end has been read.
    loan: Option<Loan>,
    length: u64,
    left: u64,
}

impl Counted {
    pub(super) fn new(loan: Loan, length: u64) -> Self {
        Self { loan: Some(loan), length, left: length }
    }

    /// The length that was announced.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Reads more of it behind what `bytes` holds, which has room; 0 is the end.
    pub(super) fn read_into(&mut self, bytes: &mut Vec<u8>) -> Outcome<usize> {
        let most = self.most(bytes.capacity().saturating_sub(bytes.len()));
        let Some(loan) = self.loan.as_mut().filter(|_| most > 0) else { return self.nothing() };
        let lying = loan.buffers.take(most);
        bytes.extend_from_slice(lying);
        let read = match lying.len() {
            0 => call::with(|call| loan.read_into(call, bytes, most))?,
            lying => lying,
        };
        self.came(read)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Outcome<usize> {
        let most = self.most(buffer.len());
        let Some(loan) = self.loan.as_mut().filter(|_| most > 0) else { return self.nothing() };
        let room = buffer.get_mut(..most).unwrap_or_default();
        let lying = loan.buffers.take(most);
        let read = match lying.len() {
            0 => call::with(|call| loan.read(call, room))?,
            length => {
                room.get_mut(..length).unwrap_or_default().copy_from_slice(lying);
                length
            }
        };
        self.came(read)
    }

    /// How much may be read into so much room.
    fn most(&self, room: usize) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX).min(room)
    }

    fn came(&mut self, read: usize) -> Outcome<usize> {
        if read == 0 {
            let detail = "the server closed the connection within the body";
            return Err(Failure::new(FaultKind::Closed, detail));
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }

    /// There is no more, or no room for more.
    fn nothing(&mut self) -> Outcome<usize> {
        if self.left == 0
            && let Some(loan) = self.loan.take()
        {
            loan.park();
        }
        Ok(0)
    }
}

/// For decoders.
impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Self::read(self, buffer).map_err(|failure| ureq::Error::from(failure).into_io())
    }
}
