//! Third-party programs, each with its own folder and port.

use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sac::answer::Response;
use sac::client::Client;
use sac::request::Request;
use sac::settings::Change;
use zeroize::Zeroizing;

pub use crate::support::{Folder, pattern, skipped};

/// The folders of programs: of the system, and of those that `scripts/run set-up` unpacks.
const FOLDERS: [&str; 6] = [
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/usr/local/bin",
    concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/bin"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/sbin"),
];

/// The libraries of the unpacked programs, in a folder for each architecture.
const LIBRARIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/build/parts/usr/lib");

/// The loader's search path for these libraries.
fn library_path() -> OsString {
    let folders = fs::read_dir(LIBRARIES).into_iter().flatten().flatten();
    std::env::join_paths(folders.map(|folder| folder.path())).unwrap_or_default()
}

/// A program that runs until the test is over.
pub struct Program {
    child: Child,
}

impl Program {
    /// Starts a program, and waits until it listens on the port. Reports a missing program, and
    /// returns `None`.
    pub fn start(program: &str, arguments: &[&str], port: u16) -> Option<Self> {
        Self::start_with(program, arguments, &[], port)
    }

    /// The same, with these variables in its environment.
    pub fn start_with(
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
        port: u16,
    ) -> Option<Self> {
        let path = FOLDERS.map(|folder| Path::new(folder).join(program));
        let Some(path) = path.iter().find(|path| path.exists()) else {
            skipped(&format!("{program} is not installed"));
            return None;
        };
        let mut command = Command::new(path);
        if path.starts_with(env!("CARGO_MANIFEST_DIR")) {
            command.env("LD_LIBRARY_PATH", library_path());
        }
        command.envs(environment.iter().copied());
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        // Its messages help to find the cause of a failure.
        if std::env::var_os("SAC_SHOW_PROGRAM_OUTPUT").is_none() {
            command.stderr(Stdio::null());
        }
        let mut running = Self { child: command.spawn().unwrap() };
        running.wait_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok(), program);
        Some(running)
    }

    /// Waits until `ready` is true; fails if the program ends.
    pub fn wait_until(&mut self, ready: impl Fn() -> bool, program: &str) {
        while !ready() {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "{program} does not start: {ended:?}; try SAC_SHOW_PROGRAM_OUTPUT=1"
            );
            std::thread::yield_now();
        }
    }

    /// Sends the signal with this name, without `SIG`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Ends the program, and waits for its end.
    pub fn end(&mut self) {
        self.signal("TERM");
        self.child.wait().unwrap();
    }

    /// Ends the program without a chance to close anything, and waits for its end.
    pub fn kill(&mut self) {
        self.signal("KILL");
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGTERM, as from the system's service manager, so that it ends its workers.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

/// A free port outside the range of ephemeral ports. Most of these programs cannot bind to port 0, and
/// a restarted program needs the same port again.
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

/// The error text; empty if there is none.
pub fn error_of(response: &Response) -> String {
    response.error().map(|error| error.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The string at a pointer of the JSON.
pub fn string_at(response: &Response, pointer: &str) -> String {
    let text = response.json_text();
    let found = response.values().string(text, pointer);
    let found = found.unwrap_or_else(|| panic!("no string at {pointer} of {text}"));
    // It ends with a NUL for C.
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
