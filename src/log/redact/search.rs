//! Finds all secrets in one text.
//!
//! No search index is kept, because most calls end without a text that could contain a secret. The
//! time is proportional to the sum of text and secrets, not to their product: the search indexes
//! the text's windows of `WINDOW` bytes, and looks up the windows of the secrets.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::log::decoding::{DecodedText, decoded_texts};
use crate::log::secret::Secret;
use crate::log::secrets::Secrets;

/// The length of a part of a secret that the search recognises.
const WINDOW: usize = 16;

/// How a window of the text matches a secret.
#[derive(Clone, Copy, Default)]
struct WindowMatch {
    /// Whether the window is a part of a secret.
    in_secret: bool,
    /// Whether the text contains at least half of that secret.
    in_half_found_secret: bool,
}

/// A search for all secrets in one text.
pub(super) struct SecretSearch<'s> {
    secrets: &'s Secrets,
    texts: Vec<DecodedText>,
    windows: HashMap<u128, WindowMatch>,
}

impl<'s> SecretSearch<'s> {
    pub(super) fn new(secrets: &'s Secrets, text: &str) -> Self {
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
    pub(super) fn spans(self, is_cut: bool) -> Vec<Range<usize>> {
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
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
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
