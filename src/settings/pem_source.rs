//! PEM texts from memory, or from files that are read again when they change.
//!
//! Operators replace certificates while a program runs: certbot renames files, Kubernetes changes a
//! symbolic link, others write files in place. So the files are examined before a TLS handshake. If
//! the new content is not usable, for example because only one of two files has been written yet,
//! the last usable content stays.

use std::fmt;
use std::fs::{self, Metadata};
use std::hash::{Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{self, Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::code::{Code, Error};

/// A file that changed less than these seconds before it was read may change again without a new
/// time stamp, so it is read again before the next handshake. Some file systems count in steps of
/// two seconds.
const MIN_AGE_SECONDS: i64 = 2;
/// A file may change while the files are read. Then they are read again, this often in all.
const MAX_READS: u32 = 3;

/// A PEM text or several, such as a certificate and its key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum PemSource<T> {
    /// From memory.
    Memory(T),
    /// From files.
    Files(Arc<PemFiles<T>>),
}

/// Makes the value of a setting from the content of its files.
pub type PemParser<T> = Box<dyn Fn(PemContents) -> Result<T, Error> + Send + Sync>;
/// The content of each file. Wiped, because one may be a key.
pub type PemContents = Vec<Zeroizing<Vec<u8>>>;

/// Files, and their last usable content. Any thread may use them, and after a `fork` both processes.
pub struct PemFiles<T> {
    /// The path of each file, and what an error calls it.
    paths: Vec<(&'static str, PathBuf)>,
    parse: PemParser<T>,
    /// The digest of the files when the setting was made. Two settings are equal if this and the
    /// paths are. The content itself is not kept, because it may contain an old key.
    first: [u8; 32],
    last: ArcSwap<PemVersion<T>>,
}

/// The content of files at one time.
pub struct PemVersion<T> {
    /// The last usable content.
    pub content: T,
    /// Changes with the content.
    pub number: u64,
    stamps: Vec<Option<Stamp>>,
    /// Whether the stamps will change if the files do.
    settled: bool,
    /// Why the files are not usable now. The content is then older.
    problem: Option<String>,
}

/// What happened to files before a handshake, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PemReload {
    /// The new content is in use.
    Renewed(String),
    /// The new content is not usable, and the last content stays.
    Kept(String),
}

impl<T: Clone + Eq> PemSource<T> {
    /// Reads files now, and again when they change. Only regular files can be read again.
    ///
    /// # Errors
    /// [`Code::File`] for a file that cannot be read, and the errors of `parse`.
    pub fn open(paths: Vec<(&'static str, PathBuf)>, parse: PemParser<T>) -> Result<Self, Error> {
        let stamps = stamps(&paths);
        let contents = read(&paths)?;
        let first = digest(&contents);
        let content = parse(contents)?;
        // The program may change its working directory later.
        let absolute = |(name, path)| (name, path::absolute(&path).unwrap_or(path));
        let paths = paths.into_iter().map(absolute).collect();
        if !stamps.iter().all(|stamp| stamp.as_ref().is_some_and(|stamp| stamp.regular)) {
            return Ok(Self::Memory(content));
        }
        let last =
            PemVersion { content, number: 0, settled: are_settled(&stamps), stamps, problem: None };
        Ok(Self::Files(Arc::new(PemFiles {
            paths,
            parse,
            first,
            last: ArcSwap::from_pointee(last),
        })))
    }

    /// The present content, the number of its version, and what happened to the files since the last
    /// time.
    pub fn current(&self, reloads: &mut Vec<PemReload>) -> (T, u64) {
        match self {
            Self::Memory(content) => (content.clone(), 0),
            Self::Files(files) => {
                let version = files.current(reloads);
                (version.content.clone(), version.number)
            }
        }
    }
}

impl<T: Clone + Eq> PemFiles<T> {
    fn current(&self, reloads: &mut Vec<PemReload>) -> Arc<PemVersion<T>> {
        let last = self.last.load_full();
        let same = |((_, path), stamp): (&(_, PathBuf), &_)| Stamp::of(path) == *stamp;
        if last.settled && self.paths.iter().zip(&last.stamps).all(same) {
            return last;
        }
        self.reload(&last, reloads)
    }

    #[cold]
    fn reload(
        &self,
        last: &Arc<PemVersion<T>>,
        reloads: &mut Vec<PemReload>,
    ) -> Arc<PemVersion<T>> {
        let (stamps, result) = self.read_consistently();
        let settled = are_settled(&stamps);
        let mut next = PemVersion {
            content: last.content.clone(),
            number: last.number,
            stamps,
            settled,
            problem: None,
        };
        let reload = match result {
            Ok(content) if content == last.content => None,
            Ok(content) => {
                next.content = content;
                next.number = last.number.saturating_add(1);
                Some(PemReload::Renewed(format!("read {} again, changed", self.names())))
            }
            Err(error) => {
                let text = format!(
                    "{} changed and cannot be used, so the last content stays: {}",
                    self.names(),
                    error.message
                );
                let known = last.problem.as_ref() == Some(&text) && last.stamps == next.stamps;
                next.problem = Some(text.clone());
                (!known).then_some(PemReload::Kept(text))
            }
        };
        let next = Arc::new(next);
        let previous = self.last.compare_and_swap(last, Arc::clone(&next));
        if !Arc::ptr_eq(&previous, last) {
            // Another thread was faster, and says what it found.
            return arc_swap::Guard::into_inner(previous);
        }
        reloads.extend(reload);
        next
    }

    /// The content of the files, and the stamps from before they were read.
    fn read_consistently(&self) -> (Vec<Option<Stamp>>, Result<T, Error>) {
        let mut before = stamps(&self.paths);
        for _ in 1..MAX_READS {
            let result = self.read_regular(&before);
            let after = stamps(&self.paths);
            if result.is_ok() || after == before {
                return (before, result);
            }
            before = after;
        }
        let result = self.read_regular(&before);
        (before, result)
    }

    /// A pipe in the place of a file could block the thread.
    fn read_regular(&self, stamps: &[Option<Stamp>]) -> Result<T, Error> {
        let mut files = self.paths.iter().zip(stamps);
        let pipe = files.find(|(_, stamp)| stamp.as_ref().is_some_and(|stamp| !stamp.regular));
        if let Some(((name, path), _)) = pipe {
            let message = format!("the {name} file {path:?} is not a regular file");
            return Err(Error::new(Code::File, message));
        }
        (self.parse)(read(&self.paths)?)
    }

    /// The files in a text for the log.
    fn names(&self) -> String {
        let names = self.paths.iter().map(|(name, path)| format!("the {name} file {path:?}"));
        names.collect::<Vec<_>>().join(" and ")
    }
}

fn read(paths: &[(&'static str, PathBuf)]) -> Result<PemContents, Error> {
    let read = |(name, path): &(&str, PathBuf)| {
        fs::read(path).map(Zeroizing::new).map_err(|error| {
            Error::new(Code::File, format!("the {name} file {path:?} cannot be read: {error}"))
        })
    };
    paths.iter().map(read).collect()
}

/// A digest of the contents and their lengths.
fn digest(contents: &PemContents) -> [u8; 32] {
    let mut digest = Sha256::new();
    for content in contents {
        digest.update(content.len().to_le_bytes());
        digest.update(content.as_slice());
    }
    digest.finalize().into()
}

/// The properties of a file that change if its content does.
#[derive(Clone, PartialEq, Eq)]
struct Stamp {
    regular: bool,
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    /// Changes also if a program sets the time of the modification.
    changed: (i64, i64),
}

impl Stamp {
    /// `None` if the file cannot be examined.
    fn of(path: &Path) -> Option<Self> {
        let of = |data: Metadata| Self {
            regular: data.is_file(),
            device: data.dev(),
            inode: data.ino(),
            size: data.size(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        };
        fs::metadata(path).ok().map(of)
    }
}

fn stamps(paths: &[(&'static str, PathBuf)]) -> Vec<Option<Stamp>> {
    paths.iter().map(|(_, path)| Stamp::of(path)).collect()
}

/// Whether the last change of each file is old enough that another one has another time.
fn are_settled(stamps: &[Option<Stamp>]) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let limit = i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_sub(MIN_AGE_SECONDS);
    stamps.iter().flatten().all(|stamp| stamp.changed.0 < limit)
}

impl<T> From<T> for PemSource<T> {
    fn from(content: T) -> Self {
        Self::Memory(content)
    }
}

impl<T> PartialEq for PemFiles<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.paths == other.paths && self.first == other.first)
    }
}

impl<T> Eq for PemFiles<T> {}

impl<T> Hash for PemFiles<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.paths.hash(state);
        self.first.hash(state);
    }
}

/// Does not print the content, because it may contain a key.
impl<T> fmt::Debug for PemSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(_) => f.write_str("[in memory]"),
            Self::Files(files) => files.paths.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    /// Two files whose texts must be equal, as a certificate and a key must match.
    struct Pair {
        folder: PathBuf,
        source: PemSource<String>,
        reloads: Vec<PemReload>,
    }

    impl Pair {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("sac-pem-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            for file in ["one", "two"] {
                fs::write(folder.join(file), "first").unwrap();
            }
            let paths = vec![("one", folder.join("one")), ("two", folder.join("two"))];
            let parse = |contents: PemContents| {
                let texts = contents.iter().map(|text| String::from_utf8(text.to_vec()).unwrap());
                match texts.collect::<Vec<_>>().as_slice() {
                    [one, two] if one == two => Ok(one.clone()),
                    _ => Err(Error::new(Code::Certificate, "they do not match")),
                }
            };
            let source = PemSource::open(paths, Box::new(parse)).unwrap();
            Self { folder, source, reloads: Vec::new() }
        }

        fn write(&self, file: &str, text: &str) {
            fs::write(self.folder.join(file), text).unwrap();
        }

        fn current(&mut self) -> (String, u64) {
            self.source.current(&mut self.reloads)
        }

        fn files(&self) -> &PemFiles<String> {
            match &self.source {
                PemSource::Files(files) => files,
                PemSource::Memory(_) => panic!("regular files are not watched"),
            }
        }
    }

    impl Drop for Pair {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.folder).unwrap();
        }
    }

    #[test]
    fn unchanged_files_keep_their_version() {
        let mut pair = Pair::new("unchanged");
        assert_eq!(pair.current(), ("first".into(), 0));
        pair.write("one", "first");
        assert_eq!(pair.current(), ("first".into(), 0), "the same content is a new version");
        assert_eq!(pair.reloads, []);
    }

    #[test]
    fn half_a_rotation_keeps_the_last_content_and_warns_once() {
        let mut pair = Pair::new("half");
        pair.write("one", "second");
        for _ in 0..3 {
            assert_eq!(pair.current(), ("first".into(), 0));
        }
        let [PemReload::Kept(text)] = pair.reloads.as_slice() else {
            panic!("not one warning: {:?}", pair.reloads)
        };
        assert!(text.ends_with("the last content stays: they do not match"), "{text}");
        pair.write("two", "second");
        assert_eq!(pair.current(), ("second".into(), 1));
        assert!(
            matches!(pair.reloads.as_slice(), [_, PemReload::Renewed(_)]),
            "{:?}",
            pair.reloads
        );
    }

    #[test]
    fn a_missing_file_keeps_the_last_content_until_it_is_back() {
        let mut pair = Pair::new("missing");
        fs::remove_file(pair.folder.join("two")).unwrap();
        assert_eq!(pair.current(), ("first".into(), 0));
        assert_eq!(pair.current(), ("first".into(), 0));
        assert_eq!(pair.reloads.len(), 1, "{:?}", pair.reloads);
        for file in ["two", "one"] {
            pair.write(file, "third");
        }
        assert_eq!(pair.current(), ("third".into(), 1));
    }

    #[test]
    fn a_changed_symbolic_link_is_followed() {
        let mut pair = Pair::new("link");
        for version in ["a", "b"] {
            fs::create_dir(pair.folder.join(version)).unwrap();
            for file in ["one", "two"] {
                pair.write(&format!("{version}/{file}"), version);
            }
        }
        let data = pair.folder.join("data");
        std::os::unix::fs::symlink("a", &data).unwrap();
        for file in ["one", "two"] {
            fs::remove_file(pair.folder.join(file)).unwrap();
            std::os::unix::fs::symlink(format!("data/{file}"), pair.folder.join(file)).unwrap();
        }
        assert_eq!(pair.current(), ("a".into(), 1));
        std::os::unix::fs::symlink("b", pair.folder.join("new")).unwrap();
        fs::rename(pair.folder.join("new"), &data).unwrap();
        assert_eq!(pair.current(), ("b".into(), 2));
    }

    #[test]
    fn a_change_within_the_same_time_stamp_is_noticed() {
        let mut pair = Pair::new("racy");
        // The same length, and possibly the same time.
        for (text, number) in [("again", 1), ("third", 2), ("forth", 3)] {
            for file in ["one", "two"] {
                pair.write(file, text);
            }
            assert_eq!(pair.current(), (text.to_owned(), number));
        }
    }

    #[test]
    fn old_files_are_not_read_again() {
        let mut pair = Pair::new("old");
        let stamps: Vec<_> = stamps(&pair.files().paths);
        let long_ago = stamps
            .into_iter()
            .map(|stamp| stamp.map(|stamp| Stamp { changed: (stamp.changed.0 - 10, 0), ..stamp }));
        assert!(are_settled(&long_ago.collect::<Vec<_>>()));
        assert!(!are_settled(&super::stamps(&pair.files().paths)), "a new file counts as old");
        // A reader that keeps its version reads nothing: the version would lose this mark.
        let last = pair.files().last.load_full();
        let marked = PemVersion {
            content: "marked".to_owned(),
            number: 7,
            stamps: last.stamps.clone(),
            settled: true,
            problem: None,
        };
        pair.files().last.store(Arc::new(marked));
        assert_eq!(pair.current(), ("marked".into(), 7));
        let times = fs::FileTimes::new().set_modified(UNIX_EPOCH + Duration::from_secs(1));
        File::options()
            .append(true)
            .open(pair.folder.join("one"))
            .unwrap()
            .set_times(times)
            .unwrap();
        assert_eq!(pair.current(), ("first".into(), 8), "an older modification time was ignored");
    }

    #[test]
    fn threads_agree_on_the_version_of_a_change() {
        let pair = Pair::new("threads");
        for file in ["two", "one"] {
            pair.write(file, "other");
        }
        let found = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| pair.source.current(&mut Vec::new()))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(found.iter().all(|version| *version == ("other".into(), 1)), "{found:?}");
    }

    #[test]
    fn only_regular_files_are_watched() {
        let parse = |contents: PemContents| Ok(contents.len());
        let paths = vec![("CA", PathBuf::from("/dev/null"))];
        let source = PemSource::open(paths, Box::new(parse)).unwrap();
        assert!(matches!(source, PemSource::Memory(1)), "{source:?}");
        let paths = vec![("CA", PathBuf::from("/nowhere"))];
        let error = PemSource::<usize>::open(paths, Box::new(parse)).unwrap_err();
        assert_eq!(error.code, Code::File);
        assert!(error.message.starts_with("the CA file \"/nowhere\" cannot be read"), "{error}");
    }
}
