//! Only signed cookies verify, and every signed cookie verifies.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sac::answer::json::is_json;
use sac::auth::cookie::{check_value, quote, unquote};
use sac::auth::{Digest, sign, verify};

const KEYS: [(&str, &str); 3] = [("one", "ka5u&£ee"), ("two", "second"), ("one", "old")];
const DIGESTS: [Digest; 3] = [Digest::Sha1, Digest::Sha256, Digest::Sha512];

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// Input: a byte for the digest, then a cookie, which is also a payload to sign.
pub fn check(input: &[u8]) {
    let Some((first, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let digest = DIGESTS[usize::from(*first) % DIGESTS.len()];
    check_verified_is_signed(text, digest);
    check_signed_verifies(text, digest);
}

fn check_verified_is_signed(cookie: &str, digest: Digest) {
    let Ok(payload) = verify(cookie, &KEYS, 0, digest, now()) else { return };
    let value = if cookie.starts_with('"') { unquote(cookie) } else { None };
    let value = value.as_ref().map_or(cookie, |value| value.as_str());
    let genuine = KEYS.iter().any(|(id, key)| {
        let signed_at = |at| sign(&payload, id, key, digest, at).unwrap();
        // The time comes from the cookie, because the payload does not contain it.
        age_of(value).is_some_and(|age| *signed_at(now() - age) == *value)
    });
    assert!(genuine, "{cookie} verifies, but no key signed it");
}

/// The age of a verified cookie.
fn age_of(value: &str) -> Option<Duration> {
    let timestamp = value.rsplit('.').nth(1)?;
    // A timestamp of six characters encodes four bytes; the corpus has no others.
    let mut seconds = 0_u64;
    for byte in timestamp.bytes() {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            .iter()
            .position(|known| *known == byte)?;
        seconds = (seconds << 6) | digit as u64;
    }
    let seconds = seconds >> (timestamp.len() * 6 % 8);
    now().duration_since(UNIX_EPOCH).ok()?.checked_sub(Duration::from_secs(seconds))
}

fn check_signed_verifies(payload: &str, digest: Digest) {
    let (id, key) = KEYS[1];
    let Ok(cookie) = sign(payload, id, key, digest, now()) else { return };
    assert!(cookie.is_ascii() && !cookie.contains(';'), "{} breaks its field", *cookie);
    assert!(check_value(&quote(&cookie)).is_ok(), "{} cannot be sent", *cookie);
    let read = verify(&cookie, &KEYS, 1, digest, now()).expect("a signed cookie verifies");
    assert!(is_json(&read), "the payload is not JSON: {read}");
    let quoted = verify(&quote(&cookie), &KEYS, 1, digest, now());
    assert_eq!(quoted.as_ref(), Ok(&read), "the quoted cookie has another payload");
    let late = now() + Duration::from_secs(2);
    assert!(verify(&cookie, &KEYS, 1, digest, late).is_err(), "an expired cookie verifies");
    let early = now() - Duration::from_secs(1);
    assert!(verify(&cookie, &KEYS, 1, digest, early).is_err(), "a cookie from the future verifies");
}
