//! What a TLS session runs over: a socket, or another session, where the proxy is spoken to by TLS.

use std::io::Write;

use rustix::event::PollFlags;

use crate::transport::call::Call;
use crate::transport::fault::Outcome;
use crate::transport::tcp::{Probe, Tcp};

use crate::wait::Deadline;

use super::Tls;

/// The carrier of a session, or of a conversation with a proxy.
#[derive(Debug)]
pub(in crate::transport) enum Below {
    Tcp(Tcp),
    Tls(Box<Tls>),
}

impl Below {
    /// Reads what there is, waiting for at least one byte; 0 is the end.
    pub(in crate::transport) fn read(&mut self, call: &Call, buffer: &mut [u8]) -> Outcome<usize> {
        match self {
            Self::Tcp(tcp) => tcp.read(call, buffer),
            Self::Tls(tls) => tls.read(call, buffer),
        }
    }

    /// Writes all of it, and waits where it must.
    pub(in crate::transport) fn write_all(&mut self, call: &Call, bytes: &[u8]) -> Outcome<()> {
        match self {
            Self::Tcp(tcp) => tcp.write_all(call, bytes),
            Self::Tls(tls) => tls.write_all(call, bytes),
        }
    }

    /// As [`Tcp::write_some`].
    pub(super) fn write_some(&mut self, bytes: &[u8], written: &mut u64) -> Outcome<Option<usize>> {
        match self {
            Self::Tcp(tcp) => tcp.write_some(bytes, written),
            Self::Tls(tls) => tls.write_some(bytes, written),
        }
    }

    /// As [`Tcp::try_read`].
    pub(super) fn try_read(&mut self, buffer: &mut [u8]) -> Outcome<Option<usize>> {
        match self {
            Self::Tcp(tcp) => tcp.try_read(buffer),
            Self::Tls(tls) => tls.try_read(buffer),
        }
    }

    /// As [`Tcp::wait`].
    pub(super) fn wait(
        &self,
        call: &Call,
        events: PollFlags,
        until: Deadline,
    ) -> Outcome<PollFlags> {
        match self {
            Self::Tcp(tcp) => tcp.wait(call, events, until),
            Self::Tls(tls) => tls.wait(call, events, until),
        }
    }

    pub(super) fn reusable(&self) -> bool {
        match self {
            Self::Tcp(tcp) => tcp.reusable(),
            Self::Tls(tls) => tls.reusable(),
        }
    }

    /// As [`Tcp::probe`]. A session that holds something for the one above it counts as gone, which
    /// costs a new connection at worst.
    pub(super) fn probe(&mut self) -> Probe {
        match self {
            Self::Tcp(tcp) => tcp.probe(),
            Self::Tls(tls) => {
                if tls.alive() {
                    Probe::Quiet
                } else {
                    Probe::Gone
                }
            }
        }
    }

    pub(super) fn send_parting(&mut self, bytes: &[u8]) {
        match self {
            Self::Tcp(tcp) => tcp.send_parting(bytes),
            Self::Tls(tls) => tls.send_parting(bytes),
        }
    }
}

impl Tls {
    /// Sends what goes without waiting, for a last word that nobody depends on.
    fn send_parting(&mut self, bytes: &[u8]) {
        if self.outgoing.is_empty()
            && self.session.writer().write_all(bytes).is_ok()
            && super::stream::collect(&mut self.session, &mut self.outgoing).is_ok()
        {
            self.tcp.send_parting(&self.outgoing);
            self.outgoing.clear();
        }
    }
}
