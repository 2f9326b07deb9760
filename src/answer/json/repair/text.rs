//! The text that a repair writes.

/// How much longer than the text under repair the repaired one may become: what JSON spells as
/// `null` or as `\u0001` takes six bytes at most, and no text is made of that alone.
const LONGER: usize = 4;

/// What any text may become.
const FOR_ANY: usize = 1 << 16;

/// A text that grows only where there is memory for it. Where there is none, all of it is lost,
/// and what is written to it from then on.
#[derive(Debug, Default)]
pub(super) struct Text {
    bytes: Vec<u8>,
    most: usize,
    lost: bool,
}

impl Text {
    /// An empty text for the repair of so many bytes.
    pub(super) fn for_repair_of(bytes: usize) -> Self {
        let most = bytes.saturating_mul(LONGER).saturating_add(FOR_ANY);
        let mut text = Self { bytes: Vec::new(), most, lost: false };
        text.grow(bytes);
        text
    }

    #[cold]
    fn grow(&mut self, more: usize) -> bool {
        let fits = self.bytes.len().saturating_add(more) <= self.most;
        if fits && self.bytes.try_reserve(more).is_ok() {
            return true;
        }
        *self = Self { lost: true, ..Self::default() };
        false
    }

    /// Whether there is room for so much more.
    fn has_room(&mut self, more: usize) -> bool {
        more <= self.bytes.capacity().wrapping_sub(self.bytes.len()) || self.grow(more)
    }

    pub(super) fn push(&mut self, byte: u8) {
        if self.has_room(1) {
            self.bytes.push(byte);
        }
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        if self.has_room(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Puts a byte there, behind all that is written at most.
    pub(super) fn insert(&mut self, at: usize, byte: u8) {
        if at <= self.bytes.len() && self.has_room(1) {
            self.bytes.insert(at, byte);
        }
    }

    pub(super) fn pop(&mut self) {
        self.bytes.pop();
    }

    /// Takes back the white space and the comma that it may end with; answers whether there was a
    /// comma.
    pub(super) fn pop_comma(&mut self) -> bool {
        self.bytes.truncate(self.bytes.trim_ascii_end().len());
        let comma = self.bytes.pop_if(|byte| *byte == b',').is_some();
        self.bytes.truncate(self.bytes.trim_ascii_end().len());
        comma
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn at(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The whole text; `None` where it was lost.
    pub(super) fn into_bytes(self) -> Option<Vec<u8>> {
        (!self.lost).then_some(self.bytes)
    }
}
