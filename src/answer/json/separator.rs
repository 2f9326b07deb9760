//! What separates JSON texts that arrive one after another.

/// The separator in front of each text of a JSON text sequence (RFC 7464).
pub const RECORD_SEPARATOR: u8 = 0x1e;

/// What separates a text from the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// The end of a line, or a record separator (RFC 7464).
    Line,
    /// A comma, as in an array.
    Comma,
}
