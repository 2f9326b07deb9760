//! The repair of JSON as a user sees it: examples, and guarantees for any bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sac::answer::json::{Hints, is_json, repair, valid_text};
use serde_json::Value;

/// The valid text, the repaired text, or `None` if it is refused.
fn repaired(bytes: &[u8], truncated: bool) -> Option<String> {
    let hints = Hints { charset: None, truncated };
    valid_text(bytes)
        .map(str::to_owned)
        .or_else(|| repair(bytes, &hints).map(|repaired| repaired.text))
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Whether two values are equal. Numbers of the same value are equal.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn bytes_of(case: &Value) -> Vec<u8> {
    match case["input_base64"].as_str() {
        Some(coded) => STANDARD.decode(coded).unwrap(),
        None => case["input"].as_str().expect("an input").as_bytes().to_vec(),
    }
}

/// Why the result of a case is wrong, if it is.
fn failure(case: &Value) -> Option<String> {
    let bytes = bytes_of(case);
    let out = repaired(&bytes, false);
    match (case["outcome"].as_str()?, out) {
        ("strict", _) if valid_text(&bytes).is_some() => None,
        ("strict", _) => Some("is refused by the strict check".to_owned()),
        ("refuse", None) => None,
        ("refuse", Some(out)) => Some(format!("is not refused, but became {out}")),
        (_, None) => Some("is refused".to_owned()),
        (_, Some(_)) if valid_text(&bytes).is_some() => Some("passes the strict check".to_owned()),
        (_, Some(out)) => {
            let also = case["also"].as_array().into_iter().flatten();
            let fits = also.chain([&case["expected"]]).any(|expected| same(expected, &value(&out)));
            let kept = case["keeps"]
                .as_array()
                .into_iter()
                .flatten()
                .all(|kept| out.contains(kept.as_str().unwrap()));
            (!fits || !kept).then(|| format!("became {out}"))
        }
    }
}

#[test]
fn every_example_has_the_expected_result() {
    let cases = value(include_str!("json_cases.json"));
    let cases = cases["cases"].as_array().unwrap();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case["name"], failure(case)?)))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

#[test]
fn results_match_where_two_other_tools_agree() {
    let cases = value(include_str!("json_agreed.json"));
    let cases = cases["cases"].as_array().unwrap();
    let (others, same): (Vec<_>, Vec<_>) =
        cases.iter().partition(|case| case["differs"].is_string());
    let failures: Vec<String> = same
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case["name"], failure(case)?)))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    assert!(others.len() * 50 <= cases.len(), "{} of {} differ", others.len(), cases.len());
    for case in others {
        assert!(failure(case).is_some(), "{} no longer differs: remove its mark", case["name"]);
    }
}

const DOCUMENTS: [&str; 3] = [
    r#"{"id":12345,"name":"Grüße \"an\" \u00fc\ud83d\ude00 alle","tags":["a","b c",""],"nested":{"t":true,"f":false,"n":null,"x":-1.5e-7},"list":[[1,2],[3,[4]],{}],"last":"é"}"#,
    "[\n  {\n    \"url\": \"https://h/a?b=c,d\",\n    \"quote\": \"it's {so} [far]: ok\"\n  },\n  0,\n  10,\n  true\n]\n",
    r#"{"a":{"b":{"c":[null,{"d":"// no comment"},"\\","\n"]}},"e":[],"f":1}"#,
];

/// Whether a value may result from the truncated document: it is null, or the same as in the
/// document, or the beginning of a string or container there.
fn is_within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Null, _) => true,
        (Value::String(part), Value::String(whole)) => {
            whole.starts_with(part.trim_end_matches('\u{fffd}'))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() <= whole.len()
                && part.iter().zip(whole).all(|(part, whole)| is_within(part, whole))
        }
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, part)| whole.get(key).is_some_and(|whole| is_within(part, whole))),
        _ => same(part, whole),
    }
}

#[test]
fn a_document_truncated_at_any_byte_has_only_values_of_the_whole() {
    for document in DOCUMENTS {
        let whole = value(document);
        for end in 0..document.len() {
            let Some(out) =
                repair(&document.as_bytes()[..end], &Hints { charset: None, truncated: true })
            else {
                continue;
            };
            assert!(is_within(&value(&out.text), &whole), "truncated at {end}: {}", out.text);
        }
    }
}

#[test]
fn a_megabyte_of_any_token_is_repaired_or_refused() {
    for unit in [
        "[",
        "{",
        "{\"a\":",
        "[{\"a\":[",
        "\"",
        "\\",
        "'",
        "/*",
        "//",
        ",",
        ":",
        "\n",
        "1",
        "]",
        "}",
        "[]",
        "\"a\",",
        "{'a':'b',",
        "\u{feff}",
        "\"\\u",
        "a",
        "<",
        "(",
        "-",
        "`",
        "“",
        "{\"a\" \"b\" ",
        "[1 ",
        "null",
        "tru",
    ] {
        let bytes = unit.repeat((1 << 20) / unit.len()).into_bytes();
        if let Some(out) = repaired(&bytes, false) {
            assert!(is_json(&out), "a megabyte of {unit:?} became ill-formed");
        }
    }
}

/// Random texts of tokens, which look more like JSON than random bytes do.
fn token_text() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "'", "\\", "\"a\"", "1", "-2.5e3", "true", "None",
        "nul", " ", "\n", "//", "/*", "*/", "#", "é", "\u{0}", "<", "data:", "\\u00", "\\ud800",
        "“", "key", ";", "(", ")", "007", ".5",
    ]);
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat().into_bytes())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(".*", inner, 0..6)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Checks the guarantee for any bytes: the repaired text is well-formed, and another repair leaves
/// it unchanged.
fn check_well_formed(bytes: &[u8], truncated: bool) -> Result<(), TestCaseError> {
    if let Some(out) = repair(bytes, &Hints { charset: None, truncated }) {
        prop_assert!(is_json(&out.text), "ill-formed: {}", out.text);
        prop_assert_eq!(repaired(out.text.as_bytes(), truncated), Some(out.text.clone()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(8259), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_become_well_formed_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), truncated in any::<bool>()) {
        check_well_formed(&bytes, truncated)?;
    }

    #[test]
    fn any_tokens_become_well_formed_or_are_refused(bytes in token_text(), truncated in any::<bool>()) {
        check_well_formed(&bytes, truncated)?;
    }

    #[test]
    fn valid_json_stays_unchanged(document in json_value(), pretty in any::<bool>()) {
        let text = if pretty { format!("{document:#}") } else { document.to_string() };
        prop_assert_eq!(valid_text(text.as_bytes()), Some(text.as_str()));
    }

    #[test]
    fn a_damaged_document_becomes_well_formed_or_is_refused(
        document in json_value(), at in any::<prop::sample::Index>(), byte in any::<u8>(), damage in 0..3
    ) {
        let mut bytes = document.to_string().into_bytes();
        let at = at.index(bytes.len());
        match damage {
            0 => { bytes.remove(at); }
            1 => bytes.insert(at, byte),
            _ => bytes[at] = byte,
        }
        check_well_formed(&bytes, false)?;
    }

    #[test]
    fn a_truncated_document_has_only_values_of_the_whole(
        document in json_value(), end in any::<prop::sample::Index>()
    ) {
        let text = document.to_string();
        let bytes = &text.as_bytes()[..end.index(text.len())];
        if let Some(out) = repair(bytes, &Hints { charset: None, truncated: true }) {
            let part: Value = serde_json::from_str(&out.text).unwrap();
            // Parsed like the part, because parsing a float is not always exact.
            let whole: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(is_within(&part, &whole), "{} from {}", out.text, text);
        }
    }
}
