//! TLS by rustls: settings, trust, and the stream over a TCP connection.

mod config;
mod failure;
mod incoming;
mod leaf;
mod pem;
mod provider;
mod roots;
mod stream;
mod unfit;
mod verify;

pub(super) use config::Setup;
pub use config::{check_ca_pem, check_client_pem};
pub(super) use stream::{Stream, Tls};

pub use crate::settings::{SecretPem, TlsSetup, TlsVersion};
