//! Decides for each call what it does about its token.
//!
//! | token | no refresh runs | another thread refreshes |
//! | --- | --- | --- |
//! | fresh | use it | use it |
//! | expiring | refresh; at most every 30 s if that fails | use it |
//! | none, expired or refused | refresh, or fail as the last refresh did | wait |

use std::time::{Duration, Instant};

use crate::code::{Code, Error};

use super::value::Token;

/// How long a failure stands for those that would follow.
const HOLD: Duration = Duration::from_secs(30);
/// The same if no token is left and the failure may be over soon.
const SHORT_HOLD: Duration = Duration::from_secs(1);

/// The reason of a token callback: there is no token, or it has expired.
pub const SAC_TOKEN_NEEDED: i32 = 1;
/// The reason of a token callback: the token expires soon.
pub const SAC_TOKEN_EXPIRING: i32 = 2;
/// The reason of a token callback: the server has refused the token with a 401.
pub const SAC_TOKEN_REFUSED: i32 = 3;

/// Why a token is fetched. The numbers are those that C sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Reason {
    /// There is none, or it has expired.
    Needed = SAC_TOKEN_NEEDED,
    /// It expires soon.
    Expiring = SAC_TOKEN_EXPIRING,
    /// The server has refused it (401).
    Refused = SAC_TOKEN_REFUSED,
}

impl Reason {
    /// The number that C sees.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }
}

/// Who refreshes the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Nobody.
    None,
    /// Another thread.
    OtherThread,
    /// This thread: the source of the token makes a call that needs the token.
    ThisThread,
}

/// A refresh that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its error, with [`Code::Token`].
    pub error: Error,
    /// When it failed.
    pub at: Instant,
    /// Whether the source has refused, so that the next try would fail too.
    pub refused: bool,
    /// Whether there was no need yet. The failure then only delays the next early refresh.
    pub early: bool,
}

/// What a call does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Uses the current token.
    Use,
    /// Fetches a token.
    Refresh(Reason),
    /// Waits for the thread that fetches one.
    Wait,
    /// Ends.
    Fail(Error),
}

/// What is known apart from the token.
#[derive(Debug, Default)]
pub struct State {
    given_up: bool,
    failure: Option<Failure>,
    refusals_ignored_until: Option<Instant>,
}

impl State {
    /// Decides what a call does.
    #[must_use]
    pub fn step(&self, token: Option<&Token>, activity: Activity, now: Instant) -> Step {
        let token = token.filter(|token| !token.has_expired(now));
        let failure = self.standing_failure(token.is_some(), now);
        match (token, activity) {
            (Some(token), Activity::None) if token.is_expiring(now) && failure.is_none() => {
                Step::Refresh(Reason::Expiring)
            }
            (Some(_), _) => Step::Use,
            (None, Activity::OtherThread) => Step::Wait,
            (None, Activity::ThisThread) => Step::Fail(reentered()),
            (None, Activity::None) => match failure {
                Some(failure) => Step::Fail(failure.error.clone()),
                None if self.given_up => Step::Refresh(Reason::Refused),
                None => Step::Refresh(Reason::Needed),
            },
        }
    }

    fn standing_failure(&self, has_token: bool, now: Instant) -> Option<&Failure> {
        self.failure.as_ref().filter(|failure| {
            let is_final = failure.refused && !failure.early;
            let hold = if has_token || is_final { HOLD } else { SHORT_HOLD };
            now.saturating_duration_since(failure.at) < hold
        })
    }

    /// Records a new token.
    pub fn renewed(&mut self) {
        self.given_up = false;
        self.failure = None;
    }

    /// Records a failed refresh.
    pub fn failed(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// Records that the server has refused the current token.
    pub fn give_up(&mut self) {
        self.given_up = true;
    }

    /// Records that the server has refused a token that replaced a refused one. The reason is
    /// probably not the token, so refusals do not count for a while.
    pub fn refused_again(&mut self, now: Instant) {
        self.refusals_ignored_until = now.checked_add(HOLD);
    }

    /// Whether a refusal is a reason to fetch a new token.
    #[must_use]
    pub fn refusals_count(&self, now: Instant) -> bool {
        self.refusals_ignored_until.is_none_or(|until| until <= now)
    }
}

fn reentered() -> Error {
    let message =
        "the source of a token made a call that needs this token; use a client without it";
    Error::new(Code::Token, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(at: Instant, refused: bool) -> Failure {
        Failure { error: Error::new(Code::Token, "no"), at, refused, early: false }
    }

    #[test]
    fn the_step_depends_on_the_token_the_refresher_and_the_last_failure() {
        use Activity::{None as Nobody, OtherThread, ThisThread};
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        // A life of 1000 s, expiring from 900 s on.
        let token = Token::new("abcd", Some(Duration::from_secs(1000)), start).unwrap();
        let (refresh, fail) = (Step::Refresh, Step::Fail(failure(start, true).error));
        for (seconds, who, failed, expected) in [
            (0, Nobody, None, Step::Use),
            (899, OtherThread, None, Step::Use),
            (900, Nobody, None, refresh(Reason::Expiring)),
            (900, OtherThread, None, Step::Use),
            (900, ThisThread, None, Step::Use),
            (929, Nobody, Some((900, true)), Step::Use),
            (929, Nobody, Some((900, false)), Step::Use),
            (930, Nobody, Some((900, true)), refresh(Reason::Expiring)),
            (930, Nobody, Some((900, false)), refresh(Reason::Expiring)),
            (1000, Nobody, None, refresh(Reason::Needed)),
            (1000, OtherThread, None, Step::Wait),
            (1000, ThisThread, None, Step::Fail(reentered())),
            (1000, OtherThread, Some((1000, true)), Step::Wait),
            (1029, Nobody, Some((1000, true)), fail.clone()),
            (1030, Nobody, Some((1000, true)), refresh(Reason::Needed)),
            (1000, Nobody, Some((1000, false)), fail),
            (1001, Nobody, Some((1000, false)), refresh(Reason::Needed)),
            (1000, Nobody, Some((999, true)), refresh(Reason::Needed)),
        ] {
            let mut state = State::default();
            if let Some((when, refused)) = failed {
                state.failed(Failure { early: when < 1000, ..failure(at(when), refused) });
            }
            let step = state.step(Some(&token), who, at(seconds));
            assert_eq!(step, expected, "after {seconds} s, {who:?}, failed: {failed:?}");
        }
        let none = State::default().step(None, Nobody, start);
        assert_eq!(none, refresh(Reason::Needed));
    }

    #[test]
    fn a_refused_token_is_the_reason_until_there_is_a_new_one() {
        let now = Instant::now();
        let mut state = State::default();
        state.give_up();
        assert_eq!(state.step(None, Activity::None, now), Step::Refresh(Reason::Refused));
        state.failed(failure(now, true));
        state.renewed();
        assert_eq!(state.step(None, Activity::None, now), Step::Refresh(Reason::Needed));
    }

    #[test]
    fn refusals_do_not_count_for_thirty_seconds_after_a_new_token_was_refused_too() {
        let now = Instant::now();
        let mut state = State::default();
        assert!(state.refusals_count(now));
        state.refused_again(now);
        assert!(!state.refusals_count(now + Duration::from_secs(29)));
        assert!(state.refusals_count(now + HOLD));
    }
}
