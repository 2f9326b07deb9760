//! What happens after the head of a response whose body stays open.

use std::time::{Duration, Instant};

use crate::code::Error;
use crate::settings::Settings;
use crate::transport::ExchangeError;

use super::attempt::AttemptError;
use super::backoff::Backoff;
use super::random;

/// The error of a read.
#[must_use]
pub fn stream_error(error: ExchangeError) -> Error {
    Box::<AttemptError>::from(error).error
}

/// The wait before an event stream is requested again. `named`: the delay that the server has named, which has a
/// minimum. `repeat`: the number of the next request since the last event, from 1.
#[must_use]
pub fn wait_to_reconnect(
    settings: &Settings,
    named: Option<Duration>,
    repeat: u32,
    now: Instant,
) -> Duration {
    let random = random::uniform(now);
    let backoff = Backoff { base: settings.backoff_base, max: settings.backoff_max };
    match named {
        Some(named) => backoff.reconnection(named, repeat, random),
        None => backoff.full_jitter(repeat, random),
    }
}
