//! Where ureq asks for a connection: one out of the pool, or a new one.

use std::sync::Arc;
use std::time::Instant;

use http::Uri;
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout};

use super::buffers::LinkBuffers;
use super::call::{self, Call};
use super::fault::{Failure, FaultKind, Outcome};
use super::link::{Link, Stream};
use super::pool::{Key, Pool};
use super::route;

/// ureq wants a name looked up before it asks for a connection. A name is looked up here when a
/// connection is really opened, so the answer is empty.
#[derive(Debug)]
pub(super) struct NoLookUp;

impl Resolver for NoLookUp {
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Hands out connections for the current call.
#[derive(Debug)]
pub(super) struct Dial {
    pub(super) pool: Arc<Pool>,
}

impl Connector<()> for Dial {
    type Out = Link;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Link>, ureq::Error> {
        Ok(Some(call::with(|call| self.link(call, details.uri))?))
    }
}

impl Dial {
    fn link(&self, call: &mut Call, uri: &Uri) -> Outcome<Link> {
        let Some(authority) = uri.authority() else {
            return Err(Failure::new(FaultKind::Internal, "a request without a host"));
        };
        let key =
            Key { authority: authority.clone(), tls: call.tls.clone(), route: call.route.clone() };
        if !call.fresh_connection {
            while let Some(mut parked) = self.pool.take(&key, Instant::now()) {
                if parked.stream.alive() {
                    call.record.reused_connection = true;
                    return Ok(self.lend(parked.stream, parked.key, parked.buffers));
                }
            }
        }
        let stream = open(call, &key)?;
        call.record.opened_connection = true;
        Ok(self.lend(stream, key, LinkBuffers::new()))
    }

    fn lend(&self, stream: Stream, key: Key, buffers: LinkBuffers) -> Link {
        Link::new(stream, key, buffers, Arc::clone(&self.pool))
    }
}

fn open(call: &mut Call, key: &Key) -> Outcome<Stream> {
    call.connecting(Instant::now());
    let host = key.authority.host();
    let default_port = if key.tls.is_some() { 443 } else { 80 };
    let port = key.authority.port_u16().unwrap_or(default_port);
    let tcp = route::open(call, key, host, port)?;
    let stream = route::secured(call, tcp, key, host)?;
    call.connected();
    Ok(stream)
}
