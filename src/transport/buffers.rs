//! The buffers between ureq and a connection: as large as there is need, small when idle.

use std::fmt;

use ureq::unversioned::transport::Buffers;
use zeroize::Zeroize;

use super::call;

/// What an idle connection keeps, and what a new one begins with.
const OUTPUT: usize = 8 * 1024;
const INPUT: usize = 16 * 1024;
/// Where growing stops: for output, and for input that is consumed as it comes.
const LARGE: usize = 128 * 1024;
/// Input that nobody consumes is a response head; ureq refuses one long before this.
const INPUT_MOST: usize = 1024 * 1024;
/// What stays free behind a head that is held back, so that a body never finds no room.
const ROOM: usize = 1024;

/// The buffers of one connection.
pub(super) struct LinkBuffers {
    output: Vec<u8>,
    /// A request head that waits at the front of the output for the body that follows it.
    held: usize,
    input: Vec<u8>,
    start: usize,
    end: usize,
    /// Where that ends what ureq is to see.
    shown: usize,
    /// The last look at the input consumed some of it.
    progress: bool,
}

impl LinkBuffers {
    pub(super) const fn new() -> Self {
        Self {
            output: Vec::new(),
            held: 0,
            input: Vec::new(),
            start: 0,
            end: 0,
            shown: usize::MAX,
            progress: false,
        }
    }

    /// A new request begins.
    pub(super) fn begin(&mut self) {
        self.held = 0;
        self.shown = usize::MAX;
        self.progress = false;
    }

    /// Keeps what was just written at the front of the output, to go out with what comes next.
    /// `false` where there would be no room for that.
    pub(super) fn hold(&mut self, amount: usize) -> bool {
        let held = self.held.saturating_add(amount);
        let fits = self.output.len().saturating_sub(held) >= ROOM;
        if fits {
            self.held = held;
        }
        fits
    }

    /// Whether something is held back.
    pub(super) fn holds(&self) -> bool {
        self.held > 0
    }

    /// What is to be sent: what is held back and `amount` bytes behind it.
    pub(super) fn outgoing(&self, amount: usize) -> &[u8] {
        self.output.get(..self.held.saturating_add(amount)).unwrap_or_default()
    }

    /// What was to be sent is sent: wiped where it may hold credentials.
    pub(super) fn sent(&mut self, amount: usize, head: bool) {
        let sent = self.held.saturating_add(amount);
        let secret = if head { sent } else { self.held };
        if let Some(secret) = self.output.get_mut(..secret) {
            secret.zeroize();
        }
        self.held = 0;
    }

    /// Whether input is left that nobody has consumed.
    pub(super) fn unread(&self) -> bool {
        self.start < self.end
    }

    /// All input that nobody has consumed.
    pub(super) fn unread_mut(&mut self) -> &mut [u8] {
        self.input.get_mut(self.start..self.end).unwrap_or_default()
    }

    /// The last so many bytes of it.
    pub(super) fn newest(&mut self, amount: usize) -> &mut [u8] {
        let from = self.end.saturating_sub(amount).max(self.start);
        self.input.get_mut(from..self.end).unwrap_or_default()
    }

    /// Drops so many bytes at its end.
    pub(super) fn give_up_newest(&mut self, amount: usize) {
        self.end = self.end.saturating_sub(amount).max(self.start);
    }

    /// Drops so many bytes at its beginning.
    pub(super) fn skip(&mut self, amount: usize) {
        self.start = self.start.saturating_add(amount).min(self.end);
    }

    /// Shows ureq so many bytes of the input, and nothing that lies or comes behind them.
    pub(super) fn show_only(&mut self, amount: usize) {
        self.shown = self.start.saturating_add(amount);
    }

    /// Takes what lies there, at most so much.
    pub(super) fn take(&mut self, most: usize) -> &[u8] {
        let from = self.start;
        self.start = from.saturating_add(most).min(self.end);
        self.input.get(from..self.start).unwrap_or_default()
    }

    /// Gives back what an idle connection does not need.
    pub(super) fn settle(&mut self) {
        if self.output.len() > OUTPUT {
            self.output = Vec::new();
        }
        if self.input.len() > INPUT {
            self.input = Vec::new();
        }
    }

    fn ensure_output(&mut self) {
        if self.held > 0 {
            return;
        }
        let mut wanted = OUTPUT;
        call::note(|call| wanted = wanted.max(call.output_size.min(LARGE)));
        // A head may hold a header field of any length, and a row must fit as a whole.
        call::note(|call| wanted = wanted.max(call.head_size.saturating_add(ROOM)));
        if self.output.len() < wanted {
            self.output = vec![0; wanted];
        }
    }

    fn ensure_input(&mut self) {
        if self.start == self.end {
            self.start = 0;
            // A reader that emptied a full buffer has more to come.
            let was_full = self.end == self.input.len();
            self.end = 0;
            if self.input.is_empty() {
                self.input = vec![0; INPUT];
            } else if was_full && self.input.len() < LARGE {
                self.input = vec![0; self.input.len().saturating_mul(2)];
            }
        } else if self.end == self.input.len() {
            if self.start > 0 {
                self.input.copy_within(self.start..self.end, 0);
                self.end = self.end.saturating_sub(self.start);
                self.start = 0;
            } else if self.input.len() < INPUT_MOST {
                self.input.resize(self.input.len().saturating_mul(2), 0);
            }
        }
    }
}

/// Never what they hold: there are credentials in it.
impl fmt::Debug for LinkBuffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkBuffers").finish_non_exhaustive()
    }
}

impl Buffers for LinkBuffers {
    fn output(&mut self) -> &mut [u8] {
        self.ensure_output();
        self.output.get_mut(self.held..).unwrap_or_default()
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.ensure_output();
        self.ensure_input();
        let free = self.input.get_mut(self.end..).unwrap_or_default();
        (free, self.output.get_mut(self.held..).unwrap_or_default())
    }

    fn input(&self) -> &[u8] {
        self.input.get(self.start..self.end.min(self.shown)).unwrap_or_default()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.ensure_input();
        self.input.get_mut(self.end..).unwrap_or_default()
    }

    fn input_appended(&mut self, amount: usize) {
        self.end = self.end.saturating_add(amount).min(self.input.len());
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.skip(amount);
    }

    fn can_use_input(&self) -> bool {
        self.progress && self.unread()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(buffers: &mut LinkBuffers, bytes: &[u8]) -> usize {
        buffers.output()[..bytes.len()].copy_from_slice(bytes);
        bytes.len()
    }

    #[test]
    fn a_head_is_wiped_once_it_is_sent() {
        let head = b"GET / HTTP/1.1\r\nAuthorization: Bearer secret\r\n\r\n";
        let mut buffers = LinkBuffers::new();
        let written = write(&mut buffers, head);
        assert_eq!(buffers.outgoing(written), head);
        buffers.sent(written, true);
        assert!(buffers.output.iter().all(|&byte| byte == 0), "the head is still there");
    }

    #[test]
    fn a_head_that_waited_for_its_body_goes_out_before_it_and_is_wiped_too() {
        let mut buffers = LinkBuffers::new();
        let head = write(&mut buffers, b"head with a secret");
        assert!(buffers.hold(head));
        assert!(buffers.holds());
        let body = write(&mut buffers, b", body");
        assert_eq!(buffers.outgoing(body), b"head with a secret, body");
        buffers.sent(body, false);
        assert!(!buffers.holds());
        assert!(buffers.output[..head].iter().all(|&byte| byte == 0), "the head is still there");
    }

    #[test]
    fn input_grows_while_much_comes_and_is_given_back_when_idle() {
        let mut buffers = LinkBuffers::new();
        for _ in 0..8 {
            let room = buffers.input_append_buf().len();
            buffers.input_appended(room);
            buffers.input_consume(room);
        }
        assert_eq!(buffers.input.len(), LARGE);
        assert!(!buffers.unread());
        buffers.settle();
        assert!(buffers.input.len() <= INPUT && buffers.output.len() <= OUTPUT);
    }

    #[test]
    fn input_that_is_not_consumed_makes_room_behind_it() {
        let mut buffers = LinkBuffers::new();
        let mut total = 0;
        for _ in 0..3 {
            let room = buffers.input_append_buf();
            room.fill(b'x');
            total += room.len();
            let room = room.len();
            buffers.input_appended(room);
            buffers.input_consume(0);
            assert!(!buffers.can_use_input(), "without progress, more must be awaited");
        }
        assert_eq!(buffers.input().len(), total);
        buffers.input_consume(total - 1);
        assert_eq!(buffers.input(), b"x");
        assert!(buffers.can_use_input());
    }
}
