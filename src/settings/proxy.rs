//! Proxies: what a URL of one says, what the environment says, and which hosts go past them.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use url::{Host, Url};
use zeroize::Zeroizing;

use crate::auth::basic;
use crate::auth::userinfo::{self, UserInfo};
use crate::code::{Code, Error};
use crate::log::Secrets;

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
        let zoned = zone::take(&bare).map_err(refused)?;
        let plain = zoned.as_ref().map_or(&*bare, |(plain, _)| plain);
        let url = Url::parse(plain).map_err(|_| refused("cannot be parsed"))?;
        // What is still there stood behind too many slashes.
        let left = !url.username().is_empty() || url.password().is_some();
        if left || !credentials.as_ref().is_none_or(fit) {
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
fn fit((name, password): &UserInfo) -> bool {
    [name, password].iter().all(|text| text.len() <= 255 && !text.contains(char::is_control))
}

/// Which proxy requests go through.
#[derive(Debug, Clone)]
pub enum ProxyChoice {
    /// What the environment says.
    Environment(Arc<Environment>),
    /// None.
    Off,
    /// This one, for all hosts.
    Given(Arc<Proxy>),
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
                Ok(Self::Environment(Arc::new(Environment::read(read))))
            }
            Some("") => Ok(Self::Off),
            Some(url) => Ok(Self::Given(Arc::new(Proxy::parse(url)?))),
        }
    }

    /// Whether there is a proxy that a request may have to go through.
    #[must_use]
    pub fn concerns(&self, https: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Given(_) => true,
            Self::Environment(environment) => environment.named(https).is_some(),
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
            Self::Given(proxy) => Ok(Some(Arc::clone(proxy))),
            Self::Environment(environment) => environment.proxy_for(https, host, port),
        }
    }

    /// Adds what must never be seen: the credentials for proxies.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        match self {
            Self::Off => {}
            Self::Given(proxy) => proxy.add_secrets(secrets),
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
pub struct Environment {
    http: Option<Result<Arc<Proxy>, String>>,
    https: Option<Result<Arc<Proxy>, String>>,
    past: Vec<Pattern>,
}

impl Environment {
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
        let past = past.split([',', ' ']).filter_map(Pattern::parse).collect();
        Self { http: proxy("http_proxy"), https: proxy("https_proxy"), past }
    }

    fn named(&self, https: bool) -> Option<&Result<Arc<Proxy>, String>> {
        if https { self.https.as_ref() } else { self.http.as_ref() }
    }

    fn proxy_for(&self, https: bool, host: &str, port: u16) -> Result<Option<Arc<Proxy>>, Error> {
        let Some(named) = self.named(https).filter(|_| !self.goes_past(host, port)) else {
            return Ok(None);
        };
        match named {
            Ok(proxy) => Ok(Some(Arc::clone(proxy))),
            Err(why) => Err(Error::new(Code::Proxy, why.clone())),
        }
    }

    fn goes_past(&self, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.past.iter().any(|pattern| pattern.matches(&host, port))
    }
}

/// An entry of `NO_PROXY`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    All,
    /// A network by its address and the number of bits that count (RFC 4632).
    Network(IpAddr, u32, Option<u16>),
    /// A name and all below it.
    Name(String, Option<u16>),
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text == "*" {
            return Some(Self::All);
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = bare(address).parse().ok()?;
            let bits = bits.parse().ok().filter(|bits| *bits <= width(address))?;
            return Some(Self::Network(address, bits, None));
        }
        if let Ok(address) = bare(&text).parse::<IpAddr>() {
            return Some(Self::Network(address, width(address), None));
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (text.as_str(), None),
        };
        if let Ok(address) = bare(name).parse::<IpAddr>() {
            return Some(Self::Network(address, width(address), port));
        }
        let name = name.strip_prefix("*.").unwrap_or(name);
        let name = name.trim_start_matches('.').trim_end_matches('.');
        // Names beyond ASCII are compared as they are looked up.
        let name = match Host::parse(name) {
            Ok(Host::Domain(name)) => name,
            _ => return None,
        };
        Some(Self::Name(name, port))
    }

    fn matches(&self, host: &str, port: u16) -> bool {
        let same_port = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        match self {
            Self::All => true,
            Self::Network(network, bits, wanted) => {
                let address = host.parse::<IpAddr>();
                same_port(wanted) && address.is_ok_and(|address| within(address, *network, *bits))
            }
            Self::Name(name, wanted) => {
                let below = host.strip_suffix(name.as_str());
                let fits = below.is_some_and(|below| below.is_empty() || below.ends_with('.'));
                same_port(wanted) && fits
            }
        }
    }
}

fn bare(address: &str) -> &str {
    address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address)
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let address = address.to_canonical();
    let unlike = width(network).saturating_sub(bits);
    let shifted = |address| number(address).checked_shr(unlike).unwrap_or(0);
    address.is_ipv4() == network.is_ipv4() && shifted(address) == shifted(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::read(|name| {
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

    #[test]
    fn no_proxy_knows_suffixes_addresses_networks_and_ports() {
        let past = |list: &'static str, host: &str, port| {
            let past = list.split([',', ' ']).filter_map(Pattern::parse).collect();
            Environment { past, ..Environment::default() }.goes_past(host, port)
        };
        for (list, host, port, expected) in [
            ("*", "anything", 80, true),
            ("example.com", "example.com", 80, true),
            ("example.com", "API.Example.com.", 443, true),
            ("example.com", "badexample.com", 80, false),
            (".example.com, other", "api.example.com", 80, true),
            ("*.example.com", "api.example.com", 80, true),
            ("example.com:8080", "example.com", 80, false),
            ("example.com:8080", "example.com", 8080, true),
            ("10.0.0.0/8", "10.200.1.1", 80, true),
            ("10.0.0.0/8", "11.0.0.1", 80, false),
            ("10.0.0.0/8", "10.example.com", 80, false),
            ("127.0.0.1", "127.0.0.1", 80, true),
            ("127.0.0.1:1", "127.0.0.1", 80, false),
            ("::1", "[::1]", 80, true),
            ("fd00::/8 ,x", "[fd12::1]", 80, true),
            ("fd00::/8", "[fe80::1]", 80, false),
            ("0.0.0.0/0", "8.8.8.8", 80, true),
            ("bücher.example", "xn--bcher-kva.example", 80, true),
            ("", "h", 80, false),
            ("10.0.0.0/99,,/", "10.0.0.1", 80, false),
        ] {
            assert_eq!(past(list, host, port), expected, "{list:?} and {host}:{port}");
        }
    }
}
