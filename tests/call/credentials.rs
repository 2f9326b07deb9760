//! The ways to authenticate: each replaces the one before it.

use std::sync::Arc;

use sac::client::Client;
use sac::client::token::NewToken;
use sac::code::Code;
use zeroize::Zeroizing;

use crate::support::*;

type Set = fn(&Client);

/// Each way, with the start of its `Authorization` after a challenge for Digest.
const WAYS: [(&str, Set, &str); 6] = [
    ("bearer", |client| client.add_bearer("fixed-token").unwrap(), "Bearer fixed-token"),
    ("basic", |client| client.add_basic("ada", "hunter22").unwrap(), "Basic "),
    ("digest", |client| client.add_digest("ada", "hunter22").unwrap(), "Digest "),
    ("AWS", |client| sign(client), "AWS4-HMAC-SHA256 "),
    ("tokens", |client| fetch_tokens(client), "Bearer fetched-token"),
    ("none", |client| client.remove_header("Authorization").unwrap(), ""),
];

fn sign(client: &Client) {
    client.set_aws_sigv4("us-east-1", "s3", "AKIDEXAMPLE", "secret-access-key", None).unwrap();
}

fn fetch_tokens(client: &Client) {
    client.set_token_callback(Some(Arc::new(|_| {
        Ok(NewToken { value: Zeroizing::new("fetched-token".to_owned()), lifetime: None })
    })));
}

/// The `Authorization` of the last request of a call.
fn authorization(set: impl FnOnce(&Client)) -> String {
    let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";
    let server = Server::start(move |received| {
        let digest =
            received.field("authorization").is_some_and(|value| value.starts_with("Digest"));
        match digest {
            true => respond(200, &[], "{}"),
            false => respond(401, &[("WWW-Authenticate", challenge)], "{}"),
        }
    });
    let client = client(&server.url(), &[]);
    set(&client);
    let response = get(&client, "/");
    assert!([Code::Ok, Code::Status].contains(&response.code()), "{}", error_of(&response));
    let requests = server.finish().requests;
    requests.last().unwrap().field("authorization").unwrap_or_default().to_owned()
}

#[test]
fn credentials_replace_credentials_of_every_other_kind() {
    for (earlier, set_earlier, _) in WAYS {
        for (later, set_later, expected) in WAYS {
            let sent = authorization(|client| {
                set_earlier(client);
                set_later(client);
            });
            let as_expected = match expected {
                "" => sent.is_empty(),
                _ => sent.starts_with(expected),
            };
            assert!(as_expected, "{later} after {earlier} sends {sent:?}");
        }
    }
}

#[test]
fn a_reset_removes_credentials_of_every_kind() {
    for (way, set, _) in WAYS {
        let sent = authorization(|client| {
            set(client);
            client.reset();
        });
        assert_eq!(sent, "", "a reset after {way}");
    }
}

#[test]
fn credentials_of_a_clone_do_not_replace_those_of_its_client() {
    for (way, set, expected) in WAYS {
        let sent = authorization(|client| {
            set(client);
            for (_, set_other, _) in WAYS {
                set_other(&client.clone());
            }
        });
        assert!(sent.starts_with(expected), "{way} sends {sent:?}");
    }
}
