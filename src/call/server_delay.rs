//! The delay that a response asks for before the next request.
//!
//! Five groups of header fields name one. The first group with a usable value wins:
//!
//! 1. `retry-after-ms` (OpenAI, Azure; also `x-ms-retry-after-ms`): milliseconds.
//! 2. `Retry-After` (RFC 9110 section 10.2.3): seconds, here with decimals too, or an HTTP date.
//! 3. `RateLimit-Reset` with `RateLimit-Remaining` (older drafts of the IETF's RateLimit fields).
//! 4. `RateLimit` (its later drafts): `"policy";r=0;t=30`, or `limit=100, remaining=0, reset=30`.
//! 5. `x-ratelimit-reset-after` and `x-ratelimit-reset` with `x-ratelimit-remaining: 0` (GitHub,
//!    Discord, Reddit; Twitter writes `x-rate-limit-…`).
//!
//! A reset time is a point in time with some servers and a duration with others. Only its size
//! tells which: up to ten years it is a duration, above that a time since 1970.
//!
//! A point in time is relative to the response's own `Date`, so that a wrong client clock does not
//! matter. A point in the past is a delay of zero. A value that is negative, not a number, or more
//! than ten years away is ignored.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// No real delay and no clock error is longer than this.
const TEN_YEARS: Duration = Duration::from_secs(315_360_000);

/// The smallest number that counts as milliseconds since 1970. In seconds it is in the year 5138.
const MIN_EPOCH_MS: f64 = 1e11;

/// The source of a wait, as the journal names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DelaySource {
    /// The server's `retry-after-ms`.
    RetryAfterMs,
    /// The server's `Retry-After`.
    RetryAfter,
    /// The server's `RateLimit-Reset` or `RateLimit`.
    RateLimitReset,
    /// The server's `x-ratelimit-reset`, or a similar field.
    XRateLimitReset,
    /// The back-off; the server named no delay.
    Backoff,
    /// The gate, which an earlier response closed.
    Gate,
    /// The caller's own rate limit.
    Limiter,
    /// The call fetched its token, or waited for a call that did.
    Token,
}

impl DelaySource {
    /// The name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RetryAfterMs => "retry-after-ms",
            Self::RetryAfter => "retry-after",
            Self::RateLimitReset => "ratelimit-reset",
            Self::XRateLimitReset => "x-ratelimit-reset",
            Self::Backoff => "backoff",
            Self::Gate => "gate",
            Self::Limiter => "limiter",
            Self::Token => "token",
        }
    }
}

/// A delay that a server named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerDelay {
    /// How long to wait from the time of the response; zero if the server says "now".
    pub wait: Duration,
    /// The group of fields that named it.
    pub source: DelaySource,
    /// How long the quota is exhausted, if the response says so: the longest delay of all groups. A
    /// `Retry-After` on a success says nothing about other requests (RFC 9110 section 10.2.3); with
    /// an exhausted quota it counts like a reset time.
    pub exhausted_for: Option<Duration>,
}

/// The delay that a response with these header fields and this status asks for.
///
/// `now` replaces a missing or invalid `Date`. Successful responses have quota fields (3 to 5) too,
/// so these count only if they say that the quota is exhausted. A 429 or 503 says so itself, so a
/// `RateLimit-Reset` alone counts there.
#[must_use]
pub fn server_delay(headers: &HeaderMap, status: u16, now: SystemTime) -> Option<ServerDelay> {
    let fields = HeaderText(headers);
    let response_date = fields.first("date", http_date).unwrap_or(now);
    let reset = ratelimit_reset(fields, status, response_date).or_else(|| ratelimit(fields));
    let groups = [
        (retry_after_ms(fields), DelaySource::RetryAfterMs),
        (retry_after(fields, response_date), DelaySource::RetryAfter),
        (reset, DelaySource::RateLimitReset),
        (x_ratelimit_reset(fields, response_date), DelaySource::XRateLimitReset),
    ];
    let longest = groups.iter().filter_map(|(wait, _)| *wait).max();
    let exhausted_for = longest.filter(|_| fields.quota_exhausted());
    groups
        .into_iter()
        .find_map(|(wait, source)| Some(ServerDelay { wait: wait?, source, exhausted_for }))
}

/// Whether a response is a rate limit: a 429, or a 403 that says when to come back or that the
/// quota is exhausted, as GitHub's does. A plain 403 is not.
#[must_use]
pub fn is_rate_limit(headers: &HeaderMap, status: u16) -> bool {
    status == 429 || (status == 403 && HeaderText(headers).show_rate_limit())
}

/// Header fields as text. A value that is not ASCII text is ignored.
#[derive(Clone, Copy)]
struct HeaderText<'a>(&'a HeaderMap);

impl<'a> HeaderText<'a> {
    fn values(self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.0.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::trim)
    }

    /// The first valid value of this field.
    fn first<T>(self, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.values(name).find_map(read)
    }

    /// Whether the fields say when to come back, or that the quota is exhausted.
    fn show_rate_limit(self) -> bool {
        retry_after_ms(self).is_some()
            || self.values("retry-after").any(is_valid_retry_after)
            || self.quota_exhausted()
    }

    /// Whether the fields say that the quota is exhausted.
    fn quota_exhausted(self) -> bool {
        let exhausted = |name| self.quota(name) == QuotaState::Exhausted;
        ["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"]
            .into_iter()
            .any(exhausted)
            || ratelimit(self).is_some()
    }

    /// What this field says about the quota.
    fn quota(self, name: &'static str) -> QuotaState {
        let remaining = |text: &str| decimal(text.split([',', ';']).next()?.trim());
        match self.first(name, remaining) {
            Some(remaining) if remaining > 0.0 => QuotaState::Remaining,
            Some(_) => QuotaState::Exhausted,
            None => QuotaState::Unknown,
        }
    }
}

/// The state of the quota that a server allows.
#[derive(PartialEq, Eq)]
enum QuotaState {
    Exhausted,
    Remaining,
    Unknown,
}

fn retry_after_ms(fields: HeaderText<'_>) -> Option<Duration> {
    let read = |text: &str| duration_from_secs(decimal(text)? / 1000.0);
    fields.first("retry-after-ms", read).or_else(|| fields.first("x-ms-retry-after-ms", read))
}

fn retry_after(fields: HeaderText<'_>, response_date: SystemTime) -> Option<Duration> {
    fields.first("retry-after", |text| match decimal(text) {
        Some(seconds) => duration_from_secs(seconds),
        None => delay_until(http_date(text)?, response_date),
    })
}

/// Whether a `Retry-After` is valid. The `Date` that it is relative to does not matter here.
fn is_valid_retry_after(text: &str) -> bool {
    decimal(text)
        .map_or_else(|| http_date(text).is_some(), |seconds| duration_from_secs(seconds).is_some())
}

fn ratelimit_reset(
    fields: HeaderText<'_>,
    status: u16,
    response_date: SystemTime,
) -> Option<Duration> {
    let exhausted = match fields.quota("ratelimit-remaining") {
        QuotaState::Exhausted => true,
        QuotaState::Remaining => false,
        QuotaState::Unknown => matches!(status, 429 | 503),
    };
    exhausted.then(|| fields.first("ratelimit-reset", |text| reset_value(text, response_date)))?
}

/// The longest `t` of the `RateLimit` items whose `r` is 0, because all of them must pass.
fn ratelimit(fields: HeaderText<'_>) -> Option<Duration> {
    fields
        .values("ratelimit")
        .filter_map(|text| rate_limit_items(text).max(rate_limit_dictionary(text)))
        .max()
}

/// `"policy";r=0;t=30, "other";r=9;t=60`: a list of structured field items (RFC 9651).
fn rate_limit_items(text: &str) -> Option<Duration> {
    text.split(outside_quotes(','))
        .filter_map(|item| {
            let exhausted = decimal(member(item, ';', "r")?)? <= 0.0;
            exhausted.then(|| duration_from_secs(decimal(member(item, ';', "t")?)?))?
        })
        .max()
}

/// `limit=100, remaining=0, reset=30`: a dictionary.
fn rate_limit_dictionary(text: &str) -> Option<Duration> {
    let exhausted = decimal(member(text, ',', "remaining")?)? <= 0.0;
    exhausted.then(|| duration_from_secs(decimal(member(text, ',', "reset")?)?))?
}

fn x_ratelimit_reset(fields: HeaderText<'_>, response_date: SystemTime) -> Option<Duration> {
    if fields.quota("x-ratelimit-remaining") == QuotaState::Exhausted {
        let after =
            fields.first("x-ratelimit-reset-after", |text| duration_from_secs(decimal(text)?));
        let reset = || fields.first("x-ratelimit-reset", |text| reset_value(text, response_date));
        after.or_else(reset)
    } else if fields.quota("x-rate-limit-remaining") == QuotaState::Exhausted {
        fields.first("x-rate-limit-reset", |text| reset_value(text, response_date))
    } else {
        None
    }
}

/// A reset time: up to ten years in seconds it is a duration; above, seconds since 1970; from 10¹¹
/// on, milliseconds since 1970; if it is not a number, an HTTP date.
fn reset_value(text: &str, response_date: SystemTime) -> Option<Duration> {
    let Some(number) = decimal(text) else {
        return delay_until(http_date(text)?, response_date);
    };
    if number <= TEN_YEARS.as_secs_f64() {
        return duration_from_secs(number);
    }
    let seconds = if number < MIN_EPOCH_MS { number } else { number / 1000.0 };
    let since_epoch = Duration::try_from_secs_f64(seconds).ok()?;
    delay_until(SystemTime::UNIX_EPOCH.checked_add(since_epoch)?, response_date)
}

/// The time from the response to a point in time; zero if it has passed.
fn delay_until(moment: SystemTime, response_date: SystemTime) -> Option<Duration> {
    match moment.duration_since(response_date) {
        Ok(delay) => (delay <= TEN_YEARS).then_some(delay),
        Err(passed) => (passed.duration() <= TEN_YEARS).then_some(Duration::ZERO),
    }
}

fn duration_from_secs(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|delay| *delay <= TEN_YEARS)
}

/// Digits with at most one decimal point. A delay has no sign, exponent, `inf` or `nan`.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain { text.parse().ok() } else { None }
}

/// One of the three forms of RFC 9110 section 5.6.7.
fn http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// The value of `key=value` in a list with this separator.
fn member<'a>(text: &'a str, separator: char, key: &str) -> Option<&'a str> {
    text.split(outside_quotes(separator)).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case(key).then(|| value.trim())
    })
}

/// Finds the separators outside quoted strings. Call it for each character in order.
fn outside_quotes(separator: char) -> impl FnMut(char) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    move |character| {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        character == separator && !quoted
    }
}

#[cfg(test)]
mod tests;
