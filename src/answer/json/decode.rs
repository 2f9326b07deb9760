//! Decodes bytes to text: byte order marks, UTF-16 and UTF-32, the charset that the server named,
//! Latin-1, and damaged UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::pieces::{self, PIECE};
use super::{RepairError, RepairKind, RepairKinds};

/// A decoded text, and its repairs.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// The repairs that decoding made.
    pub(super) kinds: RepairKinds,
    /// Offset of the first repair in the bytes. Up to there, bytes and text are equal.
    pub(super) first_offset: usize,
}

/// Bytes to decode, and their charset.
#[derive(Clone, Copy)]
pub(super) struct Encoded<'a> {
    pub(super) bytes: &'a [u8],
    /// The charset of the `Content-Type`. It counts only if the bytes do not contradict it: valid UTF-8
    /// is decoded as UTF-8, whatever the header field says.
    pub(super) charset: Option<&'a str>,
    /// Called after each [`PIECE`]. If it returns `false`, decoding stops.
    pub(super) should_continue: &'a dyn Fn() -> bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EncodingForm {
    Utf8,
    Utf16(&'static Encoding),
    Utf32 { big_endian: bool },
}

/// Decodes a body.
pub(super) fn decode(encoded: Encoded<'_>) -> Result<Decoded<'_>, RepairError> {
    let Some((form, mark)) = byte_order_mark(encoded.bytes) else {
        return decode_as_form(encoded, detect_by_nuls(encoded.bytes));
    };
    let bytes = encoded.bytes.get(mark..).unwrap_or_default();
    let mut decoded = decode_as_form(Encoded { bytes, ..encoded }, form)?;
    decoded.kinds.insert(RepairKind::ByteOrderMark);
    decoded.first_offset = 0;
    Ok(decoded)
}

fn decode_as_form(encoded: Encoded<'_>, form: EncodingForm) -> Result<Decoded<'_>, RepairError> {
    match form {
        EncodingForm::Utf8 => decode_ascii_compatible(encoded),
        EncodingForm::Utf16(encoding) => decode_as(encoded, encoding, 0),
        EncodingForm::Utf32 { big_endian } => decode_utf32(encoded, big_endian),
    }
}

/// The encoding of the byte order mark, and the mark's length. The mark of UTF-32LE begins with the mark
/// of UTF-16LE. Two NULs after it mean UTF-32LE, because no JSON text begins with a NUL.
fn byte_order_mark(bytes: &[u8]) -> Option<(EncodingForm, usize)> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some((EncodingForm::Utf8, 3)),
        [0xff, 0xfe, 0, 0, ..] => Some((EncodingForm::Utf32 { big_endian: false }, 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((EncodingForm::Utf32 { big_endian: true }, 4)),
        [0xff, 0xfe, ..] => Some((EncodingForm::Utf16(UTF_16LE), 2)),
        [0xfe, 0xff, ..] => Some((EncodingForm::Utf16(UTF_16BE), 2)),
        _ => None,
    }
}

/// Detects the encoding from the positions of NULs, because a JSON text begins with two ASCII
/// characters (RFC 4627 section 3).
fn detect_by_nuls(bytes: &[u8]) -> EncodingForm {
    match bytes {
        [0, 0, 0, 1..=255, ..] => EncodingForm::Utf32 { big_endian: true },
        [1..=255, 0, 0, 0, ..] => EncodingForm::Utf32 { big_endian: false },
        [0, 1..=255, 0, 1..=255, ..] | [0, 1..=255] => EncodingForm::Utf16(UTF_16BE),
        [1..=255, 0, 1..=255, 0, ..] | [1..=255, 0] => EncodingForm::Utf16(UTF_16LE),
        _ => EncodingForm::Utf8,
    }
}

/// Decodes an encoding in which an ASCII character is one byte.
fn decode_ascii_compatible(encoded: Encoded<'_>) -> Result<Decoded<'_>, RepairError> {
    let Encoded { bytes, charset, .. } = encoded;
    let named = charset.and_then(named_encoding);
    let checked = simdutf8::compat::from_utf8(bytes);
    if bytes.len() > PIECE && !(encoded.should_continue)() {
        return Err(RepairError::Stopped);
    }
    let error = match checked {
        // ISO-2022-JP consists of ASCII bytes only. Escape characters switch their meaning.
        Ok(_) if named.is_some_and(|encoding| !encoding.is_ascii_compatible()) => None,
        Ok(text) => {
            let text = Cow::Borrowed(text);
            return Ok(Decoded { text, kinds: RepairKinds::new(), first_offset: bytes.len() });
        }
        Err(error) => Some(error),
    };
    if let Some(encoding) = named {
        let first = match encoding.is_ascii_compatible() {
            true => ascii_length(encoded)?,
            false => 0,
        };
        return decode_as(encoded, encoding, first);
    }
    let first = error.map_or(0, |error| error.valid_up_to());
    let (valid, rest) = bytes.split_at_checked(first).unwrap_or((bytes, &[]));
    if error.is_some_and(|error| error.error_len().is_none()) {
        // Only the last character is truncated.
        let text = simdutf8::basic::from_utf8(valid).map_or(Cow::Borrowed(""), Cow::Borrowed);
        return Ok(Decoded {
            text,
            kinds: RepairKinds::from_iter([RepairKind::Truncated]),
            first_offset: first,
        });
    }
    let any_utf8 = ascii_length(encoded)? < first || contains_utf8(rest, encoded.should_continue)?;
    decode_as(encoded, if any_utf8 { UTF_8 } else { WINDOWS_1252 }, first)
}

/// The length of the ASCII text at the beginning.
fn ascii_length(encoded: Encoded<'_>) -> Result<usize, RepairError> {
    let not_ascii = |piece: &[u8]| {
        let length = Encoding::ascii_valid_up_to(piece);
        (length < piece.len()).then_some(length)
    };
    let found = pieces::position(encoded.bytes, encoded.should_continue, not_ascii)?;
    Ok(found.unwrap_or(encoded.bytes.len()))
}

/// Maximum length of a character in UTF-8.
const MAX_UTF8_LENGTH: usize = 4;

/// Whether some valid UTF-8 in these bytes is not ASCII.
fn contains_utf8(bytes: &[u8], should_continue: &dyn Fn() -> bool) -> Result<bool, RepairError> {
    let mut rest = bytes;
    loop {
        // The next piece begins inside this one, so that each character is whole in one of them.
        let piece = rest.get(..PIECE.saturating_add(MAX_UTF8_LENGTH)).unwrap_or(rest);
        if piece.utf8_chunks().any(|chunk| !chunk.valid().is_ascii()) {
            return Ok(true);
        }
        let Some(after) = rest.get(PIECE..) else { return Ok(false) };
        rest = after;
        if !should_continue() {
            return Err(RepairError::Stopped);
        }
    }
}

/// The encoding with this name. `None` for UTF-8 and UTF-16, because the bytes themselves show these.
fn named_encoding(charset: &str) -> Option<&'static Encoding> {
    let name = charset.trim_matches(|c: char| c == '"' || c == '\'' || c.is_ascii_whitespace());
    Encoding::for_label(name.as_bytes())
        .filter(|named| ![UTF_8, UTF_16LE, UTF_16BE, REPLACEMENT].contains(named))
}

fn decode_as<'a>(
    encoded: Encoded<'a>,
    encoding: &'static Encoding,
    first_offset: usize,
) -> Result<Decoded<'a>, RepairError> {
    let mut kinds = RepairKinds::new();
    if encoding != UTF_8 {
        kinds.insert(RepairKind::Encoding);
    }
    let text = decode_with(encoded, encoding, &mut kinds)?;
    Ok(Decoded { text: Cow::Owned(text), kinds, first_offset })
}

/// The decoded text. Adds to `kinds` if bytes were invalid.
fn decode_with(
    encoded: Encoded<'_>,
    encoding: &'static Encoding,
    kinds: &mut RepairKinds,
) -> Result<String, RepairError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let mut rest = encoded.bytes;
    loop {
        let (chunk, after) = rest.split_at_checked(PIECE).unwrap_or((rest, &[]));
        // With this much room, the decoder decodes the whole chunk at once.
        let room = decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(usize::MAX);
        text.try_reserve(room).map_err(|_| RepairError::OutOfMemory)?;
        let (start, is_last) = (text.len(), after.is_empty());
        let replaced = decoder.decode_to_string(chunk, &mut text, is_last).2;
        // The replacement character at the end is a truncated character, which is invalid outside a string.
        if replaced && is_last && text.ends_with(char::REPLACEMENT_CHARACTER) {
            text.pop();
            kinds.insert(RepairKind::Truncated);
        }
        let decoded = text.get(start..).unwrap_or_default();
        if replaced && decoded.contains(char::REPLACEMENT_CHARACTER) {
            kinds.insert(RepairKind::InvalidBytes);
        }
        rest = after;
        if is_last {
            return Ok(text);
        }
        if !(encoded.should_continue)() {
            return Err(RepairError::Stopped);
        }
    }
}

fn decode_utf32(encoded: Encoded<'_>, big_endian: bool) -> Result<Decoded<'_>, RepairError> {
    let (units, truncated) = encoded.bytes.as_chunks::<4>();
    let read = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    let mut kinds = RepairKinds::from_iter([RepairKind::Encoding]);
    let mut text = String::new();
    // A character in UTF-8 is not longer than in UTF-32.
    text.try_reserve(encoded.bytes.len()).map_err(|_| RepairError::OutOfMemory)?;
    for chunk in units.chunks(PIECE / 4) {
        text.extend(chunk.iter().map(|unit| {
            char::from_u32(read(*unit)).unwrap_or_else(|| {
                kinds.insert(RepairKind::InvalidBytes);
                char::REPLACEMENT_CHARACTER
            })
        }));
        if !(encoded.should_continue)() {
            return Err(RepairError::Stopped);
        }
    }
    if !truncated.is_empty() {
        kinds.insert(RepairKind::Truncated);
    }
    Ok(Decoded { text: Cow::Owned(text), kinds, first_offset: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], charset: Option<&str>, text: &str, kinds: &[RepairKind], first: usize) {
        let decoded = decode(Encoded { bytes, charset, should_continue: &|| true }).unwrap();
        assert_eq!(decoded.text, text);
        assert_eq!(decoded.kinds, kinds.iter().copied().collect(), "the repairs of {text:?}");
        assert_eq!(decoded.first_offset, first, "the first offset of {text:?}");
    }

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        let bytes = if big_endian { u16::to_be_bytes } else { u16::to_le_bytes };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn valid_utf8_is_unchanged_whatever_the_header_says() {
        for charset in [None, Some("utf-8"), Some("iso-8859-1"), Some("nonsense")] {
            check("{\"ö\":\"日\"}".as_bytes(), charset, "{\"ö\":\"日\"}", &[], 12);
        }
        check(b"", None, "", &[], 0);
    }

    #[test]
    fn a_byte_order_mark_is_removed() {
        check("\u{feff}[1]".as_bytes(), None, "[1]", &[RepairKind::ByteOrderMark], 0);
    }

    #[test]
    fn utf16_and_utf32_are_detected_by_mark_or_nuls() {
        let text = "{\"ö\":\"日😀\"}";
        for big_endian in [false, true] {
            check(&utf16(text, big_endian), None, text, &[RepairKind::Encoding], 0);
            let marked = utf16(&format!("\u{feff}{text}"), big_endian);
            check(
                &marked,
                Some("utf-8"),
                text,
                &[RepairKind::ByteOrderMark, RepairKind::Encoding],
                0,
            );
            let bytes = if big_endian { u32::to_be_bytes } else { u32::to_le_bytes };
            let wide: Vec<u8> = text.chars().flat_map(|c| bytes(c as u32)).collect();
            check(&wide, None, text, &[RepairKind::Encoding], 0);
            let marked: Vec<u8> = bytes(0xfeff).into_iter().chain(wide).collect();
            check(&marked, None, text, &[RepairKind::ByteOrderMark, RepairKind::Encoding], 0);
        }
    }

    #[test]
    fn a_truncated_character_at_the_end_is_removed() {
        let whole = utf16("[\"😀", false);
        for removed in 1..4 {
            let truncated = &whole[..whole.len() - removed];
            check(truncated, None, "[\"", &[RepairKind::Encoding, RepairKind::Truncated], 0);
        }
        check(b"[\"a\xe6\x97", None, "[\"a", &[RepairKind::Truncated], 3);
        check("[\"日".as_bytes().split_last().unwrap().1, None, "[\"", &[RepairKind::Truncated], 2);
        let both = [b"\"\xff".as_slice(), "日".as_bytes(), b"\xe6\x97"].concat();
        check(&both, None, "\"\u{fffd}日", &[RepairKind::InvalidBytes, RepairKind::Truncated], 1);
    }

    #[test]
    fn only_the_invalid_bytes_of_utf8_are_replaced() {
        let bytes = [b"[\"".as_slice(), "日".as_bytes(), b"\xff\"]"].concat();
        check(&bytes, Some("utf-8"), "[\"日\u{fffd}\"]", &[RepairKind::InvalidBytes], 5);
    }

    #[test]
    fn bytes_without_any_utf8_are_latin1() {
        check(b"[\"K\xf6ln \x80\"]", None, "[\"Köln €\"]", &[RepairKind::Encoding], 3);
        check(b"[\"K\xf6ln\"]", Some("UTF-8"), "[\"Köln\"]", &[RepairKind::Encoding], 3);
    }

    #[test]
    fn the_charset_of_the_server_decides_if_the_bytes_do_not() {
        check(
            b"[\"\xc4\xe9\"]",
            Some("\"shift_jis\" "),
            "[\"ﾄ\u{fffd}\"]",
            &[RepairKind::Encoding, RepairKind::InvalidBytes],
            2,
        );
        check(b"[\"\xc0\xd8\"]", Some("windows-1251"), "[\"АШ\"]", &[RepairKind::Encoding], 2);
        check(b"\x1b$BF|\x1b(B", Some("iso-2022-jp"), "日", &[RepairKind::Encoding], 0);
        check(b"\x1b$BF|\x1b(B", None, "\u{1b}$BF|\u{1b}(B", &[], 8);
    }
}
