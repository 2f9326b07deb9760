//! Clocks by which waits take no time, or as much as the test wants.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime};

use sac::wait::{Cancel, Clock, SleepCancelled};

use super::waiting::wait_while;

/// A clock that skips every wait: it goes with the machine's and is put forward by what is waited
/// for. Copies share it.
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

    /// The waits asked for until now, in their order.
    pub fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap().waits.clone()
    }

    /// The one wait asked for until now.
    pub fn wait(&self) -> Duration {
        let waits = self.waits();
        assert_eq!(waits.len(), 1, "one wait was expected: {waits:?}");
        waits[0]
    }

    /// Puts it forward.
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
        let mut skipped = self.0.lock().unwrap();
        skipped.waits.push(span);
        if cancel.is_some_and(Cancel::triggered) {
            return Err(SleepCancelled);
        }
        skipped.ahead += span;
        Ok(())
    }
}

/// A clock that stands still until the test turns it: who waits by it really waits. Copies share
/// it. A cancel does not wake who sleeps by it.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<(Mutex<ManualState>, Condvar)>);

#[derive(Debug)]
struct ManualState {
    begun: Instant,
    now: Instant,
    /// When those who sleep are going to wake.
    wakes: Vec<Instant>,
}

impl ManualClock {
    pub fn new() -> Self {
        let now = Instant::now();
        let turned = ManualState { begun: now, now, wakes: Vec::new() };
        Self(Arc::new((Mutex::new(turned), Condvar::new())))
    }

    /// Waits until so many sleep, and tells when they are going to wake, counted from the
    /// beginning of this clock, the first one first.
    pub fn wait_for_sleepers(&self, count: usize) -> Vec<Duration> {
        let (turned, changed) = &*self.0;
        let turned = turned.lock().unwrap();
        let what = format!("{count} who sleep");
        let turned = wait_while(changed, turned, &what, |turned| turned.wakes.len() != count);
        let mut wakes: Vec<_> = turned.wakes.iter().map(|wake| *wake - turned.begun).collect();
        wakes.sort();
        wakes
    }

    /// Turns it to this time after its beginning.
    pub fn set_to(&self, time: Duration) {
        let (turned, changed) = &*self.0;
        let mut turned = turned.lock().unwrap();
        let then = turned.begun + time;
        assert!(then >= turned.now, "the clock would go back");
        turned.now = then;
        let now = turned.now;
        turned.wakes.retain(|wake| *wake > now);
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
        let (turned, changed) = &*self.0;
        let mut turned = turned.lock().unwrap();
        let wake = turned.now + span;
        turned.wakes.push(wake);
        changed.notify_all();
        drop(wait_while(changed, turned, "a turn of the clock", |turned| turned.now < wake));
        Ok(())
    }
}
