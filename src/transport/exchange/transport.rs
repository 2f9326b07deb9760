//! The entry point of the transport, and the state that a client family shares.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{HeaderValue, header};

use crate::transport::context::{self, ExchangeContext};
use crate::transport::fork::PerProcess;
use crate::transport::options::{Body, ConnectionOptions, RequestHead};
use crate::transport::pool::Pool;
use crate::transport::result::{ExchangeRecord, ExchangeResult};
use crate::transport::route::{ConnectionSpec, Route};
use crate::transport::tls::{TlsContext, TlsSettings};

use super::body_io::BodyHandlers;
use super::open_body::OpenBody;
use super::run;

/// The maximum number of TLS configurations that are kept. No program alternates between so many.
const MAX_TLS_CONTEXTS: usize = 32;

/// The connections and TLS configurations that the clients of a family share.
///
/// Any number of threads may use it at once, and after a `fork` both processes.
#[derive(Debug, Default)]
pub struct Transport {
    pub(in crate::transport) state: PerProcess<TransportState>,
}

#[derive(Default)]
pub(in crate::transport) struct TransportState {
    pub(in crate::transport) pool: Arc<Pool>,
    tls_contexts: Mutex<Vec<Arc<TlsContext>>>,
}

impl TransportState {
    /// The connection that a request needs.
    pub(in crate::transport) fn connection_spec(
        &self,
        route: &Route,
        tls: &TlsSettings,
        https: bool,
    ) -> ConnectionSpec {
        let proxy_tls = proxy_tls(route, tls).map(|tls| self.tls_context(&tls));
        ConnectionSpec {
            route: route.clone(),
            tls: https.then(|| self.tls_context(tls)),
            proxy_tls,
        }
    }

    /// The TLS configuration for these settings; equal settings share one.
    fn tls_context(&self, wanted: &TlsSettings) -> Arc<TlsContext> {
        let mut contexts = self.tls_contexts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(context) = contexts.iter().find(|context| context.settings() == wanted) {
            return Arc::clone(context);
        }
        let context = Arc::new(TlsContext::new(wanted.clone()));
        if contexts.len() >= MAX_TLS_CONTEXTS {
            contexts.remove(0);
        }
        contexts.push(Arc::clone(&context));
        context
    }
}

impl Transport {
    /// A transport without connections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Closes the connections that no request uses.
    pub fn close_idle(&self) {
        if let Some((state, true)) = self.state.peek() {
            state.pool.close_idle();
        }
    }

    /// Sends a request and reads the complete response. Follows no redirect, and sends nothing
    /// twice.
    ///
    /// The URI must be absolute. The header fields are sent unchanged, after `Host` and before the
    /// `Content-Length` of a body. `Host` is that of the URI if the fields contain none. With an
    /// `Expect`, which must be `100-continue`, the body waits for the server's interim response
    /// (RFC 9110 section 10.1.1).
    pub fn exchange(
        &self,
        options: &ConnectionOptions<'_>,
        request: RequestHead<'_>,
        body: Body<'_>,
    ) -> ExchangeResult {
        self.exchange_with(options, request, body, BodyHandlers::default(), &mut None)
    }

    /// Like [`exchange`](Self::exchange), with a body that is read while it is sent, a sink for the
    /// response body, and a progress callback; each is optional. `open_body` receives the body of the
    /// response if the sink wants it to stay open. Then that of the result is empty.
    pub fn exchange_with<'a>(
        &self,
        options: &ConnectionOptions<'_>,
        request: RequestHead<'_>,
        body: Body<'a>,
        handlers: BodyHandlers<'_>,
        open_body: &mut Option<Box<OpenBody<'a>>>,
    ) -> ExchangeResult {
        let headers = match options.keep_alive {
            true => Cow::Borrowed(request.headers),
            false => {
                let mut headers = request.headers.clone();
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
                Cow::Owned(headers)
            }
        };
        let request = RequestHead { headers: &headers, ..request };
        let start = Instant::now();
        if let Err(failure) = context::may_enter() {
            let outcome = Err(failure.with_partial_response(None, Vec::new()));
            return ExchangeResult { outcome, record: ExchangeRecord::default() };
        }
        let state = self.state.get(|inherited| {
            if let Some(parent) = inherited {
                parent.pool.abandon();
            }
            TransportState::default()
        });
        let https = request.uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        let spec = state.connection_spec(&handlers.route, options.tls, https);
        let mut context = ExchangeContext::new(spec, start, &options.limits);
        context.fresh_connection = options.fresh_connection || !options.keep_alive;
        (context.keep_alive, context.max_age) = (options.keep_alive, options.max_age);
        context.tracer = handlers.tracer.cloned();
        let entered = context::enter(context);
        let max_bytes = options.limits.max_body_bytes;
        let outcome = run(&state.pool, request, body, handlers, max_bytes, open_body);
        let mut record = context::take_record();
        match open_body {
            Some(open) => open.set_context(entered.leave()),
            None => drop(entered),
        }
        record.total = start.elapsed();
        ExchangeResult { outcome, record }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // The state that a parent process left must not be dropped here.
        if let Some((state, false)) = self.state.peek() {
            state.pool.abandon();
            std::mem::forget(state);
        }
    }
}

/// The TLS settings for a proxy: those for the server, but without the client certificate and the
/// pinned keys, which are for servers only.
fn proxy_tls(route: &Route, tls: &TlsSettings) -> Option<TlsSettings> {
    match route {
        Route::Proxy(proxy) if proxy.tls => {
            Some(TlsSettings { client_cert: None, pinned_keys: None, ..tls.clone() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
