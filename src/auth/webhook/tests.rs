//! All schemes together.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use super::*;
use crate::auth::mac::hmac;
use crate::auth::{Digest, encoding::Encoding};
use crate::code::{Code, Error};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SCHEMES: [Scheme; 5] =
    [Scheme::Standard, Scheme::Stripe, Scheme::GitHub, Scheme::Shopify, Scheme::Slack];

/// A received webhook.
#[derive(Debug, Clone)]
struct Received {
    scheme: Scheme,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Received {
    fn new(scheme: Scheme, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
        Self { scheme, headers: headers.collect(), body: body.to_vec() }
    }

    /// A webhook that is signed with [`SECRET`] at this time, as the documentation of its scheme says.
    fn signed(scheme: Scheme, timestamp: u64, body: &[u8]) -> Self {
        let key: &[u8] = match scheme {
            // The base64 of SECRET, as bytes.
            Scheme::Standard => {
                b"\x31\xf2\x90\xf6\xbf\x06\x29\x8a\xab\x4f\x08\xd4\x3c\x3f\x08\x2c\xf6\x48\xa3\x62\xda\x2d\xa4\xb0"
            }
            _ => SECRET.as_bytes(),
        };
        let mac = |before: &str, encoding| {
            let parts = [before.as_bytes(), body];
            hmac(Digest::Sha256, key, &parts, encoding).unwrap().to_string()
        };
        let time = timestamp.to_string();
        match scheme {
            Scheme::Standard => {
                let signature = format!("v1,{}", mac(&format!("msg_1.{time}."), Encoding::Base64));
                let headers = [
                    ("webhook-id", "msg_1"),
                    ("webhook-timestamp", &time),
                    ("webhook-signature", &signature),
                ];
                Self::new(scheme, &headers, body)
            }
            Scheme::Stripe => {
                let signature = format!("t={time},v1={}", mac(&format!("{time}."), Encoding::Hex));
                Self::new(scheme, &[("stripe-signature", &signature)], body)
            }
            Scheme::GitHub => {
                let signature = format!("sha256={}", mac("", Encoding::Hex));
                Self::new(scheme, &[("x-hub-signature-256", &signature)], body)
            }
            Scheme::Shopify => {
                let signature = mac("", Encoding::Base64);
                Self::new(scheme, &[("x-shopify-hmac-sha256", &signature)], body)
            }
            Scheme::Slack => {
                let signature = format!("v0={}", mac(&format!("v0:{time}:"), Encoding::Hex));
                let headers = [
                    ("x-slack-signature", signature.as_str()),
                    ("x-slack-request-timestamp", &time),
                ];
                Self::new(scheme, &headers, body)
            }
        }
    }

    fn verify(&self, secrets: &[&str], tolerance_s: u64, now: u64) -> Result<String, Error> {
        let headers: Vec<Field<'_>> =
            self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())).collect();
        verify(self.scheme, secrets, Headers(&headers), &self.body, tolerance_s, at(now))
    }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap()
}

fn scheme_of(name: &str) -> Scheme {
    let names = ["standard", "stripe", "github", "shopify", "slack"];
    SCHEMES[names.iter().position(|known| *known == name).unwrap()]
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// C, C++, Go and Ruby read the same cases.
#[test]
fn each_case_of_the_list_has_its_result() {
    let cases: Value = serde_json::from_str(include_str!("../../../tests/webhooks.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 80, "tests/webhooks.json has only {} cases", cases.len());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let fields: Vec<Vec<&str>> =
            case["headers"].as_array().unwrap().iter().map(strings).collect();
        let headers: Vec<(&str, &str)> = fields.iter().map(|field| (field[0], field[1])).collect();
        let body = case["body"].as_str().unwrap().as_bytes();
        let received = Received::new(scheme_of(case["scheme"].as_str().unwrap()), &headers, body);
        let tolerance = case["tolerance_s"].as_u64().unwrap();
        let result = received.verify(&strings(&case["secrets"]), tolerance, 1_800_000_000);
        let code = result.as_ref().map_or_else(|error| error.code, |_| Code::Ok);
        assert_eq!(code.name(), case["code"], "{name}: {result:?}");
        if let Ok(id) = result {
            assert_eq!(id, case["id"], "{name}");
        }
    }
}

#[test]
fn the_tolerance_holds_in_both_directions() {
    for scheme in [Scheme::Standard, Scheme::Stripe, Scheme::Slack] {
        let received = Received::signed(scheme, 1000, b"{}");
        let accepted = |tolerance, now| received.verify(&[SECRET], tolerance, now).is_ok();
        for now in [700, 1000, 1300] {
            assert!(accepted(300, now), "{scheme:?} at {now}");
        }
        for now in [0, 699, 1301, u64::from(u32::MAX)] {
            let error = received.verify(&[SECRET], 300, now).unwrap_err();
            assert_eq!(error.code, Code::Signature, "{scheme:?} at {now}: {error}");
            assert!(error.message.contains("the tolerance is 300 s"), "{scheme:?}: {error}");
            assert!(accepted(0, now), "{scheme:?} at {now}, any time");
            assert!(accepted(u64::MAX, now), "{scheme:?} at {now}, the greatest tolerance");
        }
    }
}

#[test]
fn a_body_may_have_any_bytes() {
    let body: Vec<u8> = (0..=255).collect();
    for scheme in SCHEMES {
        let received = Received::signed(scheme, 1000, &body);
        assert!(received.verify(&[SECRET], 1, 1000).is_ok(), "{scheme:?}");
    }
}

#[test]
fn fields_of_others_may_have_any_bytes() {
    for scheme in SCHEMES {
        let mut received = Received::signed(scheme, 1000, b"{}");
        received.headers.insert(0, ("x-f\u{fc}r".into(), vec![0xfc, 0xff]));
        received.headers.push((String::new(), Vec::new()));
        assert!(received.verify(&[SECRET], 1, 1000).is_ok(), "{scheme:?}");
    }
}

#[test]
fn an_id_that_is_not_utf8_is_refused() {
    for (scheme, name) in [
        (Scheme::Standard, "webhook-id"),
        (Scheme::GitHub, "x-github-delivery"),
        (Scheme::Shopify, "x-shopify-webhook-id"),
    ] {
        let mut received = Received::signed(scheme, 1000, b"{}");
        received.headers.retain(|(field, _)| field != name);
        received.headers.push((name.to_owned(), vec![b'a', 0xff]));
        let error = received.verify(&[SECRET], 0, 1000).unwrap_err();
        assert_eq!(error.code, Code::Signature, "{scheme:?}: {error}");
        assert!(error.message.contains("not UTF-8"), "{scheme:?}: {error}");
    }
}

/// In C, a text ends at a NUL: `evt_1` and `evt_1\0x` would be the same webhook.
#[test]
fn an_id_with_a_nul_in_the_body_is_none() {
    let received = Received::signed(Scheme::Stripe, 1000, br#"{"id": "evt_1\u0000x"}"#);
    assert_eq!(received.verify(&[SECRET], 0, 1000).unwrap(), "");
}

#[test]
fn an_error_contains_no_secret_and_no_signature() {
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    for scheme in SCHEMES {
        let received = Received::signed(scheme, 1000, b"{}");
        for (secrets, tolerance) in [(&[other][..], 0), (&[SECRET, ""], 0), (&["whsec_a"], 0)] {
            let error = received.verify(secrets, tolerance, 1000).unwrap_err().message;
            for hidden in [other, "whsec_a", "v1", "v0", "sha256="] {
                assert!(!error.contains(hidden), "{scheme:?}: {error}");
            }
        }
    }
}

#[test]
fn the_right_one_of_many_signatures_is_found() {
    for (before, after) in [(0, 10_000), (5_000, 5_000), (10_000, 0)] {
        let mut received = Received::signed(Scheme::Stripe, 1000, b"{}");
        let wrong = format!("v1={}", "0".repeat(64));
        let value = &mut received.headers[0].1;
        let mut all = format!("{wrong},").repeat(before).into_bytes();
        all.append(value);
        all.extend(format!(",{wrong}").repeat(after).bytes());
        *value = all;
        assert!(received.verify(&[SECRET], 0, 1000).is_ok(), "after {before} others");
        assert!(received.verify(&["another"], 0, 1000).is_err(), "after {before} others");
    }
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    prop::sample::select(SCHEMES.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000, rng_seed: RngSeed::Fixed(41), failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_signed_webhook_verifies(
        scheme in any_scheme(),
        time in any::<u32>(),
        body in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let received = Received::signed(scheme, time.into(), &body);
        prop_assert!(received.verify(&["b3RoZXI=", SECRET], 1, time.into()).is_ok());
    }

    /// In the body, the signature, the timestamp and the id: no flipped bit leaves it valid.
    #[test]
    fn no_webhook_with_a_flipped_bit_verifies(
        scheme in any_scheme(),
        body in prop::collection::vec(any::<u8>(), 1..40),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut received = Received::signed(scheme, 1_700_000_000, &body);
        let mut places: Vec<&mut u8> =
            received.headers.iter_mut().flat_map(|(_, value)| value.iter_mut()).collect();
        places.extend(received.body.iter_mut());
        let chosen = place.index(places.len());
        *places[chosen] ^= 1 << bit;
        let result = received.verify(&[SECRET], 0, 1_700_000_000);
        prop_assert!(result.is_err(), "{received:?} verifies");
    }

    #[test]
    fn no_part_of_a_signature_verifies(scheme in any_scheme(), rest in 0..60_usize) {
        let mut received = Received::signed(scheme, 1000, b"{}");
        for (_, value) in &mut received.headers {
            if value.len() > 40 {
                value.truncate(rest.min(value.len() - 1));
            }
        }
        prop_assert!(received.verify(&[SECRET], 0, 1000).is_err());
    }
}
