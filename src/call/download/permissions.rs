//! The permissions of a download: those of the file that it replaces, or of any new file.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use rustix::fs::{XattrFlags, fremovexattr, fsetxattr, lgetxattr, lgetxattr_query};
use rustix::io::Errno;

/// The attribute with a file's access control list on Linux (acl(5)).
const ACL: &str = "system.posix_acl_access";

/// The permissions of the complete file.
#[derive(Debug)]
pub(super) struct Permissions {
    mode: u32,
    /// The file that the download replaces.
    replaced: Option<Replaced>,
}

#[derive(Debug)]
struct Replaced {
    owner: u32,
    group: u32,
    /// Its access control list, if it has one.
    acl: Option<Vec<u8>>,
}

impl Permissions {
    /// The permissions of a new file.
    pub(super) fn of_new_file(file: &File) -> io::Result<Self> {
        Ok(Self { mode: file.metadata()?.mode() & 0o777, replaced: None })
    }

    /// The permissions of a file that the download replaces. A write removes the set-user-ID and
    /// set-group-ID bits of a file (inode(7)), so they are not kept.
    pub(super) fn of_replaced_file(path: &Path, old: &Metadata) -> Self {
        let replaced = Replaced { owner: old.uid(), group: old.gid(), acl: acl_of(path) };
        Self { mode: old.mode() & 0o777, replaced: Some(replaced) }
    }

    /// Applies them as far as the system allows. The file is private up to now, so a failure leaves
    /// it with fewer permissions, which is no reason to lose it.
    pub(super) fn apply(&self, file: &File) -> io::Result<()> {
        let mode = match &self.replaced {
            Some(replaced) => replaced.apply(file, self.mode)?,
            None => self.mode,
        };
        // Some file systems have no modes, and a change of the mode fails there.
        if file.metadata()?.mode() & 0o777 != mode {
            let _ = file.set_permissions(fs::Permissions::from_mode(mode));
        }
        Ok(())
    }
}

impl Replaced {
    /// Sets owner, group and list, and returns the mode that fits the result.
    fn apply(&self, file: &File, mode: u32) -> io::Result<u32> {
        let new = file.metadata()?;
        if new.gid() != self.group {
            let _ = fchown(file, None, Some(self.group));
        }
        if new.uid() != self.owner {
            let _ = fchown(file, Some(self.owner), None);
        }
        let now = file.metadata()?;
        let (same_owner, same_group) = (now.uid() == self.owner, now.gid() == self.group);
        let same_list = match &self.acl {
            Some(acl) if same_owner && same_group => {
                fsetxattr(file, ACL, acl, XattrFlags::empty()).is_ok()
            }
            Some(_) => false,
            // The folder may have given the new file a list that the old one did not have.
            None => fremovexattr(file, ACL).map_or_else(is_no_acl, |()| true),
        };
        // With another list, the group bits of the mode limit the entries of that list, so they are
        // cleared.
        Ok(if same_list { narrowed(mode, same_group) } else { mode & 0o700 })
    }
}

/// The mode if the new file cannot get the group of the old one. Members of one group
/// are "others" for a file of the other group, so group and others get only what both had.
fn narrowed(mode: u32, same_group: bool) -> u32 {
    if same_group {
        return mode;
    }
    let both = mode & (mode >> 3) & 0o007;
    (mode & 0o700) | (both << 3) | both
}

/// The access control list of a file. A list that cannot be read is empty, and no file can get it.
fn acl_of(path: &Path) -> Option<Vec<u8>> {
    match lgetxattr_query(path, ACL) {
        Ok(length) => {
            let mut acl = vec![0; length];
            let read = lgetxattr(path, ACL, &mut *acl).unwrap_or(0);
            acl.truncate(read);
            Some(acl)
        }
        Err(error) if is_no_acl(error) => None,
        Err(_) => Some(Vec::new()),
    }
}

/// Whether the file has no access control list, or the file system does not support them.
fn is_no_acl(error: Errno) -> bool {
    matches!(error, Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn without_the_old_group_group_and_others_get_only_what_both_had() {
        for (mode, same_group, expected) in [
            (0o660, true, 0o660),
            (0o660, false, 0o600),
            (0o664, false, 0o644),
            (0o604, false, 0o600),
            (0o755, false, 0o755),
            (0o640, false, 0o600),
            (0o626, false, 0o622),
        ] {
            assert_eq!(narrowed(mode, same_group), expected, "{mode:o}");
        }
    }
}
