//! Data goes one way: no module imports one to its left, and those of the ground floor import none
//! of those above. The map stands in src/lib.rs.

// A test that overflows panics, which is what it should do.
#![allow(clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// From left to right; the first may import all, and `answer` none of the others.
const LINE: &[&str] = &["ffi", "client", "call", "limit", "transport", "answer"];
/// What those stand on.
const GROUND: &[&str] = &["request", "settings", "auth", "headers", "wait", "log", "code"];

/// The files of a module, its tests among them.
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

/// The modules that a text names as `crate::…`, alone or in a list.
fn imports(text: &str) -> BTreeSet<&str> {
    let behind = text.split("crate::").skip(1);
    behind
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(""))
        .collect()
}

/// Those of the line that a module may not know.
fn forbidden(module: &str) -> &'static [&'static str] {
    match LINE.iter().position(|name| *name == module) {
        Some(place) => LINE.get(..place).unwrap_or(LINE),
        None => LINE,
    }
}

#[test]
fn no_module_imports_one_to_its_left() {
    let mut seen = 0;
    for module in LINE.iter().chain(GROUND) {
        for file in files(module).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let imports = imports(&text);
            seen += imports.len();
            for left in forbidden(module) {
                assert!(!imports.contains(left), "{} imports crate::{left}", file.display());
            }
        }
    }
    assert!(seen > 100, "only {seen} imports were found in src");
}

#[test]
fn nothing_but_the_boundary_sees_c() {
    for module in LINE.iter().chain(GROUND).filter(|module| **module != "ffi") {
        for file in files(module).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("extern \"C\""), "{} has a function for C", file.display());
            assert!(!text.contains("unsafe {"), "{} has unsafe code", file.display());
        }
    }
}

/// So that a set-user-ID program can ignore all of it.
#[test]
fn the_environment_is_read_in_one_place_alone() {
    let readers = ["env::var", "getenv", "load_native_certs"];
    for module in LINE.iter().chain(GROUND) {
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
fn each_module_has_a_place_in_the_line_or_on_the_ground_floor() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared = map.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in declared {
        let placed = LINE.contains(&module) || GROUND.contains(&module);
        assert!(placed, "where does the module {module} stand? say so here and in src/lib.rs");
    }
}
