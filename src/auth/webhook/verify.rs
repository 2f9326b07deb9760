//! Verifies webhooks.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::value::RawValue;

use super::headers::Headers;
use super::refused::refused;
use super::scheme::Scheme;
use super::secrets::keys;
use super::signed::{Id, Signed};
use crate::auth::hash::Digest;
use crate::auth::mac::{hmac, is_same_mac};
use crate::code::Error;

/// Verifies a webhook, and returns its id, by which the receiver finds webhooks that it has already
/// processed. The id is empty if the sender sends none.
///
/// `secrets`: each of them is valid, so that secrets can be changed. `body`: the bytes as they
/// arrived. `tolerance_s`: the greatest difference in seconds between the timestamp and `now`, in
/// both directions; 0 allows any. GitHub and Shopify sign no timestamp.
///
/// # Errors
/// [`Code::Signature`](crate::code::Code) if a header field is missing, malformed or there twice, the
/// time is too far away, or no signature is right. [`Code::InvalidArgument`](crate::code::Code) if
/// there is no secret, or one is empty or not base64.
pub fn verify(
    scheme: Scheme,
    secrets: &[&str],
    headers: Headers<'_>,
    body: &[u8],
    tolerance_s: u64,
    now: SystemTime,
) -> Result<String, Error> {
    let keys = keys(scheme, secrets)?;
    let signed = Signed::read(scheme, headers)?;
    check_time(&signed, tolerance_s, now)?;
    let mut parts = signed.before_body.clone();
    parts.push(body);
    for key in &keys {
        let expected = hmac(Digest::Sha256, key, &parts, signed.encoding)?;
        if signed.signatures.iter().any(|signature| is_same_mac(&expected, signature)) {
            return Ok(id(&signed, body));
        }
    }
    Err(refused("has no signature that matches a secret"))
}

fn check_time(signed: &Signed<'_>, tolerance_s: u64, now: SystemTime) -> Result<(), Error> {
    let Some(timestamp) = signed.timestamp.filter(|_| tolerance_s > 0) else { return Ok(()) };
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let difference = timestamp.abs_diff(now);
    if difference > tolerance_s {
        let direction = if timestamp < now { "ago" } else { "in the future" };
        return Err(refused(&format!(
            "was signed {difference} s {direction}, but the tolerance is {tolerance_s} s"
        )));
    }
    Ok(())
}

fn id(signed: &Signed<'_>, body: &[u8]) -> String {
    match signed.id {
        Id::None => String::new(),
        Id::Text(id) => id.to_owned(),
        Id::InBody => member_id(body).unwrap_or_default(),
    }
}

/// The string `id` of a JSON object. An id with a NUL would be cut in C, so it is none.
fn member_id(body: &[u8]) -> Option<String> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    let id: String = serde_json::from_str(members.get("id")?.get()).ok()?;
    Some(id).filter(|id| !id.contains('\0'))
}
