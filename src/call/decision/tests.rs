#![allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

use super::*;
use crate::code::Code;
use proptest::prelude::*;

const STATUSES: [u16; 5] = [429, 500, 502, 503, 504];

const RULES: RetryPolicy<'static> = RetryPolicy {
    max_retries: 3,
    backoff: Backoff { base: Duration::from_millis(100), max: Duration::from_secs(20) },
    statuses: &STATUSES,
    retry_after_max: Duration::from_secs(120),
};

const FIRST: RetryState =
    RetryState { tries: 1, repeated: false, idempotent: true, replayable: true, left: None };

fn fault(kind: FailureKind, written: bool) -> AttemptFailure {
    AttemptFailure {
        kind,
        request_bytes_written: written,
        reused_connection: false,
        response_bytes_read: false,
    }
}

fn failed(kind: FailureKind, written: bool) -> AttemptResult {
    AttemptResult::Failure(fault(kind, written))
}

fn answer(status: u16) -> AttemptResult {
    AttemptResult::Response { status, limited: status == 429, should_retry: None, delay: None }
}

/// A 403 that is a rate limit.
fn limited(delay: Option<u64>) -> AttemptResult {
    let from = DelaySource::XRateLimitReset;
    let delay = delay.map(|ms| named(ms, from));
    AttemptResult::Response { status: 403, limited: true, should_retry: None, delay }
}

/// A delay that a server names; without a request left, if it counts them.
fn named(ms: u64, from: DelaySource) -> ServerDelay {
    let wait = Duration::from_millis(ms);
    let counts = matches!(from, DelaySource::RateLimitReset | DelaySource::XRateLimitReset);
    ServerDelay { wait, from, spent_for: counts.then_some(wait) }
}

fn delayed(status: u16, ms: u64, from: DelaySource) -> AttemptResult {
    let delay = Some(named(ms, from));
    AttemptResult::Response { status, limited: status == 429, should_retry: None, delay }
}

fn with_should_retry(status: u16, should_retry: bool) -> AttemptResult {
    let should_retry = Some(should_retry);
    AttemptResult::Response { status, limited: status == 429, should_retry, delay: None }
}

fn retry(cause: RetryCause, ms: u64, from: DelaySource) -> Decision {
    Decision::Retry { cause, wait: Duration::from_millis(ms), from }
}

fn backed_off(cause: RetryCause, ms: u64) -> Decision {
    retry(cause, ms, DelaySource::Backoff)
}

/// What an idempotent method or a key makes of it, then what a POST without a key.
type Row = (AttemptResult, Decision, Decision);

fn same(happened: AttemptResult, decision: Decision) -> Row {
    (happened, decision, decision)
}

/// Every row is decided with half a full jitter (random number 0.5).
#[test]
fn the_class_of_what_happened_decides_for_which_methods_it_is_repeated() {
    use DelaySource::{RateLimitReset, RetryAfter, RetryAfterMs};
    let done = Decision::Done;
    let by = |kind| RetryCause::Fault(kind);
    let on = RetryCause::Status;
    let unknown = done(StopReason::OutcomeUnknown);
    let mut rows: Vec<Row> = vec![
        // B: turned away.
        same(answer(429), backed_off(on(429), 750)),
        same(delayed(429, 2000, RetryAfter), retry(on(429), 2100, RetryAfter)),
        same(delayed(429, 2000, RateLimitReset), retry(on(429), 2100, RateLimitReset)),
        same(delayed(503, 2000, RetryAfter), retry(on(503), 2100, RetryAfter)),
        same(delayed(503, 2000, RetryAfterMs), retry(on(503), 2100, RetryAfterMs)),
        same(delayed(503, 0, RetryAfter), backed_off(on(503), 50)),
        same(limited(None), backed_off(on(403), 750)),
        same(limited(Some(2000)), retry(on(403), 2100, DelaySource::XRateLimitReset)),
        same(limited(Some(120_001)), done(StopReason::DelayTooLong)),
        // C: sent, outcome unknown.
        (answer(503), backed_off(on(503), 750), unknown),
        (delayed(503, 2000, RateLimitReset), retry(on(503), 2100, RateLimitReset), unknown),
        (answer(500), backed_off(on(500), 50), unknown),
        (answer(502), backed_off(on(502), 50), unknown),
        (answer(504), backed_off(on(504), 50), unknown),
        (delayed(500, 2000, RetryAfter), retry(on(500), 2100, RetryAfter), unknown),
        (with_should_retry(500, true), backed_off(on(500), 50), unknown),
        (with_should_retry(409, true), backed_off(on(409), 50), unknown),
        (with_should_retry(400, true), backed_off(on(400), 50), unknown),
        // The server's word.
        same(with_should_retry(429, true), backed_off(on(429), 750)),
        same(with_should_retry(429, false), done(StopReason::ServerForbade)),
        same(with_should_retry(500, false), done(StopReason::ServerForbade)),
        same(with_should_retry(404, false), done(StopReason::NotRetryable)),
        same(with_should_retry(200, true), done(StopReason::Succeeded)),
        same(with_should_retry(304, true), done(StopReason::Succeeded)),
        // Not listed.
        same(answer(200), done(StopReason::Succeeded)),
        same(answer(301), done(StopReason::Succeeded)),
        same(answer(404), done(StopReason::NotRetryable)),
        same(answer(409), done(StopReason::NotRetryable)),
        same(answer(501), done(StopReason::NotRetryable)),
        same(answer(403), done(StopReason::NotRetryable)),
        // Delays too long to wait for.
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

    for (happened, harmless, harmful) in &rows {
        let progress = |idempotent| RetryState { idempotent, ..FIRST };
        assert_eq!(
            decide(happened, &progress(true), &RULES, 0.5),
            *harmless,
            "idempotent, {happened:?}"
        );
        assert_eq!(decide(happened, &progress(false), &RULES, 0.5), *harmful, "POST, {happened:?}");

        let final_either_way = |decision: &Decision| matches!(decision, Decision::Done(_));
        let none = RetryPolicy { max_retries: 0, ..RULES };
        for idempotent in [true, false] {
            let decision = decide(happened, &progress(idempotent), &none, 0.5);
            assert!(final_either_way(&decision), "no retries allowed, yet {decision:?}");
            let once = RetryState { replayable: false, ..progress(idempotent) };
            let decision = decide(happened, &once, &RULES, 0.5);
            assert!(final_either_way(&decision), "no replay, yet {decision:?} on {happened:?}");
        }
    }
}

#[test]
fn only_methods_that_rfc_9110_calls_idempotent_are_so_without_a_key() {
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
        let rules = RetryPolicy { statuses: &statuses, ..RULES };
        let post = RetryState { idempotent: false, ..FIRST };
        let expected = backed_off(RetryCause::Status(status), 50);
        assert_eq!(decide(&answer(status), &FIRST, &rules, 0.5), expected);
        assert_eq!(
            decide(&answer(status), &post, &rules, 0.5),
            Decision::Done(StopReason::OutcomeUnknown)
        );
    }
}

#[test]
fn a_status_that_the_caller_takes_away_is_not_retried() {
    let rules = RetryPolicy { statuses: &[], ..RULES };
    for status in STATUSES {
        assert_eq!(
            decide(&answer(status), &FIRST, &rules, 0.5),
            Decision::Done(StopReason::NotRetryable)
        );
    }
}

#[test]
fn a_stale_connection_costs_one_free_repeat_even_where_no_retries_are_allowed() {
    let none = RetryPolicy { max_retries: 0, ..RULES };
    let stale =
        |written| AttemptFailure { reused_connection: true, ..fault(FailureKind::Closed, written) };
    let post = RetryState { idempotent: false, ..FIRST };
    let happened = |fault| AttemptResult::Failure(fault);

    assert_eq!(decide(&happened(stale(true)), &FIRST, &none, 0.5), Decision::RepeatNow);
    assert_eq!(decide(&happened(stale(false)), &FIRST, &none, 0.5), Decision::RepeatNow);
    assert_eq!(decide(&happened(stale(false)), &post, &none, 0.5), Decision::RepeatNow);

    let refused = [
        ("a POST that was sent", post, stale(true)),
        ("a second time", RetryState { repeated: true, ..FIRST }, stale(true)),
        ("a body that is gone", RetryState { replayable: false, ..FIRST }, stale(true)),
        ("no time left", RetryState { left: Some(Duration::ZERO), ..FIRST }, stale(true)),
        ("an answer begun", FIRST, AttemptFailure { response_bytes_read: true, ..stale(true) }),
        ("a fresh connection", FIRST, fault(FailureKind::Closed, true)),
        ("a time-out", FIRST, AttemptFailure { kind: FailureKind::Timeout, ..stale(true) }),
        ("rubbish", FIRST, AttemptFailure { kind: FailureKind::Protocol, ..stale(true) }),
    ];
    for (what, progress, fault) in refused {
        assert_eq!(
            decide(&happened(fault), &progress, &none, 0.5),
            Decision::Done(StopReason::RetriesExhausted),
            "{what}"
        );
    }
    let again = RetryState { repeated: true, ..FIRST };
    assert_eq!(
        decide(&happened(stale(true)), &again, &RULES, 0.5),
        backed_off(RetryCause::Fault(FailureKind::Closed), 50),
        "what the free repeat does not mend is retried as anything else"
    );
}

#[test]
fn three_retries_mean_four_attempts() {
    let after = |tries| decide(&answer(500), &RetryState { tries, ..FIRST }, &RULES, 0.5);
    let waits = [50, 100, 200];
    for (tries, ms) in (1..).zip(waits) {
        assert_eq!(after(tries), backed_off(RetryCause::Status(500), ms), "after attempt {tries}");
    }
    assert_eq!(after(4), Decision::Done(StopReason::RetriesExhausted));
    assert_eq!(after(u32::MAX), Decision::Done(StopReason::RetriesExhausted));
}

#[test]
fn nobody_waits_in_order_to_fail() {
    let left = |ms| RetryState { left: Some(Duration::from_millis(ms)), ..FIRST };
    let happened = delayed(429, 2000, DelaySource::RetryAfter);
    let enough = decide(&happened, &left(2101), &RULES, 0.5);
    assert_eq!(enough, retry(RetryCause::Status(429), 2100, DelaySource::RetryAfter));
    for ms in [2100, 2099, 1999, 0] {
        assert_eq!(
            decide(&happened, &left(ms), &RULES, 0.5),
            Decision::Done(StopReason::DeadlineTooNear),
            "{ms} ms left"
        );
    }
}

#[test]
fn only_a_boolean_in_x_should_retry_is_heard() {
    let said = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-should-retry", http::HeaderValue::from_static(value));
        should_retry(&headers)
    };
    assert_eq!(said("true"), Some(true));
    assert_eq!(said(" False "), Some(false));
    assert_eq!(said("1"), None);
    assert_eq!(said(""), None);
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
            .prop_map(|(ms, from)| named(ms, from)),
    )
}

fn any_result() -> impl Strategy<Value = AttemptResult> {
    let fault = (any_kind(), any::<[bool; 3]>()).prop_map(|(kind, [written, reused, read])| {
        AttemptResult::Failure(AttemptFailure {
            kind,
            request_bytes_written: written,
            reused_connection: reused,
            response_bytes_read: read,
        })
    });
    let status = prop_oneof![prop::sample::select(&STATUSES[..]), 100..600_u16];
    let answer =
        (status, any::<Option<bool>>(), any_delay()).prop_map(|(status, should_retry, delay)| {
            AttemptResult::Response { status, limited: status == 429, should_retry, delay }
        });
    prop_oneof![fault, answer]
}

fn any_state() -> impl Strategy<Value = RetryState> {
    (1..8_u32, any::<[bool; 3]>(), prop::option::of(0..300_000_u64)).prop_map(
        |(tries, [repeated, idempotent, replayable], left)| RetryState {
            tries,
            repeated,
            idempotent,
            replayable,
            left: left.map(Duration::from_millis),
        },
    )
}

/// Whether the server may have processed the request, told from the outside.
fn may_be_processed(happened: &AttemptResult) -> bool {
    match happened {
        AttemptResult::Failure(fault) => fault.request_bytes_written,
        AttemptResult::Response { status: 429, .. } => false,
        AttemptResult::Response { status: 503, delay: Some(delay), .. } => {
            !matches!(delay.from, DelaySource::RetryAfter | DelaySource::RetryAfterMs)
        }
        AttemptResult::Response { .. } => true,
    }
}

proptest! {
    #[test]
    fn a_wait_is_never_shorter_than_the_server_asked_nor_longer_than_the_deadline_allows(
        happened in any_result(), progress in any_state(), random in 0.0..1.0_f64,
    ) {
        if let Decision::Retry { wait, from, .. } = decide(&happened, &progress, &RULES, random) {
            if let AttemptResult::Response { delay: Some(delay), .. } = happened {
                prop_assert!(wait >= delay.wait);
                prop_assert!(delay.wait <= RULES.retry_after_max);
                prop_assert!(delay.wait.is_zero() || from == delay.from);
            }
            prop_assert!(progress.left.is_none_or(|left| wait < left));
        }
    }

    #[test]
    fn no_more_attempts_than_allowed(
        happened in prop::collection::vec((any_result(), 0.0..1.0_f64), 0..40), retries in 0..6_u32,
    ) {
        let rules = RetryPolicy { max_retries: retries, ..RULES };
        let mut progress = FIRST;
        let (mut sent, mut repeats) = (1, 0);
        for (happened, random) in happened {
            match decide(&happened, &progress, &rules, random) {
                Decision::Done(_) => break,
                Decision::RepeatNow => {
                    progress.repeated = true;
                    repeats += 1;
                }
                Decision::Retry { .. } => progress.tries += 1,
            }
            sent += 1;
        }
        prop_assert!(repeats <= 1);
        prop_assert!(sent <= 1 + retries + repeats, "{sent} requests with {retries} retries");
    }

    #[test]
    fn a_post_is_never_sent_twice_without_a_key_where_it_may_have_been_processed(
        happened in any_result(), progress in any_state(), random in 0.0..1.0_f64,
    ) {
        let post = RetryState { idempotent: idempotent(&Method::POST, || false), ..progress };
        if may_be_processed(&happened) {
            let decision = decide(&happened, &post, &RULES, random);
            prop_assert!(matches!(decision, Decision::Done(_)), "{decision:?} on {happened:?}");
        }
    }

    #[test]
    fn what_cannot_be_replayed_is_sent_once(
        happened in any_result(), progress in any_state(), random in 0.0..1.0_f64,
    ) {
        let gone = RetryState { replayable: false, ..progress };
        let decision = decide(&happened, &gone, &RULES, random);
        prop_assert!(matches!(decision, Decision::Done(_)), "{decision:?} on {happened:?}");
    }
}

#[test]
fn a_403_that_is_a_rate_limit_is_worth_a_try_where_a_429_is() {
    let rules = RetryPolicy { statuses: &[503], ..RULES };
    assert_eq!(
        decide(&limited(None), &FIRST, &rules, 0.5),
        Decision::Done(StopReason::NotRetryable)
    );
}

#[test]
fn a_refusal_with_a_delay_closes_the_gate_and_so_does_a_quota_that_is_spent() {
    use DelaySource::{RateLimitReset, RetryAfter, XRateLimitReset};
    let second = Some(Duration::from_secs(1));
    for (happened, expected) in [
        (delayed(429, 1000, RetryAfter), second),
        (delayed(503, 1000, RetryAfter), second),
        (limited(Some(1000)), second),
        (delayed(200, 1000, XRateLimitReset), second),
        (delayed(404, 1000, RateLimitReset), second),
        (delayed(500, 1000, RetryAfter), None),
        (answer(429), None),
        (answer(200), None),
        (failed(FailureKind::Closed, true), None),
    ] {
        assert_eq!(gate_delay(&happened), expected, "{happened:?}");
    }
}
