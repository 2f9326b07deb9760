//! Why bytes were not repaired.

/// Why bytes were not repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairError {
    /// The bytes contain no JSON document to repair. They are whitespace, a word, a sentence, a form, CSV,
    /// YAML, HTML or XML, or the beginning of the document is missing.
    NotJson,
    /// The caller stopped the repair, or it took too many steps for a text of this length.
    Stopped,
    /// Memory is short, or the repair needs more than four times the memory of the bytes.
    OutOfMemory,
}
