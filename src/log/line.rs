//! Untrusted text for logs and errors: on one line, of limited length, without characters that
//! change how others are shown.

use std::borrow::Cow;

/// Marks a text that was cut off.
pub(super) const ELLIPSIS: char = '…';

/// The first `max` bytes of a text, or a few less, so that no character is split.
#[must_use]
pub fn prefix(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// The text on one line, fit for a C string: a line separator becomes a space, any other hidden
/// character becomes U+FFFD.
#[must_use]
pub fn plain_line(text: &str) -> Cow<'_, str> {
    let shown = |character: char| match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        hidden if is_hidden(hidden) => char::REPLACEMENT_CHARACTER,
        other => other,
    };
    if text.contains(is_hidden) { text.chars().map(shown).collect() } else { Cow::Borrowed(text) }
}

/// The text on one line, with escapes for hidden characters.
pub(super) fn escaped_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len().saturating_add(16));
    for character in text.chars() {
        if is_hidden(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    Cow::Owned(line)
}

/// Whether a character is hidden but changes how others are shown: control characters, separators
/// of lines and paragraphs, marks of direction, and Unicode's other format characters, except the
/// joiners in words and emoji.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(prefix("aé😀", 0), "");
        assert_eq!(prefix("aé😀", 2), "a");
        assert_eq!(prefix("aé😀", 6), "aé");
        assert_eq!(prefix("aé😀", 7), "aé😀");
    }

    #[test]
    fn hidden_characters_are_replaced_or_escaped() {
        let text = "a\u{202e}b\u{2066}c\u{200f}d\u{feff}e\u{e0041}f\u{200b}g\u{1b}h\r\ni";
        let line = plain_line(text);
        assert_eq!(line.matches('\u{fffd}').count(), 7, "{line:?}");
        assert!(line.ends_with("h  i") && !line.contains(is_hidden), "{line:?}");
        let line = escaped_line(text);
        assert!(line.starts_with("a\\u{202e}b\\u{2066}c") && line.is_ascii(), "{line:?}");
    }

    #[test]
    fn words_and_emoji_stay_unchanged() {
        let text = "می\u{200c}خواهم 👩\u{200d}💻 naïve שלום";
        assert_eq!(plain_line(text), text);
        assert!(matches!(escaped_line(text), Cow::Borrowed(_)));
    }
}
