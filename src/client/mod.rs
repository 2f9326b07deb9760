//! The client: a base URL, a scope, settings, and the state that its clones share.

mod authenticator;
mod credentials;
mod oauth2;
mod scope;
mod secret_body;
mod send;
mod snapshot;
pub mod stream;
mod tls_files;
pub mod token;
mod token_answer;
mod token_file;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::auth::{self, Digest};
use crate::code::{Code, Error};
use crate::limit::{Rate, SharedAtomic};
use crate::log::{Level, LogSink, Logger, Secret};
use crate::request::{BaseUrl, field};
use crate::settings::{Change, SecretPem, Settings};
use crate::transport;
use crate::wait::{Clock, SystemClock};

use crate::call::{AttemptCallback, Family, RetryCallback};
use snapshot::Snapshot;

/// A client. Its scope and settings are a snapshot, which an atomic pointer holds: a call uses the
/// snapshot from its start, and a setter replaces it with a changed copy. Neither waits for the
/// other.
pub struct Client {
    base: Arc<BaseUrl>,
    family: Arc<Family>,
    snapshot: ArcSwap<Snapshot>,
}

impl Clone for Client {
    /// A client with a separate scope and the same connections and limits.
    fn clone(&self) -> Self {
        Self {
            base: Arc::clone(&self.base),
            family: Arc::clone(&self.family),
            snapshot: ArcSwap::new(self.snapshot.load_full().clone_scope()),
        }
    }
}

impl Client {
    /// Creates a client for a base URL. Its userinfo becomes the credentials.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`], also if the userinfo cannot be sent.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        Self::with_clock(base_url, Box::new(SystemClock))
    }

    /// Creates a client with this clock for its calls and those of its clones. A test with its own
    /// clock sees every wait, and no wait takes time.
    ///
    /// Deadlines, back-off, limits and the time stamps of signed cookies use this clock. Sockets
    /// can only use the machine's clock for the rest of an attempt's time, so this clock should not
    /// be slower.
    ///
    /// # Errors
    /// Same as [`Client::new`].
    pub fn with_clock(base_url: &str, clock: Box<dyn Clock>) -> Result<Self, Error> {
        let (base, userinfo) = BaseUrl::parse(base_url)?;
        let mut settings = Box::<Settings>::default();
        settings.apply(&Change::Proxy(None))?;
        let client = Self {
            family: Arc::new(Family::with_clock(clock)),
            snapshot: ArcSwap::from_pointee(Snapshot::new(base.host().clone(), settings)?),
            base: Arc::new(base),
        };
        if let Some((username, password)) = userinfo {
            let unusable = |error: Error| Error::new(Code::InvalidUrl, error.message);
            client.add_basic(&username, &password).map_err(unusable)?;
        }
        Ok(client)
    }

    /// The path of a full URL of this client's origin, as a request needs it.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`].
    pub fn path_of(&self, url: &str) -> Result<String, Error> {
        self.base.path_of(url)
    }

    /// Closes the connections that no request uses, of this client and its clones.
    pub fn close_idle(&self) {
        self.family.transport.close_idle();
    }

    /// Removes all headers, cookies and credentials.
    pub fn reset(&self) {
        // An empty scope cannot fail: it contains nothing to refuse.
        let _ = self.update(|snapshot| {
            snapshot.scope = scope::Scope::default();
            snapshot.jar = snapshot.jar.as_ref().map(|_| Arc::default());
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
        self.update(|snapshot| {
            snapshot.scope.set_header(name.clone(), &value);
            Ok(())
        })
    }

    /// Removes a header field.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`] if the name is not a token.
    pub fn remove_header(&self, name: &str) -> Result<(), Error> {
        let name = field::parse_name(name)?;
        self.update(|snapshot| {
            snapshot.scope.remove_header(&name);
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
        self.update(|snapshot| {
            snapshot.scope.set_cookie(auth::Cookie::plain(name, value));
            Ok(())
        })
    }

    /// Sends a signed cookie with every request. Each attempt signs it again.
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
        self.update(|snapshot| {
            snapshot.scope.set_cookie(cookie.clone());
            Ok(())
        })
    }

    /// Removes a cookie.
    ///
    /// # Errors
    /// [`Code::InvalidCookie`] if the name is not a token.
    pub fn remove_cookie(&self, name: &str) -> Result<(), Error> {
        auth::cookie::check_name(name)?;
        self.update(|snapshot| {
            snapshot.scope.remove_cookie(name);
            Ok(())
        })
    }

    /// Changes a setting.
    ///
    /// # Errors
    /// Same as [`crate::settings::Settings::apply`].
    pub fn change(&self, change: &Change) -> Result<(), Error> {
        self.update(|snapshot| snapshot.settings.apply(change))
    }

    /// Trusts the certificates of a PEM file instead of the system's. The file is read again when it
    /// changes.
    ///
    /// # Errors
    /// [`Code::File`], [`Code::Certificate`].
    pub fn set_ca_file(&self, path: &str) -> Result<(), Error> {
        let source = tls_files::authorities(path)?;
        self.update(|snapshot| {
            Arc::make_mut(&mut snapshot.settings.tls).ca_pem = Some(source.clone());
            Ok(())
        })
    }

    /// Trusts these PEM certificates instead of the system's.
    ///
    /// # Errors
    /// [`Code::Certificate`].
    pub fn set_ca_pem(&self, pem: &[u8]) -> Result<(), Error> {
        transport::check_ca_pem(pem)?;
        self.change(&Change::CaPem(pem.into()))
    }

    /// Sends this certificate chain and key, both PEM files, to servers that ask for it. The files
    /// are read again when they change.
    ///
    /// # Errors
    /// [`Code::File`], [`Code::Certificate`].
    pub fn set_client_certificate(&self, certificate: &str, key: &str) -> Result<(), Error> {
        let source = tls_files::client_certificate(certificate, key, self.key_password())?;
        self.update(|snapshot| {
            Arc::make_mut(&mut snapshot.settings.tls).client_cert = Some(source.clone());
            Ok(())
        })
    }

    /// Sends this certificate chain and key, both PEM, to servers that ask for it.
    ///
    /// # Errors
    /// [`Code::Certificate`].
    pub fn set_client_certificate_pem(&self, chain: &[u8], key: SecretPem) -> Result<(), Error> {
        let key = transport::check_client_pem(chain, &key, self.key_password().as_ref())?;
        self.change(&Change::ClientCertificatePem(chain.into(), key))
    }

    /// The password for an encrypted key of a client certificate.
    fn key_password(&self) -> Option<Secret> {
        self.snapshot.load().settings.client_certificate_password.clone()
    }

    /// Keeps the cookies that servers set and sends them back, or removes all and keeps none.
    ///
    /// # Errors
    /// None; other settings have the same signature.
    pub fn set_cookie_jar(&self, keep: bool) -> Result<(), Error> {
        self.update(|snapshot| {
            snapshot.jar = keep.then(|| snapshot.jar.clone().unwrap_or_default());
            Ok(())
        })
    }

    /// Sets or removes the sink of the log.
    pub fn set_logger(&self, sink: Option<LogSink>, level: Level) {
        let logger = sink.map_or_else(Logger::default, |sink| Logger::new(sink, level));
        // A logger cannot be refused.
        let _ = self.update(|snapshot| {
            snapshot.logger = logger.clone();
            Ok(())
        });
    }

    /// Logs why a setting was refused.
    pub fn log_refusal(&self, error: &Error) {
        self.snapshot.load().logger.emit(Level::Error, || {
            format!("a setting was refused: {}: {}", error.code.name(), error.message)
        });
    }

    /// Sets or removes the callback before each wait for a retry.
    pub fn set_retry_callback(&self, callback: Option<RetryCallback>) {
        // A callback cannot be refused.
        let _ = self.update(|snapshot| {
            snapshot.on_retry.clone_from(&callback);
            Ok(())
        });
    }

    /// Sets or removes the callback before each request.
    pub fn set_attempt_callback(&self, callback: Option<AttemptCallback>) {
        // A callback cannot be refused.
        let _ = self.update(|snapshot| {
            snapshot.on_attempt.clone_from(&callback);
            Ok(())
        });
    }

    /// Limits the requests of this client and all its clones together; 0 requests removes the
    /// limit. `storage` creates the storage of a new limit: processes that share it share the
    /// limit.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] for a limit without a duration or a burst.
    pub fn set_rate_limit(
        &self,
        requests: u32,
        per_ms: u64,
        burst: u32,
        storage: impl FnOnce() -> SharedAtomic,
    ) -> Result<(), Error> {
        if requests > 0 && (per_ms == 0 || burst == 0) {
            let message = "a rate limit needs a duration and a burst of at least 1";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        let rate = Rate::new(requests, Duration::from_millis(per_ms), burst);
        self.family.set_rate(rate, storage);
        Ok(())
    }

    /// Sets the tokens of the retry budget of this client and all its clones; 0: retries need none.
    ///
    /// # Errors
    /// None; other settings have the same signature.
    pub fn set_retry_budget(&self, tokens: u32) -> Result<(), Error> {
        self.family.retry_budget.set_capacity(tokens);
        Ok(())
    }

    /// Sets the caller's own limit for this client and all its clones; `None` removes it. Each
    /// forked process has its own limit.
    pub fn set_rate(&self, rate: Option<Rate>) {
        self.family.set_rate(rate, || Box::<Box<AtomicU64>>::default());
    }

    /// The counters of this client and all its clones, as JSON text.
    #[must_use]
    pub fn stats(&self) -> String {
        self.family.stats.to_json()
    }

    /// Replaces the snapshot with a changed copy. `change` runs again if another thread was faster.
    fn update(&self, change: impl Fn(&mut Snapshot) -> Result<(), Error>) -> Result<(), Error> {
        let mut current = self.snapshot.load_full();
        loop {
            let mut next = Snapshot::clone(&current);
            change(&mut next)?;
            next.recompute()?;
            let previous = self.snapshot.compare_and_swap(&current, Arc::new(next));
            if Arc::ptr_eq(&previous, &current) {
                return Ok(());
            }
            current = arc_swap::Guard::into_inner(previous);
        }
    }
}
