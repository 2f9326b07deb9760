//! A download into a file that appears whole or not at all.
//!
//! The bytes go into a temporary file in the same folder, which takes the target's name when the
//! last of them is there, and is removed in any other case. Where a download breaks, the next
//! attempt asks for the rest alone, if the server has given a validator that is good for that.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use crate::code::{Code, Error, words_of};
use crate::transport::{Head, Stop};

/// What open(2) is given for a new file; the umask takes its part.
const MODE: u32 = 0o666;
/// RFC 9110 section 8.8.2.2: a modification that lies this far back is seen by its date.
const SETTLED: Duration = Duration::from_secs(60);
/// As many symbolic links are followed as by the system itself (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// A file on its way.
#[derive(Debug)]
pub(super) struct Download {
    /// As the caller named it.
    path: String,
    target: PathBuf,
    temporary: PathBuf,
    file: File,
    /// How many bytes of the body lie in the file.
    received: u64,
    /// How many there are in all, where the server has said so.
    length: Option<u64>,
    /// What the rest may be asked for by.
    validator: Option<HeaderValue>,
    /// Where this attempt asked the server to go on.
    asked_from: Option<u64>,
    /// The server went on with another version of the body.
    outdated: bool,
    /// The caller has asked for a part of the whole.
    part_wanted: bool,
    /// The body of the present answer goes here.
    opened: bool,
    /// All of it is there.
    complete: bool,
    committed: bool,
}

impl Download {
    /// Makes the temporary file.
    ///
    /// # Errors
    /// [`Code::File`] where the target cannot be written, or is no regular file.
    pub(super) fn begin(path: &str) -> Result<Self, Error> {
        let failed = |error: io::Error| Error::new(Code::File, unwritable(path, &error));
        let target = followed(path).map_err(failed)?;
        let existing = match fs::metadata(&target) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // What cannot be looked at cannot be replaced either, such as a name that is too long.
            Err(error) => return Err(failed(error)),
        };
        if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            let message = format!("the file {path} cannot be written: it is not a regular file");
            return Err(Error::new(Code::File, message));
        }
        if target.file_name().is_none() {
            return Err(failed(io::ErrorKind::InvalidFilename.into()));
        }
        if existing.is_some() {
            may_write(&target).map_err(failed)?;
        }
        let (temporary, file) = temporary_beside(&target).map_err(failed)?;
        let download = Self {
            path: path.to_owned(),
            target,
            temporary,
            file,
            received: 0,
            length: None,
            validator: None,
            asked_from: None,
            outdated: false,
            part_wanted: false,
            opened: false,
            complete: false,
            committed: false,
        };
        if let Some(metadata) = existing {
            liken(&download.file, &metadata).map_err(failed)?;
        }
        Ok(download)
    }

    /// Lets an answer be a part of the whole, as the caller's own `Range` asks for.
    pub(super) fn want_part(&mut self) {
        self.part_wanted = true;
    }

    /// Adds what asks for the rest of the body alone (RFC 9110 sections 13.1.5 and 14.2), where
    /// that can be done.
    pub(super) fn ask_for_rest(&mut self, headers: &mut HeaderMap) {
        self.asked_from = None;
        let (Some(validator), true) = (&self.validator, self.received > 0) else { return };
        let Ok(range) = HeaderValue::from_str(&format!("bytes={}-", self.received)) else { return };
        headers.insert(header::RANGE, range);
        headers.insert(header::IF_RANGE, validator.clone());
        self.asked_from = Some(self.received);
    }

    /// The server has refused to go on: what is there is worth nothing. True where it was asked to.
    pub(super) fn start_anew(&mut self) -> bool {
        self.validator = None;
        self.asked_from.take().is_some()
    }

    /// What is there belongs to a version that is gone. True once after the answer that said so.
    pub(super) fn outdated(&mut self) -> bool {
        std::mem::take(&mut self.outdated)
    }

    /// Another answer is to come: what the one before it began is not completed by it.
    pub(super) fn expect(&mut self) {
        self.opened = false;
        self.complete = false;
    }

    /// Makes ready for the body of an answer.
    ///
    /// # Errors
    /// Where the file cannot be used, or the answer holds another part than was asked for.
    pub(super) fn open(&mut self, head: &Head, plain: bool) -> Result<(), Stop> {
        let goes_on = match self.asked_from.take().filter(|_| head.status == 206) {
            Some(_) if self.is_of_another_version(&head.headers) => {
                self.validator = None;
                self.outdated = true;
                let detail = "the server went on with another version of the body";
                return Err(Stop::Protocol(detail.into()));
            }
            Some(from) if plain && self.is_the_rest(from, &head.headers) => true,
            Some(_) => {
                self.validator = None;
                let detail = "the server sent another part of the body than was asked for";
                return Err(Stop::Protocol(detail.into()));
            }
            None if head.status == 206 && !self.part_wanted => {
                let detail = "the server sent a part of the body, which was not asked for";
                return Err(Stop::Protocol(detail.into()));
            }
            None => false,
        };
        if !goes_on {
            self.empty().map_err(|error| Stop::File(unwritable(&self.path, &error)))?;
            let whole = plain && head.status == 200;
            self.validator = validator(&head.headers).filter(|_| whole).cloned();
            self.length = length(&head.headers).filter(|_| whole);
        }
        self.opened = true;
        Ok(())
    }

    /// Whether an answer says of itself that its part must not be put together with what is there
    /// (RFC 9110 section 15.3.7.3). Many servers leave the validator out where they have just found
    /// it to be the one in `If-Range`.
    fn is_of_another_version(&self, headers: &HeaderMap) -> bool {
        let Some(validator) = &self.validator else { return false };
        let name = if is_tag(validator) { header::ETAG } else { header::LAST_MODIFIED };
        headers.get(name).is_some_and(|given| given != validator)
    }

    /// Whether an answer holds all that follows the first `from` bytes, and nothing else. Where
    /// nobody has said how long the whole is, nothing shows that the part reaches its end.
    fn is_the_rest(&self, from: u64, headers: &HeaderMap) -> bool {
        let Some(part) = Part::of(headers) else { return false };
        let behind = part.last.saturating_add(1);
        let ends = [self.length, part.whole, length(headers).map(|rest| rest.saturating_add(from))];
        let known = self.length.or(part.whole).is_some();
        known && part.first == from && ends.into_iter().flatten().all(|end| end == behind)
    }

    fn empty(&mut self) -> io::Result<()> {
        self.received = 0;
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0)).map(drop)
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| Stop::File(unwritable(&self.path, &error)))?;
        self.received = self.received.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// How many bytes of the body there are.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// An answer has come to its regular end.
    pub(super) fn answered(&mut self) {
        self.complete = std::mem::take(&mut self.opened);
    }

    /// Gives the file its name, if it is whole.
    ///
    /// # Errors
    /// [`Code::File`] where that cannot be done.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        if !self.complete {
            return Ok(());
        }
        // Some file systems report a full disk not before this.
        let named = self.file.sync_data().and_then(|()| fs::rename(&self.temporary, &self.target));
        named.map_err(|error| Error::new(Code::File, unwritable(&self.path, &error)))?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if !self.committed {
            // There is nobody to tell if it stays.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Where open(2) would write to: a rename would put the file in the place of a symbolic link.
fn followed(path: &str) -> io::Result<PathBuf> {
    let mut target = PathBuf::from(path);
    for _ in 0..=MOST_LINKS {
        let Ok(next) = fs::read_link(&target) else { return Ok(target) };
        target.pop();
        target.push(next);
    }
    Err(rustix::io::Errno::LOOP.into())
}

/// Refuses what open(2) would: a rename asks only whether the folder may be written.
fn may_write(target: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(target) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}

/// Gives a new file the permissions of the one that it is to replace, as open(2) leaves them, and
/// its owner, where that is allowed.
fn liken(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(Permissions::from_mode(old.permissions().mode() & 0o7777))
}

/// A new file in the target's folder, whose name does not depend on that of the target, which may
/// be as long as a name can be.
fn temporary_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    loop {
        let path = folder.join(format!(".sac-{:016x}.part", fastrand::u64(..)));
        match OpenOptions::new().write(true).create_new(true).mode(MODE).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// What a later answer can be told by to be of the same bytes: a strong entity tag, or a date of
/// modification that lies far enough before the answer's own (RFC 9110 section 8.8).
fn validator(headers: &HeaderMap) -> Option<&HeaderValue> {
    if headers.get(header::ACCEPT_RANGES).is_some_and(|ranges| ranges == "none") {
        return None;
    }
    if let Some(tag) = headers.get(header::ETAG) {
        return Some(tag).filter(|tag| is_tag(tag));
    }
    let date = |name| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
    let modified = date(header::LAST_MODIFIED)?;
    let age = date(header::DATE)?.duration_since(modified).ok()?;
    headers.get(header::LAST_MODIFIED).filter(|_| age >= SETTLED)
}

/// Whether a validator is a strong entity tag.
fn is_tag(validator: &HeaderValue) -> bool {
    validator.as_bytes().starts_with(b"\"")
}

/// How long a body is going to be that nothing cuts short.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// What part of the whole an answer holds (RFC 9110 section 14.4).
struct Part {
    first: u64,
    last: u64,
    whole: Option<u64>,
}

impl Part {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
        let range = range.trim().strip_prefix("bytes")?.trim_start();
        let (range, whole) = range.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let whole = match whole.trim() {
            "*" => None,
            number => Some(number.parse().ok()?),
        };
        Some(Self { first: first.trim().parse().ok()?, last: last.trim().parse().ok()?, whole })
    }
}

fn unwritable(path: &str, error: &io::Error) -> String {
    format!("the file {path} cannot be written: {}", words_of(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("sac-download-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn listed(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn head(status: u16, fields: &[(&'static str, &'static str)]) -> Head {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        Head { status, version: http::Version::HTTP_11, reason: "".into(), headers: headers.into() }
    }

    #[test]
    fn a_file_appears_when_it_is_whole_and_not_before() {
        let folder = folder("whole");
        let target = folder.join("target");
        let mut download = Download::begin(target.to_str().unwrap()).unwrap();
        download.open(&head(200, &[]), true).unwrap();
        download.write(b"all of it").unwrap();
        assert!(!target.exists());
        download.answered();
        download.commit().unwrap();
        drop(download);
        assert_eq!(fs::read(&target).unwrap(), b"all of it");
        assert_eq!(listed(&folder), ["target"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_not_whole_leaves_nothing_behind_and_the_old_file_as_it_was() {
        let folder = folder("broken");
        let target = folder.join("target");
        fs::write(&target, "old").unwrap();
        let mut download = Download::begin(target.to_str().unwrap()).unwrap();
        download.open(&head(200, &[]), true).unwrap();
        download.write(b"half of").unwrap();
        download.commit().unwrap();
        drop(download);
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(listed(&folder), ["target"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_existing_file_keeps_its_permissions_and_a_link_stays_a_link() {
        let folder = folder("link");
        let (target, link) = (folder.join("target"), folder.join("link"));
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink("target", &link).unwrap();
        let mut download = Download::begin(link.to_str().unwrap()).unwrap();
        download.open(&head(200, &[]), true).unwrap();
        download.write(b"new").unwrap();
        download.answered();
        download.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_link_that_leads_nowhere_yet_is_followed_and_one_that_goes_round_is_refused() {
        let folder = folder("dangling");
        fs::create_dir(folder.join("deep")).unwrap();
        let link =
            |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.join(name)).unwrap();
        link("second", "first");
        link("deep/target", "second");
        let first = folder.join("first");
        let mut download = Download::begin(first.to_str().unwrap()).unwrap();
        download.open(&head(200, &[]), true).unwrap();
        download.write(b"new").unwrap();
        download.answered();
        download.commit().unwrap();
        assert_eq!(fs::read(folder.join("deep/target")).unwrap(), b"new");
        assert!(fs::symlink_metadata(&first).unwrap().is_symlink());
        link("round", "round");
        let round = folder.join("round");
        assert_eq!(Download::begin(round.to_str().unwrap()).unwrap_err().code, Code::File);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_cannot_be_a_file_is_refused_at_once() {
        for path in ["/dev/null", "/tmp", "/nowhere/at/all", "", "/"] {
            assert_eq!(Download::begin(path).unwrap_err().code, Code::File, "{path}");
        }
    }

    #[test]
    fn only_a_strong_validator_lets_a_download_go_on() {
        let late = ("date", "Sun, 06 Nov 1994 08:51:00 GMT");
        let modified = ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        let soon = ("date", "Sun, 06 Nov 1994 08:49:38 GMT");
        for (fields, strong) in [
            (vec![("etag", "\"a\"")], true),
            (vec![("etag", "W/\"a\""), modified, late], false),
            (vec![modified, late], true),
            (vec![modified, soon], false),
            (vec![modified], false),
            (vec![("etag", "\"a\""), ("accept-ranges", "none")], false),
            (vec![], false),
        ] {
            assert_eq!(validator(&head(200, &fields).headers).is_some(), strong, "{fields:?}");
        }
    }

    /// A download that broke after five of ten bytes.
    fn broken(folder: &Path) -> Download {
        let mut download = Download::begin(folder.join("target").to_str().unwrap()).unwrap();
        let whole = head(200, &[("etag", "\"a\""), ("content-length", "10")]);
        download.open(&whole, true).unwrap();
        download.write(b"12345").unwrap();
        let mut asked = HeaderMap::new();
        download.ask_for_rest(&mut asked);
        assert_eq!(asked["range"], "bytes=5-");
        assert_eq!(asked["if-range"], "\"a\"");
        download
    }

    #[test]
    fn another_part_than_asked_for_is_refused_and_the_next_try_starts_anew() {
        let folder = folder("part");
        for range in [
            "bytes 4-9/10",
            "bytes 5-8/10",
            "bytes 5-8/9",
            "bytes 5-9/11",
            "bytes 5-10/11",
            "bytes 5-8/*",
            "bytes 5-9",
            "bytes */10",
            "lines 5-9/10",
            "",
        ] {
            let mut download = broken(&folder);
            let other = head(206, &[("content-range", range)]);
            assert!(matches!(download.open(&other, true), Err(Stop::Protocol(_))), "{range:?}");
            let mut asked = HeaderMap::new();
            download.ask_for_rest(&mut asked);
            assert!(asked.is_empty(), "{range:?}: {asked:?}");
        }
        for range in ["bytes 5-9/10", "bytes 5-9/*", " bytes  5 - 9 / 10 "] {
            let mut download = broken(&folder);
            let rest = head(206, &[("content-range", range)]);
            download.open(&rest, true).unwrap();
            assert_eq!(download.received(), 5, "{range:?}");
        }
        let mut download = broken(&folder);
        let coded = head(206, &[("content-range", "bytes 5-9/10")]);
        assert!(matches!(download.open(&coded, false), Err(Stop::Protocol(_))));
        drop(download);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_part_goes_on_with_a_download_only_under_the_validator_it_was_asked_for_by() {
        let folder = folder("version");
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let modified = [("last-modified", date), ("date", "Sun, 06 Nov 1994 09:49:37 GMT")];
        let other = "Mon, 07 Nov 1994 08:49:37 GMT";
        for (first, second, same) in [
            (&[("etag", "\"a\"")][..], ("etag", "\"a\""), true),
            (&[("etag", "\"a\"")], ("etag", "\"b\""), false),
            (&[("etag", "\"a\"")], ("etag", "W/\"a\""), false),
            (&[("etag", "\"a\"")], ("last-modified", other), true),
            (&modified, ("last-modified", date), true),
            (&modified, ("last-modified", other), false),
            (&modified, ("etag", "\"a\""), true),
        ] {
            let target = folder.join("target");
            let mut download = Download::begin(target.to_str().unwrap()).unwrap();
            download
                .open(&head(200, &[first, &[("content-length", "10")]].concat()), true)
                .unwrap();
            download.write(b"12345").unwrap();
            download.ask_for_rest(&mut HeaderMap::new());
            let rest = head(206, &[second, ("content-range", "bytes 5-9/10")]);
            let opened = download.open(&rest, true);
            assert_eq!(opened.is_ok(), same, "{first:?}, then {second:?}");
            assert_eq!(download.outdated(), !same, "{first:?}, then {second:?}");
            let mut asked = HeaderMap::new();
            download.ask_for_rest(&mut asked);
            assert_eq!(asked.contains_key("range"), same, "{first:?}, then {second:?}: {asked:?}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_part_is_no_rest_where_its_own_length_or_nobody_says_where_the_whole_ends() {
        let folder = folder("ends");
        let mut short = broken(&folder);
        let part = head(206, &[("content-range", "bytes 5-9/10"), ("content-length", "3")]);
        assert!(matches!(short.open(&part, true), Err(Stop::Protocol(_))));
        for (range, taken) in [("bytes 5-9/*", false), ("bytes 5-9/10", true)] {
            let mut download = Download::begin(folder.join("target").to_str().unwrap()).unwrap();
            download.open(&head(200, &[("etag", "\"a\"")]), true).unwrap();
            download.write(b"12345").unwrap();
            download.ask_for_rest(&mut HeaderMap::new());
            let rest = head(206, &[("content-range", range)]);
            assert_eq!(download.open(&rest, true).is_ok(), taken, "{range}");
        }
        drop(short);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_part_that_nobody_asked_for_is_refused_and_the_callers_own_taken() {
        let folder = folder("unasked");
        let part = head(206, &[("content-range", "bytes 0-4/10")]);
        let mut download = Download::begin(folder.join("target").to_str().unwrap()).unwrap();
        assert!(matches!(download.open(&part, true), Err(Stop::Protocol(_))));
        download.want_part();
        download.open(&part, true).unwrap();
        drop(download);
        fs::remove_dir_all(folder).unwrap();
    }
}
