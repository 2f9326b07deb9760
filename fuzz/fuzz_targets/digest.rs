#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| promises::digest::check(input));
