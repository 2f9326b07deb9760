//! The ways to a server: straight, over a Unix domain socket, through a proxy.

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::settings::{Proxy, ProxyScheme};

use super::call::Call;
use super::fault::{Failure, FaultKind, Outcome};
use super::link::Stream;
use super::pool::Key;
use super::tls::{Below, Tls};
use super::{connect, http_proxy, resolve, socks, unix};

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

/// What a request's head needs so that a proxy can pass it on (RFC 9112 section 3.2.2): the target
/// as a whole, and credentials.
#[derive(Debug)]
pub(super) struct Forwarding {
    origin: String,
    authorization: Option<Zeroizing<String>>,
}

impl Forwarding {
    /// None where the connection is the server's own, or a tunnel to it.
    pub(super) fn of(key: &Key) -> Option<Self> {
        let (Route::Proxy(proxy), None) = (&key.way.route, &key.way.tls) else { return None };
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

/// Opens a connection on which the server can be spoken to, TLS aside.
pub(super) fn open(call: &mut Call, key: &Key, host: &str, port: u16) -> Outcome<Below> {
    match &key.way.route {
        Route::Direct => {
            let addresses = resolve::resolve(call, host, port)?;
            connect::connect(call, &addresses).map(Below::Tcp)
        }
        Route::Interface(zone) => {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            let addresses = resolve::resolve(call, &format!("{address}%{zone}"), port)?;
            connect::connect(call, &addresses).map(Below::Tcp)
        }
        Route::Unix(path) => unix::connect(call, path).map(Below::Tcp),
        Route::Proxy(proxy) => {
            tunnel(call, key, proxy, host, port).map_err(|failure| named(failure, proxy))
        }
    }
}

/// The connection to a proxy, from where on the server can be spoken to.
fn tunnel(call: &mut Call, key: &Key, proxy: &Proxy, host: &str, port: u16) -> Outcome<Below> {
    let mut below = reach(call, key, proxy)?;
    match proxy.scheme {
        ProxyScheme::Http if key.way.tls.is_none() => {}
        ProxyScheme::Http => http_proxy::tunnel(call, &mut below, proxy, host, port)?,
        _ => socks::tunnel(call, &mut below, proxy, host, port)?,
    }
    Ok(below)
}

fn reach(call: &mut Call, key: &Key, proxy: &Proxy) -> Outcome<Below> {
    let addresses = resolve::resolve(call, &proxy.host, proxy.port)?;
    let below = Below::Tcp(connect::connect(call, &addresses)?);
    match &key.way.proxy_tls {
        Some(setup) if proxy.tls => {
            Ok(Below::Tls(Box::new(Tls::handshake(call, below, setup, &proxy.host)?)))
        }
        _ => Ok(below),
    }
}

/// A proxy that cannot be reached is the proxy's failure: the server may be well.
pub(super) fn named(failure: Failure, proxy: &Proxy) -> Failure {
    let kind = match failure.kind {
        FaultKind::Cancelled => return failure,
        FaultKind::Resolve | FaultKind::Connect => FaultKind::Proxy,
        other => other,
    };
    let detail = format!("the proxy {}:{}: {}", proxy.host, proxy.port, failure.detail);
    Failure::new(kind, detail)
}

/// The proxy that passes this call's request on, and answers by itself where it does not.
pub(super) fn forwarder(call: &Call) -> Option<Arc<Proxy>> {
    match &call.way.route {
        Route::Proxy(proxy) if proxy.scheme == ProxyScheme::Http && call.way.tls.is_none() => {
            Some(Arc::clone(proxy))
        }
        _ => None,
    }
}

/// Puts TLS on a connection, where the request wants it.
pub(super) fn secured(call: &mut Call, below: Below, key: &Key, host: &str) -> Outcome<Stream> {
    match (&key.way.tls, below) {
        (Some(setup), below) => {
            Ok(Stream::Tls(Box::new(Tls::handshake(call, below, setup, host)?)))
        }
        (None, Below::Tcp(tcp)) => Ok(Stream::Plain(tcp)),
        (None, Below::Tls(tls)) => Ok(Stream::Tls(tls)),
    }
}
