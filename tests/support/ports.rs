//! Ports without a server. They are reserved, so that no other process takes them during a test.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, getsockname, listen};
use rustix::net::{socket, socket_with};

fn bound() -> (OwnedFd, SocketAddr) {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = getsockname(&socket).unwrap().try_into().unwrap();
    (socket, address)
}

/// A port that refuses every connection.
pub struct RefusingPort {
    _socket: OwnedFd,
    address: SocketAddr,
}

impl RefusingPort {
    pub fn new() -> Self {
        let (_socket, address) = bound();
        Self { _socket, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A port whose accept queue is full, so that it neither accepts nor refuses a connection.
pub struct FullQueuePort {
    _socket: OwnedFd,
    address: SocketAddr,
    _queued: Vec<OwnedFd>,
}

impl FullQueuePort {
    pub fn new() -> Self {
        let (socket, address) = bound();
        listen(&socket, 0).unwrap();
        let mut queued = Vec::new();
        loop {
            let (client, connected) = start_connect(address);
            queued.push(client);
            if !connected {
                return Self { _socket: socket, address, _queued: queued };
            }
            assert!(queued.len() < 64, "the queue of {address} does not fill up");
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Starts to connect. Returns whether the connection is established after a moment: on the loopback
/// interface it is established at once, or not at all.
fn start_connect(address: SocketAddr) -> (OwnedFd, bool) {
    let flags = SocketFlags::NONBLOCK;
    let client = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).unwrap();
    let _ = connect(&client, &address);
    let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    let ready = poll(&mut [PollFd::new(&client, PollFlags::OUT)], Some(&moment)).unwrap();
    (client, ready > 0)
}
