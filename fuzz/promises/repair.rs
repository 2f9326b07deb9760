//! Any bytes become valid JSON or are refused. Valid JSON stays unchanged.

use sac::answer::json::{Hints, ValueCache, repair, valid_text};

/// Input: a byte that says whether the body is truncated, then the body.
pub fn check(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    let truncated = first & 1 == 1;
    if valid_text(bytes).is_some() {
        let text = repaired(bytes, false).expect("valid JSON is not refused");
        assert_eq!(text.as_bytes(), bytes, "valid JSON was changed");
    }
    let Some(text) = repaired(bytes, truncated) else { return };
    assert!(valid_text(text.as_bytes()).is_some(), "the repaired text is not valid JSON: {text}");
    // The repaired text is complete.
    let again = repaired(text.as_bytes(), false);
    assert_eq!(again.as_ref(), Some(&text), "a second repair changed what the first did");
    assert!(ValueCache::new().type_of(&text, "").is_some(), "valid JSON cannot be read");
}

fn repaired(bytes: &[u8], truncated: bool) -> Option<String> {
    repair(bytes, &Hints { charset: None, truncated }).map(|repaired| repaired.text)
}
