//! Finds the signatures of a webhook in its header fields, and what they sign.

use super::headers::Headers;
use super::refused::refused;
use super::scheme::Scheme;
use crate::auth::encoding::Encoding;
use crate::code::Error;

/// The contents of the header fields of a webhook.
pub(super) struct Signed<'a> {
    /// The signatures. One of them must be right.
    pub(super) signatures: Vec<&'a [u8]>,
    pub(super) encoding: Encoding,
    /// The parts before the body that are signed together with it.
    pub(super) before_body: Vec<&'a [u8]>,
    /// The time of the signature in seconds since 1970, if it is signed.
    pub(super) timestamp: Option<u64>,
    pub(super) id: Id<'a>,
}

/// The place of the id.
pub(super) enum Id<'a> {
    /// The sender sends none.
    None,
    /// In the header fields.
    Text(&'a str),
    /// In the body: the member `id` of its JSON object.
    InBody,
}

impl<'a> Signed<'a> {
    pub(super) fn read(scheme: Scheme, headers: Headers<'a>) -> Result<Self, Error> {
        match scheme {
            Scheme::Standard => standard(headers),
            Scheme::Stripe => stripe(headers),
            Scheme::GitHub => github(headers),
            Scheme::Shopify => shopify(headers),
            Scheme::Slack => slack(headers),
        }
    }
}

/// The names of the three fields: those of the standard, and those of Svix, where it comes from.
const STANDARD_NAMES: [[&str; 3]; 2] = [
    ["webhook-id", "webhook-timestamp", "webhook-signature"],
    ["svix-id", "svix-timestamp", "svix-signature"],
];

/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
fn standard(headers: Headers<'_>) -> Result<Signed<'_>, Error> {
    let [own, svix] = STANDARD_NAMES;
    let is_svix = !own.iter().any(|name| headers.contains(name));
    let [id_name, timestamp_name, signature_name] = if is_svix { svix } else { own };
    let signatures = headers.required(signature_name)?;
    let timestamp = headers.required(timestamp_name)?;
    let id = headers.text(id_name)?;
    // With a full stop, somebody could move it between the id and the timestamp, or the timestamp
    // and the body, and the signed bytes would stay the same ("Signature scheme").
    if id.is_empty() || id.contains('.') {
        return Err(refused("has no id, or one with a full stop"));
    }
    Ok(Signed {
        signatures: after_each(signatures.split(|byte| *byte == b' '), b"v1,"),
        encoding: Encoding::Base64,
        before_body: vec![id.as_bytes(), b".", timestamp, b"."],
        timestamp: Some(seconds(timestamp)?),
        id: Id::Text(id),
    })
}

/// <https://docs.stripe.com/webhooks#verify-manually>
fn stripe(headers: Headers<'_>) -> Result<Signed<'_>, Error> {
    let field = headers.required("Stripe-Signature")?;
    let items = || field.split(|byte| *byte == b',');
    let [timestamp] = after_each(items(), b"t=")[..] else {
        return Err(refused("does not have exactly one timestamp"));
    };
    Ok(Signed {
        signatures: after_each(items(), b"v1="),
        encoding: Encoding::Hex,
        before_body: vec![timestamp, b"."],
        timestamp: Some(seconds(timestamp)?),
        id: Id::InBody,
    })
}

/// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
fn github(headers: Headers<'_>) -> Result<Signed<'_>, Error> {
    let signature = headers.required("X-Hub-Signature-256")?;
    Ok(Signed {
        signatures: after_each([signature].into_iter(), b"sha256="),
        encoding: Encoding::Hex,
        before_body: Vec::new(),
        timestamp: None,
        id: Id::Text(headers.text("X-GitHub-Delivery")?),
    })
}

/// <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>
fn shopify(headers: Headers<'_>) -> Result<Signed<'_>, Error> {
    Ok(Signed {
        signatures: vec![headers.required("X-Shopify-Hmac-Sha256")?],
        encoding: Encoding::Base64,
        before_body: Vec::new(),
        timestamp: None,
        id: Id::Text(headers.text("X-Shopify-Webhook-Id")?),
    })
}

/// <https://docs.slack.dev/authentication/verifying-requests-from-slack>
fn slack(headers: Headers<'_>) -> Result<Signed<'_>, Error> {
    let signature = headers.required("X-Slack-Signature")?;
    let timestamp = headers.required("X-Slack-Request-Timestamp")?;
    Ok(Signed {
        signatures: after_each([signature].into_iter(), b"v0="),
        encoding: Encoding::Hex,
        before_body: vec![b"v0:", timestamp, b":"],
        timestamp: Some(seconds(timestamp)?),
        id: Id::None,
    })
}

/// The rests of the items that begin with this prefix. Others, such as signatures of other versions,
/// are skipped.
fn after_each<'a>(items: impl Iterator<Item = &'a [u8]>, prefix: &[u8]) -> Vec<&'a [u8]> {
    items.filter_map(|item| item.strip_prefix(prefix)).collect()
}

fn seconds(text: &[u8]) -> Result<u64, Error> {
    std::str::from_utf8(text)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| refused("has a timestamp that is not a number of seconds"))
}
