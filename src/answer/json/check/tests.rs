//! What the check passes and where it sees a defect, beside what serde_json does.

#![allow(clippy::arithmetic_side_effects)] // Lengths of texts that the tests make themselves.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde::de::IgnoredAny;

use super::*;

/// Pieces of JSON, sound and not, some longer than a block.
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

/// JSON of chance.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("JSON has it", |n| n.is_finite()).prop_map(|n| n.to_string()),
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

/// Compares with serde_json, which is older than this check and known to be right.
fn agrees(text: &str) -> Result<(), TestCaseError> {
    let known = serde_json::from_str::<IgnoredAny>(text);
    let container = text.trim_ascii_start().starts_with(['{', '[']);
    let by_masks = check_grammar(text, None) == GrammarResult::Valid;
    prop_assert_eq!(by_masks, known.is_ok() && container, "{:?} by masks", text);
    match (check_document(text), known) {
        (Ok(()), known) => prop_assert!(known.is_ok(), "{text:?} passed"),
        (Err(sound), known) => {
            let error = known.err();
            prop_assert!(error.is_some(), "{text:?} did not pass at {sound}");
            prop_assert!(sound <= text.len());
            // There, four digits are waited for before it is asked whether they are any.
            let escape = text.get(sound..).is_some_and(|rest| rest.starts_with("\\u"));
            let ends = error.is_some_and(|error| error.is_eof()) && !escape;
            prop_assert!(!ends || sound == text.len(), "{text:?} lacks its end, not {sound}");
        }
    }
    Ok(())
}

proptest! {
// The number of cases is proptest's own default, and PROPTEST_CASES overrides it.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(8259), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_as_serde_json_does(text in any::<String>()) {
        agrees(&text)?;
    }

    #[test]
    fn pieces_of_json_are_judged_as_serde_json_does(text in pieces()) {
        agrees(&text)?;
        agrees(&format!("[{text}]"))?;
        agrees(&format!("{{\"a\":{text}}}"))?;
    }

    #[test]
    fn damaged_json_is_judged_as_serde_json_does(
        text in json(), place in any::<prop::sample::Index>(), lost in 0_usize..3, put in pieces(),
    ) {
        agrees(&text)?;
        let mut bytes = text.into_bytes();
        let at = place.index(bytes.len() + 1);
        let end = bytes.len().min(at + lost);
        bytes.splice(at..end, put.bytes().take(lost + 1));
        agrees(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn what_comes_before_a_defect_is_the_beginning_of_a_document(text in json(), end in any::<prop::sample::Index>()) {
        let length = end.index(text.len() + 1);
        let part = text.get(..length).unwrap_or_default();
        if let Err(sound) = check_document(part) {
            prop_assert_eq!(sound, part.len());
        }
        // No control character can stand anywhere.
        let broken = format!("{part}\u{1}{}", text.get(length..).unwrap_or_default());
        let sound = check_document(&broken).expect_err("there is a control character");
        prop_assert!(sound <= part.len() && sound + 6 > part.len(), "{sound} in {broken:?}");
    }
}

#[test]
fn hostile_texts_are_judged_as_serde_json_does() {
    for unit in include!("../../../../benches/corpus/hostile.rs") {
        for lead in ["", "[", "{\"a\":", "{\"a\":\"", "[\"x\","] {
            for count in [0, 1, 2, 3, 10, 1000] {
                let text = format!("{lead}{}", unit.repeat(count));
                agrees(&text).unwrap_or_else(|error| panic!("{error}"));
            }
        }
    }
}

#[test]
fn the_sound_part_ends_at_the_defect() {
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
    for cut in [
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
        assert_eq!(check_document(cut), Err(cut.len()), "{cut:?}");
    }
}

fn first_value(text: &str) -> Result<ValidValue, usize> {
    Checker::default().check_first_value(text)
}

#[test]
fn a_check_that_is_not_to_go_on_ends() {
    let text = format!("[{}0]", "0,".repeat(1 << 18));
    let asked = std::cell::Cell::new(0);
    let go_on = |most: usize| {
        asked.set(0);
        check_document_while(&text, &|| {
            asked.set(asked.get() + 1);
            asked.get() < most
        })
    };
    assert_eq!(go_on(usize::MAX), Ok(()));
    assert_eq!(asked.get(), 8, "asked after each 64 KiB");
    assert!(go_on(3).is_err());
    assert_eq!(asked.get(), 3, "asked on after the end");
}

#[test]
fn the_first_value_is_checked_alone() {
    let sound =
        |end, depth, surrogates| Ok(ValidValue { end, depth, has_surrogate_escapes: surrogates });
    assert_eq!(first_value("[1,{\"a\":2}] x"), sound(11, 2, false));
    assert_eq!(first_value("{}{}"), sound(2, 1, false));
    assert_eq!(first_value("[\"\\u00d8\"]"), sound(10, 1, false));
    assert_eq!(first_value("[\"\\uDc00\"]"), sound(10, 1, true));
    assert_eq!(first_value("[1,}"), Err(3));
    assert_eq!(first_value("[1"), Err(2));
    assert_eq!(first_value(""), Err(0));
}

#[test]
fn containers_are_told_apart_at_any_depth() {
    for depth in [63, 64, 65, 127, 128, 129, 1000] {
        let text = "{\"a\":[".repeat(depth) + &"]}".repeat(depth);
        assert_eq!(first_value(&text).map(|sound| sound.depth), Ok(2 * depth));
        let wrong = "{\"a\":[".repeat(depth) + &"]}".repeat(depth - 1) + "}]";
        assert_eq!(check_document(&wrong), Err(wrong.len() - 2), "depth {depth}");
    }
}
