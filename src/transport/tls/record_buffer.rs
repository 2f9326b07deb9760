//! Received TLS records before the session reads them: rustls alone would read 4 KB at a time.

use std::io;

use rustls::ClientConnection;

/// The size of the first read; if much arrives, reads grow up to the other size.
const INITIAL_READ: usize = 8 * 1024;
const MAX_READ: usize = 64 * 1024;

/// Bytes that have arrived, and that the session has not read yet.
pub(super) struct RecordBuffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl RecordBuffer {
    pub(super) const fn new() -> Self {
        Self { bytes: Vec::new(), start: 0, end: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The space to read into; call [`filled`](Self::filled) with the number of bytes. A read that
    /// fills all of it makes the next space larger.
    pub(super) fn read_buffer(&mut self) -> &mut [u8] {
        if self.is_empty() {
            let was_full = self.end == self.bytes.len();
            (self.start, self.end) = (0, 0);
            if was_full && self.bytes.len() < MAX_READ {
                self.bytes = vec![0; self.bytes.len().saturating_mul(2).max(INITIAL_READ)];
            }
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    pub(super) fn filled(&mut self, amount: usize) {
        self.end = self.end.saturating_add(amount).min(self.bytes.len());
    }

    /// Passes as many bytes to the session as it accepts at once.
    pub(super) fn read_into_session(&mut self, session: &mut ClientConnection) -> io::Result<()> {
        let mut rest = self.bytes.get(self.start..self.end).unwrap_or_default();
        session.read_tls(&mut rest)?;
        self.start = self.end.saturating_sub(rest.len());
        Ok(())
    }

    /// Frees memory that an idle connection does not need.
    pub(super) fn shrink(&mut self) {
        if self.is_empty() && self.bytes.len() > INITIAL_READ {
            *self = Self::new();
        }
    }
}
