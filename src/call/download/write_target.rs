//! Where open(2) would write to, and whether it would.

use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::geteuid;

/// As many symbolic links are followed as by the system itself (path_resolution(7)).
const MAX_SYMLINKS: usize = 40;
/// A folder in which anybody may make files and nobody may take away another's (inode(7)), as /tmp.
const STICKY: u32 = 0o1000;
const WRITABLE: u32 = 0o022;

/// A place that a file can be written to.
#[derive(Debug)]
pub(super) struct WriteTarget {
    pub(super) path: PathBuf,
    /// The file that is there now.
    pub(super) existing: Option<Metadata>,
}

impl WriteTarget {
    /// # Errors
    /// What open(2) would fail with, and where there is no regular file.
    pub(super) fn resolve(path: &str) -> io::Result<Self> {
        let path = follow_symlinks(path)?;
        let existing = match fs::symlink_metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // What cannot be looked at cannot be replaced either, such as a name that is too long.
            Err(error) => return Err(error),
        };
        if let Some(metadata) = &existing {
            if !metadata.is_file() {
                return Err(io::Error::other("it is not a regular file"));
            }
            check_owner(&path, metadata)?;
            check_writable(&path)?;
        } else if path.file_name().is_none() {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        Ok(Self { path, existing })
    }
}

/// The folder of a file.
pub(super) fn parent_folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

/// What the symbolic links at the end of a path lead to: a rename would put the file in the place of
/// a link.
fn follow_symlinks(path: &str) -> io::Result<PathBuf> {
    let mut target = PathBuf::from(path);
    for _ in 0..=MAX_SYMLINKS {
        let Ok(next) = fs::read_link(&target) else { return Ok(target) };
        check_owner(&target, &fs::symlink_metadata(&target)?)?;
        target.pop();
        target.push(next);
    }
    Err(Errno::LOOP.into())
}

/// Refuses a link or a file that somebody else has put into a folder where anybody may: it may be
/// meant for this process to find. Linux does the same (fs.protected_symlinks and
/// fs.protected_regular in proc_sys_fs(5)), but not where a link is only read, or a file replaced.
fn check_owner(path: &Path, found: &Metadata) -> io::Result<()> {
    let folder = fs::metadata(parent_folder(path))?;
    let shared = folder.mode() & STICKY != 0 && folder.mode() & WRITABLE != 0;
    if shared && found.uid() != folder.uid() && found.uid() != geteuid().as_raw() {
        return Err(Errno::ACCESS.into());
    }
    Ok(())
}

/// Refuses what open(2) would: a rename asks only whether the folder may be written.
fn check_writable(target: &Path) -> io::Result<()> {
    let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW;
    match OpenOptions::new().write(true).custom_flags(flags).open(target) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}
