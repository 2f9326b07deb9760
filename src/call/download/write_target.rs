//! The file that open(2) would write to for a path, and whether it would succeed.

use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::geteuid;

/// The system's own limit for symbolic links (path_resolution(7)).
const MAX_SYMLINKS: usize = 40;
/// A folder like /tmp: anybody may create files, and nobody may remove another user's (inode(7)).
const STICKY: u32 = 0o1000;
const WRITABLE: u32 = 0o022;

/// A file that can be written.
#[derive(Debug)]
pub(super) struct WriteTarget {
    pub(super) path: PathBuf,
    /// The existing file.
    pub(super) existing: Option<Metadata>,
}

impl WriteTarget {
    /// # Errors
    /// The error of open(2), and an error if the path is not a regular file.
    pub(super) fn resolve(path: &str) -> io::Result<Self> {
        let path = follow_symlinks(path)?;
        let existing = match fs::symlink_metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // A path whose metadata cannot be read cannot be replaced either, for example if it is
            // too long.
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

/// Follows the symbolic links at the end of a path, because a rename would replace the link.
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

/// Refuses a link or a file that another user has put into a folder that anybody can write to: it
/// may be a trap. Linux does the same (fs.protected_symlinks and fs.protected_regular in
/// proc_sys_fs(5)), but not if a link is only read or a file is replaced.
fn check_owner(path: &Path, found: &Metadata) -> io::Result<()> {
    let folder = fs::metadata(parent_folder(path))?;
    let shared = folder.mode() & STICKY != 0 && folder.mode() & WRITABLE != 0;
    if shared && found.uid() != folder.uid() && found.uid() != geteuid().as_raw() {
        return Err(Errno::ACCESS.into());
    }
    Ok(())
}

/// Refuses a file that open(2) would refuse. A rename needs only permission for the folder.
fn check_writable(target: &Path) -> io::Result<()> {
    let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW;
    match OpenOptions::new().write(true).custom_flags(flags).open(target) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}
