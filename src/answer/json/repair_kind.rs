//! The kinds of repair, and sets of them.

use std::fmt;

/// One kind of repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RepairKind {
    /// A byte order mark was removed.
    ByteOrderMark,
    /// The bytes were not UTF-8 but another encoding, and were decoded.
    Encoding,
    /// Bytes that are invalid in the encoding became U+FFFD.
    InvalidBytes,
    /// NUL bytes or other control characters outside strings were removed.
    StrayControl,
    /// Whitespace that is not whitespace in JSON was removed.
    OddSpace,
    /// A comment was removed.
    Comment,
    /// A missing comma was inserted.
    MissingComma,
    /// A comma with nothing after it was removed.
    TrailingComma,
    /// A comma with nothing before it was removed, or another character was read as a comma.
    ExtraComma,
    /// A missing colon was inserted, or another character was read as a colon.
    MissingColon,
    /// An extra colon was removed.
    ExtraColon,
    /// A string was in single quotes.
    SingleQuotes,
    /// A string was in typographic quotes.
    SmartQuotes,
    /// A name was without quotes.
    UnquotedName,
    /// A value without quotes became a string, because it is neither a number nor a literal.
    UnquotedValue,
    /// A missing quote was inserted.
    MissingQuote,
    /// An extra quote was removed.
    ExtraQuote,
    /// A quote inside a string was escaped.
    InnerQuote,
    /// A raw control character inside a string was escaped.
    RawControl,
    /// An escape that JSON does not have became plain text.
    UnknownEscape,
    /// Half of a surrogate pair became U+FFFD.
    LoneSurrogate,
    /// A keyword of another language was replaced: `True`, `None`, `undefined`, `NaN`, …
    ForeignKeyword,
    /// A number was converted to the form of JSON, or text that only looks like a number became a string.
    Number,
    /// A missing value became `null`.
    MissingValue,
    /// A name without a value, or a value without a name, was removed.
    Incomplete,
    /// A missing bracket was inserted.
    MissingBracket,
    /// An extra bracket was removed.
    ExtraBracket,
    /// A bracket of the wrong kind was read as the right one.
    WrongBracket,
    /// The text ends before the document does. The open strings and containers were closed.
    Truncated,
    /// A number at the end of a truncated body became `null`.
    CutNumber,
    /// Stray characters between values were removed.
    StrayText,
    /// A call, an assignment or parentheses around the document were removed.
    ScriptWrapper,
    /// A guard against cross-site inclusion was removed.
    Guard,
    /// The document was read from the data of server-sent events.
    EventStream,
    /// The whole document was escaped, as in a string, and was unescaped.
    Escaped,
    /// Text before the document was removed.
    TextBefore,
    /// Text after the document was removed.
    TextAfter,
    /// Several documents became one array.
    SeveralDocuments,
    /// A value that is nested too deeply became `null`.
    TooDeep,
}

/// Each kind with its readable name, in the order of the enumeration.
const NAMES: &[(RepairKind, &str)] = &[
    (RepairKind::ByteOrderMark, "byte order mark"),
    (RepairKind::Encoding, "encoding"),
    (RepairKind::InvalidBytes, "invalid bytes"),
    (RepairKind::StrayControl, "stray control characters"),
    (RepairKind::OddSpace, "odd white space"),
    (RepairKind::Comment, "comment"),
    (RepairKind::MissingComma, "missing comma"),
    (RepairKind::TrailingComma, "trailing comma"),
    (RepairKind::ExtraComma, "extra comma"),
    (RepairKind::MissingColon, "missing colon"),
    (RepairKind::ExtraColon, "extra colon"),
    (RepairKind::SingleQuotes, "single quotes"),
    (RepairKind::SmartQuotes, "typographic quotes"),
    (RepairKind::UnquotedName, "unquoted name"),
    (RepairKind::UnquotedValue, "unquoted value"),
    (RepairKind::MissingQuote, "missing quote"),
    (RepairKind::ExtraQuote, "extra quote"),
    (RepairKind::InnerQuote, "unescaped inner quote"),
    (RepairKind::RawControl, "raw control character"),
    (RepairKind::UnknownEscape, "unknown escape"),
    (RepairKind::LoneSurrogate, "lone surrogate"),
    (RepairKind::ForeignKeyword, "foreign keyword"),
    (RepairKind::Number, "malformed number"),
    (RepairKind::MissingValue, "missing value"),
    (RepairKind::Incomplete, "incomplete member"),
    (RepairKind::MissingBracket, "missing bracket"),
    (RepairKind::ExtraBracket, "extra bracket"),
    (RepairKind::WrongBracket, "wrong bracket"),
    (RepairKind::Truncated, "truncated"),
    (RepairKind::CutNumber, "number at the cut"),
    (RepairKind::StrayText, "stray text"),
    (RepairKind::ScriptWrapper, "script around the document"),
    (RepairKind::Guard, "inclusion guard"),
    (RepairKind::EventStream, "event stream"),
    (RepairKind::Escaped, "escaped as a whole"),
    (RepairKind::TextBefore, "text before the document"),
    (RepairKind::TextAfter, "text after the document"),
    (RepairKind::SeveralDocuments, "several documents"),
    (RepairKind::TooDeep, "nested too deeply"),
];

/// A set of kinds of repair. Its `Display` lists their names, separated by commas.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RepairKinds(u64);

impl RepairKinds {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(0)
    }

    /// Whether nothing was repaired.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this kind is in the set.
    #[must_use]
    pub const fn contains(self, kind: RepairKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Adds a kind.
    pub const fn insert(&mut self, kind: RepairKind) {
        self.0 |= bit(kind);
    }

    /// The kinds of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The kinds in the set, in the order of the enumeration.
    pub fn iter(self) -> impl Iterator<Item = RepairKind> {
        NAMES.iter().map(|(kind, _)| *kind).filter(move |kind| self.contains(*kind))
    }
}

const fn bit(kind: RepairKind) -> u64 {
    1_u64.wrapping_shl(kind as u32)
}

impl FromIterator<RepairKind> for RepairKinds {
    fn from_iter<I: IntoIterator<Item = RepairKind>>(kinds: I) -> Self {
        let mut set = Self::new();
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

impl fmt::Display for RepairKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(kind, _)| kind == self).map_or("", |(_, name)| name))
    }
}

impl fmt::Display for RepairKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for kind in self.iter() {
            write!(f, "{separator}{kind}")?;
            separator = ", ";
        }
        Ok(())
    }
}

impl fmt::Debug for RepairKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_name_and_its_own_bit() {
        let mut all = RepairKinds::new();
        for (place, (kind, name)) in NAMES.iter().enumerate() {
            assert_eq!(*kind as usize, place, "{kind:?} is out of order in the table of names");
            assert!(!name.is_empty(), "{kind:?} has no name");
            assert!(!all.contains(*kind), "{kind:?} shares its bit");
            all.insert(*kind);
        }
        assert_eq!(all.iter().count(), RepairKind::TooDeep as usize + 1, "a kind has no name");
    }

    #[test]
    fn a_set_lists_its_names() {
        let set = RepairKinds::from_iter([RepairKind::SingleQuotes, RepairKind::ExtraComma]);
        assert_eq!(set.to_string(), "extra comma, single quotes");
        assert_eq!(RepairKinds::new().to_string(), "");
        assert!(RepairKinds::new().is_empty() && !set.is_empty());
    }
}
