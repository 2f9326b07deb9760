//! One snapshot of a client: scope, settings and logger, with what every call would otherwise work
//! out anew.

use std::sync::Arc;

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderValue, header};

use crate::auth::Cookie;
use crate::auth::jar::Jar;
use crate::call::RetryCallback;
use crate::code::Error;
use crate::log::Logger;
use crate::settings::Settings;
use crate::transport;

use super::scope::Scope;

/// Scope, settings and logger, and what follows from them.
#[derive(Clone)]
pub struct State {
    pub scope: Scope,
    pub settings: Settings,
    pub logger: Logger,
    pub on_retry: Option<RetryCallback>,
    /// The cookies that servers set, where they are kept. Calls under way keep the jar that they
    /// began with.
    pub jar: Option<Arc<ArcSwap<Jar>>>,
    /// The fields of a request that says nothing of its own.
    prepared: HeaderMap,
}

impl State {
    /// An empty scope with the default settings.
    pub fn new() -> Result<Self, Error> {
        let mut state = Self {
            scope: Scope::default(),
            settings: Settings::default(),
            logger: Logger::default(),
            on_retry: None,
            jar: None,
            prepared: HeaderMap::new(),
        };
        state.prepare()?;
        Ok(state)
    }

    /// Works out what follows from scope and settings. To be called after every change.
    pub fn prepare(&mut self) -> Result<(), Error> {
        let mut headers = HeaderMap::with_capacity(self.scope.headers().len().saturating_add(8));
        headers.insert(header::USER_AGENT, self.settings.user_agent.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, transport::ACCEPT_ENCODING);
        for (name, value) in self.scope.headers() {
            headers.insert(name.clone(), value.clone());
        }
        self.prepared = headers;
        self.logger = self.logger.with_redactor(self.scope.secrets().into_redactor());
        Ok(())
    }

    /// The state for a scope of its own: with a jar of its own, which begins as a copy.
    pub fn split(self: Arc<Self>) -> Arc<Self> {
        let Some(jar) = &self.jar else { return self };
        let mut state = Self::clone(&self);
        state.jar = Some(Arc::new(ArcSwap::new(jar.load_full())));
        Arc::new(state)
    }

    /// The fields of a request that says nothing of its own. Cookies come with each attempt.
    pub fn prepared(&self) -> &HeaderMap {
        &self.prepared
    }

    /// Whether the caller has said what all requests ask for.
    pub fn sets_accept(&self) -> bool {
        self.scope.headers().contains_key(header::ACCEPT)
    }

    /// The cookies of a request that says nothing of its own.
    pub fn cookies(&self) -> &[Cookie] {
        self.scope.cookies()
    }
}
