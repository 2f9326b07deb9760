//! Where a connection comes from: out of the pool, or opened.

use std::sync::Arc;
use std::time::Instant;

use http::Uri;
use http::uri::Authority;

use crate::settings::{Proxy, ProxyScheme};

use super::call::Call;
use super::connection::Connection;
use super::fault::{Failure, FaultKind, Outcome};
use super::link::Link;
use super::pool::Pool;
use super::route::{Key, Route};
use super::tls::{Stream, Tls};
use super::{connect, http_proxy, resolve, socks, unix};

/// A connection for the current call.
pub(super) fn link(pool: &Arc<Pool>, call: &mut Call, uri: &Uri) -> Outcome<Link> {
    let Some(authority) = uri.authority() else {
        return Err(Failure::new(FaultKind::Internal, "a request without a host"));
    };
    if let Some(kept) = kept(pool, call, authority, Instant::now()) {
        call.record.reused_connection = true;
        return Ok(Link::new(kept, Arc::clone(pool), call));
    }
    let key = Key { authority: authority.clone(), way: call.way.clone() };
    let stream = open(call, &key)?;
    call.record.opened_connection = true;
    Ok(Link::new(Box::new(Connection::new(stream, key)), Arc::clone(pool), call))
}

/// One from the pool that may still be used `now`. Those that may not are closed.
pub(super) fn kept(
    pool: &Pool,
    call: &Call,
    authority: &Authority,
    now: Instant,
) -> Option<Box<Connection>> {
    if call.fresh_connection {
        return None;
    }
    loop {
        let mut idle = pool.take(|key| key.suits(authority, &call.way), now)?;
        if idle.in_time(call.max_age, now) && idle.stream.alive() {
            return Some(idle);
        }
    }
}

fn open(call: &mut Call, key: &Key) -> Outcome<Stream> {
    call.connecting(Instant::now());
    let host = key.authority.host();
    let default_port = if key.way.tls.is_some() { 443 } else { 80 };
    let port = key.authority.port_u16().unwrap_or(default_port);
    let tcp = reach(call, key, host, port)?;
    let stream = secured(call, tcp, key, host)?;
    call.connected();
    Ok(stream)
}

/// Opens a connection on which the server can be spoken to, TLS aside.
fn reach(call: &mut Call, key: &Key, host: &str, port: u16) -> Outcome<Stream> {
    match &key.way.route {
        Route::Direct => {
            let addresses = resolve::resolve(call, host, port)?;
            connect::connect(call, &addresses).map(Stream::Plain)
        }
        Route::Interface(zone) => {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            let addresses = resolve::resolve(call, &format!("{address}%{zone}"), port)?;
            connect::connect(call, &addresses).map(Stream::Plain)
        }
        Route::Unix(path) => unix::connect(call, path).map(Stream::Plain),
        Route::Proxy(proxy) => {
            tunnel(call, key, proxy, host, port).map_err(|failure| named(failure, proxy))
        }
    }
}

/// The connection to a proxy, from where on the server can be spoken to.
fn tunnel(call: &mut Call, key: &Key, proxy: &Proxy, host: &str, port: u16) -> Outcome<Stream> {
    let mut below = reach_proxy(call, key, proxy)?;
    match proxy.scheme {
        ProxyScheme::Http if key.way.tls.is_none() => {}
        ProxyScheme::Http => http_proxy::tunnel(call, &mut below, proxy, host, port)?,
        _ => socks::tunnel(call, &mut below, proxy, host, port)?,
    }
    Ok(below)
}

fn reach_proxy(call: &mut Call, key: &Key, proxy: &Proxy) -> Outcome<Stream> {
    let addresses = resolve::resolve(call, &proxy.host, proxy.port)?;
    let below = Stream::Plain(connect::connect(call, &addresses)?);
    match &key.way.proxy_tls {
        Some(setup) if proxy.tls => {
            Ok(Stream::Tls(Box::new(Tls::handshake(call, below, setup, &proxy.host)?)))
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

/// Puts TLS on a connection, where the request wants it.
fn secured(call: &mut Call, below: Stream, key: &Key, host: &str) -> Outcome<Stream> {
    match &key.way.tls {
        Some(setup) => Ok(Stream::Tls(Box::new(Tls::handshake(call, below, setup, host)?))),
        None => Ok(below),
    }
}
