//! Any bytes become valid JSON, or are refused; what is valid already stays as it is.

use sac::answer::json::{Hints, Values, repair, strict};

/// The first byte says whether the rest was cut short.
pub fn kept(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    let cut = first & 1 == 1;
    if strict(bytes).is_some() {
        let text = repaired(bytes, false).expect("valid JSON is not refused");
        assert_eq!(text.as_bytes(), bytes, "valid JSON was changed");
    }
    let Some(text) = repaired(bytes, cut) else { return };
    assert!(strict(text.as_bytes()).is_some(), "ill-formed JSON came out: {text}");
    // What came out is whole.
    let again = repaired(text.as_bytes(), false);
    assert_eq!(again.as_ref(), Some(&text), "a second repair changed what the first did");
    assert!(Values::new().type_of(&text, "").is_some(), "what is valid can be read");
}

fn repaired(bytes: &[u8], cut: bool) -> Option<String> {
    repair(bytes, &Hints { charset: None, cut }).map(|repaired| repaired.text)
}
