//! Every setting with its default, its limits and its meaning.
//!
//! A client has [`Settings`]. A request has [`Change`]s, which are applied to them when its call
//! begins. Both use [`Settings::apply`], so only one place checks the limits.

mod change;
pub mod environment;
mod no_proxy;
mod pem_source;
mod pinned_keys;
mod proxy;
mod tls;
pub mod zone;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::code::{Code, Error};
use crate::log::Secret;
pub use change::Change;
use http::HeaderValue;
pub use pem_source::{PemContents, PemFiles, PemParser, PemReload, PemSource, PemVersion};
pub use pinned_keys::{PinnedKeys, pin};
pub use proxy::{EnvironmentProxies, Proxy, ProxyChoice, ProxyScheme};
pub use tls::{ClientPem, SAC_TLS_1_2, SAC_TLS_1_3, SecretPem, TlsSettings, TlsVersion};

/// Default time limit of one attempt, from the DNS lookup to the last byte.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Default time limit of DNS lookup, connect and TLS handshake together.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Default upper limit of the wait before the first retry.
pub const DEFAULT_BACKOFF_BASE: Duration = Duration::from_millis(100);
/// Default upper limit of the wait before any retry.
pub const DEFAULT_BACKOFF_MAX: Duration = Duration::from_secs(20);
/// Default statuses after which a call is retried.
pub const DEFAULT_RETRY_STATUSES: [u16; 5] = [429, 500, 502, 503, 504];
/// Default maximum delay that a server may request with `Retry-After`.
pub const DEFAULT_RETRY_AFTER_MAX: Duration = Duration::from_secs(120);
/// Default maximum length of a decoded response body in memory.
pub const DEFAULT_MAX_BODY_BYTES: u64 = 256 * 1024 * 1024;
/// Default maximum age of a connection.
pub const DEFAULT_CONNECTION_MAX_AGE: Duration = Duration::from_secs(300);
/// Default maximum number of redirects.
pub const DEFAULT_REDIRECTS: u32 = 10;
/// Default `User-Agent`.
pub const DEFAULT_USER_AGENT: &str = concat!("libsac/", env!("CARGO_PKG_VERSION"));

/// The settings of calls.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time limit of one attempt, from the DNS lookup to the last byte. `None`: no limit.
    pub timeout: Option<Duration>,
    /// Time limit of DNS lookup, connect and TLS handshake together. `None`: no separate limit.
    pub connect_timeout: Option<Duration>,
    /// Maximum time without data from the server. `None`: no separate limit.
    pub read_timeout: Option<Duration>,
    /// Time limit of the whole call, with retries and waits. `None`: no limit.
    pub deadline: Option<Duration>,
    /// Maximum number of attempts after the first.
    pub retries: u32,
    /// Upper limit of the wait before the first retry. It doubles with each retry.
    pub backoff_base: Duration,
    /// Maximum of that upper limit.
    pub backoff_max: Duration,
    /// Statuses after which a call is retried.
    pub retry_statuses: Arc<[u16]>,
    /// Maximum delay that a server may request with `Retry-After`.
    pub retry_after_max: Duration,
    /// Maximum length of a decoded response body in memory, in bytes.
    pub max_body_bytes: u64,
    /// Maximum length of a decoded response body that goes to a file or a callback, in bytes.
    /// `None`: no limit, except that on the expansion by a content coding.
    pub max_streamed_bytes: Option<u64>,
    /// Maximum number of redirects; 0 returns the 3xx response.
    pub redirects: u32,
    /// The `User-Agent` field value.
    pub user_agent: HeaderValue,
    /// The settings of TLS connections.
    pub tls: Arc<TlsSettings>,
    /// The password for the key of a client certificate that is set later.
    pub client_certificate_password: Option<Secret>,
    /// The Unix domain socket for all connections.
    pub unix_socket: Option<Arc<Path>>,
    /// The proxy for requests.
    pub proxy: ProxyChoice,
    /// Maximum age at which a connection is used again. `None`: no limit.
    pub connection_max_age: Option<Duration>,
    /// Whether connections are kept for later requests.
    pub keep_alive: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Some(DEFAULT_TIMEOUT),
            connect_timeout: Some(DEFAULT_CONNECT_TIMEOUT),
            read_timeout: None,
            deadline: None,
            retries: 0,
            backoff_base: DEFAULT_BACKOFF_BASE,
            backoff_max: DEFAULT_BACKOFF_MAX,
            retry_statuses: DEFAULT_RETRY_STATUSES.into(),
            retry_after_max: DEFAULT_RETRY_AFTER_MAX,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_streamed_bytes: None,
            redirects: DEFAULT_REDIRECTS,
            user_agent: HeaderValue::from_static(DEFAULT_USER_AGENT),
            tls: Arc::new(TlsSettings::default()),
            client_certificate_password: None,
            unix_socket: None,
            proxy: ProxyChoice::Off,
            connection_max_age: Some(DEFAULT_CONNECTION_MAX_AGE),
            keep_alive: true,
        }
    }
}

impl Settings {
    fn set_backoff(&mut self, base: u64, max: u64) -> Result<(), Error> {
        if base > max {
            let message =
                format!("the first back-off of {base} ms is above the maximum of {max} ms");
            return Err(Error::new(Code::InvalidArgument, message));
        }
        self.backoff_base = Duration::from_millis(base);
        self.backoff_max = Duration::from_millis(max);
        Ok(())
    }

    fn set_retry_statuses(&mut self, statuses: &Arc<[u16]>) -> Result<(), Error> {
        if let Some(status) = statuses.iter().find(|status| !(100..=599).contains(*status)) {
            return Err(Error::new(
                Code::InvalidArgument,
                format!("{status} is not an HTTP status"),
            ));
        }
        self.retry_statuses = Arc::clone(statuses);
        Ok(())
    }

    fn set_max_body_bytes(&mut self, bytes: u64) -> Result<(), Error> {
        let max = if bytes == 0 { u64::MAX } else { bytes };
        (self.max_body_bytes, self.max_streamed_bytes) = (max, Some(max));
        Ok(())
    }

    fn set_user_agent(&mut self, value: Option<&str>) -> Result<(), Error> {
        self.user_agent = match value {
            None => HeaderValue::from_static(DEFAULT_USER_AGENT),
            Some(value) => HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
                Error::new(Code::InvalidHeader, "the user agent contains a control character")
            })?,
        };
        Ok(())
    }

    fn set_min_tls(&mut self, version: i32) -> Result<(), Error> {
        Arc::make_mut(&mut self.tls).min_version = TlsVersion::try_from(version)?;
        Ok(())
    }

    fn set_pinned_keys(&mut self, pins: Option<&str>) -> Result<(), Error> {
        let pins = pins.map(PinnedKeys::parse).transpose()?;
        Arc::make_mut(&mut self.tls).pinned_keys = pins;
        Ok(())
    }

    fn set_proxy(&mut self, url: Option<&str>) -> Result<(), Error> {
        self.proxy = ProxyChoice::parse(url)?;
        Ok(())
    }

    fn set_unix_socket(&mut self, path: Option<&str>) -> Result<(), Error> {
        self.unix_socket = match path {
            None => None,
            Some(path) if (1..=MAX_UNIX_PATH).contains(&path.len()) => Some(Path::new(path).into()),
            Some(_) => {
                let message =
                    format!("the path of a Unix socket must have 1 to {MAX_UNIX_PATH} bytes");
                return Err(Error::new(Code::InvalidArgument, message));
            }
        };
        Ok(())
    }
}

/// Maximum length of a path in `sun_path`, without its NUL (unix(7)).
const MAX_UNIX_PATH: usize = 107;

/// A duration from milliseconds; `None` for 0.
fn duration_from_ms(ms: u64) -> Option<Duration> {
    (ms > 0).then(|| Duration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_milliseconds_mean_no_limit() {
        let mut settings = Settings::default();
        settings.apply(&Change::TimeoutMs(0)).unwrap();
        settings.apply(&Change::ConnectTimeoutMs(0)).unwrap();
        assert_eq!((settings.timeout, settings.connect_timeout), (None, None));
    }

    #[test]
    fn a_refused_user_agent_keeps_the_old_one() {
        let mut settings = Settings::default();
        settings.apply(&Change::UserAgent(Some("shop/1.0".into()))).unwrap();
        let refused = settings.apply(&Change::UserAgent(Some("a\r\nX-Evil: 1".into())));
        assert_eq!(refused.unwrap_err().code, Code::InvalidHeader);
        assert_eq!(settings.user_agent, "shop/1.0");
        settings.apply(&Change::UserAgent(None)).unwrap();
        assert_eq!(settings.user_agent, DEFAULT_USER_AGENT);
    }

    #[test]
    fn an_invalid_setting_changes_nothing() {
        let mut settings = Settings::default();
        for change in [
            Change::BackoffMs { base: 101, max: 100 },
            Change::RetryStatuses([503, 99].into()),
            Change::RetryStatuses([600].into()),
            Change::MinTls(11),
            Change::PinnedKeys(Some("sha256//AAAA".to_owned())),
        ] {
            let refused = settings.apply(&change).unwrap_err();
            assert_eq!(refused.code, Code::InvalidArgument, "{change:?}");
        }
        assert_eq!(settings.backoff_base, DEFAULT_BACKOFF_BASE);
        assert_eq!(*settings.retry_statuses, DEFAULT_RETRY_STATUSES);
        settings.apply(&Change::RetryStatuses([].into())).unwrap();
        assert!(settings.retry_statuses.is_empty());
    }

    #[test]
    fn a_change_of_a_clone_does_not_affect_the_original() {
        let before = Settings::default();
        let mut after = before.clone();
        after.apply(&Change::Verify(false)).unwrap();
        assert!(before.tls.verify);
        assert!(!after.tls.verify);
    }
}
