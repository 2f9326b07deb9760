//! The file that a download goes into until it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::permissions::Permissions;
use super::write_target::{WriteTarget, parent_folder};

/// What open(2) is given for a new file; the umask takes its part.
const MODE: u32 = 0o666;
/// Nobody else is to read what is not whole.
const PRIVATE: u32 = 0o600;

/// A file next to its target, which it replaces at the end, or else is removed.
#[derive(Debug)]
pub(super) struct TemporaryFile {
    target: PathBuf,
    path: PathBuf,
    file: File,
    permissions: Permissions,
    renamed: bool,
}

impl TemporaryFile {
    /// # Errors
    /// Where the target cannot be written, or is no regular file.
    pub(super) fn create(target: &str) -> io::Result<Self> {
        let WriteTarget { path: target, existing } = WriteTarget::resolve(target)?;
        let permissions = match existing {
            Some(old) => Permissions::of_replaced_file(&target, &old),
            None => default_permissions(&target)?,
        };
        let (path, file) = create_next_to(&target, PRIVATE)?;
        Ok(Self { target, path, file, permissions, renamed: false })
    }

    pub(super) fn truncate(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0)).map(drop)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Puts it in the place of its target.
    pub(super) fn rename_to_target(&mut self) -> io::Result<()> {
        self.permissions.apply(&self.file)?;
        // Some file systems report a full disk not before this.
        self.file.sync_data()?;
        fs::rename(&self.path, &self.target)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.renamed {
            // There is nobody to tell if it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The permissions of any new file in the folder: what umask and access control lists make of them
/// is seen by making one.
fn default_permissions(target: &Path) -> io::Result<Permissions> {
    let (path, file) = create_next_to(target, MODE)?;
    let permissions = Permissions::of_new_file(&file);
    fs::remove_file(path)?;
    permissions
}

/// A new file in the target's folder, whose name does not depend on that of the target, which may
/// be as long as a name can be.
fn create_next_to(target: &Path, mode: u32) -> io::Result<(PathBuf, File)> {
    loop {
        let path = parent_folder(target).join(format!(".sac-{:016x}.part", fastrand::u64(..)));
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}
