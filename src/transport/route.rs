//! The route to a server: direct, over a Unix domain socket, or through a proxy.

use std::path::Path;
use std::sync::Arc;

use crate::settings::{Proxy, ProxyScheme};

use super::tls::TlsContext;

/// The route to a server. Only requests with the same route share a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Route {
    /// To the address of the host name.
    #[default]
    Direct,
    /// To its link-local address through this interface (RFC 4007 section 11).
    Interface(Arc<str>),
    /// To the socket at this path, for any host name.
    Unix(Arc<Path>),
    /// Through a proxy.
    Proxy(Arc<Proxy>),
}

/// Everything that decides whether a request may use a connection, except the server's name. Two
/// specs are compared as a whole, so a new field counts without more code.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ConnectionSpec {
    pub(super) route: Route,
    /// The TLS configuration for the server; only for https.
    pub(super) tls: Option<Arc<TlsContext>>,
    /// The TLS configuration for the proxy, if the proxy uses TLS.
    pub(super) proxy_tls: Option<Arc<TlsContext>>,
}

impl ConnectionSpec {
    /// The proxy that forwards the request itself, and sends its own response if it cannot.
    pub(super) fn forward_proxy(&self) -> Option<&Arc<Proxy>> {
        match &self.route {
            Route::Proxy(proxy) if proxy.scheme == ProxyScheme::Http && self.tls.is_none() => {
                Some(proxy)
            }
            _ => None,
        }
    }
}
