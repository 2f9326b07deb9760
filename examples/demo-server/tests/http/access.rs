//! Authentication: the bearer token and the signed cookie.

use crate::support::{Response, Server};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use std::time::{SystemTime, UNIX_EPOCH};

#[test]
fn the_token_gives_access_to_the_users() {
    let server = Server::start();
    let user = server.send("GET", "/v1/users/3", &["Authorization: Bearer demo-token"], "");
    assert_eq!(user.status, 200);
    assert_eq!(user.json()["name"], "Karen Spärck Jones");
    let none = server.send("GET", "/v1/users/99", &["Authorization: bearer demo-token"], "");
    assert_eq!((none.status, none.error().as_str()), (404, "there is no user \"99\""));
}

#[test]
fn without_the_token_the_response_is_a_401_with_a_challenge() {
    let server = Server::start();
    let without = server.get("/v1/users/1");
    assert_eq!(without.status, 401);
    assert_eq!(without.error(), "a bearer token is needed");
    assert_eq!(without.header("www-authenticate"), r#"Bearer realm="demo""#);
    for wrong in ["Bearer demo-tokem", "Bearer", "Basic demo-token", "Bearer demo-token x"] {
        let response = server.send("GET", "/v1/users/1", &[&format!("Authorization: {wrong}")], "");
        assert_eq!(response.status, 401, "{wrong}");
        assert!(response.header("www-authenticate").contains("invalid_token"), "{wrong}");
    }
}

#[test]
fn the_token_server_issues_the_token_of_the_users() {
    let server = Server::start();
    let form = "Content-Type: application/x-www-form-urlencoded";
    let basic = "Authorization: Basic ZGVtby1hcHA6ZGVtby1zZWNyZXQ=";
    let answer = server.send("POST", "/v1/token", &[form, basic], "grant_type=client_credentials");
    assert_eq!((answer.status, &answer.json()["access_token"]), (200, &"demo-token".into()));
    let known = "client_id=demo-app&client_secret=demo-secret&grant_type=";
    let refresh = format!("{known}refresh_token&refresh_token=demo-refresh");
    let answer = server.send("POST", "/v1/token", &[form], &refresh);
    assert_eq!(answer.json()["refresh_token"], "demo-refresh-1");
    for (body, status, error) in [
        ("grant_type=client_credentials".to_owned(), 401, "invalid_client"),
        (format!("{known}password"), 400, "unsupported_grant_type"),
        (format!("{known}refresh_token&refresh_token=x"), 400, "invalid_grant"),
    ] {
        let answer = server.send("POST", "/v1/token", &[form], &body);
        assert_eq!((answer.status, answer.error().as_str()), (status, error));
    }
}

#[test]
fn a_new_signed_cookie_gives_access_to_the_session() {
    let server = Server::start();
    let payload = r#"{"user": "ada", "note": "a\u003b b", "key_id": "demo-service"}"#;
    let response = session(&server, &quoted(&signed(payload, now())));
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.json()["data"], serde_json::json!({ "user": "ada", "note": "a; b" }));
    assert_eq!(response.json()["key_id"], "demo-service");
}

#[test]
fn an_untrusted_cookie_gives_a_401_with_the_reason() {
    let server = Server::start();
    let good = r#"{"user": "ada", "key_id": "demo-service"}"#;
    let cases = [
        (signed(good, now() - 60), "the session cookie has expired"),
        (signed(good, now() + 60), "the session cookie was signed in the future"),
        (signed(good, now()).replace("ada", "eve"), "the session cookie's signature is wrong"),
        (
            signed(r#"{"user": "ada", "key_id": "another"}"#, now()),
            "the session cookie names an unknown key",
        ),
        (signed(r#""ada""#, now()), "the session cookie is not a signed JSON value"),
        ("nonsense".to_owned(), "the session cookie is not a signed JSON value"),
    ];
    for (cookie, reason) in cases {
        let response = session(&server, &quoted(&cookie));
        assert_eq!((response.status, response.error().as_str()), (401, reason), "{cookie}");
        assert!(response.header("www-authenticate").starts_with("Cookie "), "{cookie}");
    }
    assert_eq!(server.get("/v1/session").error(), "a session cookie is needed");
}

fn session(server: &Server, cookie: &str) -> Response {
    let field = format!("Cookie: theme=dark; session={cookie}; last=1");
    server.send("GET", "/v1/session", &[&field], "")
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

fn signed(payload: &str, seconds: u64) -> String {
    let seconds = seconds.to_be_bytes();
    let first = seconds.iter().position(|byte| *byte != 0).unwrap();
    let value = format!("{payload}.{}", URL_SAFE_NO_PAD.encode(&seconds[first..]));
    let key = Sha1::digest("itsdangerous.Signersignerdemo-key: no secret, £0 worth");
    let mac = Hmac::<Sha1>::new_from_slice(&key).unwrap().chain_update(&value).finalize();
    format!("{value}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
