//! A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).

use zeroize::Zeroizing;

use crate::settings::Proxy;

use super::call::{Call, Phase};
use super::fault::{Failure, FaultKind, Outcome};
use super::route::authorization;
use super::tls::Below;

/// No proxy has more to say before a tunnel, interim answers included.
const MAX_HEAD: usize = 16 * 1024;

/// Asks the proxy for a tunnel to a host.
pub(super) fn tunnel(
    call: &mut Call,
    tcp: &mut Below,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Outcome<()> {
    call.phase = Phase::Tunnel;
    let authorization = authorization(proxy).unwrap_or_default();
    let request = Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{}\r\n",
        authorization.as_str()
    ));
    tcp.write_all(call, request.as_bytes()).map_err(lost)?;
    let head = head(call, tcp)?;
    let line = head.lines().next().unwrap_or_default();
    let mut parts = line.splitn(3, ' ');
    let version = parts.next().unwrap_or_default();
    // The number alone would take a sign.
    let digits = |status: &&str| status.bytes().all(|byte| byte.is_ascii_digit());
    match parts.next().filter(digits).and_then(|status| status.parse::<u16>().ok()) {
        Some(200..=299) if version.starts_with("HTTP/1.") => Ok(()),
        // Some say the server's 401, where they have been given the wrong ones.
        Some(status @ (401 | 407)) if version.starts_with("HTTP/1.") => {
            Err(unauthorized(proxy, status))
        }
        Some(status) if version.starts_with("HTTP/1.") => {
            let reason = parts.next().unwrap_or_default();
            Err(refused(&format!("it refused the tunnel: {status} {reason}")))
        }
        _ => Err(refused("it does not speak HTTP")),
    }
}

/// The head of the proxy's final answer. Nothing may follow the one that opens the tunnel: the
/// server speaks second.
fn head(call: &Call, tcp: &mut Below) -> Outcome<String> {
    let (mut head, mut interim) = (Vec::new(), 0_usize);
    let mut buffer = [0; 1024];
    loop {
        let read = tcp.read(call, &mut buffer).map_err(lost)?;
        if read == 0 {
            return Err(refused("it closed the connection"));
        }
        head.extend_from_slice(buffer.get(..read).unwrap_or_default());
        // What is behind an interim answer is the beginning of the next one.
        while let Some(end) = end(&head).filter(|_| is_interim(&head)) {
            head.drain(..end);
            interim = interim.saturating_add(end);
        }
        let end = end(&head);
        let refusal =
            end.is_some() && !head.starts_with(b"HTTP/1.1 2") && !head.starts_with(b"HTTP/1.0 2");
        if refusal || end == Some(head.len()) {
            return Ok(String::from_utf8_lossy(&head).into_owned());
        }
        if end.is_some() || interim.saturating_add(head.len()) > MAX_HEAD {
            return Err(refused("its answer does not end where it should"));
        }
    }
}

/// Where the first head ends.
fn end(head: &[u8]) -> Option<usize> {
    let at = head.windows(4).position(|four| four == b"\r\n\r\n");
    at.map(|at| at.saturating_add(4))
}

/// Whether another answer follows this one (RFC 9110 section 15.2). 101 would be the last.
fn is_interim(head: &[u8]) -> bool {
    let rest = head.strip_prefix(b"HTTP/1.1 1").or_else(|| head.strip_prefix(b"HTTP/1.0 1"));
    match rest {
        Some([tens, ones, b' ' | b'\r', ..]) => {
            tens.is_ascii_digit() && ones.is_ascii_digit() && [*tens, *ones] != *b"01"
        }
        _ => false,
    }
}

fn refused(detail: &str) -> Failure {
    Failure::new(FaultKind::Proxy, detail)
}

/// A connection that is lost before the tunnel stands is the proxy's failure.
pub(super) fn lost(failure: Failure) -> Failure {
    if failure.kind != FaultKind::Closed {
        return failure;
    }
    Failure::new(FaultKind::Proxy, format!("the connection was lost: {}", failure.detail))
}

/// The proxy wants to know who asks (RFC 9110 section 15.5.8), or does not believe it.
pub(super) fn unauthorized(proxy: &Proxy, status: u16) -> Failure {
    let wants = match proxy.credentials {
        None => "wants a user name and a password",
        Some(_) => "does not accept user name and password",
    };
    refused(&format!("it {wants} ({status})"))
}
