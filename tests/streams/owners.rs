//! Downloads to files, folders and links of other users. A thread changes its user, which requires
//! root.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use sac::answer::Response;
use sac::code::Code;
use sac::request::Output;

use crate::server::*;

const ALICE: u32 = 61_001;
const BOB: u32 = 61_002;
const SECRET: u32 = 61_101;
const USERS: u32 = 61_102;

/// Whether this process allowed change its user.
fn is_root(what: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skipped(&format!("{what} (needs root)"));
    }
    root
}

/// Runs `work` on a thread of this user and group, with these supplementary groups.
fn as_user<T: Send>(user: u32, group: u32, groups: &[u32], work: impl FnOnce() -> T + Send) -> T {
    let groups: Vec<Gid> = groups.iter().map(|&group| Gid::from_raw(group)).collect();
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            set_thread_groups(&groups).unwrap();
            set_thread_res_gid(Gid::from_raw(group), Gid::from_raw(group), Gid::from_raw(group))
                .unwrap();
            set_thread_res_uid(Uid::from_raw(user), Uid::from_raw(user), Uid::from_raw(user))
                .unwrap();
            work()
        });
        thread.join().unwrap()
    })
}

fn owned(path: &str, user: u32, group: u32, mode: u32) {
    chown(path, Some(user), Some(group)).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A folder in which every user allowed create files, like /tmp.
fn shared_folder(owner: u32) -> Folder {
    let folder = Folder::new();
    owned(folder.0.to_str().unwrap(), owner, 0, 0o1777);
    folder
}

fn download(path: &str) -> Response {
    let (server, _received) = Server::responding([http_response("200 OK", &[], b"new")]);
    let mut request = request("GET");
    request.set_output(Output::File(path.into())).unwrap();
    server.client().send(&request)
}

/// The download fails before anything is sent.
fn assert_denied(path: &str) {
    let client = sac::client::Client::new("http://127.0.0.1:1").unwrap();
    let mut request = request("GET");
    request.set_output(Output::File(path.into())).unwrap();
    let response = client.send(&request);
    assert_eq!((response.code(), response.attempts()), (Code::File, 0), "{}", error_of(&response));
    assert!(error_of(&response).ends_with("Permission denied"), "{}", error_of(&response));
}

fn state_of(path: impl AsRef<Path>) -> (u32, u32, u32) {
    let metadata = fs::metadata(path).unwrap();
    (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
}

#[test]
fn other_users_cannot_read_a_download_before_it_is_complete() {
    let folder = Folder::new();
    let plain = folder.file("plain", b"");
    fs::set_permissions(folder.file("open", b"old"), Permissions::from_mode(0o666)).unwrap();
    for (name, final_mode) in [("new", state_of(plain).2), ("open", 0o666)] {
        let modes = Arc::new(Mutex::new(Vec::new()));
        let (server, _received) =
            Server::responding([http_response("200 OK", &[], &pattern(300_000))]);
        let mut request = request("GET");
        request.set_output(Output::File(folder.path(name).into())).unwrap();
        let (path, recorded) = (folder.0.clone(), Arc::clone(&modes));
        request.set_progress(Some(Arc::new(move |_| {
            let parts = listed(&path).into_iter().filter(|name| name.ends_with(".part"));
            recorded.lock().unwrap().extend(parts.map(|part| state_of(path.join(part)).2));
            true
        })));
        let response = server.client().send(&request);
        assert_eq!(response.code(), Code::Ok, "{name}: {}", error_of(&response));
        let modes = modes.lock().unwrap();
        assert!(!modes.is_empty() && modes.iter().all(|mode| *mode == 0o600), "{name}: {modes:?}");
        assert_eq!(state_of(folder.path(name)).2, final_mode, "{name}");
    }
}

#[test]
fn root_keeps_the_owner_of_a_replaced_file() {
    if !is_root("root_keeps_the_owner_of_a_replaced_file") {
        return;
    }
    let folder = Folder::new();
    let file = folder.file("owned", b"old");
    owned(&file, ALICE, SECRET, 0o6664);
    let response = download(&file);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!(state_of(&file), (ALICE, SECRET, 0o664));
}

#[test]
fn the_permissions_of_a_group_are_not_given_to_another_group() {
    if !is_root("the_permissions_of_a_group_are_not_given_to_another_group") {
        return;
    }
    for (mode, groups, expected) in [
        (0o660, &[][..], (BOB, USERS, 0o600)),
        (0o666, &[], (BOB, USERS, 0o666)),
        (0o606, &[], (BOB, USERS, 0o600)),
        (0o660, &[SECRET], (BOB, SECRET, 0o660)),
    ] {
        let folder = Folder::new();
        owned(folder.0.to_str().unwrap(), BOB, USERS, 0o755);
        let file = folder.file("theirs", b"old");
        owned(&file, ALICE, SECRET, mode);
        // A file that Bob cannot write, Bob cannot replace either.
        let allowed = groups.contains(&SECRET) || mode & 0o002 != 0;
        as_user(BOB, USERS, groups, || {
            if allowed { drop(download(&file)) } else { assert_denied(&file) }
        });
        let expected = if allowed { expected } else { (ALICE, SECRET, mode) };
        assert_eq!(state_of(&file), expected, "{mode:o} {groups:?}");
    }
    // Bob is not a member of the group, and may write as the owner.
    let folder = Folder::new();
    owned(folder.0.to_str().unwrap(), BOB, USERS, 0o755);
    let file = folder.file("his", b"old");
    owned(&file, BOB, SECRET, 0o660);
    as_user(BOB, USERS, &[], || assert_eq!(download(&file).code(), Code::Ok));
    assert_eq!(state_of(&file), (BOB, USERS, 0o600));
}

/// The attribute in which Linux keeps the access control list of a file.
const ACL: &str = "system.posix_acl_access";

/// Version 2: user::rw-, user:61003:rw-, group::---, mask::rw-, other::--- (linux/posix_acl_xattr.h).
fn list_with_one_user() -> Vec<u8> {
    let entry = |tag: u16, allowed: u16, id: u32| {
        [&tag.to_le_bytes()[..], &allowed.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    let none = u32::MAX;
    [
        2u32.to_le_bytes().to_vec(),
        entry(0x01, 6, none),
        entry(0x02, 6, 61_003),
        entry(0x04, 0, none),
        entry(0x10, 6, none),
        entry(0x20, 0, none),
    ]
    .concat()
}

#[test]
fn an_access_control_list_is_kept_or_other_users_lose_access() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    if !is_root("an_access_control_list_is_kept") {
        return;
    }
    let acl = list_with_one_user();
    for (group, kept) in [(USERS, true), (SECRET, false)] {
        let folder = Folder::new();
        owned(folder.0.to_str().unwrap(), BOB, USERS, 0o755);
        let file = folder.file("listed", b"old");
        owned(&file, BOB, group, 0o600);
        if setxattr(&file, ACL, &acl, XattrFlags::empty()).is_err() {
            return skipped(
                "an_access_control_list_is_kept (needs a file system with access control lists)",
            );
        }
        as_user(BOB, USERS, &[], || assert_eq!(download(&file).code(), Code::Ok));
        let mut now = vec![0; 100];
        let length = getxattr(&file, ACL, &mut *now);
        match kept {
            true => assert_eq!(now[..length.unwrap()], acl),
            false => assert_eq!((length.ok(), state_of(&file).2), (None, 0o600)),
        }
    }
}

#[test]
fn the_default_acl_of_a_folder_gives_no_access_to_a_replaced_file() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let folder = Folder::new();
    let file = folder.file("target", b"old");
    fs::set_permissions(&file, Permissions::from_mode(0o660)).unwrap();
    let acl = list_with_one_user();
    if setxattr(&folder.0, "system.posix_acl_default", &acl, XattrFlags::empty()).is_err() {
        return skipped(
            "the_default_acl_of_a_folder (needs a file system with access control lists)",
        );
    }
    for (name, listed, mode) in [("target", false, 0o660), ("new", true, 0o660)] {
        assert_eq!(download(&folder.path(name)).code(), Code::Ok, "{name}");
        assert_eq!(state_of(folder.path(name)).2, mode, "{name}");
        let length = getxattr(folder.path(name), ACL, &mut [0; 100][..]);
        assert_eq!(length.is_ok(), listed, "{name}");
    }
}

#[test]
fn links_and_files_of_other_users_in_a_shared_folder_are_not_followed_or_replaced() {
    if !is_root("links_and_files_of_other_users_in_a_shared_folder") {
        return;
    }
    for (user, owner_of_folder, allowed) in
        [(ALICE, 0, true), (BOB, 0, false), (BOB, BOB, true), (0, 0, true)]
    {
        // Alice downloads to the link or file of `user`; root does the same.
        let run = |check: &(dyn Fn() + Sync)| {
            as_user(ALICE, USERS, &[], check);
            if user != ALICE {
                check();
            }
        };
        let (folder, elsewhere) = (shared_folder(owner_of_folder), Folder::new());
        owned(elsewhere.0.to_str().unwrap(), ALICE, USERS, 0o777);
        for name in ["there", "not there yet"] {
            let target = elsewhere.path(name);
            if name == "there" {
                owned(&elsewhere.file(name, b"old"), ALICE, USERS, 0o666);
            }
            let link = folder.path(name);
            symlink(&target, &link).unwrap();
            std::os::unix::fs::lchown(&link, Some(user), Some(USERS)).unwrap();
            let what = format!("{name}, a link of {user} in a folder of {owner_of_folder}");
            if allowed {
                as_user(ALICE, USERS, &[], || {
                    assert_eq!(download(&link).code(), Code::Ok, "{what}")
                });
                assert_eq!(fs::read(&target).unwrap(), b"new", "{what}");
            } else {
                run(&|| assert_denied(&link));
                assert_eq!(Path::new(&target).exists(), name == "there", "{what}");
            }
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "{what}");
        }
        if !allowed {
            let file = folder.file("file", b"bait");
            owned(&file, user, USERS, 0o666);
            run(&|| assert_denied(&file));
            assert_eq!(fs::read(&file).unwrap(), b"bait");
            assert_eq!(state_of(&file).0, user);
        }
    }
}
