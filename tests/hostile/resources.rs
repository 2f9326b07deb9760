//! A process without free descriptors, memory, threads, name servers or trusted certificates: calls
//! fail with clear codes, and succeed again when the resource is back.

use std::fs::File;
use std::io::Read;
use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzEncoder;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sac::client::Client;
use sac::code::Code;
use sac::request::Output;
use sac::settings::Change;
use sac::wait::Cancel;

use crate::case::{assert_usable, expect, head, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{Action, Server, client, error_of, get, request};

const GROUP: &str = "resources";

pub fn scenarios() -> Vec<Scenario> {
    let mut all = descriptors();
    all.extend(memory());
    all.extend(names());
    all
}

/// A limit; `drop` restores the old one.
pub struct Limit {
    resource: Resource,
    before: Rlimit,
}

impl Limit {
    fn set(resource: Resource, max: u64) -> Self {
        let before = getrlimit(resource);
        setrlimit(resource, Rlimit { current: Some(max), maximum: before.maximum }).unwrap();
        Self { resource, before }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        setrlimit(self.resource, self.before).unwrap();
    }
}

/// Holds all descriptors except a few, until it is dropped.
struct Exhausted {
    _files: Vec<File>,
    _limit: Limit,
}

impl Exhausted {
    fn leaving(spare: usize) -> Self {
        let limit = Limit::set(Resource::Nofile, 256);
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        let count = files.len().checked_sub(spare).unwrap();
        files.truncate(count);
        Self { _files: files, _limit: limit }
    }
}

fn well_behaved() -> Server {
    Server::start(|received| ok_response(received.path()))
}

fn descriptors() -> Vec<Scenario> {
    let scenario =
        |name: &str, run: fn() -> String| Scenario::new(GROUP, format!("descriptors: {name}"), run);
    vec![
        scenario("none for a connection", || {
            let server = well_behaved();
            let client = client(&server.url(), &[]);
            let exhausted = Exhausted::leaving(0);
            let response = get(&client, "/");
            drop(exhausted);
            expect(&response, Code::Connect);
            assert!(error_of(&response).contains("too many open files"));
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none for a DNS lookup", || {
            let server = well_behaved();
            let client = client(&server.url().replace("127.0.0.1", "localhost"), &[]);
            let exhausted = Exhausted::leaving(0);
            let response = get(&client, "/");
            drop(exhausted);
            expect(&response, Code::Resolve);
            assert!(error_of(&response).contains("too many open files"));
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none, with an idle connection", || {
            let server = well_behaved();
            let client = client(&server.url(), &[]);
            assert_usable(&client);
            let exhausted = Exhausted::leaving(0);
            assert_usable(&client);
            drop(exhausted);
            assert_eq!(server.finish().connections, 1);
            "its requests succeed".into()
        }),
        scenario("none for a file to write", || {
            let server = well_behaved();
            let client = client(&server.url(), &[]);
            assert_usable(&client);
            let path = std::env::temp_dir().join(format!("sac-no-file-{}", std::process::id()));
            let mut request = request("GET", "/");
            request.set_output(Output::File(path.to_str().unwrap().into())).unwrap();
            let exhausted = Exhausted::leaving(0);
            let response = client.send(&request);
            drop(exhausted);
            expect(&response, Code::File);
            assert!(!path.exists());
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none for a file to send", || {
            let server = well_behaved();
            let client = client(&server.url(), &[]);
            assert_usable(&client);
            let mut request = request("PUT", "/");
            request.set_body_file("text/plain", "/etc/passwd").unwrap();
            let exhausted = Exhausted::leaving(0);
            let response = client.send(&request);
            drop(exhausted);
            expect(&response, Code::File);
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none for a cancel", || {
            let exhausted = Exhausted::leaving(0);
            let error = Cancel::new().unwrap_err();
            drop(exhausted);
            assert_eq!(error.code, Code::Internal);
            Cancel::new().unwrap();
            error.to_string()
        }),
        scenario("none for the trusted certificates", || {
            // No server needs to accept the connection.
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("https://{}", listener.local_addr().unwrap());
            let client = client(&url, &[Change::TimeoutMs(150)]);
            let exhausted = Exhausted::leaving(1);
            let response = get(&client, "/");
            drop(exhausted);
            expect(&response, Code::Tls);
            expect(&get(&client, "/"), Code::Timeout);
            outcome(&response)
        }),
    ]
}

/// Limits the memory that the process may still allocate.
pub fn limit_memory(bytes: u64) -> Limit {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let kib: u64 = line.trim_end_matches("kB").trim().parse().unwrap();
    Limit::set(Resource::As, kib * 1024 + bytes)
}

/// The remaining memory, which is less than the bodies need.
const LEFT: u64 = 24 * 1024 * 1024;

fn memory() -> Vec<Scenario> {
    let too_large = |name: &str, code: Code, action: fn() -> Action| {
        Scenario::new(GROUP, format!("memory: {name}"), move || {
            let action = action();
            let server = Server::start(move |received| match received.path() {
                "/hostile" => action.clone(),
                path => ok_response(path),
            });
            let client = client(&server.url(), &[Change::MaxBodyBytes(0)]);
            assert_usable(&client);
            let limit = limit_memory(LEFT);
            let response = get(&client, "/hostile");
            drop(limit);
            expect(&response, code);
            assert_usable(&client);
            outcome(&response)
        })
    };
    vec![
        too_large("an endless body without a length", Code::TooLarge, || {
            Action::Endless(head(&[]).into_bytes(), b" ".repeat(8192))
        }),
        too_large("a body of a terabyte", Code::TooLarge, || {
            Action::Endless(
                head(&["Content-Length: 1000000000000"]).into_bytes(),
                b" ".repeat(8192),
            )
        }),
        too_large("endless chunks", Code::TooLarge, || {
            let again = format!("2000\r\n{}\r\n", " ".repeat(8192));
            Action::Endless(head(&["Transfer-Encoding: chunked"]).into_bytes(), again.into_bytes())
        }),
        too_large("a gzip bomb", Code::TooLarge, || {
            let mut packed = Vec::new();
            let zeros = std::io::repeat(b'0').take(64 << 20);
            GzEncoder::new(zeros, Compression::fast()).read_to_end(&mut packed).unwrap();
            Action::CloseAfter([head(&["Content-Encoding: gzip"]).as_bytes(), &packed].concat())
        }),
        // 8 MiB fit into the memory, but their repair does not.
        too_large("damaged JSON", Code::TooLarge, || {
            let body = "1,".repeat(4 << 20);
            let length = format!("Content-Length: {}", body.len() + 1);
            Action::Reply([&head(&[&length]), "[", &body].concat().into_bytes())
        }),
        Scenario::new(GROUP, "threads: none for a DNS lookup", || {
            let server = well_behaved();
            let client = client(&server.url().replace("127.0.0.1", "localhost"), &[]);
            // Less than a thread's stack.
            let limit = limit_memory(1024 * 1024);
            let response = get(&client, "/");
            drop(limit);
            expect(&response, Code::Resolve);
            assert!(error_of(&response).contains("no thread"));
            assert_usable(&client);
            outcome(&response)
        }),
    ]
}

const NO_NETWORK: &[&str] = &["unshare", "--net"];
const SILENT: &str = "127.0.0.77";
const SILENT_2: &str = "127.0.0.79";

fn names() -> Vec<Scenario> {
    let mut all = vec![
        Scenario::new(GROUP, "trust: no certificate store", || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("https://{}", listener.local_addr().unwrap());
            let response = get(&client(&url, &[]), "/");
            expect(&response, Code::Tls);
            outcome(&response)
        })
        .under(&["env", "SSL_CERT_FILE=/nowhere", "SSL_CERT_DIR=/nowhere"]),
    ];
    if !can_unshare() {
        println!("skipped: the scenarios without name servers, which require root");
        return all;
    }
    all.extend([
        Scenario::new(GROUP, "names: no network", unresolved).under(NO_NETWORK),
        Scenario::new(GROUP, "names: no resolv.conf", unresolved).under(&WITHOUT_SERVERS),
        Scenario::new(GROUP, "names: a missing name server", unresolved).under(&WITH_MISSING),
        Scenario::new(GROUP, "names: a silent name server", || {
            let _silent = UdpSocket::bind((SILENT, 53)).unwrap();
            let client = Client::new("http://server.test").unwrap();
            client.change(&Change::TimeoutMs(150)).unwrap();
            let response = get(&client, "/");
            expect(&response, Code::Timeout);
            assert!(Duration::from_micros(response.elapsed_us()) < Duration::from_secs(1));
            outcome(&response)
        })
        .under(&WITH_SILENT),
        Scenario::new(
            GROUP,
            "names: lookups that hang use one thread per name, and at most 32",
            || {
                let _silent = UdpSocket::bind((SILENT_2, 53)).unwrap();
                let lookups_of = |names: usize| {
                    std::thread::scope(|scope| {
                        for number in 0..40 {
                            let name = format!("http://n{}.test", number % names);
                            scope.spawn(move || {
                                let client = Client::new(&name).unwrap();
                                client.change(&Change::TimeoutMs(150)).unwrap();
                                expect(&get(&client, "/"), Code::Timeout);
                            });
                        }
                    });
                    lookup_threads()
                };
                let (one, many) = (lookups_of(1), lookups_of(40));
                assert_eq!(one, 1, "lookups of one name");
                assert!((2..=32).contains(&many), "{many} lookups at once");
                format!("{one} and {many}")
            },
        )
        .under(&WITH_SILENT_2),
        Scenario::new(GROUP, "names: an address without a network", || {
            let response = get(&client("http://192.0.2.1", &[Change::TimeoutMs(10_000)]), "/");
            expect(&response, Code::Connect);
            outcome(&response)
        })
        .under(NO_NETWORK),
    ]);
    all
}

/// The number of threads that look up a name.
fn lookup_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread that ends in the meantime has no name.
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    tasks.filter_map(|task| name(task.unwrap())).filter(|name| name == "sac-resolve\n").count()
}

fn unresolved() -> String {
    let response = get(&client("http://server.test", &[]), "/");
    expect(&response, Code::Resolve);
    let elapsed = Duration::from_micros(response.elapsed_us());
    assert!(elapsed < Duration::from_secs(10), "it took {elapsed:?}");
    outcome(&response)
}

/// A command that replaces the system's resolv.conf in a mount namespace.
const fn with(script: &'static str) -> [&'static str; 5] {
    ["unshare", "--mount", "sh", "-c", script]
}

const WITHOUT_SERVERS: [&str; 5] = with("mount --bind /dev/null /etc/resolv.conf && exec \"$0\"");
const WITH_MISSING: [&str; 5] = with(
    "f=$(mktemp) && echo nameserver 127.0.0.78 >\"$f\" && \
     mount --bind \"$f\" /etc/resolv.conf && rm \"$f\" && exec \"$0\"",
);
const WITH_SILENT: [&str; 5] = with(
    "f=$(mktemp) && printf 'nameserver 127.0.0.77\\noptions timeout:1 attempts:1\\n' >\"$f\" && \
     mount --bind \"$f\" /etc/resolv.conf && rm \"$f\" && exec \"$0\"",
);
const WITH_SILENT_2: [&str; 5] = with(
    "f=$(mktemp) && printf 'nameserver 127.0.0.79\\noptions timeout:3 attempts:1\\n' >\"$f\" && \
     mount --bind \"$f\" /etc/resolv.conf && rm \"$f\" && exec \"$0\"",
);

/// Whether this process may create namespaces.
fn can_unshare() -> bool {
    // The process that starts the scenarios has checked it already.
    if std::env::var_os(crate::scenario::NAME).is_some() {
        return true;
    }
    let attempt = std::process::Command::new("unshare")
        .args(["--mount", "--net", "mount", "--bind", "/dev/null", "/etc/resolv.conf"])
        .stderr(std::process::Stdio::null())
        .status();
    attempt.is_ok_and(|status| status.success())
}
