//! The base URL: the origin of a client's requests, and the prefix of their paths.

use std::sync::Arc;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use url::Url;

use crate::auth::userinfo::{self, UserInfo};
use crate::code::{Code, Error};
use crate::settings::zone;

use super::path;

/// A parsed base URL, to which a request only has to add its path.
#[derive(Debug, Clone)]
pub struct BaseUrl {
    url: Url,
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
    /// The base path without its last slash; empty for the root.
    path_prefix: String,
    /// The network interface for a link-local address. The library does not send it.
    zone: Option<Arc<str>>,
}

impl BaseUrl {
    /// Parses a base URL. Returns its userinfo separately.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] if it is not an http or https URL with a host, or has a query or a
    /// fragment.
    pub fn parse(text: &str) -> Result<(Self, Option<UserInfo>), Error> {
        if let Some(problem) =
            text.chars().find(|c| c.is_control() || c.is_whitespace() || *c == '\\')
        {
            return Err(invalid_url(&format!("contains the character {problem:?}")));
        }
        let (text, userinfo) =
            userinfo::split(text).ok_or_else(|| invalid_url("has userinfo that is not UTF-8"))?;
        let (url, zone) = parse_with_zone(&text)?;
        let scheme = match url.scheme() {
            "http" => Scheme::HTTP,
            "https" => Scheme::HTTPS,
            _ => return Err(invalid_url("is neither http:// nor https://")),
        };
        // The URL parser, like browsers, accepts any number of slashes before the host.
        let rest = text.get(scheme.as_str().len()..).and_then(|rest| rest.strip_prefix("://"));
        if rest.is_none_or(|rest| rest.starts_with('/')) {
            return Err(invalid_url("has no // and host after its scheme"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid_url("has a query or a fragment, which a base URL must not have"));
        }
        if url.port() == Some(0) {
            return Err(invalid_url("has port 0, which is not valid"));
        }
        let authority = authority(&url)?;
        let host = HeaderValue::from_str(authority.as_str())
            .map_err(|error| invalid_url(&format!("has a host that cannot be used: {error}")))?;
        let path_prefix = url.path().trim_end_matches('/').to_owned();
        Ok((Self { url, scheme, authority, host, path_prefix, zone }, userinfo))
    }

    /// The full URI of a [`target`](super::path::target). `query` is appended to the query of the
    /// target.
    ///
    /// # Errors
    /// [`Code::InvalidPath`] if the URI is longer than 65,534 bytes.
    pub fn join(&self, target: &PathAndQuery, query: &str) -> Result<Uri, Error> {
        let target = if self.path_prefix.is_empty() && query.is_empty() {
            target.clone()
        } else {
            let path = target.as_str();
            let separator = match (query.is_empty(), path.contains('?')) {
                (true, _) => "",
                (false, true) if path.ends_with(['?', '&']) => "",
                (false, true) => "&",
                (false, false) => "?",
            };
            let full = format!("{}{path}{separator}{query}", self.path_prefix);
            path::check_parsed(PathAndQuery::try_from(full))?
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        path::check_parsed(Uri::from_parts(parts))
    }

    /// The path to pass to this client, for a full URL of its origin, or for the path of one.
    ///
    /// # Errors
    /// [`Code::InvalidUrl`] if the URL has another origin, or is not below the base path.
    pub fn path_of(&self, text: &str) -> Result<String, Error> {
        let (url, zone) = if text.starts_with('/') && !text.starts_with("//") {
            (self.url.join(text).map_err(unparsable)?, None)
        } else {
            parse_with_zone(text)?
        };
        // A server does not know the zone, so its links have none.
        let same_zone = zone.is_none() || zone == self.zone;
        if url.origin() != self.url.origin() || !same_zone {
            return Err(invalid_url(&format!(
                "does not have the origin {}",
                self.url.origin().ascii_serialization()
            )));
        }
        let rest = url
            .path()
            .strip_prefix(&self.path_prefix)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let Some(rest) = rest else {
            return Err(invalid_url(&format!("is not below the base path {}/", self.path_prefix)));
        };
        let mut path = if rest.is_empty() { "/".to_owned() } else { rest.to_owned() };
        if let Some(query) = url.query() {
            path.push('?');
            // The only character that a URL may contain here and a path may not.
            path.push_str(&query.replace('\\', "%5C"));
        }
        Ok(path)
    }

    /// The value of the `Host` field (RFC 9110 section 7.2).
    #[must_use]
    pub fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// The network interface for the host, if the URL names one.
    #[must_use]
    pub fn zone(&self) -> Option<&Arc<str>> {
        self.zone.as_ref()
    }

    /// The origin, for example `https://api.example.com`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }
}

fn invalid_url(reason: &str) -> Error {
    Error::new(Code::InvalidUrl, format!("the URL {reason}"))
}

fn unparsable(error: url::ParseError) -> Error {
    invalid_url(&format!("cannot be parsed: {error}"))
}

/// A URL without its zone, and the zone if it has one.
fn parse_with_zone(text: &str) -> Result<(Url, Option<Arc<str>>), Error> {
    match zone::split_zone(text).map_err(invalid_url)? {
        Some((plain, zone)) => Ok((Url::parse(&plain).map_err(unparsable)?, Some(zone))),
        None => Ok((Url::parse(text).map_err(unparsable)?, None)),
    }
}

/// The value of the `Host` field: the host, and the port if it is not the default of the scheme.
fn authority(url: &Url) -> Result<Authority, Error> {
    let host =
        url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| invalid_url("has no host"))?;
    let text = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Authority::try_from(text)
        .map_err(|error| invalid_url(&format!("has a host that cannot be used: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> BaseUrl {
        BaseUrl::parse(text).unwrap().0
    }

    #[test]
    fn a_path_is_appended_to_the_base_path() {
        for (base_url, path, query, full) in [
            ("http://h", "/a", "", "http://h/a"),
            ("http://h/", "/a?b=1", "", "http://h/a?b=1"),
            ("https://h:8443/api/v1/", "/a", "", "https://h:8443/api/v1/a"),
            ("http://h/api", "/a", "x=1", "http://h/api/a?x=1"),
            ("http://h", "/a?b=1", "x=1", "http://h/a?b=1&x=1"),
            ("http://h", "/a?", "x=1", "http://h/a?x=1"),
            ("http://h", "//evil/x", "", "http://h//evil/x"),
            ("https://h:443", "/", "", "https://h/"),
            ("http://[::1]:80", "/", "", "http://[::1]/"),
            ("http://BÜCHER.example", "/", "", "http://xn--bcher-kva.example/"),
        ] {
            let target = path::target(path).unwrap();
            assert_eq!(base(base_url).join(&target, query).unwrap().to_string(), full);
        }
    }

    #[test]
    fn userinfo_is_removed_and_decoded() {
        let (base, userinfo) = BaseUrl::parse("http://us%65r:p%40ss@h/").unwrap();
        let (name, password) = userinfo.unwrap();
        assert_eq!((name.as_str(), password.as_str()), ("user", "p@ss"));
        assert!(!format!("{base:?}").contains("p%40ss"), "{base:?}");
    }

    #[test]
    fn invalid_base_urls_are_refused() {
        for text in [
            "",
            "h",
            "/a",
            "ftp://h",
            "http://",
            "http:h",
            "http:/h",
            "http:///h",
            "http://h?a=1",
            "http://h/#f",
            "http://h:0",
            "http://h:99999",
            "http://a b/",
            "http://h\\x",
            "file:///etc",
            "http://h/\r\nX: 1",
            " http://h",
            "http://[fe80::1%eth0]",
            "http://[::1%25lo]",
        ] {
            let refused = BaseUrl::parse(text).map(|_| ()).unwrap_err();
            assert_eq!(refused.code, Code::InvalidUrl, "{text:?}");
        }
    }

    #[test]
    fn a_full_url_of_the_origin_becomes_the_path_of_a_request() {
        let base = base("https://h/api");
        assert_eq!(base.path_of("https://h/api/items?page=2").unwrap(), "/items?page=2");
        assert_eq!(base.path_of("https://h:443/api/items#f").unwrap(), "/items");
        assert_eq!(base.path_of("/api/items/7").unwrap(), "/items/7");
        assert_eq!(base.path_of("https://h/api").unwrap(), "/");
        assert_eq!(base.path_of("https://h/api/a?b=\\c").unwrap(), "/a?b=%5Cc");
        for other in [
            "http://h/api/x",
            "https://h:444/api/x",
            "https://g/api/x",
            "//h/api/x",
            "https://h/apix",
            "/x",
            "x",
            "",
        ] {
            assert_eq!(base.path_of(other).unwrap_err().code, Code::InvalidUrl, "{other:?}");
        }
    }

    #[test]
    fn a_zone_selects_the_interface_and_is_not_sent() {
        let base = base("http://u:p@[FE80::1%25eth0]:8080/api");
        assert_eq!(base.zone().map(|zone| &**zone), Some("eth0"));
        assert_eq!(base.host(), "[fe80::1]:8080");
        assert_eq!(base.origin(), "http://[fe80::1]:8080");
        let uri = base.join(&path::target("/a").unwrap(), "").unwrap();
        assert_eq!(uri.to_string(), "http://[fe80::1]:8080/api/a");
        for same in ["http://[fe80::1]:8080/api/x", "http://[fe80::1%25eth0]:8080/api/x", "/api/x"]
        {
            assert_eq!(base.path_of(same).unwrap(), "/x", "{same}");
        }
        for other in ["http://[fe80::1%25eth1]:8080/api/x", "http://[fe80::2%25eth0]:8080/api/x"] {
            assert_eq!(base.path_of(other).unwrap_err().code, Code::InvalidUrl, "{other}");
        }
    }

    #[test]
    fn a_uri_that_is_too_long_is_refused() {
        let (target, query) = (path::target("/a").unwrap(), "a".repeat(70_000));
        assert_eq!(base("http://h").join(&target, &query).unwrap_err().code, Code::InvalidPath);
    }
}
