use std::net::Ipv4Addr;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use super::*;
use crate::transport::ExchangeLimits;
use crate::wait::{Cancel, Deadline};

fn call(attempt: Deadline, cancel: Option<&Cancel>) -> ExchangeContext {
    let limits = ExchangeLimits {
        deadline: attempt,
        connect_timeout: None,
        read_timeout: None,
        cancel,
        max_body_bytes: 0,
    };
    ExchangeContext::with_limits(Instant::now(), &limits)
}

fn brief() -> Deadline {
    Deadline::after(Instant::now(), Some(Duration::from_millis(20)))
}

/// A lookup that runs until the returned sender is dropped.
fn blocked_lookup() -> (Sender<()>, impl FnOnce(&str) -> LookupResult + Send) {
    let (release, blocked) = channel::<()>();
    let lookup = move |_: &str| {
        let _ = blocked.recv();
        Ok(vec![HERE])
    };
    (release, lookup)
}

const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A lookup that must not run.
fn must_not_look_up(name: &str) -> LookupResult {
    panic!("{name} was looked up");
}

#[test]
fn an_ip_address_is_not_looked_up() {
    for host in ["127.0.0.1", "::1", "[::1]", "[2001:db8::7]"] {
        let mut call = call(Deadline::NEVER, None);
        let addresses =
            resolve_with(must_not_look_up, &PerProcess::new(), &mut call, host, 80).unwrap();
        assert_eq!(addresses.len(), 1);
        assert_eq!(call.record.resolve, None, "{host} was looked up");
    }
}

#[test]
fn a_zone_becomes_the_number_of_its_interface() {
    let mut call = call(Deadline::NEVER, None);
    let number = std::fs::read_to_string("/sys/class/net/lo/ifindex").unwrap();
    let lo: u32 = number.trim().parse().unwrap();
    for host in ["fe80::1%lo".to_owned(), format!("[fe80::1%{lo}]")] {
        let found = resolve(&mut call, &host, 80).unwrap();
        let scoped = std::net::SocketAddrV6::new("fe80::1".parse().unwrap(), 80, 0, lo);
        assert_eq!(found, [SocketAddr::V6(scoped)], "{host}");
    }
    let failure = resolve(&mut call, "fe80::1%no-such-one", 80).unwrap_err();
    assert_eq!(failure.kind, TransportErrorKind::Resolve);
}

#[test]
fn a_deadline_ends_the_wait_for_a_lookup() {
    let (release, lookup) = blocked_lookup();
    let mut call = call(brief(), None);
    let failure = resolve_with(lookup, &PerProcess::new(), &mut call, "slow.test", 80).unwrap_err();
    assert_eq!(failure.kind, TransportErrorKind::Timeout);
    assert!(failure.detail.ends_with("looking up slow.test"), "{}", failure.detail);
    drop(release);
}

#[test]
fn a_cancel_ends_the_wait_for_a_lookup() {
    let (release, blocked) = channel::<()>();
    let cancel = Cancel::new().unwrap();
    let trigger = cancel.clone();
    let lookup = move |_: &str| {
        trigger.trigger();
        let _ = blocked.recv();
        Ok(Vec::new())
    };
    let mut call = call(Deadline::NEVER, Some(&cancel));
    let failure = resolve_with(lookup, &PerProcess::new(), &mut call, "slow.test", 80).unwrap_err();
    assert_eq!(failure.kind, TransportErrorKind::Cancelled);
    drop(release);
}

fn running(lookups: &PerProcess<Lookups>) -> Vec<Arc<Lookup>> {
    lookups.get(|_| Lookups::default()).lock().unwrap().clone()
}

#[test]
fn exchanges_that_need_the_same_name_share_one_lookup() {
    let lookups = PerProcess::new();
    let (release, lookup) = blocked_lookup();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            resolve_with(lookup, &lookups, &mut call(Deadline::NEVER, None), "a.test", 80)
        });
        let shared = loop {
            match running(&lookups).pop() {
                Some(one) => break one,
                None => std::thread::yield_now(),
            }
        };
        let others: Vec<_> = [(8080, Deadline::NEVER), (8081, Deadline::NEVER)]
            .map(|(port, deadline)| {
                let lookups = &lookups;
                scope.spawn(move || {
                    resolve_with(
                        must_not_look_up,
                        lookups,
                        &mut call(deadline, None),
                        "A.test",
                        port,
                    )
                })
            })
            .into();
        // The list, the lookup's thread, three that wait, and this one.
        while Arc::strong_count(&shared) < 6 {
            std::thread::yield_now();
        }
        drop(release);
        let at = |port| vec![with_port(HERE, port)];
        assert_eq!(first.join().unwrap().unwrap(), at(80));
        for (other, port) in others.into_iter().zip([8080, 8081]) {
            assert_eq!(other.join().unwrap().unwrap(), at(port));
        }
    });
    assert!(running(&lookups).is_empty(), "a finished lookup still counts as running");
}

#[test]
fn the_number_of_lookups_is_limited_and_the_next_one_waits_within_its_deadline() {
    let lookups = PerProcess::new();
    let mut releases = Vec::new();
    while running(&lookups).len() < MAX_LOOKUPS {
        let (release, lookup) = blocked_lookup();
        let name = format!("{}.test", releases.len());
        releases.push(release);
        let moment = Deadline::after(Instant::now(), Some(Duration::from_millis(1)));
        resolve_with(lookup, &lookups, &mut call(moment, None), &name, 80).unwrap_err();
    }
    let failure =
        resolve_with(must_not_look_up, &lookups, &mut call(brief(), None), "next.test", 80)
            .unwrap_err();
    assert_eq!(failure.kind, TransportErrorKind::Timeout);
    let end = "waiting to look up next.test, because 32 lookups have not finished";
    assert!(failure.detail.ends_with(end), "{}", failure.detail);

    let cancel = Cancel::new().unwrap();
    cancel.trigger();
    let mut cancelled = call(Deadline::NEVER, Some(&cancel));
    let failure =
        resolve_with(must_not_look_up, &lookups, &mut cancelled, "next.test", 80).unwrap_err();
    assert_eq!(failure.kind, TransportErrorKind::Cancelled);

    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let resolver = |_: &str| Ok(vec![HERE]);
            resolve_with(resolver, &lookups, &mut call(Deadline::NEVER, None), "next.test", 0)
        });
        drop(releases.pop());
        assert_eq!(waiting.join().unwrap().unwrap(), [HERE]);
    });
}

#[test]
fn a_lookup_that_panics_wakes_who_waits_and_is_removed() {
    let lookups = PerProcess::new();
    let dies = |_: &str| -> LookupResult { std::panic::resume_unwind(Box::new("a bug")) };
    let mut call = call(Deadline::NEVER, None);
    let failure = resolve_with(dies, &lookups, &mut call, "a.test", 80).unwrap_err();
    assert_eq!(failure.detail, "no address for the name a.test: the lookup failed");
    assert!(running(&lookups).is_empty());
}

#[test]
fn localhost_is_looked_up_once() {
    let mut call = call(Deadline::NEVER, None);
    let first = resolve(&mut call, "localhost", 80).unwrap();
    let mut again =
        |name: &str| resolve_with(must_not_look_up, &LOOKUPS, &mut call, name, 8080).unwrap();
    let expected: Vec<_> = first.iter().map(|found| with_port(*found, 8080)).collect();
    assert_eq!(again("LOCALHOST"), expected);
    // A result other than a loopback address is used for one connection only.
    remember("localhost", &[SocketAddr::from(([192, 0, 2, 1], 80))]);
    assert_eq!(again("localhost"), expected);
}

#[test]
fn any_other_name_is_looked_up_for_each_connection() {
    let lookups = PerProcess::new();
    for last in [1, 2] {
        let address = SocketAddr::from(([127, 0, 0, last], 80));
        let resolver = move |_: &str| Ok(vec![address]);
        let mut call = call(Deadline::NEVER, None);
        let found = resolve_with(resolver, &lookups, &mut call, "here.test", 80);
        assert_eq!(found.unwrap(), [address]);
    }
}

#[test]
fn a_name_without_an_address_is_named() {
    let none = |_: &str| Ok(Vec::new());
    let mut call = call(Deadline::NEVER, None);
    let failure =
        resolve_with(none, &PerProcess::new(), &mut call, "nowhere.test", 80).unwrap_err();
    assert_eq!(failure.kind, TransportErrorKind::Resolve);
    assert_eq!(failure.detail, "no address for the name nowhere.test: it has none");
}
