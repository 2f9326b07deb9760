//! A bearer token in a file that another program replaces, such as the tokens of Kubernetes.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use zeroize::Zeroizing;

use crate::auth::token::Token;
use crate::code::io_error_text;
use crate::request::FileVersion;

/// Some editors write it at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// No token is longer.
const MAX_BYTES: usize = 64 * 1024;

/// The file, and the last token that it contained. Any number of threads may use it; it has no lock.
pub struct TokenFile {
    path: String,
    last: ArcSwapOption<LastToken>,
}

struct LastToken {
    token: Arc<Token>,
    version: FileVersion,
}

impl TokenFile {
    /// A file that is read when a call needs it.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), last: ArcSwapOption::const_empty() }
    }

    /// The token in the file. Reads the file if its size or its time of change differ from the last
    /// time. If it does not contain a token, this is the last one.
    ///
    /// # Errors
    /// Why there is no token, in one line.
    pub fn token(&self) -> Result<Arc<Token>, String> {
        let last = self.last.load();
        let Some(last) = &*last else { return self.read() };
        let unchanged = std::fs::metadata(&self.path)
            .is_ok_and(|metadata| FileVersion::from(&metadata) == last.version);
        if unchanged {
            return Ok(Arc::clone(&last.token));
        }
        Ok(self.read().unwrap_or_else(|_| Arc::clone(&last.token)))
    }

    /// Reads the file even if it looks unchanged. Returns whether it has another token than this one.
    #[must_use]
    pub fn read_again(&self, refused: &Arc<Token>) -> bool {
        self.read().is_ok_and(|token| !token.has_value_of(refused))
    }

    fn read(&self) -> Result<Arc<Token>, String> {
        let (text, version) = self.text().map_err(|problem| self.problem(&problem))?;
        let token =
            Token::new(text.trim_start_matches(BYTE_ORDER_MARK).trim(), None, Instant::now());
        let token = Arc::new(token.map_err(|error| self.problem(&error.message))?);
        let last = LastToken { token: Arc::clone(&token), version };
        self.last.store(Some(Arc::new(last)));
        Ok(token)
    }

    /// The content of the file, and the version that it belongs to.
    fn text(&self) -> Result<(Zeroizing<String>, FileVersion), String> {
        let text_of = |error: std::io::Error| io_error_text(&error);
        // Without O_NONBLOCK, open(2) of a FIFO waits for a writer.
        let mut file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(&self.path)
            .map_err(text_of)?;
        let version_of = |file: &File| file.metadata().map(|data| FileVersion::from(&data));
        let version = version_of(&file).map_err(text_of)?;
        // With its full size, because a vector that grows leaves copies in memory.
        let mut bytes = Zeroizing::new(vec![0; MAX_BYTES]);
        let mut length = 0;
        loop {
            match file.read(bytes.get_mut(length..).unwrap_or_default()).map_err(text_of)? {
                0 => break,
                read => length = length.saturating_add(read),
            }
        }
        if length >= MAX_BYTES {
            return Err(format!("it is longer than {MAX_BYTES} bytes"));
        }
        if version_of(&file).map_err(text_of)? != version {
            return Err("it changed while it was read".to_owned());
        }
        let text = std::str::from_utf8(bytes.get(..length).unwrap_or_default());
        let text = text.map_err(|_| "it is not valid UTF-8".to_owned())?;
        Ok((Zeroizing::new(text.to_owned()), version))
    }

    fn problem(&self, problem: &str) -> String {
        format!("the token file {:?} has no token: {problem}", self.path)
    }
}

#[cfg(test)]
mod tests;
