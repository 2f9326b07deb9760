//! Verifies signed cookies.

use std::time::SystemTime;

use super::mac::Signer;
use super::{non_empty, payload, timestamp};
use crate::auth::cookie::unquote;
use crate::auth::hash::Digest;
use crate::code::{Code, Error};

/// Verifies a signed cookie. Returns its payload as it was signed, with `key_id`.
///
/// `cookie` is the signed value, or the quoted string that is sent. `keys` are pairs of a key id
/// and its key; if an id has several keys, any of them is valid, so that keys can be changed.
/// `max_age_s` is the maximum age in seconds; 0 allows any age. Ages are compared in whole seconds,
/// and a timestamp in the future is refused without tolerance, both as in itsdangerous.
///
/// # Errors
/// [`Code::InvalidCookie`] if the MAC is wrong, the key id is unknown, missing or there more than
/// once, the cookie is too old or malformed, or the timestamp is in the future;
/// [`Code::InvalidArgument`] if a key is empty, because anybody could have signed with it.
pub fn verify(
    cookie: &str,
    keys: &[(&str, &str)],
    max_age_s: u64,
    digest: Digest,
    now: SystemTime,
) -> Result<String, Error> {
    keys.iter().try_for_each(|(_, key)| non_empty(key).map(|_| ()))?;
    let unquoted = if cookie.starts_with('"') {
        Some(unquote(cookie).ok_or_else(|| invalid_cookie("is not a well-formed quoted string"))?)
    } else {
        None
    };
    let value = unquoted.as_ref().map_or(cookie, |unquoted| unquoted.as_str());
    let (payload, timestamp, mac) = parts(value)
        .ok_or_else(|| invalid_cookie("does not consist of payload, timestamp and MAC"))?;
    check_mac(payload, timestamp, mac, keys, digest)?;
    check_age(timestamp, max_age_s, now)?;
    Ok(payload.to_owned())
}

/// Payload, timestamp and MAC. Only the payload can contain a full stop.
fn parts(value: &str) -> Option<(&str, &str, &str)> {
    let (signed, mac) = value.rsplit_once('.')?;
    let (payload, timestamp) = signed.rsplit_once('.')?;
    Some((payload, timestamp, mac))
}

fn check_mac(
    payload: &str,
    timestamp: &str,
    mac: &str,
    keys: &[(&str, &str)],
    digest: Digest,
) -> Result<(), Error> {
    let key_id = payload::key_id_of(payload)
        .ok_or_else(|| invalid_cookie("contains no JSON object with exactly one key_id"))?;
    let mut candidates = keys.iter().filter(|(id, _)| *id == *key_id).peekable();
    if candidates.peek().is_none() {
        return Err(invalid_cookie("has an unknown key_id"));
    }
    if candidates.any(|(_, key)| Signer::new(digest, key).verify(payload, timestamp, mac)) {
        return Ok(());
    }
    Err(invalid_cookie("has a MAC that does not match its key"))
}

fn check_age(timestamp: &str, max_age_s: u64, now: SystemTime) -> Result<(), Error> {
    let signed =
        timestamp::decode(timestamp).ok_or_else(|| invalid_cookie("has a malformed timestamp"))?;
    let age = timestamp::seconds(now)
        .checked_sub(signed)
        .ok_or_else(|| invalid_cookie("has a timestamp in the future"))?;
    if max_age_s > 0 && age > max_age_s {
        return Err(invalid_cookie(&format!("is {age} s old, but the maximum is {max_age_s} s")));
    }
    Ok(())
}

fn invalid_cookie(reason: &str) -> Error {
    Error::new(Code::InvalidCookie, format!("the signed cookie {reason}"))
}
