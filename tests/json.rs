//! The repair of JSON as a user sees it: by example, and by what holds for any bytes at all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sac::answer::json::{Hints, is_json, repair, strict};
use serde_json::Value;

/// What comes out for these bytes: the text as it is, the repaired one, or nothing.
fn mended(bytes: &[u8], cut: bool) -> Option<String> {
    let hints = Hints { charset: None, cut };
    strict(bytes).map(str::to_owned).or_else(|| repair(bytes, &hints).map(|repaired| repaired.text))
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Equal, where a number equals another of the same value.
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

/// What is wrong with what came out, if anything.
fn fault(case: &Value) -> Option<String> {
    let bytes = bytes_of(case);
    let out = mended(&bytes, case["cut"].as_bool().unwrap_or(false));
    match (case["outcome"].as_str()?, out) {
        ("strict", _) if strict(&bytes).is_some() => None,
        ("strict", _) => Some("is not taken for valid".to_owned()),
        ("refuse", None) => None,
        ("refuse", Some(out)) => Some(format!("is not refused, but became {out}")),
        (_, None) => Some("is refused".to_owned()),
        (_, Some(_)) if strict(&bytes).is_some() => Some("is taken for valid".to_owned()),
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
fn every_example_comes_out_as_promised() {
    let cases = value(include_str!("json_cases.json"));
    let cases = cases["cases"].as_array().unwrap();
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case["name"], fault(case)?)))
        .collect();
    assert!(faults.is_empty(), "{} of {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

#[test]
fn what_two_known_tools_agree_on_comes_out_so_here_too() {
    let cases = value(include_str!("json_agreed.json"));
    let cases = cases["cases"].as_array().unwrap();
    let (others, same): (Vec<_>, Vec<_>) =
        cases.iter().partition(|case| case["differs"].is_string());
    let faults: Vec<String> = same
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case["name"], fault(case)?)))
        .collect();
    assert!(faults.is_empty(), "{} of {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
    assert!(others.len() * 50 <= cases.len(), "{} of {} differ", others.len(), cases.len());
    for case in others {
        assert!(fault(case).is_some(), "{} does not differ any more", case["name"]);
    }
}

const DOCUMENTS: [&str; 3] = [
    r#"{"id":12345,"name":"Grüße \"an\" \u00fc\ud83d\ude00 alle","tags":["a","b c",""],"nested":{"t":true,"f":false,"n":null,"x":-1.5e-7},"list":[[1,2],[3,[4]],{}],"last":"é"}"#,
    "[\n  {\n    \"url\": \"https://h/a?b=c,d\",\n    \"quote\": \"it's {so} [far]: ok\"\n  },\n  0,\n  10,\n  true\n]\n",
    r#"{"a":{"b":{"c":[null,{"d":"// no comment"},"\\","\n"]}},"e":[],"f":1}"#,
];

/// Whether a value may come of a document that was cut: it is missing (null), or what the document
/// has there, or the beginning of a string or container of its own.
fn may_come_of(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Null, _) => true,
        (Value::String(part), Value::String(whole)) => {
            whole.starts_with(part.trim_end_matches('\u{fffd}'))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() <= whole.len()
                && part.iter().zip(whole).all(|(part, whole)| may_come_of(part, whole))
        }
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, part)| whole.get(key).is_some_and(|whole| may_come_of(part, whole))),
        _ => same(part, whole),
    }
}

#[test]
fn a_document_cut_at_any_byte_yields_no_value_that_the_whole_does_not_have() {
    for document in DOCUMENTS {
        let whole = value(document);
        for end in 0..document.len() {
            let Some(out) =
                repair(&document.as_bytes()[..end], &Hints { charset: None, cut: true })
            else {
                continue;
            };
            assert!(may_come_of(&value(&out.text), &whole), "cut at {end}: {}", out.text);
        }
    }
}

#[test]
fn a_megabyte_of_anything_is_dealt_with() {
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
        if let Some(out) = mended(&bytes, false) {
            assert!(is_json(&out), "a megabyte of {unit:?} became ill-formed");
        }
    }
}

/// Texts that look like JSON more than random bytes do.
fn jsonish() -> impl Strategy<Value = Vec<u8>> {
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

/// What holds for any bytes: what comes out is well-formed, and stays as it is when it goes in again.
fn comes_out_well_formed(bytes: &[u8], cut: bool) -> Result<(), TestCaseError> {
    if let Some(out) = repair(bytes, &Hints { charset: None, cut }) {
        prop_assert!(is_json(&out.text), "ill-formed: {}", out.text);
        prop_assert_eq!(mended(out.text.as_bytes(), cut), Some(out.text.clone()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(8259), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_out_well_formed_or_not_at_all(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in any::<bool>()) {
        comes_out_well_formed(&bytes, cut)?;
    }

    #[test]
    fn anything_like_json_comes_out_well_formed_or_not_at_all(bytes in jsonish(), cut in any::<bool>()) {
        comes_out_well_formed(&bytes, cut)?;
    }

    #[test]
    fn what_is_valid_stays_as_it_is(document in json_value(), pretty in any::<bool>()) {
        let text = if pretty { format!("{document:#}") } else { document.to_string() };
        prop_assert_eq!(strict(text.as_bytes()), Some(text.as_str()));
    }

    #[test]
    fn a_damaged_document_comes_out_well_formed_or_not_at_all(
        document in json_value(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3
    ) {
        let mut bytes = document.to_string().into_bytes();
        let at = at.index(bytes.len());
        match how {
            0 => { bytes.remove(at); }
            1 => bytes.insert(at, byte),
            _ => bytes[at] = byte,
        }
        comes_out_well_formed(&bytes, false)?;
    }

    #[test]
    fn a_cut_document_yields_no_value_that_the_whole_does_not_have(
        document in json_value(), end in any::<prop::sample::Index>()
    ) {
        let text = document.to_string();
        let bytes = &text.as_bytes()[..end.index(text.len())];
        if let Some(out) = repair(bytes, &Hints { charset: None, cut: true }) {
            let part: Value = serde_json::from_str(&out.text).unwrap();
            // Read back as the part is: reading a float is not always exact.
            let whole: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(may_come_of(&part, &whole), "{} came of {}", out.text, text);
        }
    }
}
