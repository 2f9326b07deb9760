//! The parts of a request head that an HTTP proxy needs.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::settings::{Proxy, ProxyScheme};
use crate::transport::route::Route;

use super::pool_key::PoolKey;

/// The parts of a request head that an HTTP proxy needs to forward the request (RFC 9112 section
/// 3.2.2): the complete target, and credentials.
#[derive(Debug)]
pub(in crate::transport) struct Forwarding {
    origin: String,
    authorization: Option<Zeroizing<String>>,
}

impl Forwarding {
    /// `None` if the connection leads to the server, directly or through a tunnel.
    pub(super) fn of(key: &PoolKey) -> Option<Self> {
        let (Route::Proxy(proxy), None) = (&key.spec.route, &key.spec.tls) else { return None };
        (proxy.scheme == ProxyScheme::Http).then(|| Self {
            origin: format!("http://{}", key.authority),
            authorization: authorization(proxy),
        })
    }

    /// The part of the target before the path.
    pub(in crate::transport) fn origin(&self) -> &str {
        &self.origin
    }

    /// The field with the credentials, with its line end; empty if the proxy requires none.
    pub(in crate::transport) fn authorization(&self) -> &str {
        self.authorization.as_ref().map_or("", |field| field.as_str())
    }
}

/// The `Proxy-Authorization` field with its line end (RFC 7617), if the proxy requires credentials.
pub(in crate::transport) fn authorization(proxy: &Proxy) -> Option<Zeroizing<String>> {
    let (name, password) = proxy.credentials.as_ref()?;
    let pair = Zeroizing::new([name.as_str(), ":", password].concat());
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
    Some(Zeroizing::new(["Proxy-Authorization: Basic ", &encoded, "\r\n"].concat()))
}
