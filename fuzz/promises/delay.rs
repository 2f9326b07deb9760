//! The delay that a server requests is limited. It does not depend on the local clock if the
//! response has a `Date`. A retry never comes before it ends.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use sac::call::backoff::Backoff;
use sac::call::decision::{AttemptResult, Decision, RetryPolicy, RetryState, decide};
use sac::call::server_delay::{DelaySource, ServerDelay, server_delay};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TEN_YEARS: Duration = Duration::from_secs(3650 * 24 * 60 * 60);

/// Input: a byte for the status, a byte for the random number, then header lines.
pub fn check(input: &[u8]) {
    let [status, random, fields @ ..] = input else { return };
    let headers = headers(fields);
    let status = [429, 503, 200, 500][usize::from(status & 3)];
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let delay = server_delay(&headers, status, now);
    if let Some(ServerDelay { wait, .. }) = delay {
        assert!(wait <= TEN_YEARS, "a delay of {wait:?}");
    }
    let has_date = headers
        .get_all("date")
        .iter()
        .any(|date| date.to_str().is_ok_and(|date| httpdate::parse_http_date(date.trim()).is_ok()));
    if has_date {
        let a_day_later = server_delay(&headers, status, now + DAY);
        assert_eq!(
            delay, a_day_later,
            "the delay depends on the clock, but the response has a Date"
        );
    }
    check_retry(status, delay, f64::from(*random) / 256.0);
}

/// Checks that a retry waits as long as the server requests, within the caller's limit, or that
/// there is no retry.
fn check_retry(status: u16, delay: Option<ServerDelay>, random: f64) {
    let remaining = Duration::from_secs(3600);
    let limited = status == 429;
    let happened = AttemptResult::Response { status, limited, should_retry: None, delay };
    let progress = RetryState {
        counted_attempts: 1,
        repeated: false,
        idempotent: true,
        replayable: true,
        remaining: Some(remaining),
    };
    let rules = RetryPolicy {
        max_retries: 3,
        backoff: Backoff { base: Duration::from_millis(100), max: Duration::from_secs(20) },
        statuses: &[429, 500, 503],
        retry_after_max: Duration::from_secs(120),
    };
    let Decision::Retry { wait, source, .. } = decide(&happened, &progress, &rules, random) else {
        return;
    };
    assert!(wait < remaining, "a wait of {wait:?} exceeds the deadline");
    if let Some(requested) = delay {
        assert!(
            requested.wait <= rules.retry_after_max,
            "{requested:?} exceeds the caller's limit"
        );
        assert!(wait >= requested.wait, "{wait:?} is less than {requested:?}");
        if source != DelaySource::Backoff {
            let max = requested.wait + requested.wait.mul_f64(0.1).min(Duration::from_secs(1));
            assert!(wait <= max + Duration::from_millis(1), "{wait:?} is far above {requested:?}");
        }
    }
}

fn headers(lines: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(parts.next().unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}
