use std::fs;
use std::path::PathBuf;

use super::*;

/// A folder that is removed at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sac-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> TokenFile {
        TokenFile::new(self.path().to_str().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.join("token")
    }

    /// Replaces the file as Kubernetes does, by a rename.
    fn replace(&self, content: &str) {
        let new = self.0.join("new");
        fs::write(&new, content).unwrap();
        fs::rename(new, self.path()).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn value(token: Result<Arc<Token>, String>) -> String {
    token.unwrap().secret().expose().to_owned()
}

#[test]
fn a_file_is_read_again_when_it_was_replaced_or_written() {
    let folder = Folder::new("replaced");
    let file = folder.file();
    // Also with a byte order mark, which some editors write.
    folder.replace("\u{feff}first\n");
    assert_eq!(value(file.token()), "first");
    let same = Arc::as_ptr(&file.token().unwrap());
    assert_eq!(Arc::as_ptr(&file.token().unwrap()), same, "it was read without a change");
    folder.replace("other\n");
    assert_eq!(value(file.token()), "other");
    fs::write(folder.path(), "a-longer-one").unwrap();
    assert_eq!(value(file.token()), "a-longer-one");
}

#[test]
fn the_last_good_token_is_kept() {
    let folder = Folder::new("kept");
    let file = folder.file();
    folder.replace("good");
    assert_eq!(value(file.token()), "good");
    for bad in ["", "\n", "two words", "\u{7f}", "line\nline"] {
        folder.replace(bad);
        assert_eq!(value(file.token()), "good", "{bad:?}");
    }
    fs::remove_file(folder.path()).unwrap();
    assert_eq!(value(file.token()), "good");
    folder.replace("better");
    assert_eq!(value(file.token()), "better");
}

#[test]
fn a_file_without_a_token_has_a_reason_without_its_content() {
    let folder = Folder::new("reason");
    let file = folder.file();
    let problem = file.token().unwrap_err();
    assert!(problem.contains("/token\" has no token: No such file or directory"), "{problem}");
    for (content, reason) in [
        ("", "is empty"),
        ("correct horse", "whitespace"),
        (&*"x".repeat(MAX_BYTES), "longer than 65536 bytes"),
    ] {
        folder.replace(content);
        let problem = file.token().unwrap_err();
        assert!(problem.contains(reason) && !problem.contains("horse"), "{problem}");
    }
    fs::write(folder.path(), b"\xff").unwrap();
    assert!(file.token().unwrap_err().ends_with("it is not valid UTF-8"));
    assert!(TokenFile::new("/dev").token().unwrap_err().contains("Is a directory"));
}

#[test]
fn a_refused_token_is_read_again_although_the_file_looks_unchanged() {
    let folder = Folder::new("refused");
    let file = folder.file();
    folder.replace("aaaa");
    let refused = file.token().unwrap();
    let modified = fs::metadata(folder.path()).unwrap().modified().unwrap();
    fs::write(folder.path(), "bbbb").unwrap();
    let written = fs::OpenOptions::new().write(true).open(folder.path()).unwrap();
    written.set_modified(modified).unwrap();
    assert_eq!(value(file.token()), "aaaa", "the file was recognised, so the test proves nothing");
    assert!(file.read_again(&refused));
    let current = file.token().unwrap();
    assert_eq!(current.secret().expose(), "bbbb");
    assert!(!file.read_again(&current), "it is the same token");
}
