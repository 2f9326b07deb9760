//! The connection for a request: taken from the pool, or opened.

use std::sync::Arc;
use std::time::Instant;

use http::Uri;
use http::uri::{Authority, Scheme};

use crate::settings::{Proxy, ProxyScheme};
use crate::trace::Event;
use crate::transport::context::ExchangeContext;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};
use crate::transport::pool::{Connection, Pool, PoolKey, PooledConnection};
use crate::transport::route::Route;
use crate::transport::tls::{Stream, Tls};

use super::proxy_error::with_proxy_name;
use super::{happy_eyeballs, http_proxy, resolve, socks, unix};

/// Returns a connection for the current exchange.
pub(in crate::transport) fn checkout(
    pool: &Arc<Pool>,
    context: &mut ExchangeContext,
    uri: &Uri,
) -> TransportResult<PooledConnection> {
    let Some(authority) = uri.authority() else {
        return Err(TransportError::new(TransportErrorKind::Internal, "a request without a host"));
    };
    context.trace(|| Event::ConnectionWanted { address: with_port(uri, authority) });
    if let Some(mut idle) = take_idle(pool, context, authority, context.start) {
        context.record.reused_connection = true;
        trace_ready(context, &mut idle, true);
        return Ok(PooledConnection::new(idle, Arc::clone(pool), context));
    }
    let key = PoolKey { authority: authority.clone(), spec: context.connection_spec.clone() };
    let stream = open_connection(context, &key)?;
    context.record.opened_connection = true;
    let mut connection = Box::new(Connection::new(stream, key));
    trace_ready(context, &mut connection, false);
    Ok(PooledConnection::new(connection, Arc::clone(pool), context))
}

/// The host and the port of a request.
fn with_port(uri: &Uri, authority: &Authority) -> String {
    let default_port = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(default_port))
}

fn trace_ready(context: &ExchangeContext, connection: &mut Connection, reused: bool) {
    context.trace(|| Event::ConnectionReady {
        idle: reused.then(|| connection.idle_time(context.start)),
        local: connection.stream.tcp().local_address(),
        remote: connection.stream.tcp().remote_address(),
    });
}

/// Takes a connection from the pool that may still be used at `now`. Closes those that may not.
pub(in crate::transport) fn take_idle(
    pool: &Pool,
    context: &ExchangeContext,
    authority: &Authority,
    now: Instant,
) -> Option<Box<Connection>> {
    if context.fresh_connection {
        return None;
    }
    loop {
        let mut idle = pool.take(|key| key.matches(authority, &context.connection_spec), now)?;
        if idle.is_reusable_at(context.max_age, now) && idle.stream.is_alive() {
            return Some(idle);
        }
    }
}

fn open_connection(context: &mut ExchangeContext, key: &PoolKey) -> TransportResult<Stream> {
    context.connecting(Instant::now());
    let host = key.authority.host();
    let default_port = if key.spec.tls.is_some() { 443 } else { 80 };
    let port = key.authority.port_u16().unwrap_or(default_port);
    let tcp = connect_route(context, key, host, port)?;
    let stream = with_tls(context, tcp, key, host)?;
    context.connected();
    Ok(stream)
}

/// Opens a connection over which the server can be reached, without TLS to the server.
fn connect_route(
    context: &mut ExchangeContext,
    key: &PoolKey,
    host: &str,
    port: u16,
) -> TransportResult<Stream> {
    match &key.spec.route {
        Route::Direct => {
            let addresses = resolve::resolve(context, host, port)?;
            happy_eyeballs::connect(context, &addresses).map(Stream::Plain)
        }
        Route::Interface(zone) => {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            let addresses = resolve::resolve(context, &format!("{address}%{zone}"), port)?;
            happy_eyeballs::connect(context, &addresses).map(Stream::Plain)
        }
        Route::Unix(path) => unix::connect(context, path).map(Stream::Plain),
        Route::Proxy(proxy) => tunnel(context, key, proxy, host, port)
            .map_err(|failure| with_proxy_name(failure, proxy)),
    }
}

/// Opens a connection to a proxy, and a tunnel if one is needed.
fn tunnel(
    context: &mut ExchangeContext,
    key: &PoolKey,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> TransportResult<Stream> {
    let mut stream = connect_proxy(context, key, proxy)?;
    match proxy.scheme {
        ProxyScheme::Http if key.spec.tls.is_none() => {}
        ProxyScheme::Http => http_proxy::tunnel(context, &mut stream, proxy, host, port)?,
        _ => socks::tunnel(context, &mut stream, proxy, host, port)?,
    }
    Ok(stream)
}

fn connect_proxy(
    context: &mut ExchangeContext,
    key: &PoolKey,
    proxy: &Proxy,
) -> TransportResult<Stream> {
    let addresses = resolve::resolve(context, &proxy.host, proxy.port)?;
    let stream = Stream::Plain(happy_eyeballs::connect(context, &addresses)?);
    match &key.spec.proxy_tls {
        Some(tls) if proxy.tls => {
            Ok(Stream::Tls(Box::new(Tls::handshake(context, stream, tls, &proxy.host)?)))
        }
        _ => Ok(stream),
    }
}

/// Adds TLS to a connection, if the request uses https.
fn with_tls(
    context: &mut ExchangeContext,
    stream: Stream,
    key: &PoolKey,
    host: &str,
) -> TransportResult<Stream> {
    match &key.spec.tls {
        Some(tls) => Ok(Stream::Tls(Box::new(Tls::handshake(context, stream, tls, host)?))),
        None => Ok(stream),
    }
}
