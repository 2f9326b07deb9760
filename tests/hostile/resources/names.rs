//! A process without name servers, without a network, or without trusted certificates.

use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;

use crate::case::{expect, outcome};
use crate::scenario::Scenario;
use crate::support::{client, get};

use super::GROUP;

const NO_NETWORK: &[&str] = &["unshare", "--net"];
const SILENT: &str = "127.0.0.77";
const SILENT_2: &str = "127.0.0.79";

pub fn scenarios() -> Vec<Scenario> {
    let scenario = |name: &str, run: fn() -> String| Scenario::new(GROUP, name, run);
    let mut all = vec![scenario("trust: no certificate store", no_certificate_store).under(&[
        "env",
        "SSL_CERT_FILE=/nowhere",
        "SSL_CERT_DIR=/nowhere",
    ])];
    if !can_unshare() {
        println!("skipped: the scenarios without name servers, which require root");
        return all;
    }
    all.extend([
        scenario("names: no network", unresolved).under(NO_NETWORK),
        scenario("names: no resolv.conf", unresolved).under(&WITHOUT_SERVERS),
        scenario("names: a missing name server", unresolved).under(&WITH_MISSING),
        scenario("names: a silent name server", silent_server).under(&WITH_SILENT),
        scenario(
            "names: lookups that hang use one thread per name, and at most 32",
            hanging_lookups,
        )
        .under(&WITH_SILENT_2),
        scenario("names: an address without a network", unreachable_address).under(NO_NETWORK),
    ]);
    all
}

fn no_certificate_store() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let response = get(&client(&url, &[]), "/");
    expect(&response, Code::Tls);
    outcome(&response)
}

fn silent_server() -> String {
    let _silent = UdpSocket::bind((SILENT, 53)).unwrap();
    let client = Client::new("http://server.test").unwrap();
    client.change(&Change::TimeoutMs(150)).unwrap();
    let response = get(&client, "/");
    expect(&response, Code::Timeout);
    assert!(Duration::from_micros(response.elapsed_us()) < Duration::from_secs(1));
    outcome(&response)
}

fn hanging_lookups() -> String {
    let _silent = UdpSocket::bind((SILENT_2, 53)).unwrap();
    let (one, many) = (threads_for_lookups_of(1), threads_for_lookups_of(40));
    assert_eq!(one, 1, "lookups of one name");
    assert!((2..=32).contains(&many), "{many} lookups at once");
    format!("{one} and {many}")
}

/// Looks up so many names in 40 calls at once. Returns how many lookups still run afterwards.
fn threads_for_lookups_of(names: usize) -> usize {
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
}

fn unreachable_address() -> String {
    let response = get(&client("http://192.0.2.1", &[Change::TimeoutMs(10_000)]), "/");
    expect(&response, Code::Connect);
    outcome(&response)
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
