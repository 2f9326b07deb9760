//! The system's table of TCP sockets (proc_pid_net(5)).

use std::net::SocketAddr;

/// The states of RFC 9293 that tests use, with Linux's numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TcpState {
    SynSent = 2,
    CloseWait = 8,
}

/// The number of sockets in this state whose peer has this address.
pub fn sockets_to(peer: SocketAddr, state: TcpState) -> usize {
    let SocketAddr::V4(peer) = peer else { panic!("{peer} is not IPv4") };
    let ip = u32::from_ne_bytes(peer.ip().octets());
    let peer = format!("{ip:08X}:{:04X}", peer.port());
    let state = format!("{:02X}", state as u8);
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns[2] == peer && columns[3] == state)
        .count()
}
