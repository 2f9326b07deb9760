//! Clocks on which waits take no time, or as much as the test wants.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime};

use sac::wait::{Cancel, Clock, SleepCancelled};

use super::waiting::wait_while;

/// A clock that skips every wait: it runs with the machine's clock, and each wait advances it by the
/// time of the wait. Clones share the time.
#[derive(Clone, Debug)]
pub struct AutoAdvanceClock(Arc<Mutex<AutoAdvanceState>>);

#[derive(Debug, Default)]
struct AutoAdvanceState {
    ahead: Duration,
    waits: Vec<Duration>,
}

impl AutoAdvanceClock {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// The waits so far, in order.
    pub fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap().waits.clone()
    }

    /// The only wait so far.
    pub fn wait(&self) -> Duration {
        let waits = self.waits();
        assert_eq!(waits.len(), 1, "expected one wait: {waits:?}");
        waits[0]
    }

    /// Advances the clock.
    pub fn skip(&self, span: Duration) {
        self.0.lock().unwrap().ahead += span;
    }
}

impl Clock for AutoAdvanceClock {
    fn now(&self) -> Instant {
        Instant::now() + self.0.lock().unwrap().ahead
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now() + self.0.lock().unwrap().ahead
    }

    fn sleep(&self, span: Duration, cancel: Option<&Cancel>) -> Result<(), SleepCancelled> {
        let mut state = self.0.lock().unwrap();
        state.waits.push(span);
        if cancel.is_some_and(Cancel::triggered) {
            return Err(SleepCancelled);
        }
        state.ahead += span;
        Ok(())
    }
}

/// A clock that changes only when the test sets it: a thread that waits on it really waits. Clones
/// share the time. A cancel does not wake a thread that sleeps on it.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<(Mutex<ManualState>, Condvar)>);

#[derive(Debug)]
struct ManualState {
    start: Instant,
    now: Instant,
    /// The times at which the sleeping threads will wake.
    wakes: Vec<Instant>,
}

impl ManualClock {
    pub fn new() -> Self {
        let now = Instant::now();
        let state = ManualState { start: now, now, wakes: Vec::new() };
        Self(Arc::new((Mutex::new(state), Condvar::new())))
    }

    /// Waits until `count` threads sleep. Returns the times at which they will wake, counted from
    /// the start of this clock, in ascending order.
    pub fn wait_for_sleepers(&self, count: usize) -> Vec<Duration> {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap();
        let what = format!("{count} threads to sleep");
        let state = wait_while(changed, state, &what, |state| state.wakes.len() != count);
        let mut wakes: Vec<_> = state.wakes.iter().map(|wake| *wake - state.start).collect();
        wakes.sort();
        wakes
    }

    /// Sets it to this time after its start.
    pub fn set_to(&self, time: Duration) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        let then = state.start + time;
        assert!(then >= state.now, "the clock would go backwards");
        state.now = then;
        let now = state.now;
        state.wakes.retain(|wake| *wake > now);
        changed.notify_all();
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.0.0.lock().unwrap().now
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, span: Duration, _: Option<&Cancel>) -> Result<(), SleepCancelled> {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        let wake = state.now + span;
        state.wakes.push(wake);
        changed.notify_all();
        drop(wait_while(changed, state, "the clock to be set", |state| state.now < wake));
        Ok(())
    }
}
