#![allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

use super::*;

const MAX_DELAY: Duration = Duration::from_secs(120);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn key(path: &str) -> GateKey<'_> {
    GateKey { origin: "https://api.example.org:443", credential: 7, path }
}

fn close(gate: &Gate, path: &str, delay: Duration, now: Instant) {
    assert!(gate.close(key(path), delay, MAX_DELAY, now), "{path} was not closed");
}

/// The wait without jitter and deadline.
fn wait(gate: &Gate, path: &str, now: Instant) -> Duration {
    gate.reserve(key(path), now, None, 0.0).unwrap()
}

#[test]
fn an_open_gate_delays_no_call() {
    assert_eq!(wait(&Gate::new(), "/sync", Instant::now()), Duration::ZERO);
}

#[test]
fn a_delay_closes_the_gate_for_its_origin_credential_and_path() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/login?user=a", ms(2000), now);
    assert_eq!(wait(&gate, "/login", now), ms(2000));
    let others = [
        GateKey { path: "/sync", ..key("/login") },
        GateKey { credential: 8, ..key("/login") },
        GateKey { origin: "https://api.example.org:8443", ..key("/login") },
    ];
    for other in others {
        assert_eq!(gate.reserve(other, now, None, 0.0), Ok(Duration::ZERO), "{other:?}");
    }
}

#[test]
fn the_query_is_not_part_of_the_path() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/things?page=1", ms(2000), now);
    assert_eq!(wait(&gate, "/things?page=2", now), ms(2000));
}

#[test]
fn only_a_delay_that_calls_wait_for_closes_a_gate() {
    let (gate, now) = (Gate::new(), Instant::now());
    for delay in [Duration::ZERO, MAX_DELAY + ms(1), Duration::MAX] {
        assert!(!gate.close(key("/sync"), delay, MAX_DELAY, now), "{delay:?}");
    }
    assert!(!gate.close(key("/sync"), Duration::MAX, Duration::MAX, now));
    assert_eq!(wait(&gate, "/sync", now), Duration::ZERO);
    assert!(gate.close(key("/sync"), MAX_DELAY, MAX_DELAY, now));
    assert_eq!(wait(&gate, "/sync", now), MAX_DELAY);
}

#[test]
fn a_second_rejected_path_closes_the_whole_origin_for_that_credential() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(2000), now);
    assert_eq!(wait(&gate, "/c", now), Duration::ZERO);
    close(&gate, "/b", ms(2000), now);
    assert_eq!(wait(&gate, "/c", now), ms(2000));
    let stranger = GateKey { credential: 8, ..key("/c") };
    assert_eq!(gate.reserve(stranger, now, None, 0.0), Ok(Duration::ZERO));
}

#[test]
fn the_whole_origin_opens_with_the_first_of_two_delays_and_each_path_with_its_own() {
    for (first, second) in [(60_000, 1000), (1000, 60_000)] {
        let (gate, now) = (Gate::new(), Instant::now());
        close(&gate, "/a", ms(first), now);
        close(&gate, "/b", ms(second), now);
        assert_eq!(wait(&gate, "/c", now), ms(1000));
        assert_eq!(wait(&gate, "/a", now).max(wait(&gate, "/b", now)), ms(60_000));
    }
}

#[test]
fn a_path_rejected_after_the_other_has_opened_closes_only_itself() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    close(&gate, "/b", ms(1000), now + ms(1000));
    assert_eq!(wait(&gate, "/c", now + ms(1000)), Duration::ZERO);
    assert_eq!(wait(&gate, "/b", now + ms(1000)), ms(1000));
}

#[test]
fn the_same_path_rejected_twice_keeps_the_later_end() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(2000), now);
    close(&gate, "/a", ms(500), now);
    assert_eq!(wait(&gate, "/a", now), ms(2000));
    close(&gate, "/a", ms(3000), now);
    assert_eq!(wait(&gate, "/a", now), ms(3000), "slots begin at the new end");
    assert_eq!(wait(&gate, "/c", now), Duration::ZERO, "the same path counted as two");
}

#[test]
fn a_slightly_later_end_gives_no_slot_twice() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    let waits: Vec<_> = (0..5).map(|_| wait(&gate, "/a", now)).collect();
    assert_eq!(waits.last(), Some(&ms(1080)));
    close(&gate, "/a", ms(1000), now + ms(30));
    assert_eq!(wait(&gate, "/a", now), ms(1100));
}

#[test]
fn waiting_calls_pass_one_after_the_other() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    let randoms = [0.9, 0.0, 0.5, 0.99, 0.0];
    let waits: Vec<_> = randoms
        .into_iter()
        .map(|random| gate.reserve(key("/a"), now, None, random).unwrap())
        .collect();
    let micros: Vec<_> = waits.iter().map(Duration::as_micros).collect();
    assert_eq!(micros, [1_018_000, 1_020_000, 1_050_000, 1_079_800, 1_080_000]);
    // At its slot each call checks the gate again and passes.
    for wait in waits {
        assert_eq!(gate.reserve(key("/a"), now + wait, None, 0.5), Ok(Duration::ZERO));
    }
}

#[test]
fn no_call_waits_after_the_delay_has_ended() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    (0..100).for_each(|_| assert!(wait(&gate, "/a", now) >= ms(1000)));
    assert_eq!(wait(&gate, "/a", now + ms(1000)), Duration::ZERO);
}

#[test]
fn a_gate_that_closes_again_holds_waiting_calls() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    let slot = now + wait(&gate, "/a", now);
    close(&gate, "/a", ms(5000), slot);
    assert_eq!(wait(&gate, "/a", slot), ms(5000));
}

#[test]
fn a_call_without_time_to_wait_reserves_no_slot() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    for remaining in [Duration::ZERO, ms(999), ms(1000)] {
        let refused = gate.reserve(key("/a"), now, Some(remaining), 0.0);
        assert_eq!(refused, Err(WaitTooLong { wait: ms(1000) }));
    }
    assert_eq!(gate.reserve(key("/a"), now, Some(ms(1001)), 0.0), Ok(ms(1000)));
    let unlucky = gate.reserve(key("/other"), now, Some(Duration::ZERO), 0.0);
    assert_eq!(unlucky, Ok(Duration::ZERO), "an open gate refused a call");
}

#[test]
fn a_random_number_out_of_range_counts_as_the_largest() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    for (turn, random) in (1..).zip([f64::NAN, -1.0, 5.0, f64::INFINITY]) {
        let expected = ms(1000 + turn * 20);
        assert_eq!(gate.reserve(key("/a"), now, None, random), Ok(expected), "{random}");
    }
}

#[test]
fn open_gates_are_removed() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    gate.close(GateKey { credential: 8, ..key("/a") }, ms(9000), MAX_DELAY, now);
    assert_eq!(wait(&gate, "/a", now + ms(1000)), Duration::ZERO);
    assert!(gate.any_closed.load(Ordering::Relaxed), "another gate is still closed");
    assert_eq!(wait(&gate, "/a", now + ms(9000)), Duration::ZERO);
    assert!(!gate.any_closed.load(Ordering::Relaxed));
    assert!(gate.origins().by_hash.is_empty());

    close(&gate, "/a", ms(1000), now);
    gate.close(GateKey { credential: 8, ..key("/a") }, ms(9), MAX_DELAY, now + ms(2000));
    assert_eq!(gate.origins().by_hash.len(), 1, "an open gate was not removed");
}

#[test]
fn memory_is_limited_and_the_gate_that_opens_first_is_removed() {
    let (gate, now) = (Gate::new(), Instant::now());
    for credential in 0..MAX_ORIGINS as u64 + 100 {
        let key = GateKey { credential, ..key("/a") };
        assert!(gate.close(key, ms(1000 + credential), MAX_DELAY, now));
    }
    assert_eq!(gate.origins().by_hash.len(), MAX_ORIGINS);
    let of =
        |credential| gate.reserve(GateKey { credential, ..key("/a") }, now, None, 0.0).unwrap();
    assert_eq!(of(99), Duration::ZERO);
    assert_eq!(of(100), ms(1100));
    let known = GateKey { credential: 200, ..key("/a") };
    assert!(gate.close(known, ms(9000), MAX_DELAY, now));
    assert_eq!(
        gate.origins().by_hash.len(),
        MAX_ORIGINS,
        "an origin that was already stored removed another"
    );

    let gate = Gate::new();
    for path in 0..MAX_PATHS as u64 + 10 {
        close(&gate, &format!("/{path}"), ms(1000 + path), now);
    }
    let most = gate.origins().by_hash.values().map(|origin| origin.paths.len()).max();
    assert_eq!(most, Some(MAX_PATHS));
    assert!(wait(&gate, "/new", now) >= ms(1000), "the whole origin stays closed");
}

#[test]
fn path_and_origin_do_not_stay_in_memory() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/reset/hunter2", ms(1000), now);
    let shown = format!("{gate:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("example"), "{shown}");
}

#[test]
fn each_thread_gets_its_own_slots() {
    let (gate, now) = (Gate::new(), Instant::now());
    close(&gate, "/a", ms(1000), now);
    let mut waits: Vec<_> = std::thread::scope(|origin| {
        let ask = || (0..25).map(|_| wait(&gate, "/a", now)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8).map(|_| origin.spawn(ask)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    waits.sort_unstable();
    let expected: Vec<_> = (0..200).map(|turn| ms(1000 + turn * 20)).collect();
    assert_eq!(waits, expected);
}
