//! Removes a client's secrets from every text that leaves the library.
//!
//! Redaction by value is the second protection. The first is that formatting omits the values of
//! header fields and query parameters with secret names. So a message contains a secret only if a
//! server or a caller has put it there.

mod search;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::memory;

use super::line::{ELLIPSIS, prefix};
use super::secret::REDACTED;
use super::secrets::Secrets;
use search::SecretSearch;

/// The number of bytes after the shown text that the search reads, to recognise a secret that is
/// cut off.
pub(crate) const LOOKAHEAD: usize = 256;

/// The memory of the search for each byte of the text, with all its decoded forms. If there is not
/// enough memory, `[redacted]` replaces the whole text.
const MEMORY: usize = 1024;

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
        if more.count() == 0 {
            return self.clone();
        }
        let mut all = more.clone();
        if let Some(secrets) = &self.0 {
            all.extend(secrets);
        }
        all.into()
    }

    /// The text with `[redacted]` instead of every secret, in any case: plain, percent-encoded,
    /// escaped as in JSON, in a quoted cookie or in HTML, in base64, wrapped over several lines, or
    /// in two of these combined. If a text contains half of a secret of 16 bytes or more, in
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

impl From<Secrets> for Redactor {
    fn from(secrets: Secrets) -> Self {
        if secrets.count() == 0 { Self(None) } else { Self(Some(Arc::new(secrets))) }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({})", self.0.as_ref().map_or(0, |secrets| secrets.count()))
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

#[cfg(test)]
mod tests;
