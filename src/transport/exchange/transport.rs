//! The entry to this module, and the state that a client family shares.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{HeaderValue, Request, header};

use crate::transport::context::{self, ExchangeContext};
use crate::transport::fork::PerProcess;
use crate::transport::options::{Body, ConnectionOptions};
use crate::transport::pool::Pool;
use crate::transport::result::ExchangeResult;
use crate::transport::route::{ConnectionSpec, Route};
use crate::transport::tls::{TlsContext, TlsSettings};

use super::body_io::BodyHandlers;
use super::run;

/// TLS settings beyond this many are made anew when they come back: nobody alternates so many.
const MAX_TLS_CONTEXTS: usize = 32;

/// What the clients of one family share: their connections and what goes with them.
///
/// May be used from any number of threads at once, and after a `fork` in both processes.
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
    /// The way of a request: what a connection must be like to carry it.
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

    /// The prepared form of these TLS settings, the same one for equal settings.
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
    /// A family without a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a request and waits for the whole of its answer. Redirects are answers like any
    /// other; nothing is sent twice.
    ///
    /// The URI must be absolute. The header fields go out as they are, behind a `Host`, which is that of
    /// the URI where none is given, and before the `Content-Length` of a body. With an `Expect`, which
    /// must be `100-continue`, a body waits for the server's word (RFC 9110 section 10.1.1).
    pub fn exchange(
        &self,
        options: &ConnectionOptions<'_>,
        request: Request<()>,
        body: Body<'_>,
    ) -> ExchangeResult {
        self.exchange_with(options, request, body, BodyHandlers::default())
    }

    /// The same with a body that is read while it is sent, a sink for the answer's body, and
    /// somebody who watches; each only where there is one.
    pub fn exchange_with<'a>(
        &self,
        options: &ConnectionOptions<'_>,
        mut request: Request<()>,
        body: Body<'a>,
        handlers: BodyHandlers<'a>,
    ) -> ExchangeResult {
        if !options.keep_alive {
            request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let start = Instant::now();
        let state = self.state.get(|inherited| {
            if let Some(parent) = inherited {
                parent.pool.abandon();
            }
            TransportState::default()
        });
        let https = request.uri().scheme() == Some(&http::uri::Scheme::HTTPS);
        let spec = state.connection_spec(&handlers.route, options.tls, https);
        let mut context = ExchangeContext::new(spec, start, &options.bounds);
        context.fresh_connection = options.fresh_connection || !options.keep_alive;
        (context.keep_alive, context.max_age) = (options.keep_alive, options.max_age);
        let entered = context::enter(context);
        let outcome = run(&state.pool, request, body, handlers, options.bounds.max_body_bytes);
        let mut record = context::take_record();
        drop(entered);
        record.total = start.elapsed();
        ExchangeResult { outcome, record }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // What a parent process left is not for this one to take apart.
        if let Some((state, false)) = self.state.peek() {
            state.pool.abandon();
            std::mem::forget(state);
        }
    }
}

/// How a proxy is spoken to by TLS: as the server, but for the certificate, which is not for it.
fn proxy_tls(route: &Route, tls: &TlsSettings) -> Option<TlsSettings> {
    match route {
        Route::Proxy(proxy) if proxy.tls => Some(TlsSettings { client_cert: None, ..tls.clone() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
