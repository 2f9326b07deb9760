//! The check of the grammar of RFC 8259: one pass, no recursion, no tree.
//!
//! Strings, digits and indentation are gone over in blocks; what separates them costs one
//! comparison each, as long as it is what is met most.

use super::block::{self, skip_whitespace};
use super::grammar::{GrammarResult, check_grammar};

/// A value that is well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ValidValue {
    /// The place behind it.
    pub(super) end: usize,
    /// How deeply it is nested: 0 for a value that is no container.
    pub(super) depth: usize,
    /// Whether it has escapes of surrogates, in pairs or not.
    pub(super) has_surrogate_escapes: bool,
}

/// Checks that this is one JSON text. Where it is not, the error is how many of its first bytes
/// are well-formed as the beginning of one: all, where only the rest is missing. Half an escape
/// counts as none.
pub(super) fn check_document(text: &str) -> Result<(), usize> {
    check_document_while(text, &|| true)
}

/// The same, asking after every 64 KiB whether the check may go on. Where it may not, the text is
/// not well-formed from there on.
pub(super) fn check_document_while(text: &str, may_go_on: &dyn Fn() -> bool) -> Result<(), usize> {
    match check_grammar(text, Some(may_go_on)) {
        GrammarResult::Valid => return Ok(()),
        GrammarResult::Stopped(at) => return Err(at),
        GrammarResult::Unknown => {}
    }
    let left = text.len().saturating_sub(CHECK_INTERVAL);
    let mut checker =
        Checker { next_check: left, may_go_on: Some(may_go_on), ..Checker::default() };
    let end = checker.check_first_value(text)?.end;
    let behind = skip_whitespace(text.as_bytes().get(end..).unwrap_or_default());
    if behind.is_empty() { Ok(()) } else { Err(text.len().wrapping_sub(behind.len())) }
}

/// What follows behind a token; or how many bytes there are from a defect on.
type ParseResult<'a> = Result<&'a [u8], usize>;

/// The containers that are open: a bit for each, the innermost's the lowest, set for an object.
#[derive(Debug, Default)]
pub(super) struct NestingStack {
    objects: u64,
    /// The word of bits as it was at every sixty-fourth level, where it was full.
    saved_words: Vec<u64>,
    depth: usize,
    max_depth: usize,
    container_count: usize,
}

impl NestingStack {
    /// `false` where there is no memory for one more.
    #[must_use]
    #[inline(always)]
    pub(super) fn push(&mut self, object: bool) -> bool {
        if self.depth & 63 == 63 && !self.save_word() {
            return false;
        }
        self.objects = self.objects.wrapping_shl(1) | u64::from(object);
        self.depth = self.depth.wrapping_add(1);
        self.container_count = self.container_count.wrapping_add(1);
        self.max_depth = self.max_depth.max(self.depth);
        true
    }

    #[cold]
    fn save_word(&mut self) -> bool {
        let room = self.saved_words.try_reserve(1).is_ok();
        if room {
            self.saved_words.push(self.objects);
        }
        room
    }

    /// Whether the innermost is an object; `None` where none is open.
    pub(super) fn innermost(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.objects & 1 == 1)
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) {
        self.objects = self.objects.wrapping_shr(1);
        self.depth = self.depth.wrapping_sub(1);
        if self.depth & 63 == 63 {
            self.objects = self.saved_words.pop().unwrap_or(0);
        }
    }
}

/// What ends a run of members or elements.
enum Bracket {
    /// The bracket that opens a container among them: whether that is an object.
    Open(bool),
    /// The bracket that closes the container they are in.
    Close,
}

/// How often the caller is asked whether the check may go on, in bytes.
const CHECK_INTERVAL: usize = 1 << 16;

/// A check of one value.
#[derive(Default)]
pub(super) struct Checker<'w> {
    open: NestingStack,
    surrogates: bool,
    /// With fewer bytes left than this, it is time to ask.
    next_check: usize,
    may_go_on: Option<&'w dyn Fn() -> bool>,
}

impl Checker<'_> {
    /// Checks the one value that this text begins with, whatever follows it. Where it is not
    /// well-formed, the error is as that of [`document`].
    pub(super) fn check_first_value(&mut self, text: &str) -> Result<ValidValue, usize> {
        let bytes = text.as_bytes();
        match self.value(skip_whitespace(bytes)) {
            Ok(rest) => Ok(ValidValue {
                end: bytes.len().wrapping_sub(rest.len()),
                depth: self.open.max_depth,
                has_surrogate_escapes: self.surrogates,
            }),
            Err(left) => Err(bytes.len().wrapping_sub(left)),
        }
    }

    #[cold]
    fn may_go_on(&mut self, left: usize) -> bool {
        self.next_check = left.saturating_sub(CHECK_INTERVAL);
        self.may_go_on.is_none_or(|may_go_on| may_go_on())
    }

    /// How many containers were opened.
    pub(super) fn opened(&self) -> usize {
        self.open.container_count
    }

    /// Goes over the value that begins here and all that is in it, without recursion.
    fn value<'a>(&mut self, from: &'a [u8]) -> ParseResult<'a> {
        let mut rest = match from {
            [bracket @ (b'{' | b'['), inside @ ..] => {
                let _ = self.open.push(*bracket == b'{');
                inside
            }
            _ => return self.scalar(from),
        };
        let mut fresh = true;
        while self.open.depth > 0 {
            let step;
            (step, rest) = match self.open.objects & 1 == 1 {
                true => self.container_items::<b'}'>(rest, fresh)?,
                false => self.container_items::<b']'>(rest, fresh)?,
            };
            fresh = matches!(step, Bracket::Open(_));
            match step {
                Bracket::Open(object) if !self.open.push(object) => return Err(rest.len()),
                Bracket::Open(_) => {}
                Bracket::Close => self.open.pop(),
            }
        }
        Ok(rest)
    }

    /// Goes over what is in a container up to the next bracket, from behind the one that opened it
    /// (`fresh`) or from behind a value.
    #[inline(always)]
    fn container_items<'a, const CLOSER: u8>(
        &mut self,
        from: &'a [u8],
        fresh: bool,
    ) -> Result<(Bracket, &'a [u8]), usize> {
        let mut part = if fresh { first_item::<CLOSER>(from) } else { next_item::<CLOSER>(from)? };
        loop {
            let mut rest = match part {
                NextItem::Item(rest) => rest,
                NextItem::End(behind) => return Ok((Bracket::Close, behind)),
            };
            if CLOSER == b'}' {
                rest = self.name(rest)?;
            }
            rest = match rest {
                [b'{', inside @ ..] => return Ok((Bracket::Open(true), inside)),
                [b'[', inside @ ..] => return Ok((Bracket::Open(false), inside)),
                _ => self.scalar(rest)?,
            };
            if rest.len() < self.next_check && !self.may_go_on(rest.len()) {
                return Err(rest.len());
            }
            part = next_item::<CLOSER>(rest)?;
        }
    }

    /// Goes over a name and its colon, to the value.
    #[inline(always)]
    fn name<'a>(&mut self, rest: &'a [u8]) -> ParseResult<'a> {
        let [b'"', content @ ..] = rest else { return Err(rest.len()) };
        match self.string(content)? {
            [b':', behind @ ..] => Ok(skip_whitespace(behind)),
            rest => match skip_whitespace(rest) {
                [b':', behind @ ..] => Ok(skip_whitespace(behind)),
                other => Err(other.len()),
            },
        }
    }

    #[inline(always)]
    fn scalar<'a>(&mut self, rest: &'a [u8]) -> ParseResult<'a> {
        match rest {
            [b'"', content @ ..] => self.string(content),
            [b'1'..=b'9', digits @ ..] => number_end(skip_digits(digits)),
            [b'0', behind @ ..] => number_end(behind),
            [b'-', b'1'..=b'9', digits @ ..] => number_end(skip_digits(digits)),
            [b'-', b'0', behind @ ..] => number_end(behind),
            [b't', b'r', b'u', b'e', behind @ ..]
            | [b'f', b'a', b'l', b's', b'e', behind @ ..]
            | [b'n', b'u', b'l', b'l', behind @ ..] => Ok(behind),
            _ => Err(scalar_error(rest)),
        }
    }

    /// What follows the string whose content begins here.
    #[inline(always)]
    fn string<'a>(&mut self, content: &'a [u8]) -> ParseResult<'a> {
        let mut rest = content;
        loop {
            rest = block::skip_until(rest, block::string_special);
            rest = match rest {
                [b'"', behind @ ..] => return Ok(behind),
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', behind @ ..] => {
                    behind
                }
                [b'\\', escape @ ..] => self.code_unit(escape)?,
                _ => return Err(rest.len()),
            };
        }
    }

    /// What follows the escape of a code unit whose backslash stands before this place, which
    /// takes the blame where it is none.
    #[inline(never)]
    fn code_unit<'a>(&mut self, escape: &'a [u8]) -> ParseResult<'a> {
        let defect = Err(escape.len().wrapping_add(1));
        let digits = match escape {
            [] => return Err(0),
            [b'u', digits @ ..] => digits,
            _ => return defect,
        };
        let whole = digits.split_at_checked(4);
        let (digits, behind) = whole.unwrap_or((digits, &[]));
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return defect;
        }
        self.surrogates |=
            matches!(digits, [b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
        if whole.is_some() { Ok(behind) } else { Err(0) }
    }
}

/// What stands where a member or an element may.
enum NextItem<'a> {
    Item(&'a [u8]),
    /// The closing bracket, before this.
    End(&'a [u8]),
}

/// The part that begins behind an opening bracket.
#[inline(always)]
fn first_item<const CLOSER: u8>(rest: &[u8]) -> NextItem<'_> {
    match skip_whitespace(rest) {
        [byte, behind @ ..] if *byte == CLOSER => NextItem::End(behind),
        part => NextItem::Item(part),
    }
}

/// The part that begins behind the end of another.
#[inline(always)]
fn next_item<const CLOSER: u8>(rest: &[u8]) -> Result<NextItem<'_>, usize> {
    if let [b',', behind @ ..] = rest {
        return Ok(NextItem::Item(skip_whitespace(behind)));
    }
    match skip_whitespace(rest) {
        [byte, behind @ ..] if *byte == CLOSER => Ok(NextItem::End(behind)),
        [b',', behind @ ..] => Ok(NextItem::Item(skip_whitespace(behind))),
        other => Err(other.len()),
    }
}

/// What follows the number whose whole part ends here.
#[inline(always)]
fn number_end(rest: &[u8]) -> ParseResult<'_> {
    match rest {
        [b'.' | b'e' | b'E', ..] => fraction(rest),
        _ => Ok(rest),
    }
}

#[inline(never)]
fn fraction(from: &[u8]) -> ParseResult<'_> {
    let rest = match from {
        [b'.', digits @ ..] => digits_end(digits)?,
        _ => from,
    };
    match rest {
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => digits_end(power),
        _ => Ok(rest),
    }
}

/// What follows the digits that begin here, one at least.
fn digits_end(from: &[u8]) -> ParseResult<'_> {
    let rest = skip_digits(from);
    if rest.len() == from.len() { Err(from.len()) } else { Ok(rest) }
}

#[inline(always)]
fn skip_digits(rest: &[u8]) -> &[u8] {
    block::skip_until(rest, block::not_digit)
}

/// Where the defect of what should be a scalar is.
#[cold]
#[inline(never)]
fn scalar_error(rest: &[u8]) -> usize {
    let begun = ["true", "false", "null", "-"].map(|word| {
        rest.iter().zip(word.as_bytes()).take_while(|(byte, wanted)| byte == wanted).count()
    });
    rest.len().wrapping_sub(begun.into_iter().max().unwrap_or(0))
}

#[cfg(test)]
mod tests;
