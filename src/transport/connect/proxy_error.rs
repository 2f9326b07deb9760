//! The errors of a proxy.

use crate::settings::Proxy;
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult};

/// The proxy refuses the tunnel or the request.
pub(super) fn refused(detail: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Proxy, detail)
}

/// The result of a read before the tunnel is open, in which the end of the connection is an error.
pub(super) fn received(read: TransportResult<usize>) -> TransportResult<usize> {
    match read.map_err(connection_lost)? {
        0 => Err(refused("it closed the connection")),
        length => Ok(length),
    }
}

/// A connection lost before the tunnel is open is an error of the proxy.
pub(super) fn connection_lost(failure: TransportError) -> TransportError {
    if failure.kind != TransportErrorKind::Closed {
        return failure;
    }
    refused(&format!("the connection was lost: {}", failure.detail))
}

/// The proxy requires credentials (RFC 9110 section 15.5.8), or rejects those that it received.
pub(in crate::transport) fn authentication_required(proxy: &Proxy, status: u16) -> TransportError {
    let wants = match proxy.credentials {
        None => "wants a user name and a password",
        Some(_) => "does not accept user name and password",
    };
    refused(&format!("it {wants} ({status})"))
}

/// Names the proxy in an error. A proxy that cannot be reached is an error of the proxy, because
/// the server may be fine.
pub(in crate::transport) fn with_proxy_name(
    failure: TransportError,
    proxy: &Proxy,
) -> TransportError {
    let kind = match failure.kind {
        TransportErrorKind::Cancelled => return failure,
        TransportErrorKind::Resolve | TransportErrorKind::Connect => TransportErrorKind::Proxy,
        other => other,
    };
    let detail = format!("the proxy {}:{}: {}", proxy.host, proxy.port, failure.detail);
    TransportError::new(kind, detail)
}
