//! Sends a request: makes a plan from settings and request, executes it, and builds the response.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use crate::answer::{HttpResponse, Response, ResponseInput};
use crate::auth::digest::Credentials;
use crate::auth::jar::Jar;
use crate::call::{self, AttemptError, CallResult, Family, Plan, Tokens};
use crate::code::{Code, Error};
use crate::log::{CallLogger, Level, SecretSource, Secrets, display_url, is_secret_name};
use crate::request::{BaseUrl, RecordKind, Request, accept};
use crate::settings::Settings;
use crate::trace::TlsSession;
use crate::transport::{self, OpenBody, ReceivedResponse, ResponseHead};
use crate::wait::{Cancel, Clock, Deadline};

use super::Client;
use super::snapshot::Snapshot;
use super::token::ClientTokens;

impl Client {
    /// Sends a request. Always returns a response.
    pub fn send(&self, request: &Request) -> Response {
        let caller = Caller { family: &self.family, base: &self.base };
        caller.send(&self.snapshot.load(), request).response
    }
}

/// The parts of a client that never change.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) family: &'a Family,
    pub(super) base: &'a BaseUrl,
}

/// The result of a request.
pub(super) struct Sent {
    pub(super) response: Response,
    /// The body of the response, if it stays open.
    pub(super) open_body: Option<Box<OpenBody<'static>>>,
}

impl From<Response> for Sent {
    fn from(response: Response) -> Self {
        Self { response, open_body: None }
    }
}

impl Caller<'_> {
    /// Sends a request with these settings. Always returns a response.
    pub(super) fn send(self, snapshot: &Snapshot, request: &Request) -> Sent {
        let start = self.family.clock.now();
        let uri = match self.uri(snapshot, request) {
            Ok(uri) => uri,
            Err(error) => return Response::from_error(&error).into(),
        };
        // By reference, because it is too large to move.
        let jar_at_start = snapshot.jar.as_ref().map(|jar| jar.load());
        let live_jar = snapshot.jar.as_deref();
        let secrets = CallSecrets {
            request,
            uri: &uri,
            jar_at_start,
            live_jar,
            added_jar: RefCell::default(),
        };
        let tokens = self.tokens(snapshot, request);
        let tokens = tokens.as_ref().map(|tokens| tokens as &dyn Tokens);
        let plan = plan(snapshot, request, &uri, self.base.zone(), tokens, &secrets);
        let plan = match &plan {
            Ok(plan) => plan,
            Err(error) => return Response::from_error(error).into(),
        };
        let CallResult {
            mut outcome,
            attempts_sent,
            uri: redirected,
            mut journal,
            deadline,
            open_body,
        } = call::run(plan, self.family, start);
        journal.set_tls(take_tls(&mut outcome));
        let work =
            ResponseWork { plan, clock: &*self.family.clock, deadline, start: OnceCell::new() };
        let mut response =
            response_of(plan, redirected.as_deref(), outcome, &|| work.interruption());
        response.set_attempts_and_elapsed(
            attempts_sent,
            self.family.clock.now().saturating_duration_since(start),
        );
        log_result(plan, &response);
        journal.set_final_uri(redirected.map_or(uri, |redirected| *redirected));
        response.set_report(journal);
        Sent { response, open_body }
    }

    /// The source of the request's token, unless the request has an `Authorization` of its own.
    fn tokens<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        request: &'a Request,
    ) -> Option<ClientTokens<'a>> {
        let source = snapshot.scope.tokens()?;
        let own = request.headers().contains_key(header::AUTHORIZATION);
        (!own).then(|| ClientTokens {
            source,
            family: self.family,
            settings: &snapshot.settings,
            logger: &snapshot.logger,
            on_saved: snapshot.on_token_saved.as_ref(),
            cancel: request.cancel(),
        })
    }

    fn uri(self, snapshot: &Snapshot, request: &Request) -> Result<Uri, Error> {
        let uri = self.base.join(request.target(), request.query())?;
        match snapshot.scope.signer() {
            Some(signer) => signer.uri_to_send(uri),
            None => Ok(uri),
        }
    }
}

/// The TLS session on which the response arrived.
fn take_tls(outcome: &mut Result<ReceivedResponse, Box<AttemptError>>) -> Option<Arc<TlsSession>> {
    match outcome {
        Ok(received) => received.head.tls.take(),
        Err(failed) => failed.head.as_mut()?.tls.take(),
    }
}

/// Makes the plan. Setters that run after this do not change the call.
fn plan<'a>(
    snapshot: &'a Snapshot,
    request: &'a Request,
    uri: &'a Uri,
    zone: Option<&'a Arc<str>>,
    tokens: Option<&'a dyn Tokens>,
    secrets: &'a CallSecrets<'a>,
) -> Result<Plan<'a>, Error> {
    let has_own_cookies = request.headers().contains_key(header::COOKIE);
    Ok(Plan {
        method: request.method(),
        uri,
        zone,
        asks_for_json: asks_for_json(snapshot, request),
        headers: headers_of(snapshot, request),
        cookies: if has_own_cookies { &[] } else { snapshot.cookies() },
        jar: snapshot.jar.as_deref(),
        has_own_cookies,
        digest: digest_of(snapshot, request),
        tokens,
        is_idempotent: request.is_idempotent(),
        body: request.body(),
        rewind: request.rewind(),
        output: request.output(),
        progress: request.progress(),
        tracer: request.tracer(),
        settings: settings_of(snapshot, request)?,
        logger: CallLogger::new(&snapshot.logger, secrets),
        cancel: request.cancel(),
        on_retry: snapshot.on_retry.as_ref(),
        on_attempt: snapshot.on_attempt.as_ref(),
        signer: snapshot.scope.signer(),
    })
}

/// The credentials for Digest authentication, unless the request has others.
fn digest_of<'a>(snapshot: &'a Snapshot, request: &Request) -> Option<&'a Credentials> {
    let digest = snapshot.scope.digest()?;
    (!request.headers().contains_key(header::AUTHORIZATION)).then_some(digest)
}

/// A request has none of these fields if its own is empty, so that it can omit those that are always added. An empty
/// `Content-Type` or `User-Agent` is invalid, and an empty `Accept` says nothing (RFC 9110 sections 8.3, 10.1.5 and
/// 12.5.1).
const OMITTED_IF_EMPTY: [HeaderName; 3] =
    [header::ACCEPT, header::CONTENT_TYPE, header::USER_AGENT];

/// The client's fields and those of the body, replaced by the request's own. If the request adds
/// none, this borrows the client's.
fn headers_of<'a>(snapshot: &'a Snapshot, request: &Request) -> Cow<'a, Box<HeaderMap>> {
    let mut headers = snapshot.default_headers();
    if let Some(type_) = request.body().content_type() {
        // A client's own type for all bodies, such as application/vnd.api+json, replaces the
        // default.
        let for_all = snapshot.content_type().filter(|_| !request.body().has_caller_content_type());
        headers.to_mut().insert(header::CONTENT_TYPE, for_all.cloned().unwrap_or(type_));
    }
    if request.output().is_streamed() && !snapshot.sets(&header::ACCEPT) {
        headers.to_mut().insert(header::ACCEPT, accept_of_stream(request));
    }
    if request.output().arrives_in_pieces() && !snapshot.sets(&header::ACCEPT_ENCODING) {
        let codings = transport::ACCEPT_ENCODING_WHILE_ARRIVING;
        headers.to_mut().insert(header::ACCEPT_ENCODING, codings);
    }
    for (name, value) in request.headers() {
        if value.is_empty() && OMITTED_IF_EMPTY.contains(name) {
            headers.to_mut().remove(name);
        } else {
            headers.to_mut().insert(name.clone(), value.clone());
        }
    }
    if let (true, Some(only)) =
        (request.body().requires_content_type(), request.body().content_type())
    {
        // No other type contains the boundary.
        headers.to_mut().insert(header::CONTENT_TYPE, only);
    }
    headers
}

/// The media types of a body that is not part of the response.
fn accept_of_stream(request: &Request) -> HeaderValue {
    HeaderValue::from_static(match request.records() {
        Some(RecordKind::Events) => "text/event-stream",
        _ => "*/*",
    })
}

/// Whether a response without JSON is an error.
fn asks_for_json(snapshot: &Snapshot, request: &Request) -> bool {
    if request.output().is_streamed() {
        return false;
    }
    match request.headers().get(header::ACCEPT) {
        Some(own) => accept::asks_for_json(own.as_bytes()),
        None => snapshot.asks_for_json(),
    }
}

pub(super) fn settings_of<'a>(
    snapshot: &'a Snapshot,
    request: &Request,
) -> Result<Cow<'a, Box<Settings>>, Error> {
    let mut settings = Cow::Borrowed(&snapshot.settings);
    for change in request.changes() {
        settings.to_mut().apply(change)?;
    }
    Ok(settings)
}

/// The secrets of one call: those of its header fields and of its query, and the cookies that
/// servers have set, before and during the call.
struct CallSecrets<'a> {
    request: &'a Request,
    uri: &'a Uri,
    jar_at_start: Option<Guard<Arc<Jar>>>,
    live_jar: Option<&'a ArcSwap<Jar>>,
    /// The jar whose cookies were added last.
    added_jar: RefCell<Option<Arc<Jar>>>,
}

impl SecretSource for CallSecrets<'_> {
    fn add_secrets(&self, secrets: &mut Secrets) {
        for (name, value) in self.request.headers() {
            if let Ok(text) = std::str::from_utf8(value.as_bytes()) {
                secrets.add_header(name.as_str(), text);
            }
        }
        let live_jar = self.live_jar.map(ArcSwap::load_full);
        let changed =
            |live: &Arc<Jar>| self.jar_at_start.as_ref().is_none_or(|jar| !Arc::ptr_eq(jar, live));
        if let Some(jar) = &self.jar_at_start {
            jar.add_secrets(secrets);
        }
        if let Some(jar) = live_jar.as_ref().filter(|jar| changed(jar)) {
            jar.add_secrets(secrets);
        }
        self.added_jar.replace(live_jar);
        let parameters =
            url::form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes());
        for (_, value) in parameters.filter(|(name, _)| is_secret_name(name)) {
            secrets.add(&value);
        }
    }

    fn secrets_changed(&self) -> bool {
        let added = self.added_jar.borrow();
        let is_added = |jar: &Arc<Jar>| added.as_ref().is_some_and(|added| Arc::ptr_eq(added, jar));
        self.live_jar.is_some_and(|jar| !is_added(&jar.load()))
    }
}

/// The minimum time for the work on a response, even after the deadline: the part that arrived
/// before a timeout is still worth a repair.
const MIN_WORK_TIME: Duration = Duration::from_millis(100);

/// The work on the bytes of a response.
struct ResponseWork<'a> {
    plan: &'a Plan<'a>,
    clock: &'a dyn Clock,
    deadline: Deadline,
    /// When the work began: the first check for an interruption.
    start: OnceCell<Instant>,
}

impl ResponseWork<'_> {
    /// The reason to stop the work, if there is one.
    fn interruption(&self) -> Option<Error> {
        if self.plan.cancel.is_some_and(Cancel::triggered) {
            return Some(Error::new(
                Code::Cancelled,
                "the caller cancelled while the body was processed",
            ));
        }
        let now = self.clock.now();
        let start = *self.start.get_or_init(|| now);
        let must_end =
            self.deadline.has_passed(now) && now.saturating_duration_since(start) >= MIN_WORK_TIME;
        must_end.then(|| Error::new(Code::Timeout, "time ran out while the body was processed"))
    }
}

/// The response for the caller.
fn response_of(
    plan: &Plan<'_>,
    redirected: Option<&Uri>,
    outcome: Result<ReceivedResponse, Box<AttemptError>>,
    check_interrupt: &dyn Fn() -> Option<Error>,
) -> Response {
    let (http_response, failure) = match outcome {
        Ok(received) => (Some(to_http_response(received.head, received.body)), None),
        Err(failed) => {
            let AttemptError { error, head, body, .. } = *failed;
            (head.map(|head| to_http_response(head, body)), Some(error))
        }
    };
    crate::answer::build_response(ResponseInput {
        method: plan.method,
        url: redirected.unwrap_or(plan.uri),
        asks_for_json: plan.asks_for_json,
        redactor: &|| plan.logger.redactor(),
        http_response,
        failure,
        check_interrupt,
    })
}

fn to_http_response(head: ResponseHead, body: Vec<u8>) -> HttpResponse {
    let rate_limited = call::is_rate_limit(&head);
    HttpResponse {
        status: head.status,
        rate_limited,
        reason: head.reason,
        headers: head.headers,
        body,
    }
}

/// Logs one line for a repair, with its position, and one line for the call.
fn log_result(plan: &Plan<'_>, response: &Response) {
    if let Some(repair) = response.repair() {
        plan.logger.emit(Level::Warn, || {
            let url = display_url(&plan.uri.to_string());
            let (method, kinds, offset) = (plan.method, repair.kinds, repair.offset);
            format!("{method} {url}: damaged JSON, repaired from byte {offset} on: {kinds}")
        });
    }
    let level = if response.code() == Code::Ok { Level::Info } else { Level::Error };
    plan.logger.emit(level, || {
        let url = display_url(&plan.uri.to_string());
        let ms = response.elapsed_us() / 1000;
        let (method, status, attempts) = (plan.method, response.status(), response.attempts());
        let end = match response.error() {
            Some(error) => format!("{}: {}", response.code().name(), error.to_string_lossy()),
            None => format!("{status}"),
        };
        format!("{method} {url}: {end} ({ms} ms, attempts: {attempts})")
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::SystemClock;

    #[test]
    fn work_on_a_response_ends_at_the_deadline_but_gets_a_minimum_time() {
        let client = Client::new("http://a.example").unwrap();
        let request = Request::new("GET", "/").unwrap();
        let (snapshot, uri) = (client.snapshot.load(), Uri::from_static("http://a.example/"));
        let secrets = CallSecrets {
            request: &request,
            uri: &uri,
            jar_at_start: None,
            live_jar: None,
            added_jar: RefCell::default(),
        };
        let plan = plan(&snapshot, &request, &uri, None, None, &secrets).unwrap();
        let now = Instant::now();
        let work = |deadline, start: Instant| {
            let start = OnceCell::from(start);
            ResponseWork { plan: &plan, clock: &SystemClock, deadline, start }
                .interruption()
                .map(|error| error.code)
        };
        let passed = Deadline::after(now, Some(Duration::ZERO));
        let long_ago = now.checked_sub(MIN_WORK_TIME).unwrap();
        assert_eq!(work(Deadline::NEVER, long_ago), None);
        assert_eq!(work(passed, long_ago), Some(Code::Timeout));
        assert_eq!(work(passed, now + Duration::from_secs(3600)), None, "the work has just begun");
    }
}
