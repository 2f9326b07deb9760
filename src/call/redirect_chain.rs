//! One attempt: sends the request and follows its redirects, up to the last response.

use std::borrow::Cow;
use std::cell::RefCell;
use std::time::Instant;

use http::{HeaderMap, Uri, header};

use crate::auth::token::Token;
use crate::auth::{Cookie, cookie_header};
use crate::code::{Code, Error};
use crate::log::{Level, display_url};
use crate::settings::PemReload;
use crate::transport::{
    Body, BodyHandlers, ConnectionOptions, ExchangeLimits, ExchangeRecord, ExchangeResult,
    ReceivedResponse, RequestHead, ResponseHead, Sink,
};
use crate::wait::Deadline;

use super::attempt::{Attempt, AttemptError};
use super::bodies::{self, Bodies};
use super::cookies;
use super::decision::idempotent;
use super::digest::DigestState;
use super::family::Family;
use super::outgoing::OutgoingRequest;
use super::plan::Plan;
use super::redirected_request::RedirectedRequest;
use super::token;

/// What distinguishes an attempt from the others of its call.
pub(super) struct NewAttempt<'t> {
    /// When it begins: now.
    pub start: Instant,
    pub deadline: Deadline,
    /// Its number, from 1.
    pub number: u32,
    /// Use only a connection that has carried no other request.
    pub fresh: bool,
    /// The token for the server of the call. Another origin does not get it.
    pub token: Option<&'t Token>,
}

/// Makes one attempt.
pub(super) fn attempt<'a>(
    plan: &'a Plan<'a>,
    family: &'a Family,
    new: NewAttempt<'_>,
    bodies: &mut Bodies<'a>,
) -> Attempt {
    let NewAttempt { start, deadline, number, fresh, token } = new;
    let deadline = family.clock.socket_deadline(deadline, start);
    let mut chain = RedirectChain {
        plan,
        family,
        deadline,
        fresh,
        number,
        token,
        bodies,
        without_expect: false,
        digest: DigestState::new(plan),
        request_sent: false,
        sent_without_key: false,
        sent_token: false,
        record: ExchangeRecord::default(),
    };
    let (outcome, uri) = chain.follow_redirects();
    let RedirectChain { request_sent, sent_without_key, sent_token, record, .. } = chain;
    let total = family.clock.now().saturating_duration_since(start);
    Attempt { outcome, uri, request_sent, sent_without_key, sent_token, record, total }
}

/// The parts that all requests of an attempt share, and what was recorded about them.
struct RedirectChain<'c, 'a> {
    plan: &'a Plan<'a>,
    family: &'a Family,
    deadline: Deadline,
    fresh: bool,
    number: u32,
    token: Option<&'c Token>,
    bodies: &'c mut Bodies<'a>,
    /// Whether to omit `Expect`, because the server does not support it.
    without_expect: bool,
    digest: DigestState<'a>,
    request_sent: bool,
    sent_without_key: bool,
    /// Whether the last request had the token.
    sent_token: bool,
    /// The record of the last request.
    record: ExchangeRecord,
}

impl<'a> RedirectChain<'_, 'a> {
    /// The response after all redirects, and the URI of the last request if there was a redirect.
    fn follow_redirects(
        &mut self,
    ) -> (Result<ReceivedResponse, Box<AttemptError>>, Option<Box<Uri>>) {
        let plan = self.plan;
        let mut target = RedirectedRequest::initial(plan);
        let mut redirects = 0;
        let mut outcome = self.send_once(&target, redirects);
        loop {
            match &outcome {
                Err(_) if self.bodies.take_restart() => {}
                Err(_) => break,
                Ok(received) if self.bodies.must_restart(&received.head) => {}
                Ok(received) if self.expectation_failed(&received.head) => {
                    self.without_expect = true;
                }
                Ok(received) if self.digest_challenged(&target, &received.head) => {}
                Ok(received) => match target.next(plan, &received.head, redirects) {
                    Ok(Some(next)) if next.with_body && !self.bodies.can_send_again(plan) => {
                        let message = "the redirect repeats the request, but its body callback cannot \
                                       begin again: set a rewind callback";
                        let error = Error::new(Code::Redirect, message);
                        outcome = outcome.and_then(|all| Err(AttemptError::redirected(error, all)));
                        break;
                    }
                    Ok(Some(next)) => {
                        target = next;
                        redirects = redirects.saturating_add(1);
                    }
                    Ok(None) => break,
                    Err(error) => {
                        outcome = outcome.and_then(|all| Err(AttemptError::redirected(error, all)));
                        break;
                    }
                },
            }
            outcome = self.send_once(&target, redirects);
        }
        let uri = match target.uri {
            Cow::Borrowed(_) => None,
            Cow::Owned(uri) => Some(Box::new(uri)),
        };
        (outcome, uri)
    }

    /// # Errors
    /// Includes errors before the exchange begins, for example a file that cannot be read.
    fn send_once(
        &mut self,
        target: &RedirectedRequest<'_>,
        redirects: u32,
    ) -> Result<ReceivedResponse, Box<AttemptError>> {
        let headers = self.header_fields(target)?;
        let head = RequestHead { method: &target.method, uri: &target.uri, headers: &headers };
        let (body, upload) = match target.with_body {
            true => self.bodies.request_body(self.plan)?,
            false => (Body::None, None),
        };
        let settings = &self.plan.settings;
        let route = target.route(self.plan)?;
        let tls = target.tls_settings(&settings.tls);
        let options = ConnectionOptions {
            tls: &tls,
            limits: ExchangeLimits {
                deadline: self.deadline,
                connect_timeout: settings.connect_timeout,
                read_timeout: settings.read_timeout,
                cancel: self.plan.cancel,
                max_body_bytes: settings.max_body_bytes,
            },
            fresh_connection: self.fresh,
            keep_alive: settings.keep_alive,
            max_age: settings.connection_max_age,
        };
        let (plan, stays_open) = (self.plan, self.bodies.stays_open());
        let wanted = |head: &ResponseHead| {
            let is_last = matches!(target.next(plan, head, redirects), Ok(None));
            is_last && (plan.output.is_raw() || bodies::is_content(&target.method, head.status))
        };
        let mut sink = self.bodies.response_body(settings.max_streamed_bytes, wanted);
        let handlers = BodyHandlers {
            upload,
            sink: sink.as_mut().map(|sink| sink as &mut dyn Sink),
            progress: plan.progress,
            tracer: plan.tracer,
            raw: plan.output.is_raw(),
            route,
        };
        let transport = &self.family.transport;
        let mut open_body = None;
        let exchange = if stays_open {
            transport.exchange_with(&options, head, Body::None, handlers, &mut open_body)
        } else {
            transport.exchange_with(&options, head, body, handlers, &mut None)
        };
        drop(sink);
        self.bodies.set_open_body(open_body);
        cookies::store(plan, &target.uri, &exchange, &*self.family.clock);
        if exchange.outcome.is_ok() {
            self.bodies.response_complete();
        }
        self.record_exchange(target, &exchange);
        let ExchangeResult { outcome, record } = exchange;
        self.request_sent |= record.request_bytes > 0;
        self.sent_without_key |= target.cross_origin && !idempotent(&target.method, || false);
        self.record = record;
        outcome.map_err(Box::from)
    }

    /// Whether a response only rejects the `Expect` (RFC 9110 section 15.5.18). The request is then
    /// sent again without it.
    fn expectation_failed(&self, head: &ResponseHead) -> bool {
        let plan = self.plan;
        let expects =
            plan.body.content_type().is_some() && plan.headers.contains_key(header::EXPECT);
        head.status == 417 && expects && !self.without_expect
    }

    /// Whether a response only asks for Digest credentials. The request is then sent again with them.
    fn digest_challenged(&mut self, target: &RedirectedRequest<'_>, head: &ResponseHead) -> bool {
        let replayable = !target.with_body || self.bodies.can_send_again(self.plan);
        !target.cross_origin && self.digest.must_repeat(&target.uri, head, replayable)
    }

    /// The header fields of a request. Copies those of the plan only to change them.
    fn header_fields(
        &mut self,
        target: &RedirectedRequest<'_>,
    ) -> Result<Cow<'a, HeaderMap>, Error> {
        let (plan, clock) = (self.plan, &*self.family.clock);
        let mut headers = target.forwarded_headers(&plan.headers);
        if self.without_expect {
            headers.to_mut().remove(header::EXPECT);
        }
        if !target.cross_origin && !plan.cookies.is_empty() {
            let own = headers.get(header::COOKIE);
            if let Some(line) = cookie_header(own, plan.cookies, clock.system_time())? {
                if plan.cookies.iter().any(Cookie::is_signed) {
                    plan.logger.add_signed_cookies(
                        std::str::from_utf8(line.as_bytes()).unwrap_or_default(),
                    );
                }
                headers.to_mut().insert(header::COOKIE, line);
            }
        }
        cookies::add(plan, &target.uri, &mut headers, clock);
        self.bodies.ask_for_rest(plan, &mut headers);
        let token = self.token.filter(|_| !target.cross_origin);
        if let Some(token) = token {
            token::add_to(token, &mut headers, &plan.logger);
        }
        if !target.cross_origin {
            self.digest.add_to(plan, &target.method, &target.uri, &mut headers)?;
        }
        if plan.on_attempt.is_some() || plan.signer.is_some() {
            self.authorize(target, headers.to_mut())?;
        }
        // The attempt callback may have replaced it.
        let sent = headers.get(header::AUTHORIZATION);
        self.sent_token = token.is_some_and(|token| sent == Some(token.authorization()));
        Ok(headers)
    }

    /// Lets the attempt callback and the signer add their fields.
    fn authorize(
        &mut self,
        target: &RedirectedRequest<'_>,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        let plan = self.plan;
        let request = OutgoingRequest {
            method: &target.method,
            uri: &target.uri,
            body: target.with_body.then_some(plan.body),
            rewind: plan.rewind,
            cross_origin: target.cross_origin,
            number: self.number,
            logger: &plan.logger,
            cancel: plan.cancel,
            deadline: self.deadline,
            headers: RefCell::new(headers),
            versions: RefCell::new(self.bodies.file_versions()),
            body_error: RefCell::default(),
        };
        request.authorize(plan.on_attempt, plan.signer, self.family.clock.system_time())
    }

    /// Counts the request and logs it.
    fn record_exchange(&self, target: &RedirectedRequest<'_>, exchange: &ExchangeResult) {
        let (stats, record) = (&self.family.stats, &exchange.record);
        stats.count_bytes(record.request_bytes, record.response_bytes);
        if record.opened_connection {
            stats.connection_opened();
        }
        if record.reused_connection {
            stats.connection_reused();
        }
        let url = || display_url(&target.uri.to_string());
        let warn = |what: &str| {
            self.plan.logger.emit(Level::Warn, || format!("{} {}: {what}", target.method, url()));
        };
        if record.skipped_lines > 0 {
            let lines = record.skipped_lines;
            warn(&format!("skipped {lines} header lines that are not fields"));
        }
        if record.had_trailing_bytes {
            warn("ignored bytes after the end of the compressed body");
        }
        for reload in &record.reloads {
            let (level, text) = match reload {
                PemReload::Renewed(text) => (Level::Info, text),
                PemReload::Kept(text) => (Level::Warn, text),
            };
            self.plan.logger.emit(level, || text.clone());
        }
        self.plan.logger.emit(Level::Debug, || {
            let result = match &exchange.outcome {
                Ok(received) => format!("{}, {} bytes", received.head.status, received.body.len()),
                Err(error) => error.detail.clone(),
            };
            let connection = if record.reused_connection { "a kept" } else { "a new" };
            let us = record.total.as_micros();
            let url = url();
            format!("{} {url}: {result}, on {connection} connection, in {us} us", target.method)
        });
    }
}
