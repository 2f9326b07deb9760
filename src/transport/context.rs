//! The call on whose behalf this thread talks to the network.
//!
//! ureq's traits carry no place for it, so it stands in a thread-local for as long as the
//! exchange lasts. An exchange that begins inside another one (from a callback) puts the outer
//! one aside and back again.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::wait::{Cancel, Deadline};

use super::error::{TransportError, TransportErrorKind, TransportResult};
use super::options::ExchangeLimits;
use super::result::ExchangeRecord;
use super::route::ConnectionSpec;

thread_local! {
    static CURRENT: RefCell<Option<ExchangeContext>> = const { RefCell::new(None) };
}

/// After a whole answer, a server that takes nothing of the request for this long does not want the rest.
/// The caller waits meanwhile, and a server that reads usually takes some of it many times a second. Go's
/// `net/http` waits 50 ms in all, even for a server that reads.
const LONGEST_STALL: Duration = Duration::from_secs(1);

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Resolving,
    Connecting,
    /// The connection to a proxy stands, the tunnel through it does not yet.
    Tunnel,
    Handshake,
    Sending,
    Waiting,
    Receiving,
}

impl Phase {
    fn description(self) -> &'static str {
        match self {
            Self::Resolving => "looking up the host name",
            Self::Connecting => "connecting",
            Self::Tunnel => "waiting for the proxy's answer",
            Self::Handshake => "in the TLS handshake",
            Self::Sending => "sending the request",
            Self::Waiting => "waiting for the response headers",
            Self::Receiving => "reading the response body",
        }
    }

    /// Who is silent. A proxy has been named by then.
    fn peer(self) -> &'static str {
        if self == Self::Tunnel { "it" } else { "the server" }
    }
}

/// One exchange: its bounds, what it wants of a connection, and its record.
#[derive(Debug)]
pub(super) struct ExchangeContext {
    pub(super) start: Instant,
    attempt: Deadline,
    connect_timeout: Option<Duration>,
    connect: Deadline,
    read_timeout: Option<Duration>,
    cancel: Option<Cancel>,
    /// Until when the peer must take more of the request, once its whole answer has come.
    stall: Deadline,
    pub(super) phase: Phase,
    pub(super) connection_spec: ConnectionSpec,
    pub(super) fresh_connection: bool,
    /// Another request may follow on the connection.
    pub(super) keep_alive: bool,
    /// How old a connection may become.
    pub(super) max_age: Option<Duration>,
    pub(super) record: ExchangeRecord,
}

/// The time until which a wait may last, and whether that is the read timeout's doing.
#[derive(Debug, Clone, Copy)]
pub(super) struct WaitLimit {
    pub(super) until: Deadline,
    is_read_timeout: bool,
}

impl ExchangeContext {
    pub(super) fn new(
        connection_spec: ConnectionSpec,
        start: Instant,
        bounds: &ExchangeLimits<'_>,
    ) -> Self {
        Self {
            start,
            attempt: bounds.deadline,
            connect_timeout: bounds.connect_timeout,
            connect: Deadline::NEVER,
            read_timeout: bounds.read_timeout,
            cancel: bounds.cancel.cloned(),
            stall: Deadline::NEVER,
            phase: Phase::Resolving,
            connection_spec,
            fresh_connection: false,
            keep_alive: true,
            max_age: None,
            record: ExchangeRecord::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn with_limits(start: Instant, bounds: &ExchangeLimits<'_>) -> Self {
        Self::new(ConnectionSpec::default(), start, bounds)
    }

    pub(super) fn cancel(&self) -> Option<&Cancel> {
        self.cancel.as_ref()
    }

    /// A connection is going to be opened: the connect timeout runs from now.
    pub(super) fn connecting(&mut self, now: Instant) {
        self.connect = Deadline::after(now, self.connect_timeout);
        self.phase = Phase::Resolving;
    }

    /// The connection stands: the connect timeout has done its duty.
    pub(super) fn connected(&mut self) {
        self.connect = Deadline::NEVER;
        self.phase = Phase::Sending;
    }

    /// Until when a wait for the peer that begins now may last.
    pub(super) fn limit(&self, now: Instant) -> WaitLimit {
        let deadline = self.work_deadline();
        let silence = Deadline::after(now, self.read_timeout);
        let until = deadline.earlier(silence).earlier(self.stall);
        WaitLimit { until, is_read_timeout: until != deadline }
    }

    /// Until when work may last that has nothing to do with a peer's silence.
    pub(super) fn work_deadline(&self) -> Deadline {
        self.attempt.earlier(self.connect)
    }

    /// Whether there is any sense in beginning.
    pub(super) fn check_start(&self) -> TransportResult<()> {
        if self.attempt.has_passed(self.start) {
            return Err(TransportError::new(
                TransportErrorKind::Timeout,
                "no time is left for the request",
            ));
        }
        self.check_current(self.start)
    }

    /// Whether the call may go on.
    pub(super) fn check_current(&self, now: Instant) -> TransportResult<()> {
        if self.cancel.as_ref().is_some_and(Cancel::triggered) {
            return Err(TransportError::cancelled());
        }
        if self.work_deadline().has_passed(now) {
            return Err(self.timed_out(now, self.phase.description()));
        }
        Ok(())
    }

    /// Whether a wait for the peer may begin.
    pub(super) fn may_wait(&self, now: Instant) -> TransportResult<()> {
        self.check_within(self.limit(now), now)
    }

    /// As [`check`](Self::check), within a wait that has a limit of its own.
    pub(super) fn check_within(&self, limit: WaitLimit, now: Instant) -> TransportResult<()> {
        self.check_current(now)?;
        if !limit.until.has_passed(now) {
            return Ok(());
        }
        if let (true, Some(silence)) = (limit.is_read_timeout, self.read_timeout) {
            let (peer, doing) = (self.phase.peer(), self.phase.description());
            let detail = format!("{peer} was silent for {} while {doing}", span(silence));
            return Err(TransportError::new(TransportErrorKind::Timeout, detail));
        }
        Err(self.timed_out(now, self.phase.description()))
    }

    pub(super) fn timed_out(&self, now: Instant, doing: &str) -> TransportError {
        let elapsed = span(now.saturating_duration_since(self.start));
        TransportError::new(
            TransportErrorKind::Timeout,
            format!("timed out after {elapsed} {doing}"),
        )
    }

    /// The whole answer has come: from now on, the peer has little time to take more of the request.
    pub(super) fn answered_whole(&mut self) {
        self.stall = Deadline::after(Instant::now(), Some(LONGEST_STALL));
    }

    /// The peer has taken so much of the request.
    pub(super) fn taken(&mut self, bytes: u64) {
        self.record.request_bytes = self.record.request_bytes.saturating_add(bytes);
        if bytes > 0 && self.stall != Deadline::NEVER {
            self.answered_whole();
        }
    }

    /// Whether something of the answer has come.
    pub(super) fn response_started(&self) -> bool {
        self.record.first_byte.is_some()
    }

    /// The time since the exchange began, for the record.
    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A span as people write it: `250 ms`, `1.5 s`, `30 s`.
fn span(span: Duration) -> String {
    let ms = span.as_millis();
    if ms < 1000 {
        return format!("{ms} ms");
    }
    let seconds = format!("{:.1}", span.as_secs_f64());
    format!("{} s", seconds.strip_suffix(".0").unwrap_or(&seconds))
}

/// Puts the call before it back when it goes, also where a panic passes by.
#[derive(Debug)]
pub(super) struct ContextGuard {
    outer: Option<Box<ExchangeContext>>,
}

/// Makes `call` the one that this thread works for.
pub(super) fn enter(context: ExchangeContext) -> ContextGuard {
    CURRENT.with_borrow_mut(|current| {
        // Hardly ever is there an outer one, so only that case pays for moving it.
        let outer = if current.is_some() { current.take().map(Box::new) } else { None };
        *current = Some(context);
        ContextGuard { outer }
    })
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| match self.outer.take() {
            Some(outer) => *current = Some(*outer),
            None => *current = None,
        });
    }
}

/// Takes the record of the call that ends.
pub(super) fn take_record() -> ExchangeRecord {
    CURRENT.with_borrow_mut(|current| {
        current.as_mut().map(|context| std::mem::take(&mut context.record)).unwrap_or_default()
    })
}

/// Works with the current call.
pub(super) fn with_current<T>(
    work: impl FnOnce(&mut ExchangeContext) -> TransportResult<T>,
) -> TransportResult<T> {
    CURRENT.with_borrow_mut(|current| match current {
        Some(context) => work(context),
        None => Err(TransportError::new(
            TransportErrorKind::Internal,
            "a connection was used outside of a call",
        )),
    })
}

/// Whether the current call may go on, where work on bytes that have come takes its time.
pub(super) fn check() -> TransportResult<()> {
    CURRENT.with_borrow(|current| match current {
        Some(context) => context.check_current(Instant::now()),
        None => Ok(()),
    })
}

/// Notes something in the current call, if there is one.
pub(super) fn update_current(work: impl FnOnce(&mut ExchangeContext)) {
    CURRENT.with_borrow_mut(|current| {
        if let Some(context) = current {
            work(context);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(response_bytes: u64) -> ExchangeContext {
        let bounds = ExchangeLimits {
            deadline: Deadline::NEVER,
            connect_timeout: None,
            read_timeout: None,
            cancel: None,
            max_body_bytes: 0,
        };
        let mut context = ExchangeContext::with_limits(Instant::now(), &bounds);
        context.record.response_bytes = response_bytes;
        context
    }

    fn current() -> Option<u64> {
        with_current(|context| Ok(context.record.response_bytes)).ok()
    }

    #[test]
    fn a_call_within_a_call_gives_the_outer_one_back() {
        assert_eq!(current(), None);
        let outer = enter(context(1));
        let inner = enter(context(2));
        assert_eq!(current(), Some(2));
        assert_eq!(take_record().response_bytes, 2);
        drop(inner);
        assert_eq!(current(), Some(1));
        drop(outer);
        assert_eq!(current(), None);
    }

    #[test]
    fn a_panic_within_a_call_gives_the_outer_one_back() {
        let _outer = enter(context(1));
        let panicked = std::panic::catch_unwind(|| {
            let _inner = enter(context(2));
            std::panic::resume_unwind(Box::new("a bug"));
        });
        assert!(panicked.is_err());
        assert_eq!(current(), Some(1));
    }

    #[test]
    fn behind_a_whole_answer_each_byte_taken_gives_the_peer_more_time() {
        let mut context = context(0);
        let until = |context: &ExchangeContext| context.limit(Instant::now()).until.instant();
        context.taken(1);
        assert_eq!(until(&context), None, "nothing hurries before the answer");
        context.answered_whole();
        let first = until(&context).unwrap();
        context.taken(0);
        assert_eq!(until(&context), Some(first), "nothing was taken");
        context.taken(1);
        assert!(until(&context).unwrap() > first, "something was taken");
        assert_eq!(context.record.request_bytes, 2);
    }

    #[test]
    fn spans_are_written_as_people_write_them() {
        assert_eq!(span(Duration::from_micros(30_400)), "30 ms");
        assert_eq!(span(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(span(Duration::from_millis(30_004)), "30 s");
    }
}
