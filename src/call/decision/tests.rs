#![allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

use super::*;
use crate::code::Code;
use proptest::prelude::*;

const STATUSES: [u16; 5] = [429, 500, 502, 503, 504];

const POLICY: RetryPolicy<'static> = RetryPolicy {
    max_retries: 3,
    backoff: Backoff { base: Duration::from_millis(100), max: Duration::from_secs(20) },
    statuses: &STATUSES,
    retry_after_max: Duration::from_secs(120),
};

const FIRST: RetryState = RetryState {
    counted_attempts: 1,
    repeated: false,
    idempotent: true,
    replayable: true,
    remaining: None,
};

fn failure(kind: FailureKind, written: bool) -> AttemptFailure {
    AttemptFailure {
        kind,
        request_bytes_written: written,
        reused_connection: false,
        response_bytes_read: false,
    }
}

fn failed(kind: FailureKind, written: bool) -> AttemptResult {
    AttemptResult::Failure(failure(kind, written))
}

fn response(status: u16) -> AttemptResult {
    AttemptResult::Response { status, limited: status == 429, should_retry: None, delay: None }
}

/// A 403 that is a rate limit.
fn rate_limited(delay: Option<u64>) -> AttemptResult {
    let source = DelaySource::XRateLimitReset;
    let delay = delay.map(|ms| server_delay(ms, source));
    AttemptResult::Response { status: 403, limited: true, should_retry: None, delay }
}

/// A delay that a server names. A quota field says that the quota is exhausted.
fn server_delay(ms: u64, source: DelaySource) -> ServerDelay {
    let wait = Duration::from_millis(ms);
    let from_quota = matches!(source, DelaySource::RateLimitReset | DelaySource::XRateLimitReset);
    ServerDelay { wait, source, exhausted_for: from_quota.then_some(wait) }
}

fn delayed(status: u16, ms: u64, source: DelaySource) -> AttemptResult {
    let delay = Some(server_delay(ms, source));
    AttemptResult::Response { status, limited: status == 429, should_retry: None, delay }
}

fn with_should_retry(status: u16, should_retry: bool) -> AttemptResult {
    let should_retry = Some(should_retry);
    AttemptResult::Response { status, limited: status == 429, should_retry, delay: None }
}

fn retry(cause: RetryCause, ms: u64, source: DelaySource) -> Decision {
    Decision::Retry { cause, wait: Duration::from_millis(ms), source }
}

fn backed_off(cause: RetryCause, ms: u64) -> Decision {
    retry(cause, ms, DelaySource::Backoff)
}

/// The result, the decision for an idempotent method or a key, and the decision for a POST without
/// a key.
type Row = (AttemptResult, Decision, Decision);

fn same(result: AttemptResult, decision: Decision) -> Row {
    (result, decision, decision)
}

/// Every row is decided with half of a full jitter (random number 0.5).
#[test]
fn the_class_of_a_result_decides_which_methods_are_retried() {
    use DelaySource::{RateLimitReset, RetryAfter, RetryAfterMs};
    let done = Decision::Done;
    let by = |kind| RetryCause::Failure(kind);
    let on = RetryCause::Status;
    let unknown = done(StopReason::OutcomeUnknown);
    let mut rows: Vec<Row> = vec![
        // B: rejected.
        same(response(429), backed_off(on(429), 750)),
        same(delayed(429, 2000, RetryAfter), retry(on(429), 2100, RetryAfter)),
        same(delayed(429, 2000, RateLimitReset), retry(on(429), 2100, RateLimitReset)),
        same(delayed(503, 2000, RetryAfter), retry(on(503), 2100, RetryAfter)),
        same(delayed(503, 2000, RetryAfterMs), retry(on(503), 2100, RetryAfterMs)),
        same(delayed(503, 0, RetryAfter), backed_off(on(503), 50)),
        same(rate_limited(None), backed_off(on(403), 750)),
        same(rate_limited(Some(2000)), retry(on(403), 2100, DelaySource::XRateLimitReset)),
        same(rate_limited(Some(120_001)), done(StopReason::DelayTooLong)),
        // C: sent, outcome unknown.
        (response(503), backed_off(on(503), 750), unknown),
        (delayed(503, 2000, RateLimitReset), retry(on(503), 2100, RateLimitReset), unknown),
        (response(500), backed_off(on(500), 50), unknown),
        (response(502), backed_off(on(502), 50), unknown),
        (response(504), backed_off(on(504), 50), unknown),
        (delayed(500, 2000, RetryAfter), retry(on(500), 2100, RetryAfter), unknown),
        (with_should_retry(500, true), backed_off(on(500), 50), unknown),
        (with_should_retry(409, true), backed_off(on(409), 50), unknown),
        (with_should_retry(400, true), backed_off(on(400), 50), unknown),
        // `x-should-retry`.
        same(with_should_retry(429, true), backed_off(on(429), 750)),
        same(with_should_retry(429, false), done(StopReason::ServerForbade)),
        same(with_should_retry(500, false), done(StopReason::ServerForbade)),
        same(with_should_retry(404, false), done(StopReason::NotRetryable)),
        same(with_should_retry(200, true), done(StopReason::Succeeded)),
        same(with_should_retry(304, true), done(StopReason::Succeeded)),
        // Not listed.
        same(response(200), done(StopReason::Succeeded)),
        same(response(301), done(StopReason::Succeeded)),
        same(response(404), done(StopReason::NotRetryable)),
        same(response(409), done(StopReason::NotRetryable)),
        same(response(501), done(StopReason::NotRetryable)),
        same(response(403), done(StopReason::NotRetryable)),
        // Long delays.
        same(delayed(429, 120_000, RetryAfter), retry(on(429), 120_500, RetryAfter)),
        same(delayed(429, 120_001, RetryAfter), done(StopReason::DelayTooLong)),
        same(delayed(503, 3_600_000, RetryAfter), done(StopReason::DelayTooLong)),
    ];
    for kind in [
        FailureKind::Resolve,
        FailureKind::Connect,
        FailureKind::Tls { certificate: false },
        FailureKind::Proxy,
        FailureKind::Timeout,
        FailureKind::Closed,
        FailureKind::Protocol,
    ] {
        rows.push(same(failed(kind, false), backed_off(by(kind), 50)));
        rows.push((failed(kind, true), backed_off(by(kind), 50), unknown));
    }
    for kind in [
        FailureKind::Tls { certificate: true },
        FailureKind::TooLarge,
        FailureKind::Redirect,
        FailureKind::BadInput,
        FailureKind::Internal,
    ] {
        rows.push(same(failed(kind, false), done(StopReason::NotRetryable)));
        rows.push(same(failed(kind, true), done(StopReason::NotRetryable)));
    }
    rows.push(same(failed(FailureKind::Cancelled, false), done(StopReason::Cancelled)));
    rows.push(same(failed(FailureKind::Cancelled, true), done(StopReason::Cancelled)));

    for (result, harmless, harmful) in &rows {
        let state = |idempotent| RetryState { idempotent, ..FIRST };
        assert_eq!(decide(result, &state(true), &POLICY, 0.5), *harmless, "idempotent, {result:?}");
        assert_eq!(decide(result, &state(false), &POLICY, 0.5), *harmful, "POST, {result:?}");

        let is_final = |decision: &Decision| matches!(decision, Decision::Done(_));
        let none = RetryPolicy { max_retries: 0, ..POLICY };
        for idempotent in [true, false] {
            let decision = decide(result, &state(idempotent), &none, 0.5);
            assert!(is_final(&decision), "{decision:?} although no retries are allowed");
            let no_replay = RetryState { replayable: false, ..state(idempotent) };
            let decision = decide(result, &no_replay, &POLICY, 0.5);
            assert!(
                is_final(&decision),
                "{decision:?} on {result:?} although no replay is possible"
            );
        }
    }
}

#[test]
fn only_idempotent_methods_are_idempotent_without_a_key() {
    let extension = Method::from_bytes(b"PURGE").unwrap();
    let rows = [
        (Method::GET, true),
        (Method::HEAD, true),
        (Method::PUT, true),
        (Method::DELETE, true),
        (Method::OPTIONS, true),
        (Method::TRACE, true),
        (Method::from_bytes(b"QUERY").unwrap(), true),
        (Method::from_bytes(b"PROPFIND").unwrap(), true),
        (Method::POST, false),
        (Method::PATCH, false),
        (Method::CONNECT, false),
        (extension, false),
    ];
    for (method, expected) in rows {
        assert_eq!(idempotent(&method, || false), expected, "{method}");
        assert!(idempotent(&method, || true), "{method} with a key");
    }
}

#[test]
fn a_status_that_the_caller_adds_belongs_to_the_unknown_class() {
    for status in [408, 409, 425, 404, 202] {
        let statuses = [status];
        let policy = RetryPolicy { statuses: &statuses, ..POLICY };
        let post = RetryState { idempotent: false, ..FIRST };
        let expected = backed_off(RetryCause::Status(status), 50);
        assert_eq!(decide(&response(status), &FIRST, &policy, 0.5), expected);
        assert_eq!(
            decide(&response(status), &post, &policy, 0.5),
            Decision::Done(StopReason::OutcomeUnknown)
        );
    }
}

#[test]
fn a_status_that_the_caller_removes_is_not_retried() {
    let policy = RetryPolicy { statuses: &[], ..POLICY };
    for status in STATUSES {
        assert_eq!(
            decide(&response(status), &FIRST, &policy, 0.5),
            Decision::Done(StopReason::NotRetryable)
        );
    }
}

#[test]
fn a_stale_connection_gets_one_free_repeat_even_without_retries() {
    let none = RetryPolicy { max_retries: 0, ..POLICY };
    let stale = |written| AttemptFailure {
        reused_connection: true,
        ..failure(FailureKind::Closed, written)
    };
    let post = RetryState { idempotent: false, ..FIRST };
    let result = |failure| AttemptResult::Failure(failure);

    assert_eq!(decide(&result(stale(true)), &FIRST, &none, 0.5), Decision::RepeatNow);
    assert_eq!(decide(&result(stale(false)), &FIRST, &none, 0.5), Decision::RepeatNow);
    assert_eq!(decide(&result(stale(false)), &post, &none, 0.5), Decision::RepeatNow);

    let refused = [
        ("a POST that was sent", post, stale(true)),
        ("a second time", RetryState { repeated: true, ..FIRST }, stale(true)),
        ("a body that cannot be replayed", RetryState { replayable: false, ..FIRST }, stale(true)),
        ("no time remaining", RetryState { remaining: Some(Duration::ZERO), ..FIRST }, stale(true)),
        (
            "a response that began",
            FIRST,
            AttemptFailure { response_bytes_read: true, ..stale(true) },
        ),
        ("a fresh connection", FIRST, failure(FailureKind::Closed, true)),
        ("a timeout", FIRST, AttemptFailure { kind: FailureKind::Timeout, ..stale(true) }),
        ("invalid HTTP", FIRST, AttemptFailure { kind: FailureKind::Protocol, ..stale(true) }),
    ];
    for (what, state, failure) in refused {
        assert_eq!(
            decide(&result(failure), &state, &none, 0.5),
            Decision::Done(StopReason::RetriesExhausted),
            "{what}"
        );
    }
    let repeated = RetryState { repeated: true, ..FIRST };
    assert_eq!(
        decide(&result(stale(true)), &repeated, &POLICY, 0.5),
        backed_off(RetryCause::Failure(FailureKind::Closed), 50),
        "a failure after the free repeat is retried like any other"
    );
}

#[test]
fn three_retries_mean_four_attempts() {
    let after = |counted_attempts| {
        decide(&response(500), &RetryState { counted_attempts, ..FIRST }, &POLICY, 0.5)
    };
    let waits = [50, 100, 200];
    for (counted_attempts, ms) in (1..).zip(waits) {
        assert_eq!(
            after(counted_attempts),
            backed_off(RetryCause::Status(500), ms),
            "after attempt {counted_attempts}"
        );
    }
    assert_eq!(after(4), Decision::Done(StopReason::RetriesExhausted));
    assert_eq!(after(u32::MAX), Decision::Done(StopReason::RetriesExhausted));
}

#[test]
fn a_wait_that_would_reach_the_deadline_ends_the_call_at_once() {
    let remaining = |ms| RetryState { remaining: Some(Duration::from_millis(ms)), ..FIRST };
    let result = delayed(429, 2000, DelaySource::RetryAfter);
    let enough = decide(&result, &remaining(2101), &POLICY, 0.5);
    assert_eq!(enough, retry(RetryCause::Status(429), 2100, DelaySource::RetryAfter));
    for ms in [2100, 2099, 1999, 0] {
        assert_eq!(
            decide(&result, &remaining(ms), &POLICY, 0.5),
            Decision::Done(StopReason::DeadlineTooNear),
            "{ms} ms remaining"
        );
    }
}

#[test]
fn x_should_retry_counts_only_as_a_boolean() {
    let parsed = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-should-retry", http::HeaderValue::from_static(value));
        should_retry(&headers)
    };
    assert_eq!(parsed("true"), Some(true));
    assert_eq!(parsed(" False "), Some(false));
    assert_eq!(parsed("1"), None);
    assert_eq!(parsed(""), None);
    assert_eq!(should_retry(&HeaderMap::new()), None);
}

fn any_kind() -> impl Strategy<Value = FailureKind> {
    let codes = [
        Code::Resolve,
        Code::Connect,
        Code::Tls,
        Code::Proxy,
        Code::Timeout,
        Code::Closed,
        Code::Protocol,
        Code::TooLarge,
        Code::Redirect,
        Code::Cancelled,
        Code::File,
        Code::Internal,
    ];
    (prop::sample::select(codes.to_vec()), any::<bool>())
        .prop_map(|(code, c)| FailureKind::of(code, c))
}

fn any_delay() -> impl Strategy<Value = Option<ServerDelay>> {
    let sources = [
        DelaySource::RetryAfterMs,
        DelaySource::RetryAfter,
        DelaySource::RateLimitReset,
        DelaySource::XRateLimitReset,
    ];
    prop::option::of(
        (0..200_000_u64, prop::sample::select(sources.to_vec()))
            .prop_map(|(ms, source)| server_delay(ms, source)),
    )
}

fn any_result() -> impl Strategy<Value = AttemptResult> {
    let failure = (any_kind(), any::<[bool; 3]>()).prop_map(|(kind, [written, reused, read])| {
        AttemptResult::Failure(AttemptFailure {
            kind,
            request_bytes_written: written,
            reused_connection: reused,
            response_bytes_read: read,
        })
    });
    let status = prop_oneof![prop::sample::select(&STATUSES[..]), 100..600_u16];
    let response =
        (status, any::<Option<bool>>(), any_delay()).prop_map(|(status, should_retry, delay)| {
            AttemptResult::Response { status, limited: status == 429, should_retry, delay }
        });
    prop_oneof![failure, response]
}

fn any_state() -> impl Strategy<Value = RetryState> {
    (1..8_u32, any::<[bool; 3]>(), prop::option::of(0..300_000_u64)).prop_map(
        |(counted_attempts, [repeated, idempotent, replayable], remaining)| RetryState {
            counted_attempts,
            repeated,
            idempotent,
            replayable,
            remaining: remaining.map(Duration::from_millis),
        },
    )
}

/// Whether the server may have processed the request, computed without the code under test.
fn may_be_processed(result: &AttemptResult) -> bool {
    match result {
        AttemptResult::Failure(failure) => failure.request_bytes_written,
        AttemptResult::Response { status: 429, .. } => false,
        AttemptResult::Response { status: 503, delay: Some(delay), .. } => {
            !matches!(delay.source, DelaySource::RetryAfter | DelaySource::RetryAfterMs)
        }
        AttemptResult::Response { .. } => true,
    }
}

proptest! {
    #[test]
    fn a_wait_is_never_shorter_than_the_server_asked_nor_longer_than_the_deadline_allows(
        result in any_result(), state in any_state(), random in 0.0..1.0_f64,
    ) {
        if let Decision::Retry { wait, source, .. } = decide(&result, &state, &POLICY, random) {
            if let AttemptResult::Response { delay: Some(delay), .. } = result {
                prop_assert!(wait >= delay.wait);
                prop_assert!(delay.wait <= POLICY.retry_after_max);
                prop_assert!(delay.wait.is_zero() || source == delay.source);
            }
            prop_assert!(state.remaining.is_none_or(|remaining| wait < remaining));
        }
    }

    #[test]
    fn no_more_attempts_than_allowed(
        result in prop::collection::vec((any_result(), 0.0..1.0_f64), 0..40), retries in 0..6_u32,
    ) {
        let policy = RetryPolicy { max_retries: retries, ..POLICY };
        let mut state = FIRST;
        let (mut sent, mut repeats) = (1, 0);
        for (result, random) in result {
            match decide(&result, &state, &policy, random) {
                Decision::Done(_) => break,
                Decision::RepeatNow => {
                    state.repeated = true;
                    repeats += 1;
                }
                Decision::Retry { .. } => state.counted_attempts += 1,
            }
            sent += 1;
        }
        prop_assert!(repeats <= 1);
        prop_assert!(sent <= 1 + retries + repeats, "{sent} requests with {retries} retries");
    }

    #[test]
    fn a_post_without_a_key_is_never_sent_twice_if_it_may_have_been_processed(
        result in any_result(), state in any_state(), random in 0.0..1.0_f64,
    ) {
        let post = RetryState { idempotent: idempotent(&Method::POST, || false), ..state };
        if may_be_processed(&result) {
            let decision = decide(&result, &post, &POLICY, random);
            prop_assert!(matches!(decision, Decision::Done(_)), "{decision:?} on {result:?}");
        }
    }

    #[test]
    fn a_request_that_cannot_be_replayed_is_sent_once(
        result in any_result(), state in any_state(), random in 0.0..1.0_f64,
    ) {
        let no_replay = RetryState { replayable: false, ..state };
        let decision = decide(&result, &no_replay, &POLICY, random);
        prop_assert!(matches!(decision, Decision::Done(_)), "{decision:?} on {result:?}");
    }
}

#[test]
fn a_403_that_is_a_rate_limit_is_retried_only_if_a_429_is() {
    let policy = RetryPolicy { statuses: &[503], ..POLICY };
    assert_eq!(
        decide(&rate_limited(None), &FIRST, &policy, 0.5),
        Decision::Done(StopReason::NotRetryable)
    );
}

#[test]
fn a_refusal_with_a_delay_or_an_exhausted_quota_closes_the_gate() {
    use DelaySource::{RateLimitReset, RetryAfter, XRateLimitReset};
    let second = Some(Duration::from_secs(1));
    for (result, expected) in [
        (delayed(429, 1000, RetryAfter), second),
        (delayed(503, 1000, RetryAfter), second),
        (rate_limited(Some(1000)), second),
        (delayed(200, 1000, XRateLimitReset), second),
        (delayed(404, 1000, RateLimitReset), second),
        (delayed(500, 1000, RetryAfter), None),
        (response(429), None),
        (response(200), None),
        (failed(FailureKind::Closed, true), None),
    ] {
        assert_eq!(gate_delay(&result), expected, "{result:?}");
    }
}
