//! Where a connection comes from: out of the pool, or opened.

use std::sync::Arc;
use std::time::Instant;

use http::Uri;
use http::uri::Authority;

use super::call::Call;
use super::fault::{Failure, FaultKind, Outcome};
use super::link::{Connection, Link, Stream};
use super::pool::{Key, Pool};
use super::route;

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
    let tcp = route::open(call, key, host, port)?;
    let stream = route::secured(call, tcp, key, host)?;
    call.connected();
    Ok(stream)
}
