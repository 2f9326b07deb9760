//! A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).

use zeroize::Zeroizing;

use crate::settings::Proxy;

use super::call::Call;
use super::fault::{Failure, FaultKind, Outcome};
use super::route::authorization;
use super::tls::Below;

/// No proxy has more to say before a tunnel.
const MAX_HEAD: usize = 16 * 1024;

/// Asks the proxy for a tunnel to a host.
pub(super) fn tunnel(
    call: &Call,
    tcp: &mut Below,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Outcome<()> {
    let authorization = authorization(proxy).unwrap_or_default();
    let request = Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{}\r\n",
        authorization.as_str()
    ));
    tcp.write_all(call, request.as_bytes(), &mut 0).map_err(lost)?;
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

/// The head of the proxy's answer. Nothing may follow it: the server speaks second.
fn head(call: &Call, tcp: &mut Below) -> Outcome<String> {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let read = tcp.read(call, &mut buffer).map_err(lost)?;
        if read == 0 {
            return Err(refused("it closed the connection"));
        }
        head.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let end = head.windows(4).position(|four| four == b"\r\n\r\n");
        let refusal =
            end.is_some() && !head.starts_with(b"HTTP/1.1 2") && !head.starts_with(b"HTTP/1.0 2");
        if refusal || end.is_some_and(|end| end.saturating_add(4) == head.len()) {
            return Ok(String::from_utf8_lossy(&head).into_owned());
        }
        if end.is_some() || head.len() > MAX_HEAD {
            return Err(refused("its answer does not end where it should"));
        }
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
