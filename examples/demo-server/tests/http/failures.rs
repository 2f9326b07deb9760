//! Failures, and responses that are not plain JSON.

use crate::support::Server;
use flate2::read::GzDecoder;
use std::io::Read;

#[test]
fn each_key_is_limited_once() {
    let server = Server::start();
    for key in ["a", "b"] {
        let first = server.get(&format!("/v1/limited?key={key}"));
        assert_eq!((first.status, first.header("retry-after")), (429, "1"), "{key}");
        assert_eq!(first.error(), "too many requests, come back later");
        assert_eq!(server.get(&format!("/v1/limited?key={key}")).status, 200, "{key}");
        assert_eq!(server.get(&format!("/v1/limited?key={key}")).status, 200, "{key}");
    }
    assert_eq!(server.get("/v1/limited").status, 400, "a request without a key is accepted");
}

#[test]
fn each_key_is_flaky_twice() {
    let server = Server::start();
    let statuses = [(); 4].map(|()| server.get("/v1/flaky?key=a").status);
    assert_eq!(statuses, [503, 503, 200, 200]);
    assert_eq!(server.get("/v1/flaky?key=").status, 400, "a request with an empty key is accepted");
}

#[test]
fn always_limited_sends_the_requested_delay() {
    let server = Server::start();
    let usual = server.get("/v1/always-limited");
    assert_eq!((usual.status, usual.header("retry-after")), (429, "1"));
    assert_eq!(server.get("/v1/always-limited?retry_after=3600").header("retry-after"), "3600");
}

#[test]
fn damaged_json_has_the_content_type_of_json_but_is_not_json() {
    let server = Server::start();
    for kind in ["commas", "quotes", "truncated", "html"] {
        let response = server.get(&format!("/v1/damaged?kind={kind}"));
        assert_eq!((response.status, response.header("content-type")), (200, "application/json"));
        let parsed: Result<serde_json::Value, _> = serde_json::from_slice(&response.body);
        assert!(parsed.is_err(), "{kind} is well-formed: {}", response.text());
    }
    assert_eq!(server.get("/v1/damaged?kind=other").status, 400);
}

#[test]
fn a_bad_gateway_sends_html() {
    let response = Server::start().get("/v1/bad-gateway");
    assert_eq!(
        (response.status, response.header("content-type")),
        (502, "text/html; charset=utf-8")
    );
    assert!(response.text().contains("<h1>502 Bad Gateway</h1>"));
}

#[test]
fn slow_sends_a_response_after_the_delay() {
    let server = Server::start();
    assert_eq!(server.get("/v1/slow?ms=1").json()["slept_ms"], 1);
    assert_eq!(server.get("/v1/slow?ms=soon").status, 400);
}

#[test]
fn the_redirect_leads_to_the_items() {
    let response = Server::start().get("/v1/redirect");
    assert_eq!((response.status, response.header("location")), (302, "/v1/items"));
}

#[test]
fn gzip_is_used_if_it_is_accepted() {
    let server = Server::start();
    let coded = server.send("GET", "/v1/gzip", &["Accept-Encoding: gzip"], "");
    assert_eq!(coded.header("content-encoding"), "gzip");
    let mut text = String::new();
    GzDecoder::new(coded.body.as_slice()).read_to_string(&mut text).unwrap();
    assert!(text.contains("\"gzipped\":true") && text.len() > 10 * coded.body.len());
    let plain = server.get("/v1/gzip");
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "Accept-Encoding"));
    assert_eq!(plain.json()["gzipped"], false);
}

#[test]
fn the_picture_is_a_png() {
    let picture = Server::start().get("/v1/picture.png");
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert!(picture.body.starts_with(b"\x89PNG\r\n\x1a\n"), "{:?}", &picture.body[..8]);
}
