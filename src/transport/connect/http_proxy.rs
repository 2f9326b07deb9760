//! A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).

use zeroize::Zeroizing;

use crate::settings::Proxy;
use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportResult};
use crate::transport::http1::{FinalHead, HeadParser, ParseStatus};
use crate::transport::pool::authorization;
use crate::transport::tls::Stream;

use super::proxy_error::{authentication_required, connection_lost, received, refused};

/// The maximum size of the heads before a tunnel, with interim responses. No proxy needs more.
const MAX_HEAD: usize = 16 * 1024;

/// Asks the proxy for a tunnel to a host.
pub(super) fn tunnel(
    context: &mut ExchangeContext,
    stream: &mut Stream,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> TransportResult<()> {
    context.phase = Phase::Tunnel;
    let authorization = authorization(proxy).unwrap_or_default();
    let request = Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{}\r\n",
        authorization.as_str()
    ));
    stream.write_all(context, request.as_bytes()).map_err(connection_lost)?;
    let response = read_head(context, stream)?;
    match response.status {
        200..=299 => Ok(()),
        // Some proxies send a server's status 401 for wrong credentials.
        status @ (401 | 407) => Err(authentication_required(proxy, status)),
        status => {
            let reason = response.reason;
            Err(refused(&format!("it refused the tunnel: {status} {reason}")))
        }
    }
}

/// Reads the head of the proxy's final response. Nothing may follow a head that opens the tunnel,
/// because the server sends nothing before the request.
fn read_head(context: &ExchangeContext, stream: &mut Stream) -> TransportResult<FinalHead> {
    let (mut head, mut parser) = (Vec::new(), HeadParser::with_limit(MAX_HEAD));
    let mut buffer = [0; 1024];
    loop {
        // Its body is ignored, like the body of a response to HEAD.
        match parser.parse(&head, true).map_err(|failure| refused(&proxy_detail(&failure)))? {
            ParseStatus::Interim(end, _) => drop(head.drain(..end)),
            ParseStatus::Final(end, response) if response.status < 300 && end < head.len() => {
                return Err(refused("bytes follow its response, before the server could send any"));
            }
            ParseStatus::Final(_, response) => return Ok(response),
            ParseStatus::Partial => {
                let read = received(stream.read(context, &mut buffer))?;
                head.extend_from_slice(buffer.get(..read).unwrap_or_default());
            }
        }
    }
}

/// The detail of a parse error, for a proxy instead of a server.
fn proxy_detail(failure: &TransportError) -> String {
    failure.detail.replace("the server's response", "its response")
}
