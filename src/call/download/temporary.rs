//! The file that a download goes into until it is complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::permissions::Permissions;
use super::write_target::{WriteTarget, parent_folder};

/// The mode of a new file, before the umask.
const MODE: u32 = 0o666;
/// Nobody else may read an incomplete file.
const PRIVATE: u32 = 0o600;

/// A file next to its target. At the end it replaces the target or is removed.
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
    /// Fails if the target cannot be written, or is not a regular file.
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

    /// Replaces the target with the file.
    pub(super) fn rename_to_target(&mut self) -> io::Result<()> {
        self.permissions.apply(&self.file)?;
        // Some file systems report a full disk only here.
        self.file.sync_data()?;
        fs::rename(&self.path, &self.target)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.renamed {
            // If this fails, nobody can be notified.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The permissions of any new file in the folder. They depend on the umask and access control
/// lists, so this function creates a file to see them.
fn default_permissions(target: &Path) -> io::Result<Permissions> {
    let (path, file) = create_next_to(target, MODE)?;
    let permissions = Permissions::of_new_file(&file);
    fs::remove_file(path)?;
    permissions
}

/// Creates a file in the target's folder. Its name does not contain the target's, which may have
/// the maximum length.
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
