//! The exchange that this thread is working on.
//!
//! ureq's traits have no parameter for it, so it is in a thread-local variable while the exchange
//! runs. An exchange that starts inside another one (from a callback) sets the outer one aside and
//! restores it afterwards.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::trace::{Event, Tracer};
use crate::wait::{Cancel, Deadline};

use super::error::{TransportError, TransportErrorKind, TransportResult};
use super::options::ExchangeLimits;
use super::result::ExchangeRecord;
use super::route::ConnectionSpec;

thread_local! {
    static CURRENT: RefCell<Option<ExchangeContext>> = const { RefCell::new(None) };
}

/// After a complete response, a server that accepts no byte of the request for this long does not
/// want the rest. The caller waits during this time, and a server that reads usually accepts bytes
/// many times a second. Go's `net/http` waits 50 ms in all, even for a server that reads.
const MAX_STALL: Duration = Duration::from_secs(1);

/// The phases of an exchange, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Resolving,
    Connecting,
    /// Connected to a proxy; the tunnel through it is not open yet.
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

    /// The peer that is silent. In this phase, the text already names the proxy.
    fn peer(self) -> &'static str {
        if self == Self::Tunnel { "it" } else { "the server" }
    }
}

/// One exchange: its limits, the connection that it needs, and its record.
#[derive(Debug)]
pub(super) struct ExchangeContext {
    pub(super) start: Instant,
    pub(super) attempt: Deadline,
    connect_timeout: Option<Duration>,
    connect: Deadline,
    pub(super) read_timeout: Option<Duration>,
    cancel: Option<Cancel>,
    /// After the complete response: the time until which the peer must accept more of the request.
    stall: Deadline,
    pub(super) phase: Phase,
    pub(super) connection_spec: ConnectionSpec,
    pub(super) fresh_connection: bool,
    /// Another request may follow on the connection.
    pub(super) keep_alive: bool,
    /// The maximum age of a reused connection.
    pub(super) max_age: Option<Duration>,
    /// The exchange uses only what has arrived, and fails instead of waiting for more.
    pub(super) never_waits: bool,
    /// Receives the events. It is called while the context is borrowed, so it cannot begin an exchange.
    pub(super) tracer: Option<Tracer>,
    pub(super) record: ExchangeRecord,
}

/// The end of a wait, and whether the read timeout sets it.
#[derive(Debug, Clone, Copy)]
pub(super) struct WaitLimit {
    pub(super) until: Deadline,
    is_read_timeout: bool,
}

impl ExchangeContext {
    pub(super) fn new(
        connection_spec: ConnectionSpec,
        start: Instant,
        limits: &ExchangeLimits<'_>,
    ) -> Self {
        Self {
            start,
            attempt: limits.deadline,
            connect_timeout: limits.connect_timeout,
            connect: Deadline::NEVER,
            read_timeout: limits.read_timeout,
            cancel: limits.cancel.cloned(),
            stall: Deadline::NEVER,
            phase: Phase::Resolving,
            connection_spec,
            fresh_connection: false,
            keep_alive: true,
            max_age: None,
            never_waits: false,
            tracer: None,
            record: ExchangeRecord::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn with_limits(start: Instant, limits: &ExchangeLimits<'_>) -> Self {
        Self::new(ConnectionSpec::default(), start, limits)
    }

    /// Passes an event to the caller's tracer, if there is one.
    pub(super) fn trace<'e>(&self, event: impl FnOnce() -> Event<'e>) {
        if let Some(tracer) = &self.tracer {
            tracer.record(&event());
        }
    }

    pub(super) fn cancel(&self) -> Option<&Cancel> {
        self.cancel.as_ref()
    }

    /// Called before a connection is opened: the connect timeout starts now.
    pub(super) fn connecting(&mut self, now: Instant) {
        self.connect = Deadline::after(now, self.connect_timeout);
        self.phase = Phase::Resolving;
    }

    /// Called when the connection is open: the connect timeout no longer applies.
    pub(super) fn connected(&mut self) {
        self.connect = Deadline::NEVER;
        self.phase = Phase::Sending;
    }

    /// The limit of a wait for the peer that starts now.
    pub(super) fn limit(&self, now: Instant) -> WaitLimit {
        let deadline = self.work_deadline();
        let silence = Deadline::after(now, self.read_timeout);
        let until = deadline.earlier(silence).earlier(self.stall);
        WaitLimit { until, is_read_timeout: until != deadline }
    }

    /// The limit of work that does not wait for the peer.
    pub(super) fn work_deadline(&self) -> Deadline {
        self.attempt.earlier(self.connect)
    }

    /// Fails if there is no time left, or the caller has cancelled.
    pub(super) fn check_start(&self) -> TransportResult<()> {
        if self.attempt.has_passed(self.start) {
            return Err(TransportError::new(
                TransportErrorKind::Timeout,
                "no time is left for the request",
            ));
        }
        self.check_current(self.start)
    }

    /// Fails if the time is up, or the caller has cancelled.
    pub(super) fn check_current(&self, now: Instant) -> TransportResult<()> {
        if self.cancel.as_ref().is_some_and(Cancel::triggered) {
            return Err(TransportError::cancelled());
        }
        if self.work_deadline().has_passed(now) {
            return Err(self.timed_out(now, self.phase.description()));
        }
        Ok(())
    }

    /// Fails if a wait for the peer may not start.
    pub(super) fn may_wait(&self, now: Instant) -> TransportResult<()> {
        self.check_within(self.limit(now), now)
    }

    /// The error if the exchange never waits, and would have to wait now.
    pub(super) fn must_not_wait(&self) -> TransportError {
        self.timed_out(Instant::now(), "without the rest of the response body")
    }

    /// Like [`check_current`](Self::check_current), within a wait that has its own limit.
    pub(super) fn check_within(&self, limit: WaitLimit, now: Instant) -> TransportResult<()> {
        self.check_current(now)?;
        if !limit.until.has_passed(now) {
            return Ok(());
        }
        if let (true, Some(silence)) = (limit.is_read_timeout, self.read_timeout) {
            let (peer, activity) = (self.phase.peer(), self.phase.description());
            let detail = format!("{peer} was silent for {} while {activity}", span(silence));
            return Err(TransportError::new(TransportErrorKind::Timeout, detail));
        }
        Err(self.timed_out(now, self.phase.description()))
    }

    pub(super) fn timed_out(&self, now: Instant, activity: &str) -> TransportError {
        let elapsed = span(now.saturating_duration_since(self.start));
        TransportError::new(
            TransportErrorKind::Timeout,
            format!("timed out after {elapsed} {activity}"),
        )
    }

    /// The complete response has arrived: from now on, the peer has little time to accept more of
    /// the request.
    pub(super) fn response_complete(&mut self) {
        self.stall = Deadline::after(Instant::now(), Some(MAX_STALL));
    }

    /// Counts bytes of the request that the peer has accepted.
    pub(super) fn count_sent(&mut self, bytes: u64) {
        self.record.request_bytes = self.record.request_bytes.saturating_add(bytes);
        if bytes > 0 && self.stall != Deadline::NEVER {
            self.response_complete();
        }
    }

    /// Whether a byte of the response has arrived.
    pub(super) fn response_started(&self) -> bool {
        self.record.first_byte.is_some()
    }

    /// The time since the exchange started, for the record.
    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A duration for people: `250 ms`, `1.5 s`, `30 s`.
fn span(span: Duration) -> String {
    let ms = span.as_millis();
    if ms < 1000 {
        return format!("{ms} ms");
    }
    let seconds = format!("{:.1}", span.as_secs_f64());
    format!("{} s", seconds.strip_suffix(".0").unwrap_or(&seconds))
}

/// Restores the outer exchange when it is dropped, also after a panic.
#[derive(Debug)]
pub(super) struct ContextGuard {
    outer: Option<Box<ExchangeContext>>,
}

/// Fails within a tracer, where [`enter`] must not be called.
pub(super) fn may_enter() -> TransportResult<()> {
    if CURRENT.with(|current| current.try_borrow_mut().is_ok()) {
        return Ok(());
    }
    let detail = "a trace callback cannot make calls or read streams";
    Err(TransportError::new(TransportErrorKind::Argument, detail))
}

/// Makes this the exchange that the thread works on.
pub(super) fn enter(context: ExchangeContext) -> ContextGuard {
    CURRENT.with_borrow_mut(|current| {
        // There is hardly ever an outer exchange, so only that case pays for moving it.
        let outer = if current.is_some() { current.take().map(Box::new) } else { None };
        *current = Some(context);
        ContextGuard { outer }
    })
}

impl ContextGuard {
    /// Restores the outer exchange, and returns the one that the thread has worked on.
    pub(super) fn leave(self) -> Option<ExchangeContext> {
        CURRENT.with_borrow_mut(Option::take)
    }
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| match self.outer.take() {
            Some(outer) => *current = Some(*outer),
            None => *current = None,
        });
    }
}

/// Takes the record of the exchange that ends.
pub(super) fn take_record() -> ExchangeRecord {
    CURRENT.with_borrow_mut(|current| {
        current.as_mut().map(|context| std::mem::take(&mut context.record)).unwrap_or_default()
    })
}

/// Gives `work` the current exchange.
pub(super) fn with_current<T>(
    work: impl FnOnce(&mut ExchangeContext) -> TransportResult<T>,
) -> TransportResult<T> {
    CURRENT.with_borrow_mut(|current| match current {
        Some(context) => work(context),
        None => Err(TransportError::new(
            TransportErrorKind::Internal,
            "a connection was used outside of an exchange",
        )),
    })
}

/// Fails if the current exchange must end. For long work on bytes that have already arrived.
pub(super) fn check() -> TransportResult<()> {
    CURRENT.with_borrow(|current| match current {
        Some(context) => context.check_current(Instant::now()),
        None => Ok(()),
    })
}

/// Updates the current exchange, if there is one.
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
        let limits = ExchangeLimits {
            deadline: Deadline::NEVER,
            connect_timeout: None,
            read_timeout: None,
            cancel: None,
            max_body_bytes: 0,
        };
        let mut context = ExchangeContext::with_limits(Instant::now(), &limits);
        context.record.response_bytes = response_bytes;
        context
    }

    fn current() -> Option<u64> {
        with_current(|context| Ok(context.record.response_bytes)).ok()
    }

    #[test]
    fn a_nested_exchange_restores_the_outer_one() {
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
    fn a_panic_in_a_nested_exchange_restores_the_outer_one() {
        let _outer = enter(context(1));
        let panicked = std::panic::catch_unwind(|| {
            let _inner = enter(context(2));
            std::panic::resume_unwind(Box::new("a bug"));
        });
        assert!(panicked.is_err());
        assert_eq!(current(), Some(1));
    }

    #[test]
    fn after_a_complete_response_each_accepted_byte_gives_the_peer_more_time() {
        let mut context = context(0);
        let until = |context: &ExchangeContext| context.limit(Instant::now()).until.instant();
        context.count_sent(1);
        assert_eq!(until(&context), None, "there is a time limit before the response");
        context.response_complete();
        let first = until(&context).unwrap();
        context.count_sent(0);
        assert_eq!(until(&context), Some(first), "the limit moved, but no byte was accepted");
        context.count_sent(1);
        assert!(until(&context).unwrap() > first, "the limit did not move after an accepted byte");
        assert_eq!(context.record.request_bytes, 2);
    }

    #[test]
    fn durations_are_written_for_people() {
        assert_eq!(span(Duration::from_micros(30_400)), "30 ms");
        assert_eq!(span(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(span(Duration::from_millis(30_004)), "30 s");
    }
}
