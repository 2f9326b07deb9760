//! The client: a base URL, a scope and settings, and what a family of clones shares.

mod scope;
mod send;
mod snapshot;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::auth::{self, Digest};
use crate::code::{Code, Error};
use crate::limit::{Rate, SharedAtomic};
use crate::log::{Level, LogSink, Logger};
use crate::request::{BaseUrl, field};
use crate::settings::{Change, SecretPem, Settings};
use crate::transport;
use crate::wait::{Clock, SystemClock};

use crate::call::{Family, RetryCallback};
use snapshot::Snapshot;

/// A client. Its state is a snapshot behind an atomic pointer: a call takes the one that is there
/// when it begins, a setter puts a changed copy in its place, and neither waits for the other.
pub struct Client {
    base: Arc<BaseUrl>,
    family: Arc<Family>,
    state: ArcSwap<Snapshot>,
}

impl Clone for Client {
    /// A scope of its own over the same connections and limits.
    fn clone(&self) -> Self {
        Self {
            base: Arc::clone(&self.base),
            family: Arc::clone(&self.family),
            state: ArcSwap::new(self.state.load_full().clone_scope()),
        }
    }
}

impl Client {
    /// A client for a base URL, whose userinfo becomes its credentials.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`], also where the userinfo cannot be sent.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        Self::with_clock(base_url, Box::new(SystemClock))
    }

    /// A client whose calls, and those of its clones, wait by this clock: a test that puts one of
    /// its own here sees every wait, and none takes time.
    ///
    /// Deadlines, back-off, limits and the time stamps of signed cookies go by it. Time spent on
    /// sockets cannot: what it leaves of an attempt's time is measured out on the machine's clock,
    /// so it should not fall behind that one.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_clock(base_url: &str, clock: Box<dyn Clock>) -> Result<Self, Error> {
        let (base, userinfo) = BaseUrl::parse(base_url)?;
        let mut settings = Box::<Settings>::default();
        settings.apply(&Change::Proxy(None))?;
        let client = Self {
            family: Arc::new(Family::with_clock(clock)),
            state: ArcSwap::from_pointee(Snapshot::new(base.host().clone(), settings)?),
            base: Arc::new(base),
        };
        if let Some((username, password)) = userinfo {
            let unusable = |error: Error| Error::new(Code::InvalidUrl, error.message);
            client.add_basic(&username, &password).map_err(unusable)?;
        }
        Ok(client)
    }

    /// The path to ask this client for, given a full URL of its origin.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`].
    pub fn path_of(&self, url: &str) -> Result<String, Error> {
        self.base.path_of(url)
    }

    /// Forgets all headers, cookies and credentials.
    pub fn reset(&self) {
        // Emptying a scope cannot fail: there is nothing left to refuse.
        let _ = self.update(|state| {
            state.scope = scope::Scope::default();
            state.jar = state.jar.as_ref().map(|_| Arc::default());
            Ok(())
        });
    }

    /// Sets a header field for every request.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`].
    pub fn add_header(&self, name: &str, value: &str) -> Result<(), Error> {
        let name = field::parse_name(name)?;
        let value = field::parse_value(&name, value)?;
        self.update(|state| {
            state.scope.set_header(name.clone(), &value);
            Ok(())
        })
    }

    /// Removes a header field.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`] where the name is no token.
    pub fn remove_header(&self, name: &str) -> Result<(), Error> {
        let name = field::parse_name(name)?;
        self.update(|state| {
            state.scope.remove_header(&name);
            Ok(())
        })
    }

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

    fn set_authorization(&self, value: &http::HeaderValue) -> Result<(), Error> {
        self.update(|state| {
            state.scope.set_header(http::header::AUTHORIZATION, value);
            Ok(())
        })
    }

    /// Sends a cookie with every request.
    ///
    /// # Errors
    /// [`Code::InvalidCookie`].
    pub fn add_cookie(&self, name: &str, value: &str) -> Result<(), Error> {
        auth::cookie::check_name(name)?;
        auth::cookie::check_value(value)?;
        self.update(|state| {
            state.scope.set_cookie(auth::Cookie::plain(name, value));
            Ok(())
        })
    }

    /// Sends a signed cookie with every request, signed afresh for each attempt.
    ///
    /// # Errors
    /// [`Code::InvalidCookie`] for the name, [`Code::InvalidJson`] for the payload.
    pub fn add_signed_cookie(
        &self,
        name: &str,
        payload: &str,
        key_id: &str,
        key: &str,
        digest: Digest,
    ) -> Result<(), Error> {
        let cookie = auth::Cookie::signed(name, payload, key_id, key, digest)?;
        self.update(|state| {
            state.scope.set_cookie(cookie.clone());
            Ok(())
        })
    }

    /// Removes a cookie.
    ///
    /// # Errors
    /// [`Code::InvalidCookie`] where the name is no token.
    pub fn remove_cookie(&self, name: &str) -> Result<(), Error> {
        auth::cookie::check_name(name)?;
        self.update(|state| {
            state.scope.remove_cookie(name);
            Ok(())
        })
    }

    /// Gives a setting its new value.
    ///
    /// # Errors
    /// As [`crate::settings::Settings::apply`].
    pub fn change(&self, change: &Change) -> Result<(), Error> {
        self.update(|state| state.settings.apply(change))
    }

    /// Trusts the certificates of a PEM file in place of the system's.
    ///
    /// # Errors
    /// [`Code::File`], [`Code::Certificate`].
    pub fn set_ca_file(&self, path: &str) -> Result<(), Error> {
        let pem = std::fs::read(path).map_err(|error| {
            Error::new(Code::File, format!("the CA file {path:?} cannot be read: {error}"))
        })?;
        self.set_ca_pem(&pem)
    }

    /// Trusts these PEM certificates in place of the system's.
    ///
    /// # Errors
    /// [`Code::Certificate`].
    pub fn set_ca_pem(&self, pem: &[u8]) -> Result<(), Error> {
        transport::check_ca_pem(pem)?;
        self.change(&Change::CaPem(pem.into()))
    }

    /// Shows this certificate chain and key, PEM files both, to servers that ask.
    ///
    /// # Errors
    /// [`Code::File`], [`Code::Certificate`].
    pub fn set_client_certificate(&self, certificate: &str, key: &str) -> Result<(), Error> {
        let read = |what: &str, path: &str| {
            std::fs::read(path).map_err(|error| {
                Error::new(Code::File, format!("the {what} file {path:?} cannot be read: {error}"))
            })
        };
        let certificate = read("certificate", certificate)?;
        self.set_client_certificate_pem(&certificate, SecretPem::new(read("key", key)?))
    }

    /// Shows this certificate chain and key, both PEM, to servers that ask.
    ///
    /// # Errors
    /// [`Code::Certificate`].
    pub fn set_client_certificate_pem(&self, chain: &[u8], key: SecretPem) -> Result<(), Error> {
        transport::check_client_pem(chain, &key)?;
        self.change(&Change::ClientCertificatePem(chain.into(), key))
    }

    /// Keeps the cookies that servers set and sends them back, or forgets all and keeps none.
    ///
    /// # Errors
    /// None; the signature is that of the other settings.
    pub fn set_cookie_jar(&self, keep: bool) -> Result<(), Error> {
        self.update(|state| {
            state.jar = keep.then(|| state.jar.clone().unwrap_or_default());
            Ok(())
        })
    }

    /// Hands log messages to a sink, or to none.
    pub fn set_logger(&self, sink: Option<LogSink>, level: Level) {
        let logger = sink.map_or_else(Logger::default, |sink| Logger::new(sink, level));
        // A logger cannot be refused.
        let _ = self.update(|state| {
            state.logger = logger.clone();
            Ok(())
        });
    }

    /// Tells the log why a setting was refused.
    pub fn log_refusal(&self, error: &Error) {
        self.state.load().logger.emit(Level::Error, || {
            format!("a setting was refused: {}: {}", error.code.name(), error.message)
        });
    }

    /// Asks a callback before each wait for a retry, or none.
    pub fn set_retry_callback(&self, callback: Option<RetryCallback>) {
        // A callback cannot be refused.
        let _ = self.update(|state| {
            state.on_retry.clone_from(&callback);
            Ok(())
        });
    }

    /// Limits the requests of this client and all its clones together; 0 requests for no limit. The
    /// limit is kept in this number, which is made if the limit is a new one: processes that share the
    /// number share the limit.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] for a limit without a time or a burst.
    pub fn set_rate_limit(
        &self,
        requests: u32,
        per_ms: u64,
        burst: u32,
        number: impl FnOnce() -> SharedAtomic,
    ) -> Result<(), Error> {
        if requests > 0 && (per_ms == 0 || burst == 0) {
            let message = "a rate limit needs a span of time and a burst of at least 1";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        let rate = Rate::new(requests, Duration::from_millis(per_ms), burst);
        self.family.set_rate(rate, number);
        Ok(())
    }

    /// Sets the caller's own limit for this client and all its clones; `None` lifts it. A process
    /// that is forked has a limit of its own.
    pub fn set_rate(&self, rate: Option<Rate>) {
        self.family.set_rate(rate, || Box::<Box<AtomicU64>>::default());
    }

    /// The counters of this client and all its clones, as JSON text.
    #[must_use]
    pub fn stats(&self) -> String {
        self.family.stats.to_json()
    }

    /// Puts a changed copy of the state in the place of the one that is there. `change` runs again
    /// where another thread was faster.
    fn update(&self, change: impl Fn(&mut Snapshot) -> Result<(), Error>) -> Result<(), Error> {
        let mut current = self.state.load_full();
        loop {
            let mut next = Snapshot::clone(&current);
            change(&mut next)?;
            next.recompute()?;
            let previous = self.state.compare_and_swap(&current, Arc::new(next));
            if Arc::ptr_eq(&previous, &current) {
                return Ok(());
            }
            current = arc_swap::Guard::into_inner(previous);
        }
    }
}
