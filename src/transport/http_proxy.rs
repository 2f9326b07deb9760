//! A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).

use zeroize::Zeroizing;

use crate::settings::Proxy;

use super::call::{Call, Phase};
use super::fault::{Failure, FaultKind, Outcome};
use super::head::{Complete, HeadScan, Look};
use super::route::authorization;
use super::tls::Stream;

/// No proxy has more to say before a tunnel, interim answers included.
const MAX_HEAD: usize = 16 * 1024;

/// Asks the proxy for a tunnel to a host.
pub(super) fn tunnel(
    call: &mut Call,
    stream: &mut Stream,
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
    stream.write_all(call, request.as_bytes()).map_err(lost)?;
    let answer = head(call, stream)?;
    match answer.status {
        200..=299 => Ok(()),
        // Some say the server's 401, where they have been given the wrong ones.
        status @ (401 | 407) => Err(unauthorized(proxy, status)),
        status => {
            let reason = answer.reason;
            Err(refused(&format!("it refused the tunnel: {status} {reason}")))
        }
    }
}

/// The head of the proxy's final answer, read as a server's. Nothing may follow the one that opens the
/// tunnel: the server speaks second.
fn head(call: &Call, stream: &mut Stream) -> Outcome<Complete> {
    let (mut head, mut scan) = (Vec::new(), HeadScan::within(MAX_HEAD));
    let mut buffer = [0; 1024];
    loop {
        // Like that of a HEAD, its body is of no interest.
        match scan.look(&head, true).map_err(|failure| refused(&of_proxy(&failure)))? {
            Look::Interim(end, _) => drop(head.drain(..end)),
            Look::Final(end, answer) if answer.status < 300 && end < head.len() => {
                return Err(refused("its answer does not end where it should"));
            }
            Look::Final(_, answer) => return Ok(answer),
            Look::Unfinished => {
                let read = stream.read(call, &mut buffer).map_err(lost)?;
                if read == 0 {
                    return Err(refused("it closed the connection"));
                }
                head.extend_from_slice(buffer.get(..read).unwrap_or_default());
            }
        }
    }
}

/// What is wrong with an answer, where it is not a server's.
fn of_proxy(failure: &Failure) -> String {
    failure.detail.replace("the server's answer", "its answer")
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
