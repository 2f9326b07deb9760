//! Checks the promises of the fuzz targets with their corpus and with mutations of it, which are
//! the same in every run. The long run, guided by coverage, is `make fuzz`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod mutation;
#[path = "../../fuzz/promises/mod.rs"]
mod promises;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use mutation::Mutations;
use promises::Promise;

/// Number of mutations of its corpus for each promise; `FUZZ_RUNS` overrides it.
const RUNS: usize = 50_000;
/// The same for a promise that takes two requests over sockets for each input.
const RUNS_OVER_SOCKETS: usize = 1500;
/// The same for a promise that makes a text of 64 KiB of each input.
const RUNS_OF_LONG_TEXTS: usize = 400;

/// The inputs of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder:?} is empty");
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Checks a promise for one input. If it is broken, writes the input to a file.
fn check(promise: impl Fn(&[u8]), target: &str, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| promise(input))).is_err() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
        fs::write(&file, input).unwrap();
        panic!("the promise of {target} is broken for the bytes in {}", file.display());
    }
}

fn check_all(promise: Promise, target: &str) {
    let default = match target {
        "framing" => RUNS_OVER_SOCKETS,
        "repair_work" => RUNS_OF_LONG_TEXTS,
        _ => RUNS,
    };
    let runs = std::env::var("FUZZ_RUNS").map_or(default, |runs| runs.parse().unwrap());
    let corpus = corpus(target);
    corpus.iter().for_each(|input| check(promise, target, input));
    for input in Mutations::new(corpus).take(runs) {
        check(promise, target, &input);
    }
}

macro_rules! promises {
    ($($target:ident)*) => {
        mod the_promise_is_kept_for {
            $(#[test]
            fn $target() {
                super::check_all(super::promises::$target::check, stringify!($target));
            })*
        }

        #[test]
        fn every_promise_has_a_test_and_a_fuzz_target() {
            let tested = [$(stringify!($target)),*];
            let named: Vec<_> = promises::ALL.iter().map(|(name, _)| *name).collect();
            assert_eq!(tested.as_slice(), named);
            let manifest = include_str!("../../fuzz/Cargo.toml");
            for name in named {
                let entry = format!("path = \"fuzz_targets/{name}.rs\"");
                assert!(manifest.contains(&entry), "fuzz/Cargo.toml lacks {entry}");
            }
        }
    };
}

promises! {
    coding cookie_jar delay digest framing json_body pointer proxy records redirect repair repair_work
    signed_cookie url webhook
}

#[test]
fn a_broken_promise_is_found() {
    let no_two_brackets = |input: &[u8]| assert!(!input.windows(2).any(|two| two == b"]]"));
    let found = catch_unwind(|| {
        for input in Mutations::new(vec![b"[1]".to_vec()]).take(RUNS) {
            check(no_two_brackets, "none", &input);
        }
    });
    assert!(found.is_err(), "none of {RUNS} mutations of [1] doubles its bracket");
}
