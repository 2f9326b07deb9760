//! Texts that are made in memory, which may run out.

use std::io;

use crate::code::{Code, Error};

/// There is not enough memory for a JSON body.
pub(super) fn out_of_memory() -> Error {
    Error::new(Code::TooLarge, "there is not enough memory for the JSON to send")
}

/// A copy of a text.
pub(super) fn copy(text: &str) -> Result<Box<str>, Error> {
    let mut copied = String::new();
    copied.try_reserve_exact(text.len()).map_err(|_| out_of_memory())?;
    copied.push_str(text);
    Ok(copied.into_boxed_str())
}

/// Appends to a text.
pub(super) fn append(text: &mut String, piece: &str) -> Result<(), Error> {
    text.try_reserve(piece.len()).map_err(|_| out_of_memory())?;
    text.push_str(piece);
    Ok(())
}

/// The JSON string with this content: in quotes, with escapes.
pub(super) fn quote(content: &str) -> Result<Box<str>, Error> {
    let mut quoted = Growing(Vec::new());
    serde_json::to_writer(&mut quoted, content).map_err(|_| out_of_memory())?;
    String::from_utf8(quoted.0).map(String::into_boxed_str).map_err(|_| out_of_memory())
}

/// Bytes that grow if there is memory.
struct Growing(Vec<u8>);

impl io::Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_reserve(bytes.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
