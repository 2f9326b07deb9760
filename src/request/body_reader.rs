//! A body that is read while it is sent: pieces in memory and whole files, one behind the other.
//!
//! A server that is told a length must get exactly that much, and a second sending must be the
//! same as the first. So a file is measured when it is opened, and compared with what it was when
//! its last byte has been read, and when it is opened again.

use std::collections::VecDeque;
use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};

use crate::code::{Code, Error, io_error_text};

/// What a file was when a call first opened it. Kept from one sending of a body to the next.
#[derive(Debug, Default)]
pub struct FileVersions {
    files: Vec<FileVersion>,
}

/// What tells that a file is the same, and has the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileVersion {
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

/// A body that has been opened for one sending.
#[derive(Debug, Default)]
pub struct BodyReader<'a> {
    pieces: VecDeque<Segment<'a>>,
    opened: usize,
    length: u64,
}

#[derive(Debug)]
enum Segment<'a> {
    Memory(&'a [u8]),
    File(OpenFile<'a>),
}

#[derive(Debug)]
struct OpenFile<'a> {
    path: &'a str,
    file: File,
    version: FileVersion,
    remaining: u64,
}

impl<'a> BodyReader<'a> {
    /// The length of all of it in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Adds bytes behind what is there.
    pub(super) fn push_bytes(&mut self, bytes: &'a [u8]) {
        self.length = self.length.saturating_add(bytes.len() as u64);
        self.pieces.push_back(Segment::Memory(bytes));
    }

    /// Opens a file, and adds its content behind what is there.
    ///
    /// # Errors
    /// [`Code::File`] where it cannot be read, is no regular file, or is not what it was when the
    /// call first opened it.
    pub(super) fn push_file(
        &mut self,
        path: &'a str,
        remembered: &mut FileVersions,
    ) -> Result<(), Error> {
        let (file, stamp) = open(path)?;
        match remembered.files.get(self.opened) {
            Some(before) if *before != stamp => return Err(changed(path)),
            Some(_) => {}
            None => remembered.files.push(stamp),
        }
        self.opened = self.opened.saturating_add(1);
        self.length = self.length.saturating_add(stamp.size);
        self.pieces.push_back(Segment::File(OpenFile {
            path,
            file,
            version: stamp,
            remaining: stamp.size,
        }));
        Ok(())
    }

    /// Reads the next bytes; 0 is the end.
    ///
    /// # Errors
    /// [`Code::File`] where a file cannot be read, or has changed since it was opened. The last
    /// bytes of a changed file are not handed out, so that no server can take it for whole.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        while let Some(piece) = self.pieces.front_mut() {
            let read = match piece {
                Segment::Memory(bytes) => copy_out(bytes, buffer),
                Segment::File(file) => file.read(buffer)?,
            };
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.pieces.pop_front();
        }
        Ok(0)
    }
}

fn copy_out(bytes: &mut &[u8], buffer: &mut [u8]) -> usize {
    // Reading from a slice cannot fail.
    bytes.read(buffer).unwrap_or(0)
}

impl OpenFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let most = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let room = buffer.get_mut(..most).unwrap_or_default();
        let read = loop {
            match self.file.read(room) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other.map_err(|error| unreadable(self.path, &error))?,
            }
        };
        if read == 0 {
            return Err(changed(self.path));
        }
        self.remaining = self.remaining.saturating_sub(read as u64);
        if self.remaining == 0 && self.version != file_version(self.path, &self.file)? {
            return Err(changed(self.path));
        }
        Ok(read)
    }
}

fn open(path: &str) -> Result<(File, FileVersion), Error> {
    // A FIFO would block in open(2) until somebody writes to it.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = file.map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(unsuitable(path, "it is not a regular file"));
    }
    // Those of /proc have a content and no length, and would go out as if they were empty.
    if metadata.len() == 0
        && file.read_at(&mut [0], 0).map_err(|error| unreadable(path, &error))? > 0
    {
        return Err(unsuitable(path, "it does not tell its length"));
    }
    Ok((file, FileVersion::from(&metadata)))
}

fn file_version(path: &str, file: &File) -> Result<FileVersion, Error> {
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    Ok(FileVersion::from(&metadata))
}

fn unsuitable(path: &str, why: &str) -> Error {
    Error::new(Code::File, format!("the file {path} cannot be sent: {why}"))
}

fn unreadable(path: &str, error: &std::io::Error) -> Error {
    Error::new(Code::File, format!("the file {path} cannot be read: {}", io_error_text(error)))
}

fn changed(path: &str) -> Error {
    Error::new(Code::File, format!("the file {path} was changed while it was sent"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(name: &str, content: &[u8]) -> String {
        let path = std::env::temp_dir().join(format!("sac-source-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn all(source: &mut BodyReader<'_>) -> Result<Vec<u8>, Error> {
        let (mut whole, mut buffer) = (Vec::new(), [0; 5]);
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(whole),
                read => whole.extend_from_slice(&buffer[..read]),
            }
        }
    }

    #[test]
    fn pieces_come_one_behind_the_other_and_the_length_is_theirs() {
        let path = file("pieces", b"in a file");
        let mut remembered = FileVersions::default();
        for _ in 0..2 {
            let mut source = BodyReader::default();
            source.push_bytes(b"before, ");
            source.push_file(&path, &mut remembered).unwrap();
            source.push_bytes(b", after");
            assert_eq!(source.length(), 24);
            assert_eq!(all(&mut source).unwrap(), b"before, in a file, after");
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_that_changes_while_it_is_sent_is_never_handed_out_whole() {
        for (name, change) in [("shrunk", 3), ("grown", 20)] {
            let path = file(name, b"ten bytes.");
            let mut source = BodyReader::default();
            source.push_file(&path, &mut FileVersions::default()).unwrap();
            let mut first = [0; 2];
            source.read(&mut first).unwrap();
            OpenOptions::new().write(true).open(&path).unwrap().set_len(change).unwrap();
            let error = all(&mut source).unwrap_err();
            assert_eq!(error.code, Code::File, "{name}: {error}");
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn a_second_sending_of_another_content_is_refused() {
        let path = file("replayed", b"one");
        let mut remembered = FileVersions::default();
        BodyReader::default().push_file(&path, &mut remembered).unwrap();
        let mut appending = OpenOptions::new().append(true).open(&path).unwrap();
        appending.write_all(b" more").unwrap();
        let error = BodyReader::default().push_file(&path, &mut remembered).unwrap_err();
        assert_eq!(error.code, Code::File);
        std::fs::remove_file(&path).unwrap();
        let error = BodyReader::default().push_file(&path, &mut remembered).unwrap_err();
        assert_eq!(error.code, Code::File);
        assert!(error.message.contains(&path), "{error}");
    }

    #[test]
    fn a_file_that_hides_its_length_does_not_pass_for_empty() {
        let open = |path: &str| BodyReader::default().push_file(path, &mut FileVersions::default());
        let error = open("/proc/self/status").unwrap_err();
        assert_eq!(error.code, Code::File);
        let told = "the file /proc/self/status cannot be sent: it does not tell its length";
        assert_eq!(error.message, told);
        let empty = file("empty", b"");
        open(&empty).unwrap();
        std::fs::remove_file(empty).unwrap();
    }

    #[test]
    fn what_is_no_regular_file_is_refused() {
        for path in ["/dev/null", "/", "/nowhere/at/all"] {
            let error =
                BodyReader::default().push_file(path, &mut FileVersions::default()).unwrap_err();
            assert_eq!(error.code, Code::File, "{path}");
        }
    }
}
