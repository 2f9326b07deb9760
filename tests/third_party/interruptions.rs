//! nginx reloads its configuration or restarts during requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Progress, Request};
use sac::settings::Change;

use crate::nginx::{Nginx, large};
use crate::program::*;

/// The requests of each thread before the interruption, and again to the new nginx.
const REQUESTS: u64 = 50;
const THREADS: usize = 4;
/// The limit after which the test fails, because the new nginx does not respond.
const MAX_REQUESTS: u64 = 200_000;

fn generation(client: &Client) -> i64 {
    let response = client.send(&get("/echo"));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    response.values().int64(response.json_text(), "/generation").unwrap()
}

/// Interrupts nginx while several threads send requests without a pause.
fn interrupt_requests(nginx: &mut Nginx, client: &Client, interrupt: impl FnOnce(&mut Nginx)) {
    let sent = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let (sent, client) = (&sent, client.clone());
            scope.spawn(move || {
                let mut from_new = 0;
                while from_new < REQUESTS {
                    from_new += u64::from(generation(&client) == 2);
                    let all = sent.fetch_add(1, Ordering::Relaxed);
                    assert!(all < MAX_REQUESTS, "the new nginx does not respond");
                }
            });
        }
        while sent.load(Ordering::Relaxed) < REQUESTS {
            std::thread::yield_now();
        }
        interrupt(nginx);
    });
}

#[test]
fn no_request_fails_during_a_reload() {
    let Some(mut nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    interrupt_requests(&mut nginx, &client, Nginx::reload);
}

#[test]
fn no_request_with_retries_fails_during_a_restart() {
    let Some(mut nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    client.change(&Change::RetryAttempts(40)).unwrap();
    client.change(&Change::BackoffMs { base: 10, max: 100 }).unwrap();
    interrupt_requests(&mut nginx, &client, Nginx::restart);
    assert!(!client.stats().contains("\"retries\":0"), "{}", client.stats());
}

#[test]
fn a_restart_between_two_requests_needs_no_retry() {
    let Some(mut nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    assert_eq!(generation(&client), 1);
    nginx.restart();
    assert_eq!(generation(&client), 2);
}

/// Makes the progress callback of a request interrupt nginx once, when `due` is true.
fn set_interruption(
    request: &mut Request,
    nginx: &Arc<Mutex<Nginx>>,
    due: fn(Progress) -> bool,
    interrupt: fn(&mut Nginx),
) {
    let (nginx, done) = (Arc::clone(nginx), Mutex::new(false));
    request.set_progress(Some(Arc::new(move |progress| {
        let mut done = done.lock().unwrap();
        if !*done && due(progress) {
            *done = true;
            interrupt(&mut nginx.lock().unwrap());
        }
        true
    })));
}

/// A call with one retry, during which nginx is interrupted. Returns status and attempts.
fn interrupted(
    nginx: Nginx,
    mut request: Request,
    due: fn(Progress) -> bool,
    interrupt: fn(&mut Nginx),
) -> (Arc<Mutex<Nginx>>, u16, u32) {
    let client = client(&nginx.http());
    let nginx = Arc::new(Mutex::new(nginx));
    set_interruption(&mut request, &nginx, due, interrupt);
    request.change(Change::RetryAttempts(1)).unwrap();
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    // The callback holds a reference to nginx.
    request.set_progress(None);
    (nginx, response.status(), response.attempts())
}

fn a_third(progress: Progress) -> bool {
    progress.received > 1_000_000
}

#[test]
fn a_download_continues_during_a_reload_and_is_resumed_after_a_restart() {
    for (interrupt, expected) in
        [(Nginx::reload as fn(&mut Nginx), (200, 1)), (Nginx::restart, (206, 2))]
    {
        let Some(nginx) = Nginx::start() else { return };
        let copy = nginx.folder.path("copy");
        let mut request = get("/slow/large.bin");
        request.set_output(Output::File(copy.clone().into())).unwrap();
        let (_nginx, status, attempts) = interrupted(nginx, request, a_third, interrupt);
        assert_eq!((status, attempts), expected);
        assert!(std::fs::read(copy).unwrap() == large(), "another content");
    }
}

#[test]
fn an_upload_is_repeated_completely_after_a_restart() {
    let Some(nginx) = Nginx::start() else { return };
    let (from, to) = (nginx.folder.path("large.bin"), nginx.folder.path("uploaded"));
    let mut request = Request::new("PUT", "/put/uploaded").unwrap();
    request.set_body_file("application/octet-stream", &from).unwrap();
    let a_third = |progress: Progress| progress.sent > 1_000_000;
    let (_nginx, status, attempts) = interrupted(nginx, request, a_third, Nginx::restart);
    assert_eq!((status, attempts), (201, 2));
    assert!(std::fs::read(to).unwrap() == large(), "another content");
}
