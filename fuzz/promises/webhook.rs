//! Only signed webhooks verify, and every signed webhook verifies, with any header fields and any body.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sac::auth::Digest;
use sac::auth::encoding::Encoding;
use sac::auth::mac::hmac;
use sac::auth::webhook::{Field, Headers, Scheme, verify};

const SCHEMES: [Scheme; 5] =
    [Scheme::Standard, Scheme::Stripe, Scheme::GitHub, Scheme::Shopify, Scheme::Slack];
/// For Standard Webhooks the base64 of `KEY`, for the others the key itself.
const STANDARD_SECRET: &str = "whsec_a2V5IG9mIHRoZSBmdXp6IHRhcmdldA==";
const KEY: &str = "key of the fuzz target";

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// Input: a byte for the scheme, then header fields in lines `name:value`, an empty line, and the body.
pub fn check(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let scheme = SCHEMES[usize::from(*first) % SCHEMES.len()];
    let end = rest.windows(2).position(|two| two == b"\n\n");
    let (head, body) = end.map_or((rest, &b""[..]), |end| (&rest[..end], &rest[end + 2..]));
    let fields: Vec<Field<'_>> = head.split(|byte| *byte == b'\n').filter_map(field).collect();
    check_verified_is_signed(scheme, &fields, body);
    check_signed_verifies(scheme, &fields, body);
}

fn field(line: &[u8]) -> Option<Field<'_>> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((&line[..colon], &line[colon + 1..]))
}

fn verifies(scheme: Scheme, fields: &[Field<'_>], body: &[u8], tolerance_s: u64) -> bool {
    let secret = if scheme == Scheme::Standard { STANDARD_SECRET } else { KEY };
    verify(scheme, &["b3RoZXI", secret], Headers(fields), body, tolerance_s, now()).is_ok()
}

fn check_verified_is_signed(scheme: Scheme, fields: &[Field<'_>], body: &[u8]) {
    if !verifies(scheme, fields, body, 0) {
        return;
    }
    let genuine = Content::all(scheme, fields).iter().any(|content| {
        let mac = content.mac(scheme, body);
        fields.iter().any(|(_, value)| contains(value, mac.as_bytes()))
    });
    assert!(genuine, "{scheme:?}: {fields:?} verify, but nobody signed them");
}

/// Signs the content of the fields, and verifies it.
fn check_signed_verifies(scheme: Scheme, fields: &[Field<'_>], body: &[u8]) {
    let Some(content) = Content::all(scheme, fields).into_iter().next() else { return };
    let mac = content.mac(scheme, body);
    let time = String::from_utf8_lossy(content.time).into_owned();
    let signature = match scheme {
        Scheme::Standard => format!("v1a,x v1,{mac} v1,"),
        Scheme::Stripe => format!("v0=1,t={time},v1=,v1={mac}"),
        Scheme::GitHub => format!("sha256={mac}"),
        Scheme::Shopify => mac,
        Scheme::Slack => format!("v0={mac}"),
    };
    let is_own = |name: &[u8]| names(scheme).iter().any(|own| name.eq_ignore_ascii_case(own));
    let mut signed: Vec<Field<'_>> =
        fields.iter().filter(|(name, _)| !is_own(name)).copied().collect();
    let signature: Field<'_> = (names(scheme)[0], signature.as_bytes());
    signed.push(signature);
    signed.extend(content.fields(scheme));
    let accepted = content.is_valid(scheme);
    assert_eq!(verifies(scheme, &signed, body, 0), accepted, "{scheme:?}: {signed:?}");

    let mut longer = body.to_vec();
    longer.push(0);
    assert!(!verifies(scheme, &signed, &longer, 0), "{scheme:?}: another body verifies");
    let is_signed = matches!(scheme, Scheme::Standard | Scheme::Stripe | Scheme::Slack);
    let in_time = time.parse().is_ok_and(|time: u64| time.abs_diff(1_700_000_000) <= 300);
    let accepted = accepted && (in_time || !is_signed);
    assert_eq!(verifies(scheme, &signed, body, 300), accepted, "{scheme:?}: {time} of 1700000000");
    signed.push(signature);
    assert!(!verifies(scheme, &signed, body, 0), "{scheme:?}: a field that is there twice");
}

/// The parts that are signed in addition to the body.
struct Content<'a> {
    id: &'a [u8],
    time: &'a [u8],
}

impl<'a> Content<'a> {
    /// All that the fields could mean, even if a field is there more than once.
    fn all(scheme: Scheme, fields: &[Field<'a>]) -> Vec<Self> {
        let values = |wanted: &[&str]| -> Vec<&'a [u8]> {
            let is_it =
                |name: &[u8]| wanted.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()));
            fields.iter().filter(|(name, _)| is_it(name)).map(|(_, value)| *value).collect()
        };
        let with_times = |times: Vec<&'a [u8]>, ids: Vec<&'a [u8]>| {
            let each = |time| ids.iter().map(move |id| Self { id, time }).collect::<Vec<_>>();
            times.into_iter().flat_map(each).collect()
        };
        match scheme {
            Scheme::Standard => with_times(
                values(&["webhook-timestamp", "svix-timestamp"]),
                values(&["webhook-id", "svix-id"]),
            ),
            Scheme::Stripe => {
                let items = values(&["stripe-signature"]);
                let items = items.iter().flat_map(|value| value.split(|byte| *byte == b','));
                with_times(items.filter_map(|item| item.strip_prefix(b"t=")).collect(), vec![b""])
            }
            Scheme::Slack => with_times(values(&["x-slack-request-timestamp"]), vec![b""]),
            Scheme::GitHub | Scheme::Shopify => vec![Self { id: b"", time: b"" }],
        }
    }

    fn mac(&self, scheme: Scheme, body: &[u8]) -> String {
        let (parts, encoding): (Vec<&[u8]>, _) = match scheme {
            Scheme::Standard => (vec![self.id, b".", self.time, b".", body], Encoding::Base64),
            Scheme::Stripe => (vec![self.time, b".", body], Encoding::Hex),
            Scheme::GitHub => (vec![body], Encoding::Hex),
            Scheme::Shopify => (vec![body], Encoding::Base64),
            Scheme::Slack => (vec![b"v0:", self.time, b":", body], Encoding::Hex),
        };
        let whole = parts.concat();
        hmac(Digest::Sha256, KEY.as_bytes(), &[&whole], encoding).unwrap().to_string()
    }

    /// The fields besides that of the signature.
    fn fields(&self, scheme: Scheme) -> Vec<Field<'a>> {
        match scheme {
            Scheme::Standard => vec![(names(scheme)[1], self.time), (names(scheme)[2], self.id)],
            Scheme::Slack => vec![(names(scheme)[1], self.time)],
            Scheme::Stripe | Scheme::GitHub | Scheme::Shopify => Vec::new(),
        }
    }

    fn is_valid(&self, scheme: Scheme) -> bool {
        let time = std::str::from_utf8(self.time).unwrap_or("?");
        let is_time = !time.starts_with('+') && time.parse::<u64>().is_ok();
        match scheme {
            Scheme::GitHub | Scheme::Shopify => true,
            Scheme::Stripe | Scheme::Slack => is_time,
            Scheme::Standard => {
                let is_id = std::str::from_utf8(self.id).is_ok_and(|id| !id.is_empty());
                is_time && is_id && !self.id.contains(&b'.')
            }
        }
    }
}

/// The names of a scheme's fields; first that of the signature, and last that of an id without a
/// signature.
fn names(scheme: Scheme) -> &'static [&'static [u8]] {
    match scheme {
        Scheme::Standard => &[b"webhook-signature", b"webhook-timestamp", b"webhook-id"],
        Scheme::Stripe => &[b"stripe-signature"],
        Scheme::GitHub => &[b"x-hub-signature-256", b"x-github-delivery"],
        Scheme::Shopify => &[b"x-shopify-hmac-sha256", b"x-shopify-webhook-id"],
        Scheme::Slack => &[b"x-slack-signature", b"x-slack-request-timestamp"],
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
