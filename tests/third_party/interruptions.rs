//! nginx taking up a new configuration, or ending and starting anew, while it is being talked to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Progress, Request};
use sac::settings::Change;

use crate::nginx::{Nginx, large};
use crate::program::*;

/// What each thread asks before nginx is interrupted, and again when it is itself anew.
const REQUESTS: u64 = 50;
const THREADS: usize = 4;
/// Where something is so broken that the new nginx is never reached.
const MOST: u64 = 200_000;

fn generation(client: &Client) -> i64 {
    let response = client.send(&get("/echo"));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    response.values().int64(response.json_text(), "/generation").unwrap()
}

/// Lets some threads ask without a pause, and interrupts nginx in the middle of that.
fn while_asked(nginx: &mut Nginx, client: &Client, interrupt: impl FnOnce(&mut Nginx)) {
    let asked = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let (asked, client) = (&asked, client.clone());
            scope.spawn(move || {
                let mut of_the_new = 0;
                while of_the_new < REQUESTS {
                    of_the_new += u64::from(generation(&client) == 2);
                    let all = asked.fetch_add(1, Ordering::Relaxed);
                    assert!(all < MOST, "the new nginx does not answer");
                }
            });
        }
        while asked.load(Ordering::Relaxed) < REQUESTS {
            std::thread::yield_now();
        }
        interrupt(nginx);
    });
}

#[test]
fn a_reload_is_not_noticed_by_those_who_ask_meanwhile() {
    let Some(mut nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    while_asked(&mut nginx, &client, Nginx::reload);
}

#[test]
fn a_restart_costs_those_who_ask_meanwhile_some_retries_and_no_answer() {
    let Some(mut nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    client.change(&Change::RetryAttempts(40)).unwrap();
    client.change(&Change::BackoffMs { base: 10, max: 100 }).unwrap();
    while_asked(&mut nginx, &client, Nginx::restart);
    assert!(!client.stats().contains("\"retries\":0"), "{}", client.stats());
}

#[test]
fn a_restart_between_two_requests_is_not_noticed() {
    let Some(mut nginx) = Nginx::start() else { return };
    let client = client(&nginx.http());
    assert_eq!(generation(&client), 1);
    nginx.restart();
    assert_eq!(generation(&client), 2);
}

/// Lets a request interrupt nginx once, when so much has come or gone.
fn interrupting(
    request: &mut Request,
    nginx: &Arc<Mutex<Nginx>>,
    due: fn(Progress) -> bool,
    interrupt: fn(&mut Nginx),
) {
    let (nginx, done) = (Arc::clone(nginx), Mutex::new(false));
    request.set_progress(Some(Arc::new(move |moved| {
        let mut done = done.lock().unwrap();
        if !*done && due(moved) {
            *done = true;
            interrupt(&mut nginx.lock().unwrap());
        }
        true
    })));
}

/// A call with one retry, in whose middle nginx is interrupted; returns status and attempts.
fn interrupted(
    nginx: Nginx,
    mut request: Request,
    due: fn(Progress) -> bool,
    interrupt: fn(&mut Nginx),
) -> (Arc<Mutex<Nginx>>, u16, u32) {
    let client = client(&nginx.http());
    let nginx = Arc::new(Mutex::new(nginx));
    interrupting(&mut request, &nginx, due, interrupt);
    request.change(Change::RetryAttempts(1)).unwrap();
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    // Its progress still holds on to nginx.
    request.set_progress(None);
    (nginx, response.status(), response.attempts())
}

fn a_third(moved: Progress) -> bool {
    moved.received > 1_000_000
}

#[test]
fn a_download_is_finished_by_an_nginx_that_reloads_and_resumed_from_one_that_restarts() {
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
fn an_upload_is_replayed_whole_to_an_nginx_that_restarts() {
    let Some(nginx) = Nginx::start() else { return };
    let (from, to) = (nginx.folder.path("large.bin"), nginx.folder.path("uploaded"));
    let mut request = Request::new("PUT", "/put/uploaded").unwrap();
    request.set_body_file("application/octet-stream", &from).unwrap();
    let a_third = |moved: Progress| moved.sent > 1_000_000;
    let (_nginx, status, attempts) = interrupted(nginx, request, a_third, Nginx::restart);
    assert_eq!((status, attempts), (201, 2));
    assert!(std::fs::read(to).unwrap() == large(), "another content");
}
