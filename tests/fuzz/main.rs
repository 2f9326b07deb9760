//! The promises of the fuzz targets, for their corpus and for mutations of it: the same in every
//! run, on every compiler. The long run, led by coverage, is `make fuzz`.

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

/// How many mutations of its corpus a promise is held against; `FUZZ_RUNS` says otherwise.
const RUNS: usize = 50_000;
/// The same where each takes two requests over sockets.
const RUNS_OVER_SOCKETS: usize = 1500;
/// The same where each makes a text of 64 KB.
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

/// Holds a promise against one input. Where it is not kept, the input is left in a file for
/// whoever looks into it.
fn hold(promise: impl Fn(&[u8]), target: &str, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| promise(input))).is_err() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
        fs::write(&file, input).unwrap();
        panic!("the promise of {target} is not kept for the bytes in {}", file.display());
    }
}

fn hold_for_all(promise: Promise, target: &str) {
    let usual = match target {
        "framing" => RUNS_OVER_SOCKETS,
        "repair_work" => RUNS_OF_LONG_TEXTS,
        _ => RUNS,
    };
    let runs = std::env::var("FUZZ_RUNS").map_or(usual, |runs| runs.parse().unwrap());
    let corpus = corpus(target);
    corpus.iter().for_each(|input| hold(promise, target, input));
    for input in Mutations::of(corpus).take(runs) {
        hold(promise, target, &input);
    }
}

macro_rules! promises {
    ($($target:ident)*) => {
        mod the_promise_is_kept_for {
            $(#[test]
            fn $target() {
                super::hold_for_all(super::promises::$target::kept, stringify!($target));
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

promises! { coding cookie_jar delay framing pointer proxy redirect repair repair_work signed_cookie url }

#[test]
fn a_promise_that_is_not_kept_is_noticed() {
    let no_two_brackets = |input: &[u8]| assert!(!input.windows(2).any(|two| two == b"]]"));
    let found = catch_unwind(|| {
        for input in Mutations::of(vec![b"[1]".to_vec()]).take(RUNS) {
            hold(no_two_brackets, "none", &input);
        }
    });
    assert!(found.is_err(), "{RUNS} mutations of [1] do not double its bracket");
}
