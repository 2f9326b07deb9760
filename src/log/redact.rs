//! Keeps a client's secrets out of every text that leaves the library.
//!
//! Redaction by value is the second net. The first is that formatting leaves out the values of
//! header fields and query parameters whose names speak of secrets, so a message holds one only
//! where a server or a caller has put it there.
//!
//! Nothing is prepared for it: most calls end without a text that a secret could be in. It takes time
//! in proportion to the text and to the secrets, not to the one times the other: the text is cut
//! into windows of `WINDOW` bytes, and the secrets pass by them.

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

/// Shorter values are searched for as whole words only, if at all: they would tear ordinary text
/// apart.
const MIN_SECRET: usize = 4;
/// Passwords shorter than this are not even searched for as words.
const MIN_WORD: usize = 2;
/// What may stand before credentials and is no secret (RFC 9110 section 11.4).
const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "negotiate", "token", "apikey"];
/// How long a part of a secret is that is recognised.
const WINDOW: usize = 16;
/// So many bytes behind those that are shown are looked at: a secret that is cut off is known by them.
pub(crate) const LOOKAHEAD: usize = 256;

/// What the search takes for a byte of the text, all readings of it together. Where there is no memory for
/// it, nothing of the text is shown.
const MEMORY: usize = 1024;

/// The secret values of a client, gathered for a [`Redactor`]. Wiped on drop.
#[derive(Clone, Default)]
pub struct Secrets {
    values: Vec<Arc<Secret>>,
    /// Those that are secret only where they stand as words of their own.
    words: Vec<Arc<Secret>>,
}

impl Secrets {
    /// A value that must not be seen, in any encoding. Values shorter than four bytes are passed over.
    pub fn add(&mut self, value: &str) {
        if value.len() >= MIN_SECRET {
            self.values.push(Arc::new(Secret::from(value)));
        }
    }

    /// A password or a token. One of two or three bytes must not be seen as a word of its own.
    pub fn add_password(&mut self, value: &str) {
        self.add(value);
        if (MIN_WORD..MIN_SECRET).contains(&value.len()) {
            self.words.push(Arc::new(Secret::from(value)));
        }
    }

    /// The value of a header field, if its name speaks of a secret: the whole of it, and of
    /// credentials, what remains of them without the scheme, of `Basic` the password, of `Cookie`
    /// each cookie's value.
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
        // Some repeat them without the padding.
        self.add(credentials.trim_end_matches('='));
        if scheme.eq_ignore_ascii_case("basic") {
            self.add_basic(credentials);
        }
    }

    /// The value of a cookie, with and without the quotes around it.
    pub fn add_cookie(&mut self, value: &str) {
        self.add(value);
        self.add_bare(value);
    }

    /// The same for one that stays where it is: there may be thousands.
    pub fn add_shared_cookie(&mut self, value: &Arc<Secret>) {
        if value.expose().len() >= MIN_SECRET {
            self.values.push(Arc::clone(value));
        }
        self.add_bare(value.expose());
    }

    /// What stands within quotes.
    fn add_bare(&mut self, value: &str) {
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        if let Some(bare) = bare {
            self.add(bare);
        }
    }

    /// The user information of a URL. Its user name counts as secret only where no password
    /// stands next to it, since it then is a token.
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
        self.add_password(if password.is_empty() { user } else { password });
    }

    /// These secrets and those.
    pub fn extend(&mut self, others: &Secrets) {
        self.values.extend_from_slice(&others.values);
        self.words.extend_from_slice(&others.words);
    }

    /// What keeps these secrets out of texts.
    #[must_use]
    pub fn into_redactor(self) -> Redactor {
        if self.is_empty() { Redactor(None) } else { Redactor(Some(Arc::new(self))) }
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.words.is_empty()
    }

    /// The `user:password` that RFC 7617 puts behind `Basic`, in base64.
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

/// Replaces secret values in texts. Clones share the same memory, wiped when the last one goes;
/// the default one knows no secret.
#[derive(Clone, Default)]
pub struct Redactor(Option<Arc<Secrets>>);

impl Redactor {
    /// One that knows no secret.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// This redactor with more secrets, as one request may bring its own.
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

    /// The text with `[redacted]` in place of every secret, in whatever case: as it is, or
    /// percent-encoded, escaped as in JSON, a quoted cookie or HTML, in base64, wrapped over several
    /// lines, or in two of these one in the other. Of a secret of `WINDOW` bytes or more, parts of
    /// that length go as well, where together they are half of it. Secrets that touch go together.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redact_prefix(text, text.len())
    }

    /// A line of at most so many bytes without secrets, shaped so; one that would be longer ends with
    /// "…".
    #[must_use]
    pub fn redact_line(&self, text: &str, most: usize, shape: fn(&str) -> Cow<'_, str>) -> String {
        let redacted = self.redact_prefix(text, most);
        let mut line = shape(&redacted).into_owned();
        if text.len() > most || line.len() > most {
            line.truncate(prefix(&line, most.saturating_sub(ELLIPSIS.len_utf8())).len());
            line.push(ELLIPSIS);
        }
        line
    }

    /// The same for the first so many bytes of a text, where what is behind them counts for telling
    /// a secret that is cut off.
    #[must_use]
    pub fn redact_prefix<'t>(&self, text: &'t str, most: usize) -> Cow<'t, str> {
        let shown_text = prefix(text, most);
        let Some(secrets) = &self.0 else { return Cow::Borrowed(shown_text) };
        let seen = prefix(text, most.saturating_add(LOOKAHEAD));
        if !memory::is_left(seen.len().saturating_mul(MEMORY)) {
            return Cow::Borrowed(REDACTED);
        }
        // One that ends where the caller has cut it counts as cut off, too.
        let spans = SecretSearch::new(secrets, seen).spans(text.len() > most);
        let mut redacted = String::new();
        let mut shown = 0;
        for span in spans {
            let span = whole_characters(seen, span);
            if span.start >= shown_text.len() {
                break;
            }
            redacted.push_str(shown_text.get(shown..span.start).unwrap_or_default());
            redacted.push_str(REDACTED);
            shown = span.end;
        }
        if redacted.is_empty() {
            return Cow::Borrowed(shown_text);
        }
        redacted.push_str(shown_text.get(shown..).unwrap_or_default());
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

/// The span with the whole of the characters that it cuts.
fn whole_characters(text: &str, span: Range<usize>) -> Range<usize> {
    let start = prefix(text, span.start).len();
    let mut end = span.end.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_add(1);
    }
    start..end
}

/// What is known of a window of the text.
#[derive(Clone, Copy, Default)]
struct WindowMatch {
    /// It is a part of a secret.
    part: bool,
    /// It is a part of one of which enough is there.
    is_enough: bool,
}

/// A search for all secrets in one text.
struct SecretSearch<'s> {
    secrets: &'s Secrets,
    readings: Vec<DecodedText>,
    windows: HashMap<u128, WindowMatch>,
}

impl<'s> SecretSearch<'s> {
    fn new(secrets: &'s Secrets, text: &str) -> Self {
        let readings = decoded_texts(text.as_bytes());
        let mut search = Self { secrets, readings, windows: HashMap::new() };
        if secrets.values.iter().any(|secret| is_long(secret)) {
            search.index_windows();
            search.match_windows();
        }
        search
    }

    fn index_windows(&mut self) {
        for reading in &self.readings {
            for (_, window) in windows(&reading.bytes, WINDOW) {
                self.windows.insert(window, WindowMatch::default());
            }
        }
    }

    /// Lets each long secret pass by the windows of the text.
    fn match_windows(&mut self) {
        for secret in self.secrets.values.iter().filter(|secret| is_long(secret)) {
            let bytes = secret.expose().as_bytes();
            let (mut covered, mut covered_to) = (0_usize, 0);
            for (end, window) in windows(bytes, WINDOW) {
                if let Some(seen) = self.windows.get_mut(&window) {
                    seen.part = true;
                    let begin = end.saturating_sub(WINDOW).max(covered_to);
                    covered = covered.saturating_add(end.saturating_sub(begin));
                    covered_to = end;
                }
            }
            if covered.saturating_mul(2) >= bytes.len() {
                for (_, window) in windows(bytes, WINDOW) {
                    if let Some(seen) = self.windows.get_mut(&window) {
                        seen.is_enough = true;
                    }
                }
            }
        }
    }

    /// Where secrets stand in the text, in order, those that touch as one. `cut`: the text goes on
    /// behind what is looked at, so that the beginning of a secret at its end counts.
    fn spans(self, cut: bool) -> Vec<Range<usize>> {
        let (short, words) =
            (ShortSecrets::of(&self.secrets.values), ShortSecrets::of(&self.secrets.words));
        let mut found = Vec::new();
        for reading in &self.readings {
            self.long(reading, cut, &mut found);
            short.find(reading, false, &mut found);
            words.find(reading, true, &mut found);
        }
        merged(found)
    }

    fn long(&self, reading: &DecodedText, cut: bool, found: &mut Vec<Range<usize>>) {
        if self.windows.is_empty() {
            return;
        }
        let mut part_at_end = None;
        for (end, window) in windows(&reading.bytes, WINDOW) {
            let seen = self.windows.get(&window).copied().unwrap_or_default();
            let begin = end.saturating_sub(WINDOW);
            if seen.is_enough {
                found.push(reading.span(begin..end));
            }
            part_at_end = if seen.part { part_at_end.or(Some(begin)) } else { None };
        }
        if let Some(begin) = part_at_end.filter(|_| cut) {
            found.push(reading.span(begin..reading.bytes.len()));
        }
    }
}

#[cfg(test)]
thread_local! {
    /// How many windows this thread has looked at, the same ones counted each time.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Secrets that are shorter than a window, by their lengths.
struct ShortSecrets {
    lengths: Vec<usize>,
    /// Sorted, each with its length; wiped.
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

    /// Adds where they stand; `alone`: as words of their own.
    fn find(&self, reading: &DecodedText, alone: bool, found: &mut Vec<Range<usize>>) {
        let bytes = &reading.bytes;
        let in_word = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric())
        };
        for length in &self.lengths {
            for (end, window) in windows(bytes, *length) {
                let begin = end.saturating_sub(*length);
                let whole = !alone || !in_word(begin.checked_sub(1)) && !in_word(Some(end));
                if whole && self.values.binary_search(&(*length, window)).is_ok() {
                    found.push(reading.span(begin..end));
                }
            }
        }
    }
}

fn is_long(secret: &Secret) -> bool {
    secret.expose().len() >= WINDOW
}

/// Each window of so many bytes, at most `WINDOW`, and where it ends. What differs in case alone is
/// the same, and so are the characters that encodings write for one another: the space and the
/// plus of forms, and those by which base64url differs from base64.
fn windows(bytes: &[u8], length: usize) -> impl Iterator<Item = (usize, u128)> + '_ {
    let kept = u128::MAX.checked_shr(bits_beyond(length)).unwrap_or(0);
    let mut window = 0_u128;
    bytes.iter().enumerate().filter_map(move |(at, byte)| {
        let same = match byte {
            b' ' | b'-' => b'+',
            b'_' => b'/',
            other => other.to_ascii_lowercase(),
        };
        window = (window.wrapping_shl(8) | u128::from(same)) & kept;
        #[cfg(test)]
        STEPS.with(|steps| steps.set(steps.get() + 1));
        let end = at.saturating_add(1);
        (end >= length && length > 0).then_some((end, window))
    })
}

/// How many of the 128 bits so many bytes leave.
fn bits_beyond(length: usize) -> u32 {
    u32::try_from(WINDOW.saturating_sub(length).saturating_mul(8)).unwrap_or(u32::MAX)
}

/// The spans in order, those that overlap or touch as one.
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
