//! A TLS session without its connection: encrypts bytes into records, and decrypts received records.

use std::io::{self, BufRead, Read, Write};

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, HandshakeKind, ProtocolVersion};

use crate::settings::PemReload;
use crate::trace::TlsSession;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

use super::config::TlsContext;
use super::error::ServerInfo;
use super::record_buffer::RecordBuffer;

/// The size of the record buffer that an idle connection keeps.
const MAX_IDLE_RECORDS: usize = 8 * 1024;

pub(super) struct Session {
    rustls: ClientConnection,
    peer: ServerInfo,
    record_buffer: RecordBuffer,
    /// The records that are ready, and how much of them has been sent.
    pending_records: Vec<u8>,
    sent: usize,
    /// Plain bytes in these records that are not counted as written yet.
    plaintext_pending: u64,
    /// Decrypted bytes that wait in the session.
    plaintext_available: usize,
    /// The peer has ended the session, or the session has failed.
    closed: bool,
    /// The error of the session. It is reported after the bytes that were decrypted before it.
    failure: Option<TransportError>,
}

impl Session {
    /// A session before its handshake.
    pub(super) fn new(
        tls_context: &TlsContext,
        host: &str,
        reloads: &mut Vec<PemReload>,
    ) -> TransportResult<Self> {
        let shows_certificate = tls_context.settings().client_cert.is_some();
        let peer = ServerInfo { name: server_name(host)?, shows_certificate };
        let mut rustls = ClientConnection::new(tls_context.config(reloads)?, peer.name.clone())
            .map_err(|error| peer.explain(error))?;
        rustls.set_buffer_limit(None);
        Ok(Self {
            rustls,
            peer,
            record_buffer: RecordBuffer::new(),
            pending_records: Vec::new(),
            sent: 0,
            plaintext_pending: 0,
            plaintext_available: 0,
            closed: false,
            failure: None,
        })
    }

    /// What the handshake has agreed on.
    pub(super) fn details(&self) -> TlsSession {
        let suite = self.rustls.negotiated_cipher_suite().map(|suite| suite.suite());
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        TlsSession {
            version: match self.rustls.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
                Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
                _ => "",
            },
            cipher_suite: suite
                .and_then(|suite| suite.as_str())
                .map_or_else(String::new, iana_name),
            protocol: self.rustls.alpn_protocol().map_or_else(String::new, text),
            server_name: self.peer.name.to_str().into_owned(),
            resumed: self.rustls.handshake_kind() == Some(HandshakeKind::Resumed),
            certificates: self
                .rustls
                .peer_certificates()
                .unwrap_or_default()
                .iter()
                .map(|certificate| certificate.to_vec())
                .collect(),
            ..TlsSession::default()
        }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.rustls.is_handshaking()
    }

    /// Whether decrypted bytes wait.
    pub(super) fn has_plaintext(&self) -> bool {
        self.plaintext_available > 0
    }

    /// Whether received bytes wait for [`process_records`](Self::process_records).
    pub(super) fn has_received(&self) -> bool {
        !self.record_buffer.is_empty()
    }

    /// Whether records wait to be sent.
    pub(super) fn has_pending_records(&self) -> bool {
        !self.pending_records.is_empty()
    }

    /// Whether the session has something to send, and no half-sent record comes first.
    pub(super) fn wants_flush(&self) -> bool {
        self.rustls.wants_write() && self.pending_records.is_empty()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the session is open, and no bytes wait in it.
    pub(super) fn is_quiet(&self) -> bool {
        !self.closed && self.plaintext_available == 0 && self.pending_records.is_empty()
    }

    /// Fails if the session has failed.
    pub(super) fn end(&self) -> TransportResult<()> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// Reads decrypted bytes.
    pub(super) fn read_plaintext(&mut self, buffer: &mut [u8]) -> TransportResult<usize> {
        let read = self.rustls.reader().read(buffer).map_err(|error| internal(&error))?;
        self.plaintext_available = self.plaintext_available.saturating_sub(read);
        if self.plaintext_available == 0 && self.failure.is_some() {
            self.plaintext_available = self.remaining_plaintext();
        }
        Ok(read)
    }

    /// The number of bytes decrypted before the session failed, or at least of the first piece of
    /// them.
    fn remaining_plaintext(&mut self) -> usize {
        self.rustls.reader().fill_buf().map_or(0, <[u8]>::len)
    }

    /// The space for received bytes; call [`add_received`](Self::add_received) with their number.
    pub(super) fn read_buffer(&mut self) -> &mut [u8] {
        self.record_buffer.read_buffer()
    }

    /// Adds received bytes; 0 is an end that the peer did not announce.
    pub(super) fn add_received(&mut self, amount: usize) -> TransportResult<()> {
        if amount == 0 {
            self.closed = true;
            let detail = "the server closed the connection without ending TLS";
            return Err(TransportError::new(TransportErrorKind::Closed, detail));
        }
        self.record_buffer.filled(amount);
        Ok(())
    }

    /// Processes a piece of the received bytes. If the session fails, passes its alert to
    /// `send_alert`.
    pub(super) fn process_records(
        &mut self,
        send_alert: impl FnOnce(&[u8]),
    ) -> TransportResult<()> {
        self.record_buffer.read_into_session(&mut self.rustls).map_err(|error| internal(&error))?;
        match self.rustls.process_new_packets() {
            Ok(state) => {
                self.plaintext_available = state.plaintext_bytes_to_read();
                self.closed |= state.peer_has_closed();
                Ok(())
            }
            Err(error) => {
                self.closed = true;
                if self.pending_records.is_empty() && self.take_records().is_ok() {
                    send_alert(&self.pending_records);
                }
                self.failure = Some(self.peer.explain(error));
                // Records arrive in order. Those before the broken one are valid, and may be a
                // complete response.
                self.plaintext_available = self.remaining_plaintext();
                if self.plaintext_available > 0 { Ok(()) } else { self.end() }
            }
        }
    }

    /// Encrypts all bytes. [`unsent_records`](Self::unsent_records) then contains them.
    pub(super) fn encrypt(&mut self, bytes: &[u8]) -> TransportResult<()> {
        self.rustls.writer().write_all(bytes).map_err(|error| internal(&error))?;
        self.plaintext_pending = bytes.len() as u64;
        self.take_records()
    }

    /// Appends the records that are ready to those that wait.
    pub(super) fn take_records(&mut self) -> TransportResult<()> {
        while self.rustls.wants_write() {
            self.rustls.write_tls(&mut self.pending_records).map_err(|error| internal(&error))?;
        }
        Ok(())
    }

    /// The bytes of the records that wait to be sent.
    pub(super) fn unsent_records(&self) -> &[u8] {
        self.pending_records.get(self.sent..).unwrap_or_default()
    }

    /// How many plain bytes count as written after the system has accepted `accepted` more bytes of
    /// the records.
    pub(super) fn plaintext_written(&mut self, accepted: u64) -> u64 {
        let plain = accepted.min(self.plaintext_pending);
        self.plaintext_pending = self.plaintext_pending.saturating_sub(plain);
        plain
    }

    /// Counts bytes of the records as sent. Returns whether these were the last ones.
    pub(super) fn records_sent(&mut self, amount: usize) -> bool {
        self.sent = self.sent.saturating_add(amount);
        let complete = self.sent >= self.pending_records.len();
        if complete {
            self.forget_records();
        }
        complete
    }

    /// Removes the records that wait to be sent.
    pub(super) fn forget_records(&mut self) {
        self.pending_records.clear();
        (self.sent, self.plaintext_pending) = (0, 0);
    }

    /// The record that ends the session (RFC 8446 section 6.1); `None` if it is not open. After
    /// half a record, no other record can follow.
    pub(super) fn close_notify(&mut self) -> Option<&[u8]> {
        if self.closed || self.has_pending_records() || self.is_handshaking() {
            return None;
        }
        self.rustls.send_close_notify();
        self.take_records().ok()?;
        Some(&self.pending_records)
    }

    /// Frees memory that an idle connection does not need.
    pub(super) fn shrink(&mut self) {
        self.record_buffer.shrink();
        if self.pending_records.capacity() > MAX_IDLE_RECORDS {
            self.pending_records = Vec::new();
        }
    }
}

/// The name of a cipher suite in the IANA registry. rustls marks those of TLS 1.3.
fn iana_name(name: &str) -> String {
    match name.strip_prefix("TLS13_") {
        Some(rest) => ["TLS_", rest].concat(),
        None => name.to_owned(),
    }
}

fn server_name(host: &str) -> TransportResult<ServerName<'static>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // A zone is known only on this machine (RFC 6874 section 1).
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    ServerName::try_from(bare.to_owned()).map_err(|_| {
        let detail = format!("no certificate can be valid for the name {bare}");
        TransportError::new(TransportErrorKind::Tls { certificate: false }, detail)
    })
}

fn internal(error: &io::Error) -> TransportError {
    TransportError::new(
        TransportErrorKind::Internal,
        format!("the TLS session cannot be used: {error}"),
    )
}
