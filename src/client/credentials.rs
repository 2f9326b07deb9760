//! The credentials of a client. Each replaces the one before it.

use std::sync::Arc;

use http::header;

use crate::auth::{self, AwsSigV4};
use crate::code::{Code, Error};

use super::Client;
use super::authenticator::Authenticator;
use super::oauth2::{Grant, OAuth2};
use super::token::{TokenCallback, TokenSavedCallback, TokenSource};
use super::token_file::TokenFile;

impl Client {
    /// Authenticates with a user name and a password.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`].
    pub fn add_basic(&self, username: &str, password: &str) -> Result<(), Error> {
        self.set_authorization(&auth::basic::authorization(username, password)?)
    }

    /// Authenticates with a bearer token.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`].
    pub fn add_bearer(&self, token: &str) -> Result<(), Error> {
        self.set_authorization(&auth::bearer::authorization(token)?)
    }

    /// Authenticates with a user name and a password, if the server asks for Digest authentication.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`].
    pub fn add_digest(&self, username: &str, password: &str) -> Result<(), Error> {
        let credentials = auth::digest::Credentials::new(username, password)?;
        self.set_authenticator(&Authenticator::Digest(Arc::new(credentials)))
    }

    /// Signs every request with AWS Signature Version 4.
    ///
    /// # Errors
    /// Same as [`AwsSigV4::new`].
    pub fn set_aws_sigv4(
        &self,
        region: &str,
        service: &str,
        access_key_id: &str,
        secret_access_key: &str,
        session_token: Option<&str>,
    ) -> Result<(), Error> {
        let signer =
            AwsSigV4::new(region, service, access_key_id, secret_access_key, session_token)?;
        self.set_authenticator(&Authenticator::AwsSigV4(Arc::new(signer)))
    }

    fn set_authorization(&self, value: &http::HeaderValue) -> Result<(), Error> {
        self.update(|snapshot| {
            snapshot.scope.set_header(header::AUTHORIZATION, value);
            Ok(())
        })
    }

    /// Authenticates with the tokens of a callback; `None` removes the source of tokens.
    pub fn set_token_callback(&self, callback: Option<TokenCallback>) {
        self.set_tokens(callback.map(TokenSource::callback));
    }

    /// Authenticates with the token in a file, which is read again when it changes.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if the path is empty.
    pub fn set_bearer_file(&self, path: &str) -> Result<(), Error> {
        if path.is_empty() {
            return Err(Error::new(Code::InvalidArgument, "the path of the token file is empty"));
        }
        self.set_tokens(Some(TokenSource::File(TokenFile::new(path))));
        Ok(())
    }

    /// Authenticates with the tokens that a token server issues for the client's own credentials.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`], [`Code::InvalidArgument`].
    pub fn set_oauth2_client_credentials(
        &self,
        token_url: &str,
        client_id: &str,
        client_secret: &str,
        scope: Option<&str>,
    ) -> Result<(), Error> {
        let grant = Grant::ClientCredentials(scope.map(str::to_owned));
        let server = OAuth2::new(token_url, client_id, Some(client_secret), grant)?;
        self.set_tokens(Some(TokenSource::fetched(server)));
        Ok(())
    }

    /// Authenticates with the tokens that a token server issues for a refresh token.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`], [`Code::InvalidArgument`].
    pub fn set_oauth2_refresh_token(
        &self,
        token_url: &str,
        client_id: &str,
        client_secret: Option<&str>,
        refresh_token: &str,
    ) -> Result<(), Error> {
        let grant = Grant::refresh_token(refresh_token);
        let server = OAuth2::new(token_url, client_id, client_secret, grant)?;
        self.set_tokens(Some(TokenSource::fetched(server)));
        Ok(())
    }

    /// Sets or removes the callback that saves the tokens of a token server.
    pub fn set_token_saved_callback(&self, callback: Option<TokenSavedCallback>) {
        // A callback cannot be refused.
        let _ = self.update(|snapshot| {
            snapshot.on_token_saved.clone_from(&callback);
            Ok(())
        });
    }

    fn set_tokens(&self, source: Option<TokenSource>) {
        let source = source.map(Arc::new);
        // A source cannot be refused.
        let _ = match source.map(Authenticator::Tokens) {
            Some(authenticator) => self.set_authenticator(&authenticator),
            None => self.update(|snapshot| {
                snapshot.scope.remove_tokens();
                Ok(())
            }),
        };
    }

    fn set_authenticator(&self, authenticator: &Authenticator) -> Result<(), Error> {
        self.update(|snapshot| {
            snapshot.scope.set_authenticator(authenticator.clone());
            Ok(())
        })
    }
}
