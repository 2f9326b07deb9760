//! Finds a secret in a text in whatever guise it travels: as it is, percent-encoded, or behind
//! backslashes as in JSON strings and quoted cookies.
//!
//! The text is decoded while it is compared. That finds every mixture of encoded and plain
//! characters, and keeps no further copies of a secret in memory.

/// How much of the text and how much of the secret one step compared as equal.
type Step = Option<(usize, usize)>;

/// The ways of writing a secret that are looked for, besides the plain one.
#[derive(Clone, Copy)]
pub(super) struct Guises {
    percent: bool,
    backslash: bool,
}

impl Guises {
    /// Those that can occur in this text.
    pub(super) fn in_text(text: &[u8]) -> Self {
        Self {
            percent: text.iter().any(|byte| matches!(byte, b'%' | b'+')),
            backslash: text.contains(&b'\\'),
        }
    }

    /// The number of bytes at the beginning of `text` that spell `secret`, whichever way reaches
    /// farthest; `None` where none does.
    pub(super) fn match_length(self, text: &[u8], secret: &[u8]) -> Option<usize> {
        let plain = text.starts_with(secret).then_some(secret.len());
        let percent = self.percent.then(|| spells(text, secret, percent_step)).flatten();
        let backslash = self.backslash.then(|| spells(text, secret, backslash_step)).flatten();
        plain.max(percent).max(backslash)
    }
}

/// The bytes that can begin a match of a secret which begins with `first`.
pub(super) fn begins_match(byte: u8, first: u8) -> bool {
    byte == first || matches!(byte, b'%' | b'\\') || (byte == b'+' && first == b' ')
}

fn spells(text: &[u8], secret: &[u8], step: fn(&[u8], &[u8]) -> Step) -> Option<usize> {
    let mut text_left = text;
    let mut secret_left = secret;
    while !secret_left.is_empty() {
        let (in_text, in_secret) = step(text_left, secret_left)?;
        text_left = text_left.get(in_text..)?;
        secret_left = secret_left.get(in_secret..)?;
    }
    text.len().checked_sub(text_left.len())
}

fn plain_step(text: &[u8], secret: &[u8]) -> Step {
    (text.first()? == secret.first()?).then_some((1, 1))
}

/// RFC 3986 percent-encoding, and the `+` for a space of HTML forms.
fn percent_step(text: &[u8], secret: &[u8]) -> Step {
    let expected = secret.first()?;
    match text {
        [b'+', ..] if *expected == b' ' => Some((1, 1)),
        [b'%', digits @ ..] if hex(digits.get(..2)?) == Some(u32::from(*expected)) => Some((3, 1)),
        _ => plain_step(text, secret),
    }
}

/// The escapes of JSON strings (RFC 8259 section 7) and of quoted cookies (`\"`, `\\`, octal).
fn backslash_step(text: &[u8], secret: &[u8]) -> Step {
    let [b'\\', escape @ ..] = text else { return plain_step(text, secret) };
    unicode_step(escape, secret)
        .or_else(|| octal_step(escape, secret))
        .or_else(|| short_step(escape, secret))
        .or_else(|| plain_step(text, secret))
}

fn unicode_step(escape: &[u8], secret: &[u8]) -> Step {
    let first = hex(escape.strip_prefix(b"u")?.get(..4)?)?;
    let pair = || {
        let low = hex(escape.get(5..)?.strip_prefix(b"\\u")?.get(..4)?)?;
        let units = [u16::try_from(first).ok()?, u16::try_from(low).ok()?];
        Some((char::decode_utf16(units).next()?.ok()?, 12))
    };
    let (character, used) = char::from_u32(first).map(|alone| (alone, 6)).or_else(pair)?;
    let mut buffer = [0; 4];
    let spelt = character.encode_utf8(&mut buffer);
    secret.starts_with(spelt.as_bytes()).then_some((used, spelt.len()))
}

fn octal_step(escape: &[u8], secret: &[u8]) -> Step {
    let digits = escape.get(..3)?;
    let number = digits.iter().try_fold(0_u32, |number, digit| {
        Some(number.wrapping_mul(8).wrapping_add(char::from(*digit).to_digit(8)?))
    })?;
    (number == u32::from(*secret.first()?)).then_some((4, 1))
}

fn short_step(escape: &[u8], secret: &[u8]) -> Step {
    let meant = match escape.first()? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'f' => 0x0c,
        other if other.is_ascii_alphanumeric() => return None,
        other => *other,
    };
    (meant == *secret.first()?).then_some((2, 1))
}

/// The number that up to eight hexadecimal digits stand for.
fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        Some(number.wrapping_mul(16).wrapping_add(char::from(*digit).to_digit(16)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(text: &str, secret: &str) -> Option<usize> {
        Guises::in_text(text.as_bytes()).match_length(text.as_bytes(), secret.as_bytes())
    }

    #[test]
    fn a_secret_is_found_in_every_guise() {
        let secret = "p \"\\/é😀;1";
        for guise in [
            secret,
            "p%20%22%5C%2F%C3%A9%F0%9F%98%80%3B1",
            "p%20%22%5c%2f%c3%a9%f0%9f%98%80%3b1",
            "p+\"\\/é😀%3B1",
            "%70%20%22%5C/%C3%A9%F0%9F%98%80;%31",
            "p \\\"\\\\/é😀;1",
            "p \\\"\\\\\\/\\u00e9\\ud83d\\ude00\\u003b1",
            "\\u0070\\u0020\\u0022\\u005C\\u002F\\u00E9\\uD83D\\uDE00\\u003B\\u0031",
            "p \\\"\\\\/é😀\\0731",
        ] {
            assert_eq!(spelt(guise, secret), Some(guise.len()), "{guise} is not recognised");
        }
    }

    #[test]
    fn a_secret_that_looks_encoded_itself_is_found_as_it_is() {
        for secret in ["ab%41cd", "ab\\u0041cd", "ab\\ncd", "a+b cd", "%zz%4", "\\\\\\x"] {
            assert_eq!(spelt(secret, secret), Some(secret.len()), "{secret} is not recognised");
        }
    }

    #[test]
    fn other_texts_are_not_taken_for_the_secret() {
        for text in ["", "secre", "secreT", "%73ecre", "%7", "%", "\\", "\\u007", "s\\145cre", "+"]
        {
            assert_eq!(spelt(text, "secret"), None, "{text} is taken for the secret");
        }
    }

    #[test]
    fn a_lone_surrogate_ends_the_comparison() {
        assert_eq!(spelt("\\ud83dx", "😀x"), None);
        assert_eq!(spelt("\\ud83d\\u0041", "😀"), None);
    }
}
