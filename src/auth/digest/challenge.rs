//! Challenges in `WWW-Authenticate` (RFC 9110 section 11.6.1, RFC 7616 section 3.3).

use super::algorithm::Algorithm;

/// Longer values are not sent back.
const MAX_VALUE: usize = 4096;

/// A challenge of the scheme `Digest` that this library can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    pub(super) realm: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) opaque: Option<Vec<u8>>,
    pub(super) algorithm: Algorithm,
    /// The variant with a session key.
    pub(super) session: bool,
    /// Whether the server has named the algorithm.
    pub(super) names_algorithm: bool,
    /// Whether `qop=auth` applies. Without it, the server is older than RFC 2617.
    pub(super) qop: bool,
    /// Only the nonce was too old.
    pub(super) stale: bool,
    pub(super) utf8: bool,
    pub(super) userhash: bool,
}

impl Challenge {
    /// The strongest challenge that can be answered, from the values of all fields.
    pub fn strongest<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut strongest: Option<Self> = None;
        for value in values {
            let mut reader = Reader { rest: value };
            while let Some((scheme, parameters)) = reader.challenge() {
                let challenge =
                    scheme.eq_ignore_ascii_case(b"Digest").then(|| Self::of(parameters));
                let challenge = challenge.flatten();
                // Of equal ones the first, which the server prefers.
                if let Some(challenge) = challenge
                    && strongest.as_ref().is_none_or(|best| best.algorithm < challenge.algorithm)
                {
                    strongest = Some(challenge);
                }
            }
        }
        strongest
    }

    /// `None` if it is damaged, or needs what is not supported, such as a digest of the body.
    fn of(parameters: Parameters<'_>) -> Option<Self> {
        let find = |wanted: &str| {
            let mut found = parameters.iter();
            let found = found.find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()));
            found.map(|(_, value)| value)
        };
        let says_true = |name| find(name).is_some_and(|value| value.eq_ignore_ascii_case(b"true"));
        let (algorithm, session) = match find("algorithm") {
            Some(name) => Algorithm::parse(name)?,
            None => (Algorithm::Md5, false),
        };
        let qop = find("qop").filter(|qop| !qop.trim_ascii().is_empty());
        if let Some(qop) = qop {
            let mut offered = qop.split(|byte| *byte == b',');
            offered.find(|offered| offered.trim_ascii().eq_ignore_ascii_case(b"auth"))?;
        } else if session {
            // Its key needs the client's nonce, which only `qop` sends.
            return None;
        }
        let mut sent_back = ["realm", "nonce", "opaque"].into_iter().filter_map(find);
        if !sent_back.all(|value| may_be_sent(value)) {
            return None;
        }
        Some(Self {
            realm: find("realm")?.clone(),
            nonce: find("nonce")?.clone(),
            opaque: find("opaque").cloned(),
            algorithm,
            session,
            names_algorithm: find("algorithm").is_some(),
            qop: qop.is_some(),
            stale: says_true("stale"),
            utf8: find("charset").is_some_and(|value| value.eq_ignore_ascii_case(b"UTF-8")),
            userhash: says_true("userhash"),
        })
    }
}

/// Whether a value may be a part of a header field.
fn may_be_sent(value: &[u8]) -> bool {
    value.len() <= MAX_VALUE && value.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control())
}

/// The value of `nextnonce` in `Authentication-Info` (RFC 7616 section 3.5).
pub(super) fn next_nonce(value: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: value };
    let parameters = reader.parameters();
    let mut found = parameters.into_iter();
    let found = found.find(|(name, _)| name.eq_ignore_ascii_case(b"nextnonce"));
    found.map(|(_, value)| value).filter(|nonce| may_be_sent(nonce))
}

/// The names and values of parameters. A value in quotes is without them.
type Parameters<'a> = Vec<(&'a [u8], Vec<u8>)>;

/// Reads challenges from the start of a field value. Damage ends it.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next challenge: its scheme and its parameters.
    fn challenge(&mut self) -> Option<(&'a [u8], Parameters<'a>)> {
        self.skip(b" \t,");
        let scheme = self.token()?;
        self.skip(b" \t");
        if self.skip_token68() {
            return Some((scheme, Vec::new()));
        }
        Some((scheme, self.parameters()))
    }

    /// Parameters up to the next challenge, or to the end.
    fn parameters(&mut self) -> Parameters<'a> {
        let mut found = Vec::new();
        loop {
            self.skip(b" \t,");
            let before = self.rest;
            let parameter = self.parameter();
            match parameter {
                Some(parameter) => found.push(parameter),
                None => {
                    // The next scheme, or damage.
                    self.rest = before;
                    return found;
                }
            }
        }
    }

    fn parameter(&mut self) -> Option<(&'a [u8], Vec<u8>)> {
        let name = self.token()?;
        self.skip(b" \t");
        self.rest = self.rest.strip_prefix(b"=")?;
        self.skip(b" \t");
        let value = match self.rest.strip_prefix(b"\"") {
            Some(rest) => {
                let length = quoted_length(rest)?;
                let (value, rest) = rest.split_at_checked(length)?;
                self.rest = rest.get(1..)?;
                value
            }
            None => self.token().unwrap_or_default(),
        };
        Some((name, value.to_vec()))
    }

    fn token(&mut self) -> Option<&'a [u8]> {
        let is_token =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let length = self.rest.iter().take_while(|byte| is_token(byte)).count();
        let (token, rest) = self.rest.split_at_checked(length).filter(|_| length > 0)?;
        self.rest = rest;
        Some(token)
    }

    /// Skips the credentials of a scheme without parameters: characters with padding at their end,
    /// and nothing after it.
    fn skip_token68(&mut self) -> bool {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
        let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
        let after = self.rest.get(length..).unwrap_or_default();
        let padding = after.iter().take_while(|byte| **byte == b'=').count();
        let after = after.get(padding..).unwrap_or_default();
        let ended = matches!(after.trim_ascii_start().first(), None | Some(b','));
        let found = length > 0 && ended;
        if found {
            self.rest = after;
        }
        found
    }

    fn skip(&mut self, bytes: &[u8]) {
        let length = self.rest.iter().take_while(|byte| bytes.contains(byte)).count();
        self.rest = self.rest.get(length..).unwrap_or_default();
    }
}

/// The length of a quoted text up to its end. A backslash and the byte after it stay as they are:
/// they are sent back in the same form, and hashed in this form (RFC 7616 section 3.1, `unq`).
fn quoted_length(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Challenge> {
        Challenge::strongest(values.iter().map(|value| value.as_bytes()))
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_form_of_a_challenge_is_read() {
        for value in [
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
            "digest realm = r ,\tNONCE=\"n\",qop=auth",
            "Digest qop=\"auth-int, auth\",nonce=n,realm=\"r\", domain=\"/a /b\", unknown=\"x\"",
            "Basic realm=\"other\", Digest realm=\"r\", nonce=\"n\", qop=\"auth\", Bearer",
            "Negotiate abc==, Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
            "Negotiate, Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
            ", ,Digest realm=\"r\", , nonce=\"n\", qop=\"auth\",",
            "Digest algorithm=MD5, realm=\"r\", nonce=\"n\", qop=\"AUTH\"",
        ] {
            let challenge = of(&[value]).unwrap_or_else(|| panic!("nothing in {value}"));
            assert_eq!((text(&challenge.realm), text(&challenge.nonce)), ("r", "n"), "{value}");
            assert!(challenge.qop && !challenge.stale && !challenge.userhash, "{value}");
            assert_eq!((challenge.algorithm, challenge.session), (Algorithm::Md5, false));
        }
    }

    #[test]
    fn damaged_and_unsupported_challenges_are_not_answered() {
        for value in [
            "",
            "Digest",
            "Basic realm=\"r\"",
            "Digest nonce=\"n\"",
            "Digest realm=\"r\"",
            "Digest realm=\"r\", nonce=\"n",
            "Digest realm=\"r\\\", nonce=\"n\"",
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512, qop=\"auth\"",
            "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
            "Digest; realm=\"r\", nonce=\"n\"",
            "Digest realm=\"r\", nonce=\"n\u{1}\"",
            "DigestX realm=\"r\", nonce=\"n\"",
        ] {
            assert_eq!(of(&[value]), None, "{value}");
        }
        let long = format!("Digest realm=\"r\", nonce=\"{}\"", "n".repeat(MAX_VALUE + 1));
        assert_eq!(of(&[&long]), None, "a nonce that is too long");
    }

    #[test]
    fn the_strongest_algorithm_is_chosen_and_of_equal_ones_the_first() {
        let challenge = |algorithm: &str, nonce: &str| {
            format!("Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\", algorithm={algorithm}")
        };
        let (md5, sha, other) =
            (challenge("MD5", "1"), challenge("SHA-256", "2"), challenge("SHA-256-sess", "3"));
        for (values, nonce) in [
            (vec![md5.as_str(), &sha], "2"),
            (vec![sha.as_str(), &md5, &other], "2"),
            (vec![other.as_str(), &sha], "3"),
        ] {
            let apart = of(&values).unwrap();
            assert_eq!(text(&apart.nonce), nonce, "{values:?}");
            assert_eq!(of(&[&values.join(", ")]).unwrap(), apart, "in one field: {values:?}");
        }
    }

    #[test]
    fn all_parameters_are_used() {
        let value = "Digest realm=\"a \\\"b\\\\\", nonce=\"n\", opaque=\"\", stale=TRUE, \
                     charset=utf-8, userhash=true, algorithm=\"SHA-256-sess\", qop=\"auth\"";
        let challenge = of(&[value]).unwrap();
        assert_eq!(text(&challenge.realm), "a \\\"b\\\\");
        assert_eq!(challenge.opaque.as_deref(), Some(b"".as_slice()));
        assert!(challenge.stale && challenge.utf8 && challenge.userhash && challenge.session);
        assert_eq!(challenge.algorithm, Algorithm::Sha256);
    }

    #[test]
    fn the_next_nonce_is_found() {
        let info = b"rspauth=\"6629\", cnonce=\"c\", nc=00000001, nextnonce=\"abc=\", qop=auth";
        assert_eq!(next_nonce(info).as_deref(), Some(b"abc=".as_slice()));
        assert_eq!(next_nonce(b"rspauth=\"6629\""), None);
        assert_eq!(next_nonce(b""), None);
    }
}
