//! Why bytes were not repaired.

/// Why bytes were not repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairError {
    /// There is nothing to save: no document at all (white space, a word, a sentence, a form, CSV,
    /// YAML), a document of another sort (HTML, XML), or one whose beginning is lost.
    NotJson,
    /// The work was not to go on, or took too long for a text of this length.
    Stopped,
    /// It would take more memory than there is, or than four times that of the bytes.
    OutOfMemory,
}
