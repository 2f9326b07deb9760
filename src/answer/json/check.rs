//! The check of the grammar of RFC 8259, in one pass, without recursion and without a tree.
//!
//! The check skips strings, digits and indentation in blocks. A separator in its most frequent form
//! costs one comparison.

use super::block::{self, skip_whitespace};
use super::grammar::{GrammarResult, check_grammar};
use super::pieces::PIECE;

/// A well-formed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ValidValue {
    /// The offset after the value.
    pub(super) end: usize,
    /// The nesting depth: 0 for a scalar.
    pub(super) depth: usize,
    /// Whether the value has escaped surrogates, in pairs or alone.
    pub(super) has_surrogate_escapes: bool,
}

/// Checks that this is one JSON text. If not, the error is the length of the well-formed part at the
/// beginning. If only the end of the text is missing, this is the whole length. An invalid escape does
/// not belong to the well-formed part.
pub(super) fn check_document(text: &str) -> Result<(), usize> {
    check_document_while(text, &|| true)
}

/// The same as [`check_document`]. Calls `should_continue` after every 64 KiB. If it returns `false`,
/// the error is the offset of the stop.
pub(super) fn check_document_while(
    text: &str,
    should_continue: &dyn Fn() -> bool,
) -> Result<(), usize> {
    match check_grammar(text, should_continue) {
        GrammarResult::Valid => return Ok(()),
        GrammarResult::Stopped(at) => return Err(at),
        GrammarResult::Unknown if text.len() > PIECE && !should_continue() => return Err(0),
        GrammarResult::Unknown => {}
    }
    let end = Checker::new(should_continue).check_first_value(text)?.end;
    let after = skip_whitespace(text.as_bytes().get(end..).unwrap_or_default());
    if after.is_empty() { Ok(()) } else { Err(text.len().wrapping_sub(after.len())) }
}

/// The rest of the text after a token, or the number of bytes from a defect on.
type ParseResult<'a> = Result<&'a [u8], usize>;

/// The open containers: one bit for each, 1 for an object. The lowest bit is the innermost container.
#[derive(Debug, Default)]
pub(super) struct NestingStack {
    objects: u64,
    /// The full words of bits, one for each 64 levels.
    saved_words: Vec<u64>,
    depth: usize,
    max_depth: usize,
    container_count: usize,
}

impl NestingStack {
    /// Returns `false` if memory is short.
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

    /// Whether the innermost container is an object; `None` if no container is open.
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

/// A bracket after a run of members or elements.
enum Bracket {
    /// Opens a container. `true` for an object.
    Open(bool),
    /// Closes the container of the run.
    Close,
}

/// A check of one value.
pub(super) struct Checker<'w> {
    open: NestingStack,
    has_surrogate_escapes: bool,
    /// If fewer bytes than this remain, it is time to call `should_continue`.
    next_check: usize,
    should_continue: &'w dyn Fn() -> bool,
}

impl<'w> Checker<'w> {
    /// A check that calls `should_continue` after every 64 KiB, and ends if it returns `false`.
    pub(super) fn new(should_continue: &'w dyn Fn() -> bool) -> Self {
        let open = NestingStack::default();
        Self { open, has_surrogate_escapes: false, next_check: 0, should_continue }
    }

    /// Checks the value that the text begins with, whatever follows it. The error is the same as that
    /// of [`check_document`].
    pub(super) fn check_first_value(&mut self, text: &str) -> Result<ValidValue, usize> {
        let bytes = text.as_bytes();
        self.next_check = bytes.len().saturating_sub(PIECE);
        match self.value(skip_whitespace(bytes)) {
            Ok(rest) => Ok(ValidValue {
                end: bytes.len().wrapping_sub(rest.len()),
                depth: self.open.max_depth,
                has_surrogate_escapes: self.has_surrogate_escapes,
            }),
            Err(remaining) => Err(bytes.len().wrapping_sub(remaining)),
        }
    }

    /// Asks after each piece of the text whether to continue. `rest`: the text after the checked part.
    #[inline(always)]
    fn ask(&mut self, rest: &[u8]) -> Result<(), usize> {
        if rest.len() < self.next_check && !self.should_continue(rest.len()) {
            return Err(rest.len());
        }
        Ok(())
    }

    #[cold]
    fn should_continue(&mut self, remaining: usize) -> bool {
        self.next_check = remaining.saturating_sub(PIECE);
        (self.should_continue)()
    }

    /// The number of containers that were opened.
    pub(super) fn opened(&self) -> usize {
        self.open.container_count
    }

    /// Checks the value that the text begins with, without recursion.
    fn value<'a>(&mut self, from: &'a [u8]) -> ParseResult<'a> {
        let mut rest = match from {
            [bracket @ (b'{' | b'['), inside @ ..] => {
                let _ = self.open.push(*bracket == b'{');
                inside
            }
            _ => return self.scalar(from),
        };
        let mut at_first = true;
        while self.open.depth > 0 {
            let bracket;
            (bracket, rest) = match self.open.objects & 1 == 1 {
                true => self.container_items::<b'}'>(rest, at_first)?,
                false => self.container_items::<b']'>(rest, at_first)?,
            };
            at_first = matches!(bracket, Bracket::Open(_));
            match bracket {
                Bracket::Open(object) if !self.open.push(object) => return Err(rest.len()),
                Bracket::Open(_) => {}
                Bracket::Close => self.open.pop(),
            }
            self.ask(rest)?;
        }
        Ok(rest)
    }

    /// Checks the members or elements of a container up to the next bracket. The text begins after the
    /// opening bracket (`at_first`) or after a value.
    #[inline(always)]
    fn container_items<'a, const CLOSER: u8>(
        &mut self,
        from: &'a [u8],
        at_first: bool,
    ) -> Result<(Bracket, &'a [u8]), usize> {
        let mut item =
            if at_first { first_item::<CLOSER>(from) } else { next_item::<CLOSER>(from)? };
        loop {
            let mut rest = match item {
                NextItem::Item(rest) => rest,
                NextItem::End(after) => return Ok((Bracket::Close, after)),
            };
            if CLOSER == b'}' {
                rest = self.name(rest)?;
            }
            rest = match rest {
                [b'{', inside @ ..] => return Ok((Bracket::Open(true), inside)),
                [b'[', inside @ ..] => return Ok((Bracket::Open(false), inside)),
                _ => self.scalar(rest)?,
            };
            self.ask(rest)?;
            item = next_item::<CLOSER>(rest)?;
        }
    }

    /// Checks a name and its colon. Returns the text from the value on.
    #[inline(always)]
    fn name<'a>(&mut self, rest: &'a [u8]) -> ParseResult<'a> {
        let [b'"', content @ ..] = rest else { return Err(rest.len()) };
        match self.string(content)? {
            [b':', after @ ..] => Ok(skip_whitespace(after)),
            rest => match skip_whitespace(rest) {
                [b':', after @ ..] => Ok(skip_whitespace(after)),
                other => Err(other.len()),
            },
        }
    }

    #[inline(always)]
    fn scalar<'a>(&mut self, rest: &'a [u8]) -> ParseResult<'a> {
        match rest {
            [b'"', content @ ..] => self.string(content),
            [b'1'..=b'9', digits @ ..] => number_end(skip_digits(digits)),
            [b'0', after @ ..] => number_end(after),
            [b'-', b'1'..=b'9', digits @ ..] => number_end(skip_digits(digits)),
            [b'-', b'0', after @ ..] => number_end(after),
            [b't', b'r', b'u', b'e', after @ ..]
            | [b'f', b'a', b'l', b's', b'e', after @ ..]
            | [b'n', b'u', b'l', b'l', after @ ..] => Ok(after),
            _ => Err(scalar_error(rest)),
        }
    }

    /// Checks the string whose content the text begins with.
    #[inline(always)]
    fn string<'a>(&mut self, content: &'a [u8]) -> ParseResult<'a> {
        let mut rest = content;
        loop {
            rest = block::skip_until(rest, block::string_special);
            rest = match rest {
                [b'"', after @ ..] => return Ok(after),
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', after @ ..] => {
                    after
                }
                [b'\\', escape @ ..] => self.code_unit(escape)?,
                _ => return Err(rest.len()),
            };
            self.ask(rest)?;
        }
    }

    /// Checks the escape of a code unit. The text begins after the backslash. If the escape is invalid,
    /// the defect is at the backslash.
    #[inline(never)]
    fn code_unit<'a>(&mut self, escape: &'a [u8]) -> ParseResult<'a> {
        let defect = Err(escape.len().wrapping_add(1));
        let digits = match escape {
            [] => return Err(0),
            [b'u', digits @ ..] => digits,
            _ => return defect,
        };
        let whole = digits.split_at_checked(4);
        let (digits, after) = whole.unwrap_or((digits, &[]));
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return defect;
        }
        self.has_surrogate_escapes |=
            matches!(digits, [b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
        if whole.is_some() { Ok(after) } else { Err(0) }
    }
}

/// The next item of a container, or its end.
enum NextItem<'a> {
    /// The text from a member or element on.
    Item(&'a [u8]),
    /// The text after the closing bracket.
    End(&'a [u8]),
}

/// The item after an opening bracket.
#[inline(always)]
fn first_item<const CLOSER: u8>(rest: &[u8]) -> NextItem<'_> {
    match skip_whitespace(rest) {
        [byte, after @ ..] if *byte == CLOSER => NextItem::End(after),
        item => NextItem::Item(item),
    }
}

/// The item after the end of another item.
#[inline(always)]
fn next_item<const CLOSER: u8>(rest: &[u8]) -> Result<NextItem<'_>, usize> {
    if let [b',', after @ ..] = rest {
        return Ok(NextItem::Item(skip_whitespace(after)));
    }
    match skip_whitespace(rest) {
        [byte, after @ ..] if *byte == CLOSER => Ok(NextItem::End(after)),
        [b',', after @ ..] => Ok(NextItem::Item(skip_whitespace(after))),
        other => Err(other.len()),
    }
}

/// Checks the number whose integer part ends at the beginning of the text.
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

/// The rest of the text after its digits, at least one.
fn digits_end(from: &[u8]) -> ParseResult<'_> {
    let rest = skip_digits(from);
    if rest.len() == from.len() { Err(from.len()) } else { Ok(rest) }
}

#[inline(always)]
fn skip_digits(rest: &[u8]) -> &[u8] {
    block::skip_until(rest, block::not_digit)
}

/// The position of the defect in an invalid scalar, in bytes from the end.
#[cold]
#[inline(never)]
fn scalar_error(rest: &[u8]) -> usize {
    let matched = ["true", "false", "null", "-"].map(|expected| {
        rest.iter().zip(expected.as_bytes()).take_while(|(byte, expected)| byte == expected).count()
    });
    rest.len().wrapping_sub(matched.into_iter().max().unwrap_or(0))
}

#[cfg(test)]
mod tests;
