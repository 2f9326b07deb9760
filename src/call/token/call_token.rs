//! The token that a call uses, and what follows if the server refuses it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, header};

use crate::auth::token::Token;
use crate::call::attempt::{Attempt, AttemptError};
use crate::call::journal::Journal;
use crate::call::server_delay::DelaySource;
use crate::code::Error;
use crate::log::CallLogger;
use crate::wait::Deadline;

/// The source of the tokens of a call.
pub trait Tokens {
    /// A token for the next attempt.
    ///
    /// # Errors
    /// [`Code::Token`](crate::code::Code::Token) with the reason, or the end of the call.
    fn get(&self, deadline: Deadline) -> Result<Obtained, Error>;

    /// Gives up a token that the server has refused. Returns whether another token may help.
    fn refuse(&self, refused: &Arc<Token>, now: Instant) -> bool;

    /// Records that the server has refused a token that replaced a refused one.
    fn refused_again(&self, now: Instant);

    /// A number that is the same for all calls with tokens of the same source.
    fn identity(&self) -> usize;
}

/// A token, and how long the call waited for it; zero if it was at hand.
pub struct Obtained {
    /// The token.
    pub token: Arc<Token>,
    /// The wait.
    pub waited: Duration,
}

/// What follows an attempt.
pub enum Renewal {
    /// Nothing: the server has not refused the token, or another one would not help.
    None,
    /// The attempt is repeated with another token.
    Repeat,
    /// There is no other token.
    Failed(Error),
}

/// The token of a running call.
#[derive(Default)]
pub struct CallToken<'a> {
    source: Option<&'a dyn Tokens>,
    token: Option<Arc<Token>>,
    /// Whether the call was repeated because the server had refused its token.
    repeated: bool,
}

impl<'a> CallToken<'a> {
    /// No token yet.
    pub fn new(source: Option<&'a dyn Tokens>) -> Self {
        Self { source, token: None, repeated: false }
    }

    /// Whether the call uses tokens.
    pub fn is_used(&self) -> bool {
        self.source.is_some()
    }

    /// The token for the next attempt.
    pub fn token(&self) -> Option<&Arc<Token>> {
        self.token.as_ref()
    }

    /// Gets the token for the next attempt. Waits if there is none.
    pub fn obtain(&mut self, deadline: Deadline, journal: &mut Journal) -> Result<(), Error> {
        if let Some(source) = self.source {
            self.set(source.get(deadline)?, journal);
        }
        Ok(())
    }

    /// Gets another token if the server has refused the one that the attempt sent, with a 401 (RFC 6750
    /// section 3.1). `can_repeat`: whether the request can be sent again. If not, it only gives the token up.
    pub fn after_attempt(
        &mut self,
        last: &Attempt,
        can_repeat: bool,
        now: Instant,
        deadline: Deadline,
        journal: &mut Journal,
    ) -> Renewal {
        let refused = last.sent_token && last.status() == 401 && last.outcome.is_ok();
        let (Some(source), Some(token), true) = (self.source, &self.token, refused) else {
            return Renewal::None;
        };
        if self.repeated {
            source.refused_again(now);
            return Renewal::None;
        }
        if !source.refuse(token, now) || !can_repeat {
            return Renewal::None;
        }
        match source.get(deadline) {
            Ok(same) if same.token.has_value_of(token) => {
                source.refused_again(now);
                Renewal::None
            }
            Ok(other) => {
                self.set(other, journal);
                self.repeated = true;
                Renewal::Repeat
            }
            Err(error) => Renewal::Failed(error),
        }
    }

    fn set(&mut self, obtained: Obtained, journal: &mut Journal) {
        if !obtained.waited.is_zero() {
            journal.add_wait(obtained.waited, DelaySource::Token);
        }
        self.token = Some(obtained.token);
    }
}

/// Adds the token to the header fields of a request, and to the secrets of its call.
pub fn add_to(token: &Token, headers: &mut Cow<'_, HeaderMap>, logger: &CallLogger<'_>) {
    logger.add_token(token.secret());
    headers.to_mut().insert(header::AUTHORIZATION, token.authorization().clone());
}

impl Attempt {
    /// The attempt whose token was refused, with the reason why there is no other token.
    pub fn without_token(mut self, error: Error) -> Self {
        self.outcome = self.outcome.and_then(|received| {
            let message = format!("the server refused the token (401), and {}", error.message);
            Err(AttemptError::redirected(Error::new(error.code, message), received))
        });
        self
    }
}
