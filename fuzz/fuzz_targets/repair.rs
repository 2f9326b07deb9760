//! Any bytes become valid JSON or are refused: `cargo +nightly fuzz run repair`.

#![no_main]

#[path = "../promise.rs"]
mod promise;

use libfuzzer_sys::fuzz_target;
use sac::answer::json::{Hints, Values, repair, strict};

fuzz_target!(|input: &[u8]| {
    let repair = |bytes: &[u8], cut| {
        repair(bytes, &Hints { charset: None, cut }).map(|repaired| repaired.text)
    };
    let strict = |bytes: &[u8]| strict(bytes).is_some();
    if let Some(text) = promise::kept(input, repair, strict) {
        let values = Values::new();
        assert!(values.type_of(&text, "").is_some(), "what is valid can be read");
        let _ = values.string(&text, "/a/0");
    }
});
