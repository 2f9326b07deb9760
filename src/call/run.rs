//! The life of a call, from its plan to its end.

use std::time::Duration;

use http::Uri;

use crate::code::Error;
use crate::log::display_url;
use crate::transport::{Received, Transport};
use crate::wait::{Clock, Deadline};

use super::attempt::{Failed, Means, attempt};
use super::plan::Plan;

/// What a call ended with.
pub struct Ended {
    /// The answer, or what prevented one.
    pub outcome: Result<Received, Failed>,
    /// Requests put on the wire, redirect hops not counted.
    pub attempts: u32,
    /// The whole call, waits included.
    pub elapsed: Duration,
    /// Where the last request went.
    pub uri: Uri,
}

/// Carries a plan out.
pub fn run(plan: &Plan<'_>, transport: &Transport, clock: &dyn Clock) -> Ended {
    let begun = clock.now();
    let deadline = Deadline::after(begun, plan.settings.timeout);
    let last = attempt(plan, &Means { transport, clock, deadline });
    let attempts = u32::from(last.record.request_bytes > 0);
    let outcome = last.outcome.map_err(|failed| named(failed, plan, &last.uri, attempts));
    Ended { outcome, attempts, elapsed: clock.now().saturating_duration_since(begun), uri: last.uri }
}

/// The failure with what was asked for, of whom, and how often.
fn named(failed: Failed, plan: &Plan<'_>, uri: &Uri, attempts: u32) -> Failed {
    let url = display_url(&uri.to_string());
    let times = match attempts {
        0 => "before anything was sent".to_owned(),
        1 => "after 1 attempt".to_owned(),
        more => format!("after {more} attempts"),
    };
    let message = format!("{} {url} failed {times}: {}", plan.method, failed.error.message);
    Failed { error: Error::new(failed.error.code, message), ..failed }
}
