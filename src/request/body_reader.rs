//! A body that is read while it is sent: a sequence of bytes in memory and of files.
//!
//! A body must have exactly the length of its `Content-Length`, and a later attempt must send the
//! same body as the first. So the reader records the version of a file when it opens it, and
//! compares it after the last byte and when it opens the file again.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{Cursor, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::rc::Rc;
use std::sync::Arc;

use crate::code::{Code, Error, io_error_text};

use super::output::{BodyCallback, RewindCallback};

/// The versions of the files when the call first opened them, and the hash of the body. Kept for later
/// attempts.
#[derive(Debug, Default)]
pub struct FileVersions {
    files: Vec<FileVersion>,
    /// The SHA-256 of the body, if it was needed.
    sha256: Option<[u8; 32]>,
    /// Whether the body callback was called since it last began.
    callback_started: Rc<Cell<bool>>,
}

impl FileVersions {
    /// Makes the body callback begin again, if it was called before.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if it cannot.
    pub(super) fn begin_callback(&self, rewind: Option<&RewindCallback>) -> Result<(), Error> {
        if self.callback_started.get() && !rewind.is_some_and(|rewind| rewind()) {
            let message = "the body callback cannot begin again: it has no rewind callback, or \
                           that has refused";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        self.callback_started.set(false);
        Ok(())
    }

    /// The SHA-256 of the body, if it was computed before.
    pub(super) fn sha256(&self) -> Option<[u8; 32]> {
        self.sha256
    }

    pub(super) fn set_sha256(&mut self, sha256: [u8; 32]) {
        self.sha256 = Some(sha256);
    }

    /// Whether a body callback was called.
    #[must_use]
    pub fn callback_started(&self) -> bool {
        self.callback_started.get()
    }
}

/// The identity of a file and its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileVersion {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl From<&Metadata> for FileVersion {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// A body opened for one attempt.
#[derive(Debug, Default)]
pub struct BodyReader {
    segments: VecDeque<Segment>,
    opened_files: usize,
    length: u64,
    is_unlimited: bool,
}

#[derive(Debug)]
enum Segment {
    Memory(Cursor<Arc<[u8]>>),
    File(OpenFile),
    Callback(CallbackReader),
}

/// The bytes that a callback writes.
struct CallbackReader {
    callback: BodyCallback,
    /// The bytes that are still expected, if the length is known.
    remaining: Option<u64>,
    started: Rc<Cell<bool>>,
}

impl fmt::Debug for CallbackReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackReader").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}

impl CallbackReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.remaining == Some(0) || buffer.is_empty() {
            return Ok(0);
        }
        let room = self.remaining.map_or(buffer.len(), |remaining| {
            usize::try_from(remaining).unwrap_or(usize::MAX).min(buffer.len())
        });
        self.started.set(true);
        let written = (self.callback)(buffer.get_mut(..room).unwrap_or_default());
        let written = written.ok_or_else(|| {
            Error::new(Code::Cancelled, "cancelled by the caller's body callback")
        })?;
        if written > room {
            let message = format!("the body callback wrote {written} bytes into {room}");
            return Err(Error::new(Code::InvalidArgument, message));
        }
        if let Some(remaining) = &mut self.remaining {
            if written == 0 {
                let message =
                    format!("the body callback ended {remaining} bytes before its length");
                return Err(Error::new(Code::InvalidArgument, message));
            }
            *remaining = remaining.saturating_sub(written as u64);
        }
        Ok(written)
    }
}

#[derive(Debug)]
struct OpenFile {
    path: Arc<str>,
    file: File,
    version: FileVersion,
    remaining: u64,
}

impl BodyReader {
    /// The length of the whole body in bytes; `None` if it is not known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        (!self.is_unlimited).then_some(self.length)
    }

    /// Appends the bytes that a callback writes.
    pub(super) fn push_callback(
        &mut self,
        callback: &BodyCallback,
        length: Option<u64>,
        versions: &FileVersions,
    ) {
        self.length = self.length.saturating_add(length.unwrap_or(0));
        self.is_unlimited |= length.is_none();
        self.segments.push_back(Segment::Callback(CallbackReader {
            callback: BodyCallback::clone(callback),
            remaining: length,
            started: Rc::clone(&versions.callback_started),
        }));
    }

    /// Appends bytes.
    pub(super) fn push_bytes(&mut self, bytes: Arc<[u8]>) {
        self.length = self.length.saturating_add(bytes.len() as u64);
        self.segments.push_back(Segment::Memory(Cursor::new(bytes)));
    }

    /// Opens a file and appends its content.
    ///
    /// # Errors
    /// [`Code::File`] if it cannot be read, is not a regular file, or has changed since the call
    /// first opened it.
    pub(super) fn push_file(
        &mut self,
        path: &Arc<str>,
        versions: &mut FileVersions,
    ) -> Result<(), Error> {
        let (file, version) = open(path)?;
        match versions.files.get(self.opened_files) {
            Some(first) if *first != version => return Err(changed(path)),
            Some(_) => {}
            None => versions.files.push(version),
        }
        self.opened_files = self.opened_files.saturating_add(1);
        self.length = self.length.saturating_add(version.size);
        self.segments.push_back(Segment::File(OpenFile {
            path: Arc::clone(path),
            file,
            version,
            remaining: version.size,
        }));
        Ok(())
    }

    /// Reads the next bytes. Returns 0 at the end.
    ///
    /// # Errors
    /// [`Code::File`] if a file cannot be read, or has changed since it was opened. The reader does
    /// not return the last bytes of a changed file, so that no server receives a complete body.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        while let Some(segment) = self.segments.front_mut() {
            let read = match segment {
                Segment::Memory(bytes) => copy_out(bytes, buffer),
                Segment::File(file) => file.read(buffer)?,
                Segment::Callback(callback) => callback.read(buffer)?,
            };
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.segments.pop_front();
        }
        Ok(0)
    }
}

fn copy_out(bytes: &mut Cursor<Arc<[u8]>>, buffer: &mut [u8]) -> usize {
    // Reading from memory cannot fail.
    bytes.read(buffer).unwrap_or(0)
}

impl OpenFile {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let max = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(buffer.len());
        if max == 0 {
            return Ok(0);
        }
        let room = buffer.get_mut(..max).unwrap_or_default();
        let read = loop {
            match self.file.read(room) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other.map_err(|error| unreadable(&self.path, &error))?,
            }
        };
        if read == 0 {
            return Err(changed(&self.path));
        }
        self.remaining = self.remaining.saturating_sub(read as u64);
        if self.remaining == 0 && self.version != file_version(&self.path, &self.file)? {
            return Err(changed(&self.path));
        }
        Ok(read)
    }
}

fn open(path: &str) -> Result<(File, FileVersion), Error> {
    // Without O_NONBLOCK, open(2) of a FIFO waits for a writer.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = file.map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(unsuitable(path, "it is not a regular file"));
    }
    // Files in /proc have content but length 0, and would be sent as empty bodies.
    if metadata.len() == 0
        && file.read_at(&mut [0], 0).map_err(|error| unreadable(path, &error))? > 0
    {
        return Err(unsuitable(path, "its length is unknown"));
    }
    Ok((file, FileVersion::from(&metadata)))
}

fn file_version(path: &str, file: &File) -> Result<FileVersion, Error> {
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    Ok(FileVersion::from(&metadata))
}

fn unsuitable(path: &str, reason: &str) -> Error {
    Error::new(Code::File, format!("the file {path} cannot be sent: {reason}"))
}

fn unreadable(path: &str, error: &std::io::Error) -> Error {
    Error::new(Code::File, format!("the file {path} cannot be read: {}", io_error_text(error)))
}

fn changed(path: &str) -> Error {
    Error::new(Code::File, format!("the file {path} changed while it was sent"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(name: &str, content: &[u8]) -> Arc<str> {
        let path = std::env::temp_dir().join(format!("sac-reader-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().into()
    }

    fn read_all(reader: &mut BodyReader) -> Result<Vec<u8>, Error> {
        let (mut content, mut buffer) = (Vec::new(), [0; 5]);
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(content),
                read => content.extend_from_slice(&buffer[..read]),
            }
        }
    }

    #[test]
    fn bytes_and_files_are_read_in_order_and_the_length_is_their_sum() {
        let path = file("segments", b"in a file");
        let mut versions = FileVersions::default();
        for _ in 0..2 {
            let mut reader = BodyReader::default();
            reader.push_bytes((*b"before, ").into());
            reader.push_file(&path, &mut versions).unwrap();
            reader.push_bytes((*b", after").into());
            assert_eq!(reader.length(), Some(24));
            assert_eq!(read_all(&mut reader).unwrap(), b"before, in a file, after");
        }
        std::fs::remove_file(&*path).unwrap();
    }

    #[test]
    fn a_file_that_changes_while_it_is_sent_is_never_sent_completely() {
        for (name, change) in [("shrunk", 3), ("grown", 20)] {
            let path = file(name, b"ten bytes.");
            let mut reader = BodyReader::default();
            reader.push_file(&path, &mut FileVersions::default()).unwrap();
            let mut first = [0; 2];
            reader.read(&mut first).unwrap();
            OpenOptions::new().write(true).open(&*path).unwrap().set_len(change).unwrap();
            let error = read_all(&mut reader).unwrap_err();
            assert_eq!(error.code, Code::File, "{name}: {error}");
            std::fs::remove_file(&*path).unwrap();
        }
    }

    #[test]
    fn a_file_that_changed_since_the_first_attempt_is_refused() {
        let path = file("replayed", b"one");
        let mut versions = FileVersions::default();
        BodyReader::default().push_file(&path, &mut versions).unwrap();
        let mut appending = OpenOptions::new().append(true).open(&*path).unwrap();
        appending.write_all(b" more").unwrap();
        let error = BodyReader::default().push_file(&path, &mut versions).unwrap_err();
        assert_eq!(error.code, Code::File);
        std::fs::remove_file(&*path).unwrap();
        let error = BodyReader::default().push_file(&path, &mut versions).unwrap_err();
        assert_eq!(error.code, Code::File);
        assert!(error.message.contains(&*path), "{error}");
    }

    #[test]
    fn a_file_of_unknown_length_is_refused() {
        let open = |path: &str| {
            BodyReader::default().push_file(&path.into(), &mut FileVersions::default())
        };
        let error = open("/proc/self/status").unwrap_err();
        assert_eq!(error.code, Code::File);
        let expected = "the file /proc/self/status cannot be sent: its length is unknown";
        assert_eq!(error.message, expected);
        let empty = file("empty", b"");
        open(&empty).unwrap();
        std::fs::remove_file(&*empty).unwrap();
    }

    #[test]
    fn anything_but_a_regular_file_is_refused() {
        for path in ["/dev/null", "/", "/nowhere/at/all"] {
            let error = BodyReader::default()
                .push_file(&path.into(), &mut FileVersions::default())
                .unwrap_err();
            assert_eq!(error.code, Code::File, "{path}");
        }
    }
}
