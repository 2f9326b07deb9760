//! The types of JSON values, as C sees them.

use super::json::Type;

/// The type of a JSON value: one of the `SAC_JSON_TYPE_…` constants.
#[allow(non_camel_case_types)]
pub type sac_json_type = i32;

/// There is no such value.
pub const SAC_JSON_TYPE_MISSING: sac_json_type = 0;
/// `null`.
pub const SAC_JSON_TYPE_NULL: sac_json_type = 1;
/// `true` or `false`.
pub const SAC_JSON_TYPE_BOOL: sac_json_type = 2;
/// A number.
pub const SAC_JSON_TYPE_NUMBER: sac_json_type = 3;
/// A string.
pub const SAC_JSON_TYPE_STRING: sac_json_type = 4;
/// An array.
pub const SAC_JSON_TYPE_ARRAY: sac_json_type = 5;
/// An object.
pub const SAC_JSON_TYPE_OBJECT: sac_json_type = 6;

/// The number that C sees.
#[must_use]
pub const fn number(value_type: Option<Type>) -> sac_json_type {
    match value_type {
        None => SAC_JSON_TYPE_MISSING,
        Some(Type::Null) => SAC_JSON_TYPE_NULL,
        Some(Type::Bool) => SAC_JSON_TYPE_BOOL,
        Some(Type::Number) => SAC_JSON_TYPE_NUMBER,
        Some(Type::String) => SAC_JSON_TYPE_STRING,
        Some(Type::Array) => SAC_JSON_TYPE_ARRAY,
        Some(Type::Object) => SAC_JSON_TYPE_OBJECT,
    }
}
