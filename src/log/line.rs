//! Texts of strangers as they may be shown: on one line, of bounded length, without characters that
//! change how others are shown.

use std::borrow::Cow;

/// What stands where a text was cut off.
pub(super) const ELLIPSIS: char = '…';

/// The first so many bytes of a text, or a few less, so that no character is cut.
#[must_use]
pub fn prefix(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// The text on one line, fit for a C string: what separates lines becomes a space, any other
/// character that is not shown U+FFFD.
#[must_use]
pub fn plain_line(text: &str) -> Cow<'_, str> {
    let shown = |character: char| match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        hidden if is_hidden(hidden) => char::REPLACEMENT_CHARACTER,
        other => other,
    };
    if text.contains(is_hidden) { text.chars().map(shown).collect() } else { Cow::Borrowed(text) }
}

/// The text on one line, with escapes for the characters that are not shown.
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

/// Whether a character is not shown itself but says how others are: control characters, the
/// separators of lines and paragraphs, the marks of direction, and the other format characters of
/// Unicode, but for the joiners that words of some languages and emoji have.
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
    fn what_steers_how_others_are_shown_is_replaced_or_escaped() {
        let text = "a\u{202e}b\u{2066}c\u{200f}d\u{feff}e\u{e0041}f\u{200b}g\u{1b}h\r\ni";
        let line = plain_line(text);
        assert_eq!(line.matches('\u{fffd}').count(), 7, "{line:?}");
        assert!(line.ends_with("h  i") && !line.contains(is_hidden), "{line:?}");
        let line = escaped_line(text);
        assert!(line.starts_with("a\\u{202e}b\\u{2066}c") && line.is_ascii(), "{line:?}");
    }

    #[test]
    fn words_and_emoji_stay_as_they_are() {
        let text = "می\u{200c}خواهم 👩\u{200d}💻 naïve שלום";
        assert_eq!(plain_line(text), text);
        assert!(matches!(escaped_line(text), Cow::Borrowed(_)));
    }
}
