//! The delay that a server names is bounded, does not depend on this machine's clock where the
//! server tells its own, and is never cut short by a retry.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use sac::call::backoff::Backoff;
use sac::call::decision::{AttemptResult, Decision, RetryPolicy, RetryState, decide};
use sac::call::server_delay::{DelaySource, ServerDelay, server_delay};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TEN_YEARS: Duration = Duration::from_secs(3650 * 24 * 60 * 60);

/// Two bytes for status and chance, then header lines.
pub fn kept(input: &[u8]) {
    let [status, chance, fields @ ..] = input else { return };
    let headers = headers(fields);
    let status = [429, 503, 200, 500][usize::from(status & 3)];
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let delay = server_delay(&headers, status, now);
    if let Some(ServerDelay { wait, .. }) = delay {
        assert!(wait <= TEN_YEARS, "a delay of {wait:?}");
    }
    let dated = headers
        .get_all("date")
        .iter()
        .any(|date| date.to_str().is_ok_and(|date| httpdate::parse_http_date(date.trim()).is_ok()));
    if dated {
        let elsewhen = server_delay(&headers, status, now + DAY);
        assert_eq!(delay, elsewhen, "the delay depends on the clock, and the answer has a Date");
    }
    not_cut_short(status, delay, f64::from(*chance) / 256.0);
}

/// A retry waits as long as the server asks for, within what the caller allows, or there is none.
fn not_cut_short(status: u16, delay: Option<ServerDelay>, random: f64) {
    let remaining = Duration::from_secs(3600);
    let limited = status == 429;
    let happened = AttemptResult::Response { status, limited, should_retry: None, delay };
    let progress = RetryState {
        tries: 1,
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
    let Decision::Retry { wait, from, .. } = decide(&happened, &progress, &rules, random) else {
        return;
    };
    assert!(wait < remaining, "a wait of {wait:?} exceeds the deadline");
    if let Some(named) = delay {
        assert!(named.wait <= rules.retry_after_max, "{named:?} is longer than is waited for");
        assert!(wait >= named.wait, "{wait:?} is less than {named:?}");
        if from != DelaySource::Backoff {
            let most = named.wait + named.wait.mul_f64(0.1).min(Duration::from_secs(1));
            assert!(wait <= most + Duration::from_millis(1), "{wait:?} is far above {named:?}");
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
