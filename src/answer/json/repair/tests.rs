//! The guarantees of the repair, checked with examples and with random texts.

#![allow(clippy::arithmetic_side_effects)] // The tests choose the lengths.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use super::super::pieces::PIECE;
use super::super::{RepairKind, RepairKinds, check, valid_text};
use super::budget::Budget;
use super::cases::{self, Case};
use super::root::RepairedText;
use super::{Hints, RepairError, Repaired, repair, root, try_repair};

fn repaired(text: &str) -> Option<Repaired> {
    repair(text.as_bytes(), &Hints::default())
}

#[track_caller]
fn assert_repaired(cases: &[Case]) {
    for (name, text, json) in cases {
        let repaired = repaired(text).unwrap_or_else(|| panic!("{name}: {text:?} is refused"));
        let value: Value = serde_json::from_str(&repaired.text).expect("the repaired text is JSON");
        let expected: Value = serde_json::from_str(json).expect("the example is JSON");
        assert_eq!(value, expected, "{name}: {text:?}");
        assert!(
            !repaired.kinds.is_empty(),
            "{name}: {text:?} is changed but no repair is reported"
        );
    }
}

#[test]
fn whitespace_comments_and_separators_are_repaired() {
    assert_repaired(cases::SPACE);
}

#[test]
fn values_of_other_languages_are_read() {
    assert_repaired(cases::VALUES);
}

#[test]
fn missing_and_extra_quotes_damage_only_their_string() {
    assert_repaired(cases::QUOTES);
}

#[test]
fn missing_and_extra_brackets_are_repaired_by_the_rest_of_the_document() {
    assert_repaired(cases::BRACKETS);
}

#[test]
fn truncated_documents_are_closed() {
    assert_repaired(cases::TRUNCATED);
}

#[test]
fn text_around_documents_is_removed_and_several_become_an_array() {
    assert_repaired(cases::AROUND);
}

#[test]
fn texts_that_are_not_json_are_refused() {
    for (name, text) in cases::REFUSED {
        let repaired = repaired(text).map(|repaired| repaired.text);
        assert_eq!(repaired, None, "{name}: {text:?}");
    }
    let compressed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03{}[]{\"a\":1}";
    assert_eq!(repair(compressed, &Hints::default()), None, "compressed bytes");
}

#[test]
fn valid_json_stays_byte_for_byte() {
    for (name, text) in cases::UNCHANGED {
        let repaired = repaired(text).unwrap_or_else(|| panic!("{name} is refused"));
        assert_eq!(repaired.text, *text, "{name}");
        assert!(repaired.kinds.is_empty(), "{name}: {}", repaired.kinds);
        assert_eq!(repaired.first_offset, text.len(), "{name}");
    }
}

#[test]
fn long_numbers_keep_all_digits() {
    let text = "{\"id\":123456789012345678901234567890,\"rate\":0.10000000000000000000001,}";
    let repaired = repaired(text).unwrap();
    assert_eq!(repaired.text, text.replace(",}", "}"));
}

#[test]
fn other_encodings_are_decoded_and_then_repaired() {
    let text = "{'ä':['日😀',1,]}";
    for bytes in [
        [0xff_u8, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>(),
        text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        text.as_bytes().to_vec(),
    ] {
        let repaired = repair(&bytes, &Hints::default()).unwrap();
        assert_eq!(repaired.text, "{\"ä\":[\"日😀\",1]}");
        assert!(repaired.kinds.contains(RepairKind::SingleQuotes));
    }
    let latin = repair(b"{'stra\xdfe':'Caf\xe9',}", &Hints::default()).unwrap();
    assert_eq!(latin.text, "{\"straße\":\"Café\"}");
    let hints = Hints { charset: Some("windows-1251"), truncated: false };
    assert_eq!(repair(b"['\xc4\xe0']", &hints).unwrap().text, "[\"Да\"]");
}

#[test]
fn a_number_at_the_end_of_a_truncated_body_becomes_null() {
    let hints = Hints { charset: None, truncated: true };
    for (text, json) in [
        ("[1,2e", "[1,null]"),
        ("{\"a\":[1,23", "{\"a\":[1,null]}"),
        ("[1,2.", "[1,null]"),
        ("[1,-", "[1,null]"),
        ("[1,2,", "[1,2]"),
        ("[1,2]", "[1,2]"),
        ("{\"a\":\"1", "{\"a\":\"1\"}"),
        ("{\"a\":\"1}", "{\"a\":\"1}\"}"),
    ] {
        let repaired = repair(text.as_bytes(), &hints).unwrap().text;
        assert_eq!(repaired, json, "{text:?}");
    }
    assert_eq!(
        repair(b"12", &hints),
        None,
        "a number that is the whole document may be incomplete"
    );
}

#[test]
fn the_kinds_and_the_first_offset_of_repairs_are_reported() {
    for (text, first, kinds) in [
        ("[1,2,]", 5, "trailing comma"),
        ("{\"a\":1,'b':2 \"c\":3}", 7, "missing comma, single quotes"),
        ("[1, /* x */ 2]", 4, "comment"),
        ("\u{feff}[1,]", 0, "byte order mark, trailing comma"),
        ("{\"a\":[\"b\",\"c\"", 13, "truncated"),
        ("[\"é\",tru]", 6, "unquoted value"),
        ("[1]\n[2]", 4, "several documents"),
        ("\n data: [1]\n\n", 2, "event stream"),
        ("cb([1])", 0, "script around the document"),
    ] {
        let repaired = repaired(text).unwrap();
        assert_eq!(repaired.kinds.to_string(), kinds, "{text:?}");
        assert_eq!(repaired.first_offset, first, "{text:?}");
    }
}

#[test]
fn nesting_deeper_than_512_becomes_null() {
    let depth = |text: &str| {
        let (mut depth, mut max) = (0, 0);
        for byte in text.bytes() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            max = max.max(depth);
        }
        max
    };
    for (text, expected) in [
        ("[".repeat(512), 512),
        ("[".repeat(513), 512),
        ("{\"a\":".repeat(600), 512),
        (format!("{}1{},", "[".repeat(512), "]".repeat(512)), 512),
        (format!("{}1{}", "[".repeat(600), "]".repeat(599)), 512),
        (format!("[1]{}", "[".repeat(600)), 512),
        (format!("{}{}", "[".repeat(600), "\"a\":".repeat(600)), 512),
    ] {
        let repaired = repaired(&text).unwrap();
        assert_eq!(depth(&repaired.text), expected, "{}…", &text[..8]);
    }
    let whole = format!("{}{}", "[".repeat(600), "]".repeat(600));
    assert_eq!(repaired(&whole).unwrap().text, whole, "valid JSON may have any depth");
    let after = format!("[{}1{},2,]", "[".repeat(600), "]".repeat(600));
    assert!(
        repaired(&after).unwrap().text.ends_with("],2]"),
        "the rest after the deep part is kept"
    );
}

/// The repair without the final check, and the number of its steps.
fn repair_unchecked(text: &str, truncated: bool) -> (Result<RepairedText, RepairError>, usize) {
    let should_continue = || true;
    let budget = Budget::new(text.len(), &should_continue);
    let Err(valid_prefix) = check::check_document(text) else {
        return (Err(RepairError::NotJson), 0);
    };
    let result = root::repair_text(text, valid_prefix, truncated, &budget, usize::MAX);
    (result, budget.spent())
}

/// Beginnings of long texts.
const PROLOGUES: &[&str] =
    &["", "[", "{\"a\":", "{\"a\":\"", "[\"x\",", "{\"a\":{\"b\":[1,\"", "data: "];

/// Maximum number of steps for each byte of a text.
const MAX_STEPS_PER_BYTE: usize = 24;

/// The number of steps to repair a text of this length: a beginning, a repeated unit, and an end.
fn steps(prologue: &str, unit: &str, end: &str, length: usize) -> usize {
    let text = format!("{prologue}{}{end}", unit.repeat(length / unit.len()));
    let (result, steps) = repair_unchecked(&text, false);
    assert_ne!(
        result.err(),
        Some(RepairError::Stopped),
        "{prologue:?} and {unit:?}… take too long"
    );
    steps
}

/// Texts that made a parser without a budget read parts again and again: beginning, repeated unit,
/// end.
const BACK_AND_FORTH: &[(&str, &str, &str)] = &[
    ("{", "]`a: ", "}"),
    ("{", "\\\"\n", ""),
    ("[\"x\",", "\\'", ""),
    ("{\"a\":\"", "\\\"", ""),
    ("", "{<!--\\\"[", "1"),
    ("[a:<!--", "/*2eNone)", "1{"),
    ("[\n  ", "\"a\":[```", "\""),
    ("{\"a\":1},{", "\"a\":[", "|true"),
    ("[1]]", "[", ""),
];

#[test]
fn the_work_is_proportional_to_the_length() {
    let units = include!("../../../../benches/corpus/hostile.rs");
    const LENGTH: usize = 1 << 12;
    let with_prologues =
        units.iter().flat_map(|unit| PROLOGUES.iter().map(move |start| (*start, *unit, "")));
    for (prologue, unit, end) in with_prologues.chain(BACK_AND_FORTH.iter().copied()) {
        let [once, twice, four] = [1, 2, 4].map(|times| steps(prologue, unit, end, times * LENGTH));
        let name = format!("{prologue:?} and {unit:?}…");
        assert!(twice <= once * 9 / 4 + 10_000, "{name}: {once} steps, then {twice}");
        assert!(four <= once * 9 / 2 + 20_000, "{name}: {once} steps, then {four}");
        let max = MAX_STEPS_PER_BYTE * (LENGTH + prologue.len() + end.len()) + 10_000;
        assert!(once <= max, "{name}: {once} steps for {LENGTH} bytes");
    }
}

#[test]
fn a_repair_takes_at_most_four_times_the_memory_of_the_body() {
    const LENGTH: usize = 1 << 21;
    for (unit, fits) in [("\u{1}", false), ("\u{1}abcdefgh", true), ("\n", true)] {
        let text = format!("[\"{}\",]", unit.repeat(LENGTH / unit.len()));
        match try_repair(text.as_bytes(), &Hints::default(), &|| true) {
            Ok(repaired) => {
                assert!(fits, "{unit:?} is repaired, but takes too much memory");
                let max = super::most_memory(text.len()) - text.len();
                assert!(repaired.text.capacity() <= max, "{} bytes", repaired.text.capacity());
            }
            Err(error) => assert_eq!((error, fits), (RepairError::OutOfMemory, false), "{unit:?}"),
        }
    }
}

#[test]
fn the_repair_stops_when_the_caller_says_so() {
    for unit in ["{\"a\":[1,", "\"a\"x", "[1]\n", "{", "'a", "data: [\n", "\\\"", "/* \"*/,"] {
        let text = format!("{{{}", unit.repeat((1 << 19) / unit.len()));
        let calls = Cell::new(0);
        let stop_at_second_call = || {
            calls.set(calls.get() + 1);
            calls.get() < 2
        };
        let result = try_repair(text.as_bytes(), &Hints::default(), &stop_at_second_call);
        assert_eq!(result, Err(RepairError::Stopped), "{unit:?}");
        assert_eq!(calls.get(), 2, "{unit:?}: the repair continues after it must stop");
    }
}

/// Long texts, each with a beginning, a repeated unit and an end, of which most is read in one pass.
const LONG_PASSES: &[(&str, &str, &str)] = &[
    ("", "tru", ""),
    ("{", "tru ", ""),
    ("", " ", "x"),
    ("", "\n", "x"),
    ("", "\u{a0}", "x"),
    ("", "\0", ""),
    ("{\"a\":[1", " ", ""),
    ("{\"a\":[1", "\u{a0}", ""),
    ("{\"a\":1}", "\0", ""),
    ("", "[", ""),
    ("[", "]", ""),
    ("[", ",", "]"),
    ("{\"a\"", ":", "}"),
    ("", "(", "[1]"),
    ("x({}", ")", ";"),
    (")]}", "'", "[1]"),
    ("", "1", "x"),
    ("[", "1", "x]"),
    ("[\"", "a", ""),
    ("['", "a", "']"),
    ("[,[", "1,", "0]]"),
    ("[,[\"", "a", "\"]]"),
    ("[,[\"", "\\ud83d\\ude00", "\"]]"),
    ("[/*", "a", "*/1]"),
    ("[//", "a", ""),
    ("", "`", ""),
    ("<br>", "<p>", ""),
    ("<html>", "<p>", ""),
    ("", "word ", ""),
    ("data: [\"", "a", ""),
    ("id: ", " ", "\n \n"),
    ("{\\\"", "a", "\\\":1}"),
];

#[test]
fn a_long_pass_asks_whether_to_continue() {
    const PIECES: usize = 16;
    for (begin, unit, end) in LONG_PASSES {
        let text = format!("{begin}{}{end}", unit.repeat(PIECES * PIECE / unit.len()));
        let questions = Cell::new(0);
        let repair_with = |allowed: usize| {
            questions.set(0);
            try_repair(text.as_bytes(), &Hints::default(), &|| {
                questions.set(questions.get() + 1);
                questions.get() <= allowed
            })
        };
        let name = format!("{begin}{unit}…{end}");
        assert_ne!(repair_with(usize::MAX), Err(RepairError::Stopped), "{name:?}");
        let all = questions.get();
        assert!(all >= PIECES - 1, "{name:?} asked {all} times in {PIECES} pieces");
        for allowed in [0, all / 4, all / 2, all - 1] {
            assert_eq!(repair_with(allowed), Err(RepairError::Stopped), "{name:?}: {allowed}");
            assert_eq!(questions.get(), allowed + 1, "{name:?} continues after it must stop");
        }
    }
}

#[test]
fn nested_containers_are_checked_only_once() {
    let inside = "\"a\",".repeat(1 << 12);
    for (open, inner, close) in [
        ("[", "1", "]"),
        ("[\n", "1", "\n]"),
        ("[", "\"\\ud800\"", "]"),
        ("{\"a\":[", "{}", "]}"),
        ("{\n\"a\": [", "{}", "]\n}"),
    ] {
        for (begin, end) in [("[,", "]"), ("[,", ""), ("{,\"x\":", "}}"), ("[[,],", "")] {
            let middle = format!("{}[{inside}{inner}]{}", open.repeat(400), close.repeat(400));
            let text = format!("{begin}{middle}{end}");
            let (result, steps) = repair_unchecked(&text, false);
            assert!(result.is_ok(), "{begin}{open}…{end} is not repaired");
            let max = MAX_STEPS_PER_BYTE * text.len();
            assert!(steps <= max, "{steps} steps for {} bytes: {begin}{open}…{end}", text.len());
        }
    }
}

/// A random JSON value.
fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z ]{0,12}",
        "[a-zA-Z0-9 ,.:;'\"\\\\/{}\\[\\]<>#\n\t-]{0,16}",
        "[äß日本😀\u{2028}é ]{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 64.0)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{1,8}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The text of a random array or object, compact or pretty.
fn document() -> impl Strategy<Value = String> {
    (json(), any::<bool>()).prop_map(|(value, pretty)| {
        let value =
            if value.is_array() || value.is_object() { value } else { Value::from(vec![value]) };
        if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }
            .expect("a value has a text")
    })
}

/// A random sequence of tokens of JSON and similar languages.
fn random_tokens() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{", "[", "}", "]", "\"", "'", ",", ":", "\"a\"", "\"a\":", "\"id\":", "1", "-", ".5",
        "007", "true", "nul", "\\", "\\\"", "\n", " ", "#", "//", "/*", "*/", "<!--", "abc", "“",
        "”", "é", "\u{fffd}", "\0", "=", "=>", "(", ")", ";", "x", "`", "\\ud83d", "},{", "],",
        "\n  ", "日", "data: ", "cb(", "+", "e", "\u{a0}",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Checks the guarantees for any bytes.
fn assert_guarantee(bytes: &[u8], truncated: bool) -> Result<(), TestCaseError> {
    let hints = Hints { charset: None, truncated };
    if let Some(repaired) = repair(bytes, &hints) {
        prop_assert!(
            valid_text(repaired.text.as_bytes()).is_some(),
            "ill-formed: {}",
            repaired.text
        );
        // The repaired text is complete.
        let whole = Hints { truncated: false, ..hints };
        let again = repair(repaired.text.as_bytes(), &whole).expect("valid JSON is not refused");
        prop_assert_eq!(&again.text, &repaired.text, "a second repair changes what the first did");
        prop_assert!(again.kinds.is_empty());
        let valid = valid_text(bytes).is_some();
        prop_assert_eq!(valid, repaired.kinds.is_empty(), "reported: {}", repaired.kinds);
        prop_assert!(repaired.first_offset <= bytes.len());
    }
    // The text must be valid also without the final check, which guards against mistakes.
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(unchecked) = repair_unchecked(text, truncated).0
    {
        let text = unchecked.text.finish().expect("there is no limit");
        let shown = String::from_utf8_lossy(&text);
        prop_assert!(valid_text(&text).is_some(), "the parser wrote {}", shown);
    }
    Ok(())
}

/// Whether every leaf of `part` is in `whole` at the same path. Nulls are allowed, and strings that
/// are the beginning of the string in `whole`.
fn is_within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Null, _) => true,
        (Value::String(part), Value::String(whole)) => whole.starts_with(part.as_str()),
        (Value::Array(part), Value::Array(whole)) => {
            part.len() <= whole.len() && part.iter().zip(whole).all(|(p, w)| is_within(p, w))
        }
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|whole| is_within(value, whole))),
        (part, whole) => part == whole,
    }
}

/// Truncates a text at every byte, and checks that the repaired values are all in the whole text.
fn check_no_data_is_added(text: &str) -> Result<(), TestCaseError> {
    let whole: Value = serde_json::from_str(text).expect("the document is JSON");
    for length in 1..text.len() {
        let part = &text.as_bytes()[..length];
        let Some(repaired) = repair(part, &Hints { charset: None, truncated: true }) else {
            let blank = part.trim_ascii().is_empty();
            prop_assert!(blank, "refused: {}", String::from_utf8_lossy(part));
            continue;
        };
        let read: Value = serde_json::from_str(&repaired.text).expect("the repaired text is JSON");
        prop_assert!(is_within(&read, &whole), "{} of\n{} gives\n{}", length, text, repaired.text);
    }
    Ok(())
}

#[test]
fn the_repair_of_a_truncated_document_adds_no_data() {
    for text in [
        r#"{"css":"a{b:c}","re":"\\d{2}[x]","q":"say \"hi\", \"ho\": {1}","e":[{"f":-1.5e3},[[]],{}]}"#,
        "{\n  \"a\": {\n    \"b\": [\n      1,\n      {\n        \"c\": \"d,}\"\n      }\n    ]\n  },\n  \"e\": null\n}",
        r#"["\ud83d\ude80\u00e9",true,false,null,"",12345.678e-9,"日本",{"it's":"'x', 'y'"}]"#,
        r##"{"// a":"/* b","# c":"d // e","f":"<!-- g"}"##,
    ] {
        check_no_data_is_added(text).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Writes a value with the syntax of Python and JavaScript.
fn write_dialect(value: &Value, style: &[u8], out: &mut String, turn: &mut usize) {
    *turn += 1;
    let random_byte = style[*turn % style.len()];
    let choose = |count: u8| random_byte % count;
    let comment = ["", " // é \"x\": 1,\n", "/* ] */", "\n# }\n", " "][usize::from(choose(5))];
    match value {
        Value::Null => out.push_str(["null", "None", "undefined", "NaN"][usize::from(choose(4))]),
        Value::Bool(true) => out.push_str(["true", "True"][usize::from(choose(2))]),
        Value::Bool(false) => out.push_str(["false", "False"][usize::from(choose(2))]),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => quoted(text, choose(2) == 0, out),
        Value::Array(elements) => {
            out.push('[');
            for element in elements {
                out.push_str(comment);
                write_dialect(element, style, out, turn);
                out.push(',');
            }
            out.push_str(comment);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (name, value) in members {
                out.push_str(comment);
                if choose(3) == 0 {
                    out.push_str(name);
                } else {
                    quoted(name, choose(2) == 0, out);
                }
                out.push_str([":", " : ", ":\n"][usize::from(choose(3))]);
                write_dialect(value, style, out, turn);
                out.push(',');
            }
            out.push_str(comment);
            out.push('}');
        }
    }
}

fn quoted(text: &str, single: bool, out: &mut String) {
    let json = serde_json::to_string(text).expect("a string has a text");
    if single {
        let inner = json[1..json.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
        out.push_str(&format!("'{inner}'"));
    } else {
        out.push_str(&json);
    }
}

proptest! {
    // The number of cases is the default of proptest; PROPTEST_CASES overrides it.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(8259), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_become_valid_json_or_are_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        truncated in any::<bool>(),
    ) {
        assert_guarantee(&bytes, truncated)?;
    }

    #[test]
    fn any_tokens_become_valid_json_or_are_refused(text in random_tokens(), truncated in any::<bool>()) {
        assert_guarantee(text.as_bytes(), truncated)?;
        assert_guarantee(format!("[{text}").as_bytes(), truncated)?;
        assert_guarantee(format!("{{{text}").as_bytes(), truncated)?;
    }

    #[test]
    fn any_damaged_document_becomes_valid_json_or_is_refused(
        text in document(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, random_tokens()), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (position, removed, inserted) in damages {
            let at = position.index(bytes.len() + 1);
            let end = bytes.len().min(at + removed);
            bytes.splice(at..end, inserted.bytes().take(6));
        }
        assert_guarantee(&bytes, false)?;
    }

    #[test]
    fn valid_json_stays_unchanged(text in document()) {
        prop_assert_eq!(valid_text(text.as_bytes()), Some(text.as_str()));
        let repaired = repaired(&text).expect("valid JSON is not refused");
        prop_assert_eq!(&repaired.text, &text);
        prop_assert!(repaired.kinds.is_empty());
    }

    #[test]
    fn a_document_truncated_anywhere_gets_no_added_data(text in document()) {
        check_no_data_is_added(&text)?;
    }

    #[test]
    fn the_syntax_of_other_languages_is_read_without_loss(
        value in json(),
        style in prop::collection::vec(any::<u8>(), 7),
    ) {
        let value = Value::from(vec![value]);
        let mut text = String::new();
        write_dialect(&value, &style, &mut text, &mut 0);
        let repaired = repaired(&text).expect("it can be repaired");
        let read: Value = serde_json::from_str(&repaired.text).expect("the repaired text is JSON");
        prop_assert_eq!(read, value, "{}", text);
    }
}

#[test]
fn kinds_of_decoding_and_repair_are_reported_together() {
    let repaired = repair(b"\xef\xbb\xbf['\xff \xc3\xa9',]", &Hints::default()).unwrap();
    let kinds = [
        RepairKind::ByteOrderMark,
        RepairKind::InvalidBytes,
        RepairKind::SingleQuotes,
        RepairKind::TrailingComma,
    ];
    assert_eq!(repaired.kinds, RepairKinds::from_iter(kinds));
    assert_eq!(repaired.text, "[\"\u{fffd} é\"]");
}
