//! The ways to a server: straight, over a Unix domain socket, through a proxy; and which requests may
//! share a connection.

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::uri::Authority;
use zeroize::Zeroizing;

use crate::settings::{Proxy, ProxyScheme};

use super::tls::TlsContext;

/// The way to a server. Two requests share a connection only where it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Route {
    /// To the address of its name.
    #[default]
    Direct,
    /// To its address, which is link-local, through this interface (RFC 4007 section 11).
    Interface(Arc<str>),
    /// To the socket at this path, whatever its name.
    Unix(Arc<Path>),
    /// Through a proxy.
    Proxy(Arc<Proxy>),
}

/// Everything that decides whether a connection is good enough for a request, the server's name
/// aside. All of it is compared: a field that is added here needs nothing else to count.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ConnectionSpec {
    pub(super) route: Route,
    /// How TLS is spoken with the server; for https only.
    pub(super) tls: Option<Arc<TlsContext>>,
    /// How TLS is spoken with the proxy, if it is spoken with one.
    pub(super) proxy_tls: Option<Arc<TlsContext>>,
}

impl ConnectionSpec {
    /// The proxy that passes a request on, and answers by itself where it does not.
    pub(super) fn forward_proxy(&self) -> Option<&Arc<Proxy>> {
        match &self.route {
            Route::Proxy(proxy) if proxy.scheme == ProxyScheme::Http && self.tls.is_none() => {
                Some(proxy)
            }
            _ => None,
        }
    }
}

/// What two requests must have in common to share a connection.
#[derive(Debug)]
pub(super) struct PoolKey {
    pub(super) authority: Authority,
    pub(super) spec: ConnectionSpec,
}

impl PoolKey {
    /// Whether a connection of this key can carry such a request.
    pub(super) fn matches(&self, authority: &Authority, way: &ConnectionSpec) -> bool {
        self.spec == *way && same_authority(&self.authority, authority)
    }
}

/// Mostly they share their memory, for they come from the same base URL.
fn same_authority(one: &Authority, other: &Authority) -> bool {
    std::ptr::eq(one.as_str(), other.as_str()) || one == other
}

/// What a request's head needs so that a proxy can pass it on (RFC 9112 section 3.2.2): the target
/// as a whole, and credentials.
#[derive(Debug)]
pub(super) struct Forwarding {
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
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The field with the credentials, and its line end; empty where the proxy wants none.
    pub(super) fn authorization(&self) -> &str {
        self.authorization.as_ref().map_or("", |field| field.as_str())
    }
}

/// The `Proxy-Authorization` field with its line end (RFC 7617), where the proxy wants one.
pub(super) fn authorization(proxy: &Proxy) -> Option<Zeroizing<String>> {
    let (name, password) = proxy.credentials.as_ref()?;
    let pair = Zeroizing::new([name.as_str(), ":", password].concat());
    let coded = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
    Some(Zeroizing::new(["Proxy-Authorization: Basic ", &coded, "\r\n"].concat()))
}
