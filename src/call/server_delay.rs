//! The delay that an answer asks for before the next request.
//!
//! Five families of header fields name one, and the first that holds a usable value wins:
//!
//! 1. `retry-after-ms` (OpenAI, Azure; also `x-ms-retry-after-ms`): milliseconds.
//! 2. `Retry-After` (RFC 9110 section 10.2.3): seconds, here with decimals too, or an HTTP date.
//! 3. `RateLimit-Reset` with `RateLimit-Remaining` (older drafts of the IETF's RateLimit fields).
//! 4. `RateLimit` (its later drafts): `"policy";r=0;t=30`, or `limit=100, remaining=0, reset=30`.
//! 5. `x-ratelimit-reset-after` and `x-ratelimit-reset` with `x-ratelimit-remaining: 0` (GitHub,
//!    Discord, Reddit; Twitter writes `x-rate-limit-…`).
//!
//! A reset time is a point in time with some servers and a span with others, and nothing but its
//! size tells which: up to ten years it is a span, above that a time since 1970.
//!
//! A point in time is counted from the answer's own `Date`, so that a client whose clock is wrong
//! waits as long as one whose clock is right. One that has passed is a delay of zero: what the
//! server wanted to wait for has come. A value that is negative, no number, or more than ten years
//! away says nothing about when to come back and is treated as though it were not there.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// No wait and no clock error is longer than this; a value that claims it is not one of these.
const TEN_YEARS: Duration = Duration::from_secs(315_360_000);

/// The least number that is read as milliseconds since 1970: in seconds it lies in the year 5138.
const MIN_EPOCH_MS: f64 = 1e11;

/// Who decided how long a wait was, as the journal names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DelaySource {
    /// The server's `retry-after-ms`.
    RetryAfterMs,
    /// The server's `Retry-After`.
    RetryAfter,
    /// The server's `RateLimit-Reset` or `RateLimit`.
    RateLimitReset,
    /// The server's `x-ratelimit-reset` or one of its kin.
    XRateLimitReset,
    /// Nobody: the back-off.
    Backoff,
    /// The gate that an earlier answer closed.
    Gate,
    /// The caller's own rate limit.
    Limiter,
}

impl DelaySource {
    /// The name that stands in the journal.
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
        }
    }
}

/// A delay that a server named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerDelay {
    /// How long to wait, counted from the answer; zero where the server said "now".
    pub wait: Duration,
    /// The family of fields that named it.
    pub from: DelaySource,
    /// How long no request is left, if the answer says that none is: the longest delay of all families.
    /// A `Retry-After` on a success says nothing about other requests by itself (RFC 9110 section
    /// 10.2.3); if no request is left, it says as much as a reset.
    pub spent_for: Option<Duration>,
}

/// The delay that an answer with these header fields and this status asks for.
///
/// `wall_now` stands in for a `Date` field that is missing or unreadable. The quota fields (3 to 5)
/// stand on successful answers too, so they count only where they say that nothing is left; a
/// `RateLimit-Reset` alone does on a 429 or 503, which says that by itself.
#[must_use]
pub fn server_delay(headers: &HeaderMap, status: u16, wall_now: SystemTime) -> Option<ServerDelay> {
    let fields = HeaderText(headers);
    let answered = fields.first("date", http_date).unwrap_or(wall_now);
    let reset = ratelimit_reset(fields, status, answered).or_else(|| ratelimit(fields));
    let families = [
        (retry_after_ms(fields), DelaySource::RetryAfterMs),
        (retry_after(fields, answered), DelaySource::RetryAfter),
        (reset, DelaySource::RateLimitReset),
        (x_ratelimit_reset(fields, answered), DelaySource::XRateLimitReset),
    ];
    let longest = families.iter().filter_map(|(wait, _)| *wait).max();
    let spent_for = longest.filter(|_| fields.spent());
    families.into_iter().find_map(|(wait, from)| Some(ServerDelay { wait: wait?, from, spent_for }))
}

/// Whether an answer is a rate limit: a 429, or a 403 that says when to come back or that no request
/// is left, as GitHub's does. A plain 403 is none.
#[must_use]
pub fn is_rate_limit(headers: &HeaderMap, status: u16) -> bool {
    status == 429 || (status == 403 && HeaderText(headers).show_rate_limit())
}

/// Header fields as text; a value that is no ASCII text is none.
#[derive(Clone, Copy)]
struct HeaderText<'a>(&'a HeaderMap);

impl<'a> HeaderText<'a> {
    fn values(self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.0.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::trim)
    }

    /// The first value of this field that can be read.
    fn first<T>(self, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.values(name).find_map(read)
    }

    /// Whether they say when to come back, or that no request is left.
    fn show_rate_limit(self) -> bool {
        retry_after_ms(self).is_some()
            || self.values("retry-after").any(is_valid_retry_after)
            || self.spent()
    }

    /// Whether they say that no request is left.
    fn spent(self) -> bool {
        let spent = |name| self.quota(name) == QuotaState::Exhausted;
        ["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"]
            .into_iter()
            .any(spent)
            || ratelimit(self).is_some()
    }

    /// What this field says of the requests that are left.
    fn quota(self, name: &'static str) -> QuotaState {
        let left = |text: &str| decimal(text.split([',', ';']).next()?.trim());
        match self.first(name, left) {
            Some(left) if left > 0.0 => QuotaState::Left,
            Some(_) => QuotaState::Exhausted,
            None => QuotaState::Unknown,
        }
    }
}

/// What is left of the requests that a server allows.
#[derive(PartialEq, Eq)]
enum QuotaState {
    Exhausted,
    Left,
    Unknown,
}

fn retry_after_ms(fields: HeaderText<'_>) -> Option<Duration> {
    let read = |text: &str| duration_from_secs(decimal(text)? / 1000.0);
    fields.first("retry-after-ms", read).or_else(|| fields.first("x-ms-retry-after-ms", read))
}

fn retry_after(fields: HeaderText<'_>, answered: SystemTime) -> Option<Duration> {
    fields.first("retry-after", |text| match decimal(text) {
        Some(seconds) => duration_from_secs(seconds),
        None => delay_until(http_date(text)?, answered),
    })
}

/// Whether a `Retry-After` is one. The `Date` that it is counted from does not matter here.
fn is_valid_retry_after(text: &str) -> bool {
    decimal(text)
        .map_or_else(|| http_date(text).is_some(), |seconds| duration_from_secs(seconds).is_some())
}

fn ratelimit_reset(fields: HeaderText<'_>, status: u16, answered: SystemTime) -> Option<Duration> {
    let spent = match fields.quota("ratelimit-remaining") {
        QuotaState::Exhausted => true,
        QuotaState::Left => false,
        QuotaState::Unknown => matches!(status, 429 | 503),
    };
    spent.then(|| fields.first("ratelimit-reset", |text| reset_value(text, answered)))?
}

/// The longest `t` of the `RateLimit` items whose `r` is 0: all of them stand in the way.
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
            let spent = decimal(member(item, ';', "r")?)? <= 0.0;
            spent.then(|| duration_from_secs(decimal(member(item, ';', "t")?)?))?
        })
        .max()
}

/// `limit=100, remaining=0, reset=30`: a dictionary.
fn rate_limit_dictionary(text: &str) -> Option<Duration> {
    let spent = decimal(member(text, ',', "remaining")?)? <= 0.0;
    spent.then(|| duration_from_secs(decimal(member(text, ',', "reset")?)?))?
}

fn x_ratelimit_reset(fields: HeaderText<'_>, answered: SystemTime) -> Option<Duration> {
    if fields.quota("x-ratelimit-remaining") == QuotaState::Exhausted {
        let after =
            fields.first("x-ratelimit-reset-after", |text| duration_from_secs(decimal(text)?));
        let reset = || fields.first("x-ratelimit-reset", |text| reset_value(text, answered));
        after.or_else(reset)
    } else if fields.quota("x-rate-limit-remaining") == QuotaState::Exhausted {
        fields.first("x-rate-limit-reset", |text| reset_value(text, answered))
    } else {
        None
    }
}

/// A reset time: up to ten years' worth of seconds it is a span; above, seconds since 1970; from
/// 10¹¹ on, milliseconds since 1970; and an HTTP date where it is no number.
fn reset_value(text: &str, answered: SystemTime) -> Option<Duration> {
    let Some(number) = decimal(text) else {
        return delay_until(http_date(text)?, answered);
    };
    if number <= TEN_YEARS.as_secs_f64() {
        return duration_from_secs(number);
    }
    let seconds = if number < MIN_EPOCH_MS { number } else { number / 1000.0 };
    let since_epoch = Duration::try_from_secs_f64(seconds).ok()?;
    delay_until(SystemTime::UNIX_EPOCH.checked_add(since_epoch)?, answered)
}

/// The time from the answer to a point in time; zero where it has passed.
fn delay_until(moment: SystemTime, answered: SystemTime) -> Option<Duration> {
    match moment.duration_since(answered) {
        Ok(ahead) => (ahead <= TEN_YEARS).then_some(ahead),
        Err(passed) => (passed.duration() <= TEN_YEARS).then_some(Duration::ZERO),
    }
}

fn duration_from_secs(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|span| *span <= TEN_YEARS)
}

/// Digits with at most one decimal point. No sign, exponent, `inf` or `nan`: nobody who means a
/// delay writes one.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain { text.parse().ok() } else { None }
}

/// Any of the three forms of RFC 9110 section 5.6.7.
fn http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// The value of `key=value` among parts that are separated so.
fn member<'a>(text: &'a str, separator: char, key: &str) -> Option<&'a str> {
    text.split(outside_quotes(separator)).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case(key).then(|| value.trim())
    })
}

/// Finds the separators that stand outside quoted strings, asked character by character.
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
