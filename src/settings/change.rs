//! One setting with a new value, and its assignment to the settings.
// Generated from interface/settings.toml by `make interface`. Do not edit.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::code::Error;
use crate::log::Secret;

use super::{SecretPem, Settings, duration_from_ms};

/// One setting with a new value. Times are in milliseconds, as in C.
#[derive(Debug, Clone)]
pub enum Change {
    /// The time limit of one attempt, from the DNS lookup to the last byte, with redirects.
    TimeoutMs(u64),
    /// The time limit of DNS lookup, connect and TLS handshake together.
    ConnectTimeoutMs(u64),
    /// The longest time without data from the server, before or within its response.
    ReadTimeoutMs(u64),
    /// The time limit of a whole call, with retries and waits.
    DeadlineMs(u64),
    /// The largest number of attempts after the first one.
    RetryAttempts(u32),
    /// The wait before a retry if the server asks for no delay: a random part of a limit that
    /// starts at `base` and doubles up to `max`.
    BackoffMs {
        /// The upper end of the first wait, in milliseconds.
        base: u64,
        /// The upper end of any wait, in milliseconds.
        max: u64,
    },
    /// The statuses that allow another attempt.
    RetryStatuses(Arc<[u16]>),
    /// The longest delay from a server (`Retry-After` and similar fields) that a call waits for.
    RetryAfterMaxMs(u64),
    /// The largest body that is accepted.
    MaxBodyBytes(u64),
    /// The largest number of redirects that a call follows.
    Redirects(u32),
    /// The value of the `User-Agent` field.
    UserAgent(Option<String>),
    /// Whether the certificate of the server is verified (RFC 5280, RFC 9525).
    Verify(bool),
    /// The trusted certificate authorities from memory, instead of those of the system.
    CaPem(Arc<[u8]>),
    /// The password for an encrypted key (PKCS #8, RFC 5958) of a client certificate that is set
    /// afterwards.
    ClientCertificatePassword(Option<Secret>),
    /// The certificate for servers that request one, and its private key, from memory.
    ClientCertificatePem(Arc<[u8]>, SecretPem),
    /// The public keys that a server may have, in addition to the verification of its certificate.
    PinnedKeys(Option<String>),
    /// The oldest TLS version that is accepted.
    MinTls(i32),
    /// The proxy for all requests.
    Proxy(Option<Zeroizing<String>>),
    /// The Unix domain socket for all connections, for local services such as Docker.
    UnixSocket(Option<String>),
    /// The age from which a connection is not used for another request.
    ConnectionMaxAgeMs(u64),
    /// Whether other requests may use the connection of this request.
    KeepAlive(bool),
}

impl Settings {
    /// Gives one setting its new value.
    ///
    /// # Errors
    /// If the value is out of bounds; nothing changes.
    pub fn apply(&mut self, change: &Change) -> Result<(), Error> {
        match change {
            Change::TimeoutMs(value) => self.timeout = duration_from_ms(*value),
            Change::ConnectTimeoutMs(value) => self.connect_timeout = duration_from_ms(*value),
            Change::ReadTimeoutMs(value) => self.read_timeout = duration_from_ms(*value),
            Change::DeadlineMs(value) => self.deadline = duration_from_ms(*value),
            Change::RetryAttempts(value) => self.retries = *value,
            Change::BackoffMs { base, max } => self.set_backoff(*base, *max)?,
            Change::RetryStatuses(statuses) => self.set_retry_statuses(statuses)?,
            Change::RetryAfterMaxMs(value) => self.retry_after_max = Duration::from_millis(*value),
            Change::MaxBodyBytes(value) => self.set_max_body_bytes(*value)?,
            Change::Redirects(value) => self.redirects = *value,
            Change::UserAgent(value) => self.set_user_agent(value.as_deref())?,
            Change::Verify(value) => Arc::make_mut(&mut self.tls).verify = *value,
            Change::CaPem(value) => {
                Arc::make_mut(&mut self.tls).ca_pem = Some(value.clone().into())
            }
            Change::ClientCertificatePassword(value) => {
                self.client_certificate_password = value.clone()
            }
            Change::ClientCertificatePem(chain, key) => {
                Arc::make_mut(&mut self.tls).client_cert = Some((chain.clone(), key.clone()).into())
            }
            Change::PinnedKeys(value) => self.set_pinned_keys(value.as_deref())?,
            Change::MinTls(value) => self.set_min_tls(*value)?,
            Change::Proxy(value) => self.set_proxy(value.as_ref().map(|value| value.as_str()))?,
            Change::UnixSocket(value) => self.set_unix_socket(value.as_deref())?,
            Change::ConnectionMaxAgeMs(value) => self.connection_max_age = duration_from_ms(*value),
            Change::KeepAlive(value) => self.keep_alive = *value,
        }
        Ok(())
    }
}
