//! Redirects: their target, and which parts of the request follow.

use sac::auth::Digest;
use sac::client::Client;
use sac::code::Code;
use sac::request::Request;
use sac::settings::Change;

use crate::support::*;

fn redirect(status: u16, to: &str) -> Action {
    respond(status, &[("Location", to)], "elsewhere")
}

/// A server that redirects `/from` to `to` and responds to every other request with `{}`.
fn redirecting(status: u16, to: &str) -> Server {
    let to = to.to_owned();
    Server::start(move |received| match received.path() {
        "/from" => redirect(status, &to),
        _ => respond(200, &[], "{}"),
    })
}

fn with_body(method: &str) -> Request {
    let mut request = request(method, "/from");
    request.set_json("{\"quantity\": 2}").unwrap();
    request
}

#[test]
fn method_and_body_follow_the_table_of_rfc_9110() {
    let rows = [
        (301, "GET", "GET", true),
        (302, "GET", "GET", true),
        (303, "GET", "GET", true),
        (307, "GET", "GET", true),
        (308, "GET", "GET", true),
        (301, "POST", "GET", false),
        (302, "POST", "GET", false),
        (303, "POST", "GET", false),
        (307, "POST", "POST", true),
        (308, "POST", "POST", true),
        (301, "PUT", "PUT", true),
        (303, "PUT", "GET", false),
        (303, "DELETE", "GET", false),
        (303, "HEAD", "HEAD", true),
        // RFC 10008 section 2.5.
        (301, "QUERY", "QUERY", true),
        (302, "QUERY", "QUERY", true),
        (303, "QUERY", "GET", false),
        (308, "QUERY", "QUERY", true),
    ];
    for (status, from, to, keeps_body) in rows {
        let server = redirecting(status, "/to?page=2");
        let response = client(&server.url(), &[]).send(&with_body(from));
        assert_eq!(response.code(), Code::Ok, "{status} {from}: {}", error_of(&response));
        assert_eq!(response.attempts(), 1, "redirects do not count as attempts");
        let received = server.finish().requests;
        assert_eq!(received.len(), 2, "{status} {from}");
        assert_eq!(
            (received[1].method(), received[1].path()),
            (to, "/to?page=2"),
            "{status} {from}"
        );
        assert_eq!(received[0].body, b"{\"quantity\": 2}", "{status} {from}");
        let expected: &[u8] = if keeps_body { &received[0].body } else { b"" };
        assert_eq!(received[1].body, expected, "{status} {from}");
        let type_ = received[1].field("content-type");
        assert_eq!(type_, keeps_body.then_some("application/json"), "{status} {from}");
    }
}

#[test]
fn redirects_are_followed_up_to_the_limit() {
    let endless = || Server::start(|received| redirect(302, &format!("{}x", received.path())));
    let three = [Change::Redirects(3)];
    let server = endless();
    let response = get(&client(&server.url(), &three), "/");
    assert_eq!((response.code(), response.attempts()), (Code::Redirect, 1));
    assert!(error_of(&response).ends_with(": more than 3 redirects"), "{}", error_of(&response));
    assert_eq!(server.finish().requests.len(), 4);

    let server = Server::script([redirect(302, "/1"), redirect(302, "/2"), redirect(302, "/3")]);
    let mut request = request("GET", "/");
    request.change(Change::Redirects(2)).unwrap();
    assert_eq!(client(&server.url(), &[]).send(&request).code(), Code::Redirect);

    let server = endless();
    let response = get(&client(&server.url(), &[Change::Redirects(0)]), "/");
    assert_eq!((response.code(), response.status()), (Code::Ok, 302), "the redirect itself");
    assert_eq!(response.fields().get("location"), Some(c"/x"));
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn a_redirect_error_is_not_retried() {
    let server = redirecting(302, "ftp://elsewhere/");
    let client = client(&server.url(), &[Change::RetryAttempts(3)]);
    let response = get(&client, "/from");
    assert_eq!((response.code(), response.status()), (Code::Redirect, 302));
    assert_eq!(server.finish().requests.len(), 1);
}

/// Header fields with a secret each.
const SECRETS: [(&str, &str); 5] = [
    ("X-Api-Key", "secret-one"),
    ("X-Access-Token", "secret-two"),
    ("Client-Secret", "secret-three"),
    ("X-Auth", "secret-four"),
    ("Proxy-Authorization", "secret-five"),
];

fn with_secrets(url: &str) -> (Client, Request) {
    let client = client(url, &[]);
    client.add_bearer("secret-seven").unwrap();
    client.add_cookie("tasty", "secret-eight").unwrap();
    let key = "secret-nine-and-long-enough";
    client.add_signed_cookie("signed", "{}", "a", key, Digest::Sha256).unwrap();
    client.add_header("X-Unknown", "value").unwrap();
    for (name, value) in SECRETS {
        client.add_header(name, value).unwrap();
    }
    let mut request = request("POST", "/from");
    request.set_idempotency_key("order-4711").unwrap();
    request.set_body("text/plain", b"payload").unwrap();
    (client, request)
}

/// The credentials that a request carries.
fn credentials(received: &ReceivedRequest) -> Vec<&str> {
    let named = SECRETS.iter().map(|(name, _)| *name);
    let others = ["Authorization", "Cookie", "Idempotency-Key"];
    named.chain(others).filter(|name| received.field(name).is_some()).collect()
}

#[test]
fn a_redirect_to_another_origin_removes_all_credentials() {
    let other = Server::always(respond(200, &[], "{}"));
    let server = redirecting(307, &format!("{}/to", other.url()));
    let (client, request) = with_secrets(&server.url());
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));

    let first = &server.finish().requests[0];
    assert_eq!(credentials(first).len(), 8, "the first request has all of them: {}", first.head);
    assert!(first.field("cookie").unwrap().contains("signed="), "{}", first.head);
    let second = &other.finish().requests[0];
    assert_eq!(credentials(second), Vec::<&str>::new(), "{}", second.head);
    assert!(!second.head.contains("secret"), "{}", second.head);
    assert_eq!(second.field("x-unknown"), None, "{}", second.head);
    assert_eq!(second.field("accept"), Some("application/json"));
    assert_eq!(second.field("content-type"), Some("text/plain"));
    assert_eq!(second.body, b"payload", "307 keeps the body");
}

#[test]
fn a_redirect_within_the_origin_keeps_the_credentials() {
    let server = redirecting(307, "/to");
    let (client, request) = with_secrets(&server.url());
    assert_eq!(client.send(&request).code(), Code::Ok);
    let received = server.finish().requests;
    assert_eq!(credentials(&received[1]), credentials(&received[0]));
    assert_eq!(
        received[1].field("cookie"),
        received[0].field("cookie"),
        "one signature for one attempt"
    );
}

#[test]
fn a_redirect_back_to_the_origin_does_not_restore_the_credentials() {
    let other =
        Server::start(|received| redirect(307, received.path().strip_prefix("/to=").unwrap()));
    let server = Server::start({
        let other = other.url();
        move |received| match received.path() {
            "/from" => redirect(
                307,
                &format!("{other}/to=http://{}/back", received.field("host").unwrap()),
            ),
            _ => respond(200, &[], "{}"),
        }
    });
    let (client, request) = with_secrets(&server.url());
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    let back = &server.finish().requests[1];
    assert_eq!(back.path(), "/back");
    assert_eq!(credentials(back), Vec::<&str>::new(), "{}", back.head);
}

#[test]
fn the_callers_host_field_is_not_sent_to_another_origin() {
    let other = Server::always(respond(200, &[], "{}"));
    let server = redirecting(302, &format!("{}/to", other.url()));
    let client = client(&server.url(), &[]);
    client.add_header("Host", "shop.example").unwrap();
    assert_eq!(get(&client, "/from").code(), Code::Ok);
    assert_eq!(server.finish().requests[0].field("host"), Some("shop.example"));
    let address = other.address.to_string();
    assert_eq!(other.finish().requests[0].field("host"), Some(address.as_str()));
}

#[test]
fn a_retry_starts_at_the_first_url_with_all_credentials() {
    let other = Server::script([respond(503, &[], ""), respond(200, &[], "{}")]);
    let server = redirecting(302, &format!("{}/to", other.url()));
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    client.add_bearer("token-of-the-first").unwrap();
    let response = get(&client, "/from");
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{}", error_of(&response));
    let received = server.finish().requests;
    assert_eq!(received.len(), 2);
    assert!(received.iter().all(|received| received.field("authorization").is_some()));
    assert!(
        other.finish().requests.iter().all(|received| received.field("authorization").is_none())
    );
}

/// The server has processed the POST, and only the next page is missing. A second POST might be
/// processed again.
#[test]
fn a_post_whose_redirect_fails_is_not_sent_again() {
    let port = RefusingPort::new();
    let server = redirecting(303, &port.url());
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let response = client.send(&with_body("POST"));
    assert_eq!((response.code(), response.attempts()), (Code::Connect, 1));
    assert!(clock.waits().is_empty(), "{:?}", clock.waits());
    assert_eq!(server.finish().requests.len(), 1);
}

/// The other origin does not get the key, so it cannot recognise a second POST.
#[test]
fn a_post_whose_key_was_removed_by_a_redirect_is_not_sent_again() {
    let other = Server::always(Action::close());
    let server = redirecting(307, &format!("{}/to", other.url()));
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    let mut post = with_body("POST");
    post.set_idempotency_key("order-4711").unwrap();
    let response = client.send(&post);
    assert_eq!((response.code(), response.attempts()), (Code::Closed, 1));
    assert!(clock.waits().is_empty(), "{:?}", clock.waits());
    assert_eq!(other.finish().requests.len(), 1);
}

/// A request without its `Expect` is the same request, and no redirect.
#[test]
fn a_request_that_is_sent_again_does_not_count_as_a_redirect() {
    let server = Server::start(|received| match (received.path(), received.field("expect")) {
        ("/from", Some(_)) => respond(417, &[], "{}"),
        ("/from", None) => respond(307, &[("Location", "/to")], ""),
        _ => respond(200, &[], "{}"),
    });
    let client = client(&server.url(), &[Change::Redirects(1)]);
    let mut post = request("POST", "/from");
    post.set_json("{}").unwrap();
    post.set_header("Expect", "100-continue").unwrap();
    let response = client.send(&post);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    let paths: Vec<_> =
        server.finish().requests.iter().map(|sent| sent.path().to_owned()).collect();
    assert_eq!(paths, ["/from", "/from", "/to"]);
}
