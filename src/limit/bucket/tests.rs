#![allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

use super::*;
use proptest::prelude::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Sets a rate that forked processes would share, and returns the schedule for them.
fn set_rate(bucket: &Bucket, rate: Option<Rate>, now: Instant) -> Option<Arc<Schedule>> {
    let mut remaining = None;
    bucket.set_rate(
        rate,
        now,
        || Box::<Box<AtomicU64>>::default(),
        |schedule| remaining = schedule,
    );
    remaining
}

fn bucket(requests: u32, per: u64, burst: u32, now: Instant) -> Bucket {
    let bucket = Bucket::new();
    set_rate(&bucket, Rate::new(requests, ms(per), burst), now);
    bucket
}

/// The waits, in milliseconds, of `count` requests at `now`.
fn waits(bucket: &Bucket, now: Instant, count: usize) -> Vec<u128> {
    (0..count).map(|_| bucket.reserve(now, None).unwrap().wait.as_millis()).collect()
}

#[test]
fn a_burst_goes_at_once_and_the_rest_evenly() {
    let now = Instant::now();
    assert_eq!(waits(&bucket(10, 1000, 3, now), now, 6), [0, 0, 0, 100, 200, 300]);
}

#[test]
fn a_burst_of_one_means_an_even_rate() {
    let now = Instant::now();
    let bucket = bucket(4, 1000, 1, now);
    assert_eq!(waits(&bucket, now, 4), [0, 250, 500, 750]);
    assert_eq!(waits(&bucket, now + ms(600), 1), [400], "the earlier slots are reserved");
    assert_eq!(waits(&bucket, now + ms(9000), 2), [0, 250], "a pause refills more than a burst");
}

#[test]
fn a_pause_refills_the_bucket_gradually() {
    let now = Instant::now();
    let bucket = bucket(10, 1000, 3, now);
    assert_eq!(waits(&bucket, now, 3), [0, 0, 0]);
    assert_eq!(waits(&bucket, now + ms(200), 3), [0, 0, 100]);
    assert_eq!(waits(&bucket, now + ms(60_000), 4), [0, 0, 0, 100]);
}

#[test]
fn no_requests_or_no_time_means_no_limit() {
    assert_eq!(Rate::new(0, ms(1000), 5), None);
    assert_eq!(Rate::new(5, Duration::ZERO, 5), None);
    let now = Instant::now();
    let bucket = bucket(1, 1000, 1, now);
    assert_eq!(waits(&bucket, now, 2), [0, 1000]);
    set_rate(&bucket, Rate::new(0, ms(1000), 1), now);
    assert_eq!(waits(&bucket, now, 100), [0; 100]);
    assert_eq!(waits(&Bucket::new(), now, 100), [0; 100]);
}

#[test]
fn a_burst_of_zero_counts_as_one() {
    assert_eq!(Rate::new(7, ms(1000), 0), Rate::new(7, ms(1000), 1));
}

#[test]
fn a_slot_that_is_too_late_stays_free() {
    let now = Instant::now();
    let bucket = bucket(1, 1000, 1, now);
    assert_eq!(bucket.reserve(now, Some(Duration::ZERO)).unwrap().wait, Duration::ZERO);
    for remaining in [ms(999), ms(1000)] {
        assert_eq!(bucket.reserve(now, Some(remaining)), Err(WaitTooLong { wait: ms(1000) }));
    }
    assert_eq!(bucket.reserve(now, Some(ms(1001))).unwrap().wait, ms(1000));
}

#[test]
fn the_last_slot_is_free_again_after_its_return() {
    let now = Instant::now();
    let bucket = bucket(1, 1000, 1, now);
    let first = bucket.reserve(now, None).unwrap();
    let second = bucket.reserve(now, None).unwrap();
    bucket.release(second);
    bucket.release(first);
    assert_eq!(waits(&bucket, now, 2), [0, 1000]);
}

#[test]
fn a_returned_slot_goes_to_the_next_request() {
    let now = Instant::now();
    let bucket = bucket(1, 1000, 1, now);
    let reservations: Vec<_> = (0..4).map(|_| bucket.reserve(now, None).unwrap()).collect();
    bucket.release(reservations[2]);
    bucket.release(reservations[1]);
    assert_eq!(bucket.reserve(now, Some(ms(900))), Err(WaitTooLong { wait: ms(1000) }));
    assert_eq!(waits(&bucket, now, 3), [1000, 2000, 4000]);
}

#[test]
fn a_slot_returned_after_its_time_is_lost_if_a_later_one_is_reserved() {
    let now = Instant::now();
    let bucket = bucket(1, 1000, 1, now);
    let first = bucket.reserve(now, None).unwrap();
    let _second = bucket.reserve(now, None).unwrap();
    bucket.release(first);
    assert_eq!(waits(&bucket, now + ms(500), 1), [1500], "the rate must stay even");
}

#[test]
fn all_slots_returned_in_any_order_leave_the_bucket_unchanged() {
    let now = Instant::now();
    let bucket = bucket(10, 1000, 2, now);
    let reservations: Vec<_> = (0..6).map(|_| bucket.reserve(now, None).unwrap()).collect();
    for index in [3, 0, 5, 2, 4, 1] {
        bucket.release(reservations[index]);
    }
    assert_eq!(waits(&bucket, now, 4), [0, 0, 100, 200]);
}

#[test]
fn setting_the_same_rate_again_does_not_refill_the_bucket() {
    let now = Instant::now();
    let bucket = bucket(10, 1000, 2, now);
    assert_eq!(waits(&bucket, now, 3), [0, 0, 100]);
    set_rate(&bucket, Rate::new(10, ms(1000), 2), now);
    assert_eq!(waits(&bucket, now, 1), [200]);
}

#[test]
fn a_new_rate_applies_at_once() {
    let now = Instant::now();
    let bucket = bucket(1, 60_000, 1, now);
    assert_eq!(waits(&bucket, now, 3), [0, 60_000, 120_000]);
    set_rate(&bucket, Rate::new(100, ms(1000), 1), now);
    assert_eq!(waits(&bucket, now, 2), [30, 40], "one was sent, two wait, 10 ms each");
    set_rate(&bucket, Rate::new(1, ms(1000), 1), now + ms(1000));
    assert_eq!(
        waits(&bucket, now + ms(1000), 2),
        [0, 1000],
        "requests under the fast rate delay the slow one"
    );
}

#[test]
fn an_earlier_large_burst_does_not_delay_a_smaller_one() {
    let now = Instant::now();
    let bucket = bucket(10, 1000, 10, now);
    assert_eq!(waits(&bucket, now, 10), [0; 10]);
    set_rate(&bucket, Rate::new(1, ms(1000), 1), now);
    assert_eq!(waits(&bucket, now, 2), [1000, 2000]);
}

#[test]
fn a_returned_slot_of_an_earlier_rate_changes_nothing() {
    let now = Instant::now();
    let bucket = bucket(1, 1000, 1, now);
    let old = bucket.reserve(now, None).unwrap();
    set_rate(&bucket, Rate::new(2, ms(1000), 1), now);
    bucket.release(old);
    assert_eq!(waits(&bucket, now, 1), [500]);
}

#[test]
fn durations_outside_the_clocks_range_count_as_for_ever() {
    let now = Instant::now();
    let bucket = Bucket::new();
    set_rate(&bucket, Rate::new(1, Duration::MAX, 1), now);
    assert_eq!(waits(&bucket, now, 1), [0]);
    assert!(bucket.reserve(now, Some(Duration::from_secs(1 << 33))).is_err());

    let bucket = Bucket::new();
    set_rate(&bucket, Rate::new(1, ms(60_000_000_000), u32::MAX), now);
    assert_eq!(waits(&bucket, now, 1000), [0; 1000], "a burst that needs millennia to refill");

    let bucket = self::bucket(1, 1000, 1, now);
    assert_eq!(waits(&bucket, now, 2), [0, 1000]);
    let eons = Duration::from_secs(i64::MAX as u64 / 2);
    set_rate(&bucket, Rate::new(1, eons, 1), now);
    assert_eq!(waits(&bucket, now, 1), [2000], "the earlier requests do not count");
}

#[test]
fn processes_that_are_forked_share_one_limit() {
    let now = Instant::now();
    let parent = Bucket::new();
    let remaining = set_rate(&parent, Rate::new(10, ms(1000), 2), now);
    let children = [Bucket::with_schedule(remaining.clone()), Bucket::with_schedule(remaining)];
    assert_eq!(waits(&children[0], now, 2), [0, 0]);
    assert_eq!(waits(&children[1], now, 1), [100]);
    assert_eq!(waits(&parent, now, 1), [200]);
    assert_eq!(waits(&children[0], now + ms(200), 1), [100]);

    let last = children[1].reserve(now, None).unwrap();
    children[1].release(last);
    assert_eq!(waits(&parent, now, 1), [400], "the last slot is free for all processes");
    let midst = children[1].reserve(now, None).unwrap();
    assert_eq!(waits(&parent, now, 1), [600]);
    children[1].release(midst);
    assert_eq!(waits(&parent, now, 1), [700], "a returned slot is free only in its own process");
    assert_eq!(waits(&children[1], now, 1), [500]);

    assert!(
        set_rate(&children[0], Rate::new(10, ms(1000), 2), now).is_none(),
        "the same rate changed something"
    );
    assert_eq!(waits(&children[0], now, 1), [800], "the same rate is the shared limit");
    set_rate(&children[0], Rate::new(1, ms(1000), 1), now);
    assert_eq!(waits(&parent, now, 1), [900], "another rate changed the limit of another process");
}

#[test]
fn many_threads_share_one_limit() {
    let now = Instant::now();
    let bucket = bucket(1000, 1000, 10, now);
    let mut all: Vec<u128> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| waits(&bucket, now, 50))).collect();
        threads
            .into_iter()
            .flat_map(|thread| {
                let waits = thread.join().unwrap();
                assert!(waits.is_sorted(), "a later request of a thread got an earlier slot");
                waits
            })
            .collect()
    });
    all.sort_unstable();
    let expected: Vec<u128> = (0..400_u128).map(|index| index.saturating_sub(9)).collect();
    assert_eq!(all, expected);
}

proptest! {
    #[test]
    fn no_window_holds_more_than_the_burst_and_the_rate_allow(
        requests in 1..20_u32,
        per in 1..2000_u64,
        burst in 0..10_u32,
        asks in prop::collection::vec((0..300_u64, 0..4_u8), 1..120),
    ) {
        let begin = Instant::now();
        let bucket = bucket(requests, per, burst, begin);
        let mut now = begin;
        let mut used = Vec::new();
        let mut reservations = Vec::new();
        for (pause, action) in asks {
            now += ms(pause);
            match action {
                // A slot may be returned long after its time.
                0 => reservations.push((now, bucket.reserve(now, None).unwrap())),
                1 if !reservations.is_empty() => {
                    let index = pause as usize % reservations.len();
                    let (_, reservation) = reservations.swap_remove(index);
                    bucket.release(reservation);
                }
                _ => used.push(now + bucket.reserve(now, None).unwrap().wait),
            }
        }
        used.extend(reservations.into_iter().map(|(start, reservation)| start + reservation.wait));
        used.sort_unstable();
        let burst = u128::from(burst.max(1));
        for (first, from) in used.iter().enumerate() {
            for (last, to) in used.iter().enumerate().skip(first) {
                let window = to.duration_since(*from);
                let count = (last - first + 1) as u128;
                let earned = window.as_nanos() * u128::from(requests) / ms(per).as_nanos();
                prop_assert!(
                    count <= burst + earned,
                    "{count} slots within {window:?}, {requests} per {per} ms, burst {burst}"
                );
            }
        }
    }
}
