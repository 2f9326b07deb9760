//! Keeps a client's secrets out of every text that leaves the library.
//!
//! Redaction by value is the second net. The first is that formatting leaves out the values of
//! header fields and query parameters whose names speak of secrets, so a message holds one only
//! where a server or a caller has put it there.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use super::matching::{Guises, begins_match};
use super::secret::{REDACTED, Secret, is_secret_name};

/// Shorter values are not searched for: they would tear ordinary text apart.
const SHORTEST: usize = 4;

/// The secret values of a client, gathered for a [`Redactor`]. Wiped on drop.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// A value that must not be seen, in any encoding. Values shorter than four bytes are passed over.
    pub fn add(&mut self, value: &str) {
        if value.len() >= SHORTEST {
            self.0.push(Secret::from(value));
        }
    }

    /// The value of a header field, if its name speaks of a secret: the whole of it, and of
    /// credentials, what remains of them without the scheme, of `Basic` the password, of `Cookie`
    /// each cookie's value.
    pub fn add_header(&mut self, name: &str, value: &str) {
        if !is_secret_name(name) {
            return;
        }
        self.add(value);
        if name.eq_ignore_ascii_case("cookie") {
            for pair in value.split(';') {
                self.add_cookie(pair.split_once('=').map_or(pair, |(_, value)| value).trim());
            }
        } else if let Some((scheme, credentials)) = value.split_once(' ') {
            self.add(credentials.trim());
            if scheme.eq_ignore_ascii_case("basic") {
                self.add_basic(credentials.trim());
            }
        }
    }

    /// The value of a cookie, with and without the quotes around it.
    pub fn add_cookie(&mut self, value: &str) {
        self.add(value);
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        if let Some(bare) = bare {
            self.add(bare);
        }
    }

    /// The user information of a URL. Its user name counts as secret only where no password
    /// stands beside it, since it then is a token.
    pub fn add_userinfo(&mut self, url: &Url) {
        let (user, password) = (url.username(), url.password().unwrap_or_default());
        self.add_user(user, password);
        let decoded = |part| percent_decode_str(part).decode_utf8().map(Cow::into_owned);
        if let (Ok(user), Ok(password)) = (decoded(user), decoded(password)) {
            self.add_user(&Zeroizing::new(user), &Zeroizing::new(password));
        }
    }

    /// A password; without one, the user name, which then is a token.
    pub fn add_user(&mut self, user: &str, password: &str) {
        self.add(if password.is_empty() { user } else { password });
    }

    /// These secrets and those.
    pub fn extend(&mut self, others: &Secrets) {
        self.0.extend_from_slice(&others.0);
    }

    /// What keeps these secrets out of texts.
    #[must_use]
    pub fn into_redactor(self) -> Redactor {
        Redactor::new(self)
    }

    /// The `user:password` that RFC 7617 puts behind `Basic`, in base64.
    fn add_basic(&mut self, encoded: &str) {
        let Ok(decoded) = STANDARD.decode(encoded).map(Zeroizing::new) else { return };
        if let Some((user, password)) =
            std::str::from_utf8(&decoded).ok().and_then(|pair| pair.split_once(':'))
        {
            self.add_user(user, password);
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// Replaces secret values in texts. Clones share the same memory, wiped when the last one goes;
/// the default one knows no secret.
#[derive(Clone, Default)]
pub struct Redactor(Option<Arc<Patterns>>);

struct Patterns {
    secrets: Vec<Secret>,
    /// For each byte, whether a match can begin with it.
    beginnings: [bool; 256],
}

impl Redactor {
    fn new(Secrets(mut secrets): Secrets) -> Self {
        secrets.sort_by(|a, b| a.expose().cmp(b.expose()));
        secrets.dedup_by(|a, b| a.expose() == b.expose());
        if secrets.is_empty() {
            return Self(None);
        }
        let mut beginnings = [false; 256];
        for (beginning, byte) in beginnings.iter_mut().zip(0_u8..=255) {
            *beginning = secrets
                .iter()
                .filter_map(|secret| secret.expose().as_bytes().first())
                .any(|first| begins_match(byte, *first));
        }
        Self(Some(Arc::new(Patterns { secrets, beginnings })))
    }

    /// This redactor with more secrets, as one request may bring its own.
    #[must_use]
    pub fn with(&self, more: &Secrets) -> Self {
        if more.0.is_empty() {
            return self.clone();
        }
        let mut all = more.clone();
        if let Some(patterns) = &self.0 {
            all.0.extend_from_slice(&patterns.secrets);
        }
        Self::new(all)
    }

    /// The text with `[redacted]` in place of every secret: plain, percent-encoded, escaped as in
    /// JSON or as in a quoted cookie. Where secrets overlap, they go together.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(patterns) = &self.0 else { return Cow::Borrowed(text) };
        let spans = patterns.spans(text.as_bytes());
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut redacted = String::with_capacity(text.len());
        let mut shown = 0;
        for span in spans {
            redacted.push_str(text.get(shown..span.start).unwrap_or_default());
            redacted.push_str(REDACTED);
            shown = span.end;
        }
        redacted.push_str(text.get(shown..).unwrap_or_default());
        Cow::Owned(redacted)
    }
}

impl Patterns {
    /// Where secrets stand, in order and without overlap.
    fn spans(&self, text: &[u8]) -> Vec<Range<usize>> {
        let guises = Guises::in_text(text);
        let mut spans: Vec<Range<usize>> = Vec::new();
        for (at, byte) in text.iter().enumerate() {
            if self.beginnings.get(usize::from(*byte)) != Some(&true) {
                continue;
            }
            let Some(end) = self.match_end(guises, text, at) else { continue };
            match spans.last_mut() {
                Some(last) if at < last.end => last.end = last.end.max(end),
                _ => spans.push(at..end),
            }
        }
        spans
    }

    /// The end of the longest match that begins here.
    fn match_end(&self, guises: Guises, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        let longest = self
            .secrets
            .iter()
            .filter_map(|secret| guises.match_length(rest, secret.expose().as_bytes()))
            .max()?;
        at.checked_add(longest)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({})", self.0.as_ref().map_or(0, |patterns| patterns.secrets.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(values: &[&str]) -> Redactor {
        let mut secrets = Secrets::default();
        for value in values {
            secrets.add(value);
        }
        secrets.into_redactor()
    }

    #[test]
    fn every_occurrence_is_replaced() {
        let redacted = redactor(&["hunter22"]);
        assert_eq!(redacted.redact("hunter22, hunter22hunter22."), {
            "[redacted], [redacted][redacted]."
        });
    }

    #[test]
    fn a_text_without_secrets_is_not_copied() {
        let text = "GET /hunter -> 200 100%";
        assert!(
            matches!(redactor(&["hunter22"]).redact(text), Cow::Borrowed(same) if same == text)
        );
        assert!(matches!(Redactor::default().redact(text), Cow::Borrowed(_)));
    }

    #[test]
    fn the_longest_secret_wins_and_overlapping_ones_go_together() {
        assert_eq!(redactor(&["abcd", "abcdefgh"]).redact("xabcdefghx"), "x[redacted]x");
        assert_eq!(redactor(&["abcdef", "efghij"]).redact("xabcdefghijx"), "x[redacted]x");
    }

    #[test]
    fn encoded_forms_are_found_too() {
        let redactor = redactor(&["pass wörd\""]);
        for form in
            ["pass%20w%C3%B6rd%22", "pass+w%c3%b6rd%22", "pass wörd\\\"", "pass w\\u00f6rd\\\""]
        {
            assert_eq!(redactor.redact(&format!("a={form};")), "a=[redacted];", "{form} is seen");
        }
    }

    #[test]
    fn values_too_short_to_search_for_are_left_alone() {
        assert_eq!(redactor(&["", "a", "abc"]).redact("abc a"), "abc a");
    }

    #[test]
    fn text_beyond_ascii_stays_whole_around_a_secret() {
        assert_eq!(redactor(&["gehörtmir"]).redact("ögehörtmirö😀"), "ö[redacted]ö😀");
    }

    fn after_header(name: &str, value: &str, text: &str) -> String {
        let mut secrets = Secrets::default();
        secrets.add_header(name, value);
        secrets.into_redactor().redact(text).into_owned()
    }

    #[test]
    fn a_bearer_token_is_found_without_its_scheme() {
        let text = "token abcd1234 has expired";
        assert_eq!(
            after_header("authorization", "Bearer abcd1234", text),
            "token [redacted] has expired"
        );
    }

    #[test]
    fn a_basic_password_is_found_in_base64_and_in_clear() {
        let header = format!("Basic {}", STANDARD.encode("jane:s3cret:pw"));
        let text = format!("jane, s3cret:pw, {}", STANDARD.encode("jane:s3cret:pw"));
        assert_eq!(after_header("Authorization", &header, &text), "jane, [redacted], [redacted]");
    }

    #[test]
    fn a_user_name_without_password_is_a_token() {
        let header = format!("Basic {}", STANDARD.encode("sk_live_1234:"));
        assert_eq!(after_header("Authorization", &header, "sk_live_1234"), "[redacted]");
        let mut secrets = Secrets::default();
        secrets.add_userinfo(&Url::parse("https://ghp_12345@host/").unwrap());
        assert_eq!(secrets.into_redactor().redact("ghp_12345"), "[redacted]");
    }

    #[test]
    fn each_value_of_a_cookie_header_is_found() {
        let header = "sid=abcdef; theme=\"dark blue\"; n=1";
        assert_eq!(after_header("Cookie", header, "abcdef dark blue 1"), "[redacted] [redacted] 1");
    }

    #[test]
    fn ordinary_headers_hide_nothing() {
        assert_eq!(after_header("Accept", "text/html", "text/html"), "text/html");
    }

    #[test]
    fn a_url_password_is_found_encoded_and_decoded() {
        let mut secrets = Secrets::default();
        secrets.add_userinfo(&Url::parse("https://jane:p%40ss%2Fword@host/").unwrap());
        let redactor = secrets.into_redactor();
        assert_eq!(
            redactor.redact("https://jane:p%40ss%2Fword@host/ with p@ss/word"),
            "https://jane:[redacted]@host/ with [redacted]"
        );
    }

    #[test]
    fn a_request_adds_its_own_secrets() {
        let client = redactor(&["client-secret"]);
        let mut own = Secrets::default();
        own.add("request-secret");
        let both = client.with(&own);
        assert_eq!(both.redact("client-secret request-secret"), "[redacted] [redacted]");
        assert_eq!(client.redact("request-secret"), "request-secret");
        assert_eq!(client.with(&Secrets::default()).redact("client-secret"), "[redacted]");
    }

    #[test]
    fn debug_output_tells_only_how_many() {
        assert_eq!(format!("{:?}", redactor(&["client-secret"])), "Redactor(1)");
    }
}
