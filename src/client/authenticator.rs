//! How a client authenticates, if a fixed `Authorization` is not enough.

use std::sync::Arc;

use crate::auth::AwsSigV4;
use crate::auth::digest::Credentials;
use crate::log::Secrets;

use super::token::TokenSource;

/// Makes the `Authorization` of each request. It replaces an `Authorization` of the scope, and the
/// reverse.
#[derive(Clone)]
pub enum Authenticator {
    /// The answers to challenges of the scheme `Digest`.
    Digest(Arc<Credentials>),
    /// Bearer tokens that expire.
    Tokens(Arc<TokenSource>),
    /// The signatures of AWS.
    AwsSigV4(Arc<AwsSigV4>),
}

impl Authenticator {
    /// Adds the secrets that no text may contain.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        match self {
            Self::Digest(credentials) => credentials.add_secrets(secrets),
            // A call adds the token that it sends.
            Self::Tokens(_) => {}
            Self::AwsSigV4(signer) => signer.add_secrets(secrets),
        }
    }
}
