//! Proxies: their URLs, and the proxies of the environment.

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

/// The protocol of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyScheme {
    /// HTTP (RFC 9110 section 7.3.2), with `CONNECT` for https.
    Http,
    /// SOCKS 4: the library looks up the name; only IPv4.
    Socks4,
    /// SOCKS 4a: the proxy looks up the name.
    Socks4a,
    /// SOCKS 5 (RFC 1928): the library looks up the name.
    Socks5,
    /// SOCKS 5: the proxy looks up the name.
    Socks5h,
}

/// A proxy. Its credentials are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its protocol.
    pub scheme: ProxyScheme,
    /// Whether the connection to it uses TLS.
    pub tls: bool,
    /// Its name or address; IPv6 in brackets, with the zone if there is one.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name and password, if its URL contains them.
    pub credentials: Option<UserInfo>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}:{}", self.scheme, self.host, self.port)
    }
}

impl Proxy {
    /// Parses the URL of a proxy. Without a scheme, it is an HTTP proxy.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] if it cannot be parsed, or its scheme is not one of `http`, `https`,
    /// `socks4`, `socks4a`, `socks5` and `socks5h`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refused =
            |reason: &str| Error::new(Code::InvalidUrl, format!("the proxy URL {reason}"));
        let scheme = if text.contains("://") { "" } else { "http://" };
        let with_scheme = Zeroizing::new([scheme, text].concat());
        let unusable = || refused("has userinfo that cannot be used");
        let (bare, credentials) = userinfo::split(&with_scheme).ok_or_else(unusable)?;
        let zoned = zone::split_zone(&bare).map_err(refused)?;
        let plain = zoned.as_ref().map_or(&*bare, |(plain, _)| plain);
        let url = Url::parse(plain).map_err(|_| refused("cannot be parsed"))?;
        // The URL has userinfo after too many slashes.
        let has_userinfo = !url.username().is_empty() || url.password().is_some();
        if has_userinfo || !credentials.as_ref().is_none_or(fits_socks) {
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
                let reason = format!("has the scheme {other:?}, which is not supported");
                return Err(refused(&reason));
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
        // The form in which an HTTP proxy receives them.
        if let Ok(field) = basic::authorization(name, password)
            && let Ok(text) = field.to_str()
        {
            secrets.add_header("proxy-authorization", text);
        }
    }
}

/// Whether SOCKS can transfer the credentials: it has one byte for each length, and C strings in
/// version 4.
fn fits_socks((name, password): &UserInfo) -> bool {
    [name, password].iter().all(|text| text.len() <= 255 && !text.contains(char::is_control))
}

/// The choice of a proxy for requests.
#[derive(Debug, Clone)]
pub enum ProxyChoice {
    /// The proxies of the environment.
    Environment(Arc<EnvironmentProxies>),
    /// No proxy.
    Off,
    /// This proxy, for all hosts.
    Explicit(Arc<Proxy>),
}

impl ProxyChoice {
    /// Parses the choice of a caller: `None` for the current environment, and an empty text for no
    /// proxy.
    ///
    /// # Errors
    /// Same as [`Proxy::parse`].
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

    /// Whether a request may need a proxy.
    #[must_use]
    pub fn may_apply(&self, https: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Explicit(_) => true,
            Self::Environment(environment) => environment.for_scheme(https).is_some(),
        }
    }

    /// The proxy for a request, if it needs one.
    ///
    /// # Errors
    /// [`Code::Proxy`] if the environment names a proxy that cannot be used. The request then
    /// fails, and does not go directly.
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

    /// Adds the credentials for proxies, which must not appear in texts.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        match self {
            Self::Off => {}
            Self::Explicit(proxy) => proxy.add_secrets(secrets),
            Self::Environment(environment) => {
                let proxies = [&environment.http, &environment.https];
                proxies
                    .into_iter()
                    .flatten()
                    .flatten()
                    .for_each(|proxy| proxy.add_secrets(secrets));
            }
        }
    }
}

/// The proxies of the environment: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, and the
/// same in capitals.
#[derive(Debug, Default)]
pub struct EnvironmentProxies {
    http: Option<Result<Arc<Proxy>, String>>,
    https: Option<Result<Arc<Proxy>, String>>,
    no_proxy: NoProxy,
}

impl EnvironmentProxies {
    /// Reads the environment. In a CGI process (RFC 3875), `HTTP_PROXY` is ignored, because it is
    /// the `Proxy` field of a request from outside.
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
            Some(parsed.map_err(|error| format!("{} ({name} in the environment)", error.message)))
        };
        let no_proxy = NoProxy::parse(&either("no_proxy").unwrap_or_default());
        Self { http: proxy("http_proxy"), https: proxy("https_proxy"), no_proxy }
    }

    fn for_scheme(&self, https: bool) -> Option<&Result<Arc<Proxy>, String>> {
        if https { self.https.as_ref() } else { self.http.as_ref() }
    }

    fn proxy_for(&self, https: bool, host: &str, port: u16) -> Result<Option<Arc<Proxy>>, Error> {
        let proxy = self.for_scheme(https).filter(|_| !self.no_proxy.contains(host, port));
        match proxy {
            None => Ok(None),
            Some(Ok(proxy)) => Ok(Some(Arc::clone(proxy))),
            Some(Err(message)) => Err(Error::new(Code::Proxy, message.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &'static [(&'static str, &'static str)]) -> EnvironmentProxies {
        EnvironmentProxies::read(|name| {
            let found = pairs.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_proxy_url_is_parsed_and_its_password_never_printed() {
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
    fn invalid_proxy_urls_are_refused() {
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
    fn the_environment_has_a_proxy_for_each_scheme_and_lower_case_goes_first() {
        let both =
            environment(&[("http_proxy", "a:1"), ("HTTP_PROXY", "b:1"), ("ALL_PROXY", "c:1")]);
        assert_eq!(both.proxy_for(false, "h", 80).unwrap().unwrap().host, "a");
        assert_eq!(both.proxy_for(true, "h", 443).unwrap().unwrap().host, "c");
    }

    #[test]
    fn a_cgi_process_ignores_http_proxy_in_capitals() {
        let cgi = environment(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "evil:1")]);
        assert!(cgi.proxy_for(false, "h", 80).unwrap().is_none());
        let cgi = environment(&[("REQUEST_METHOD", "GET"), ("http_proxy", "good:1")]);
        assert!(cgi.proxy_for(false, "h", 80).unwrap().is_some());
    }
}
