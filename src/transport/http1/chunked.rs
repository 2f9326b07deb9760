//! Decodes the chunked transfer coding strictly (RFC 9112 section 7.1).
//!
//! If two parties disagree where a body ends, one can smuggle a response past the other. So any
//! violation of the grammar is refused. Extensions and trailers are dropped: no caller needs them.

use crate::transport::error::TransportResult;

use super::error::protocol_error;

/// The maximum number of bytes by which extensions and trailers may exceed the data.
const MAX_OVERHEAD: u64 = 16 * 1024;
/// A size with more digits does not fit into 64 bits.
const MAX_DIGITS: u8 = 16;

/// The next expected element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkedState {
    Digit,
    /// More whitespace, an extension or the end of the line.
    AfterSpace,
    Extension,
    SizeLf,
    Data(u64),
    DataCr,
    DataLf,
    TrailerOrEnd,
    Trailer,
    TrailerLf,
    EndLf,
    /// The end of the body.
    End,
}

/// Extracts the data from a chunked body, piece by piece.
#[derive(Debug)]
pub(in crate::transport) struct ChunkedDecoder {
    state: ChunkedState,
    size: u64,
    digits: u8,
    /// The number of bytes by which extensions and trailers exceed the data.
    overhead: u64,
    error: Option<&'static str>,
    /// Bytes follow the end of the body.
    has_extra_bytes: bool,
}

impl ChunkedDecoder {
    pub(in crate::transport) const fn new() -> Self {
        Self {
            state: ChunkedState::Digit,
            size: 0,
            digits: 0,
            overhead: 0,
            error: None,
            has_extra_bytes: false,
        }
    }

    /// Whether the body has ended.
    pub(in crate::transport) fn ended(&self) -> bool {
        self.state == ChunkedState::End
    }

    /// Whether bytes follow the end of the body. They may belong to another response.
    pub(in crate::transport) fn has_extra_bytes(&self) -> bool {
        self.has_extra_bytes
    }

    /// Fails if the last piece was malformed.
    pub(in crate::transport) fn check(&self) -> TransportResult<()> {
        self.error.map_or(Ok(()), |error| Err(protocol_error(error)))
    }

    /// Parses a received piece, and moves its data to the front; returns the length of the data.
    /// Stops at an error.
    pub(in crate::transport) fn decode(&mut self, piece: &mut [u8]) -> usize {
        let (mut from, mut data_length) = (0, 0_usize);
        while let Some(&byte) = piece.get(from) {
            if let ChunkedState::Data(size) = self.state {
                let run = self.take_data(size, piece.len().saturating_sub(from));
                let end = from.saturating_add(run);
                piece.copy_within(from..end, data_length);
                (from, data_length) = (end, data_length.saturating_add(run));
                continue;
            }
            if self.ended() {
                self.has_extra_bytes = true;
                break;
            }
            if let Err(error) = self.step(byte) {
                self.error = Some(error);
                break;
            }
            from = from.saturating_add(1);
        }
        data_length
    }

    /// The number of bytes of the current chunk in the piece.
    fn take_data(&mut self, size: u64, available: usize) -> usize {
        let run = usize::try_from(size).unwrap_or(available).min(available);
        let size = size.saturating_sub(run as u64);
        self.overhead = self.overhead.saturating_sub(run as u64);
        self.state = if size == 0 { ChunkedState::DataCr } else { ChunkedState::Data(size) };
        run
    }

    fn step(&mut self, byte: u8) -> Result<(), &'static str> {
        let next = match (self.state, byte) {
            (ChunkedState::Digit, _) => self.size_line(byte)?,
            (ChunkedState::AfterSpace, b' ' | b'\t') => ChunkedState::AfterSpace,
            (ChunkedState::AfterSpace, b';') => ChunkedState::Extension,
            (ChunkedState::AfterSpace | ChunkedState::Extension, b'\r') => ChunkedState::SizeLf,
            (ChunkedState::Extension, byte) if byte != b'\n' => ChunkedState::Extension,
            (ChunkedState::SizeLf, b'\n') if self.size == 0 => ChunkedState::TrailerOrEnd,
            (ChunkedState::SizeLf, b'\n') => ChunkedState::Data(self.size),
            (ChunkedState::DataCr, b'\r') => ChunkedState::DataLf,
            (ChunkedState::DataLf, b'\n') => {
                (self.size, self.digits) = (0, 0);
                ChunkedState::Digit
            }
            (ChunkedState::TrailerOrEnd, b'\r') => ChunkedState::EndLf,
            (ChunkedState::Trailer, b'\r') => ChunkedState::TrailerLf,
            (ChunkedState::TrailerOrEnd | ChunkedState::Trailer, byte) if byte != b'\n' => {
                ChunkedState::Trailer
            }
            (ChunkedState::TrailerLf, b'\n') => ChunkedState::TrailerOrEnd,
            (ChunkedState::EndLf, b'\n') => ChunkedState::End,
            (ChunkedState::DataCr | ChunkedState::DataLf, _) => {
                return Err("a chunk is longer or shorter than its size");
            }
            (ChunkedState::AfterSpace, byte) if byte != b'\n' => return Err(NO_SIZE),
            _ => return Err(NO_LINE_END),
        };
        self.count_overhead(next)?;
        self.state = next;
        Ok(())
    }

    /// Counts the bytes of extensions and trailers.
    fn count_overhead(&mut self, next: ChunkedState) -> Result<(), &'static str> {
        let is_overhead = matches!(
            next,
            ChunkedState::AfterSpace
                | ChunkedState::Extension
                | ChunkedState::Trailer
                | ChunkedState::TrailerLf
        );
        self.overhead = self.overhead.saturating_add(u64::from(is_overhead));
        if self.overhead > MAX_OVERHEAD {
            return Err("the extensions and trailers of its chunks are too large");
        }
        Ok(())
    }

    fn size_line(&mut self, byte: u8) -> Result<ChunkedState, &'static str> {
        match (char::from(byte).to_digit(16), byte) {
            (Some(_), _) if self.digits >= MAX_DIGITS => Err("a chunk's size is too large"),
            (Some(digit), _) => {
                self.digits = self.digits.saturating_add(1);
                self.size = (self.size << 4) | u64::from(digit);
                Ok(ChunkedState::Digit)
            }
            _ if self.digits == 0 => Err(NO_SIZE),
            (None, b'\r') => Ok(ChunkedState::SizeLf),
            (None, b' ' | b'\t') => Ok(ChunkedState::AfterSpace),
            (None, b';') => Ok(ChunkedState::Extension),
            (None, b'\n') => Err(NO_LINE_END),
            _ => Err(NO_SIZE),
        }
    }
}

const NO_SIZE: &str = "a chunk's size is not a hexadecimal number";
const NO_LINE_END: &str = "a line of its chunked body does not end in CR LF";

#[cfg(test)]
mod tests {
    use super::*;

    /// The data, if the body arrives in pieces of this length.
    fn decode(body: &str, length: usize) -> (String, ChunkedDecoder) {
        let (mut chunks, mut data) = (ChunkedDecoder::new(), Vec::new());
        for piece in body.as_bytes().chunks(length) {
            let mut piece = piece.to_vec();
            let data_length = chunks.decode(&mut piece);
            data.extend_from_slice(&piece[..data_length]);
            if chunks.check().is_err() {
                break;
            }
        }
        (String::from_utf8(data).unwrap(), chunks)
    }

    fn in_any_pieces(body: &str, check: impl Fn(String, ChunkedDecoder)) {
        for length in 1..=body.len() {
            let (data, chunks) = decode(body, length);
            check(data, chunks);
        }
    }

    #[test]
    fn the_data_of_all_chunks_is_joined() {
        in_any_pieces("5\r\nhello\r\n0a\r\n, the wrld\r\n0\r\n\r\n", |data, chunks| {
            assert_eq!(data, "hello, the wrld");
            assert!(chunks.ended() && !chunks.has_extra_bytes());
        });
    }

    #[test]
    fn extensions_trailers_and_bytes_after_the_end_are_removed() {
        let body =
            "5 ;name=\"value\"\r\nhello\r\n1\t \r\n!\r\n00;last\r\nX-Sum: 1\r\nY: 2\r\n\r\nextra";
        in_any_pieces(body, |data, chunks| {
            assert_eq!(data, "hello!");
            assert!(chunks.ended() && chunks.has_extra_bytes());
        });
    }

    #[test]
    fn no_data_follows_an_error() {
        for (before, error, data) in [
            ("", "x\r\n", ""),
            ("", "+5\r\nhello\r\n", ""),
            ("", "-1\r\n", ""),
            ("", "\r\n5\r\nhello", ""),
            ("", ";ext\r\n", ""),
            (" ", "5\r\n", ""),
            ("0", "x5\r\n", ""),
            ("5", "\nhello", ""),
            ("5\r", "hello", ""),
            ("5", ";a\nb\r\nhello", ""),
            ("5", " 6\r\nhello", ""),
            ("5\r\nhello", "!\r\n", "hello"),
            ("5\r\nhello\r", "0\r\n\r\n", "hello"),
            ("5\r\nhello", "\n0\r\n\r\n", "hello"),
            ("0123456789abcdef", "0\r\n", ""),
            ("0\r\n", "\n", ""),
            ("0\r\n", "X: 1\n\r\n", ""),
            ("0\r\n", "X: 1\rY: 2\r\n\r\n", ""),
            ("0\r\n\r", "\r\n", ""),
        ] {
            in_any_pieces(&[before, error].concat(), |passed, chunks| {
                assert_eq!(passed, data, "{before:?} {error:?}");
                assert!(chunks.check().is_err(), "{before:?} {error:?}");
                assert!(!chunks.ended());
            });
        }
    }

    #[test]
    fn a_line_feed_alone_and_an_invalid_size_have_different_errors() {
        for (body, error) in [
            ("5\nhello", NO_LINE_END),
            ("5 \nhello", NO_LINE_END),
            ("5;a\nhello", NO_LINE_END),
            ("5x\r\nhello", NO_SIZE),
            ("5 6\r\nhello", NO_SIZE),
            ("\n5\r\nhello", NO_SIZE),
        ] {
            in_any_pieces(body, |_, chunks| assert_eq!(chunks.error, Some(error), "{body:?}"));
        }
    }

    #[test]
    fn the_size_of_extensions_and_trailers_is_limited() {
        let long = "x".repeat(usize::try_from(MAX_OVERHEAD).unwrap());
        for body in [
            format!("5;{long}"),
            format!("0\r\n{long}x"),
            format!("0\r\n{}", "X: 1\r\n".repeat(4000)),
        ] {
            assert!(decode(&body, 1000).1.check().is_err());
        }
        let paid = format!("4001;{}\r\n{}x\r\n0\r\n\r\n", &long[1..], long);
        let twice = [paid.trim_end_matches("0\r\n\r\n"), &paid].concat();
        let (_, chunks) = decode(&twice, 1000);
        chunks.check().unwrap();
        assert!(chunks.ended(), "data makes room for extensions");
    }

    #[test]
    fn a_body_without_its_last_line_has_not_ended() {
        for end in 0.."0\r\n\r\n".len() {
            assert!(!decode(&["5\r\nhello\r\n", &"0\r\n\r\n"[..end]].concat(), 100).1.ended());
        }
    }
}
