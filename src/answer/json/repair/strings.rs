//! Writing the content of a string, whatever it came in, as JSON has it.

use super::super::{Kind, Kinds, block};
use super::bounded_buffer::BoundedBuffer;

/// Where a string's content was taken from, as far as that matters for its escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringSource {
    /// From between quotes: backslashes escape.
    Quoted,
    /// From between quotes, the text having ended there: half an escape at the end goes.
    Truncated,
    /// From a word without quotes: backslashes are text.
    Unquoted,
}

/// Writes the content between its quotes, and says what was repaired.
pub(super) fn write_content(
    out: &mut BoundedBuffer,
    content: &[u8],
    spelling: StringSource,
) -> Kinds {
    let mut kinds = Kinds::new();
    let mut rest = content;
    loop {
        let tail = block::run(rest, block::not_plain);
        let plain = rest.len().saturating_sub(tail.len());
        out.extend_from_slice(rest.get(..plain).unwrap_or_default());
        rest = match tail {
            [] => return kinds,
            [b'\\', escape @ ..] if spelling == StringSource::Unquoted => {
                out.extend_from_slice(b"\\\\");
                escape
            }
            [b'\\', escape @ ..] => write_escape(out, escape, spelling, &mut kinds),
            [b'"', behind @ ..] => {
                out.extend_from_slice(b"\\\"");
                kinds.insert(Kind::InnerQuote);
                behind
            }
            [control, behind @ ..] => {
                write_control(out, *control);
                kinds.insert(Kind::RawControl);
                behind
            }
        };
    }
}

fn write_control(out: &mut BoundedBuffer, control: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match control {
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x8 => out.extend_from_slice(b"\\b"),
        0xc => out.extend_from_slice(b"\\f"),
        _ => {
            out.extend_from_slice(b"\\u00");
            let digit = |value: u8| HEX.get(usize::from(value & 15)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[digit(control.wrapping_shr(4)), digit(control)]);
        }
    }
}

/// Writes an escape, given what follows its backslash, and answers what follows the escape.
fn write_escape<'c>(
    out: &mut BoundedBuffer,
    escape: &'c [u8],
    spelling: StringSource,
    kinds: &mut Kinds,
) -> &'c [u8] {
    match escape {
        [] if spelling == StringSource::Truncated => &[],
        [b'u', digits @ ..] => match code_unit(digits) {
            Some((unit, behind)) => write_unit(out, digits, unit, behind, spelling, kinds),
            None if spelling == StringSource::Truncated && is_incomplete_escape(digits) => &[],
            None => write_backslash(out, escape, kinds),
        },
        [known @ (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), behind @ ..] => {
            out.extend_from_slice(&[b'\\', *known]);
            behind
        }
        [b'\'', behind @ ..] => {
            out.push(b'\'');
            kinds.insert(Kind::UnknownEscape);
            behind
        }
        _ => write_backslash(out, escape, kinds),
    }
}

fn write_backslash<'c>(out: &mut BoundedBuffer, behind: &'c [u8], kinds: &mut Kinds) -> &'c [u8] {
    out.extend_from_slice(b"\\\\");
    kinds.insert(Kind::UnknownEscape);
    behind
}

/// Writes a code unit as it was spelled; a half of a surrogate pair, as U+FFFD.
fn write_unit<'c>(
    out: &mut BoundedBuffer,
    digits: &[u8],
    unit: u16,
    behind: &'c [u8],
    spelling: StringSource,
    kinds: &mut Kinds,
) -> &'c [u8] {
    let copy = |out: &mut BoundedBuffer, digits: &[u8]| {
        out.extend_from_slice(b"\\u");
        out.extend_from_slice(digits.get(..4).unwrap_or_default());
    };
    if !(0xd800..0xe000).contains(&unit) {
        copy(out, digits);
        return behind;
    }
    let low = behind.strip_prefix(b"\\u");
    if unit < 0xdc00 {
        if let Some((low_unit, beyond)) = low.and_then(code_unit)
            && (0xdc00..0xe000).contains(&low_unit)
        {
            copy(out, digits);
            copy(out, low.unwrap_or_default());
            return beyond;
        }
        let cut = matches!(behind, [] | [b'\\']) || low.is_some_and(is_incomplete_escape);
        if spelling == StringSource::Truncated && cut {
            return &[];
        }
    }
    out.extend_from_slice("\u{fffd}".as_bytes());
    kinds.insert(Kind::LoneSurrogate);
    behind
}

fn code_unit(digits: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = digits.split_at_checked(4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok()?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// Whether these are fewer hexadecimal digits than an escape has, and nothing else.
fn is_incomplete_escape(digits: &[u8]) -> bool {
    digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, spelling: StringSource, written: &str, kinds: &[Kind]) {
        let mut out = BoundedBuffer::default();
        let found = write_content(&mut out, content.as_bytes(), spelling);
        assert_eq!(String::from_utf8(out.finish().unwrap()).unwrap(), written, "{content:?}");
        assert_eq!(found, kinds.iter().copied().collect(), "what is reported for {content:?}");
    }

    #[test]
    fn what_json_allows_is_copied() {
        let text = r#"a \" \\ \/ \b\f\n\r\t \u00e9 \uD83D\ude80 日"#;
        check(text, StringSource::Quoted, text, &[]);
    }

    #[test]
    fn raw_characters_are_escaped() {
        check(
            "\"\u{1}\u{1f}\n\t\0",
            StringSource::Quoted,
            r#"\"\u0001\u001f\n\t\u0000"#,
            &[Kind::InnerQuote, Kind::RawControl],
        );
    }

    #[test]
    fn an_unknown_escape_keeps_its_backslash() {
        check(r"\d\'\u12\uXYZW", StringSource::Quoted, r"\\d'\\u12\\uXYZW", &[Kind::UnknownEscape]);
        check(r"C:\new", StringSource::Unquoted, r"C:\\new", &[]);
    }

    #[test]
    fn half_a_pair_is_replaced() {
        check(
            r"x\ud83dy\ude80\ud83d\u0041",
            StringSource::Quoted,
            "x\u{fffd}y\u{fffd}\u{fffd}\\u0041",
            &[Kind::LoneSurrogate],
        );
    }

    #[test]
    fn half_an_escape_at_the_cut_goes() {
        for half in
            [r"\", r"\u", r"\u0", r"\u00e", r"\ud83d", r"\ud83d\", r"\ud83d\u", r"\ud83d\ud"]
        {
            check(&format!("a{half}"), StringSource::Truncated, "a", &[]);
        }
    }
}
