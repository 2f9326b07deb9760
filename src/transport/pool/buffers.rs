//! The buffers of a connection: they grow on demand, and shrink when the connection is idle.

use std::fmt;
use std::ops::Range;

use ureq::unversioned::transport::Buffers;
use zeroize::Zeroize;

/// The initial sizes. Most heads are shorter, and a larger buffer would be filled with zeros for
/// nothing.
const INITIAL_OUTPUT: usize = 2 * 1024;
const INITIAL_INPUT: usize = 4 * 1024;
/// The sizes that an idle connection keeps. Up to this size, a read that fills the input doubles it
/// for the next one, so that one read receives a head and a short body. A long body needs no
/// buffer.
const IDLE_OUTPUT: usize = 8 * 1024;
const IDLE_INPUT: usize = 16 * 1024;
/// The maximum size of the output for a body. A head gets as much as it needs.
pub(in crate::transport) const MAX_BODY_OUTPUT: usize = 128 * 1024;
/// Only a response head stays in the input for long, and the parser refuses a much smaller one.
const MAX_INPUT: usize = 1024 * 1024;

/// The buffers of one connection.
pub(super) struct ConnectionBuffers {
    output: Vec<u8>,
    /// The length of the head at the start of the output. It may contain credentials.
    head: usize,
    /// The part of the output that is to be sent.
    unsent: Range<usize>,
    input: Vec<u8>,
    start: usize,
    end: usize,
}

impl ConnectionBuffers {
    pub(super) const fn new() -> Self {
        Self { output: Vec::new(), head: 0, unsent: 0..0, input: Vec::new(), start: 0, end: 0 }
    }

    /// Makes the output at least this long, without content.
    pub(super) fn make_room(&mut self, wanted: usize) {
        if self.output.len() < wanted {
            self.wipe_head();
            self.output = vec![0; wanted];
        }
    }

    /// Records the length of the head at the start of the output.
    pub(super) fn head_written(&mut self, length: usize) {
        self.head = length;
    }

    /// Sets the number of bytes to send.
    pub(super) fn fill(&mut self, amount: usize) {
        self.unsent = 0..amount;
    }

    /// The bytes that are still to be sent.
    pub(super) fn unsent(&self) -> &[u8] {
        self.output.get(self.unsent.clone()).unwrap_or_default()
    }

    /// Whether the first `length` bytes of the output have been sent.
    pub(super) fn has_sent(&self, length: usize) -> bool {
        self.unsent.start >= length || self.unsent.is_empty()
    }

    /// Records sent bytes. After the last one, the head is wiped.
    pub(super) fn sent(&mut self, amount: usize) {
        self.unsent.start = self.unsent.start.saturating_add(amount);
        if self.unsent.is_empty() {
            self.wipe_head();
        }
    }

    /// Wipes the head in the output, if there is one.
    fn wipe_head(&mut self) {
        let head = std::mem::take(&mut self.head);
        self.output.get_mut(..head).unwrap_or_default().zeroize();
    }

    /// Whether there is unread input.
    pub(super) fn has_unread(&self) -> bool {
        self.start < self.end
    }

    /// Takes unread input, at most `max` bytes.
    pub(super) fn take(&mut self, max: usize) -> &[u8] {
        let from = self.start;
        self.start = from.saturating_add(max).min(self.end);
        self.input.get(from..self.start).unwrap_or_default()
    }

    /// Frees memory that an idle connection does not need.
    pub(super) fn shrink(&mut self) {
        if self.output.len() > IDLE_OUTPUT {
            self.output = Vec::new();
        }
        if self.input.len() > IDLE_INPUT {
            self.input = Vec::new();
            (self.start, self.end) = (0, 0);
        }
    }

    fn ensure_input(&mut self) {
        if self.start == self.end {
            let was_full = self.end == self.input.len();
            (self.start, self.end) = (0, 0);
            if was_full && self.input.len() < IDLE_INPUT {
                self.input = vec![0; self.input.len().saturating_mul(2).max(INITIAL_INPUT)];
            }
        } else if self.end == self.input.len() {
            if self.start > 0 {
                self.input.copy_within(self.start..self.end, 0);
                self.end = self.end.saturating_sub(self.start);
                self.start = 0;
            } else if self.input.len() < MAX_INPUT {
                self.input.resize(self.input.len().saturating_mul(2), 0);
            }
        }
    }
}

/// Also wipes the head of a request that was given up before it was sent.
impl Drop for ConnectionBuffers {
    fn drop(&mut self) {
        self.wipe_head();
    }
}

/// Does not print the content, because it may contain credentials.
impl fmt::Debug for ConnectionBuffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuffers").finish_non_exhaustive()
    }
}

impl Buffers for ConnectionBuffers {
    fn output(&mut self) -> &mut [u8] {
        self.make_room(INITIAL_OUTPUT);
        &mut self.output
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.make_room(INITIAL_OUTPUT);
        self.ensure_input();
        (self.input.get_mut(self.end..).unwrap_or_default(), &mut self.output)
    }

    fn input(&self) -> &[u8] {
        self.input.get(self.start..self.end).unwrap_or_default()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.ensure_input();
        self.input.get_mut(self.end..).unwrap_or_default()
    }

    fn input_appended(&mut self, amount: usize) {
        self.end = self.end.saturating_add(amount).min(self.input.len());
    }

    fn input_consume(&mut self, amount: usize) {
        self.start = self.start.saturating_add(amount).min(self.end);
    }

    fn can_use_input(&self) -> bool {
        self.has_unread()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_wiped_after_it_is_sent_and_not_before() {
        let head = b"GET / HTTP/1.1\r\nAuthorization: Bearer secret\r\n\r\n";
        let mut buffers = ConnectionBuffers::new();
        buffers.output()[..head.len()].copy_from_slice(head);
        buffers.head_written(head.len());
        buffers.fill(head.len());
        assert_eq!(buffers.unsent(), head);
        buffers.sent(10);
        assert_eq!(buffers.unsent(), &head[10..]);
        buffers.sent(head.len() - 10);
        assert!(buffers.unsent().is_empty());
        assert!(buffers.output.iter().all(|&byte| byte == 0), "the head is still there");
    }

    #[test]
    fn a_full_input_is_larger_the_next_time() {
        let mut buffers = ConnectionBuffers::new();
        assert_eq!(buffers.input_append_buf().len(), INITIAL_INPUT);
        for _ in 0..8 {
            let room = buffers.input_append_buf().len();
            buffers.input_appended(room);
            buffers.input_consume(room);
        }
        assert_eq!(buffers.input.len(), IDLE_INPUT);
    }

    #[test]
    fn an_idle_connection_frees_the_memory_of_a_large_head_and_body() {
        let mut buffers = ConnectionBuffers::new();
        buffers.make_room(MAX_BODY_OUTPUT);
        while buffers.input().len() < MAX_BODY_OUTPUT {
            let room = buffers.input_append_buf().len();
            buffers.input_appended(room);
        }
        buffers.input_consume(MAX_BODY_OUTPUT);
        assert!(!buffers.has_unread());
        buffers.shrink();
        assert!(buffers.input.len() <= IDLE_INPUT && buffers.output.len() <= IDLE_OUTPUT);
        assert!(!buffers.input_append_buf().is_empty(), "no room for the next response");
    }

    #[test]
    fn unread_input_leaves_room_after_it() {
        let mut buffers = ConnectionBuffers::new();
        let mut total = 0;
        for _ in 0..3 {
            let room = buffers.input_append_buf();
            room.fill(b'x');
            total += room.len();
            let room = room.len();
            buffers.input_appended(room);
        }
        assert_eq!(buffers.input().len(), total);
        buffers.input_consume(total - 1);
        assert_eq!(buffers.input(), b"x");
        assert!(buffers.has_unread());
    }
}
