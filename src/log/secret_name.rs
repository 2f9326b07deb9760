//! Which header fields and query parameters contain secrets, by their names.

/// A name that contains one of these texts is a secret's.
const SECRET_SUBSTRINGS: &[&str] = &[
    "token",
    "key",
    "secret",
    "auth",
    "password",
    "passwd",
    "passcode",
    "passphrase",
    "signature",
    "session",
    "credential",
    "bearer",
    "hmac",
    "assertion",
    "csrf",
    "xsrf",
];

/// A name that contains one of these words is a secret's: between characters other than letters and
/// digits, or as a word in camel case. As a part of a word they would match harmless names.
const SECRET_WORDS: &[&str] = &[
    "cookie", "pass", "pwd", "pw", "sig", "mac", "jwt", "otp", "totp", "pin", "dpop", "sid",
    "creds", "cred", "ticket", "saml",
];

/// Complete names of secrets: codes that work like a token (RFC 6749 section 4.1.2, RFC 7636
/// section 4.1, RFC 8628 section 3.2).
const SECRET_NAMES: &[&str] =
    &["code", "code_verifier", "device_code", "user_code", "verification_code", "security_code"];

/// Whether a header field or a query parameter with this name contains a secret, in any case:
/// `Authorization`, `Proxy-Authorization`, `Cookie`, `Set-Cookie`, and names for a token, a key, a
/// secret, a password, a signature, a session or credentials.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let listed = |list: &[&str], name: &str| list.iter().any(|one| name.eq_ignore_ascii_case(one));
    listed(SECRET_NAMES, name)
        || SECRET_SUBSTRINGS.iter().any(|word| contains_ignore_case(name, word))
        || name.split(|character: char| !character.is_ascii_alphanumeric()).any(|part| {
            listed(SECRET_WORDS, part) || camel_words(part).any(|word| listed(SECRET_WORDS, word))
        })
}

/// The words of a name in camel case. Each begins with a capital letter after a small letter or a
/// digit.
fn camel_words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let small = |pair: &[u8]| matches!(pair, [b'a'..=b'z' | b'0'..=b'9', b'A'..=b'Z']);
        let end = rest.as_bytes().windows(2).position(small);
        let (word, after) =
            rest.split_at_checked(end.map_or(rest.len(), |at| at.saturating_add(1)))?;
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

fn contains_ignore_case(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_recognised_in_any_case() {
        for name in [
            "Authorization",
            "proxy-authorization",
            "COOKIE",
            "Set-Cookie",
            "X-Auth-Token",
            "api_key",
            "apikey",
            "ClientSecret",
            "password",
            "X-Amz-Signature",
            "PHPSESSIONID",
            "X-Amz-Credential",
            "access_token",
            "sig",
            "jwt",
            "X-Jwt",
            "X-Otp",
            "user_pw",
            "DPoP",
            "Passphrase",
            "X-Pass",
            "X-Bearer",
            "X-Hmac",
            "X-Csrf",
            "X-Ticket",
            "X-Saml-Assertion",
            "X-Api-Creds",
            "pass",
            "userPass",
            "user[pass]",
            "passcode",
            "code",
            "Code",
            "code_verifier",
            "device_code",
            "client_assertion",
        ] {
            assert!(is_secret_name(name), "{name} does not count as a secret");
        }
    }

    #[test]
    fn ordinary_names_are_not_taken_for_secrets() {
        for name in [
            "",
            "Accept",
            "Content-Type",
            "page",
            "Cookies",
            "design",
            "Date",
            "ke",
            "postal_code",
            "X-Error-Code",
            "passenger",
            "compass",
            "Bypass",
            "encode",
            "machine",
            "X-Pinned",
        ] {
            assert!(!is_secret_name(name), "{name} counts as a secret");
        }
    }
}
