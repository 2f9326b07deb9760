//! Which cookies the jar stores, and to which URLs it sends them.

#![allow(clippy::arithmetic_side_effects)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, header};
use url::Url;

use super::*;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn jar(url: &str, fields: &[&str]) -> Jar {
    let mut jar = Jar::default();
    set(&mut jar, url, fields);
    jar
}

fn set(jar: &mut Jar, url: &str, fields: &[&str]) {
    let mut headers = HeaderMap::new();
    for field in fields {
        headers.append(header::SET_COOKIE, HeaderValue::from_str(field).unwrap());
    }
    jar.store_from(&Url::parse(url).unwrap(), &headers, now());
}

fn sent(jar: &Jar, url: &str) -> String {
    sent_at(jar, url, now())
}

fn sent_at(jar: &Jar, url: &str, now: SystemTime) -> String {
    let cookies = jar.for_url(&Url::parse(url).unwrap(), now);
    let pairs: Vec<_> =
        cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value.expose())).collect();
    pairs.join("; ")
}

#[test]
fn a_cookie_goes_to_its_host_and_with_a_domain_also_to_subdomains() {
    let jar = jar("http://a.example.com/", &["own=1", "wide=2; Domain=.Example.com"]);
    assert_eq!(sent(&jar, "http://a.example.com/"), "own=1; wide=2");
    assert_eq!(sent(&jar, "http://b.example.com/"), "wide=2");
    assert_eq!(sent(&jar, "http://example.com:8080/"), "wide=2");
    assert_eq!(sent(&jar, "http://badexample.com/"), "");
}

#[test]
fn a_cookie_for_another_site_or_a_public_suffix_is_refused() {
    for (url, field) in [
        ("http://a.example.com/", "x=1; Domain=other.com"),
        ("http://a.example.com/", "x=1; Domain=b.example.com"),
        ("http://a.example.com/", "x=1; Domain=com"),
        ("http://a.co.uk/", "x=1; Domain=co.uk"),
        ("http://evil.com./", "x=1; Domain=com."),
        ("http://evil.com./", "x=1; Domain=.com."),
        ("http://evil.com./", "x=1; Domain=com"),
        ("http://evil.com./", "x=1; Domain=evil.com"),
        ("http://evil.com/", "x=1; Domain=com."),
        ("http://evil.com../", "x=1; Domain=com.."),
        ("http://a.co.uk./", "x=1; Domain=co.uk."),
        ("http://a.github.io/", "x=1; Domain=github.io"),
        ("http://a.b.kawasaki.jp/", "x=1; Domain=b.kawasaki.jp"),
        ("http://a.xn--55qx5d.cn/", "x=1; Domain=xn--55qx5d.cn"),
        ("http://a.never-listed/", "x=1; Domain=never-listed"),
        ("http://127.0.0.1/", "x=1; Domain=0.0.1"),
    ] {
        assert!(jar(url, &[field]).is_empty(), "{field} of {url}");
    }
    let local = jar("http://localhost/", &["x=1; Domain=localhost"]);
    assert_eq!(sent(&local, "http://localhost/"), "x=1");
    assert_eq!(sent(&local, "http://a.localhost/"), "");
}

#[test]
fn a_host_that_ends_with_a_dot_is_a_different_host() {
    let jar = jar("http://a.example.com./", &["own=1", "wide=2; Domain=example.com."]);
    assert_eq!(sent(&jar, "http://a.example.com./"), "own=1; wide=2");
    assert_eq!(sent(&jar, "http://b.example.com./"), "wide=2");
    assert_eq!(sent(&jar, "http://a.example.com/"), "");
    assert_eq!(sent(&jar, "http://bank.com./"), "");
}

#[test]
fn a_domain_below_a_public_suffix_shares_its_cookies() {
    for (url, domain) in [
        ("http://a.b.co.uk/", "b.co.uk"),
        ("http://a.user.github.io/", "user.github.io"),
        ("http://a.city.kawasaki.jp/", "city.kawasaki.jp"),
        ("http://a.app.never-listed/", "app.never-listed"),
    ] {
        let jar = jar(url, &[&format!("x=1; Domain={domain}")]);
        assert_eq!(sent(&jar, &format!("http://other.{domain}/")), "x=1", "{domain}");
    }
}

#[test]
fn a_public_suffix_that_is_a_host_gets_host_only_cookies() {
    let jar = jar("http://github.io/", &["x=1; Domain=github.io"]);
    assert_eq!(sent(&jar, "http://github.io/"), "x=1");
    assert_eq!(sent(&jar, "http://evil.github.io/"), "");
}

#[test]
fn a_cookie_goes_to_paths_below_its_own_and_longer_paths_go_first() {
    let jar = jar("http://h/a/b/c", &["all=1; Path=/", "deep=2", "a=3; Path=/a"]);
    assert_eq!(sent(&jar, "http://h/a/b/d"), "deep=2; a=3; all=1");
    assert_eq!(sent(&jar, "http://h/a/bc"), "a=3; all=1");
    assert_eq!(sent(&jar, "http://h/ab"), "all=1");
}

#[test]
fn a_secure_cookie_is_neither_set_nor_sent_without_tls() {
    let mut jar = jar("https://h/", &["s=1; Secure", "p=2"]);
    assert_eq!(sent(&jar, "http://h/"), "p=2");
    assert_eq!(sent(&jar, "https://h/"), "s=1; p=2");
    set(&mut jar, "http://h/", &["s=evil", "t=3; Secure"]);
    assert_eq!(sent(&jar, "https://h/"), "s=1; p=2");
}

#[test]
fn a_cookie_expires_by_max_age_or_date_and_can_be_removed() {
    let mut jar =
        jar("http://h/", &["a=1; Max-Age=60", "d=2; Expires=Tue, 14 Nov 2023 22:15:00 GMT"]);
    assert_eq!(sent(&jar, "http://h/"), "a=1; d=2");
    assert_eq!(sent_at(&jar, "http://h/", now() + Duration::from_secs(61)), "d=2");
    assert_eq!(sent_at(&jar, "http://h/", now() + Duration::from_secs(101)), "");
    set(&mut jar, "http://h/", &["a=; Max-Age=0", "d=; expires=Thu, 01-Jan-1970 00:00:00 GMT"]);
    assert!(jar.is_empty());
}

#[test]
fn a_cookie_set_again_keeps_its_place() {
    let mut jar = jar("http://h/", &["a=1", "b=2"]);
    set(&mut jar, "http://h/", &["a=3"]);
    assert_eq!(sent(&jar, "http://h/"), "a=3; b=2");
}

#[test]
fn a_cookie_with_a_name_prefix_needs_the_required_attributes() {
    let fields = [
        "__Host-a=1; Secure; Path=/",
        "__Host-b=2; Secure; Path=/x",
        "__Host-e=5; Secure",
        "__host-f=6; Secure; Path=/; Domain=h.example",
        "__Secure-c=3",
        "__Secure-d=4; Secure",
    ];
    let jar = jar("https://h.example/", &fields);
    assert_eq!(sent(&jar, "https://h.example/"), "__Host-a=1; __Secure-d=4");
}

#[test]
fn malformed_cookies_are_ignored() {
    let long = format!("a={}", "x".repeat(5000));
    assert!(jar("http://h/", &["", "a", "=b", "; Path=/", &long]).is_empty());
}

#[test]
fn the_number_of_cookies_of_a_domain_is_limited() {
    let mut jar = Jar::default();
    for number in 0..100 {
        set(&mut jar, "http://h/", &[&format!("c{number}=1")]);
    }
    let sent = sent(&jar, "http://h/");
    assert!(sent.starts_with("c40=1; ") && sent.ends_with("c99=1"), "{sent}");
}

/// Sets cookies with these numbers, each by its own response.
fn flood(jar: &mut Jar, url: &str, numbers: std::ops::Range<u32>, attributes: &str) {
    numbers.for_each(|number| set(jar, url, &[&format!("c{number}=1{attributes}")]));
}

#[test]
fn the_number_of_cookies_sent_for_a_host_with_many_parent_domains_is_limited() {
    let mut jar = Jar::default();
    let host = "a.b.c.d.e.example.com";
    for (level, (at, _)) in host.match_indices('.').take(5).enumerate() {
        let domain = &host[at + 1..];
        let fields = (0..60).map(|number| {
            let text = format!("c{level}-{number}=v; Domain={domain}");
            (http::header::SET_COOKIE, http::HeaderValue::try_from(text).unwrap())
        });
        let url = Url::parse(&format!("http://{host}/")).unwrap();
        jar.store_from(&url, &fields.collect(), SystemTime::UNIX_EPOCH);
    }
    let url = Url::parse(&format!("http://{host}/")).unwrap();
    assert_eq!(jar.cookies.len(), 300);
    assert_eq!(jar.for_url(&url, SystemTime::UNIX_EPOCH).len(), 180);
}

#[test]
fn a_server_without_tls_cannot_evict_a_secure_cookie() {
    let mut jar = jar("https://h/", &["s=1; Secure", "p=2"]);
    flood(&mut jar, "http://h/", 0..100, "");
    let cookies = sent(&jar, "https://h/");
    assert!(cookies.starts_with("s=1; c41=1; ") && cookies.ends_with("c99=1"), "{cookies}");

    let mut jar = Jar::default();
    flood(&mut jar, "https://h/", 0..60, "; Secure");
    let all = sent(&jar, "https://h/");
    set(&mut jar, "http://h/", &["evil=1"]);
    assert_eq!(
        sent(&jar, "https://h/"),
        all,
        "a full jar evicts no secure cookie for an insecure one"
    );
    flood(&mut jar, "https://h/", 60..61, "; Secure");
    let cookies = sent(&jar, "https://h/");
    assert!(cookies.starts_with("c1=1; ") && cookies.ends_with("c60=1"), "{cookies}");
}

#[test]
fn many_servers_without_tls_cannot_evict_a_secure_cookie() {
    let mut jar = jar("https://h/", &["s=1; Secure"]);
    for host in 0..60 {
        flood(&mut jar, &format!("http://h{host}/"), 0..60, "");
    }
    assert_eq!(sent(&jar, "https://h/"), "s=1");
    assert_eq!(jar.cookies.len(), MAX_COOKIES);
}

#[test]
fn a_cookie_expires_after_at_most_400_days() {
    let fields = ["a=1; Max-Age=999999999999", "d=2; Expires=Fri, 31 Dec 9999 23:59:59 GMT"];
    let jar = jar("http://h/", &fields);
    let days = |days: u64| now() + Duration::from_secs(days * 24 * 60 * 60);
    assert_eq!(sent_at(&jar, "http://h/", days(399)), "a=1; d=2");
    assert_eq!(sent_at(&jar, "http://h/", days(400)), "");
}

#[test]
fn an_attribute_that_is_too_long_is_ignored() {
    let jar = jar("http://h/a/b", &[&format!("x=1; Path=/{}", "y".repeat(1024))]);
    assert_eq!(sent(&jar, "http://h/a/c"), "x=1");
}

#[test]
fn dates_are_read_in_all_common_formats() {
    let expected = UNIX_EPOCH + Duration::from_secs(784_111_777);
    for text in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "6 nov 1994 8:49:37",
    ] {
        assert_eq!(date::parse(text), Some(expected), "{text}");
    }
    for text in ["", "soon", "06 Nov 1994", "32 Nov 1994 00:00:00", "06 Nov 1994 24:00:00"] {
        assert_eq!(date::parse(text), None, "{text}");
    }
}
