//! The cookies that servers set (RFC 6265bis section 5).

mod date;
mod set_cookie;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use psl::Psl;
use url::Url;

use crate::log::{Secret, Secrets};
use set_cookie::{SetCookie, parse};

/// Maximum number of cookies of a domain. RFC 6265bis section 6.1 asks for at least 50.
const MAX_PER_DOMAIN: usize = 60;
/// Maximum number of cookies in a jar. The same section asks for at least 3000.
const MAX_COOKIES: usize = 3000;

/// Maximum number of cookies sent with a request. A host can have many parent domains, each with
/// its own cookies.
const MAX_SENT: usize = 3 * MAX_PER_DOMAIN;

/// The cookies that servers set. A clone shares the values.
#[derive(Clone, Default)]
pub struct Jar {
    /// The cookies, in the order in which they were first set.
    cookies: Vec<StoredCookie>,
}

#[derive(Clone)]
struct StoredCookie {
    name: Arc<str>,
    value: Arc<Secret>,
    domain: String,
    host_only: bool,
    path: String,
    secure: bool,
    expires: Option<SystemTime>,
}

/// A cookie to send with a request.
#[derive(Clone)]
pub struct CookiePair {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Arc<Secret>,
}

impl Jar {
    /// Stores the cookies that a response from `url` sets, and removes those that it expires.
    /// Returns whether the jar has changed.
    pub fn store_from(&mut self, url: &Url, headers: &HeaderMap, now: SystemTime) -> bool {
        let fields = headers.get_all(http::header::SET_COOKIE);
        let cookies = fields.iter().filter_map(|field| std::str::from_utf8(field.as_bytes()).ok());
        let mut changed = false;
        for cookie in cookies.filter_map(|text| parse(text, now)) {
            changed |= self.set(url, cookie, now);
        }
        changed
    }

    fn set(&mut self, url: &Url, cookie: SetCookie, now: SystemTime) -> bool {
        let Some(new) = to_stored(url, cookie) else { return false };
        let same = |other: &StoredCookie| {
            *other.name == *new.name && other.domain == new.domain && other.path == new.path
        };
        // RFC 6265bis section 5.7: a response without TLS does not replace a cookie that was set
        // over TLS.
        let is_protected = |other: &StoredCookie| {
            let same_site = domain_matches(&other.domain, &new.domain)
                || domain_matches(&new.domain, &other.domain);
            other.secure
                && *other.name == *new.name
                && same_site
                && path_matches(&new.path, &other.path)
        };
        if url.scheme() != "https" && self.cookies.iter().any(is_protected) {
            return false;
        }
        let index = self.cookies.iter().position(same);
        if new.expires.is_some_and(|expires| expires <= now) {
            return index.map(|index| self.cookies.remove(index)).is_some();
        }
        if let Some(old) = index.and_then(|index| self.cookies.get_mut(index)) {
            *old = new;
            return true;
        }
        let has_room = self.make_room(&new, now);
        if has_room {
            self.cookies.push(new);
        }
        has_room
    }

    /// Makes room for a new cookie (RFC 6265bis section 5.7). `false` if only secure cookies could
    /// be removed and the new one is not secure.
    fn make_room(&mut self, new: &StoredCookie, now: SystemTime) -> bool {
        self.cookies.retain(|cookie| cookie.expires.is_none_or(|expires| expires > now));
        let of_domain = |cookie: &StoredCookie| cookie.domain == new.domain;
        let is_full =
            self.cookies.iter().filter(|cookie| of_domain(cookie)).count() >= MAX_PER_DOMAIN;
        (!is_full || self.evict(new.secure, of_domain))
            && (self.cookies.len() < MAX_COOKIES || self.evict(new.secure, |_| true))
    }

    /// Removes the first of these cookies that is not secure. If there is none and `also_secure` is
    /// set, removes the first secure one.
    fn evict(&mut self, also_secure: bool, among: impl Fn(&StoredCookie) -> bool) -> bool {
        let first = |secure| self.cookies.iter().position(|one| one.secure == secure && among(one));
        let first = first(false).or_else(|| first(true).filter(|_| also_secure));
        first.map(|index| self.cookies.remove(index)).is_some()
    }

    /// The cookies for a request to a URL, longest paths first (RFC 6265 section 5.4).
    #[must_use]
    pub fn for_url(&self, url: &Url, now: SystemTime) -> Vec<CookiePair> {
        let Some(host) = url.host_str() else { return Vec::new() };
        let secure = url.scheme() == "https";
        let is_sent = |cookie: &&StoredCookie| {
            let host_matches = if cookie.host_only {
                cookie.domain == host
            } else {
                domain_matches(host, &cookie.domain)
            };
            host_matches
                && path_matches(url.path(), &cookie.path)
                && (secure || !cookie.secure)
                && cookie.expires.is_none_or(|expires| expires > now)
        };
        let mut cookies: Vec<&StoredCookie> = self.cookies.iter().filter(is_sent).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        cookies.truncate(MAX_SENT);
        let to_pair = |cookie: &StoredCookie| CookiePair {
            name: cookie.name.clone(),
            value: cookie.value.clone(),
        };
        cookies.into_iter().map(to_pair).collect()
    }

    /// Adds the values that must not appear in texts.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        self.cookies.iter().for_each(|cookie| secrets.add_shared_cookie(&cookie.value));
    }

    /// Whether there are no cookies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }
}

/// The cookie to store (RFC 6265 section 5.3); `None` if the rules forbid it.
fn to_stored(url: &Url, cookie: SetCookie) -> Option<StoredCookie> {
    let host = url.host_str()?;
    let secure_origin = url.scheme() == "https";
    let (domain, host_only) = match cookie.domain.as_deref() {
        None => (host.to_owned(), true),
        Some(domain) if domain == host => {
            (host.to_owned(), is_public_suffix(domain) || is_ip_address(host))
        }
        Some(domain) if domain_matches(host, domain) && !is_public_suffix(domain) => {
            (domain.to_owned(), false)
        }
        Some(_) => return None,
    };
    // RFC 6265bis section 4.1.3: a prefix of the name requires attributes.
    let lower_case = cookie.name.to_ascii_lowercase();
    let prefix_allows = if lower_case.starts_with("__host-") {
        cookie.secure && host_only && cookie.path.as_deref() == Some("/")
    } else {
        cookie.secure || !lower_case.starts_with("__secure-")
    };
    let path = cookie.path.unwrap_or_else(|| default_path(url.path()));
    (prefix_allows && (secure_origin || !cookie.secure)).then(|| StoredCookie {
        name: cookie.name.into(),
        value: Arc::new(Secret::from(cookie.value)),
        domain,
        host_only,
        path,
        secure: cookie.secure,
        expires: cookie.expires,
    })
}

/// Whether a host is in a domain (RFC 6265 section 5.1.3).
fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || (host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            && !is_ip_address(host))
}

fn is_ip_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<IpAddr>().is_ok()
}

/// Whether the public suffix list contains this name. Unrelated parties have names below it, and a
/// cookie for it would reach them all.
fn is_public_suffix(domain: &str) -> bool {
    // A name may end with the dot of the root.
    let name = domain.strip_suffix('.').unwrap_or(domain);
    let is_whole = |suffix: psl::Suffix<'_>| suffix.as_bytes().len() == name.len();
    name.split('.').any(str::is_empty) || psl::List.suffix(name.as_bytes()).is_none_or(is_whole)
}

/// Whether a path is below the path of a cookie (RFC 6265 section 5.1.4).
fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// The default path: the directory of the requested path (RFC 6265 section 5.1.4).
fn default_path(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((directory, _)) if !directory.is_empty() => directory.to_owned(),
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests;
