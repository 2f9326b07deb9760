//! Reading a raw request.

use std::io::{self, BufRead, ErrorKind};

/// A request, with all its bytes.
pub struct Request {
    bytes: Vec<u8>,
}

impl Request {
    /// Reads the next request; none if the peer has closed the connection.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        loop {
            let before = bytes.len();
            if stream.read_until(b'\n', &mut bytes)? == 0 {
                return if bytes.is_empty() { Ok(None) } else { Err(truncated()) };
            }
            if bytes.get(before..) == Some(b"\r\n") {
                break;
            }
        }
        let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if field(&head, "transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            read_chunks(stream, &mut bytes)?;
        } else if let Some(length) = field(&head, "content-length") {
            read_exactly(stream, length.parse().map_err(|_| truncated())?, &mut bytes)?;
        }
        Ok(Some(Self { bytes }))
    }

    /// The target of the request line.
    pub fn target(&self) -> String {
        self.text().split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// The request as text, in which bytes that are not UTF-8 are lost.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The value of a field in a lower-case head.
fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim())
}

fn read_exactly(stream: &mut impl BufRead, length: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    if io::copy(&mut io::Read::take(stream, length), bytes)? == length {
        Ok(())
    } else {
        Err(truncated())
    }
}

/// RFC 9112 section 7.1, without trailer fields, because no case sends any.
fn read_chunks(stream: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let before = bytes.len();
        stream.read_until(b'\n', bytes)?;
        let line = String::from_utf8_lossy(bytes.get(before..).unwrap_or_default()).into_owned();
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16).map_err(|_| truncated())?;
        read_exactly(stream, length.saturating_add(2), bytes)?;
        if length == 0 {
            return Ok(());
        }
    }
}

fn truncated() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the request is truncated")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_on_one_connection_are_separated() {
        let wire = "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi\
                    PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
                    GET /c HTTP/1.1\r\n\r\n";
        let mut stream = wire.as_bytes();
        let mut read = || Request::read(&mut stream).unwrap();
        assert!(read().unwrap().text().ends_with("\r\n\r\nhi"));
        assert!(read().unwrap().text().ends_with("0\r\n\r\n"));
        assert_eq!(read().unwrap().target(), "/c");
        assert!(read().is_none());
    }

    #[test]
    fn a_truncated_request_is_an_error() {
        for wire in ["GET / HT", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhi"] {
            assert!(Request::read(&mut wire.as_bytes()).is_err(), "{wire:?} was accepted");
        }
    }
}
