//! Other people's programs, each in a folder of its own, on a port of its own.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sac::answer::Response;
use sac::client::Client;
use sac::request::Request;
use sac::settings::Change;
use zeroize::Zeroizing;

/// Where programs lie: those of the system, and those that `scripts/run set-up` unpacks.
const FOLDERS: [&str; 6] = [
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/usr/local/bin",
    concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/bin"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/sbin"),
];

/// Where the libraries of the unpacked ones lie, below a folder for each kind of machine.
const LIBRARIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/lib");

/// The path by which the loader finds them.
fn library_path() -> OsString {
    let folders = fs::read_dir(LIBRARIES).into_iter().flatten().flatten();
    std::env::join_paths(folders.map(|folder| folder.path())).unwrap_or_default()
}

/// Says what is not tested, past the harness, which keeps what a test that succeeds has printed.
pub fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("sac-real-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        // The parts give up root.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), content).unwrap();
        self.path(name)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that runs until the test is over.
pub struct Program {
    child: Child,
}

impl Program {
    /// Starts a program, and waits until something listens at the port; `None`, said aloud, where it
    /// is not there.
    pub fn start(program: &str, arguments: &[&str], port: u16) -> Option<Self> {
        let path = FOLDERS.map(|folder| Path::new(folder).join(program));
        let Some(path) = path.iter().find(|path| path.exists()) else {
            skipped(&format!("{program} is not there"));
            return None;
        };
        let mut command = Command::new(path);
        if path.starts_with(env!("CARGO_MANIFEST_DIR")) {
            command.env("LD_LIBRARY_PATH", library_path());
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        // What it has to say is of interest to a person who looks for a mistake.
        if std::env::var_os("SAC_PARTS_SPEAK").is_none() {
            command.stderr(Stdio::null());
        }
        let mut part = Self { child: command.spawn().unwrap() };
        part.wait_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok(), program);
        Some(part)
    }

    /// Waits for something that it does when it starts.
    pub fn wait_until(&mut self, ready: impl Fn() -> bool, program: &str) {
        while !ready() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{program} does not start: {ended:?}; SAC_PARTS_SPEAK=1");
            std::thread::yield_now();
        }
    }

    /// Sends it a signal, by its name without `SIG`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Ends it, and waits for that.
    pub fn end(&mut self) {
        self.signal("TERM");
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // As the system's own manager would end it, so that it ends its workers.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

/// A port that nobody listens at for the moment, and that no socket is given by itself: other
/// people's programs cannot be told to take any, and those that are started anew want theirs back.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let ports = 10_000..32_000;
    let first = std::process::id().wrapping_mul(61);
    loop {
        let next = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = ports.start + u16::try_from(next % ports.len() as u32).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The text of what went wrong; empty where nothing did.
pub fn error_of(response: &Response) -> String {
    response.error().map(|error| error.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The string at a pointer of the JSON.
pub fn string_at(response: &Response, pointer: &str) -> String {
    let text = response.json_text();
    let found = response.values().string(text, pointer);
    let found = found.unwrap_or_else(|| panic!("no string at {pointer} of {text}"));
    // It ends with the NUL that C wants.
    String::from_utf8(found.strip_suffix(b"\0").unwrap_or(found).to_vec()).unwrap()
}

pub fn get(path: &str) -> Request {
    Request::new("GET", path).unwrap()
}

pub fn client(url: &str) -> Client {
    let client = Client::new(url).unwrap();
    client.change(&Change::TimeoutMs(10_000)).unwrap();
    client
}

pub fn through(url: &str, proxy: &str) -> Client {
    let client = client(url);
    client.change(&Change::Proxy(Some(Zeroizing::new(proxy.into())))).unwrap();
    client
}
