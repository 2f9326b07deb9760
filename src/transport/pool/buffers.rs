//! The buffers of a connection: as large as there is need, small when idle.

use std::fmt;
use std::ops::Range;

use ureq::unversioned::transport::Buffers;
use zeroize::Zeroize;

/// What a new connection begins with: most heads are shorter, and more would be filled with zeros, and
/// touched, for nothing.
const INITIAL_OUTPUT: usize = 2 * 1024;
const INITIAL_INPUT: usize = 4 * 1024;
/// What an idle connection keeps. Up to here, input that came in full makes room for more the next
/// time, so that a head and a short body come with one reading; a long body needs no buffer.
const IDLE_OUTPUT: usize = 8 * 1024;
const IDLE_INPUT: usize = 16 * 1024;
/// Where the output stops growing for a body; a head has as much as it needs.
pub(in crate::transport) const MAX_BODY_OUTPUT: usize = 128 * 1024;
/// Input that nobody consumes is a response head; one is refused long before this.
const MAX_INPUT: usize = 1024 * 1024;

/// The buffers of one connection.
pub(super) struct ConnectionBuffers {
    output: Vec<u8>,
    /// How much at the front of the output is a head, which may hold credentials.
    head: usize,
    /// What is to be sent of the output, and has not been.
    unsent: Range<usize>,
    input: Vec<u8>,
    start: usize,
    end: usize,
}

impl ConnectionBuffers {
    pub(super) const fn new() -> Self {
        Self { output: Vec::new(), head: 0, unsent: 0..0, input: Vec::new(), start: 0, end: 0 }
    }

    /// Makes the output at least this long, and empty.
    pub(super) fn make_room(&mut self, wanted: usize) {
        if self.output.len() < wanted {
            self.wipe_head();
            self.output = vec![0; wanted];
        }
    }

    /// So much at the front of the output is a head.
    pub(super) fn head_written(&mut self, length: usize) {
        self.head = length;
    }

    /// So much of the output is to be sent.
    pub(super) fn fill(&mut self, amount: usize) {
        self.unsent = 0..amount;
    }

    /// What is to be sent.
    pub(super) fn unsent(&self) -> &[u8] {
        self.output.get(self.unsent.clone()).unwrap_or_default()
    }

    /// So much has been sent. A head goes when all has.
    pub(super) fn sent(&mut self, amount: usize) {
        self.unsent.start = self.unsent.start.saturating_add(amount);
        if self.unsent.is_empty() {
            self.wipe_head();
        }
    }

    /// Wipes the head, where one stands in the output.
    fn wipe_head(&mut self) {
        let head = std::mem::take(&mut self.head);
        self.output.get_mut(..head).unwrap_or_default().zeroize();
    }

    /// Whether input is left that nobody has consumed.
    pub(super) fn has_unread(&self) -> bool {
        self.start < self.end
    }

    /// Takes what lies there, at most so much.
    pub(super) fn take(&mut self, max: usize) -> &[u8] {
        let from = self.start;
        self.start = from.saturating_add(max).min(self.end);
        self.input.get(from..self.start).unwrap_or_default()
    }

    /// Gives back what an idle connection does not need.
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

/// A head that was never sent, because its request was given up, is wiped as well.
impl Drop for ConnectionBuffers {
    fn drop(&mut self) {
        self.wipe_head();
    }
}

/// Never what they hold: there are credentials in it.
impl fmt::Debug for ConnectionBuffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkBuffers").finish_non_exhaustive()
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
    fn a_head_is_wiped_once_it_is_sent_and_not_before() {
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
    fn input_that_came_in_full_makes_room_for_more_the_next_time() {
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
    fn what_a_large_head_and_a_large_body_took_is_given_back_when_idle() {
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
        assert!(!buffers.input_append_buf().is_empty(), "no room for the next answer");
    }

    #[test]
    fn input_that_is_not_consumed_makes_room_behind_it() {
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
