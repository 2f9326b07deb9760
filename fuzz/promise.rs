//! What a repair promises for any bytes whatever. The fuzz target and a test of the library share
//! it, so that it is compiled and run on every compiler.

/// Repairs an input whose first byte says whether the rest was cut short, checks what comes out,
/// and answers it.
///
/// # Panics
/// Where the promise is not kept.
pub fn kept(
    input: &[u8],
    repair: impl Fn(&[u8], bool) -> Option<String>,
    strict: impl Fn(&[u8]) -> bool,
) -> Option<String> {
    let (first, bytes) = input.split_first()?;
    let cut = first & 1 == 1;
    if strict(bytes) {
        let text = repair(bytes, false).expect("valid JSON is not refused");
        assert_eq!(text.as_bytes(), bytes, "valid JSON was changed");
    }
    let text = repair(bytes, cut)?;
    assert!(strict(text.as_bytes()), "ill-formed JSON came out: {text}");
    // What came out is whole.
    let again = repair(text.as_bytes(), false);
    assert_eq!(again.as_ref(), Some(&text), "a second repair changed what the first did");
    Some(text)
}
