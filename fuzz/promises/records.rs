//! For any body, the records are the same wherever it is cut, no byte of a text is lost, valid texts come out as they
//! are, and events are those of a plain parser by the rules of the HTML standard.

use sac::answer::records::Records;
use sac::code::{Code, Error};
use sac::request::RecordKind;
use serde_json::value::RawValue;

/// Type, ID and data of each record.
type Found = Vec<(Vec<u8>, Vec<u8>, Vec<u8>)>;

/// Input: a byte for the kind, a byte for the size of a piece, and the body.
pub fn check(input: &[u8]) {
    let [kind, size, body @ ..] = input else { return };
    let kinds = [RecordKind::Events, RecordKind::Lines, RecordKind::Array];
    let kind = kinds[usize::from(*kind) % kinds.len()];
    let (whole, end) = read(kind, body, 16 * 1024);
    let (pieces, pieces_end) = read(kind, body, usize::from(*size).max(1));
    assert_eq!(whole, pieces, "{kind:?} in pieces of {size}");
    assert_eq!(end, pieces_end, "{kind:?} in pieces of {size}");
    match kind {
        RecordKind::Events => assert_eq!(whole, plain_events(body)),
        RecordKind::Lines | RecordKind::Array => {
            check_texts(kind, &whole, body);
            check_valid(kind, &whole, end, body);
        }
    }
    assert!(end.is_none_or(|code| code == Code::NotJson && kind != RecordKind::Events), "{end:?}");
}

fn read(kind: RecordKind, body: &[u8], size: usize) -> (Found, Option<Code>) {
    let mut records = Records::new(kind, 1 << 30);
    let mut pieces = body.chunks(size);
    let mut read = |room: &mut [u8]| {
        let piece = pieces.next().unwrap_or_default();
        room[..piece.len()].copy_from_slice(piece);
        Ok::<_, Error>(piece.len())
    };
    let mut found = Vec::new();
    loop {
        match records.advance(&mut read) {
            Ok(true) => {
                let record = records.record();
                let part = |part: &[u8]| part.strip_suffix(b"\0").expect("a NUL").to_vec();
                found.push((part(record.event_type), part(record.id), part(record.data)));
            }
            Ok(false) => return (found, None),
            Err(error) => return (found, Some(error.code)),
        }
    }
}

/// The texts are in the body, in order, and between them is only what separates texts.
fn check_texts(kind: RecordKind, found: &Found, body: &[u8]) {
    let mut rest = body;
    // A comment in an array is a part of the next element, or is dropped if there is none. It may contain anything.
    let may_have_comments =
        kind == RecordKind::Array && body.iter().any(|byte| matches!(byte, b'#' | b'/'));
    for (_, _, text) in found {
        assert!(!text.is_empty(), "an empty record");
        let at = rest.windows(text.len()).position(|window| window == text.as_slice());
        let at = at.unwrap_or_else(|| panic!("{text:?} is not in {rest:?}"));
        if !may_have_comments {
            check_between(kind, &rest[..at]);
        }
        rest = &rest[at + text.len()..];
    }
    if !may_have_comments {
        check_between(kind, rest);
    }
}

fn check_between(kind: RecordKind, between: &[u8]) {
    let separators: &[u8] = match kind {
        RecordKind::Array => b" \t\r\n\x0c\x1e,[]\xef\xbb\xbf",
        _ => b" \t\r\n\x0c\x1e,\xef\xbb\xbf",
    };
    let lost = between.iter().find(|byte| !separators.contains(byte));
    assert_eq!(lost, None, "lost between records: {between:?}");
}

/// A valid array is split into its elements, and valid texts on lines into these.
fn check_valid(kind: RecordKind, found: &Found, end: Option<Code>, body: &[u8]) {
    let Ok(text) = std::str::from_utf8(body) else { return };
    let values: Result<Vec<&RawValue>, _> = match kind {
        RecordKind::Array => serde_json::from_str(text),
        _ => {
            let lines = text.lines().filter(|line| !line.trim_ascii().is_empty());
            lines.map(serde_json::from_str).collect()
        }
    };
    let Ok(values) = values else { return };
    let expected: Vec<_> = values.iter().map(|value| value.get().as_bytes()).collect();
    let found: Vec<_> = found.iter().map(|(_, _, text)| text.as_slice()).collect();
    assert_eq!(found, expected);
    assert_eq!(end, None);
}

/// Section 9.2.6 of the HTML standard, read from the first byte to the last.
fn plain_events(body: &[u8]) -> Found {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let (mut data, mut event_type, mut id) = (String::new(), String::new(), String::new());
    let mut found = Vec::new();
    let mut complete = lines.split('\n').collect::<Vec<_>>();
    // What follows the last line end is no line.
    complete.pop();
    for line in complete {
        if line.is_empty() {
            if !data.is_empty() {
                let name = if event_type.is_empty() { "message" } else { &event_type };
                let data = data.strip_suffix('\n').unwrap();
                found.push((name.into(), id.clone().into_bytes(), data.into()));
            }
            data.clear();
            event_type.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => data.extend([value, "\n"]),
            "event" => event_type = value.to_owned(),
            "id" if !value.contains('\0') => id = value.to_owned(),
            _ => {}
        }
    }
    found
}
