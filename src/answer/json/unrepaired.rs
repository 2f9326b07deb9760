//! Why bytes were not repaired.

/// Why bytes were not repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrepaired {
    /// There is nothing to save.
    NoJson,
    /// The work was not to go on.
    Stopped,
    /// There is no memory for it, or it would take more than a few times that of the text.
    NoMemory,
}
