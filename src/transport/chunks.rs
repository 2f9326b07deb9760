//! The chunked transfer coding, looked through before ureq undoes it, and strictly (RFC 9112
//! section 7.1).
//!
//! ureq takes `+5` for a size, and an end without its last line for an end. It gets to see nothing
//! that breaks the grammar, and neither extensions nor trailers, which nobody here wants.

use super::fault::Outcome;
use super::head::invalid;

/// How much longer extensions and trailers may be than the data.
const MAX_REST: u64 = 16 * 1024;
/// A size with more digits has no place in 64 bits.
const MAX_DIGITS: u8 = 16;

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Digit,
    /// More spaces, an extension or the end of the line.
    AfterSpace,
    Extension,
    SizeLineFeed,
    Data(u64),
    DataReturn,
    DataLineFeed,
    TrailerOrEnd,
    Trailer,
    TrailerLineFeed,
    LastLineFeed,
    /// The body has ended.
    Nothing,
}

/// Whether ureq is to see a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Keep,
    Drop,
}

/// Looks through a chunked body, piece by piece.
#[derive(Debug)]
pub(super) struct ChunkScan {
    expect: Expect,
    size: u64,
    digits: u8,
    /// By how much extensions and trailers are longer than the data.
    rest: u64,
    defect: Option<&'static str>,
}

impl ChunkScan {
    pub(super) const fn new() -> Self {
        Self { expect: Expect::Digit, size: 0, digits: 0, rest: 0, defect: None }
    }

    /// Whether the body has ended.
    pub(super) fn ended(&self) -> bool {
        self.expect == Expect::Nothing
    }

    /// Fails where the last piece was broken.
    pub(super) fn check(&self) -> Outcome<()> {
        self.defect.map_or(Ok(()), |defect| Err(invalid(defect)))
    }

    /// Looks at a piece that has come, and moves what ureq is to see of it to its front; returns
    /// how much that is. It ends before a defect.
    pub(super) fn pass(&mut self, piece: &mut [u8]) -> usize {
        let (mut from, mut kept) = (0, 0_usize);
        while let Some(&byte) = piece.get(from) {
            let left = piece.len().saturating_sub(from);
            let run = match self.expect {
                Expect::Data(size) => self.data(size, left),
                Expect::Nothing => left,
                _ => match self.step(byte) {
                    Ok(Fate::Keep) => 1,
                    Ok(Fate::Drop) => {
                        from = from.saturating_add(1);
                        continue;
                    }
                    Err(defect) => {
                        self.defect = Some(defect);
                        return kept;
                    }
                },
            };
            let end = from.saturating_add(run);
            if kept < from {
                piece.copy_within(from..end, kept);
            }
            from = end;
            kept = kept.saturating_add(run);
        }
        kept
    }

    /// How many bytes of a chunk's data there are.
    fn data(&mut self, size: u64, left: usize) -> usize {
        let run = usize::try_from(size).unwrap_or(left).min(left);
        let size = size.saturating_sub(run as u64);
        self.rest = self.rest.saturating_sub(run as u64);
        self.expect = if size == 0 { Expect::DataReturn } else { Expect::Data(size) };
        run
    }

    fn step(&mut self, byte: u8) -> Result<Fate, &'static str> {
        let (expect, fate) = match (self.expect, byte) {
            (Expect::Digit, _) => self.size_line(byte)?,
            (Expect::AfterSpace, b' ' | b'\t') => (Expect::AfterSpace, Fate::Drop),
            (Expect::AfterSpace, b';') => (Expect::Extension, Fate::Drop),
            (Expect::AfterSpace | Expect::Extension, b'\r') => (Expect::SizeLineFeed, Fate::Keep),
            (Expect::Extension, byte) if byte != b'\n' => (Expect::Extension, Fate::Drop),
            (Expect::SizeLineFeed, b'\n') if self.size == 0 => (Expect::TrailerOrEnd, Fate::Keep),
            (Expect::SizeLineFeed, b'\n') => (Expect::Data(self.size), Fate::Keep),
            (Expect::DataReturn, b'\r') => (Expect::DataLineFeed, Fate::Keep),
            (Expect::DataLineFeed, b'\n') => {
                (self.size, self.digits) = (0, 0);
                (Expect::Digit, Fate::Keep)
            }
            (Expect::TrailerOrEnd, b'\r') => (Expect::LastLineFeed, Fate::Keep),
            (Expect::Trailer, b'\r') => (Expect::TrailerLineFeed, Fate::Drop),
            (Expect::TrailerOrEnd | Expect::Trailer, byte) if byte != b'\n' => {
                (Expect::Trailer, Fate::Drop)
            }
            (Expect::TrailerLineFeed, b'\n') => (Expect::TrailerOrEnd, Fate::Drop),
            (Expect::LastLineFeed, b'\n') => (Expect::Nothing, Fate::Keep),
            (Expect::DataReturn | Expect::DataLineFeed, _) => {
                return Err("a chunk is longer or shorter than its size");
            }
            (Expect::AfterSpace, _) => return Err(NO_SIZE),
            _ => return Err("a line of its chunked body does not end in CR LF"),
        };
        if fate == Fate::Drop {
            self.rest = self.rest.saturating_add(1);
        }
        if self.rest > MAX_REST {
            return Err("its chunks have more extensions or trailers than anybody can need");
        }
        self.expect = expect;
        Ok(fate)
    }

    fn size_line(&mut self, byte: u8) -> Result<(Expect, Fate), &'static str> {
        match (char::from(byte).to_digit(16), byte) {
            (Some(_), _) if self.digits >= MAX_DIGITS => Err("a chunk's size is too large"),
            (Some(digit), _) => {
                self.digits = self.digits.saturating_add(1);
                self.size = (self.size << 4) | u64::from(digit);
                Ok((Expect::Digit, Fate::Keep))
            }
            _ if self.digits == 0 => Err(NO_SIZE),
            (None, b'\r') => Ok((Expect::SizeLineFeed, Fate::Keep)),
            (None, b' ' | b'\t') => Ok((Expect::AfterSpace, Fate::Drop)),
            (None, b';') => Ok((Expect::Extension, Fate::Drop)),
            _ => Err(NO_SIZE),
        }
    }
}

const NO_SIZE: &str = "a chunk's size is not a hexadecimal number";

#[cfg(test)]
mod tests {
    use super::*;

    /// What ureq gets to see, where the body comes in pieces of this length.
    fn passed(body: &str, length: usize) -> (String, ChunkScan) {
        let (mut scan, mut seen) = (ChunkScan::new(), Vec::new());
        for piece in body.as_bytes().chunks(length) {
            let mut piece = piece.to_vec();
            let kept = scan.pass(&mut piece);
            seen.extend_from_slice(&piece[..kept]);
            if scan.check().is_err() {
                break;
            }
        }
        (String::from_utf8(seen).unwrap(), scan)
    }

    fn in_any_pieces(body: &str, check: impl Fn(String, ChunkScan)) {
        for length in 1..=body.len() {
            let (seen, scan) = passed(body, length);
            check(seen, scan);
        }
    }

    #[test]
    fn chunks_in_order_are_passed_on_as_they_are() {
        let body = "5\r\nhello\r\n0a\r\n, the wrld\r\n0\r\n\r\n";
        in_any_pieces(body, |seen, scan| {
            assert_eq!(seen, body);
            assert!(scan.ended());
        });
    }

    #[test]
    fn extensions_and_trailers_are_cut_out() {
        let body =
            "5 ;name=\"value\"\r\nhello\r\n1\t \r\n!\r\n00;last\r\nX-Sum: 1\r\nY: 2\r\n\r\nbehind";
        in_any_pieces(body, |seen, scan| {
            assert_eq!(seen, "5\r\nhello\r\n1\r\n!\r\n00\r\n\r\nbehind");
            assert!(scan.ended());
        });
    }

    #[test]
    fn nothing_is_passed_on_from_a_defect_on() {
        for (before, defect) in [
            ("", "x\r\n"),
            ("", "+5\r\nhello\r\n"),
            ("", "-1\r\n"),
            ("", "\r\n5\r\nhello"),
            ("", ";ext\r\n"),
            (" ", "5\r\n"),
            ("0", "x5\r\n"),
            ("5", "\nhello"),
            ("5\r", "hello"),
            ("5", ";a\nb\r\nhello"),
            ("5", " 6\r\nhello"),
            ("5\r\nhello", "!\r\n"),
            ("5\r\nhello\r", "0\r\n\r\n"),
            ("5\r\nhello", "\n0\r\n\r\n"),
            ("0123456789abcdef", "0\r\n"),
            ("0\r\n", "\n"),
            ("0\r\n", "X: 1\n\r\n"),
            ("0\r\n", "X: 1\rY: 2\r\n\r\n"),
            ("0\r\n\r", "\r\n"),
        ] {
            in_any_pieces(&[before, defect].concat(), |seen, scan| {
                assert_eq!(seen, before.trim_start(), "{defect:?}");
                assert!(scan.check().is_err(), "{before:?} {defect:?}");
                assert!(!scan.ended());
            });
        }
    }

    #[test]
    fn extensions_and_trailers_have_an_end() {
        let long = "x".repeat(usize::try_from(MAX_REST).unwrap());
        for body in [
            format!("5;{long}"),
            format!("0\r\n{long}x"),
            format!("0\r\n{}", "X: 1\r\n".repeat(4000)),
        ] {
            assert!(passed(&body, 1000).1.check().is_err());
        }
        let paid = format!("4001;{}\r\n{}x\r\n0\r\n\r\n", &long[1..], long);
        let twice = [paid.trim_end_matches("0\r\n\r\n"), &paid].concat();
        let (_, scan) = passed(&twice, 1000);
        scan.check().unwrap();
        assert!(scan.ended(), "data outweighs extensions");
    }

    #[test]
    fn a_body_without_its_last_line_has_not_ended() {
        for end in 0.."0\r\n\r\n".len() {
            assert!(!passed(&["5\r\nhello\r\n", &"0\r\n\r\n"[..end]].concat(), 100).1.ended());
        }
    }
}
