//! Whether a signed cookie is to be believed.

use std::time::SystemTime;

use super::mac::{Digest, Signer};
use super::{non_empty, payload, timestamp};
use crate::auth::cookie::unquote;
use crate::code::{Code, Error};

/// The payload of a signed cookie, as it was signed (`key_id` included), if a key vouches for it.
///
/// The cookie is taken as it was signed, or as a quoted string as it travels. `keys` are pairs of
/// a key id and its key; where an id stands there more than once, any of its keys will do, so that
/// keys can be changed. `max_age_s` is the greatest age in seconds, 0 for any. Ages are compared
/// in whole seconds; a timestamp of the future is refused without leeway, both as itsdangerous does.
///
/// # Errors
/// [`Code::InvalidCookie`] for a wrong mac, an unknown key id or none (or more than one), an age
/// above the greatest, a timestamp of the future and for whatever is malformed;
/// [`Code::InvalidArgument`] for an empty key, with which anybody could have signed.
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
        .ok_or_else(|| invalid_cookie("does not consist of payload, timestamp and mac"))?;
    check_mac(payload, timestamp, mac, keys, digest)?;
    check_age(timestamp, max_age_s, now)?;
    Ok(payload.to_owned())
}

/// Payload, timestamp and mac. Only the payload can hold a full stop.
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
        .ok_or_else(|| invalid_cookie("holds no JSON object with exactly one key_id"))?;
    let mut candidates = keys.iter().filter(|(id, _)| *id == *key_id).peekable();
    if candidates.peek().is_none() {
        return Err(invalid_cookie("names a key_id that is not known"));
    }
    if candidates.any(|(_, key)| Signer::new(digest, key).verify(payload, timestamp, mac)) {
        return Ok(());
    }
    Err(invalid_cookie("has a mac that is not that of its key"))
}

fn check_age(timestamp: &str, max_age_s: u64, now: SystemTime) -> Result<(), Error> {
    let signed =
        timestamp::decode(timestamp).ok_or_else(|| invalid_cookie("has a malformed timestamp"))?;
    let age = timestamp::seconds(now)
        .checked_sub(signed)
        .ok_or_else(|| invalid_cookie("has a timestamp of the future"))?;
    if max_age_s > 0 && age > max_age_s {
        return Err(invalid_cookie(&format!("is {age} s old, {max_age_s} s are allowed")));
    }
    Ok(())
}

fn invalid_cookie(what: &str) -> Error {
    Error::new(Code::InvalidCookie, format!("the signed cookie {what}"))
}
