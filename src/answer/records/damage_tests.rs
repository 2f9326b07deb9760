//! Texts that are damaged: what is lost is as little as possible, and their neighbours are whole.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

use super::tests::{data_of, read};
use super::*;

#[track_caller]
fn check_array(body: &str, expected: &[&str]) {
    assert_eq!(data_of(RecordKind::Array, body), expected, "{body}");
}

#[track_caller]
fn check_lines(body: &str, expected: &[&str]) {
    assert_eq!(data_of(RecordKind::Lines, body), expected, "{body}");
}

#[test]
fn an_element_without_an_end_quote_costs_only_itself() {
    check_array(r#"[{"a":"x},{"b":"y"},{"c":1}]"#, &[r#"{"a":"x}"#, r#"{"b":"y"}"#, r#"{"c":1}"#]);
    check_array(
        "[\n{\"a\":\"x},\n{\"b\":\"y\"},\n{\"c\":1}\n]",
        &["{\"a\":\"x}", "{\"b\":\"y\"}", "{\"c\":1}"],
    );
    check_array(
        "[\n{\"a\":\"x\n{\"b\":\"y\"},\n{\"c\":1}\n]",
        &["{\"a\":\"x", "{\"b\":\"y\"}", "{\"c\":1}"],
    );
    check_array(
        "[\n  {\n    \"a\": \"x,\n    \"b\": 1\n  },\n  {\n    \"c\": 2\n  }\n]",
        &["{\n    \"a\": \"x,\n    \"b\": 1\n  }", "{\n    \"c\": 2\n  }"],
    );
    check_array(r#"[{"a":"x,"b":1},{"c":2}]"#, &[r#"{"a":"x,"b":1}"#, r#"{"c":2}"#]);
    check_array("[\"x,\n\"y\",\n\"z\"]", &["\"x", "\"y\"", "\"z\""]);
    check_array("['x',\n'y,\n'z']", &["'x'", "'y", "'z'"]);
}

#[test]
fn an_element_without_an_end_bracket_costs_only_itself() {
    check_array(r#"[{"a":1,{"b":2},{"c":3}]"#, &[r#"{"a":1"#, r#"{"b":2}"#, r#"{"c":3}"#]);
    check_array("[{\"a\":1\n{\"b\":2},{\"c\":3}]", &["{\"a\":1", "{\"b\":2}", "{\"c\":3}"]);
    check_array(r#"[{"a":[1,2},{"b":1}]"#, &[r#"{"a":[1,2}"#, r#"{"b":1}"#]);
    check_array(r#"[{"a":{"b":1},{"c":2}]"#, &[r#"{"a":{"b":1}"#, r#"{"c":2}"#]);
    check_array(
        r#"[{"a":[{"b":1,{"c":2}]},{"d":3}]"#,
        &[r#"{"a":[{"b":1,{"c":2}]}"#, r#"{"d":3}"#],
    );
    check_array("[{\"a\":1}\n,{\"b\":2\n]", &["{\"a\":1}", "{\"b\":2"]);
}

#[test]
fn a_wrong_bracket_is_one_of_the_same_element() {
    check_array(r#"[{"a":1],{"b":2}]"#, &[r#"{"a":1]"#, r#"{"b":2}"#]);
    check_array(r#"[[1,2},[3]]"#, &["[1,2}", "[3]"]);
    check_array(r#"[{"a":[1,2},"b":3},{"c":4}]"#, &[r#"{"a":[1,2},"b":3}"#, r#"{"c":4}"#]);
    check_lines("{\"a\":1]\n{\"b\":2}\n", &["{\"a\":1]", "{\"b\":2}"]);
}

#[test]
fn comments_are_no_part_of_the_structure() {
    check_array("[1, // , ]\n2]", &["1", "// , ]\n2"]);
    check_array("[{\"a\":1, /* ] } \" */ \"b\":2}, 3]", &["{\"a\":1, /* ] } \" */ \"b\":2}", "3"]);
    check_array(
        "[{\"a\":1 // it's }\n},\n{\"b\":2} # ]\n]",
        &["{\"a\":1 // it's }\n}", "{\"b\":2}"],
    );
    check_array("[1 /* last */]", &["1"]);
    check_array("[1, # none\n\n]", &["1"]);
    check_array("[/* , */ {\"a\":1}, 'it, ]', 2]", &["/* , */ {\"a\":1}", "'it, ]'", "2"]);
    check_lines("{\"a\":1, // }\n\"b\":2}\n3\n", &["{\"a\":1, // }\n\"b\":2}", "3"]);
}

#[test]
fn single_quotes_are_quotes() {
    check_array("[{'a':'x,]}'},{'b':\"it's\"},'c']", &["{'a':'x,]}'}", "{'b':\"it's\"}", "'c'"]);
    check_array("[{'a':'it's, x'},{'b':1}]", &["{'a':'it's, x'}", "{'b':1}"]);
    check_lines("{'a':'}{'}\n{'b':1}\n", &["{'a':'}{'}", "{'b':1}"]);
    check_array("[\"it's\",'a']", &["\"it's\"", "'a'"]);
}

#[test]
fn quotes_and_line_ends_in_a_string_stay_in_it() {
    check_array(
        r#"[{"a":"he said "hi" and left"},{"b":1}]"#,
        &[r#"{"a":"he said "hi" and left"}"#, r#"{"b":1}"#],
    );
    check_array(r#"[{"a":"{"x":1}","b":2},{"c":3}]"#, &[r#"{"a":"{"x":1}","b":2}"#, r#"{"c":3}"#]);
    check_array("[{\"a\":\"one\ntwo\"},{\"b\":1}]", &["{\"a\":\"one\ntwo\"}", "{\"b\":1}"]);
    check_lines("{\"a\":\"one\ntwo\"}\n{\"b\":1}\n", &["{\"a\":\"one\ntwo\"}", "{\"b\":1}"]);
    check_lines(
        "{\"a\":\"one\r\n\r\n says \"hi\" twice\r\n\",\"b\":1}\r\n{\"c\":2}\r\n",
        &["{\"a\":\"one\r\n\r\n says \"hi\" twice\r\n\",\"b\":1}", "{\"c\":2}"],
    );
    check_lines("\"one\ntwo\"\n3\n", &["\"one\ntwo\"", "3"]);
}

#[test]
fn a_comma_at_the_end_of_a_line_separates_two_lines() {
    check_lines("{\"a\":1},\n{\"b\":2},\n", &["{\"a\":1}", "{\"b\":2}"]);
    check_lines("{\"a\":1} ,\r\n\r\n{\"b\":2},\r\n", &["{\"a\":1}", "{\"b\":2}"]);
    check_lines("1,\n\"two\",\nnull\n", &["1", "\"two\"", "null"]);
    check_lines("{\"a\":1},{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]);
    check_lines(
        "{\"a\":{\"b\":1},\n{\"c\":2},\n{\"d\":3}\n",
        &["{\"a\":{\"b\":1}", "{\"c\":2}", "{\"d\":3}"],
    );
    check_lines("{\"a\":\"x},\n{\"b\":2},\n", &["{\"a\":\"x}", "{\"b\":2}"]);
    check_lines("{\"a\":1,\n{\"b\":2}\n", &["{\"a\":1", "{\"b\":2}"]);
}

#[test]
fn texts_on_one_line_are_records_unless_the_line_has_something_else() {
    check_lines("1 2 3\n", &["1", "2", "3"]);
    check_lines(
        "-1.5e3 true \"a b\" null {\"a\":1} [2]",
        &["-1.5e3", "true", "\"a b\"", "null", "{\"a\":1}", "[2]"],
    );
    check_lines("1\t{\n\"a\":1}\"x\"\"y\"4", &["1", "{\n\"a\":1}", "\"x\"", "\"y\"", "4"]);
    for line in [
        "10 items",
        "200 OK",
        "1,2,3",
        "2024-01-01 12:00",
        "\"a\" is a name",
        "01 02",
        "tru",
        "\"a",
    ] {
        check_lines(&format!("{line}\n5\n"), &[line, "5"]);
    }
    check_lines("\u{1e}12\u{1e}\"cut\u{1e}{\"a\":1}\n", &["12", "\"cut", "{\"a\":1}"]);
    check_lines(&format!("1{}2\n", " ".repeat(5000)), &["1", "2"]);
}

#[test]
fn the_search_of_a_damaged_text_takes_time_in_proportion_to_its_length() {
    for unit in [
        "\"\n",
        "{'",
        "[\"\n",
        "/*",
        "//\n",
        "{\"a\":\"x\n",
        "1 ",
        "[/*/",
        "'a\n\"b",
        "\n",
        "]}",
        "{,{",
    ] {
        let body = format!("[{{'{}", unit.repeat(200_000 / unit.len()));
        for kind in [RecordKind::Lines, RecordKind::Array] {
            let start = std::time::Instant::now();
            let (found, _) = read(kind, body.as_bytes(), 16);
            // 200 ns a byte are promised for an optimised library. A search that looks at each byte again with each piece
            // that arrives would take minutes.
            let time = start.elapsed();
            assert!(time.as_secs() < 20, "{kind:?} {unit:?}: {time:?} for {} records", found.len());
        }
    }
}

/// Any JSON value.
fn value() -> impl Strategy<Value = Value> {
    let text = prop::collection::vec(
        prop::sample::select(vec![
            "a", "{", "}", "[", "]", ",", ":", "\"", "'", "\\", "/", "//", "/*", "#", "\n",
            "\u{1e}", " ", "é",
        ]),
        0..12,
    );
    let text = text.prop_map(|pieces| pieces.concat());
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(31), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done about damage, it never changes the split of valid texts.
    #[test]
    fn valid_texts_are_never_split_or_joined(
        values in prop::collection::vec((value(), any::<bool>()), 0..8),
        size in 1_usize..200,
        separator in prop::sample::select(vec!["\n", "\r\n", "\n\n", "\u{1e}", " \n \u{1e}"]),
        comma in prop::sample::select(vec![",", ",\n", " ,\r\n  "]),
    ) {
        let texts: Vec<String> = values.iter().map(|(value, pretty)| match pretty {
            true => serde_json::to_string_pretty(value).unwrap(),
            false => value.to_string(),
        }).collect();
        let lines = texts.join(separator);
        let array = format!("[{}]", texts.join(comma));
        for (kind, body) in [(RecordKind::Lines, lines), (RecordKind::Array, array)] {
            let (found, error) = read(kind, body.as_bytes(), size);
            prop_assert_eq!(error, None, "{}", body);
            let found: Vec<_> = found.into_iter().map(|(_, _, data)| data).collect();
            prop_assert_eq!(&found, &texts, "{}", body);
        }
    }

    /// A damaged element costs at most a few of its neighbours, if each element has its own line.
    #[test]
    fn a_cut_line_costs_only_itself(
        values in prop::collection::vec(0_u32..1000, 3..8),
        damaged in 0_usize..8,
        keep in 1_usize..18,
        size in 1_usize..100,
    ) {
        let texts: Vec<String> =
            values.iter().map(|value| format!("{{\"id\":{value},\"name\":\"n{value}\"}}")).collect();
        let damaged = damaged % texts.len();
        let mut lines = texts.clone();
        let keep = keep.min(lines[damaged].len() - 1);
        lines[damaged].truncate(keep);
        let (found, _) = read(RecordKind::Lines, (lines.join("\n") + "\n").as_bytes(), size);
        let whole = texts.iter().enumerate().filter(|(number, _)| *number != damaged);
        for (number, text) in whole {
            // A line that ends with a colon, a comma or an opening bracket takes the next one.
            let continues = lines[damaged].ends_with(['{', ':']);
            if !(continues && number == damaged + 1) {
                prop_assert!(found.iter().any(|(_, _, data)| data == text), "{} is lost from {:?}", text, lines);
            }
        }
    }
}
