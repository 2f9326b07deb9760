//! How a response's JSON relates to the bytes that arrived.

/// How a response's `json` relates to its `body`: one of the `SAC_JSON_…` constants.
#[allow(non_camel_case_types)]
pub type sac_json_state = i32;

/// The body held no JSON, or there was none.
pub const SAC_JSON_NONE: sac_json_state = 0;
/// The body was well-formed JSON.
pub const SAC_JSON_EXACT: sac_json_state = 1;
/// The body was damaged JSON and has been repaired.
pub const SAC_JSON_REPAIRED: sac_json_state = 2;

/// [`sac_json_state`] as a Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
#[allow(missing_docs)] // Each is documented at its constant.
pub enum JsonState {
    None = SAC_JSON_NONE,
    Exact = SAC_JSON_EXACT,
    Repaired = SAC_JSON_REPAIRED,
}

impl JsonState {
    /// The number that C sees.
    #[must_use]
    pub const fn number(self) -> sac_json_state {
        self as sac_json_state
    }
}
