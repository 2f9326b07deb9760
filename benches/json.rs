//! Speed of checking, reading and repairing JSON, compared with serde_json building its tree.
//!
//! `cargo bench --bench json`; with `-- NAME`, only rows whose names contain NAME. `make bench-json` compares the
//! speeds with those of yyjson and simdjson: `-- --write FOLDER` writes the documents there, and
//! `-- --measure FILE …` measures these documents, as `benches/peers/c/json_yyjson.c` and
//! `benches/peers/cpp/json_simdjson.cpp` do.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // A benchmark prints, and may panic.

mod corpus;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sac::answer::json::{Hints, Type, ValueCache, is_json, repair, valid_text};

const MEGABYTE: usize = 1 << 20;
/// Length in bytes: like a large response, but short enough for one run between two interruptions.
const TIMELINE: usize = 600_000;

fn main() {
    let documents = documents();
    if let Some(folder) = following("--write").next() {
        for Document { name, text, .. } in documents {
            std::fs::write(path_of(&folder, name), text).expect("the folder is writable");
        }
        return;
    }
    let files: Vec<_> = following("--measure").collect();
    if !files.is_empty() {
        files.iter().for_each(|path| measure(path, &documents));
        return;
    }
    for document in &documents {
        println!("{}, {:<37} {:>9}", document.name, document.size(), "MB/s");
        speeds(&document.text, document.last);
        println!();
    }
    println!("1000 objects with 5 members {:>25}", "MB/s");
    row("check, and all members by name, with nodes", list().as_bytes(), |bytes| {
        let text = std::str::from_utf8(bytes).unwrap();
        is_json(text) && members_by_name(&ValueCache::new(), text) > 0
    });
    println!();
    for Document { name, text, .. } in documents.iter().filter(|document| document.is_timeline()) {
        println!("a timeline, {name:<32} {:>9}", "MB/s");
        for (name, bytes) in damaged(text) {
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

struct Document {
    name: &'static str,
    text: String,
    /// A pointer to a value at the end.
    last: &'static str,
}

const END_OF_TIMELINE: &str = "/search_metadata/count";

impl Document {
    fn is_timeline(&self) -> bool {
        self.last == END_OF_TIMELINE
    }

    fn size(&self) -> String {
        format!("{} KB", self.text.len() / 1000)
    }
}

fn documents() -> Vec<Document> {
    let compact = corpus::large_timeline(TIMELINE, corpus::sentence);
    let value: serde_json::Value = serde_json::from_str(&compact).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let japanese = corpus::large_timeline(TIMELINE, corpus::japanese);
    let documents = [
        ("compact", compact, END_OF_TIMELINE),
        ("pretty-printed", pretty, END_OF_TIMELINE),
        ("in Japanese", japanese, END_OF_TIMELINE),
        ("API list", corpus::api_list(), "/total"),
        ("catalogue", corpus::catalogue(2_000), "/venueNames/PLEYEL_PLEYEL"),
        ("numbers", corpus::numbers(5_000), "/4999/n"),
    ];
    documents.map(|(name, text, last)| Document { name, text, last }).into()
}

/// The arguments after this one.
fn following(option: &'static str) -> impl Iterator<Item = String> {
    std::env::args().skip_while(move |argument| argument != option).skip(1)
}

/// The file of a document.
fn path_of(folder: impl AsRef<Path>, name: &str) -> PathBuf {
    folder.as_ref().join(name.replace(' ', "-")).with_extension("json")
}

/// One way to read a text. The second argument is a pointer to a value at its end.
type Reading = (&'static str, fn(&str, &str) -> bool);

/// The readings that `make bench-json` compares, by the names that all programs use.
const COMPARED: [Reading; 4] = [
    ("check", |text, _| valid_text(text.as_bytes()).is_some()),
    ("index", is_read),
    ("check and index", |text, last| valid_text(text.as_bytes()).is_some() && is_read(text, last)),
    ("all values", |text, _| {
        let values = ValueCache::new();
        valid_text(text.as_bytes()).is_some() && walk(&values, text, values.find(text, 0, "")) > 0
    }),
];

/// Reads the last value, which needs an index of the text.
fn is_read(text: &str, last: &str) -> bool {
    ValueCache::new().type_of(text, last).is_some()
}

/// Prints a line for each compared reading of the document in this file: file, reading and MB/s, with tabs between
/// them.
fn measure(path: &str, documents: &[Document]) {
    let is_in = |document: &&Document| {
        path_of("", document.name).file_name() == Path::new(path).file_name()
    };
    let document = documents.iter().find(is_in).expect("--write has written this file");
    for (name, read) in COMPARED {
        let text = &document.text;
        let speed =
            speed(text.as_bytes(), Duration::from_millis(100), |_| read(text, document.last));
        println!("{path}\t{name}\t{speed:.0}");
    }
}

/// Measures the reading of a valid text. The pointer `last` finds a value at the end.
fn speeds(text: &str, last: &str) {
    for (name, read) in COMPARED {
        row(name, text.as_bytes(), |_| read(text, last));
    }
    row("1000 pointers", text.as_bytes(), |_| {
        let values = ValueCache::new();
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
        let found = values.quick_find(text, object, name.bytes());
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
    println!("{name:<44} {:>9.0}", speed(bytes, Duration::from_millis(600), run));
}

/// MB/s of the fastest run.
fn speed(bytes: &[u8], limit: Duration, run: impl Fn(&[u8]) -> bool) -> f64 {
    let time = fastest(limit, || {
        black_box(run(black_box(bytes)));
    });
    bytes.len() as f64 / time.as_secs_f64() / 1e6
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
