//! Compares the results of the check, and the position of the defect, with those of serde_json.

#![allow(clippy::arithmetic_side_effects)] // Lengths of texts that the tests make themselves.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde::de::IgnoredAny;

use super::*;

/// Pieces of JSON, valid and invalid, some longer than a block.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"a\":",
        "\"sixteen bytes long\"",
        "0",
        "1",
        "-",
        "12345678901234567890",
        ".5",
        "e",
        "E+7",
        "true",
        "fals",
        "null",
        "\\",
        "\\\"",
        "\\u00",
        "\\ud83d",
        "e9",
        " ",
        "\n",
        "\n                    ",
        "\t",
        "\u{1}",
        "é",
        "日",
        "\u{7f}",
    ]);
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// Random JSON.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<f64>()
            .prop_filter("JSON has only finite numbers", |n| n.is_finite())
            .prop_map(|n| n.to_string()),
        ".{0,40}".prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    let text = leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec(("[a-z]{0,24}", inner), 0..6).prop_map(|members| {
                let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    });
    (text, any::<bool>()).prop_map(|(text, pretty)| {
        let value: Result<serde_json::Value, _> = serde_json::from_str(&text);
        value.ok().filter(|_| pretty).map_or(text, |value| format!("{value:#}"))
    })
}

/// Compares the check with serde_json, which is widely used and known to be correct.
fn agrees(text: &str) -> Result<(), TestCaseError> {
    let reference = serde_json::from_str::<IgnoredAny>(text);
    let container = text.trim_ascii_start().starts_with(['{', '[']);
    let by_masks = check_grammar(text, &|| true) == GrammarResult::Valid;
    prop_assert_eq!(by_masks, reference.is_ok() && container, "the check by masks of {:?}", text);
    match (check_document(text), reference) {
        (Ok(()), reference) => prop_assert!(reference.is_ok(), "{text:?} passed, but is not valid"),
        (Err(defect), reference) => {
            let error = reference.err();
            prop_assert!(error.is_some(), "{text:?} is valid, but has a defect at {defect}");
            prop_assert!(defect <= text.len());
            // serde_json reads four bytes of a `\u` escape before it checks that they are digits.
            let escape = text.get(defect..).is_some_and(|rest| rest.starts_with("\\u"));
            let ends = error.is_some_and(|error| error.is_eof()) && !escape;
            prop_assert!(
                !ends || defect == text.len(),
                "only the end of {text:?} is missing, but the defect is at {defect}"
            );
        }
    }
    Ok(())
}

proptest! {
    // The number of cases is the default of proptest. PROPTEST_CASES overrides it.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(8259), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_checked_as_by_serde_json(text in any::<String>()) {
        agrees(&text)?;
    }

    #[test]
    fn pieces_of_json_are_checked_as_by_serde_json(text in pieces()) {
        agrees(&text)?;
        agrees(&format!("[{text}]"))?;
        agrees(&format!("{{\"a\":{text}}}"))?;
    }

    #[test]
    fn damaged_json_is_checked_as_by_serde_json(
        text in json(), place in any::<prop::sample::Index>(), removed in 0_usize..3, inserted in pieces(),
    ) {
        agrees(&text)?;
        let mut bytes = text.into_bytes();
        let at = place.index(bytes.len() + 1);
        let end = bytes.len().min(at + removed);
        bytes.splice(at..end, inserted.bytes().take(removed + 1));
        agrees(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn the_part_before_a_defect_is_the_beginning_of_a_document(text in json(), end in any::<prop::sample::Index>()) {
        let length = end.index(text.len() + 1);
        let part = text.get(..length).unwrap_or_default();
        if let Err(defect) = check_document(part) {
            prop_assert_eq!(defect, part.len());
        }
        // A control character is invalid everywhere.
        let broken = format!("{part}\u{1}{}", text.get(length..).unwrap_or_default());
        let defect = check_document(&broken).expect_err("the text contains a control character");
        prop_assert!(defect <= part.len() && defect + 6 > part.len(), "the defect of {broken:?} is at {defect}");
    }
}

#[test]
fn hostile_texts_are_checked_as_by_serde_json() {
    for unit in include!("../../../../benches/corpus/hostile.rs") {
        for prologue in ["", "[", "{\"a\":", "{\"a\":\"", "[\"x\","] {
            for count in [0, 1, 2, 3, 10, 1000] {
                let text = format!("{prologue}{}", unit.repeat(count));
                agrees(&text).unwrap_or_else(|error| panic!("{error}"));
            }
        }
    }
}

#[test]
fn the_valid_part_ends_at_the_defect() {
    for (text, defect) in [
        ("{\"a\":1 \"b\":2}", 7),
        ("{\"a\":\"one,\"b\":2}", 11),
        ("[1,\n2,\n\n  x]", 10),
        ("x", 0),
        ("{\"a\":1,}", 7),
        ("{\"a\":1} 2", 8),
        ("[tru]", 4),
        ("[01]", 2),
        ("[-]", 2),
        ("[1.]", 3),
        ("[1e+]", 4),
        ("[\"a\nb\"]", 3),
        ("[\"a\\u\"xyz\"]", 3),
        ("[\"a\\x\"]", 3),
        ("{\"a\" 1}", 5),
        ("[1}", 2),
        ("{]", 1),
    ] {
        assert_eq!(check_document(text), Err(defect), "{text:?}");
    }
    assert_eq!(check_document(" [1] "), Ok(()));
    for truncated in [
        "",
        "[",
        "[1",
        "[nul",
        "-",
        "1.",
        "1e",
        "{\"a\":\"b",
        "{\"a\"",
        "[\"abc",
        "[\"\\",
        "[\"\\u00",
    ] {
        assert_eq!(check_document(truncated), Err(truncated.len()), "{truncated:?}");
    }
}

fn first_value(text: &str) -> Result<ValidValue, usize> {
    Checker::new(&|| true).check_first_value(text)
}

#[test]
fn a_check_stops_if_should_continue_returns_false() {
    let text = format!("[{}0]", "0,".repeat(1 << 18));
    let calls = std::cell::Cell::new(0);
    let check = |max: usize| {
        calls.set(0);
        check_document_while(&text, &|| {
            calls.set(calls.get() + 1);
            calls.get() < max
        })
    };
    assert_eq!(check(usize::MAX), Ok(()));
    assert_eq!(calls.get(), 8, "should_continue is called after each 64 KiB");
    assert!(check(3).is_err());
    assert_eq!(calls.get(), 3, "should_continue was called again after it returned false");
}

#[test]
fn only_the_first_value_is_checked() {
    let valid =
        |end, depth, has_surrogate_escapes| Ok(ValidValue { end, depth, has_surrogate_escapes });
    assert_eq!(first_value("[1,{\"a\":2}] x"), valid(11, 2, false));
    assert_eq!(first_value("{}{}"), valid(2, 1, false));
    assert_eq!(first_value("[\"\\u00d8\"]"), valid(10, 1, false));
    assert_eq!(first_value("[\"\\uDc00\"]"), valid(10, 1, true));
    assert_eq!(first_value("[1,}"), Err(3));
    assert_eq!(first_value("[1"), Err(2));
    assert_eq!(first_value(""), Err(0));
}

#[test]
fn arrays_and_objects_are_distinguished_at_any_depth() {
    for depth in [63, 64, 65, 127, 128, 129, 1000] {
        let text = "{\"a\":[".repeat(depth) + &"]}".repeat(depth);
        assert_eq!(first_value(&text).map(|value| value.depth), Ok(2 * depth));
        let wrong = "{\"a\":[".repeat(depth) + &"]}".repeat(depth - 1) + "}]";
        assert_eq!(check_document(&wrong), Err(wrong.len() - 2), "depth {depth}");
    }
}
