//! One request of a call: the first one, or one that a redirect leads to.

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, Method, Uri, header};
use url::Url;

use crate::code::Error;
use crate::transport::{ResponseHead, Route, TlsSettings};

use super::plan::Plan;
use super::redirect::{self, Redirect, RedirectError};

/// The method and target of a request, and which parts of the call's request go there.
pub(super) struct RedirectedRequest<'a> {
    pub(super) method: Method,
    pub(super) uri: Cow<'a, Uri>,
    /// Whether the body goes along, with the header fields that describe it.
    pub(super) with_body: bool,
    /// Whether a redirect has led to another origin: only harmless header fields go along.
    pub(super) cross_origin: bool,
}

impl<'a> RedirectedRequest<'a> {
    /// The initial request.
    pub(super) fn initial(plan: &'a Plan<'a>) -> Self {
        let (method, uri) = (plan.method.clone(), Cow::Borrowed(plan.uri));
        Self { method, uri, with_body: true, cross_origin: false }
    }

    /// The request that a response redirects to; `None` if it is not a redirect. `redirects`: the
    /// number of redirects so far.
    ///
    /// # Errors
    /// [`RedirectError`] for a redirect that must not be followed.
    pub(super) fn next(
        &self,
        plan: &Plan<'_>,
        head: &ResponseHead,
        redirects: u32,
    ) -> Result<Option<Self>, Error> {
        let max = plan.settings.redirects;
        if max == 0 || !(300..400).contains(&head.status) {
            return Ok(None);
        }
        let current_url =
            Url::parse(&self.uri.to_string()).map_err(|_| RedirectError::Unparsable)?;
        let location = head.headers.get(header::LOCATION).map(http::HeaderValue::as_bytes);
        let redirect =
            redirect::resolve_redirect(&self.method, &current_url, head.status, location)?;
        let Some(redirect) = redirect else { return Ok(None) };
        if plan.settings.tls.pinned_keys.is_some() && redirect.url.scheme() == "http" {
            return Err(RedirectError::Unpinned.into());
        }
        if redirects >= max {
            return Err(RedirectError::TooMany(max).into());
        }
        let next = self.redirected(redirect).map_err(|_| RedirectError::Unparsable)?;
        Ok(Some(next))
    }

    fn redirected(&self, redirect: Redirect) -> Result<Self, http::uri::InvalidUri> {
        Ok(Self {
            method: redirect.method,
            uri: Cow::Owned(Uri::try_from(redirect.url.as_str())?),
            with_body: self.with_body && redirect.keep_body,
            cross_origin: self.cross_origin || !redirect.same_origin,
        })
    }

    /// The route to the target. A Unix domain socket applies to all targets.
    pub(super) fn route(&self, plan: &Plan<'_>) -> Result<Route, Error> {
        let settings = &plan.settings;
        if let Some(path) = &settings.unix_socket {
            return Ok(Route::Unix(path.clone()));
        }
        let https = self.uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        let direct = match plan.zone {
            Some(zone) if self.uri.host() == plan.uri.host() => Route::Interface(Arc::clone(zone)),
            _ => Route::Direct,
        };
        if !settings.proxy.may_apply(https) {
            return Ok(direct);
        }
        let port = self.uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let host = self.uri.host().unwrap_or_default();
        let proxy = settings.proxy.proxy_for(https, host, port)?;
        Ok(proxy.map_or(direct, Route::Proxy))
    }

    /// The TLS settings of the request. A client certificate is a credential, which another origin
    /// does not get.
    pub(super) fn tls_settings<'t>(&self, tls: &'t TlsSettings) -> Cow<'t, TlsSettings> {
        if self.cross_origin && tls.client_cert.is_some() {
            Cow::Owned(TlsSettings { client_cert: None, ..tls.clone() })
        } else {
            Cow::Borrowed(tls)
        }
    }

    /// The header fields that go along.
    pub(super) fn forwarded_headers<'h>(&self, headers: &'h HeaderMap) -> Cow<'h, HeaderMap> {
        if self.with_body && !self.cross_origin {
            return Cow::Borrowed(headers);
        }
        let is_forwarded = |name: &HeaderName| match self.cross_origin {
            true => redirect::allowed_cross_origin(name, self.with_body),
            false => !redirect::describes_body(name),
        };
        let fields = headers.iter().filter(|(name, _)| is_forwarded(name));
        Cow::Owned(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
