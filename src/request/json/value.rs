//! The values that a program writes into a JSON body.

use serde_json::value::RawValue;

use crate::code::{Code, Error};

use super::text::{copy, quote};

/// A value for a JSON body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum JsonValue<'a> {
    /// A string, by its content.
    String(&'a str),
    /// An integer.
    Int64(i64),
    /// An unsigned integer.
    Uint64(u64),
    /// A number, which must be finite.
    Double(f64),
    /// `true` or `false`
    Bool(bool),
    /// `null`
    Null,
    /// Any JSON text.
    Text(&'a str),
}

impl JsonValue<'_> {
    /// The JSON text of the value.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if a number is not finite; [`Code::InvalidJson`] if a text is not
    /// well-formed; [`Code::TooLarge`] if there is not enough memory.
    pub(super) fn to_text(self) -> Result<Box<str>, Error> {
        match self {
            Self::String(content) => quote(content),
            Self::Int64(number) => Ok(number.to_string().into()),
            Self::Uint64(number) => Ok(number.to_string().into()),
            Self::Double(number) => double(number),
            Self::Bool(true) => copy("true"),
            Self::Bool(false) => copy("false"),
            Self::Null => copy("null"),
            Self::Text(text) => copy(check(text)?),
        }
    }
}

/// The shortest text that reads as the same double.
fn double(number: f64) -> Result<Box<str>, Error> {
    let finite = serde_json::Number::from_f64(number);
    let finite = finite.ok_or_else(|| {
        Error::new(Code::InvalidArgument, format!("JSON has no number for {number}"))
    })?;
    Ok(finite.to_string().into())
}

/// The text without the whitespace around it, if it is one JSON text of any depth.
///
/// # Errors
/// [`Code::InvalidJson`] if it is not well-formed.
pub(super) fn check(text: &str) -> Result<&str, Error> {
    serde_json::from_str::<&RawValue>(text).map(RawValue::get).map_err(|error| {
        Error::new(Code::InvalidJson, format!("the JSON to send is not well-formed: {error}"))
    })
}
