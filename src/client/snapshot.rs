//! One snapshot of a client: scope, settings and logger, and the values that every call would
//! otherwise compute again.

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::auth::Cookie;
use crate::auth::jar::Jar;
use crate::call::{AttemptCallback, RetryCallback};
use crate::code::Error;
use crate::log::{Logger, Redactor};
use crate::request::accept;
use crate::settings::Settings;
use crate::transport;

use super::scope::Scope;
use super::token::TokenSavedCallback;

/// Scope, settings and logger, and the values computed from them.
#[derive(Clone)]
pub struct Snapshot {
    pub scope: Scope,
    pub settings: Box<Settings>,
    pub logger: Logger,
    pub on_retry: Option<RetryCallback>,
    pub on_attempt: Option<AttemptCallback>,
    pub on_token_saved: Option<TokenSavedCallback>,
    /// The cookies that servers set, if the client keeps them. A running call keeps the jar from
    /// its start.
    pub jar: Option<Arc<ArcSwap<Jar>>>,
    /// The `Host` field of the client's server.
    host: HeaderValue,
    /// The default fields, without those of a request.
    default_headers: Box<HeaderMap>,
    asks_for_json: bool,
}

impl Snapshot {
    /// An empty scope with these settings, for the server with this `Host` field.
    pub fn new(host: HeaderValue, settings: Box<Settings>) -> Result<Self, Error> {
        let mut snapshot = Self {
            scope: Scope::default(),
            settings,
            logger: Logger::default(),
            on_retry: None,
            on_attempt: None,
            on_token_saved: None,
            jar: None,
            host,
            default_headers: Box::default(),
            asks_for_json: true,
        };
        snapshot.recompute()?;
        Ok(snapshot)
    }

    /// Computes the values that depend on scope and settings. Call it after every change.
    pub fn recompute(&mut self) -> Result<(), Error> {
        let mut headers = HeaderMap::with_capacity(self.scope.headers().len().saturating_add(8));
        // The first field, as RFC 9110 section 7.2 recommends.
        headers.insert(header::HOST, self.host.clone());
        headers.insert(header::USER_AGENT, self.settings.user_agent.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, transport::ACCEPT_ENCODING);
        for (name, value) in self.scope.headers() {
            headers.insert(name.clone(), value.clone());
        }
        // Most requests have no body, so the caller's type is added only with one.
        headers.remove(header::CONTENT_TYPE);
        let accept = headers.get(header::ACCEPT);
        self.asks_for_json = accept.is_none_or(|accept| accept::asks_for_json(accept.as_bytes()));
        *self.default_headers = headers;
        let mut secrets = self.scope.secrets();
        self.settings.proxy.add_secrets(&mut secrets);
        if let Some(password) = &self.settings.client_certificate_password {
            secrets.add_password(password.expose());
        }
        self.logger = self.logger.with_redactor(Redactor::from(secrets));
        Ok(())
    }

    /// The snapshot for a separate scope. Its jar starts as a copy.
    pub fn clone_scope(self: Arc<Self>) -> Arc<Self> {
        let Some(jar) = &self.jar else { return self };
        let mut snapshot = Self::clone(&self);
        snapshot.jar = Some(Arc::new(ArcSwap::new(jar.load_full())));
        Arc::new(snapshot)
    }

    /// The default fields, without those of a request. Each attempt adds the cookies, and a body
    /// adds its `Content-Type`.
    pub fn default_headers(&self) -> Cow<'_, Box<HeaderMap>> {
        Cow::Borrowed(&self.default_headers)
    }

    /// Whether a request with the default fields asks for JSON.
    pub fn asks_for_json(&self) -> bool {
        self.asks_for_json
    }

    /// The caller's type for all bodies.
    pub fn content_type(&self) -> Option<&HeaderValue> {
        self.scope.headers().get(header::CONTENT_TYPE)
    }

    /// Whether the caller has set this field for all requests.
    pub fn sets(&self, name: &HeaderName) -> bool {
        self.scope.headers().contains_key(name)
    }

    /// The cookies of a request without its own.
    pub fn cookies(&self) -> &[Cookie] {
        self.scope.cookies()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{EnvironmentProxies, ProxyChoice};

    #[test]
    fn credentials_of_proxies_from_the_environment_are_secret() {
        let environment = EnvironmentProxies::read(|name| {
            let url = match name {
                "http_proxy" => "http://ada:hunter%322@p:1",
                "all_proxy" => "socks5://tok_1234567@p:1",
                _ => return None,
            };
            Some(url.to_owned())
        });
        let mut snapshot = Snapshot::new(HeaderValue::from_static("h"), Box::default()).unwrap();
        snapshot.settings.proxy = ProxyChoice::Environment(Arc::new(environment));
        snapshot.recompute().unwrap();
        let text = "ada hunter22 YWRhOmh1bnRlcjIy tok_1234567";
        let redacted = "ada [redacted] [redacted] [redacted]";
        assert_eq!(snapshot.logger.redactor().redact(text), redacted);
    }
}
