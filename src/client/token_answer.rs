//! The response of a token server (RFC 6749 section 5.1).

use std::time::Duration;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// An issued token.
pub struct TokenAnswer {
    /// The token for requests.
    pub access_token: Zeroizing<String>,
    /// The token for the next refresh, if the server has issued one.
    pub refresh_token: Option<Zeroizing<String>>,
    /// How long the token for requests may be used, if the server says so.
    pub lifetime: Option<Duration>,
}

impl TokenAnswer {
    /// Reads the body of a response.
    ///
    /// # Errors
    /// Why it contains no token that can be used.
    pub fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let members = serde_json::from_slice::<Map<String, Value>>(body)
            .map_err(|_| "the body is not a JSON object")?;
        let (mut access_token, mut refresh_token, mut lifetime) = (None, None, None);
        let mut is_bearer = true;
        for (name, value) in members {
            if name == "expires_in" {
                lifetime = seconds(&value);
            }
            // Each text is wiped, because any may be a secret.
            let Value::String(text) = value else { continue };
            let text = Zeroizing::new(text);
            match &*name {
                "access_token" if !text.is_empty() => access_token = Some(text),
                "refresh_token" if !text.is_empty() => refresh_token = Some(text),
                "token_type" => is_bearer = text.eq_ignore_ascii_case("bearer"),
                _ => {}
            }
        }
        let access_token = access_token.ok_or("the body has no access_token")?;
        if !is_bearer {
            return Err("the token_type is not Bearer, and no other one is supported");
        }
        Ok(Self { access_token, refresh_token, lifetime })
    }
}

/// A number of seconds. Some servers send it as a text, and 0 for a token without an end.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    seconds
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime(expires_in: &str) -> Option<Duration> {
        let body = format!("{{\"access_token\":\"abc\"{expires_in}}}");
        TokenAnswer::parse(body.as_bytes()).unwrap().lifetime
    }

    #[test]
    fn the_example_of_rfc_6749_is_read() {
        let body = br#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example",
            "expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","example_parameter":"x"}"#;
        let body = String::from_utf8_lossy(body).replace("\"example\"", "\"bearer\"");
        let answer = TokenAnswer::parse(body.as_bytes()).unwrap();
        assert_eq!(*answer.access_token, "2YotnFZFEjr1zCsicMWpAA");
        assert_eq!(answer.refresh_token.unwrap().as_str(), "tGzv3JOkF0XG5Qx2TlKWIA");
        assert_eq!(answer.lifetime, Some(Duration::from_secs(3600)));
    }

    #[test]
    fn a_lifetime_may_be_a_text_and_is_unknown_otherwise() {
        assert_eq!(lifetime(",\"expires_in\":\"60\""), Some(Duration::from_secs(60)));
        assert_eq!(lifetime(",\"expires_in\":1.5"), Some(Duration::from_millis(1500)));
        for unknown in ["", "null", "0", "-1", "\"\"", "\"soon\"", "[]", "1e300"] {
            let member = format!(",\"expires_in\":{unknown}");
            let member = if unknown.is_empty() { unknown } else { &member };
            assert_eq!(lifetime(member), None, "{unknown}");
        }
    }

    #[test]
    fn a_body_without_a_bearer_token_is_refused() {
        for (body, problem) in [
            ("", "not a JSON object"),
            ("[]", "not a JSON object"),
            ("{\"access_token\":1}", "no access_token"),
            ("{\"access_token\":\"\"}", "no access_token"),
            ("{\"access_token\":\"a\",\"token_type\":\"DPoP\"}", "not Bearer"),
        ] {
            let error = TokenAnswer::parse(body.as_bytes()).err().unwrap();
            assert!(error.contains(problem), "{body}: {error}");
        }
    }
}
