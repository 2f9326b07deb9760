//! Writes the content of a string as JSON.

use super::super::{RepairKind, RepairKinds, block};
use super::bounded_buffer::BoundedBuffer;
use super::source::Source;

/// The source of a string's content, which decides how escapes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringSource {
    /// Between quotes: backslashes escape.
    Quoted,
    /// Between an opening quote and the end of the text: an incomplete escape at the end is
    /// dropped.
    Truncated,
    /// A word without quotes: backslashes are text.
    Unquoted,
}

/// Writes the content without its quotes. Returns the repairs.
pub(super) fn write_content(
    out: &mut BoundedBuffer,
    content: &[u8],
    spelling: StringSource,
    source: &Source<'_>,
) -> RepairKinds {
    let mut kinds = RepairKinds::new();
    let mut rest = content;
    let mut next_check = Source::FIRST_CHECK;
    loop {
        let written = content.len().saturating_sub(rest.len());
        if !source.may_continue_at(written, &mut next_check) {
            return kinds;
        }
        let plain = source.skipped_length(
            rest,
            #[inline(always)]
            |rest| block::skip_until(rest, block::string_special),
        );
        let (plain, tail) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        source.copy(plain, out);
        rest = match tail {
            [] => return kinds,
            [b'\\', escape @ ..] if spelling == StringSource::Unquoted => {
                out.extend_from_slice(b"\\\\");
                escape
            }
            [b'\\', escape @ ..] => write_escape(out, escape, spelling, &mut kinds),
            [b'"', after @ ..] => {
                out.extend_from_slice(b"\\\"");
                kinds.insert(RepairKind::InnerQuote);
                after
            }
            [control, after @ ..] => {
                write_control(out, *control);
                kinds.insert(RepairKind::RawControl);
                after
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

/// Writes an escape. `escape` begins after its backslash. Returns the rest after the escape.
fn write_escape<'c>(
    out: &mut BoundedBuffer,
    escape: &'c [u8],
    spelling: StringSource,
    kinds: &mut RepairKinds,
) -> &'c [u8] {
    match escape {
        [] if spelling == StringSource::Truncated => &[],
        [b'u', digits @ ..] => match code_unit(digits) {
            Some((unit, after)) => write_unit(out, digits, unit, after, spelling, kinds),
            None if spelling == StringSource::Truncated && is_incomplete_escape(digits) => &[],
            None => write_backslash(out, escape, kinds),
        },
        [known @ (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), after @ ..] => {
            out.extend_from_slice(&[b'\\', *known]);
            after
        }
        [b'\'', after @ ..] => {
            out.push(b'\'');
            kinds.insert(RepairKind::UnknownEscape);
            after
        }
        _ => write_backslash(out, escape, kinds),
    }
}

fn write_backslash<'c>(
    out: &mut BoundedBuffer,
    after: &'c [u8],
    kinds: &mut RepairKinds,
) -> &'c [u8] {
    out.extend_from_slice(b"\\\\");
    kinds.insert(RepairKind::UnknownEscape);
    after
}

/// Writes a code unit unchanged, but half a surrogate pair as U+FFFD.
fn write_unit<'c>(
    out: &mut BoundedBuffer,
    digits: &[u8],
    unit: u16,
    after: &'c [u8],
    spelling: StringSource,
    kinds: &mut RepairKinds,
) -> &'c [u8] {
    let copy = |out: &mut BoundedBuffer, digits: &[u8]| {
        out.extend_from_slice(b"\\u");
        out.extend_from_slice(digits.get(..4).unwrap_or_default());
    };
    if !(0xd800..0xe000).contains(&unit) {
        copy(out, digits);
        return after;
    }
    let low = after.strip_prefix(b"\\u");
    if unit < 0xdc00 {
        if let Some((low_unit, after_pair)) = low.and_then(code_unit)
            && (0xdc00..0xe000).contains(&low_unit)
        {
            copy(out, digits);
            copy(out, low.unwrap_or_default());
            return after_pair;
        }
        let is_incomplete = matches!(after, [] | [b'\\']) || low.is_some_and(is_incomplete_escape);
        if spelling == StringSource::Truncated && is_incomplete {
            return &[];
        }
    }
    out.extend_from_slice("\u{fffd}".as_bytes());
    kinds.insert(RepairKind::LoneSurrogate);
    after
}

fn code_unit(digits: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = digits.split_at_checked(4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok()?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// Whether these are only hexadecimal digits, fewer than an escape needs.
fn is_incomplete_escape(digits: &[u8]) -> bool {
    digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::super::budget::Budget;
    use super::*;

    #[track_caller]
    fn check(content: &str, spelling: StringSource, expected: &str, kinds: &[RepairKind]) {
        let mut out = BoundedBuffer::default();
        let budget = Budget::new(0, &|| true);
        let source = Source::new("", &budget);
        let found = write_content(&mut out, content.as_bytes(), spelling, &source);
        assert_eq!(String::from_utf8(out.finish().unwrap()).unwrap(), expected, "{content:?}");
        assert_eq!(found, kinds.iter().copied().collect(), "reported kinds for {content:?}");
    }

    #[test]
    fn valid_content_is_copied() {
        let text = r#"a \" \\ \/ \b\f\n\r\t \u00e9 \uD83D\ude80 日"#;
        check(text, StringSource::Quoted, text, &[]);
    }

    #[test]
    fn raw_characters_are_escaped() {
        check(
            "\"\u{1}\u{1f}\n\t\0",
            StringSource::Quoted,
            r#"\"\u0001\u001f\n\t\u0000"#,
            &[RepairKind::InnerQuote, RepairKind::RawControl],
        );
    }

    #[test]
    fn an_unknown_escape_keeps_its_backslash() {
        check(
            r"\d\'\u12\uXYZW",
            StringSource::Quoted,
            r"\\d'\\u12\\uXYZW",
            &[RepairKind::UnknownEscape],
        );
        check(r"C:\new", StringSource::Unquoted, r"C:\\new", &[]);
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        check(
            r"x\ud83dy\ude80\ud83d\u0041",
            StringSource::Quoted,
            "x\u{fffd}y\u{fffd}\u{fffd}\\u0041",
            &[RepairKind::LoneSurrogate],
        );
    }

    #[test]
    fn an_incomplete_escape_at_the_end_of_the_text_is_dropped() {
        for half in
            [r"\", r"\u", r"\u0", r"\u00e", r"\ud83d", r"\ud83d\", r"\ud83d\u", r"\ud83d\ud"]
        {
            check(&format!("a{half}"), StringSource::Truncated, "a", &[]);
        }
    }
}
