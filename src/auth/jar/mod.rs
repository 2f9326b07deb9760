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

/// RFC 6265bis section 6.1 asks for at least 50 for a host.
const MAX_PER_DOMAIN: usize = 60;
/// The same for all of them.
const MAX_COOKIES: usize = 3000;

/// And with one request go so many: the domains above a host have their own, and there can be many.
const MOST_SENT: usize = 3 * MAX_PER_DOMAIN;

/// Cookies with what decides where they go. Copying it is cheap for what it is: values are shared.
#[derive(Clone, Default)]
pub struct Jar {
    /// In the order in which they were first set.
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

/// A cookie that goes with a request.
#[derive(Clone)]
pub struct CookiePair {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Arc<Secret>,
}

impl Jar {
    /// Takes what the answer from a URL sets, and lets go of what it takes back. Returns whether
    /// anything has changed.
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
        let Some(held) = to_stored(url, cookie) else { return false };
        let same = |other: &StoredCookie| {
            *other.name == *held.name && other.domain == held.domain && other.path == held.path
        };
        // RFC 6265bis section 5.7: what was set over TLS is not replaced without it.
        let overlay = |other: &StoredCookie| {
            let hosts = domain_matches(&other.domain, &held.domain)
                || domain_matches(&held.domain, &other.domain);
            other.secure
                && *other.name == *held.name
                && hosts
                && path_matches(&held.path, &other.path)
        };
        if url.scheme() != "https" && self.cookies.iter().any(overlay) {
            return false;
        }
        let place = self.cookies.iter().position(same);
        if held.expires.is_some_and(|expires| expires <= now) {
            return place.map(|place| self.cookies.remove(place)).is_some();
        }
        if let Some(place) = place.and_then(|place| self.cookies.get_mut(place)) {
            *place = held;
            return true;
        }
        let room = self.make_room(&held, now);
        if room {
            self.cookies.push(held);
        }
        room
    }

    /// Makes room for one more (RFC 6265bis section 5.7); false where that would cost a secure cookie
    /// its place and this one is not secure.
    fn make_room(&mut self, new: &StoredCookie, now: SystemTime) -> bool {
        self.cookies.retain(|held| held.expires.is_none_or(|expires| expires > now));
        let of_domain = |held: &StoredCookie| held.domain == new.domain;
        let crowded = self.cookies.iter().filter(|held| of_domain(held)).count() >= MAX_PER_DOMAIN;
        (!crowded || self.evict(new.secure, of_domain))
            && (self.cookies.len() < MAX_COOKIES || self.evict(new.secure, |_| true))
    }

    /// Lets go of the first of these that is not secure, else, where those may go too, of the first
    /// that is.
    fn evict(&mut self, secure_ones_too: bool, among: impl Fn(&StoredCookie) -> bool) -> bool {
        let first = |secure| self.cookies.iter().position(|one| one.secure == secure && among(one));
        let first = first(false).or_else(|| first(true).filter(|_| secure_ones_too));
        first.map(|place| self.cookies.remove(place)).is_some()
    }

    /// The cookies for a request to a URL, those with the longest path first (RFC 6265 section 5.4).
    #[must_use]
    pub fn for_url(&self, url: &Url, now: SystemTime) -> Vec<CookiePair> {
        let Some(host) = url.host_str() else { return Vec::new() };
        let secure = url.scheme() == "https";
        let goes = |held: &&StoredCookie| {
            let host_fits = if held.host_only {
                held.domain == host
            } else {
                domain_matches(host, &held.domain)
            };
            host_fits
                && path_matches(url.path(), &held.path)
                && (secure || !held.secure)
                && held.expires.is_none_or(|expires| expires > now)
        };
        let mut going: Vec<&StoredCookie> = self.cookies.iter().filter(goes).collect();
        going.sort_by_key(|held| std::cmp::Reverse(held.path.len()));
        going.truncate(MOST_SENT);
        let kept =
            |held: &StoredCookie| CookiePair { name: held.name.clone(), value: held.value.clone() };
        going.into_iter().map(kept).collect()
    }

    /// Adds what must never be seen.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        self.cookies.iter().for_each(|held| secrets.add_shared_cookie(&held.value));
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }
}

/// The cookie as it is kept (RFC 6265 section 5.3); `None` where it is not to be.
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
    // RFC 6265bis section 4.1.3: the names promise what the attributes must then keep.
    let promise = cookie.name.to_ascii_lowercase();
    let keeps_promise = if promise.starts_with("__host-") {
        cookie.secure && host_only && cookie.path.as_deref() == Some("/")
    } else {
        cookie.secure || !promise.starts_with("__secure-")
    };
    let path = cookie.path.unwrap_or_else(|| default_path(url.path()));
    (keeps_promise && (secure_origin || !cookie.secure)).then(|| StoredCookie {
        name: cookie.name.into(),
        value: Arc::new(Secret::from(cookie.value)),
        domain,
        host_only,
        path,
        secure: cookie.secure,
        expires: cookie.expires,
    })
}

/// RFC 6265 section 5.1.3.
fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || (host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            && !is_ip_address(host))
}

fn is_ip_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<IpAddr>().is_ok()
}

/// Whether strangers may have names below this one: whether it stands in the public suffix list. A
/// cookie for such a name would reach them.
fn is_public_suffix(domain: &str) -> bool {
    // The root has no name; a name may be written with it.
    let name = domain.strip_suffix('.').unwrap_or(domain);
    let whole = |suffix: psl::Suffix<'_>| suffix.as_bytes().len() == name.len();
    name.split('.').any(str::is_empty) || psl::List.suffix(name.as_bytes()).is_none_or(whole)
}

/// RFC 6265 section 5.1.4.
fn path_matches(path: &str, of: &str) -> bool {
    path.strip_prefix(of)
        .is_some_and(|rest| rest.is_empty() || of.ends_with('/') || rest.starts_with('/'))
}

/// RFC 6265 section 5.1.4: the folder of what was asked for.
fn default_path(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder.to_owned(),
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests;
