//! Text after one or two decodings: percent-encoding, escapes, HTML, base64, wrapped lines. Each
//! decoded byte knows the part of the text that it comes from.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A shorter run of base64 contains no secret.
const MIN_BASE64: usize = 4;

/// Base64 that may end anywhere, because it may be a part of a longer one.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// A decoded text.
#[derive(Default)]
pub(super) struct DecodedText {
    pub(super) bytes: Vec<u8>,
    /// For each byte, the start and end of its source in the text.
    spans: Vec<(u32, u32)>,
}

/// Decodes the encoded character at the start of these bytes, and returns its length too. `None` if
/// there is none.
type DecodeFn = fn(&[u8]) -> Option<(DecodedChar, usize)>;

/// The result of decoding one character.
enum DecodedChar {
    Nothing,
    Byte(u8),
    Character(char),
}

/// All decoded texts in which to look for secrets.
pub(super) fn decoded_texts(text: &[u8]) -> Vec<DecodedText> {
    let mut plain = DecodedText::default();
    text.iter().enumerate().for_each(|(at, byte)| plain.push(*byte, at..at.saturating_add(1)));
    let mut all = Vec::new();
    plain.add_base64(&mut all);
    for (first, second_steps) in DECODINGS {
        let Some(decoded) = plain.decode(*first) else { continue };
        decoded.add_base64(&mut all);
        all.extend(second_steps.iter().filter_map(|second| decoded.decode(*second)));
        all.push(decoded);
    }
    all.push(plain);
    all
}

/// The decodings, each with those that follow on its result.
const DECODINGS: &[(DecodeFn, &[DecodeFn])] = &[
    (percent_decode, &[percent_decode, unescape_backslash, unescape_html]),
    (unescape_backslash, &[unescape_backslash, percent_decode, unescape_html, unwrap_line]),
    (unescape_html, &[percent_decode]),
    (unwrap_line, &[]),
];

impl DecodedText {
    /// The part of the text that these decoded bytes come from.
    pub(super) fn span(&self, of: Range<usize>) -> Range<usize> {
        let last = of.end.checked_sub(1).and_then(|last| self.spans.get(last));
        let first = self.spans.get(of.start);
        let to_usize = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        first.map_or(0, |(start, _)| to_usize(*start))..last.map_or(0, |(_, end)| to_usize(*end))
    }

    fn push(&mut self, byte: u8, span: Range<usize>) {
        self.bytes.push(byte);
        let to_u32 = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.spans.push((to_u32(span.start), to_u32(span.end)));
    }

    /// The text after one decoding; `None` if nothing changes.
    fn decode(&self, step: DecodeFn) -> Option<Self> {
        let mut decoded = Self::default();
        let (mut at, mut changed) = (0, false);
        while let Some(byte) = self.bytes.get(at) {
            let (character, length) = match step(self.bytes.get(at..).unwrap_or_default()) {
                Some((character, length)) => {
                    changed = true;
                    (character, length)
                }
                None => (DecodedChar::Byte(*byte), 1),
            };
            let span = self.span(at..at.saturating_add(length));
            match character {
                DecodedChar::Nothing => {}
                DecodedChar::Byte(byte) => decoded.push(byte, span),
                DecodedChar::Character(character) => {
                    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                        decoded.push(byte, span.clone());
                    }
                }
            }
            at = at.saturating_add(length);
        }
        changed.then_some(decoded)
    }

    /// Adds the decoded base64 and base64url, from each position in a group of four.
    fn add_base64(&self, texts: &mut Vec<Self>) {
        for skipped in 0..4 {
            let mut decoded = Self::default();
            let mut at = 0;
            for run in self.bytes.split(|byte| !is_base64(*byte)) {
                if run.len() >= MIN_BASE64.saturating_add(skipped) {
                    self.add_decoded(run, at, skipped, &mut decoded);
                }
                at = at.saturating_add(run.len()).saturating_add(1);
            }
            if !decoded.bytes.is_empty() {
                texts.push(decoded);
            }
        }
    }

    fn add_decoded(&self, run: &[u8], at: usize, skipped: usize, decoded: &mut Self) {
        let standard = |byte: &u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        let mut coded: Vec<u8> = run.iter().skip(skipped).map(standard).collect();
        if coded.len() & 3 == 1 {
            coded.pop();
        }
        let Ok(bytes) = BASE64.decode(coded) else { return };
        let begin = at.saturating_add(skipped);
        for (number, byte) in bytes.into_iter().enumerate() {
            // Three bytes are four characters of six bits.
            let bit = number.saturating_mul(8);
            let first = bit.checked_div(6).unwrap_or(0).saturating_add(begin);
            let last = bit.saturating_add(7).checked_div(6).unwrap_or(0).saturating_add(begin);
            decoded.push(byte, self.span(first..last.saturating_add(1)));
        }
        // A secret does not continue from one run to the next.
        decoded.push(0, 0..0);
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// RFC 3986 section 2.1.
fn percent_decode(text: &[u8]) -> Option<(DecodedChar, usize)> {
    let digits = text.strip_prefix(b"%")?.get(..2)?;
    Some((DecodedChar::Byte(u8::try_from(hex(digits)?).ok()?), 3))
}

/// The escapes of JSON strings (RFC 8259 section 7), of quoted cookies (`\"`, `\\`, octal), and
/// `\x`.
fn unescape_backslash(text: &[u8]) -> Option<(DecodedChar, usize)> {
    let escape = text.strip_prefix(b"\\")?;
    unicode(escape).or_else(|| octal(escape)).or_else(|| short(escape))
}

fn unicode(escape: &[u8]) -> Option<(DecodedChar, usize)> {
    let first = hex(escape.strip_prefix(b"u")?.get(..4)?)?;
    let pair = || {
        let low = hex(escape.get(5..)?.strip_prefix(b"\\u")?.get(..4)?)?;
        let units = [u16::try_from(first).ok()?, u16::try_from(low).ok()?];
        Some((DecodedChar::Character(char::decode_utf16(units).next()?.ok()?), 12))
    };
    char::from_u32(first).map(|alone| (DecodedChar::Character(alone), 6)).or_else(pair)
}

fn octal(escape: &[u8]) -> Option<(DecodedChar, usize)> {
    let number = escape.get(..3)?.iter().try_fold(0_u32, |number, digit| {
        Some(number.wrapping_mul(8).wrapping_add(char::from(*digit).to_digit(8)?))
    })?;
    Some((DecodedChar::Byte(u8::try_from(number).ok()?), 4))
}

fn short(escape: &[u8]) -> Option<(DecodedChar, usize)> {
    let byte = match escape.first()? {
        b'x' => return Some((DecodedChar::Byte(u8::try_from(hex(escape.get(1..3)?)?).ok()?), 4)),
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'f' => 0x0c,
        other if other.is_ascii_alphanumeric() => return None,
        other => *other,
    };
    Some((DecodedChar::Byte(byte), 2))
}

/// HTML character references.
fn unescape_html(text: &[u8]) -> Option<(DecodedChar, usize)> {
    let rest = text.strip_prefix(b"&")?;
    let end = rest.iter().take(10).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(rest.get(..end)?).ok()?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => char::from_u32(match name.strip_prefix("#")? {
            digits if digits.starts_with(['x', 'X']) => hex(digits.get(1..)?.as_bytes())?,
            digits => digits.parse().ok()?,
        })?,
    };
    Some((DecodedChar::Character(character), end.saturating_add(2)))
}

/// Line ends and tabs within a secret, with the whitespace after them.
fn unwrap_line(text: &[u8]) -> Option<(DecodedChar, usize)> {
    let breaks = matches!(text, [b'\r' | b'\n' | b'\t', ..]);
    let length = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    breaks.then_some((DecodedChar::Nothing, length))
}

/// The value of up to eight hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, digit| {
        Some(number.wrapping_mul(16).wrapping_add(char::from(*digit).to_digit(16)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All decoded texts, as strings.
    fn read(text: &str) -> Vec<String> {
        let texts = decoded_texts(text.as_bytes()).into_iter();
        texts.map(|decoded| String::from_utf8_lossy(&decoded.bytes).into_owned()).collect()
    }

    #[test]
    fn encodings_are_decoded_alone_and_one_after_the_other() {
        for text in [
            "p %22",
            "p%20%22",
            "p%2520%2522",
            "p \\\"",
            "\\u0070 \\\"",
            "\\x70 \\042",
            "p \\\\\\\"",
            "p &quot;",
            "&#112; &#x22;",
            "p%20&quot;",
            "p%20%26quot%3b",
            "p \\u0026quot;",
            "p \n \"",
            "p \\n\\\"",
            "cCAi",
            "x/cCAi",
            "ab cCAi=",
        ] {
            assert!(
                read(text).iter().any(|read| read.contains("p \"")),
                "{text}: {:?}",
                read(text)
            );
        }
    }

    #[test]
    fn text_that_is_not_an_escape_stays_unchanged() {
        for text in ["%", "%7", "%zz", "\\", "\\u007", "&", "&amp", "&#xyz;", "&#;", "\\ud83d"] {
            let read = read(text);
            assert_eq!(read.last().map(String::as_str), Some(text));
        }
        assert!(read("\\ud83d\\ude80").contains(&"🚀".to_owned()));
    }

    #[test]
    fn each_decoded_byte_knows_its_source() {
        let text = "a%2520b";
        for decoded in decoded_texts(text.as_bytes()) {
            if decoded.bytes == b"a b" {
                assert_eq!(decoded.span(1..2), 1..6);
                assert_eq!(decoded.span(0..3), 0..7);
                return;
            }
        }
        panic!("no decoded text is \"a b\"");
    }

    #[test]
    fn base64_is_found_at_its_position() {
        let text = "xx: c2VjcmV0LXdvcmQ.";
        let found = decoded_texts(text.as_bytes()).into_iter().find_map(|decoded| {
            let at = decoded.bytes.windows(11).position(|part| part == b"secret-word")?;
            Some(decoded.span(at..at + 11))
        });
        assert_eq!(found.map(|span| &text[span]), Some("c2VjcmV0LXdvcmQ"));
    }
}
