//! How the JSON of a response relates to the received bytes.

/// How `json` of a response relates to its `body`: one of the `SAC_JSON_…` constants.
#[allow(non_camel_case_types)]
pub type sac_json_state = i32;

/// The body contains no JSON, or there is no body.
pub const SAC_JSON_NONE: sac_json_state = 0;
/// The body is well-formed JSON.
pub const SAC_JSON_EXACT: sac_json_state = 1;
/// The body is damaged JSON, which the library repaired.
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
