//! Every value that a setter accepts arrives unchanged: each Unicode character, through each setter,
//! to a server that checks the bytes.

mod byte_server;
mod setters;

use std::sync::atomic::{AtomicUsize, Ordering};

use sac::client::Client;
use sac::code::Code;
use sac::request::Request;
use sac::settings::Change;

use crate::support::error_of;
use byte_server::Bytes;
use setters::{Call, ROWS, Row};

/// A server, and its clients, which share their connections.
struct Probe {
    server: Bytes,
    address: String,
    client: Client,
    /// A call for reuse: its setter rejected a text, so it is unchanged.
    spare: Option<Call>,
}

impl Probe {
    fn new() -> Self {
        let server = Bytes::default();
        let address = server.listen();
        let client = Client::new(&format!("http://{address}")).unwrap();
        Self { server, address, client, spare: None }
    }

    fn call(&mut self) -> Call {
        self.spare.take().unwrap_or_else(|| {
            let mut request = Request::new("POST", "/").unwrap();
            request.change(Change::KeepAlive(false)).unwrap();
            Call { client: self.client.clone(), request, address: self.address.clone() }
        })
    }

    /// Sends the text if the setter accepts it. Returns whether it does.
    fn sends(&mut self, (what, set, arrival): &Row, text: &str) -> bool {
        let mut call = self.call();
        let shown = || text.chars().take(9).collect::<String>();
        if let Err(error) = set(&mut call, text) {
            assert_ne!(error.code, Code::Internal, "{what} {:?}: {error}", shown());
            self.spare = Some(call);
            return false;
        }
        let response = call.client.send(&call.request);
        assert_eq!(response.code(), Code::Ok, "{what} {:?}: {}", shown(), error_of(&response));
        let received = self.server.take();
        received.lines();
        assert!(
            arrival.is_unchanged(&received, text),
            "{what} {:?}: {}",
            shown(),
            received.head.escape_ascii()
        );
        true
    }

    /// Sends these characters between letters. If the setter rejects the group, sends smaller groups and
    /// then single characters. Returns how many characters the setter accepts.
    fn check_row(&mut self, row: &Row, characters: &[char]) -> usize {
        let text: String = ['a'].iter().chain(characters).chain(&['z']).collect();
        if self.sends(row, &text) {
            return characters.len();
        }
        match characters {
            [one] => usize::from(self.sends(row, one.encode_utf8(&mut [0; 4]))),
            _ => {
                let size = if characters.len() > FEW { FEW } else { 1 };
                characters.chunks(size).map(|some| self.check_row(row, some)).sum()
            }
        }
    }
}

/// The sizes of a group, which fits into any field, and of a smaller group.
const MANY: usize = 4096;
const FEW: usize = 62;

/// All Unicode characters: the first ones one by one, the others in groups.
fn groups() -> Vec<Vec<char>> {
    let alone: Vec<char> = ('\0'..='\u{a1}')
        .chain(['\u{ad}', '\u{ff}', '\u{2028}', '\u{202e}', '\u{feff}', '\u{ffff}'])
        .collect();
    let others: Vec<char> = ('\u{a2}'..=char::MAX).filter(|one| !alone.contains(one)).collect();
    let groups: Vec<_> = alone.chunks(1).chain(others.chunks(MANY)).map(<[char]>::to_vec).collect();
    assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 0x11_0000 - 0x800);
    groups
}

#[test]
fn every_character_that_a_setter_accepts_arrives_unchanged() {
    let groups = groups();
    let parts: Vec<_> = groups.chunks(groups.len().div_ceil(4)).collect();
    let work: Vec<_> =
        (0..ROWS.len()).flat_map(|row| parts.iter().map(move |p| (row, p))).collect();
    let accepted: Vec<_> = ROWS.iter().map(|_| AtomicUsize::new(0)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((row, part)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut probe = Probe::new();
                    let count = part.iter().map(|group| probe.check_row(&ROWS[*row], group)).sum();
                    accepted[*row].fetch_add(count, Ordering::Relaxed);
                }
            });
        }
    });
    for (row, accepted) in ROWS.iter().zip(accepted) {
        assert!(
            accepted.into_inner() > 0 || row.0 == "an expectation",
            "{} accepts nothing",
            row.0
        );
    }
}
