use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, Mutex};
use std::time::SystemTime;

use super::*;
use crate::wait::{SleepCancelled, SystemClock};

/// A clock that a test sets.
#[derive(Debug)]
struct FakeClock(Mutex<Instant>);

impl FakeClock {
    fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    fn skip(&self, seconds: f64) {
        *self.0.lock().unwrap() += Duration::from_secs_f64(seconds);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, _: Duration, _: Option<&Cancel>) -> Result<(), SleepCancelled> {
        Ok(())
    }
}

/// A source that counts its fetches and returns numbered tokens of this life.
struct Source<'c> {
    cache: TokenCache,
    clock: &'c FakeClock,
    fetches: AtomicUsize,
    reasons: Mutex<Vec<Reason>>,
    failing: Mutex<Option<bool>>,
}

impl<'c> Source<'c> {
    fn new(clock: &'c FakeClock) -> Self {
        Self {
            cache: TokenCache::new(),
            clock,
            fetches: AtomicUsize::new(0),
            reasons: Mutex::default(),
            failing: Mutex::default(),
        }
    }

    /// Makes the next fetches fail: `true` if the source refuses.
    fn fail(&self, refused: bool) {
        *self.failing.lock().unwrap() = Some(refused);
    }

    fn get(&self) -> Result<String, Error> {
        let wait = TokenWait { clock: self.clock, deadline: Deadline::NEVER, cancel: None };
        self.cache.get(&wait, &|reason, _| self.fetch(reason)).map(value_of)
    }

    fn fetch(&self, reason: Reason) -> Result<Token, FetchFailure> {
        self.reasons.lock().unwrap().push(reason);
        let number = self.fetches.fetch_add(1, Ordering::Relaxed) + 1;
        let error = Error::new(Code::Resolve, "why");
        match *self.failing.lock().unwrap() {
            Some(true) => Err(FetchFailure::Refused(error)),
            Some(false) => Err(FetchFailure::Unavailable(error)),
            None => {
                let life = Some(Duration::from_secs(1000));
                Ok(Token::new(&format!("token-{number}"), life, self.clock.now()).unwrap())
            }
        }
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }

    fn current(&self) -> Arc<Token> {
        self.cache.token.load_full().unwrap()
    }
}

fn value_of(obtained: Obtained) -> String {
    obtained.token.secret().expose().to_owned()
}

#[test]
fn a_token_is_fetched_once_and_again_when_it_expires() {
    let clock = FakeClock::new();
    let source = Source::new(&clock);
    assert_eq!(source.get().unwrap(), "token-1");
    clock.skip(899.0);
    assert_eq!(source.get().unwrap(), "token-1");
    clock.skip(1.0);
    assert_eq!(source.get().unwrap(), "token-2", "it is expiring");
    clock.skip(5000.0);
    assert_eq!(source.get().unwrap(), "token-3", "it has expired");
    assert_eq!(*source.reasons.lock().unwrap(), [Reason::Needed, Reason::Expiring, Reason::Needed]);
}

#[test]
fn the_old_token_is_used_if_a_refresh_fails_and_the_next_try_is_after_thirty_seconds() {
    let clock = FakeClock::new();
    let source = Source::new(&clock);
    source.get().unwrap();
    clock.skip(900.0);
    for refused in [false, true] {
        source.fail(refused);
        let before = source.fetches();
        for _ in 0..10 {
            assert_eq!(source.get().unwrap(), "token-1");
            clock.skip(2.9);
        }
        assert_eq!(source.fetches(), before + 1, "more than one try in 29 s");
        clock.skip(1.0);
    }
    *source.failing.lock().unwrap() = None;
    assert_eq!(source.get().unwrap(), "token-4");
}

#[test]
fn a_refused_fetch_stands_for_thirty_seconds_and_any_other_failure_for_one() {
    for (refused, hold) in [(true, 30.0), (false, 1.0)] {
        let clock = FakeClock::new();
        let source = Source::new(&clock);
        source.fail(refused);
        for _ in 0..5 {
            let error = source.get().unwrap_err();
            assert_eq!((error.code, &*error.message), (Code::Token, "why"));
        }
        clock.skip(hold - 0.01);
        source.get().unwrap_err();
        assert_eq!(source.fetches(), 1, "refused: {refused}");
        *source.failing.lock().unwrap() = None;
        clock.skip(0.02);
        assert_eq!(source.get().unwrap(), "token-2", "refused: {refused}");
    }
}

#[test]
fn only_the_current_token_is_given_up() {
    let clock = FakeClock::new();
    let source = Source::new(&clock);
    source.get().unwrap();
    let first = source.current();
    assert!(source.cache.refuse(&first, clock.now()));
    assert_eq!(source.get().unwrap(), "token-2");
    assert!(source.cache.refuse(&first, clock.now()), "another token may help");
    assert_eq!(source.get().unwrap(), "token-2");
    assert_eq!(*source.reasons.lock().unwrap(), [Reason::Needed, Reason::Refused]);
}

#[test]
fn a_second_refusal_ends_the_refreshes_for_thirty_seconds() {
    let clock = FakeClock::new();
    let source = Source::new(&clock);
    source.get().unwrap();
    source.cache.refused_again(clock.now());
    clock.skip(29.0);
    assert!(!source.cache.refuse(&source.current(), clock.now()));
    assert_eq!(source.get().unwrap(), "token-1");
    clock.skip(1.0);
    assert!(source.cache.refuse(&source.current(), clock.now()));
    assert_eq!(source.get().unwrap(), "token-2");
}

/// Threads that need a token while one of them fetches it.
struct Crowd<'a> {
    cache: &'a TokenCache,
    clock: SystemClock,
    fetching: Mutex<Sender<()>>,
    result: Mutex<Receiver<Result<&'static str, FetchFailure>>>,
}

impl Crowd<'_> {
    fn get(&self, deadline: Deadline, cancel: Option<&Cancel>) -> Result<String, Error> {
        let wait = TokenWait { clock: &self.clock, deadline, cancel };
        let fetch = |_: Reason, _: Deadline| {
            self.fetching.lock().unwrap().send(()).unwrap();
            let value = self.result.lock().unwrap().recv().unwrap()?;
            Ok(Token::new(value, None, Instant::now()).unwrap())
        };
        self.cache.get(&wait, &fetch).map(value_of)
    }
}

/// Runs `test` while one thread fetches, and returns the result of that thread.
fn while_one_fetches(
    test: impl FnOnce(&Crowd<'_>, &Sender<Result<&'static str, FetchFailure>>),
) -> Result<String, Error> {
    let cache = TokenCache::new();
    let ((fetching, begun), (sender, result)) = (channel(), channel());
    let crowd = Crowd {
        cache: &cache,
        clock: SystemClock,
        fetching: Mutex::new(fetching),
        result: Mutex::new(result),
    };
    std::thread::scope(|threads| {
        let first = threads.spawn(|| crowd.get(Deadline::NEVER, None));
        begun.recv().unwrap();
        test(&crowd, &sender);
        first.join().unwrap()
    })
}

/// Waits until this number of threads waits for the refresh.
fn wait_for_waiting(crowd: &Crowd<'_>, count: usize) {
    let start = Instant::now();
    // The refreshing thread and the cache hold the first two references.
    let waiting = || {
        let shared = crowd.cache.shared();
        let refresh = lock(&shared).refresh.clone();
        refresh.map_or(0, |refresh| Arc::strong_count(&refresh)) >= count + 3
    };
    while !waiting() {
        assert!(start.elapsed() < Duration::from_secs(60), "fewer than {count} threads wait");
        std::thread::yield_now();
    }
}

#[test]
fn waiting_threads_get_the_result_of_the_one_that_fetches() {
    const THREADS: usize = 16;
    for fails in [false, true] {
        let result = while_one_fetches(|crowd, sender| {
            let start = Barrier::new(THREADS);
            std::thread::scope(|threads| {
                let waiting: Vec<_> = (0..THREADS)
                    .map(|_| {
                        threads.spawn(|| {
                            start.wait();
                            crowd.get(Deadline::NEVER, None)
                        })
                    })
                    .collect();
                wait_for_waiting(crowd, THREADS);
                let error = || FetchFailure::Unavailable(Error::new(Code::Connect, "down"));
                sender.send(if fails { Err(error()) } else { Ok("one") }).unwrap();
                for thread in waiting {
                    let result = thread.join().unwrap().map_err(|error| error.message);
                    assert_eq!(result, if fails { Err("down".into()) } else { Ok("one".into()) });
                }
            });
        });
        assert_eq!(result.is_err(), fails);
    }
}

#[test]
fn a_waiting_thread_obeys_its_own_deadline_and_cancel() {
    let result = while_one_fetches(|crowd, sender| {
        let soon = Deadline::after(Instant::now(), Some(Duration::from_millis(5)));
        let error = crowd.get(soon, None).unwrap_err();
        assert_eq!(error.code, Code::Timeout, "{error}");
        let cancel = Cancel::new().unwrap();
        std::thread::scope(|threads| {
            let waiting = threads.spawn(|| crowd.get(Deadline::NEVER, Some(&cancel)));
            wait_for_waiting(crowd, 1);
            cancel.trigger();
            assert_eq!(waiting.join().unwrap().unwrap_err().code, Code::Cancelled);
        });
        sender.send(Ok("late")).unwrap();
    });
    assert_eq!(result.unwrap(), "late");
}

#[test]
fn a_waiting_thread_continues_if_the_fetching_call_has_no_time() {
    let result = while_one_fetches(|crowd, sender| {
        std::thread::scope(|threads| {
            let waiting = threads.spawn(|| crowd.get(Deadline::NEVER, None));
            wait_for_waiting(crowd, 1);
            let error = Error::new(Code::Timeout, "no time");
            sender.send(Err(FetchFailure::OutOfTime(error))).unwrap();
            sender.send(Ok("second")).unwrap();
            assert_eq!(waiting.join().unwrap().unwrap(), "second");
        });
    });
    assert_eq!(result.unwrap_err().code, Code::Timeout);
}

#[test]
fn a_fetch_that_needs_its_own_token_fails_at_once() {
    let cache = TokenCache::new();
    let wait = TokenWait { clock: &SystemClock, deadline: Deadline::NEVER, cancel: None };
    let fetch = |_: Reason, _: Deadline| {
        let inner = cache.get(&wait, &|_, _| panic!("fetched within a fetch"));
        Err(FetchFailure::Refused(inner.err().unwrap()))
    };
    let error = cache.get(&wait, &fetch).err().unwrap();
    assert_eq!(error.code, Code::Token);
    assert!(error.message.contains("needs this token"), "{error}");
}
