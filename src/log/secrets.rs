//! Collects the secret values of a client.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use super::secret::Secret;
use super::secret_name::is_secret_name;

/// Shorter values are searched for only as whole words, because they would match parts of ordinary
/// text.
const MIN_SECRET: usize = 4;
/// Passwords shorter than this are not searched for.
const MIN_WORD: usize = 2;
/// Authentication schemes before credentials, which are not secret (RFC 9110 section 11.4).
const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "negotiate", "token", "apikey"];

/// The secret values of a client, collected for a [`Redactor`](super::Redactor). Wiped on drop.
#[derive(Clone, Default)]
pub struct Secrets {
    pub(super) values: Vec<Arc<Secret>>,
    /// Values that are secret only as whole words.
    pub(super) words: Vec<Arc<Secret>>,
}

impl Secrets {
    /// Adds a value that no text may contain, in any encoding. Values shorter than four bytes are
    /// ignored.
    pub fn add(&mut self, value: &str) {
        if value.len() >= MIN_SECRET {
            self.values.push(Arc::new(Secret::from(value)));
        }
    }

    /// Adds a password or a token. One of two or three bytes is secret only as a whole word.
    pub fn add_password(&mut self, value: &str) {
        self.add(value);
        if (MIN_WORD..MIN_SECRET).contains(&value.len()) {
            self.words.push(Arc::new(Secret::from(value)));
        }
    }

    /// The same without a copy.
    pub fn add_shared_password(&mut self, value: &Arc<Secret>) {
        match value.expose().len() {
            MIN_SECRET.. => self.values.push(Arc::clone(value)),
            MIN_WORD.. => self.words.push(Arc::clone(value)),
            _ => {}
        }
    }

    /// Adds the value of a header field with a secret name: the whole value, credentials without
    /// their scheme, their parameters with a secret name, the password of `Basic`, and the value of each
    /// cookie in `Cookie`.
    pub fn add_header(&mut self, name: &str, value: &str) {
        if !is_secret_name(name) {
            return;
        }
        if name.eq_ignore_ascii_case("cookie") {
            self.add(value);
            for pair in value.split(';') {
                self.add_cookie(pair.split_once('=').map_or(pair, |(_, value)| value).trim());
            }
            return;
        }
        let Some((scheme, credentials)) = value.split_once(' ') else {
            self.add_password(value);
            return;
        };
        if !SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            self.add(value);
        }
        let credentials = credentials.trim();
        self.add_password(credentials);
        // Some texts repeat the credentials without the padding.
        self.add(credentials.trim_end_matches('='));
        for (name, value) in credentials.split(',').filter_map(|one| one.split_once('=')) {
            if is_secret_name(name.trim()) {
                self.add_password(value.trim().trim_matches('"'));
            }
        }
        if scheme.eq_ignore_ascii_case("basic") {
            self.add_basic(credentials);
        }
    }

    /// Adds the value of a cookie, with and without its quotes.
    pub fn add_cookie(&mut self, value: &str) {
        self.add(value);
        self.add_bare(value);
    }

    /// Adds the value of a cookie without a copy, because there may be thousands.
    pub fn add_shared_cookie(&mut self, value: &Arc<Secret>) {
        if value.expose().len() >= MIN_SECRET {
            self.values.push(Arc::clone(value));
        }
        self.add_bare(value.expose());
    }

    /// Adds the value within quotes.
    fn add_bare(&mut self, value: &str) {
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        if let Some(bare) = bare {
            self.add(bare);
        }
    }

    /// Adds the userinfo of a URL. A user name without a password is a secret, because it is a
    /// token.
    pub fn add_userinfo(&mut self, url: &Url) {
        let (user, password) = (url.username(), url.password().unwrap_or_default());
        self.add_user(user, password);
        let decoded = |part| percent_decode_str(part).decode_utf8().map(Cow::into_owned);
        if let (Ok(user), Ok(password)) = (decoded(user), decoded(password)) {
            self.add_user(&Zeroizing::new(user), &Zeroizing::new(password));
        }
    }

    /// Adds a password. Without one, adds the user name, which is then a token.
    pub fn add_user(&mut self, user: &str, password: &str) {
        self.add_password(if password.is_empty() { user } else { password });
    }

    /// Adds other secrets.
    pub fn extend(&mut self, others: &Secrets) {
        self.values.extend_from_slice(&others.values);
        self.words.extend_from_slice(&others.words);
    }

    /// The number of values and words.
    pub(super) fn count(&self) -> usize {
        self.values.len().saturating_add(self.words.len())
    }

    /// Adds the secret of the base64 `user:password` after `Basic` (RFC 7617).
    fn add_basic(&mut self, encoded: &str) {
        let encoded = encoded.trim_end_matches('=');
        let Ok(decoded) = STANDARD_NO_PAD.decode(encoded).map(Zeroizing::new) else { return };
        if let Some((user, password)) =
            std::str::from_utf8(&decoded).ok().and_then(|pair| pair.split_once(':'))
        {
            self.add_user(user, password);
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.count())
    }
}
