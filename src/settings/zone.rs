//! Zones of link-local addresses in URLs (RFC 6874): `http://[fe80::1%25eth0]/`.
//!
//! A zone selects the network interface of this machine for an address. It has no meaning for
//! others, so the library removes it before it sends or parses the URL.

use std::net::Ipv6Addr;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A URL without its zone, and the zone. The URL may contain a password, so the copy is wiped.
pub type UrlAndZone = (Zeroizing<String>, Arc<str>);

/// Removes the zone from a URL; `None` if it has none.
///
/// # Errors
/// Why the zone is invalid, as the rest of a sentence that begins with "the URL".
pub fn split_zone(url: &str) -> Result<Option<UrlAndZone>, &'static str> {
    let Some((before, address, after)) = split_host_literal(url) else { return Ok(None) };
    let Some((address, zone)) = address.split_once('%') else { return Ok(None) };
    let Some(zone) = zone.strip_prefix("25") else {
        return Err("has a zone after %, which must be %25 in a URL");
    };
    if !address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_unicast_link_local()) {
        return Err("has a zone after an address that is not link-local (fe80::/10)");
    }
    let zone = percent_encoding::percent_decode_str(zone).decode_utf8();
    let zone = zone.ok().filter(|zone| is_interface(zone));
    let Some(zone) = zone else {
        return Err("has a zone that is not the name of a network interface");
    };
    let plain = Zeroizing::new([before, address, after].concat());
    Ok(Some((plain, zone.as_ref().into())))
}

/// Splits a URL with an address in brackets into the part before the address, the address, and the
/// rest.
fn split_host_literal(url: &str) -> Option<(&str, &str, &str)> {
    let start = url.find("://")?.checked_add(3)?;
    let length = url.get(start..)?.find(['/', '\\', '?', '#']);
    let end = length.map_or(Some(url.len()), |length| start.checked_add(length))?;
    let authority = url.get(start..end)?;
    let host = authority.rfind('@').map_or(Some(0), |at| at.checked_add(1))?;
    let from = authority.get(host..)?.strip_prefix('[')?;
    let address = from.get(..from.find(']')?)?;
    let (before, rest) = url.split_at_checked(start.checked_add(host)?.checked_add(1)?)?;
    Some((before, address, rest.get(address.len()..)?))
}

/// Whether Linux allows an interface with this name or number.
fn is_interface(zone: &str) -> bool {
    let is_forbidden =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '%' | '[' | ']');
    !zone.is_empty() && !zone.contains(is_forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(url: &str) -> Option<(String, String)> {
        let parts = split_zone(url).unwrap_or_else(|error| panic!("{url} {error}"));
        parts.map(|(plain, zone)| (plain.to_string(), zone.to_string()))
    }

    #[test]
    fn only_the_zone_is_removed() {
        for (url, plain, zone) in [
            ("http://[fe80::1%25eth0]:8080", "http://[fe80::1]:8080", "eth0"),
            ("https://u:p@[FE80::1%2512]/a?b#[c", "https://u:p@[FE80::1]/a?b#[c", "12"),
            ("http://a:[x]@[febf::%25wlan%2d1]", "http://a:[x]@[febf::]", "wlan-1"),
        ] {
            assert_eq!(split(url), Some((plain.to_owned(), zone.to_owned())), "{url}");
        }
    }

    #[test]
    fn urls_without_a_zone_return_none() {
        for url in [
            "http://h/[fe80::1%25eth0]",
            "http://h\\@[fe80::1%25eth0]",
            "http://h?[fe80::1%25eth0]",
            "http://[fe80::1%25eth0]@h/",
            "http://[::1]:80/%25",
            "http://[fe80::1]",
            "http://[fe80::1%25eth0",
            "h",
            "",
        ] {
            assert_eq!(split(url), None, "{url}");
        }
    }

    #[test]
    fn invalid_zones_are_refused() {
        for (url, reason) in [
            ("http://[fe80::1%eth0]", "%25"),
            ("http://[::1%25lo]", "link-local"),
            ("http://[2001:db8::1%25lo]", "link-local"),
            ("http://[x%25lo]", "link-local"),
            ("http://[fe80::1%25]", "interface"),
            ("http://[fe80::1%25a b]", "interface"),
            ("http://[fe80::1%25a%2fb]", "interface"),
            ("http://[fe80::1%25a%ff]", "interface"),
            ("http://[fe80::1%25a%0d%0aX: 1]", "interface"),
        ] {
            let refused = split_zone(url).unwrap_err();
            assert!(refused.contains(reason), "{url} {refused}");
        }
    }
}
