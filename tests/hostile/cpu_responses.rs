//! Responses that would keep a processor busy: a limit for the CPU time of a call.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use sac::client::Client;
use sac::code::Code;

use crate::case::{assert_usable, expect, ok_response, outcome};
use crate::scenario::Scenario;
use crate::support::{Action, Server, error_of, get, request, respond};

const GROUP: &str = "cpu";

/// Much more than any call takes in a build without optimization on the slowest machine, and much
/// less than an algorithm of quadratic time takes.
const MAX: Duration = Duration::from_secs(5);

/// The CPU time of this process.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

pub fn within_time(work: impl FnOnce()) -> Duration {
    let before = cpu_time();
    work();
    let elapsed = cpu_time() - before;
    assert!(elapsed < MAX, "it used {elapsed:?} of CPU time");
    elapsed
}

pub fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(GROUP, "60 cookies of 4 KB, and a similar error of 200 KB", || {
            cookies(&"ab".repeat(2_000), &"ab".repeat(100_000))
        }),
        Scenario::new(GROUP, "60 cookies of 4 KB, and an error in every encoding", || {
            cookies(&"ab".repeat(2_000), &"%61&#98;%2561&amp;%5cu0061 ".repeat(8_000))
        }),
        error("of 3 MB", || format!("{{\"error\": \"{}\"}}", "x".repeat(3_000_000))),
        error("with 30,000 names", || format!("{{{}\"z\":1}}", "\"name\":[\"\"],".repeat(30_000))),
        error("with errors in errors", || {
            format!("{}1{}", "{\"errors\":[".repeat(10_000), "]}".repeat(10_000))
        }),
        error("with a name of escapes", || format!("{{\"{}\": 1}}", "\\u0065".repeat(100_000))),
        Scenario::new(GROUP, "a reason phrase of 200 KB, and 100 tokens", || {
            let reason =
                format!("HTTP/1.1 500 {}\r\nContent-Length: 0\r\n\r\n", "t".repeat(200_000));
            let action = Action::Reply(reason.into_bytes());
            let server = Server::start(move |received| match received.path() {
                "/hostile" => action.clone(),
                path => ok_response(path),
            });
            let client = Client::new(&server.url()).unwrap();
            let mut request = request("GET", "/hostile");
            for number in 0..100 {
                request
                    .set_header(&format!("X-Token-{number}"), &"t".repeat(300 + number))
                    .unwrap();
            }
            let mut summary = String::new();
            let elapsed = within_time(|| {
                let response = client.send(&request);
                expect(&response, Code::Status);
                summary = outcome(&response);
            });
            assert_usable(&client);
            format!("{summary} in {} ms", elapsed.as_millis())
        }),
    ]
}

/// A server sets 60 cookies, and then sends this error.
fn cookies(value: &str, error: &str) -> String {
    let fields: Vec<_> =
        (0..60).map(|number| ("Set-Cookie", format!("c{number}={number:02}{value}"))).collect();
    let (error, set) = (format!("{{\"error\": \"{error}\"}}"), fields);
    let server = Server::start(move |received| match received.path() {
        path if path.starts_with("/set") => {
            // The size of a head is limited, so there are several.
            let part = path.trim_start_matches("/set").parse::<usize>().unwrap();
            let part: Vec<_> =
                set.iter().skip(part * 10).take(10).map(|(n, v)| (*n, v.as_str())).collect();
            respond(200, &part, "{}")
        }
        "/hostile" => respond(400, &[], &error),
        path => ok_response(path),
    });
    let client = Client::new(&server.url()).unwrap();
    client.set_cookie_jar(true).unwrap();
    for part in 0..6 {
        expect(&get(&client, &format!("/set{part}")), Code::Ok);
    }
    let mut summary = String::new();
    let elapsed = within_time(|| {
        let response = get(&client, "/hostile");
        expect(&response, Code::Status);
        assert!(error_of(&response).len() <= 4096, "an error of {} B", error_of(&response).len());
        summary = outcome(&response).chars().take(80).collect();
    });
    format!("{summary} in {} ms", elapsed.as_millis())
}

fn error(name: &str, body: fn() -> String) -> Scenario {
    Scenario::new(GROUP, format!("an error {name}"), move || {
        let action = respond(400, &[], &body());
        let server = Server::start(move |received| match received.path() {
            "/hostile" => action.clone(),
            path => ok_response(path),
        });
        let client = Client::new(&server.url()).unwrap();
        assert_usable(&client);
        let mut summary = String::new();
        let elapsed = within_time(|| {
            let response = get(&client, "/hostile");
            expect(&response, Code::Status);
            assert!(error_of(&response).len() <= 4096);
            summary = outcome(&response).chars().take(80).collect();
        });
        assert_usable(&client);
        format!("{summary} in {} ms", elapsed.as_millis())
    })
}
