//! TLS by rustls: settings, trust, and the stream over a TCP connection.

mod certificate_error;
mod config;
mod end_entity;
mod error;
mod pem;
mod private_key;
mod provider;
mod record_buffer;
mod roots;
mod session;
mod stream;
mod verify;

pub(super) use config::TlsContext;
pub use config::{check_ca_pem, check_client_pem};
pub(super) use stream::{Stream, Tls};

pub use crate::settings::{SecretPem, TlsSettings, TlsVersion};
