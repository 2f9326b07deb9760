//! Headers, cookies and credentials, which one incoming request must not pass on to the next.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use crate::auth::Cookie;
use crate::auth::digest::Credentials;
use crate::log::{self, Secrets, is_secret_name};

/// The headers and cookies of every request of a client.
#[derive(Clone, Default)]
pub struct Scope {
    headers: HeaderMap,
    cookies: Vec<Cookie>,
    digest: Option<Arc<Credentials>>,
}

impl Scope {
    /// Sets or replaces a header field. If its value is a secret, its memory is wiped.
    pub fn set_header(&mut self, name: HeaderName, value: &HeaderValue) {
        self.forget_digest(&name);
        let value = in_wiped_memory(&name, value);
        self.headers.insert(name, value);
    }

    /// Removes a header field.
    pub fn remove_header(&mut self, name: &HeaderName) {
        self.forget_digest(name);
        self.headers.remove(name);
    }

    /// Other credentials replace those for Digest authentication.
    fn forget_digest(&mut self, changed: &HeaderName) {
        if *changed == header::AUTHORIZATION {
            self.digest = None;
        }
    }

    /// Sets the credentials for Digest authentication. They replace others.
    pub fn set_digest(&mut self, credentials: Arc<Credentials>) {
        self.headers.remove(header::AUTHORIZATION);
        self.digest = Some(credentials);
    }

    /// The credentials for Digest authentication.
    pub fn digest(&self) -> Option<&Credentials> {
        self.digest.as_deref()
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
        if let Some(digest) = &self.digest {
            digest.add_secrets(&mut secrets);
        }
        for cookie in &self.cookies {
            cookie.add_secrets(&mut secrets);
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
