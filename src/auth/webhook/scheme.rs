//! The schemes by which senders sign webhooks.

use crate::code::{Code, Error};

/// Webhook scheme: Standard Webhooks 1.0.0 with symmetric keys (`webhook-id`, `webhook-timestamp`,
/// `webhook-signature`; also with the names of Svix, `svix-…`). The secrets are base64, also with
/// the prefix `whsec_`.
pub const SAC_WEBHOOK_STANDARD: i32 = 1;
/// Webhook scheme: Stripe (`Stripe-Signature`).
pub const SAC_WEBHOOK_STRIPE: i32 = 2;
/// Webhook scheme: GitHub (`X-Hub-Signature-256`).
pub const SAC_WEBHOOK_GITHUB: i32 = 3;
/// Webhook scheme: Shopify (`X-Shopify-Hmac-Sha256`).
pub const SAC_WEBHOOK_SHOPIFY: i32 = 4;
/// Webhook scheme: Slack (`X-Slack-Signature`).
pub const SAC_WEBHOOK_SLACK: i32 = 5;

/// The scheme of a webhook's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[allow(missing_docs)] // Each is documented at its constant.
pub enum Scheme {
    Standard = SAC_WEBHOOK_STANDARD,
    Stripe = SAC_WEBHOOK_STRIPE,
    GitHub = SAC_WEBHOOK_GITHUB,
    Shopify = SAC_WEBHOOK_SHOPIFY,
    Slack = SAC_WEBHOOK_SLACK,
}

impl TryFrom<i32> for Scheme {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self, Error> {
        match number {
            SAC_WEBHOOK_STANDARD => Ok(Self::Standard),
            SAC_WEBHOOK_STRIPE => Ok(Self::Stripe),
            SAC_WEBHOOK_GITHUB => Ok(Self::GitHub),
            SAC_WEBHOOK_SHOPIFY => Ok(Self::Shopify),
            SAC_WEBHOOK_SLACK => Ok(Self::Slack),
            _ => Err(Error::new(
                Code::InvalidArgument,
                format!("{number} is not a webhook scheme; use one of SAC_WEBHOOK_…"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_have_the_numbers_that_c_sees() {
        for scheme in
            [Scheme::Standard, Scheme::Stripe, Scheme::GitHub, Scheme::Shopify, Scheme::Slack]
        {
            assert_eq!(Scheme::try_from(scheme as i32).unwrap(), scheme);
        }
        for number in [0, 6, -1, 257, i32::MAX] {
            assert_eq!(Scheme::try_from(number).unwrap_err().code, Code::InvalidArgument);
        }
    }
}
