//! Data flows in one direction: no module imports one to its left, and the base modules import none of
//! the layers. The map is in src/lib.rs. Files do not import each other in cycles.

// A test may panic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod dependency_cycles;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// From left to right: the first may import all others, and the last none of them.
const LAYERS: &[&str] = &["ffi", "client", "call", "limit", "transport", "answer"];
/// The modules that all layers may import.
const BASE: &[&str] = &[
    "request",
    "settings",
    "auth",
    "headers",
    "json_pointer",
    "wait",
    "log",
    "trace",
    "memory",
    "code",
];

/// The files of a module, with its tests.
fn files(module: &str) -> io::Result<Vec<PathBuf>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.retain(|file| file.is_file());
    Ok(found)
}

/// The modules that a text names as `crate::…`.
fn imports(text: &str) -> BTreeSet<&str> {
    let rests = text.split("crate::").skip(1);
    rests
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(""))
        .collect()
}

/// The layers that a module must not import.
fn forbidden(module: &str) -> &'static [&'static str] {
    match LAYERS.iter().position(|name| *name == module) {
        Some(position) => LAYERS.get(..position).unwrap_or(LAYERS),
        None => LAYERS,
    }
}

#[test]
fn no_module_imports_one_to_its_left() {
    let mut count = 0;
    for module in LAYERS.iter().chain(BASE) {
        for file in files(module).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let imports = imports(&text);
            count += imports.len();
            for left in forbidden(module) {
                assert!(!imports.contains(left), "{} imports crate::{left}", file.display());
            }
        }
    }
    assert!(count > 100, "found only {count} imports in src");
}

#[test]
fn only_ffi_has_c_functions_and_unsafe_code() {
    for module in LAYERS.iter().chain(BASE).filter(|module| **module != "ffi") {
        for file in files(module).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("extern \"C\""), "{} has a C function", file.display());
            assert!(!text.contains("unsafe {"), "{} has unsafe code", file.display());
        }
    }
}

/// A set-user-ID program must be able to ignore all of it.
#[test]
fn only_one_file_reads_the_environment() {
    let readers = ["env::var", "getenv", "load_native_certs"];
    for module in LAYERS.iter().chain(BASE) {
        for file in files(module).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let reads = code.filter(|line| readers.iter().any(|reader| line.contains(reader)));
            let allowed = file.ends_with("settings/environment.rs");
            assert_eq!(reads.count() > 0, allowed, "{} reads the environment", file.display());
        }
    }
}

#[test]
fn each_module_is_a_layer_or_a_base_module() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared = map.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in declared {
        let placed = LAYERS.contains(&module) || BASE.contains(&module);
        assert!(placed, "add the module {module} to LAYERS or BASE, and to the map in src/lib.rs");
    }
}

/// All files of `src` by their path in it.
fn sources() -> dependency_cycles::Sources {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules = LAYERS.iter().chain(BASE);
    let files = modules.flat_map(|module| files(module).unwrap()).chain([source.join("lib.rs")]);
    files
        .map(|file| {
            let name = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(file).unwrap())
        })
        .collect()
}

#[test]
fn no_files_import_each_other_in_a_cycle() {
    let sources = sources();
    let edges = dependency_cycles::Crate::read(&sources).edges();
    assert!(edges.len() > 300, "found only {} edges in src", edges.len());
    let found: Vec<_> = dependency_cycles::cycles(&edges).into_iter().collect();
    assert!(found.is_empty(), "files of src import each other in cycles:\n{}", found.join("\n"));
}

/// The cycles of a crate with these files.
fn cycles_of(files: &[(&str, &str)]) -> Vec<String> {
    let sources = files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    dependency_cycles::cycles(&dependency_cycles::Crate::read(&sources).edges())
        .into_iter()
        .collect()
}

#[test]
fn a_cycle_is_found_however_its_files_name_each_other() {
    // Each makes b.rs name an item of a/c.rs, which needs b.rs.
    let references = [
        "use crate::a::c::Name;",
        "use super::a::c::{self, Name};",
        "use crate::{a::{c::{Name as Other}}};",
        "fn f() { g(crate::a::c::Name); }",
        "use crate::a; fn f() -> a::c::Name {}",
        "use crate::a::c as other; type T = Vec<other::Name>;",
        "mod inner { use super::super::a::c::Name; }",
        "fn f() { format!(\"{}\", crate::a::c::Name) }",
        "use crate::a::Name;",
        "use crate::a::Renamed;",
        "use crate::a::c::*;",
    ];
    for reference in references {
        let found = cycles_of(&[
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod c; pub use c::{Name, Name as Renamed};"),
            ("a/c.rs", "use crate::b::f; pub struct Name;"),
            ("b.rs", reference),
        ]);
        let name = if reference.ends_with("*;") { "*" } else { "Name" };
        assert_eq!(found, [format!("a/c.rs → b.rs (f) → a/c.rs ({name})")], "{reference}");
    }
}

#[test]
fn a_cycle_of_more_than_two_files_is_reported_once() {
    let found = cycles_of(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::c::{C, c}; pub struct B;"),
        ("c.rs", "use crate::a::A; pub struct C; pub fn c() {}"),
        ("d.rs", "use crate::a::A; use crate::b::B;"),
    ]);
    assert_eq!(found, ["a.rs → b.rs (B) → c.rs (C, c) → a.rs (A)"]);
}

#[test]
fn a_mod_rs_with_code_counts_as_a_file() {
    let with = |parent| cycles_of(&[("lib.rs", "mod a;"), ("a/mod.rs", parent), CHILD]);
    const CHILD: (&str, &str) = ("a/b.rs", "use super::Shared; pub fn b() {}");
    let found = ["a/b.rs → a/mod.rs (Shared) → a/b.rs (b)"];
    assert_eq!(with("mod b; struct Shared; fn f() { b::b() }"), found);
    assert_eq!(with("mod b; pub use b::b; struct Shared; fn f() { b() }"), found);
    assert!(with("mod b; pub use b::b; struct Shared;").is_empty(), "it only re-exports a name");
}

#[test]
fn tests_comments_and_unused_code_make_no_cycle() {
    let found = cycles_of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A; #[cfg(test)] mod tests { use super::*; }"),
        (
            "b.rs",
            "use memchr::memchr; /// See crate::a::A. \n pub struct B; #[cfg(test)] use crate::a::A; // crate::a::A",
        ),
    ]);
    assert!(found.is_empty(), "{found:?}");
}
