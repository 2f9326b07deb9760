//! AWS Signature Version 4: each request of a call has its own signature, and no other origin gets one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sac::auth::{AwsSigV4, UnsignedRequest};
use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::support::*;

const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const EMPTY: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

fn ok() -> Action {
    respond(200, &[], "{}")
}

fn sign(client: &Client, service: &str) {
    client.set_aws_sigv4("us-east-1", service, KEY_ID, SECRET, Some("t0ken-of-a-session")).unwrap();
}

fn signature(received: &ReceivedRequest) -> Option<&str> {
    received.field("authorization")
}

/// The time in `x-amz-date`.
fn time_of(received: &ReceivedRequest) -> std::time::SystemTime {
    let date = received.field("x-amz-date").unwrap();
    let part = |from: usize, to: usize| &date[from..to];
    let months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months[part(4, 6).parse::<usize>().unwrap() - 1];
    let (year, day) = (part(0, 4), part(6, 8));
    let time = format!("{}:{}:{}", part(9, 11), part(11, 13), part(13, 15));
    let found = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().find_map(|weekday| {
        httpdate::parse_http_date(&format!("{weekday}, {day} {month} {year} {time} GMT")).ok()
    });
    found.unwrap()
}

/// Signs what the server received, and compares.
fn expect_valid(received: &ReceivedRequest, service: &str, sha256: [u8; 32]) {
    let signer = AwsSigV4::new("us-east-1", service, KEY_ID, SECRET, Some("t0ken-of-a-session"));
    let mut headers = HeaderMap::new();
    for name in ["content-type", "x-amz-target", "x-amz-extra"] {
        if let Some(value) = received.field(name) {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
    }
    let host = HeaderValue::from_str(received.field("host").unwrap()).unwrap();
    let request = UnsignedRequest {
        method: &Method::from_bytes(received.method().as_bytes()).unwrap(),
        uri: &format!("http://h{}", received.path()).parse().unwrap(),
        host: &host,
        time: time_of(received),
        sha256: Some(sha256),
    };
    signer.unwrap().sign(&request, &mut headers).unwrap();
    let expected = headers["authorization"].to_str().unwrap();
    assert_eq!(signature(received), Some(expected), "{} {}", received.method(), received.path());
    assert_eq!(received.field("x-amz-security-token"), Some("t0ken-of-a-session"));
}

#[test]
fn each_attempt_and_each_redirect_of_the_same_origin_has_its_own_signature() {
    let server = Server::script([
        respond(503, &[("Retry-After", "2")], ""),
        respond(302, &[("Location", "/to?b=2&a=1")], ""),
        ok(),
    ]);
    let (client, clock) = auto_advance_client(&server.url(), &[Change::RetryAttempts(1)]);
    sign(&client, "execute-api");
    let response = get(&client, "/from");
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!(clock.waits().len(), 1);
    let received = server.finish().requests;
    assert_eq!(received.len(), 3);
    for one in &received {
        expect_valid(one, "execute-api", EMPTY);
    }
    let waited = time_of(&received[1]).duration_since(time_of(&received[0])).unwrap();
    assert!(waited >= Duration::from_secs(1), "the retry has the time of the first attempt");
    assert_ne!(signature(&received[1]), signature(&received[2]));
}

#[test]
fn a_redirect_to_another_origin_is_not_signed() {
    let other = Server::always(ok());
    let first = Server::always(respond(307, &[("Location", &other.url())], ""));
    let client = client(&first.url(), &[]);
    sign(&client, "s3");
    assert_eq!(get(&client, "/").code(), Code::Ok);
    assert!(signature(&first.finish().requests[0]).is_some());
    let received = other.finish().requests;
    for name in ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"] {
        assert_eq!(received[0].field(name), None, "{name}");
    }
}

#[test]
fn the_signature_covers_the_body_and_the_fields_of_the_attempt_callback() {
    let server = Server::always(ok());
    let client = client(&server.url(), &[]);
    sign(&client, "dynamodb");
    client.set_attempt_callback(Some(Arc::new(|request| {
        assert!(request.header("authorization").is_none(), "the signature comes afterwards");
        request.set_header("X-Amz-Extra", "from the  callback").is_ok()
    })));
    let mut request = request("POST", "/");
    request.set_header("X-Amz-Target", "DynamoDB_20120810.GetItem").unwrap();
    request.set_header("X-Amz-Date", "19700101T000000Z").unwrap();
    request.set_body("application/x-amz-json-1.0", b"abc").unwrap();
    assert_eq!(client.send(&request).code(), Code::Ok);
    let received = server.finish().requests;
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let mut sha256 = [0; 32];
    for (byte, digits) in sha256.iter_mut().zip(abc.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    }
    expect_valid(&received[0], "dynamodb", sha256);
    let signed = signature(&received[0]).unwrap();
    let names = "content-type;host;x-amz-date;x-amz-extra;x-amz-security-token;x-amz-target";
    assert!(signed.contains(&format!("SignedHeaders={names},")), "{signed}");
}

#[test]
fn other_credentials_replace_it_and_it_replaces_others() {
    let server = Server::always(ok());
    let client = client(&server.url(), &[]);
    let scheme = |client: &Client, own: Option<&str>| {
        let mut request = request("GET", "/");
        if let Some(own) = own {
            request.set_header("Authorization", own).unwrap();
        }
        assert_eq!(client.send(&request).code(), Code::Ok);
    };
    client.add_bearer("t0ken").unwrap();
    sign(&client, "s3");
    scheme(&client, None);
    scheme(&client, Some("Own credentials"));
    scheme(&client.clone(), None);
    client.add_bearer("t0ken").unwrap();
    scheme(&client, None);
    sign(&client, "s3");
    client.remove_header("authorization").unwrap();
    scheme(&client, None);
    sign(&client, "s3");
    client.reset();
    scheme(&client, None);
    let received = server.finish().requests;
    let schemes: Vec<_> = received
        .iter()
        .map(|one| signature(one).map(|value| value.split(' ').next().unwrap()))
        .collect();
    let aws = Some("AWS4-HMAC-SHA256");
    assert_eq!(schemes, [aws, Some("Own"), aws, Some("Bearer"), None, None]);
}

#[test]
fn a_body_that_can_be_read_only_once_ends_the_call_with_what_to_do() {
    let server = Server::always(ok());
    let (client, _) = auto_advance_client(&server.url(), &[Change::RetryAttempts(3)]);
    sign(&client, "dynamodb");
    let mut once = request("POST", "/");
    once.set_body_callback("text/plain", None, Arc::new(|_| Some(0))).unwrap();
    let response = client.send(&once);
    assert_eq!(response.code(), Code::InvalidArgument);
    assert!(error_of(&response).ends_with("set a rewind callback"), "{}", error_of(&response));
    once.set_header("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD").unwrap();
    assert_eq!(client.send(&once).code(), Code::Ok);
    assert_eq!(server.finish().requests.len(), 1);
}

#[test]
fn no_key_token_or_signature_is_in_an_error_or_in_the_log() {
    let signed = Arc::new(Mutex::new(String::new()));
    let copy = Arc::clone(&signed);
    // The server repeats everything that it received.
    let server = Server::start(move |received| {
        let authorization = received.field("authorization").unwrap();
        let signature = authorization.split("Signature=").nth(1).unwrap();
        signature.clone_into(&mut copy.lock().unwrap());
        let token = received.field("x-amz-security-token").unwrap();
        let message = format!("{authorization} / {signature} / {token} / {SECRET}");
        respond(403, &[], &serde_json::json!({"message": message}).to_string())
    });
    let client = client(&server.url(), &[]);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let sink = Arc::new(move |_, line: &str| sink.lock().unwrap().push(line.to_owned()));
    client.set_logger(Some(sink), sac::log::Level::Trace);
    sign(&client, "s3");
    let response = get(&client, "/");
    let signed = signed.lock().unwrap();
    assert_eq!(signed.len(), 64);
    let mut lines = lines.lock().unwrap().clone();
    assert!(lines.len() >= 2, "{lines:?}");
    lines.push(error_of(&response).to_owned());
    for line in &lines {
        for secret in [KEY_ID, SECRET, "t0ken-of-a-session", &**signed] {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
    assert!(lines.iter().any(|line| line.contains("[redacted]")), "{lines:?}");
}
