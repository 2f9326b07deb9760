//! Every setting with its default, its bounds and its meaning, in one place.
//!
//! A client holds [`Settings`]; a request holds [`Change`]s that are applied on top when its call
//! begins. Both go through [`Settings::apply`], so a bound is checked in one place alone.

mod proxy;
mod tls;
pub mod zone;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use zeroize::Zeroizing;

use crate::code::{Code, Error};
pub use proxy::{Environment, Proxy, ProxyChoice, ProxyScheme};
pub use tls::{SAC_TLS_1_2, SAC_TLS_1_3, SecretPem, TlsSetup, TlsVersion};

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
    /// The largest body accepted that goes to a file or a callback, where memory is no concern:
    /// without limit, unless the caller sets one.
    pub max_streamed_bytes: u64,
    /// How many redirects are followed; 0 answers with the 3xx itself.
    pub redirects: u32,
    /// The `User-Agent` field value.
    pub user_agent: HeaderValue,
    /// How TLS connections are made.
    pub tls: Arc<TlsSetup>,
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
            max_streamed_bytes: u64::MAX,
            redirects: DEFAULT_REDIRECTS,
            user_agent: HeaderValue::from_static(DEFAULT_USER_AGENT),
            tls: Arc::new(TlsSetup::default()),
            unix_socket: None,
            proxy: ProxyChoice::Off,
            connection_max_age: Some(DEFAULT_CONNECTION_MAX_AGE),
            keep_alive: true,
        }
    }
}

/// One setting given a new value. Times are in milliseconds, as C gives them.
#[derive(Debug, Clone)]
pub enum Change {
    /// [`Settings::timeout`]; 0 means none.
    TimeoutMs(u64),
    /// [`Settings::connect_timeout`]; 0 means none.
    ConnectTimeoutMs(u64),
    /// [`Settings::read_timeout`]; 0 means none.
    ReadTimeoutMs(u64),
    /// [`Settings::deadline`]; 0 means none.
    DeadlineMs(u64),
    /// [`Settings::retries`].
    RetryAttempts(u32),
    /// [`Settings::backoff_base`] and [`Settings::backoff_max`].
    BackoffMs {
        /// The upper end of the first wait.
        base: u64,
        /// The upper end of any wait.
        max: u64,
    },
    /// [`Settings::retry_statuses`].
    RetryStatuses(Arc<[u16]>),
    /// [`Settings::retry_after_max`].
    RetryAfterMaxMs(u64),
    /// [`Settings::max_body_bytes`] and [`Settings::max_streamed_bytes`]; 0 means no limit.
    MaxBodyBytes(u64),
    /// [`Settings::redirects`].
    Redirects(u32),
    /// [`Settings::user_agent`]; `None` is the default again.
    UserAgent(Option<String>),
    /// Whether certificates are verified.
    Verify(bool),
    /// The certificate authorities that are trusted in place of the system's, as PEM that has
    /// been checked to be usable.
    CaPem(Arc<[u8]>),
    /// The client's own certificate chain as PEM and its key, which have been checked to be usable.
    ClientCertificate(Arc<[u8]>, SecretPem),
    /// The oldest TLS version accepted, as C names it.
    MinTls(i32),
    /// [`Settings::unix_socket`]; `None` for none.
    UnixSocket(Option<String>),
    /// [`Settings::proxy`] by its URL; `None` for the environment, empty for none.
    Proxy(Option<Zeroizing<String>>),
    /// [`Settings::connection_max_age`]; 0 means none.
    ConnectionMaxAgeMs(u64),
    /// [`Settings::keep_alive`].
    KeepAlive(bool),
}

impl Settings {
    /// Gives one setting its new value.
    ///
    /// # Errors
    /// Where the value is out of bounds; nothing has changed then.
    pub fn apply(&mut self, change: &Change) -> Result<(), Error> {
        match change {
            Change::TimeoutMs(ms) => self.timeout = span(*ms),
            Change::ConnectTimeoutMs(ms) => self.connect_timeout = span(*ms),
            Change::ReadTimeoutMs(ms) => self.read_timeout = span(*ms),
            Change::DeadlineMs(ms) => self.deadline = span(*ms),
            Change::RetryAttempts(retries) => self.retries = *retries,
            Change::BackoffMs { base, max } => {
                (self.backoff_base, self.backoff_max) = backoff(*base, *max)?;
            }
            Change::RetryStatuses(statuses) => self.retry_statuses = checked(statuses)?,
            Change::RetryAfterMaxMs(ms) => self.retry_after_max = Duration::from_millis(*ms),
            Change::MaxBodyBytes(bytes) => {
                let most = if *bytes == 0 { u64::MAX } else { *bytes };
                (self.max_body_bytes, self.max_streamed_bytes) = (most, most);
            }
            Change::Redirects(max) => self.redirects = *max,
            Change::UserAgent(value) => self.user_agent = user_agent(value.as_deref())?,
            Change::Verify(verify) => Arc::make_mut(&mut self.tls).verify = *verify,
            Change::CaPem(pem) => Arc::make_mut(&mut self.tls).ca_pem = Some(pem.clone()),
            Change::ClientCertificate(chain, key) => {
                Arc::make_mut(&mut self.tls).client_cert = Some((chain.clone(), key.clone()));
            }
            Change::UnixSocket(path) => self.unix_socket = unix_socket(path.as_deref())?,
            Change::Proxy(url) => {
                self.proxy = ProxyChoice::parse(url.as_ref().map(|url| url.as_str()))?;
            }
            Change::ConnectionMaxAgeMs(ms) => self.connection_max_age = span(*ms),
            Change::KeepAlive(keep) => self.keep_alive = *keep,
            Change::MinTls(version) => {
                Arc::make_mut(&mut self.tls).min_version = TlsVersion::try_from(*version)?;
            }
        }
        Ok(())
    }
}

/// The longest path that `sun_path` holds with its NUL (unix(7)).
const UNIX_PATH_MOST: usize = 107;

fn unix_socket(path: Option<&str>) -> Result<Option<Arc<Path>>, Error> {
    let Some(path) = path else { return Ok(None) };
    if path.is_empty() || path.len() > UNIX_PATH_MOST {
        let message = format!("a socket's path has 1 to {UNIX_PATH_MOST} bytes");
        return Err(Error::new(Code::InvalidArgument, message));
    }
    Ok(Some(Path::new(path).into()))
}

/// A length of time given in milliseconds, where 0 stands for none.
fn span(ms: u64) -> Option<Duration> {
    (ms > 0).then(|| Duration::from_millis(ms))
}

fn backoff(base: u64, max: u64) -> Result<(Duration, Duration), Error> {
    if base > max {
        let message = format!("a back-off that begins with {base} ms cannot end at {max} ms");
        return Err(Error::new(Code::InvalidArgument, message));
    }
    Ok((Duration::from_millis(base), Duration::from_millis(max)))
}

fn checked(statuses: &Arc<[u16]>) -> Result<Arc<[u16]>, Error> {
    match statuses.iter().find(|status| !(100..=599).contains(*status)) {
        Some(status) => {
            Err(Error::new(Code::InvalidArgument, format!("{status} is no HTTP status")))
        }
        None => Ok(Arc::clone(statuses)),
    }
}

fn user_agent(value: Option<&str>) -> Result<HeaderValue, Error> {
    let Some(value) = value else { return Ok(HeaderValue::from_static(DEFAULT_USER_AGENT)) };
    HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| Error::new(Code::InvalidHeader, "the user agent holds a control character"))
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
