//! Every setting with its default, its bounds and its meaning, in one place.
//!
//! A client holds [`Settings`]; a request holds [`Change`]s that are applied on top when its call
//! begins. Both go through [`Settings::apply`], so a bound is checked in one place alone.

mod change;
pub mod environment;
mod no_proxy;
mod proxy;
mod tls;
pub mod zone;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::code::{Code, Error};
pub use change::Change;
use http::HeaderValue;
pub use proxy::{EnvironmentProxies, Proxy, ProxyChoice, ProxyScheme};
pub use tls::{SAC_TLS_1_2, SAC_TLS_1_3, SecretPem, TlsSettings, TlsVersion};

/// One attempt from look-up to last byte, unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Look-up, connect and TLS handshake, unless told otherwise.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The upper end of the wait before the first retry, unless told otherwise.
pub const DEFAULT_BACKOFF_BASE: Duration = Duration::from_millis(100);
/// The upper end of the wait before any retry, unless told otherwise.
pub const DEFAULT_BACKOFF_MAX: Duration = Duration::from_secs(20);
/// The statuses that are worth another try, unless told otherwise.
pub const DEFAULT_RETRY_STATUSES: [u16; 5] = [429, 500, 502, 503, 504];
/// The longest delay of a server that is waited for, unless told otherwise.
pub const DEFAULT_RETRY_AFTER_MAX: Duration = Duration::from_secs(120);
/// The largest body accepted, decoded, unless told otherwise.
pub const DEFAULT_MAX_BODY_BYTES: u64 = 256 * 1024 * 1024;
/// How old a connection may become, unless told otherwise.
pub const DEFAULT_CONNECTION_MAX_AGE: Duration = Duration::from_secs(300);
/// The redirects followed, unless told otherwise.
pub const DEFAULT_REDIRECTS: u32 = 10;
/// What the `User-Agent` says, unless told otherwise.
pub const DEFAULT_USER_AGENT: &str = concat!("libsac/", env!("CARGO_PKG_VERSION"));

/// How calls behave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// One attempt, look-up to last byte. `None`: no limit.
    pub timeout: Option<Duration>,
    /// Look-up, connect and TLS handshake. `None`: no limit of its own.
    pub connect_timeout: Option<Duration>,
    /// The longest silence of the server. `None`: no limit of its own.
    pub read_timeout: Option<Duration>,
    /// The whole call, retries and waits included. `None`: no limit.
    pub deadline: Option<Duration>,
    /// How many attempts may follow the first.
    pub retries: u32,
    /// The upper end of the wait before the first retry; it doubles with each further one.
    pub backoff_base: Duration,
    /// What that upper end never exceeds.
    pub backoff_max: Duration,
    /// The statuses that are worth another try.
    pub retry_statuses: Arc<[u16]>,
    /// The longest delay of a server that is waited for.
    pub retry_after_max: Duration,
    /// The largest body accepted, in bytes after content decoding.
    pub max_body_bytes: u64,
    /// The largest body accepted that goes to a file or a callback, where memory is no concern.
    /// `None`: no limit, but for what a content coding makes of a few bytes.
    pub max_streamed_bytes: Option<u64>,
    /// How many redirects are followed; 0 answers with the 3xx itself.
    pub redirects: u32,
    /// The `User-Agent` field value.
    pub user_agent: HeaderValue,
    /// How TLS connections are made.
    pub tls: Arc<TlsSettings>,
    /// The Unix domain socket that all connections go to.
    pub unix_socket: Option<Arc<Path>>,
    /// Which proxy requests go through.
    pub proxy: ProxyChoice,
    /// How old a connection may become before it is not used again. `None`: no limit.
    pub connection_max_age: Option<Duration>,
    /// Whether the connection is kept for other requests.
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
            let message = format!("a back-off that begins with {base} ms cannot end at {max} ms");
            return Err(Error::new(Code::InvalidArgument, message));
        }
        self.backoff_base = Duration::from_millis(base);
        self.backoff_max = Duration::from_millis(max);
        Ok(())
    }

    fn set_retry_statuses(&mut self, statuses: &Arc<[u16]>) -> Result<(), Error> {
        if let Some(status) = statuses.iter().find(|status| !(100..=599).contains(*status)) {
            return Err(Error::new(Code::InvalidArgument, format!("{status} is no HTTP status")));
        }
        self.retry_statuses = Arc::clone(statuses);
        Ok(())
    }

    fn set_max_body_bytes(&mut self, bytes: u64) -> Result<(), Error> {
        let most = if bytes == 0 { u64::MAX } else { bytes };
        (self.max_body_bytes, self.max_streamed_bytes) = (most, Some(most));
        Ok(())
    }

    fn set_user_agent(&mut self, value: Option<&str>) -> Result<(), Error> {
        self.user_agent = match value {
            None => HeaderValue::from_static(DEFAULT_USER_AGENT),
            Some(value) => HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
                Error::new(Code::InvalidHeader, "the user agent holds a control character")
            })?,
        };
        Ok(())
    }

    fn set_min_tls(&mut self, version: i32) -> Result<(), Error> {
        Arc::make_mut(&mut self.tls).min_version = TlsVersion::try_from(version)?;
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
                let message = format!("a socket's path has 1 to {MAX_UNIX_PATH} bytes");
                return Err(Error::new(Code::InvalidArgument, message));
            }
        };
        Ok(())
    }
}

/// The longest path that `sun_path` holds with its NUL (unix(7)).
const MAX_UNIX_PATH: usize = 107;

/// A length of time given in milliseconds, where 0 stands for none.
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
    fn a_refused_user_agent_leaves_the_old_one() {
        let mut settings = Settings::default();
        settings.apply(&Change::UserAgent(Some("shop/1.0".into()))).unwrap();
        let refused = settings.apply(&Change::UserAgent(Some("a\r\nX-Evil: 1".into())));
        assert_eq!(refused.unwrap_err().code, Code::InvalidHeader);
        assert_eq!(settings.user_agent, "shop/1.0");
        settings.apply(&Change::UserAgent(None)).unwrap();
        assert_eq!(settings.user_agent, DEFAULT_USER_AGENT);
    }

    #[test]
    fn a_bad_setting_changes_nothing() {
        let mut settings = Settings::default();
        for change in [
            Change::BackoffMs { base: 101, max: 100 },
            Change::RetryStatuses([503, 99].into()),
            Change::RetryStatuses([600].into()),
            Change::MinTls(11),
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
    fn a_change_of_one_copy_does_not_reach_another() {
        let before = Settings::default();
        let mut after = before.clone();
        after.apply(&Change::Verify(false)).unwrap();
        assert!(before.tls.verify);
        assert!(!after.tls.verify);
    }
}
