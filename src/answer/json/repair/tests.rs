//! What a repair promises, over worked examples and over what chance makes.

#![allow(clippy::arithmetic_side_effects)] // Lengths of texts that the tests make themselves.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use super::super::{Kind, Kinds, check, strict};
use super::budget::Budget;
use super::cases::{self, Case};
use super::root::RepairedText;
use super::{Hints, Repaired, Unrepaired, repair, root, try_repair};

fn repaired(text: &str) -> Option<Repaired> {
    repair(text.as_bytes(), &Hints::default())
}

#[track_caller]
fn assert_repaired(cases: &[Case]) {
    for (name, text, json) in cases {
        let repaired = repaired(text).unwrap_or_else(|| panic!("{name}: {text:?} is refused"));
        let value: Value = serde_json::from_str(&repaired.text).expect("what comes out is JSON");
        let wanted: Value = serde_json::from_str(json).expect("the example is JSON");
        assert_eq!(value, wanted, "{name}: {text:?}");
        assert!(!repaired.kinds.is_empty(), "{name}: {text:?} is changed and nothing is reported");
    }
}

#[test]
fn what_stands_around_and_between_values_is_put_right() {
    assert_repaired(cases::SPACE);
}

#[test]
fn values_of_other_languages_are_read() {
    assert_repaired(cases::VALUES);
}

#[test]
fn missing_and_extra_quotes_cost_no_more_than_their_string() {
    assert_repaired(cases::QUOTES);
}

#[test]
fn brackets_are_put_where_the_rest_of_the_document_wants_them() {
    assert_repaired(cases::BRACKETS);
}

#[test]
fn what_ends_early_is_closed() {
    assert_repaired(cases::CUT);
}

#[test]
fn wrappers_go_and_several_documents_become_one() {
    assert_repaired(cases::AROUND);
}

#[test]
fn what_is_no_json_is_refused() {
    for (name, text) in cases::REFUSED {
        let repaired = repaired(text).map(|repaired| repaired.text);
        assert_eq!(repaired, None, "{name}: {text:?}");
    }
    let compressed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03{}[]{\"a\":1}";
    assert_eq!(repair(compressed, &Hints::default()), None, "compressed bytes");
}

#[test]
fn what_is_valid_stays_byte_for_byte() {
    for (name, text) in cases::UNCHANGED {
        let repaired = repaired(text).unwrap_or_else(|| panic!("{name} is refused"));
        assert_eq!(repaired.text, *text, "{name}");
        assert!(repaired.kinds.is_empty(), "{name}: {}", repaired.kinds);
        assert_eq!(repaired.first_offset, text.len(), "{name}");
    }
}

#[test]
fn no_digit_is_lost() {
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
        assert!(repaired.kinds.contains(Kind::SingleQuotes));
    }
    let latin = repair(b"{'stra\xdfe':'Caf\xe9',}", &Hints::default()).unwrap();
    assert_eq!(latin.text, "{\"straße\":\"Café\"}");
    let hints = Hints { charset: Some("windows-1251"), cut: false };
    assert_eq!(repair(b"['\xc4\xe0']", &hints).unwrap().text, "[\"Да\"]");
}

#[test]
fn a_number_at_the_cut_is_null() {
    let hints = Hints { charset: None, cut: true };
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
    assert_eq!(repair(b"12", &hints), None, "a number alone may be a part of one");
}

#[test]
fn what_was_repaired_is_reported_with_the_first_place() {
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
fn nesting_is_capped_at_512() {
    let depth = |text: &str| {
        let (mut now, mut most) = (0, 0);
        for byte in text.bytes() {
            match byte {
                b'[' | b'{' => now += 1,
                b']' | b'}' => now -= 1,
                _ => {}
            }
            most = most.max(now);
        }
        most
    };
    for (text, deepest) in [
        ("[".repeat(512), 512),
        ("[".repeat(513), 512),
        ("{\"a\":".repeat(600), 512),
        (format!("{}1{},", "[".repeat(512), "]".repeat(512)), 512),
        (format!("{}1{}", "[".repeat(600), "]".repeat(599)), 512),
        (format!("[1]{}", "[".repeat(600)), 512),
        (format!("{}{}", "[".repeat(600), "\"a\":".repeat(600)), 512),
    ] {
        let repaired = repaired(&text).unwrap();
        assert_eq!(depth(&repaired.text), deepest, "{}…", &text[..8]);
    }
    let whole = format!("{}{}", "[".repeat(600), "]".repeat(600));
    assert_eq!(repaired(&whole).unwrap().text, whole, "what is valid has no limit of depth");
    let after = format!("[{}1{},2,]", "[".repeat(600), "]".repeat(600));
    assert!(repaired(&after).unwrap().text.ends_with("],2]"), "what follows the depth is kept");
}

/// The repair without the check at the end, and how many steps it took.
fn fixed(text: &str, cut: bool) -> (Result<RepairedText, Unrepaired>, usize) {
    let go_on = || true;
    let budget = Budget::new(text.len(), &go_on);
    let Err(sound) = check::document(text) else { return (Err(Unrepaired::NotJson), 0) };
    (root::repair_text(text, sound, cut, &budget, usize::MAX), budget.spent())
}

/// What is repeated to make a long text, and what it begins with.
const PROLOGUES: &[&str] =
    &["", "[", "{\"a\":", "{\"a\":\"", "[\"x\",", "{\"a\":{\"b\":[1,\"", "data: "];

/// The most steps for a byte of a text.
const STEPS: usize = 24;

/// How many steps the repair of a text takes, made of one of these and of as many of the other as
/// make it so long.
fn steps(lead: &str, unit: &str, end: &str, length: usize) -> usize {
    let text = format!("{lead}{}{end}", unit.repeat(length / unit.len()));
    let (result, steps) = fixed(&text, false);
    assert_ne!(result.err(), Some(Unrepaired::Stopped), "{lead:?} and {unit:?}… take too long");
    steps
}

/// Texts that go back and forth in a reader that does not pay for going back: what they begin with,
/// what is repeated, and what they end with.
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
fn the_work_grows_with_the_length_alone() {
    let units = include!("../../../../benches/corpus/hostile.rs");
    const LENGTH: usize = 1 << 12;
    let with_leads =
        units.iter().flat_map(|unit| PROLOGUES.iter().map(move |lead| (*lead, *unit, "")));
    for (lead, unit, end) in with_leads.chain(BACK_AND_FORTH.iter().copied()) {
        let [once, twice, four] = [1, 2, 4].map(|times| steps(lead, unit, end, times * LENGTH));
        let name = format!("{lead:?} and {unit:?}…");
        assert!(twice <= once * 9 / 4 + 10_000, "{name}: {once} steps, then {twice}");
        assert!(four <= once * 9 / 2 + 20_000, "{name}: {once} steps, then {four}");
        let most = STEPS * (LENGTH + lead.len() + end.len()) + 10_000;
        assert!(once <= most, "{name}: {once} steps for {LENGTH} bytes");
    }
}

#[test]
fn a_repair_takes_no_more_than_four_times_the_memory_of_the_bytes() {
    const LENGTH: usize = 1 << 21;
    for (unit, fits) in [("\u{1}", false), ("\u{1}abcdefgh", true), ("\n", true)] {
        let text = format!("[\"{}\",]", unit.repeat(LENGTH / unit.len()));
        match try_repair(text.as_bytes(), &Hints::default(), &|| true) {
            Ok(repaired) => {
                assert!(fits, "{unit:?} takes too much and is repaired");
                let most = super::most_memory(text.len()) - text.len();
                assert!(repaired.text.capacity() <= most, "{} bytes", repaired.text.capacity());
            }
            Err(why) => assert_eq!((why, fits), (Unrepaired::NoMemory, false), "{unit:?}"),
        }
    }
}

#[test]
fn work_that_is_not_to_go_on_ends_at_once() {
    for unit in ["{\"a\":[1,", "\"a\"x", "[1]\n", "{", "'a", "data: [\n", "\\\"", "/* \"*/,"] {
        let text = format!("{{{}", unit.repeat((1 << 19) / unit.len()));
        let asked = Cell::new(0);
        let twice = || {
            asked.set(asked.get() + 1);
            asked.get() < 2
        };
        let ended = try_repair(text.as_bytes(), &Hints::default(), &twice).unwrap_err();
        assert_eq!(ended, Unrepaired::Stopped, "{unit:?}");
        assert_eq!(asked.get(), 2, "{unit:?} is worked on after the end");
    }
}

#[test]
fn nested_containers_are_not_checked_over_and_over() {
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
            let (result, steps) = fixed(&text, false);
            assert!(result.is_ok(), "{begin}{open}…{end} is not repaired");
            let most = STEPS * text.len();
            assert!(steps <= most, "{steps} steps for {} bytes: {begin}{open}…{end}", text.len());
        }
    }
}

/// A value of chance as JSON text.
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

/// An array or an object of chance, compact or not.
fn document() -> impl Strategy<Value = String> {
    (json(), any::<bool>()).prop_map(|(value, pretty)| {
        let value =
            if value.is_array() || value.is_object() { value } else { Value::from(vec![value]) };
        if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }
            .expect("a value has a text")
    })
}

/// Pieces of what JSON and its neighbours are made of.
fn random_tokens() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{", "[", "}", "]", "\"", "'", ",", ":", "\"a\"", "\"a\":", "\"id\":", "1", "-", ".5",
        "007", "true", "nul", "\\", "\\\"", "\n", " ", "#", "//", "/*", "*/", "<!--", "abc", "“",
        "”", "é", "\u{fffd}", "\0", "=", "=>", "(", ")", ";", "x", "`", "\\ud83d", "},{", "],",
        "\n  ", "日", "data: ", "cb(", "+", "e", "\u{a0}",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// What holds for any bytes whatever.
fn assert_guarantee(bytes: &[u8], cut: bool) -> Result<(), TestCaseError> {
    let hints = Hints { charset: None, cut };
    if let Some(repaired) = repair(bytes, &hints) {
        prop_assert!(strict(repaired.text.as_bytes()).is_some(), "ill-formed: {}", repaired.text);
        // What came out is whole.
        let whole = Hints { cut: false, ..hints };
        let again = repair(repaired.text.as_bytes(), &whole).expect("valid JSON is not refused");
        prop_assert_eq!(&again.text, &repaired.text, "a second repair changes what the first did");
        prop_assert!(again.kinds.is_empty());
        let valid = strict(bytes).is_some();
        prop_assert_eq!(valid, repaired.kinds.is_empty(), "reported: {}", repaired.kinds);
        prop_assert!(repaired.first_offset <= bytes.len());
    }
    // Without the check at the end, too: it is there for what nobody thought of.
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(fixed) = fixed(text, cut).0
    {
        let text = fixed.text.finish().expect("there is no limit");
        let shown = String::from_utf8_lossy(&text);
        prop_assert!(strict(&text).is_some(), "the walk wrote {}", shown);
    }
    Ok(())
}

/// Whether every leaf of one value is in the other at the same path, but for nulls and for strings
/// that are the beginning of the other's.
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

/// Cuts a text at every byte; whatever is read then has to be in the whole.
fn nothing_is_made_up(text: &str) -> Result<(), TestCaseError> {
    let whole: Value = serde_json::from_str(text).expect("the document is JSON");
    for length in 1..text.len() {
        let part = &text.as_bytes()[..length];
        let Some(repaired) = repair(part, &Hints { charset: None, cut: true }) else {
            let blank = part.trim_ascii().is_empty();
            prop_assert!(blank, "refused: {}", String::from_utf8_lossy(part));
            continue;
        };
        let read: Value = serde_json::from_str(&repaired.text).expect("what comes out is JSON");
        prop_assert!(is_within(&read, &whole), "{} of\n{} gives\n{}", length, text, repaired.text);
    }
    Ok(())
}

#[test]
fn a_cut_document_holds_nothing_that_the_whole_does_not() {
    for text in [
        r#"{"css":"a{b:c}","re":"\\d{2}[x]","q":"say \"hi\", \"ho\": {1}","e":[{"f":-1.5e3},[[]],{}]}"#,
        "{\n  \"a\": {\n    \"b\": [\n      1,\n      {\n        \"c\": \"d,}\"\n      }\n    ]\n  },\n  \"e\": null\n}",
        r#"["\ud83d\ude80\u00e9",true,false,null,"",12345.678e-9,"日本",{"it's":"'x', 'y'"}]"#,
        r##"{"// a":"/* b","# c":"d // e","f":"<!-- g"}"##,
    ] {
        nothing_is_made_up(text).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Writes a value as people write it who know JSON from other languages.
fn write_dialect(value: &Value, style: &[u8], out: &mut String, turn: &mut usize) {
    *turn += 1;
    let chance = style[*turn % style.len()];
    let choose = |most: u8| chance % most;
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
// The number of cases is proptest's own default, and PROPTEST_CASES overrides it.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(8259), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_become_valid_json_or_nothing(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        cut in any::<bool>(),
    ) {
        assert_guarantee(&bytes, cut)?;
    }

    #[test]
    fn any_soup_of_json_becomes_valid_json_or_nothing(text in random_tokens(), cut in any::<bool>()) {
        assert_guarantee(text.as_bytes(), cut)?;
        assert_guarantee(format!("[{text}").as_bytes(), cut)?;
        assert_guarantee(format!("{{{text}").as_bytes(), cut)?;
    }

    #[test]
    fn any_damage_to_a_document_leaves_valid_json(
        text in document(),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, random_tokens()), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (place, lost, put) in wounds {
            let at = place.index(bytes.len() + 1);
            let end = bytes.len().min(at + lost);
            bytes.splice(at..end, put.bytes().take(6));
        }
        assert_guarantee(&bytes, false)?;
    }

    #[test]
    fn valid_json_passes_and_stays_as_it_is(text in document()) {
        prop_assert_eq!(strict(text.as_bytes()), Some(text.as_str()));
        let repaired = repaired(&text).expect("valid JSON is not refused");
        prop_assert_eq!(&repaired.text, &text);
        prop_assert!(repaired.kinds.is_empty());
    }

    #[test]
    fn a_document_cut_anywhere_holds_nothing_new(text in document()) {
        nothing_is_made_up(&text)?;
    }

    #[test]
    fn what_other_languages_write_is_read_without_loss(
        value in json(),
        style in prop::collection::vec(any::<u8>(), 7),
    ) {
        let value = Value::from(vec![value]);
        let mut text = String::new();
        write_dialect(&value, &style, &mut text, &mut 0);
        let repaired = repaired(&text).expect("it can be read");
        let read: Value = serde_json::from_str(&repaired.text).expect("what comes out is JSON");
        prop_assert_eq!(read, value, "{}", text);
    }
}

#[test]
fn kinds_of_all_steps_are_joined() {
    let repaired = repair(b"\xef\xbb\xbf['\xff \xc3\xa9',]", &Hints::default()).unwrap();
    let kinds = [Kind::ByteOrderMark, Kind::InvalidBytes, Kind::SingleQuotes, Kind::TrailingComma];
    assert_eq!(repaired.kinds, Kinds::from_iter(kinds));
    assert_eq!(repaired.text, "[\"\u{fffd} é\"]");
}
