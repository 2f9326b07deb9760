//! Events and TLS sessions as JSON texts.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use super::event::Event;
use super::tls_session::TlsSession;
use crate::headers::value_text;

impl TlsSession {
    /// The session as a JSON object, on one line.
    pub(super) fn to_json(&self) -> String {
        Value::Object(self.members()).to_string()
    }

    fn members(&self) -> Map<String, Value> {
        let certificates: Vec<Value> =
            self.certificates.iter().map(|der| BASE64_STANDARD.encode(der).into()).collect();
        object([
            ("version", self.version.into()),
            ("cipher_suite", self.cipher_suite.as_str().into()),
            ("protocol", self.protocol.as_str().into()),
            ("server_name", self.server_name.as_str().into()),
            ("resumed", self.resumed.into()),
            ("certificates", certificates.into()),
        ])
    }
}

impl Event<'_> {
    /// The event as a JSON object, on one line. Members without a value are absent.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = self.members();
        members.retain(|_, value| !value.is_null());
        members.insert("event".to_owned(), self.name().into());
        Value::Object(members).to_string()
    }

    fn name(&self) -> &'static str {
        match self {
            Self::ConnectionWanted { .. } => "connection_wanted",
            Self::LookupStarted { .. } => "lookup_started",
            Self::LookupDone { .. } => "lookup_done",
            Self::ConnectStarted { .. } => "connect_started",
            Self::ConnectDone { .. } => "connect_done",
            Self::TlsStarted => "tls_started",
            Self::TlsDone { .. } => "tls_done",
            Self::ConnectionReady { .. } => "connection_ready",
            Self::HeadSent => "head_sent",
            Self::ContinueAwaited => "continue_awaited",
            Self::RequestSent { .. } => "request_sent",
            Self::FirstByte => "first_byte",
            Self::Interim { .. } => "interim",
        }
    }

    fn members(&self) -> Map<String, Value> {
        match self {
            Self::ConnectionWanted { address } | Self::ConnectStarted { address } => {
                object([("address", address.as_str().into())])
            }
            Self::LookupStarted { host } => object([("host", (*host).into())]),
            Self::LookupDone { host, addresses, error } => object([
                ("host", (*host).into()),
                ("addresses", addresses.iter().map(|found| found.ip().to_string()).collect()),
                ("error", (*error).into()),
            ]),
            Self::ConnectDone { address, error } => {
                object([("address", address.as_str().into()), ("error", (*error).into())])
            }
            Self::TlsDone { session, error } => object([
                ("tls", session.map_or(Value::Null, |session| session.members().into())),
                ("error", (*error).into()),
            ]),
            Self::ConnectionReady { idle, local, remote } => object([
                ("reused", idle.is_some().into()),
                ("idle_us", idle.and_then(|idle| u64::try_from(idle.as_micros()).ok()).into()),
                ("local_address", address(*local)),
                ("remote_address", address(*remote)),
            ]),
            Self::RequestSent { error } => object([("error", (*error).into())]),
            Self::Interim { status, headers } => {
                let text = |bytes| Value::from(value_text(bytes).into_owned());
                let fields = headers.grouped();
                let pairs = fields.iter().map(|(name, value)| vec![text(name), text(value)]);
                object([("status", (*status).into()), ("headers", pairs.collect())])
            }
            Self::TlsStarted | Self::HeadSent | Self::ContinueAwaited | Self::FirstByte => {
                Map::new()
            }
        }
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn address(address: Option<SocketAddr>) -> Value {
    address.map_or(Value::Null, |address| address.to_string().into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::headers::Headers;

    fn parsed(event: &Event<'_>) -> Value {
        serde_json::from_str(&event.to_json()).unwrap()
    }

    #[test]
    fn an_event_has_only_the_members_that_apply() {
        let address: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let done = Event::ConnectDone { address: address.to_string(), error: None };
        assert_eq!(parsed(&done), json!({"event": "connect_done", "address": "127.0.0.1:80"}));
        let failed = Event::LookupDone { host: "a.example", addresses: &[], error: Some("gone") };
        let expected =
            json!({"event": "lookup_done", "host": "a.example", "addresses": [], "error": "gone"});
        assert_eq!(parsed(&failed), expected);
        assert_eq!(parsed(&Event::HeadSent), json!({"event": "head_sent"}));
        let reused = Event::ConnectionReady {
            idle: Some(Duration::from_micros(7)),
            local: None,
            remote: Some(address),
        };
        let expected = json!({"event": "connection_ready", "reused": true, "idle_us": 7,
            "remote_address": "127.0.0.1:80"});
        assert_eq!(parsed(&reused), expected);
    }

    #[test]
    fn every_byte_of_a_field_of_an_interim_response_becomes_valid_json() {
        let headers =
            Headers::from_lines(b"Link: </a>\r\nX-\"Q: \xfc\\\t\r\nLink: </b>\r\n".to_vec());
        let expected = json!({"event": "interim", "status": 103,
            "headers": [["Link", "</a>"], ["Link", "</b>"], ["X-\"Q", "ü\\"]]});
        assert_eq!(parsed(&Event::Interim { status: 103, headers: &headers }), expected);
    }

    #[test]
    fn a_tls_session_contains_its_certificates_in_base64() {
        let session = TlsSession {
            version: "TLS 1.3",
            cipher_suite: "TLS_AES_128_GCM_SHA256".to_owned(),
            server_name: "a.example".to_owned(),
            certificates: vec![vec![0x30, 0x82], vec![]],
            ..TlsSession::default()
        };
        let expected = json!({"version": "TLS 1.3", "cipher_suite": "TLS_AES_128_GCM_SHA256",
            "protocol": "", "server_name": "a.example", "resumed": false, "certificates": ["MII=", ""]});
        assert_eq!(serde_json::from_str::<Value>(&session.to_json()).unwrap(), expected);
    }
}
