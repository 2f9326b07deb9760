//! Other people's programs, each in a folder of its own, on a port of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sac::client::Client;
use sac::settings::Change;
use zeroize::Zeroizing;

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
pub struct Part {
    child: Child,
}

impl Part {
    /// Starts a program, and waits until something listens at the port; `None`, said aloud, where it
    /// is not installed.
    pub fn start(program: &str, arguments: &[&str], port: u16) -> Option<Self> {
        let path = ["/usr/sbin", "/usr/bin", "/sbin", "/usr/local/bin"]
            .map(|folder| Path::new(folder).join(program));
        let Some(path) = path.iter().find(|path| path.exists()) else {
            eprintln!("skipped: {program} is not installed");
            return None;
        };
        let quiet = Command::new(path).args(arguments).stdout(Stdio::null()).spawn();
        let mut part = Self { child: quiet.unwrap() };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = part.child.try_wait().unwrap();
            assert!(ended.is_none(), "{program} {arguments:?} does not start: {ended:?}");
            std::thread::yield_now();
        }
        Some(part)
    }

    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // As the system's own manager would end it, so that it ends its workers.
        let _ = Command::new("kill").arg(self.pid()).status();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens at for the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
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
