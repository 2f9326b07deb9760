//! A tunnel through a SOCKS proxy: versions 4, 4a and 5 (RFC 1928, RFC 1929).

use std::net::{IpAddr, SocketAddr};

use zeroize::Zeroizing;

use crate::settings::{Proxy, ProxyScheme};
use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};
use crate::transport::tls::Stream;

use super::proxy_error::{connection_lost, received, refused};
use super::resolve;

/// The target of the tunnel.
enum Destination<'a> {
    Address(IpAddr),
    Name(&'a str),
}

/// Asks the proxy for a tunnel to a host.
pub(super) fn tunnel(
    context: &mut ExchangeContext,
    stream: &mut Stream,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> TransportResult<()> {
    let destination = destination(context, proxy.scheme, host, port)?;
    context.phase = Phase::Tunnel;
    match proxy.scheme {
        ProxyScheme::Socks4 | ProxyScheme::Socks4a => {
            connect_v4(context, stream, proxy, &destination, port)
        }
        _ => connect_v5(context, stream, proxy, &destination, port),
    }
}

fn destination<'a>(
    context: &mut ExchangeContext,
    scheme: ProxyScheme,
    host: &'a str,
    port: u16,
) -> TransportResult<Destination<'a>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse() {
        return Ok(Destination::Address(address));
    }
    if matches!(scheme, ProxyScheme::Socks4a | ProxyScheme::Socks5h) {
        return Ok(Destination::Name(bare));
    }
    let addresses = resolve::resolve(context, host, port)?;
    let fits = |address: &&SocketAddr| scheme != ProxyScheme::Socks4 || address.is_ipv4();
    let address = addresses.iter().find(fits);
    address.map(|address| Destination::Address(address.ip())).ok_or_else(|| {
        TransportError::new(
            TransportErrorKind::Resolve,
            format!("no IPv4 address for the name {bare}"),
        )
    })
}

fn connect_v4(
    context: &ExchangeContext,
    stream: &mut Stream,
    proxy: &Proxy,
    destination: &Destination<'_>,
    port: u16,
) -> TransportResult<()> {
    let mut request = Zeroizing::new(vec![4, 1]);
    request.extend_from_slice(&port.to_be_bytes());
    match destination {
        Destination::Address(IpAddr::V4(address)) => request.extend_from_slice(&address.octets()),
        // An impossible address says that a name follows.
        Destination::Name(_) => request.extend_from_slice(&[0, 0, 0, 1]),
        Destination::Address(IpAddr::V6(_)) => {
            return Err(refused("SOCKS 4 does not support IPv6 addresses"));
        }
    }
    let user = proxy.credentials.as_ref().map_or("", |(name, _)| name);
    request.extend_from_slice(user.as_bytes());
    request.push(0);
    if let Destination::Name(name) = destination {
        request.extend_from_slice(name.as_bytes());
        request.push(0);
    }
    send(context, stream, &request)?;
    let [version, reply, ..] = receive::<8>(context, stream)?;
    match (version, reply) {
        (0, 90) => Ok(()),
        (0, 91) => Err(refused("it refused the tunnel, or cannot reach the server")),
        (0, 92 | 93) => Err(refused("it does not accept the user name")),
        _ => Err(refused("it does not speak SOCKS 4")),
    }
}

fn connect_v5(
    context: &ExchangeContext,
    stream: &mut Stream,
    proxy: &Proxy,
    destination: &Destination<'_>,
    port: u16,
) -> TransportResult<()> {
    let methods: &[u8] = if proxy.credentials.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
    send(context, stream, methods)?;
    match receive::<2>(context, stream)? {
        [5, 0] => {}
        [5, 2] => authenticate(context, stream, proxy)?,
        [5, 255] if proxy.credentials.is_none() => {
            return Err(refused("it wants a user name and a password, or another authentication"));
        }
        [5, 255] => return Err(refused("it wants another authentication")),
        _ => return Err(refused("it does not speak SOCKS 5")),
    }
    let mut request = vec![5, 1, 0];
    match destination {
        Destination::Address(IpAddr::V4(address)) => {
            request.push(1);
            request.extend_from_slice(&address.octets());
        }
        Destination::Address(IpAddr::V6(address)) => {
            request.push(4);
            request.extend_from_slice(&address.octets());
        }
        Destination::Name(name) => {
            let length = u8::try_from(name.len());
            request.push(3);
            request.push(length.map_err(|_| refused("the name is too long for SOCKS"))?);
            request.extend_from_slice(name.as_bytes());
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    send(context, stream, &request)?;
    let [version, reply, _, kind] = receive::<4>(context, stream)?;
    if version != 5 || reply != 0 {
        return Err(refused(&format!("it refused the tunnel: {}", reply_text(reply))));
    }
    let rest = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(receive::<1>(context, stream)?[0]),
        _ => return Err(refused("it does not speak SOCKS 5")),
    };
    let mut bound = vec![0; rest.saturating_add(2)];
    receive_into(context, stream, &mut bound)
}

/// Sends user name and password (RFC 1929).
fn authenticate(
    context: &ExchangeContext,
    stream: &mut Stream,
    proxy: &Proxy,
) -> TransportResult<()> {
    let Some((name, password)) = &proxy.credentials else {
        return Err(refused("it wants a user name and a password"));
    };
    let mut request = Zeroizing::new(Vec::with_capacity(600));
    request.push(1);
    for part in [name.as_str(), password] {
        request.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
        request.extend_from_slice(part.as_bytes());
    }
    send(context, stream, &request)?;
    match receive::<2>(context, stream)? {
        [_, 0] => Ok(()),
        _ => Err(refused("it does not accept user name and password")),
    }
}

fn send(context: &ExchangeContext, stream: &mut Stream, bytes: &[u8]) -> TransportResult<()> {
    stream.write_all(context, bytes).map_err(connection_lost)
}

fn receive<const N: usize>(
    context: &ExchangeContext,
    stream: &mut Stream,
) -> TransportResult<[u8; N]> {
    let mut bytes = [0; N];
    receive_into(context, stream, &mut bytes)?;
    Ok(bytes)
}

/// Reads exactly this number of bytes: those after it belong to the server.
fn receive_into(
    context: &ExchangeContext,
    stream: &mut Stream,
    mut room: &mut [u8],
) -> TransportResult<()> {
    while !room.is_empty() {
        let read = received(stream.read(context, room))?;
        room = room.get_mut(read..).unwrap_or_default();
    }
    Ok(())
}

/// The meaning of a reply of version 5 (RFC 1928 section 6).
fn reply_text(reply: u8) -> &'static str {
    match reply {
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "the server does not respond",
        8 => "it does not support this type of address",
        _ => "it failed",
    }
}
