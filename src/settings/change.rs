//! One setting with a new value, and how the settings take it.
// Generated from interface/settings.toml by `make interface`. Do not edit.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::code::Error;

use super::{SecretPem, Settings, span};

/// One setting with a new value. Times are in milliseconds, as in C.
#[derive(Debug, Clone)]
pub enum Change {
    /// The time limit of one attempt, from the DNS lookup to the last byte, redirects included.
    TimeoutMs(u64),
    /// The time limit of DNS lookup, connect and TLS handshake together.
    ConnectTimeoutMs(u64),
    /// How long the server may be silent, before its response or within it.
    ReadTimeoutMs(u64),
    /// The time limit of a whole call, retries and waits included.
    DeadlineMs(u64),
    /// How many attempts may follow the first one.
    RetryAttempts(u32),
    /// How long to wait before a retry if the server names no delay: a random part of a span that
    /// starts at `base` and doubles up to `max`.
    BackoffMs {
        /// The upper end of the first wait, in milliseconds.
        base: u64,
        /// The upper end of any wait, in milliseconds.
        max: u64,
    },
    /// The statuses that are worth another attempt.
    RetryStatuses(Arc<[u16]>),
    /// The longest delay named by a server (`Retry-After` and its relatives) that is waited for.
    RetryAfterMaxMs(u64),
    /// The largest body that is accepted.
    MaxBodyBytes(u64),
    /// How many redirects are followed.
    Redirects(u32),
    /// The value of the `User-Agent` field.
    UserAgent(Option<String>),
    /// Whether the certificate of the server is verified (RFC 5280, RFC 9525).
    Verify(bool),
    /// The certificate authorities that are trusted, in place of those of the system, from memory.
    CaPem(Arc<[u8]>),
    /// The certificate that is shown to servers that ask for one, and its private key, from memory.
    ClientCertificatePem(Arc<[u8]>, SecretPem),
    /// The oldest TLS version that is accepted.
    MinTls(i32),
    /// The proxy that requests go through.
    Proxy(Option<Zeroizing<String>>),
    /// The Unix domain socket that all connections go to, as local services such as Docker have
    /// one.
    UnixSocket(Option<String>),
    /// How old a connection may become before it is not used for another request.
    ConnectionMaxAgeMs(u64),
    /// Whether other requests may use the connection of this one.
    KeepAlive(bool),
}

impl Settings {
    /// Gives one setting its new value.
    ///
    /// # Errors
    /// If the value is out of bounds; then nothing has changed.
    pub fn apply(&mut self, change: &Change) -> Result<(), Error> {
        match change {
            Change::TimeoutMs(value) => self.timeout = span(*value),
            Change::ConnectTimeoutMs(value) => self.connect_timeout = span(*value),
            Change::ReadTimeoutMs(value) => self.read_timeout = span(*value),
            Change::DeadlineMs(value) => self.deadline = span(*value),
            Change::RetryAttempts(value) => self.retries = *value,
            Change::BackoffMs { base, max } => self.set_backoff(*base, *max)?,
            Change::RetryStatuses(statuses) => self.set_retry_statuses(statuses)?,
            Change::RetryAfterMaxMs(value) => self.retry_after_max = Duration::from_millis(*value),
            Change::MaxBodyBytes(value) => self.set_max_body_bytes(*value)?,
            Change::Redirects(value) => self.redirects = *value,
            Change::UserAgent(value) => self.set_user_agent(value.as_deref())?,
            Change::Verify(value) => Arc::make_mut(&mut self.tls).verify = *value,
            Change::CaPem(value) => Arc::make_mut(&mut self.tls).ca_pem = Some(value.clone()),
            Change::ClientCertificatePem(chain, key) => {
                Arc::make_mut(&mut self.tls).client_cert = Some((chain.clone(), key.clone()))
            }
            Change::MinTls(value) => self.set_min_tls(*value)?,
            Change::Proxy(value) => self.set_proxy(value.as_ref().map(|value| value.as_str()))?,
            Change::UnixSocket(value) => self.set_unix_socket(value.as_deref())?,
            Change::ConnectionMaxAgeMs(value) => self.connection_max_age = span(*value),
            Change::KeepAlive(value) => self.keep_alive = *value,
        }
        Ok(())
    }
}
