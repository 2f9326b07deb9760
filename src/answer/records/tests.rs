use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::code::Code;

use super::*;

/// What a reader has found: for an event its type and ID, and the data of each record.
pub(super) type Found = Vec<(String, String, String)>;

/// Reads all records of a body that arrives in pieces of this size.
pub(super) fn read(kind: RecordKind, body: &[u8], size: usize) -> (Found, Option<Error>) {
    let mut records = Records::new(kind, 1 << 20);
    let mut pieces = body.chunks(size);
    let mut found = Vec::new();
    let text = |bytes: &[u8]| {
        assert_eq!(bytes.last(), Some(&0), "no NUL after {bytes:?}");
        String::from_utf8_lossy(&bytes[..bytes.len() - 1]).into_owned()
    };
    loop {
        let next = records.advance(|room| {
            let piece = pieces.next().unwrap_or_default();
            room[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        });
        match next {
            Ok(true) => {
                let Record { event_type, id, data } = records.record();
                found.push((text(event_type), text(id), text(data)));
            }
            Ok(false) => return (found, None),
            Err(error) => return (found, Some(error)),
        }
    }
}

/// The same for pieces of every size, whose results must be equal.
#[track_caller]
fn read_everywhere(kind: RecordKind, body: &[u8]) -> Found {
    let whole = read(kind, body, 8192);
    for size in (1..=body.len().min(80)).rev() {
        assert_eq!(read(kind, body, size), whole, "in pieces of {size}");
    }
    assert_eq!(whole.1, None);
    whole.0
}

#[track_caller]
fn events(body: &str) -> Vec<(String, String, String)> {
    read_everywhere(RecordKind::Events, body.as_bytes())
}

#[track_caller]
pub(super) fn data_of(kind: RecordKind, body: &str) -> Vec<String> {
    read_everywhere(kind, body.as_bytes()).into_iter().map(|(_, _, data)| data).collect()
}

fn event(event_type: &str, id: &str, data: &str) -> (String, String, String) {
    (event_type.to_owned(), id.to_owned(), data.to_owned())
}

/// The examples of the HTML standard, section 9.2.6.
#[test]
fn events_are_those_of_the_standard() {
    assert_eq!(
        events("data: YHOO\ndata: +2\ndata: 10\n\n"),
        [event("message", "", "YHOO\n+2\n10")]
    );
    let four = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
    assert_eq!(
        events(four),
        [
            event("message", "1", "first event"),
            event("message", "", "second event"),
            event("message", "", " third event"),
        ]
    );
    assert_eq!(
        events("data\n\ndata\ndata\n\ndata:\n"),
        [event("message", "", ""), event("message", "", "\n")],
        "the last block has no blank line after it"
    );
    assert_eq!(events("data:test\n\ndata: test\n\n"), vec![event("message", "", "test"); 2]);
}

#[test]
fn lines_end_with_cr_lf_or_both() {
    for end in ["\n", "\r", "\r\n"] {
        let body = format!("event: a{end}data: 1{end}data: 2{end}{end}{end}data: 3{end}{end}");
        let expected = [event("a", "", "1\n2"), event("message", "", "3")];
        assert_eq!(events(&body), expected, "{end:?}");
    }
    assert_eq!(events("data: 1\r\ndata: 2\n\r\r\n"), [event("message", "", "1\n2")]);
}

#[test]
fn one_byte_order_mark_is_skipped() {
    assert_eq!(events("\u{feff}data: 1\n\n"), [event("message", "", "1")]);
    assert_eq!(events("\u{feff}\u{feff}data: 1\n\n"), []);
    assert_eq!(data_of(RecordKind::Lines, "\u{feff}1\n2"), ["1", "2"]);
    assert_eq!(data_of(RecordKind::Array, "\u{feff}[1]"), ["1"]);
}

#[test]
fn an_id_stays_until_another_one_and_may_not_contain_nul() {
    assert_eq!(
        events("id: 7\n\ndata: a\n\nid: 8\0\ndata: b\n\nid:9\ndata:c\n\nid\ndata:d\n\n"),
        [
            event("message", "7", "a"),
            event("message", "7", "b"),
            event("message", "9", "c"),
            event("message", "", "d"),
        ]
    );
}

#[test]
fn unknown_fields_comments_and_types_without_data_are_dropped() {
    assert_eq!(
        events(":\n:x\nother: 1\n data: 2\nevent: lost\n\nDATA: 3\ndata: [DONE]\n\n"),
        [event("message", "", "[DONE]")]
    );
}

#[test]
fn a_retry_has_only_digits() {
    for (value, expected) in
        [("2500", Some(2500)), ("", None), ("1.5", None), ("-1", None), ("12a", None), (" 1", None)]
    {
        let mut records = Records::new(RecordKind::Events, 100);
        let body = format!("retry: {value}\n");
        let mut pieces = [body.as_bytes(), b""].into_iter();
        let next = records.advance(|room| {
            let piece = pieces.next().unwrap();
            room[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        });
        assert_eq!(next, Ok(false));
        assert_eq!(records.retry(), expected.map(Duration::from_millis), "{value:?}");
    }
}

#[test]
fn bytes_that_are_no_utf8_become_replacement_characters() {
    let found = read_everywhere(RecordKind::Events, b"event: \xff\nid: \xc3\ndata: a\xc3\n\n");
    assert_eq!(found, [event("\u{fffd}", "\u{fffd}", "a\u{fffd}")]);
}

#[test]
fn texts_are_separated_by_line_ends_record_separators_or_nothing() {
    let expected = ["{\"a\":1}", "[2]", "3", "\"four\"", "null"];
    for body in [
        "{\"a\":1}\n[2]\n3\n\"four\"\nnull",
        "{\"a\":1}\r\n\r\n[2]\r\n3\r\n\"four\" \r\nnull\r\n",
        "\u{1e}{\"a\":1}\n\u{1e}[2]\n\u{1e}3\n\u{1e}\"four\"\n\u{1e}null\n",
        "{\"a\":1}[2]3\n\"four\"\nnull",
        " \n{\"a\":1} [2]\n3\n\n\"four\"\nnull",
    ] {
        assert_eq!(data_of(RecordKind::Lines, body), expected, "{body:?}");
        assert_eq!(data_of(RecordKind::Array, body), expected, "{body:?}");
    }
    for empty in ["", "\n", "\u{1e}\n", "  "] {
        assert_eq!(data_of(RecordKind::Lines, empty), [""; 0], "{empty:?}");
    }
}

#[test]
fn a_damaged_line_is_a_record_and_the_next_one_is_whole() {
    assert_eq!(
        data_of(RecordKind::Lines, "{\"a\":1,}\n{\"b\":[\n{\"c\":\"x\n{\"d\":4}\noops\n5\n"),
        ["{\"a\":1,}", "{\"b\":[\n{\"c\":\"x", "{\"d\":4}", "oops", "5"]
    );
    assert_eq!(data_of(RecordKind::Lines, "{\"a\":1\n{\"b\":2}\n"), ["{\"a\":1", "{\"b\":2}"]);
}

#[test]
fn the_elements_of_an_array_are_records() {
    assert_eq!(
        data_of(RecordKind::Array, " [ {\"a\":[1,2]} ,\n\"x,]\\\"\", -1.5e3,true\n,[[],{}] ] \n"),
        ["{\"a\":[1,2]}", "\"x,]\\\"\"", "-1.5e3", "true", "[[],{}]"]
    );
    assert_eq!(data_of(RecordKind::Array, "[]"), [""; 0]);
    assert_eq!(data_of(RecordKind::Array, "[1][2,3]"), ["1", "2", "3"]);
    assert_eq!(data_of(RecordKind::Array, "{\"items\":[1]}"), ["{\"items\":[1]}"]);
    assert_eq!(
        data_of(RecordKind::Array, "[{\"a\":1,}{\"b\":2},,3}]"),
        ["{\"a\":1,}", "{\"b\":2}", "3", "}"]
    );
}

#[test]
fn an_array_without_an_end_is_an_error_after_its_elements() {
    for body in ["[1,{}", "[1,{},", "[1,{} "] {
        for size in [1, 100] {
            let (found, error) = read(RecordKind::Array, body.as_bytes(), size);
            assert_eq!(found.len(), 2, "{body}");
            assert_eq!(error.unwrap().code, Code::NotJson, "{body}");
        }
    }
}

#[test]
fn a_text_without_an_end_is_an_error_after_it() {
    for (body, last) in
        [("1\n{\"a\":12", "{\"a\":12"), ("1\n[{},", "[{},"), ("1\n{\"a\":\"x", "{\"a\":\"x")]
    {
        for size in [1, 100] {
            let (found, error) = read(RecordKind::Lines, body.as_bytes(), size);
            assert_eq!(found.last().unwrap().2, last, "{body}");
            assert_eq!(error.unwrap().code, Code::NotJson, "{body}");
        }
    }
}

#[test]
fn a_record_beyond_the_limit_is_an_error() {
    let long = "x".repeat(100);
    for (kind, body) in [
        (RecordKind::Lines, format!("\"{long}\"\n1\n")),
        (RecordKind::Array, format!("[\"{long}\"]")),
        (RecordKind::Events, format!("data: {long}x\n\n")),
        (RecordKind::Events, format!("id: {long}x\ndata: 1\n\n")),
        (RecordKind::Events, format!("event: {long}x\ndata: 1\n\n")),
        (RecordKind::Events, format!("data: {}\ndata: {}\n\n", &long[..60], &long[..60])),
    ] {
        for size in [1, 7, 1000] {
            let mut records = Records::new(kind, 100);
            let mut pieces = body.as_bytes().chunks(size);
            let next = records.advance(|room| {
                let piece = pieces.next().unwrap_or_default();
                room[..piece.len()].copy_from_slice(piece);
                Ok(piece.len())
            });
            assert_eq!(next.unwrap_err().code, Code::TooLarge, "{body} in pieces of {size}");
        }
    }
}

/// The bound is that of the record alone, whatever is around it.
#[test]
fn a_record_of_exactly_the_limit_is_read_and_one_byte_more_is_not() {
    let text = format!("\"{}\"", "x".repeat(98));
    for (kind, body) in [
        (RecordKind::Events, format!(": {text}{text}\nid:{text}\nevent:{text}\ndata:{text}\n\n")),
        (RecordKind::Events, format!("data: {}\ndata: {}\n\n", &text[..50], &text[..49])),
        (RecordKind::Events, format!("data: {text}\r\n\r\n")),
        (RecordKind::Lines, text.clone()),
        (RecordKind::Lines, format!(" \n{text}   \r\n")),
        (RecordKind::Lines, format!("[{}]\n1", &text[1..99])),
        (RecordKind::Lines, format!("{}\n1", "-".repeat(100))),
        (RecordKind::Array, format!("[  {text} , 1]")),
        (RecordKind::Array, format!("[{{\"a\":{text}}}]")),
    ] {
        for size in [1, 7, 99, 1000] {
            let lengths = |limit| {
                let mut records = Records::new(kind, limit);
                let mut pieces = body.as_bytes().chunks(size);
                let found = records.advance(|room| {
                    let piece = pieces.next().unwrap_or_default();
                    room[..piece.len()].copy_from_slice(piece);
                    Ok(piece.len())
                });
                found.map(|found| found.then(|| records.record().data.len() - 1))
            };
            let context = format!("{kind:?} {body:?} in pieces of {size}");
            let length = lengths(1000).unwrap().expect(&context);
            let limit = u64::try_from(length).unwrap();
            assert_eq!(lengths(limit), Ok(Some(length)), "{context}");
            assert_eq!(lengths(limit - 1).unwrap_err().code, Code::TooLarge, "{context}");
        }
    }
}

/// Bodies of this many bytes without a record, in pieces as they come from a socket.
#[track_caller]
fn check_memory_without_records(kind: RecordKind, unit: &str) {
    let piece = unit.repeat(16_000 / unit.len());
    let (mut records, mut left) = (Records::new(kind, 10_000), 4_000_000 / piece.len());
    let next = records.advance(|room| {
        if left == 0 {
            return Ok(0);
        }
        left -= 1;
        room[..piece.len()].copy_from_slice(piece.as_bytes());
        Ok(piece.len())
    });
    assert_eq!(next, Ok(false), "{kind:?} {unit:?}");
    assert!(records.arrived.memory_size() <= 64 * 1024, "{}", records.arrived.memory_size());
}

#[test]
fn what_is_no_record_takes_no_memory() {
    check_memory_without_records(RecordKind::Events, ": keep-alive\n");
    check_memory_without_records(RecordKind::Events, ":");
    check_memory_without_records(RecordKind::Events, "datax");
    check_memory_without_records(RecordKind::Events, "\n");
    check_memory_without_records(RecordKind::Events, "\r");
    check_memory_without_records(RecordKind::Lines, "\n");
    check_memory_without_records(RecordKind::Lines, " \r\n\u{1e}");
    check_memory_without_records(RecordKind::Array, "\n ");
}

#[test]
fn memory_is_limited_by_the_longest_record() {
    let line = format!("[{}0]\n", "1,".repeat(20_000));
    let body = line.repeat(100);
    let (mut records, mut rest, mut count) =
        (Records::new(RecordKind::Lines, 1 << 20), body.as_bytes(), 0);
    let mut read = |room: &mut [u8]| {
        let (piece, after) = rest.split_at(rest.len().min(room.len()));
        room[..piece.len()].copy_from_slice(piece);
        rest = after;
        Ok(piece.len())
    };
    while records.advance(&mut read).unwrap() {
        count += 1;
    }
    assert_eq!(count, 100);
    assert!(records.arrived.memory_size() <= 4 * line.len(), "{}", records.arrived.memory_size());
}

#[test]
fn the_kind_follows_from_the_media_type() {
    for (type_, kind) in [
        ("text/event-stream", RecordKind::Events),
        ("Text/Event-Stream; charset=utf-8", RecordKind::Events),
        ("application/x-ndjson", RecordKind::Lines),
        ("application/json-seq", RecordKind::Lines),
        ("application/geo+json-seq", RecordKind::Lines),
        ("application/ndjson", RecordKind::Lines),
        ("application/jsonl", RecordKind::Lines),
        ("application/x-jsonl", RecordKind::Lines),
        ("Application/JSONLines", RecordKind::Lines),
        ("application/x-jsonlines; charset=utf-8", RecordKind::Lines),
        ("application/x-json-stream", RecordKind::Lines),
        ("application/stream+json", RecordKind::Lines),
        ("application/x-ldjson", RecordKind::Lines),
        ("application/vnd.example+json-seq;v=1", RecordKind::Lines),
        ("text/x-ndjson", RecordKind::Lines),
        ("application/vnd.api+json", RecordKind::Array),
        ("image/ndjson", RecordKind::Array),
        ("application/json", RecordKind::Array),
        ("", RecordKind::Array),
    ] {
        assert_eq!(RecordKind::of_media_type(type_.as_bytes()), kind, "{type_}");
    }
}

#[test]
fn events_need_their_media_type_or_none() {
    for type_ in ["", "text/plain", "text/event-stream", "Text/Event-Stream;charset=utf-8"] {
        assert!(RecordKind::Events.accepts(type_.as_bytes()), "{type_}");
    }
    for type_ in ["application/json", "text/html", "text/event-streams", "application/x-ndjson"] {
        assert!(!RecordKind::Events.accepts(type_.as_bytes()), "{type_}");
        assert!(RecordKind::Lines.accepts(type_.as_bytes()), "{type_}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(9), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever arrives, and however it is cut, no byte is lost and the result is the same.
    #[test]
    fn the_cuts_make_no_difference(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["{", "}", "[", "]", "\"", "\\", ",", ":", "1", "a", "\n", "\r", " ", "\u{1e}", "data:", "id:", "é", "\u{feff}"]),
            0..60,
        ),
        size in 1_usize..9,
    ) {
        let body = pieces.concat();
        for kind in [RecordKind::Events, RecordKind::Lines, RecordKind::Array] {
            prop_assert_eq!(
                read(kind, body.as_bytes(), size),
                read(kind, body.as_bytes(), 8192),
                "{:?}", kind
            );
        }
    }

    /// Valid texts come out as they are, whatever separates them.
    #[test]
    fn valid_texts_are_found_whole(
        texts in prop::collection::vec("(\\{(\"[a-z\\]]{0,9}\":[0-9]{1,3}\n?(,\"b\":\\[\\])?)?\\})", 0..20),
        size in 1_usize..70,
    ) {
        let lines = texts.join("\n");
        let array = format!("[{}]", texts.join(",\n"));
        for (kind, body) in [(RecordKind::Lines, lines), (RecordKind::Array, array)] {
            let (found, error) = read(kind, body.as_bytes(), size);
            prop_assert_eq!(error, None);
            let found: Vec<_> = found.into_iter().map(|(_, _, data)| data).collect();
            prop_assert_eq!(&found, &texts);
        }
    }
}
