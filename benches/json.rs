//! Speed of checking, reading and repairing JSON, compared with serde_json building its tree.
//!
//! `cargo bench --bench json`; with `-- NAME`, only rows whose names contain NAME. `-- --write FOLDER` writes the
//! documents there, for `benches/peers/c/json_yyjson.c` and `benches/peers/cpp/json_simdjson.cpp`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // A benchmark prints, and may panic.

mod corpus;

use std::hint::black_box;
use std::time::{Duration, Instant};

use sac::answer::json::{Hints, Type, ValueCache, is_json, repair, valid_text};

const MEGABYTE: usize = 1 << 20;
/// Length in bytes: like a large response, but short enough for one run between two interruptions.
const TIMELINE: usize = 600_000;

fn main() {
    let compact = corpus::large_timeline(TIMELINE, corpus::sentence);
    let value: serde_json::Value = serde_json::from_str(&compact).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let japanese = corpus::large_timeline(TIMELINE, corpus::japanese);
    let forms = [("compact", compact), ("pretty-printed", pretty), ("in Japanese", japanese)];
    let others = [
        ("API list", corpus::api_list(), "/total"),
        ("catalogue", corpus::catalogue(2_000), "/venueNames/PLEYEL_PLEYEL"),
        ("numbers", corpus::numbers(5_000), "/4999/n"),
    ];
    let timelines = forms.map(|(name, timeline)| (name, timeline, "/search_metadata/count"));
    if let Some(folder) = std::env::args().skip_while(|argument| argument != "--write").nth(1) {
        for (name, text, _) in timelines.iter().chain(&others) {
            let path = format!("{folder}/{}.json", name.replace(' ', "-"));
            std::fs::write(path, text).expect("the folder is writable");
        }
        return;
    }
    for (name, text, last) in timelines.iter().chain(&others) {
        println!("{name}, {:<37} {:>9}", format!("{} KB", text.len() / 1000), "MB/s");
        speeds(text, last);
        println!();
    }
    println!("1000 objects with 5 members {:>25}", "MB/s");
    row("check, and all members by name, with nodes", list().as_bytes(), |bytes| {
        let text = std::str::from_utf8(bytes).unwrap();
        is_json(text) && members_by_name(&ValueCache::new(), text) > 0
    });
    println!();
    for (name, timeline, _) in &timelines {
        println!("a timeline, {name:<32} {:>9}", "MB/s");
        for (name, bytes) in damaged(timeline) {
            assert!(valid_text(&bytes).is_none(), "{name} does not damage the document");
            row(&format!("repair: {name}"), &bytes, |bytes| {
                repair(bytes, &Hints::default()).is_some()
            });
        }
        println!();
    }
    println!("{:<44} {:>9}", "repair of a megabyte of", "ms");
    for (name, bytes) in hostile().into_iter().filter(|(name, _)| is_requested(name)) {
        let time = fastest(Duration::ZERO, || {
            black_box(repair(black_box(&bytes), &Hints::default()));
        });
        println!("{name:<44} {:>9.1}", time.as_secs_f64() * 1e3);
    }
}

/// Measures the reading of a valid text. The pointer `last` finds a value at the end.
fn speeds(text: &str, last: &str) {
    fn text_of(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }
    let read = |text: &str| ValueCache::new().type_of(text, last).is_some();
    row("strict check", text.as_bytes(), |bytes| valid_text(bytes).is_some());
    row("strict check, and the last value read", text.as_bytes(), |bytes| {
        valid_text(bytes).is_some_and(read)
    });
    row("all values, from node to node", text.as_bytes(), |bytes| {
        let (values, text) = (ValueCache::new(), text_of(bytes));
        walk(&values, text, values.find(text, 0, "")) > 0
    });
    row("1000 pointers", text.as_bytes(), |bytes| {
        let (values, text) = (ValueCache::new(), text_of(bytes));
        (0..1000).all(|_| values.type_of(text, last).is_some())
    });
    row("serde_json, tree", text.as_bytes(), |bytes| {
        serde_json::from_slice::<serde_json::Value>(bytes).is_ok()
    });
}

/// Reads all values below a node, as the C functions do: by quick reads if possible. Returns the sum of the lengths of names and strings and the number of
/// values.
fn walk(values: &ValueCache, text: &str, node: usize) -> usize {
    let inside = || {
        let first = values.quick_first(text, node).unwrap_or_else(|| values.first(text, node));
        let next = |node| values.quick_next(text, node).unwrap_or_else(|| values.next(text, node));
        let all = std::iter::successors(Some(first), |node| Some(next(*node)));
        let all = all.take_while(|node| *node != 0);
        let name = |node| values.quick_name(text, node).or_else(|| values.name(text, node));
        all.map(|child| name(child).map_or(0, <[u8]>::len) + walk(values, text, child))
            .sum::<usize>()
    };
    1 + match values.type_of(text, node) {
        Some(Type::String) => {
            let string = values.quick_string(text, node).or_else(|| values.string(text, node));
            string.map_or(0, <[u8]>::len)
        }
        Some(Type::Number) => {
            let number = values.quick_double(text, node).or_else(|| values.double(text, node));
            number.map_or(0, |number| number as usize & 1)
        }
        Some(Type::Bool) => values.boolean(text, node).map_or(0, usize::from),
        Some(Type::Array | Type::Object) => inside(),
        _ => 0,
    }
}

/// A list as an API sends it.
fn list() -> String {
    let object = |n: usize| {
        let (name, active, tag) =
            (format!("Item number {n} of list"), !n.is_multiple_of(3), n % 17);
        let price = format!("{}.{:02}", n % 977, n % 100);
        format!(
            r#"{{"id":{n},"name":"{name}","price":{price},"active":{active},"tag":"tag-{tag}"}}"#
        )
    };
    let objects: Vec<_> = (1000..2000).map(object).collect();
    format!(r#"{{"items":[{}],"total":1000}}"#, objects.join(","))
}

/// Reads the members of all objects of the list, as the C functions do: by quick reads if possible.
fn members_by_name(values: &ValueCache, text: &str) -> usize {
    let member = |object: usize, name: &str| {
        let next = values.quick_find_next(text, object, name.bytes());
        let found = next.or_else(|| values.quick_find(text, object, name.bytes()));
        found.unwrap_or_else(|| values.find(text, object, name))
    };
    let string = |node: usize| {
        let read = values.quick_string(text, node).or_else(|| values.string(text, node));
        read.map_or(0, <[u8]>::len)
    };
    let mut object = values.first(text, values.find(text, 0, "/items"));
    let mut sum = 0;
    while object != 0 {
        sum += values.quick_int64(text, member(object, "/id")).unwrap() as usize;
        sum += string(member(object, "/name"));
        sum += values.quick_double(text, member(object, "/price")).unwrap() as usize;
        sum += usize::from(values.quick_boolean(text, member(object, "/active")).unwrap());
        sum += string(member(object, "/tag"));
        object = values.quick_next(text, object).unwrap_or_else(|| values.next(text, object));
    }
    sum
}

fn row(name: &str, bytes: &[u8], run: impl Fn(&[u8]) -> bool) {
    if !is_requested(name) {
        return;
    }
    assert!(run(bytes), "{name} fails");
    let time = fastest(Duration::from_millis(600), || {
        black_box(run(black_box(bytes)));
    });
    let speed = bytes.len() as f64 / time.as_secs_f64() / 1e6;
    println!("{name:<44} {speed:>9.0}");
}

/// Whether the row was requested; without an argument, all are.
fn is_requested(name: &str) -> bool {
    let requested = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    requested.is_none_or(|requested| name.contains(&requested))
}

/// The shortest of several runs within `limit`, at least three. The shortest counts, because
/// disturbances only make a run longer.
fn fastest(limit: Duration, mut run: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    let end = Instant::now() + limit;
    let mut runs = 0;
    while runs < 3 || Instant::now() < end {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
        runs += 1;
    }
    best
}

/// The document with the most frequent kinds of damage.
fn damaged(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let half = text.len() / 2;
    let middle = (half..).find(|at| text.is_char_boundary(*at)).unwrap_or(half);
    let end = text.len() - 1;
    let spaced = |with: &str, without: &str| {
        text.replace(&format!("{with}\""), &format!("{without}\""))
            .replace(&format!("{with}\n"), &format!("{without}\n"))
    };
    vec![
        ("byte order mark", format!("\u{feff}{text}").into_bytes()),
        ("truncated in the middle", text[..middle].into()),
        ("comma at the end", format!("{},}}", &text[..end]).into_bytes()),
        ("comma at the beginning", text.replacen('{', "{,", 1).into_bytes()),
        ("bracket missing at the end", text[..end].into()),
        ("quote missing at the beginning", text.replacen("\",", ",", 1).into_bytes()),
        ("commas missing everywhere", spaced(",", "").into_bytes()),
        ("names without quotes", text.replace("\"id\":", "id:").into_bytes()),
        ("a comment in each object", text.replace("\"user\":", "/* who */\"user\":").into_bytes()),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ]
}

fn hostile() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for unit in corpus::HOSTILE {
        for prologue in ["", "[", "{\"a\":", "{\"a\":\"", "[\"x\","] {
            let text = format!("{prologue}{}", unit.repeat(MEGABYTE / unit.len()));
            all.push((format!("{prologue} … {}", unit.escape_debug()), text.into_bytes()));
        }
    }
    all
}
