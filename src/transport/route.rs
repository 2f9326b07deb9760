//! The route to a server: direct, over a Unix domain socket, or through a proxy.

use std::path::Path;
use std::sync::Arc;

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
