//! The current token of a source, and the one thread that fetches the next one.
//!
//! A call with a fresh token takes no lock. The thread of a call that needs another token fetches it; the
//! others wait within their own deadline and cancel, or use the old token. A waiting thread gets the
//! result of the refresh that it waited for, also if that is a failure. If the deadline or the cancel of
//! the fetching call ends the refresh, one of the waiting threads continues.
//!
//! A child of `fork` keeps the token, but not a refresh, because the thread that fetches is not in the
//! child.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use rustix::event::{PollFd, PollFlags};

use crate::auth::token::{Activity, Failure, Reason, State, Step, Token};
use crate::code::{Code, Error};
use crate::transport::fork::{self, PerProcess, ProcessValue};
use crate::wait::{Cancel, Clock, Deadline, PollResult, poll_until};

use super::call_token::Obtained;

/// Why a fetch failed.
#[derive(Debug)]
pub enum FetchFailure {
    /// The source has refused, and would do so again.
    Refused(Error),
    /// The source could not be asked.
    Unavailable(Error),
    /// The deadline of the call leaves no time to ask.
    OutOfTime(Error),
}

/// What limits the wait of a call for its token.
#[derive(Clone, Copy)]
pub struct TokenWait<'a> {
    /// The clock of the deadline.
    pub clock: &'a dyn Clock,
    /// The end of the call.
    pub deadline: Deadline,
    /// The cancel of the call.
    pub cancel: Option<&'a Cancel>,
}

/// Fetches a token before the deadline.
type Fetch<'a> = &'a dyn Fn(Reason, Deadline) -> Result<Token, FetchFailure>;

/// The token of one source. Any number of threads may use it.
pub struct TokenCache {
    token: ArcSwapOption<Token>,
    /// With a lock, so each forked process has its own.
    shared: PerProcess<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    state: State,
    refresh: Option<Arc<Refresh>>,
}

/// A refresh that a thread works on.
struct Refresh {
    thread: ThreadId,
    outcome: OnceLock<Outcome>,
    /// Ends the waits for it. The first waiting thread creates it.
    end: OnceLock<Cancel>,
}

#[derive(Clone)]
enum Outcome {
    Token(Arc<Token>),
    Failed(Error),
    /// The call of the thread has ended before the refresh.
    Abandoned,
}

impl TokenCache {
    /// A cache without a token.
    #[must_use]
    pub fn new() -> Self {
        Self { token: ArcSwapOption::const_empty(), shared: PerProcess::new() }
    }

    /// The current token, or a new one.
    ///
    /// # Errors
    /// [`Code::Token`] with the reason; [`Code::Cancelled`] and [`Code::Timeout`] of the call.
    pub fn get(&self, wait: &TokenWait<'_>, fetch: Fetch<'_>) -> Result<Obtained, Error> {
        let start = wait.clock.now();
        let current = self.token.load_full().filter(|token| !token.is_expiring(start));
        if let Some(token) = current {
            return Ok(Obtained { token, waited: Duration::ZERO });
        }
        let token = self.get_or_fetch(wait, fetch)?;
        let waited = wait.clock.now().saturating_duration_since(start);
        Ok(Obtained { token, waited })
    }

    /// Gives up a token that the server has refused, if it is still the current one. Returns whether
    /// another token may help.
    pub fn refuse(&self, refused: &Arc<Token>, now: Instant) -> bool {
        let shared = self.shared();
        let mut locked = lock(&shared);
        let is_current =
            self.token.load().as_ref().is_some_and(|current| Arc::ptr_eq(current, refused));
        if !is_current {
            return true;
        }
        let counts = locked.state.refusals_count(now);
        if counts {
            locked.state.give_up();
            self.token.store(None);
        }
        counts
    }

    /// Records that the server has refused a token that replaced a refused one.
    pub fn refused_again(&self, now: Instant) {
        lock(&self.shared()).state.refused_again(now);
    }

    fn get_or_fetch(&self, wait: &TokenWait<'_>, fetch: Fetch<'_>) -> Result<Arc<Token>, Error> {
        let shared = self.shared();
        loop {
            let mut locked = lock(&shared);
            let current = self.token.load_full();
            let this_thread = std::thread::current().id();
            let activity = match &locked.refresh {
                None => Activity::None,
                Some(refresh) if refresh.thread == this_thread => Activity::ThisThread,
                Some(_) => Activity::OtherThread,
            };
            let reason = match locked.state.step(current.as_deref(), activity, wait.clock.now()) {
                Step::Use => match current {
                    Some(token) => return Ok(token),
                    None => Reason::Needed,
                },
                Step::Fail(error) => return Err(error),
                Step::Refresh(reason) => reason,
                Step::Wait => {
                    let Some(refresh) = locked.refresh.clone() else { continue };
                    // With the lock held, so that the refreshing thread sees it at its end.
                    refresh.prepare_wait()?;
                    drop(locked);
                    match refresh.wait(wait)? {
                        Outcome::Token(token) => return Ok(token),
                        Outcome::Failed(error) => return Err(error),
                        Outcome::Abandoned => continue,
                    }
                }
            };
            let refresh = Arc::new(Refresh {
                thread: this_thread,
                outcome: OnceLock::new(),
                end: OnceLock::new(),
            });
            locked.refresh = Some(Arc::clone(&refresh));
            drop(locked);
            let running = RunningRefresh {
                cache: self,
                shared: &shared,
                refresh,
                generation: fork::generation(),
            };
            return running.run(reason, current, wait, fetch);
        }
    }

    fn shared(&self) -> Arc<ProcessValue<Mutex<Shared>>> {
        self.shared.get(|_| Mutex::default())
    }
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new()
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // No code panics while it holds the lock, and every state is usable.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Refresh {
    fn prepare_wait(&self) -> Result<(), Error> {
        if self.end.get().is_none() {
            let _ = self.end.set(Cancel::new()?);
        }
        Ok(())
    }

    /// Waits for the outcome.
    fn wait(&self, wait: &TokenWait<'_>) -> Result<Outcome, Error> {
        let Some(end) = self.end.get() else { return Ok(Outcome::Abandoned) };
        let deadline = wait.clock.socket_deadline(wait.deadline, wait.clock.now());
        let end = PollFd::from_borrowed_fd(end.readable_fd(), PollFlags::IN);
        let polled = match wait.cancel {
            None => poll_until(&mut [end], None, deadline),
            Some(cancel) => {
                let cancelled = PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN);
                poll_until(&mut [end, cancelled], Some(cancel), deadline)
            }
        };
        match polled {
            Ok(PollResult::Ready) => Ok(self.outcome.get().cloned().unwrap_or(Outcome::Abandoned)),
            Ok(PollResult::TimedOut) => Err(Error::new(
                Code::Timeout,
                "the deadline passed while another call fetched the token",
            )),
            Ok(PollResult::Cancelled) => Err(cancelled()),
            Err(error) => Err(Error::new(Code::Internal, format!("poll(2) failed: {error}"))),
        }
    }
}

fn cancelled() -> Error {
    Error::new(Code::Cancelled, "cancelled by the caller")
}

/// The refresh of this thread. Without an outcome it ends as abandoned.
struct RunningRefresh<'a> {
    cache: &'a TokenCache,
    shared: &'a Mutex<Shared>,
    refresh: Arc<Refresh>,
    generation: u64,
}

impl RunningRefresh<'_> {
    fn run(
        self,
        reason: Reason,
        old: Option<Arc<Token>>,
        wait: &TokenWait<'_>,
        fetch: Fetch<'_>,
    ) -> Result<Arc<Token>, Error> {
        let start = wait.clock.now();
        let deadline = match reason {
            // The call can continue with the old token, so the other half of its time is for that.
            Reason::Expiring => {
                let half = wait.deadline.remaining(start).and_then(|left| left.checked_div(2));
                Deadline::after(start, half)
            }
            Reason::Needed | Reason::Refused => wait.deadline,
        };
        let failure = match fetch(reason, deadline) {
            Ok(token) => {
                let token = Arc::new(token);
                self.end(Outcome::Token(Arc::clone(&token)), None);
                return Ok(token);
            }
            Err(failure) => failure,
        };
        let now = wait.clock.now();
        if wait.cancel.is_some_and(Cancel::triggered) {
            return Err(cancelled());
        }
        let old = old.filter(|old| reason == Reason::Expiring && !old.has_expired(now));
        let (error, refused) = match failure {
            FetchFailure::OutOfTime(error) => return old.ok_or(error),
            FetchFailure::Unavailable(error) if wait.deadline.has_passed(now) => {
                let message = format!("the deadline passed: {}", error.message);
                return Err(Error::new(Code::Timeout, message));
            }
            FetchFailure::Unavailable(error) => (error, false),
            FetchFailure::Refused(error) => (error, true),
        };
        let error = Error::new(Code::Token, error.message);
        let early = reason == Reason::Expiring;
        let failure = Failure { error: error.clone(), at: now, refused, early };
        self.end(Outcome::Failed(error.clone()), Some(failure));
        old.ok_or(error)
    }

    /// Ends the refresh and wakes the waiting threads.
    fn end(&self, outcome: Outcome, failure: Option<Failure>) {
        // Not in a child that this thread has forked in the meantime: there the lock may be held for
        // ever, and the waiting threads are those of the parent.
        if self.generation != fork::generation() {
            return;
        }
        let mut locked = lock(self.shared);
        let is_running = |running: &Arc<Refresh>| Arc::ptr_eq(running, &self.refresh);
        if !locked.refresh.as_ref().is_some_and(is_running) {
            return;
        }
        locked.refresh = None;
        if let Outcome::Token(token) = &outcome {
            locked.state.renewed();
            self.cache.token.store(Some(Arc::clone(token)));
        }
        if let Some(failure) = failure {
            locked.state.failed(failure);
        }
        drop(locked);
        let _ = self.refresh.outcome.set(outcome);
        if let Some(end) = self.refresh.end.get() {
            end.trigger();
        }
    }
}

impl Drop for RunningRefresh<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Abandoned, None);
    }
}

#[cfg(test)]
mod tests;
