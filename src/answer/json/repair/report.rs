//! The report of the repairs.

use super::super::{RepairKind, RepairKinds};

/// The kinds of repair, and the offset of the first one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    pub(super) kinds: RepairKinds,
    pub(super) first_offset: usize,
}

impl Report {
    pub(super) const fn new() -> Self {
        Self { kinds: RepairKinds::new(), first_offset: usize::MAX }
    }

    pub(super) fn add(&mut self, kind: RepairKind, at: usize) {
        self.kinds.insert(kind);
        self.first_offset = self.first_offset.min(at);
    }

    pub(super) fn add_all(&mut self, kinds: RepairKinds, at: usize) {
        if !kinds.is_empty() {
            self.kinds = self.kinds.union(kinds);
            self.first_offset = self.first_offset.min(at);
        }
    }
}
