//! Removes a client's secrets from every text that leaves the library.
//!
//! Redaction by value is the second protection. The first is that formatting omits the values of
//! header fields and query parameters with secret names. So a message contains a secret only if a
//! server or a caller has put it there.
//!
//! No search index is kept, because most calls end without a text that could contain a secret. The
//! time is proportional to the sum of text and secrets, not to their product: the search indexes
//! the text's windows of `WINDOW` bytes, and looks up the windows of the secrets.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use crate::memory;

use super::decoding::{DecodedText, decoded_texts};
use super::line::{ELLIPSIS, prefix};
use super::secret::{REDACTED, Secret, is_secret_name};

/// Shorter values are searched for only as whole words, because they would match parts of ordinary
/// text.
const MIN_SECRET: usize = 4;
/// Passwords shorter than this are not searched for.
const MIN_WORD: usize = 2;
/// Authentication schemes before credentials, which are not secret (RFC 9110 section 11.4).
const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "negotiate", "token", "apikey"];
/// The length of a part of a secret that the search recognises.
const WINDOW: usize = 16;
/// The number of bytes after the shown text that the search reads, to recognise a secret that is
/// cut off.
pub(crate) const LOOKAHEAD: usize = 256;

/// The memory of the search for each byte of the text, with all its decoded forms. If there is not
/// enough memory, `[redacted]` replaces the whole text.
const MEMORY: usize = 1024;

/// The secret values of a client, collected for a [`Redactor`]. Wiped on drop.
#[derive(Clone, Default)]
pub struct Secrets {
    values: Vec<Arc<Secret>>,
    /// Values that are secret only as whole words.
    words: Vec<Arc<Secret>>,
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

    /// Adds the value of a header field with a secret name: the whole value, credentials without
    /// their scheme, the password of `Basic`, and the value of each cookie in `Cookie`.
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

    /// The redactor for these secrets.
    #[must_use]
    pub fn into_redactor(self) -> Redactor {
        if self.is_empty() { Redactor(None) } else { Redactor(Some(Arc::new(self))) }
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.words.is_empty()
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
        write!(f, "Secrets({})", self.values.len().saturating_add(self.words.len()))
    }
}

/// Replaces secret values in texts. Clones share the memory, which is wiped with the last one. The
/// default has no secrets.
#[derive(Clone, Default)]
pub struct Redactor(Option<Arc<Secrets>>);

impl Redactor {
    /// A redactor without secrets.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// This redactor with more secrets, for example those of a request.
    #[must_use]
    pub fn with_secrets(&self, more: &Secrets) -> Self {
        if more.is_empty() {
            return self.clone();
        }
        let mut all = more.clone();
        if let Some(secrets) = &self.0 {
            all.extend(secrets);
        }
        all.into_redactor()
    }

    /// The text with `[redacted]` instead of every secret, in any case: plain, percent-encoded,
    /// escaped as in JSON, in a quoted cookie or in HTML, in base64, wrapped over several lines, or
    /// in two of these combined. If a text contains half of a secret of `WINDOW` bytes or more, in
    /// parts of this length, these parts are replaced too. Adjacent secrets become one.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redact_prefix(text, text.len())
    }

    /// A line of at most `max` bytes without secrets, after `shape`. A longer line is cut and ends
    /// with "…".
    #[must_use]
    pub fn redact_line(&self, text: &str, max: usize, shape: fn(&str) -> Cow<'_, str>) -> String {
        let redacted = self.redact_prefix(text, max);
        let mut line = shape(&redacted).into_owned();
        if text.len() > max || line.len() > max {
            line.truncate(prefix(&line, max.saturating_sub(ELLIPSIS.len_utf8())).len());
            line.push(ELLIPSIS);
        }
        line
    }

    /// The first `max` bytes of a text without secrets. The bytes after them help to recognise a
    /// secret that is cut off.
    #[must_use]
    pub fn redact_prefix<'t>(&self, text: &'t str, max: usize) -> Cow<'t, str> {
        let visible = prefix(text, max);
        let Some(secrets) = &self.0 else { return Cow::Borrowed(visible) };
        let searched = prefix(text, max.saturating_add(LOOKAHEAD));
        if !memory::is_left(searched.len().saturating_mul(MEMORY)) {
            return Cow::Borrowed(REDACTED);
        }
        // A secret at a cut made by the caller counts as cut off, too.
        let spans = SecretSearch::new(secrets, searched).spans(text.len() > max);
        let mut redacted = String::new();
        let mut copied = 0;
        for span in spans {
            let span = whole_characters(searched, span);
            if span.start >= visible.len() {
                break;
            }
            redacted.push_str(visible.get(copied..span.start).unwrap_or_default());
            redacted.push_str(REDACTED);
            copied = span.end;
        }
        if redacted.is_empty() {
            return Cow::Borrowed(visible);
        }
        redacted.push_str(visible.get(copied..).unwrap_or_default());
        Cow::Owned(redacted)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known =
            |secrets: &Arc<Secrets>| secrets.values.len().saturating_add(secrets.words.len());
        write!(f, "Redactor({})", self.0.as_ref().map_or(0, known))
    }
}

/// The span, extended to whole characters.
fn whole_characters(text: &str, span: Range<usize>) -> Range<usize> {
    let start = prefix(text, span.start).len();
    let mut end = span.end.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_add(1);
    }
    start..end
}

/// How a window of the text matches a secret.
#[derive(Clone, Copy, Default)]
struct WindowMatch {
    /// Whether the window is a part of a secret.
    in_secret: bool,
    /// Whether the text contains at least half of that secret.
    in_half_found_secret: bool,
}

/// A search for all secrets in one text.
struct SecretSearch<'s> {
    secrets: &'s Secrets,
    texts: Vec<DecodedText>,
    windows: HashMap<u128, WindowMatch>,
}

impl<'s> SecretSearch<'s> {
    fn new(secrets: &'s Secrets, text: &str) -> Self {
        let texts = decoded_texts(text.as_bytes());
        let mut search = Self { secrets, texts, windows: HashMap::new() };
        if secrets.values.iter().any(|secret| is_long(secret)) {
            search.index_windows();
            search.match_windows();
        }
        search
    }

    fn index_windows(&mut self) {
        for text in &self.texts {
            for (_, window) in windows(&text.bytes, WINDOW) {
                self.windows.insert(window, WindowMatch::default());
            }
        }
    }

    /// Looks up the windows of each long secret in those of the text.
    fn match_windows(&mut self) {
        for secret in self.secrets.values.iter().filter(|secret| is_long(secret)) {
            let bytes = secret.expose().as_bytes();
            let (mut covered, mut covered_to) = (0_usize, 0);
            for (end, window) in windows(bytes, WINDOW) {
                if let Some(found) = self.windows.get_mut(&window) {
                    found.in_secret = true;
                    let begin = end.saturating_sub(WINDOW).max(covered_to);
                    covered = covered.saturating_add(end.saturating_sub(begin));
                    covered_to = end;
                }
            }
            if covered.saturating_mul(2) >= bytes.len() {
                for (_, window) in windows(bytes, WINDOW) {
                    if let Some(found) = self.windows.get_mut(&window) {
                        found.in_half_found_secret = true;
                    }
                }
            }
        }
    }

    /// The spans of secrets in the text, in order, with adjacent ones merged. `is_cut`: the text
    /// continues after the part that was searched, so the beginning of a secret at its end counts.
    fn spans(self, is_cut: bool) -> Vec<Range<usize>> {
        let (short, words) =
            (ShortSecrets::of(&self.secrets.values), ShortSecrets::of(&self.secrets.words));
        let mut found = Vec::new();
        for text in &self.texts {
            self.find_long(text, is_cut, &mut found);
            short.find(text, false, &mut found);
            words.find(text, true, &mut found);
        }
        merged(found)
    }

    fn find_long(&self, text: &DecodedText, is_cut: bool, found: &mut Vec<Range<usize>>) {
        if self.windows.is_empty() {
            return;
        }
        let mut part_at_end = None;
        for (end, window) in windows(&text.bytes, WINDOW) {
            let window = self.windows.get(&window).copied().unwrap_or_default();
            let begin = end.saturating_sub(WINDOW);
            if window.in_half_found_secret {
                found.push(text.span(begin..end));
            }
            part_at_end = if window.in_secret { part_at_end.or(Some(begin)) } else { None };
        }
        if let Some(begin) = part_at_end.filter(|_| is_cut) {
            found.push(text.span(begin..text.bytes.len()));
        }
    }
}

#[cfg(test)]
thread_local! {
    /// The number of windows that this thread has read, repeats included.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Secrets that are shorter than a window, by length.
struct ShortSecrets {
    lengths: Vec<usize>,
    /// Sorted, each with its length. Wiped on drop.
    values: Zeroizing<Vec<(usize, u128)>>,
}

impl ShortSecrets {
    fn of(secrets: &[Arc<Secret>]) -> Self {
        let mut values = Zeroizing::new(Vec::with_capacity(secrets.len()));
        for secret in secrets.iter().filter(|secret| !is_long(secret)) {
            let bytes = secret.expose().as_bytes();
            values.extend(windows(bytes, bytes.len()));
        }
        values.sort_unstable();
        let mut lengths: Vec<usize> = values.iter().map(|(length, _)| *length).collect();
        lengths.dedup();
        Self { lengths, values }
    }

    /// Adds the spans of these secrets. `whole_word`: only whole words count.
    fn find(&self, text: &DecodedText, whole_word: bool, found: &mut Vec<Range<usize>>) {
        let bytes = &text.bytes;
        let in_word = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric())
        };
        for length in &self.lengths {
            for (end, window) in windows(bytes, *length) {
                let begin = end.saturating_sub(*length);
                let whole = !whole_word || !in_word(begin.checked_sub(1)) && !in_word(Some(end));
                if whole && self.values.binary_search(&(*length, window)).is_ok() {
                    found.push(text.span(begin..end));
                }
            }
        }
    }
}

fn is_long(secret: &Secret) -> bool {
    secret.expose().len() >= WINDOW
}

/// Each window of `length` bytes, at most `WINDOW`, and its end. Letters that differ only in case
/// are the same, and so are characters that encodings exchange: space and plus in forms, and those
/// in which base64url differs from base64.
fn windows(bytes: &[u8], length: usize) -> impl Iterator<Item = (usize, u128)> + '_ {
    let mask = u128::MAX.checked_shr(bits_beyond(length)).unwrap_or(0);
    let mut window = 0_u128;
    bytes.iter().enumerate().filter_map(move |(at, byte)| {
        let normalized = match byte {
            b' ' | b'-' => b'+',
            b'_' => b'/',
            other => other.to_ascii_lowercase(),
        };
        window = (window.wrapping_shl(8) | u128::from(normalized)) & mask;
        #[cfg(test)]
        STEPS.with(|steps| steps.set(steps.get() + 1));
        let end = at.saturating_add(1);
        (end >= length && length > 0).then_some((end, window))
    })
}

/// The number of the 128 bits that a window of this length does not use.
fn bits_beyond(length: usize) -> u32 {
    u32::try_from(WINDOW.saturating_sub(length).saturating_mul(8)).unwrap_or(u32::MAX)
}

/// The spans in order. Those that overlap or touch are merged.
fn merged(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_unstable_by_key(|span| span.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans.into_iter().filter(|span| !span.is_empty()) {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
