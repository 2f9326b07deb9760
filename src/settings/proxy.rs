//! Proxies: what a URL of one says, and what the environment says.

use std::fmt;
use std::sync::Arc;

use url::Url;
use zeroize::Zeroizing;

use crate::auth::basic;
use crate::auth::userinfo::{self, UserInfo};
use crate::code::{Code, Error};
use crate::log::Secrets;

use super::no_proxy::NoProxy;
use super::{environment, zone};

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyScheme {
    /// HTTP (RFC 9110 section 7.3.2), with `CONNECT` for https.
    Http,
    /// SOCKS 4: the client looks the name up, IPv4 only.
    Socks4,
    /// SOCKS 4a: the proxy looks the name up.
    Socks4a,
    /// SOCKS 5 (RFC 1928): the client looks the name up.
    Socks5,
    /// SOCKS 5: the proxy looks the name up.
    Socks5h,
}

/// A proxy. Its credentials are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// How it is spoken to.
    pub scheme: ProxyScheme,
    /// Whether it is spoken to over TLS.
    pub tls: bool,
    /// Its name or address; IPv6 in brackets, with the zone if there is one.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name and password, where it wants them.
    pub credentials: Option<UserInfo>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}:{}", self.scheme, self.host, self.port)
    }
}

impl Proxy {
    /// Reads the URL of a proxy. Without a scheme it is an HTTP proxy, as in the environment.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] where it cannot be read, or its scheme is not one of `http`, `https`,
    /// `socks4`, `socks4a`, `socks5` and `socks5h`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refused = |why: &str| Error::new(Code::InvalidUrl, format!("the proxy URL {why}"));
        let scheme = if text.contains("://") { "" } else { "http://" };
        let with_scheme = Zeroizing::new([scheme, text].concat());
        let unusable = || refused("has userinfo that cannot be used");
        let (bare, credentials) = userinfo::split(&with_scheme).ok_or_else(unusable)?;
        let zoned = zone::split_zone(&bare).map_err(refused)?;
        let plain = zoned.as_ref().map_or(&*bare, |(plain, _)| plain);
        let url = Url::parse(plain).map_err(|_| refused("cannot be parsed"))?;
        // What is still there stood behind too many slashes.
        let left = !url.username().is_empty() || url.password().is_some();
        if left || !credentials.as_ref().is_none_or(fits_socks) {
            return Err(unusable());
        }
        let (scheme, tls, port) = match url.scheme() {
            "http" => (ProxyScheme::Http, false, 80),
            "https" => (ProxyScheme::Http, true, 443),
            "socks4" => (ProxyScheme::Socks4, false, 1080),
            "socks4a" => (ProxyScheme::Socks4a, false, 1080),
            "socks5" => (ProxyScheme::Socks5, false, 1080),
            "socks5h" => (ProxyScheme::Socks5h, false, 1080),
            other => {
                let why = format!("has the scheme {other:?}, which no proxy here has");
                return Err(refused(&why));
            }
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| refused("has no host"))?;
        let host = match &zoned {
            Some((_, zone)) => format!("{}%{zone}]", host.trim_end_matches(']')),
            None => host.to_owned(),
        };
        let port = url.port().unwrap_or(port);
        if port == 0 || !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(refused("has a path, a query or port 0"));
        }
        Ok(Self { scheme, tls, host, port, credentials })
    }

    fn add_secrets(&self, secrets: &mut Secrets) {
        let Some((name, password)) = &self.credentials else { return };
        secrets.add_user(name, password);
        // As an HTTP proxy is given them.
        if let Ok(field) = basic::authorization(name, password)
            && let Ok(text) = field.to_str()
        {
            secrets.add_header("proxy-authorization", text);
        }
    }
}

/// SOCKS has a byte for each length, and C strings in version 4.
fn fits_socks((name, password): &UserInfo) -> bool {
    [name, password].iter().all(|text| text.len() <= 255 && !text.contains(char::is_control))
}

/// Which proxy requests go through.
#[derive(Debug, Clone)]
pub enum ProxyChoice {
    /// What the environment says.
    Environment(Arc<EnvironmentProxies>),
    /// None.
    Off,
    /// This one, for all hosts.
    Explicit(Arc<Proxy>),
}

impl ProxyChoice {
    /// What a caller chose: `None` for the environment, as it is now, and an empty text for none.
    ///
    /// # Errors
    /// As [`Proxy::parse`].
    pub fn parse(url: Option<&str>) -> Result<Self, Error> {
        match url {
            None => {
                let read = |name: &str| environment::variable(name)?.into_string().ok();
                Ok(Self::Environment(Arc::new(EnvironmentProxies::read(read))))
            }
            Some("") => Ok(Self::Off),
            Some(url) => Ok(Self::Explicit(Arc::new(Proxy::parse(url)?))),
        }
    }

    /// Whether there is a proxy that a request may have to go through.
    #[must_use]
    pub fn may_apply(&self, https: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Explicit(_) => true,
            Self::Environment(environment) => environment.for_scheme(https).is_some(),
        }
    }

    /// The proxy for a request, if it goes through one.
    ///
    /// # Errors
    /// [`Code::Proxy`] where the environment names one that cannot be used: a request that was to
    /// go through a proxy never goes past it.
    pub fn proxy_for(
        &self,
        https: bool,
        host: &str,
        port: u16,
    ) -> Result<Option<Arc<Proxy>>, Error> {
        match self {
            Self::Off => Ok(None),
            Self::Explicit(proxy) => Ok(Some(Arc::clone(proxy))),
            Self::Environment(environment) => environment.proxy_for(https, host, port),
        }
    }

    /// Adds what must never be seen: the credentials for proxies.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        match self {
            Self::Off => {}
            Self::Explicit(proxy) => proxy.add_secrets(secrets),
            Self::Environment(environment) => {
                let named = [&environment.http, &environment.https];
                named.into_iter().flatten().flatten().for_each(|proxy| proxy.add_secrets(secrets));
            }
        }
    }
}

/// What the environment says of proxies: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, and
/// the same in capitals.
#[derive(Debug, Default)]
pub struct EnvironmentProxies {
    http: Option<Result<Arc<Proxy>, String>>,
    https: Option<Result<Arc<Proxy>, String>>,
    no_proxy: NoProxy,
}

impl EnvironmentProxies {
    /// Reads it. In a CGI process (RFC 3875) `HTTP_PROXY` is the `Proxy` field of whoever sent the
    /// request, so it counts for nothing there.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let cgi = variable("REQUEST_METHOD").is_some() || variable("GATEWAY_INTERFACE").is_some();
        let either = |name: &str| {
            let upper = name.to_ascii_uppercase();
            let upper = if cgi && upper == "HTTP_PROXY" { None } else { variable(&upper) };
            variable(name).or(upper).filter(|value| !value.trim().is_empty())
        };
        let proxy = |name: &str| {
            let url = either(name).or_else(|| either("all_proxy"))?;
            let parsed = Proxy::parse(url.trim()).map(Arc::new);
            Some(parsed.map_err(|error| format!("{} ({name} of the environment)", error.message)))
        };
        let past = either("no_proxy").unwrap_or_default();
        let past = NoProxy::parse(&past);
        Self { http: proxy("http_proxy"), https: proxy("https_proxy"), no_proxy: past }
    }

    fn for_scheme(&self, https: bool) -> Option<&Result<Arc<Proxy>, String>> {
        if https { self.https.as_ref() } else { self.http.as_ref() }
    }

    fn proxy_for(&self, https: bool, host: &str, port: u16) -> Result<Option<Arc<Proxy>>, Error> {
        let Some(named) = self.for_scheme(https).filter(|_| !self.no_proxy.contains(host, port))
        else {
            return Ok(None);
        };
        match named {
            Ok(proxy) => Ok(Some(Arc::clone(proxy))),
            Err(why) => Err(Error::new(Code::Proxy, why.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &'static [(&'static str, &'static str)]) -> EnvironmentProxies {
        EnvironmentProxies::read(|name| {
            let found = pairs.iter().find(|(given, _)| *given == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_proxy_url_is_read_and_its_password_never_shown() {
        let proxy = Proxy::parse("socks5h://us%65r:p%40ss@[::1]:9050").unwrap();
        assert_eq!((proxy.scheme, proxy.port), (ProxyScheme::Socks5h, 9050));
        assert_eq!(proxy.host, "[::1]");
        assert_eq!(proxy.credentials, Some(("user".to_owned().into(), "p@ss".to_owned().into())));
        assert!(!format!("{proxy:?}").contains("ss@") && !format!("{proxy:?}").contains("p@"));
        assert_eq!(Proxy::parse("proxy.test:3128").unwrap().port, 3128);
        assert!(Proxy::parse("https://p").unwrap().tls);
        let zoned = Proxy::parse("http://u:p@[fe80::1%25eth0]:3128").unwrap();
        assert_eq!((zoned.host.as_str(), zoned.port), ("[fe80::1%eth0]", 3128));
        assert_eq!(zoned.credentials, Some(("u".to_owned().into(), "p".to_owned().into())));
    }

    #[test]
    fn a_scheme_that_is_not_served_is_refused() {
        for url in [
            "ftp://p",
            "socks://p",
            "quic://p:1",
            "http://",
            "http://p:0",
            "http://p/x",
            "://",
            "[::1%25lo]",
            "http:///u:s@p",
        ] {
            assert_eq!(Proxy::parse(url).unwrap_err().code, Code::InvalidUrl, "{url}");
        }
        let environment = environment(&[("https_proxy", "ftp://p")]);
        let choice = ProxyChoice::Environment(Arc::new(environment));
        assert_eq!(choice.proxy_for(true, "h", 443).unwrap_err().code, Code::Proxy);
        assert!(choice.proxy_for(false, "h", 80).unwrap().is_none());
    }

    #[test]
    fn the_environment_names_a_proxy_for_each_scheme_small_letters_first() {
        let both =
            environment(&[("http_proxy", "a:1"), ("HTTP_PROXY", "b:1"), ("ALL_PROXY", "c:1")]);
        assert_eq!(both.proxy_for(false, "h", 80).unwrap().unwrap().host, "a");
        assert_eq!(both.proxy_for(true, "h", 443).unwrap().unwrap().host, "c");
    }

    #[test]
    fn a_cgi_process_does_not_take_its_proxy_from_a_visitor() {
        let cgi = environment(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "evil:1")]);
        assert!(cgi.proxy_for(false, "h", 80).unwrap().is_none());
        let cgi = environment(&[("REQUEST_METHOD", "GET"), ("http_proxy", "good:1")]);
        assert!(cgi.proxy_for(false, "h", 80).unwrap().is_some());
    }
}
