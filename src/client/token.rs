//! The source of a client's bearer tokens. Clones of the client share it, with its token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::auth::token::{Reason, Token};
use crate::call::{Family, FetchFailure, Obtained, TokenCache, TokenWait, Tokens};
use crate::code::{Code, Error};
use crate::log::Logger;
use crate::settings::Settings;
use crate::wait::{Cancel, Deadline};

use super::token_file::TokenFile;

/// Fetches a token. Returns it, or the name of what went wrong.
pub type TokenCallback = Arc<dyn Fn(Reason) -> Result<NewToken, Error> + Send + Sync>;

/// Receives the tokens that a token server has issued, to save them.
pub type TokenSavedCallback = Arc<dyn Fn(&SavedToken<'_>) + Send + Sync>;

/// A token from a callback.
pub struct NewToken {
    /// The token.
    pub value: Zeroizing<String>,
    /// How long it may be used, if that is known.
    pub lifetime: Option<Duration>,
}

/// What a token server has issued.
pub struct SavedToken<'a> {
    /// The token for requests.
    pub access_token: &'a str,
    /// The token for the next refresh, if the server has issued one.
    pub refresh_token: Option<&'a str>,
    /// How long the token for requests may be used, if that is known.
    pub lifetime: Option<Duration>,
}

/// What a fetch may use of the call that needs the token.
pub struct FetchContext<'a> {
    /// Connections, limits, counters and clock.
    pub family: &'a Family,
    /// The settings of the client.
    pub settings: &'a Settings,
    /// The log of the client.
    pub logger: &'a Logger,
    /// The callback that saves new tokens.
    pub on_saved: Option<&'a TokenSavedCallback>,
    /// The cancel of the call.
    pub cancel: Option<&'a Cancel>,
    /// The end of the fetch.
    pub deadline: Deadline,
}

/// Fetches tokens. One thread at a time calls it.
pub trait FetchToken: Send + Sync {
    /// Fetches a token.
    ///
    /// # Errors
    /// Why there is none.
    fn fetch(&self, context: &FetchContext<'_>, reason: Reason) -> Result<Token, FetchFailure>;
}

/// A source of tokens.
pub enum TokenSource {
    /// A file.
    File(TokenFile),
    /// A fetch, whose token is kept until it expires.
    Fetched(TokenCache, Box<dyn FetchToken>),
}

impl TokenSource {
    /// Calls a callback for each new token.
    #[must_use]
    pub fn callback(callback: TokenCallback) -> Self {
        Self::fetched(CallbackFetch(callback))
    }

    /// Fetches each new token.
    #[must_use]
    pub fn fetched(fetch: impl FetchToken + 'static) -> Self {
        Self::Fetched(TokenCache::new(), Box::new(fetch))
    }
}

struct CallbackFetch(TokenCallback);

impl FetchToken for CallbackFetch {
    fn fetch(&self, context: &FetchContext<'_>, reason: Reason) -> Result<Token, FetchFailure> {
        let new = (self.0)(reason).map_err(|error| match error.code {
            // It gave up because of this call, which says nothing about the next one.
            Code::Cancelled => FetchFailure::OutOfTime(error),
            _ => FetchFailure::Refused(error),
        })?;
        // The callback tells how long the token may be used from now on.
        Token::new(&new.value, new.lifetime, context.family.clock.now())
            .map_err(FetchFailure::Refused)
    }
}

/// The source of the tokens of one call.
pub struct ClientTokens<'a> {
    /// The source.
    pub source: &'a Arc<TokenSource>,
    /// Connections, limits, counters and clock.
    pub family: &'a Family,
    /// The settings of the client.
    pub settings: &'a Settings,
    /// The log of the client.
    pub logger: &'a Logger,
    /// The callback that saves new tokens.
    pub on_saved: Option<&'a TokenSavedCallback>,
    /// The cancel of the call.
    pub cancel: Option<&'a Cancel>,
}

impl ClientTokens<'_> {
    fn fetched(
        &self,
        cache: &TokenCache,
        fetch: &dyn FetchToken,
        deadline: Deadline,
    ) -> Result<Obtained, Error> {
        let Self { family, settings, logger, on_saved, cancel, .. } = *self;
        let wait = TokenWait { clock: &*family.clock, deadline, cancel };
        cache.get(&wait, &|reason, deadline| {
            let context = FetchContext { family, settings, logger, on_saved, cancel, deadline };
            fetch.fetch(&context, reason)
        })
    }
}

impl Tokens for ClientTokens<'_> {
    fn get(&self, deadline: Deadline) -> Result<Obtained, Error> {
        match &**self.source {
            TokenSource::File(file) => {
                let token = file.token().map_err(|problem| Error::new(Code::Token, problem))?;
                Ok(Obtained { token, waited: Duration::ZERO })
            }
            TokenSource::Fetched(cache, fetch) => self.fetched(cache, &**fetch, deadline),
        }
    }

    fn refuse(&self, refused: &Arc<Token>, now: Instant) -> bool {
        match &**self.source {
            TokenSource::File(file) => file.read_again(refused),
            TokenSource::Fetched(cache, _) => cache.refuse(refused, now),
        }
    }

    fn refused_again(&self, now: Instant) {
        match &**self.source {
            TokenSource::File(_) => {}
            TokenSource::Fetched(cache, _) => cache.refused_again(now),
        }
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(self.source).addr()
    }
}
