//! Headers, cookies and credentials, which one incoming request must not pass on to the next.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use crate::auth::digest::Credentials;
use crate::auth::{AwsSigV4, Cookie};
use crate::log::{self, Secrets, is_secret_name};

use super::authenticator::Authenticator;
use super::token::TokenSource;

/// The headers and cookies of every request of a client.
#[derive(Clone, Default)]
pub struct Scope {
    headers: HeaderMap,
    cookies: Vec<Cookie>,
    authenticator: Option<Authenticator>,
}

impl Scope {
    /// Sets or replaces a header field. If its value is a secret, its memory is wiped.
    /// `Authorization` replaces an authenticator.
    pub fn set_header(&mut self, name: HeaderName, value: &HeaderValue) {
        self.forget_authenticator(&name);
        let value = in_wiped_memory(&name, value);
        self.headers.insert(name, value);
    }

    /// Removes a header field, and with `Authorization` an authenticator.
    pub fn remove_header(&mut self, name: &HeaderName) {
        self.forget_authenticator(name);
        self.headers.remove(name);
    }

    fn forget_authenticator(&mut self, changed: &HeaderName) {
        if *changed == header::AUTHORIZATION {
            self.authenticator = None;
        }
    }

    /// Authenticates each request, instead of an `Authorization`.
    pub fn set_authenticator(&mut self, authenticator: Authenticator) {
        self.remove_header(&header::AUTHORIZATION);
        self.authenticator = Some(authenticator);
    }

    /// Removes the source of bearer tokens, if there is one.
    pub fn remove_tokens(&mut self) {
        if self.tokens().is_some() {
            self.authenticator = None;
        }
    }

    /// The source of bearer tokens.
    pub fn tokens(&self) -> Option<&Arc<TokenSource>> {
        match &self.authenticator {
            Some(Authenticator::Tokens(source)) => Some(source),
            _ => None,
        }
    }

    /// The credentials for Digest authentication.
    pub fn digest(&self) -> Option<&Credentials> {
        match &self.authenticator {
            Some(Authenticator::Digest(credentials)) => Some(credentials),
            _ => None,
        }
    }

    /// The signer of each request.
    pub fn signer(&self) -> Option<&AwsSigV4> {
        match &self.authenticator {
            Some(Authenticator::AwsSigV4(signer)) => Some(signer),
            _ => None,
        }
    }

    /// Sets a cookie, or replaces one with the same name.
    pub fn set_cookie(&mut self, cookie: Cookie) {
        match self.cookies.iter_mut().find(|existing| existing.name() == cookie.name()) {
            Some(existing) => *existing = cookie,
            None => self.cookies.push(cookie),
        }
    }

    /// Removes a cookie.
    pub fn remove_cookie(&mut self, name: &str) {
        self.cookies.retain(|cookie| cookie.name() != name);
    }

    /// The header fields.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The cookies, in the order in which they were set. A `Cookie` header field of the caller
    /// comes before them.
    pub fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    /// The secrets that no text may contain.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, value) in &self.headers {
            if let Ok(text) = std::str::from_utf8(value.as_bytes()) {
                secrets.add_header(name.as_str(), text);
            }
        }
        for cookie in &self.cookies {
            cookie.add_secrets(&mut secrets);
        }
        if let Some(authenticator) = &self.authenticator {
            authenticator.add_secrets(&mut secrets);
        }
        secrets
    }
}

/// The value in memory that is wiped, if the field has a secret name.
fn in_wiped_memory(name: &HeaderName, value: &HeaderValue) -> HeaderValue {
    let secret = is_secret_name(name.as_str()) && *name != header::SET_COOKIE;
    let text = std::str::from_utf8(value.as_bytes()).ok().filter(|_| secret);
    text.and_then(|text| log::header_value(Zeroizing::new(text.to_owned())).ok())
        .unwrap_or_else(|| value.clone())
}
