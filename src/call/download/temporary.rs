//! The file that a download goes into until it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::permissions::Permissions;
use super::place::{Place, folder_of};

/// What open(2) is given for a new file; the umask takes its part.
const MODE: u32 = 0o666;
/// Nobody else is to read what is not whole.
const PRIVATE: u32 = 0o600;

/// A file next to its target, which it replaces at the end, or else is removed.
#[derive(Debug)]
pub(super) struct Temporary {
    target: PathBuf,
    path: PathBuf,
    file: File,
    permissions: Permissions,
    named: bool,
}

impl Temporary {
    /// # Errors
    /// Where the target cannot be written, or is no regular file.
    pub(super) fn begin(target: &str) -> io::Result<Self> {
        let Place { path: target, existing } = Place::find(target)?;
        let permissions = match existing {
            Some(old) => Permissions::of_old(&target, &old),
            None => usual(&target)?,
        };
        let (path, file) = made_beside(&target, PRIVATE)?;
        Ok(Self { target, path, file, permissions, named: false })
    }

    pub(super) fn empty(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0)).map(drop)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Puts it in the place of its target.
    pub(super) fn take_its_name(&mut self) -> io::Result<()> {
        self.permissions.apply(&self.file)?;
        // Some file systems report a full disk not before this.
        self.file.sync_data()?;
        fs::rename(&self.path, &self.target)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.named {
            // There is nobody to tell if it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The permissions of any new file in the folder: what umask and access control lists make of them
/// is seen by making one.
fn usual(target: &Path) -> io::Result<Permissions> {
    let (path, file) = made_beside(target, MODE)?;
    let permissions = Permissions::of_new(&file);
    fs::remove_file(path)?;
    permissions
}

/// A new file in the target's folder, whose name does not depend on that of the target, which may
/// be as long as a name can be.
fn made_beside(target: &Path, mode: u32) -> io::Result<(PathBuf, File)> {
    loop {
        let path = folder_of(target).join(format!(".sac-{:016x}.part", fastrand::u64(..)));
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}
