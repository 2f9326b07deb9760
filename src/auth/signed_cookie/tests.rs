//! Signing and verifying together.

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use super::*;
use crate::log::Redactor;

const KEY: &str = "ka5ud5455&y&a&e£u£334ee4rka5y&a&e£u£334ud5455&y&£";
const KEY_ID: &str = "service1>service2";
const PAYLOAD: &str = r#"{"uuid": "19d66a3e-cf98-4d68-8b9a-1df2a40b067f"}"#;
const SIGNED: &str = r#"{"uuid": "19d66a3e-cf98-4d68-8b9a-1df2a40b067f", "key_id": "service1>service2"}.Xo5lgA.i3C_q5NExD1dUc42-jyrv-vcFsc"#;

/// 2020-04-09T00:00:00Z.
fn signing_time() -> SystemTime {
    later(0)
}

fn later(seconds: u64) -> SystemTime {
    after_1970(1_586_390_400).checked_add(Duration::from_secs(seconds)).unwrap()
}

fn after_1970(seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap()
}

fn check(cookie: &str, max_age_s: u64, now: SystemTime) -> Result<String, Error> {
    verify(cookie, &[("other", "x"), (KEY_ID, KEY)], max_age_s, Digest::Sha1, now)
}

fn assert_refused(result: &Result<String, Error>, reason: &str) {
    match result {
        Err(error) => {
            assert_eq!(error.code, Code::InvalidCookie, "{reason}: {error}");
            assert!(
                error.message.contains(reason),
                "refused for another reason: {error}, not {reason}"
            );
        }
        Ok(payload) => panic!("accepted as {payload}, though {reason}"),
    }
}

#[test]
fn a_signed_cookie_equals_that_of_cookie_manager() {
    assert_eq!(*sign(PAYLOAD, KEY_ID, KEY, Digest::Sha1, signing_time()).unwrap(), SIGNED);
    let cookie = SignedCookie::new("auth", PAYLOAD, KEY_ID, KEY, Digest::Sha1).unwrap();
    assert_eq!(*cookie.sign_at(signing_time()).unwrap(), SIGNED);
    assert_eq!(*cookie.quoted_value_at(signing_time()).unwrap(), *quote(SIGNED));
    assert_eq!(cookie.name(), "auth");
}

#[test]
fn a_signed_cookie_equals_that_of_itsdangerous_for_every_digest() {
    // TimestampSigner("key", digest_method=…) over the payload below at 1586390400.
    let payload = r#"{"a": 1, "key_id": "id"}"#;
    for (digest, mac) in [
        (Digest::Sha1, "z6JjDjqoynIn0mBRqgDt6Ka__x4"),
        (Digest::Sha256, "VaJkOrQSYQzNHt62WUgTTLeV8arHIVFsw8o5H8MpaOI"),
        (
            Digest::Sha512,
            "SYfc0l1VMNTxfjlwYEP6qol6Da_nCFSXXmjNi7qobdPDHrKkdqidBAes-9VSu6ouZvyb3qQ09_YOuYIUNSyPVg",
        ),
    ] {
        let signed = sign(r#"{"a":1}"#, "id", "key", digest, signing_time()).unwrap();
        assert_eq!(*signed, format!("{payload}.Xo5lgA.{mac}"), "{digest:?}");
        assert_eq!(verify(&signed, &[("id", "key")], 0, digest, signing_time()).unwrap(), payload);
    }
}

#[test]
fn each_signing_has_its_own_time() {
    let cookie = SignedCookie::new("auth", PAYLOAD, KEY_ID, KEY, Digest::Sha256).unwrap();
    let (first, second) =
        (cookie.sign_at(signing_time()).unwrap(), cookie.sign_at(later(51)).unwrap());
    assert_ne!(first, second);
    let accepted =
        |value: &str| verify(value, &[(KEY_ID, KEY)], 50, Digest::Sha256, later(51)).is_ok();
    assert!(!accepted(&first) && accepted(&second));
}

#[test]
fn a_cookie_is_verified_as_signed_and_as_sent() {
    let payload = SIGNED.split_once("}.").unwrap().0.to_owned() + "}";
    assert_eq!(check(SIGNED, 50, signing_time()).unwrap(), payload);
    assert_eq!(check(&quote(SIGNED), 50, signing_time()).unwrap(), payload);
    let as_python_sets_it = quote(SIGNED).replace(',', "\\054");
    assert_eq!(check(&as_python_sets_it, 50, signing_time()).unwrap(), payload);
}

#[test]
fn an_age_up_to_the_maximum_is_accepted() {
    assert!(check(SIGNED, 50, later(50)).is_ok());
    assert_refused(&check(SIGNED, 50, later(51)), "is 51 s old, but the maximum is 50 s");
    assert!(check(SIGNED, 0, later(1_000_000_000)).is_ok(), "0 means any age");
}

#[test]
fn a_timestamp_in_the_future_is_refused() {
    for max_age in [0, 50] {
        let before = signing_time() - Duration::from_secs(1);
        assert_refused(&check(SIGNED, max_age, before), "timestamp in the future");
        assert_refused(&check(SIGNED, max_age, UNIX_EPOCH), "timestamp in the future");
    }
}

#[test]
fn another_key_digest_or_key_id_is_refused() {
    let with = |keys: &[(&str, &str)], digest| verify(SIGNED, keys, 0, digest, signing_time());
    assert_refused(&with(&[(KEY_ID, "x")], Digest::Sha1), "MAC that does not match its key");
    assert_refused(&with(&[(KEY_ID, KEY)], Digest::Sha256), "MAC that does not match its key");
    assert_refused(&with(&[("other", KEY)], Digest::Sha1), "unknown key_id");
    assert_refused(&with(&[], Digest::Sha1), "unknown key_id");
}

#[test]
fn all_keys_of_a_key_id_are_accepted() {
    for keys in [[(KEY_ID, "new"), (KEY_ID, KEY)], [(KEY_ID, KEY), (KEY_ID, "new")]] {
        assert!(verify(SIGNED, &keys, 0, Digest::Sha1, signing_time()).is_ok());
    }
}

#[test]
fn malformed_cookies_are_refused() {
    let mac = |payload: &str, timestamp: &str| {
        let mac = Signer::new(Digest::Sha1, KEY).mac(payload, timestamp).unwrap();
        format!("{payload}.{timestamp}.{}", *mac)
    };
    for cookie in ["", ".", "..", "...", "a", "{}", "{}.Xo5lgA", "\"", "\"\"", "\"a", "{}.\0.é"] {
        assert_refused(&check(cookie, 0, signing_time()), "the signed cookie");
    }
    for payload in ["", "{", "[]", "{}", r#"{"key_id": 1}"#, r#"{"key_id": NaN}"#] {
        assert_refused(&check(&mac(payload, "AQ"), 0, signing_time()), "exactly one key_id");
    }
    let twice = format!(r#"{{"key_id": "admin", "key_id": "{KEY_ID}"}}"#);
    assert_refused(&check(&mac(&twice, "AQ"), 0, signing_time()), "exactly one key_id");
    let payload = format!(r#"{{"key_id": "{KEY_ID}"}}"#);
    assert!(check(&mac(&payload, "AQ"), 0, signing_time()).is_ok());
    for timestamp in ["A", "AQ==", "AQEBAQEBAQEB", " "] {
        assert_refused(&check(&mac(&payload, timestamp), 0, signing_time()), "malformed timestamp");
    }
}

#[test]
fn an_empty_key_is_refused_everywhere() {
    let codes = [
        sign(PAYLOAD, KEY_ID, "", Digest::Sha1, signing_time()).unwrap_err().code,
        SignedCookie::new("a", PAYLOAD, KEY_ID, "", Digest::Sha1).unwrap_err().code,
        verify(SIGNED, &[(KEY_ID, KEY), ("b", "")], 0, Digest::Sha1, signing_time())
            .unwrap_err()
            .code,
    ];
    assert_eq!(codes, [Code::InvalidArgument; 3]);
}

#[test]
fn a_signed_cookie_needs_a_valid_name_and_payload() {
    let new = |name, payload| SignedCookie::new(name, payload, KEY_ID, KEY, Digest::Sha1);
    assert_eq!(new("a b", "{}").unwrap_err().code, Code::InvalidCookie);
    assert_eq!(new("a", "[]").unwrap_err().code, Code::InvalidJson);
}

#[test]
fn key_and_payload_are_never_printed() {
    let cookie = SignedCookie::new("auth", PAYLOAD, KEY_ID, KEY, Digest::Sha1).unwrap();
    assert_eq!(format!("{cookie:?}"), r#"SignedCookie { name: "auth", .. }"#);
    let mut secrets = Secrets::default();
    cookie.add_secrets(&mut secrets);
    let redactor = Redactor::from(secrets);
    let sent = cookie.quoted_value_at(signing_time()).unwrap();
    let redacted = redactor.redact(&sent);
    assert!(!redacted.contains("uuid") && !redacted.contains("service"), "{redacted}");
    assert_eq!(redactor.redact(KEY), "[redacted]");
}

/// JSON values with characters that are difficult in a cookie.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        r#"([ -~]|["\\;,.{}\[\]:]|[\x00-\x1f\x7f]|\PC)*"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".*", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn digest() -> impl Strategy<Value = Digest> {
    prop_oneof![Just(Digest::Sha1), Just(Digest::Sha256), Just(Digest::Sha512)]
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7617), ..Default::default() })]

    #[test]
    fn a_signed_payload_verifies_and_keeps_its_meaning(
        payload in prop::collection::btree_map(".*", json(), 0..6),
        key_id in ".*",
        key in ".+",
        digest in digest(),
        seconds in 0_u64..1 << 40,
    ) {
        let mut object: serde_json::Map<_, _> = payload.into_iter().collect();
        let now = after_1970(seconds);
        let text = serde_json::to_string(&object).unwrap();
        let cookie = SignedCookie::new("name", &text, &key_id, &key, digest).unwrap();
        let quoted = cookie.quoted_value_at(now).unwrap();
        prop_assert!(quoted.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b';'));
        object.insert("key_id".to_owned(), key_id.clone().into());
        for sent in [&quoted, &cookie.sign_at(now).unwrap()] {
            let payload = verify(sent, &[(&key_id, &key)], 1, digest, now).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&payload).unwrap(), Value::from(object.clone()));
        }
    }

    #[test]
    fn any_change_of_one_byte_is_refused(
        quoted in any::<bool>(),
        digest in digest(),
        index in any::<prop::sample::Index>(),
        byte in 0_u8..128,
    ) {
        let payload = r#"{"name": "\\ \u00e9; \"q\"", "list": [1, 2.50, {"x": null}]}"#;
        let cookie = SignedCookie::new("name", payload, KEY_ID, KEY, digest).unwrap();
        let now = signing_time();
        let value = if quoted { cookie.quoted_value_at(now) } else { cookie.sign_at(now) };
        let mut bytes = value.unwrap().as_bytes().to_vec();
        let index = index.index(bytes.len());
        prop_assume!(bytes[index] != byte);
        bytes[index] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        let result = verify(&changed, &[(KEY_ID, KEY)], 0, digest, now);
        prop_assert_eq!(result.map_err(|error| error.code), Err(Code::InvalidCookie), "{}", changed);
    }

    #[test]
    fn an_unsigned_text_is_refused(cookie in r#""?[{}"\\.:a-zA-Z_0-9]*"?"#) {
        prop_assert!(check(&cookie, 0, signing_time()).is_err());
    }
}
