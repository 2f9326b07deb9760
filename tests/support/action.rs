//! The requests that a test server receives, and its actions.

use std::sync::{Arc, Condvar, Mutex};

use super::waiting::wait_while;

/// A request as the server received it.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    /// The number among all requests of the server, from 0.
    pub number: usize,
    /// The number of its connection among all connections of the server, from 0.
    pub connection: usize,
    pub head: String,
    pub body: Vec<u8>,
}

impl ReceivedRequest {
    pub fn method(&self) -> &str {
        self.head.split(' ').next().unwrap()
    }

    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// The value of a field, which may occur once at most.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim());
        let value = values.next();
        assert!(values.next().is_none(), "{name} occurs twice in {}", self.head);
        value
    }
}

/// The server's reaction to a request that it has read.
#[derive(Clone)]
pub enum Action {
    /// Sends these bytes and waits for the next request.
    Reply(Vec<u8>),
    /// Sends these bytes and closes the connection.
    CloseAfter(Vec<u8>),
    /// Sends these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Sends these bytes and then nothing until the client closes the connection.
    Silence(Vec<u8>),
    /// Sends the first bytes, and the others repeatedly until the client closes the connection.
    Endless(Vec<u8>, Vec<u8>),
    /// The same with a pause before each repetition, so that few bytes arrive in a long time.
    Trickle(Vec<u8>, Vec<u8>),
    /// Sends the first bytes, then the others one by one with a pause before each, and waits for the next request.
    Drip(Vec<u8>, Vec<u8>),
    /// Sends the first bytes, and the others after the latch has opened.
    Delayed(Vec<u8>, Latch, Vec<u8>),
    /// Waits until the latch opens, then does the other action.
    WaitThen(Latch, Box<Action>),
}

impl Action {
    /// Closes the connection without sending a byte.
    pub fn close() -> Self {
        Self::CloseAfter(Vec::new())
    }

    /// Resets the connection without sending a byte.
    pub fn reset() -> Self {
        Self::Reset(Vec::new())
    }

    /// Never sends anything.
    pub fn silence() -> Self {
        Self::Silence(Vec::new())
    }

    /// The same action after the latch has opened.
    pub fn after(self, latch: &Latch) -> Self {
        Self::WaitThen(latch.clone(), Box::new(self))
    }

    /// The bytes that it sends.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Reply(bytes)
            | Self::CloseAfter(bytes)
            | Self::Reset(bytes)
            | Self::Silence(bytes)
            | Self::Endless(bytes, _)
            | Self::Trickle(bytes, _)
            | Self::Drip(bytes, _)
            | Self::Delayed(bytes, ..) => bytes,
            Self::WaitThen(_, action) => action.bytes(),
        }
    }
}

/// A complete response on a connection that stays open.
pub fn respond(status: u16, fields: &[(&str, &str)], body: &str) -> Action {
    let mut text = format!("HTTP/1.1 {status} Test\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    Action::Reply(text.into_bytes())
}

/// Delays responses until a test opens it, or until the server ends. It stays open.
#[derive(Clone, Default)]
pub struct Latch(Arc<(Mutex<bool>, Condvar)>);

impl Latch {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    pub fn wait(&self) {
        let open = self.0.0.lock().unwrap();
        drop(wait_while(&self.0.1, open, "a latch to open", |open| !*open));
    }
}
