//! Nothing passes for a signed cookie but what was signed, and all that is signed passes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sac::answer::json::is_json;
use sac::auth::cookie::{check_value, quote, unquote};
use sac::auth::{Digest, sign, verify};

const KEYS: [(&str, &str); 3] = [("one", "ka5u&£ee"), ("two", "second"), ("one", "old")];
const DIGESTS: [Digest; 3] = [Digest::Sha1, Digest::Sha256, Digest::Sha512];

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// A byte for the digest, then a cookie, or a payload to sign.
pub fn kept(input: &[u8]) {
    let Some((first, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let digest = DIGESTS[usize::from(*first) % DIGESTS.len()];
    only_what_was_signed(text, digest);
    all_that_is_signed(text, digest);
}

fn only_what_was_signed(cookie: &str, digest: Digest) {
    let Ok(payload) = verify(cookie, &KEYS, 0, digest, now()) else { return };
    let value = if cookie.starts_with('"') { unquote(cookie) } else { None };
    let value = value.as_ref().map_or(cookie, |value| value.as_str());
    let genuine = KEYS.iter().any(|(id, key)| {
        let signed_by = |at| sign(&payload, id, key, digest, at).unwrap();
        // The time is the cookie's own: the payload does not hold it.
        age_of(value).is_some_and(|age| *signed_by(now() - age) == *value)
    });
    assert!(genuine, "nobody signed {cookie}");
}

/// The age of a cookie that has been verified.
fn age_of(value: &str) -> Option<Duration> {
    let timestamp = value.rsplit('.').nth(1)?;
    // Every timestamp of six characters is one of four bytes; none of the corpus has another.
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

fn all_that_is_signed(payload: &str, digest: Digest) {
    let (id, key) = KEYS[1];
    let Ok(cookie) = sign(payload, id, key, digest, now()) else { return };
    assert!(cookie.is_ascii() && !cookie.contains(';'), "{} reaches beyond itself", *cookie);
    assert!(check_value(&quote(&cookie)).is_ok(), "{} cannot be sent", *cookie);
    let read = verify(&cookie, &KEYS, 1, digest, now()).expect("what is signed verifies");
    assert!(is_json(&read), "the payload is no JSON: {read}");
    let wire = verify(&quote(&cookie), &KEYS, 1, digest, now());
    assert_eq!(wire.as_ref(), Ok(&read), "as it travels, it is another");
    let late = now() + Duration::from_secs(2);
    assert!(verify(&cookie, &KEYS, 1, digest, late).is_err(), "too old a cookie verifies");
    let early = now() - Duration::from_secs(1);
    assert!(verify(&cookie, &KEYS, 1, digest, early).is_err(), "a cookie of the future verifies");
}
