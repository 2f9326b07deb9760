//! The parts of a request head that an HTTP proxy needs.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::settings::{Proxy, ProxyScheme};
use crate::transport::route::Route;

use super::pool_key::PoolKey;

/// What a request's head needs so that a proxy can pass it on (RFC 9112 section 3.2.2): the target
/// as a whole, and credentials.
#[derive(Debug)]
pub(in crate::transport) struct Forwarding {
    origin: String,
    authorization: Option<Zeroizing<String>>,
}

impl Forwarding {
    /// None where the connection is the server's own, or a tunnel to it.
    pub(super) fn of(key: &PoolKey) -> Option<Self> {
        let (Route::Proxy(proxy), None) = (&key.spec.route, &key.spec.tls) else { return None };
        (proxy.scheme == ProxyScheme::Http).then(|| Self {
            origin: format!("http://{}", key.authority),
            authorization: authorization(proxy),
        })
    }

    /// What stands before the path in the target.
    pub(in crate::transport) fn origin(&self) -> &str {
        &self.origin
    }

    /// The field with the credentials, and its line end; empty where the proxy wants none.
    pub(in crate::transport) fn authorization(&self) -> &str {
        self.authorization.as_ref().map_or("", |field| field.as_str())
    }
}

/// The `Proxy-Authorization` field with its line end (RFC 7617), where the proxy wants one.
pub(in crate::transport) fn authorization(proxy: &Proxy) -> Option<Zeroizing<String>> {
    let (name, password) = proxy.credentials.as_ref()?;
    let pair = Zeroizing::new([name.as_str(), ":", password].concat());
    let coded = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
    Some(Zeroizing::new(["Proxy-Authorization: Basic ", &coded, "\r\n"].concat()))
}
