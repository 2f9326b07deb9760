//! A process that has run out of descriptors, memory, threads, name servers or trust: clear codes,
//! and all is well again as soon as there is enough.

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

const GROUP: &str = "out of";

pub fn scenarios() -> Vec<Scenario> {
    let mut all = descriptors();
    all.extend(memory());
    all.extend(names());
    all
}

/// A limit that is put back when it goes.
pub struct Limit {
    resource: Resource,
    before: Rlimit,
}

impl Limit {
    fn set(resource: Resource, most: u64) -> Self {
        let before = getrlimit(resource);
        setrlimit(resource, Rlimit { current: Some(most), maximum: before.maximum }).unwrap();
        Self { resource, before }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        setrlimit(self.resource, self.before).unwrap();
    }
}

/// Every descriptor but so many, until it goes.
struct Exhausted {
    _files: Vec<File>,
    _limit: Limit,
}

impl Exhausted {
    fn but(spare: usize) -> Self {
        let limit = Limit::set(Resource::Nofile, 256);
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        let left = files.len().checked_sub(spare).unwrap();
        files.truncate(left);
        Self { _files: files, _limit: limit }
    }
}

fn behaved() -> Server {
    Server::start(|received| ok_response(received.path()))
}

fn descriptors() -> Vec<Scenario> {
    let scenario =
        |name: &str, run: fn() -> String| Scenario::new(GROUP, format!("descriptors: {name}"), run);
    vec![
        scenario("none for a connection", || {
            let server = behaved();
            let client = client(&server.url(), &[]);
            let none = Exhausted::but(0);
            let response = get(&client, "/");
            drop(none);
            expect(&response, Code::Connect);
            assert!(error_of(&response).contains("too many open files"));
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none for a look-up", || {
            let server = behaved();
            let client = client(&server.url().replace("127.0.0.1", "localhost"), &[]);
            let none = Exhausted::but(0);
            let response = get(&client, "/");
            drop(none);
            expect(&response, Code::Resolve);
            assert!(error_of(&response).contains("too many open files"));
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none, and a connection that is kept", || {
            let server = behaved();
            let client = client(&server.url(), &[]);
            assert_usable(&client);
            let none = Exhausted::but(0);
            assert_usable(&client);
            drop(none);
            assert_eq!(server.finish().connections, 1);
            "its requests go on".into()
        }),
        scenario("none for a file to write", || {
            let server = behaved();
            let client = client(&server.url(), &[]);
            assert_usable(&client);
            let path = std::env::temp_dir().join(format!("sac-no-file-{}", std::process::id()));
            let mut request = request("GET", "/");
            request.set_output(Output::File(path.to_str().unwrap().into())).unwrap();
            let none = Exhausted::but(0);
            let response = client.send(&request);
            drop(none);
            expect(&response, Code::File);
            assert!(!path.exists());
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none for a file to send", || {
            let server = behaved();
            let client = client(&server.url(), &[]);
            assert_usable(&client);
            let mut request = request("PUT", "/");
            request.set_body_file("text/plain", "/etc/passwd").unwrap();
            let none = Exhausted::but(0);
            let response = client.send(&request);
            drop(none);
            expect(&response, Code::File);
            assert_usable(&client);
            outcome(&response)
        }),
        scenario("none for a cancel", || {
            let none = Exhausted::but(0);
            let refused = Cancel::new().unwrap_err();
            drop(none);
            assert_eq!(refused.code, Code::Internal);
            Cancel::new().unwrap();
            refused.to_string()
        }),
        scenario("none for the trusted certificates", || {
            // Nobody need take the connection.
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("https://{}", listener.local_addr().unwrap());
            let client = client(&url, &[Change::TimeoutMs(150)]);
            let one = Exhausted::but(1);
            let response = get(&client, "/");
            drop(one);
            expect(&response, Code::Tls);
            expect(&get(&client, "/"), Code::Timeout);
            outcome(&response)
        }),
    ]
}

/// What the process may take from now on.
pub fn memory_left(bytes: u64) -> Limit {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let kib: u64 = line.trim_end_matches("kB").trim().parse().unwrap();
    Limit::set(Resource::As, kib * 1024 + bytes)
}

/// A body that does not fit into the memory left, which is this.
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
            let limit = memory_left(LEFT);
            let response = get(&client, "/hostile");
            drop(limit);
            expect(&response, code);
            assert_usable(&client);
            outcome(&response)
        })
    };
    vec![
        too_large("a body without length or end", Code::TooLarge, || {
            Action::Endless(head(&[]).into_bytes(), b" ".repeat(8192))
        }),
        too_large("a body of a terabyte", Code::TooLarge, || {
            Action::Endless(
                head(&["Content-Length: 1000000000000"]).into_bytes(),
                b" ".repeat(8192),
            )
        }),
        too_large("chunks without end", Code::TooLarge, || {
            let again = format!("2000\r\n{}\r\n", " ".repeat(8192));
            Action::Endless(head(&["Transfer-Encoding: chunked"]).into_bytes(), again.into_bytes())
        }),
        too_large("a bomb of gzip", Code::TooLarge, || {
            let mut packed = Vec::new();
            let zeros = std::io::repeat(b'0').take(64 << 20);
            GzEncoder::new(zeros, Compression::fast()).read_to_end(&mut packed).unwrap();
            Action::CloseAfter([head(&["Content-Encoding: gzip"]).as_bytes(), &packed].concat())
        }),
        // 8 MiB fit, what their repair takes does not.
        too_large("damaged JSON", Code::TooLarge, || {
            let body = "1,".repeat(4 << 20);
            let length = format!("Content-Length: {}", body.len() + 1);
            Action::Reply([&head(&[&length]), "[", &body].concat().into_bytes())
        }),
        Scenario::new(GROUP, "threads: none for a look-up", || {
            let server = behaved();
            let client = client(&server.url().replace("127.0.0.1", "localhost"), &[]);
            // Less than a thread's stack.
            let limit = memory_left(1024 * 1024);
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
const SILENT_TOO: &str = "127.0.0.79";

fn names() -> Vec<Scenario> {
    let mut all = vec![
        Scenario::new(GROUP, "trust: no store of certificates", || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("https://{}", listener.local_addr().unwrap());
            let response = get(&client(&url, &[]), "/");
            expect(&response, Code::Tls);
            outcome(&response)
        })
        .under(&["env", "SSL_CERT_FILE=/nowhere", "SSL_CERT_DIR=/nowhere"]),
    ];
    if !may_unshare() {
        println!("skipped: the scenarios without name servers, for which it takes root");
        return all;
    }
    all.extend([
        Scenario::new(GROUP, "names: no network at all", unresolved).under(NO_NETWORK),
        Scenario::new(GROUP, "names: no resolv.conf", unresolved).under(&WITHOUT_SERVERS),
        Scenario::new(GROUP, "names: a name server that is not there", unresolved)
            .under(&WITH_NOBODY),
        Scenario::new(GROUP, "names: a name server that keeps silent", || {
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
            "names: look-ups that hang cost a thread for each name, and 32 at most",
            || {
                let _silent = UdpSocket::bind((SILENT_TOO, 53)).unwrap();
                let asked = |names: usize| {
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
                    look_ups()
                };
                let (one, many) = (asked(1), asked(40));
                assert_eq!(one, 1, "look-ups of one name");
                assert!((2..=32).contains(&many), "{many} look-ups at once");
                format!("{one} and {many}")
            },
        )
        .under(&WITH_SILENT_TOO),
        Scenario::new(GROUP, "names: an address without a network", || {
            let response = get(&client("http://192.0.2.1", &[Change::TimeoutMs(10_000)]), "/");
            expect(&response, Code::Connect);
            outcome(&response)
        })
        .under(NO_NETWORK),
    ]);
    all
}

/// How many threads look up a name.
fn look_ups() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // One that ends meanwhile has no name any more.
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    tasks.filter_map(|task| name(task.unwrap())).filter(|name| name == "sac-resolve\n").count()
}

fn unresolved() -> String {
    let response = get(&client("http://server.test", &[]), "/");
    expect(&response, Code::Resolve);
    let took = Duration::from_micros(response.elapsed_us());
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    outcome(&response)
}

/// A process of its own with a file of its own in the place of the system's.
const fn with(script: &'static str) -> [&'static str; 5] {
    ["unshare", "--mount", "sh", "-c", script]
}

const WITHOUT_SERVERS: [&str; 5] = with("mount --bind /dev/null /etc/resolv.conf && exec \"$0\"");
const WITH_NOBODY: [&str; 5] = with(
    "f=$(mktemp) && echo nameserver 127.0.0.78 >\"$f\" && \
     mount --bind \"$f\" /etc/resolv.conf && rm \"$f\" && exec \"$0\"",
);
const WITH_SILENT: [&str; 5] = with(
    "f=$(mktemp) && printf 'nameserver 127.0.0.77\\noptions timeout:1 attempts:1\\n' >\"$f\" && \
     mount --bind \"$f\" /etc/resolv.conf && rm \"$f\" && exec \"$0\"",
);
const WITH_SILENT_TOO: [&str; 5] = with(
    "f=$(mktemp) && printf 'nameserver 127.0.0.79\\noptions timeout:3 attempts:1\\n' >\"$f\" && \
     mount --bind \"$f\" /etc/resolv.conf && rm \"$f\" && exec \"$0\"",
);

/// Once per process: whether this one may have namespaces of its own.
fn may_unshare() -> bool {
    // The processes of the scenarios have been let through already.
    if std::env::var_os(crate::scenario::NAME).is_some() {
        return true;
    }
    let tried = std::process::Command::new("unshare")
        .args(["--mount", "--net", "mount", "--bind", "/dev/null", "/etc/resolv.conf"])
        .stderr(std::process::Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}
