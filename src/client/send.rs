//! Sending: settings and request are frozen into a plan, the plan is carried out, and what came of
//! it becomes the response.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};
use http::{HeaderMap, HeaderValue, Uri, header};

use crate::answer::{HttpResponse, Response, ResponseInput};
use crate::auth::jar::Jar;
use crate::call::{self, AttemptError, CallResult, Plan};
use crate::code::{Code, Error};
use crate::log::{CallLogger, Level, SecretSource, Secrets, display_url, is_secret_name};
use crate::request::{Request, accept};
use crate::settings::Settings;
use crate::transport::{ReceivedResponse, ResponseHead};
use crate::wait::{Cancel, Clock, Deadline};

use super::Client;
use super::snapshot::Snapshot;

impl Client {
    /// Carries a request out. Always answers.
    pub fn send(&self, request: &Request) -> Response {
        let begun = self.family.clock.now();
        let state = self.state.load();
        let uri = match self.base.join(request.target(), request.query()) {
            Ok(uri) => uri,
            Err(error) => return Response::from_error(&error),
        };
        // Looked at where it lies: it is too large to be moved about.
        let jar = state.jar.as_ref().map(|jar| jar.load());
        let now = state.jar.as_deref();
        let own = CallSecrets {
            request,
            uri: &uri,
            jar_at_start: jar,
            live_jar: now,
            added_jar: RefCell::default(),
        };
        let frozen = plan(&state, request, &uri, self.base.zone(), &own);
        let plan = match &frozen {
            Ok(plan) => plan,
            Err(error) => return Response::from_error(error),
        };
        let CallResult { outcome, attempts, uri: redirected, mut journal, deadline: until } =
            call::run(plan, &self.family, begun);
        let work = ResponseWork { plan, clock: &*self.family.clock, until, begun: OnceCell::new() };
        let mut response =
            response_of(plan, redirected.as_deref(), outcome, &|| work.interruption());
        response.set_attempts_and_elapsed(
            attempts,
            self.family.clock.now().saturating_duration_since(begun),
        );
        log_result(plan, &response);
        journal.set_final_uri(redirected.map_or(uri, |redirected| *redirected));
        response.set_report(journal);
        response
    }
}

/// Freezes state and request. Nothing that a setter does from here on changes the call.
fn plan<'a>(
    state: &'a Snapshot,
    request: &'a Request,
    uri: &'a Uri,
    zone: Option<&'a Arc<str>>,
    own: &'a CallSecrets<'a>,
) -> Result<Plan<'a>, Error> {
    let own_cookies = request.headers().contains_key(header::COOKIE);
    Ok(Plan {
        method: request.method(),
        uri,
        zone,
        asks_for_json: asks_for_json(state, request),
        headers: headers_of(state, request),
        cookies: if own_cookies { &[] } else { state.cookies() },
        jar: state.jar.as_deref(),
        has_own_cookies: own_cookies,
        body: request.body(),
        output: request.output(),
        progress: request.progress(),
        settings: settings_of(state, request)?,
        logger: CallLogger::new(&state.logger, own),
        cancel: request.cancel(),
        on_retry: state.on_retry.as_ref(),
    })
}

/// The client's fields, those of the body, and in place of both the request's own. A request that
/// adds none borrows the client's.
fn headers_of<'a>(state: &'a Snapshot, request: &Request) -> Cow<'a, Box<HeaderMap>> {
    let mut headers = state.prepared();
    if let Some(type_) = request.body().content_type() {
        // A client's own type for all bodies, such as application/vnd.api+json, beats the usual one.
        let for_all = state.content_type().filter(|_| !request.body().has_caller_content_type());
        headers.to_mut().insert(header::CONTENT_TYPE, for_all.cloned().unwrap_or(type_));
    }
    if request.output().is_streamed() && !state.sets_accept() {
        headers.to_mut().insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    }
    for (name, value) in request.headers() {
        headers.to_mut().insert(name.clone(), value.clone());
    }
    if let (true, Some(only)) =
        (request.body().requires_content_type(), request.body().content_type())
    {
        // No other type has the boundary.
        headers.to_mut().insert(header::CONTENT_TYPE, only);
    }
    headers
}

/// Whether an answer that is no JSON disappoints.
fn asks_for_json(state: &Snapshot, request: &Request) -> bool {
    if request.output().is_streamed() {
        return false;
    }
    match request.headers().get(header::ACCEPT) {
        Some(own) => accept::asks_for_json(own.as_bytes()),
        None => state.asks_for_json(),
    }
}

fn settings_of<'a>(
    state: &'a Snapshot,
    request: &Request,
) -> Result<Cow<'a, Box<Settings>>, Error> {
    let mut settings = Cow::Borrowed(&state.settings);
    for change in request.changes() {
        settings.to_mut().apply(change)?;
    }
    Ok(settings)
}

/// The secrets of one call: those of its header fields and of its query, and the cookies that servers
/// have set, before it began and since.
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
        let now = self.live_jar.map(ArcSwap::load_full);
        let changed =
            |now: &Arc<Jar>| self.jar_at_start.as_ref().is_none_or(|jar| !Arc::ptr_eq(jar, now));
        if let Some(jar) = &self.jar_at_start {
            jar.add_secrets(secrets);
        }
        if let Some(now) = now.as_ref().filter(|now| changed(now)) {
            now.add_secrets(secrets);
        }
        self.added_jar.replace(now);
        let parameters =
            url::form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes());
        for (_, value) in parameters.filter(|(name, _)| is_secret_name(name)) {
            secrets.add(&value);
        }
    }

    fn secrets_changed(&self) -> bool {
        let added = self.added_jar.borrow();
        let is_added = |now: &Arc<Jar>| added.as_ref().is_some_and(|added| Arc::ptr_eq(added, now));
        self.live_jar.is_some_and(|now| !is_added(&now.load()))
    }
}

/// How long the work on an answer may take, whatever the time when it begins: what arrived before a
/// timeout is still worth repairing.
const MIN_WORK_TIME: Duration = Duration::from_millis(100);

/// The work on the bytes of an answer that has arrived.
struct ResponseWork<'a> {
    plan: &'a Plan<'a>,
    clock: &'a dyn Clock,
    until: Deadline,
    /// When it was asked for the first time whether it may go on.
    begun: OnceCell<Instant>,
}

impl ResponseWork<'_> {
    /// Why the work has to end, once it has to.
    fn interruption(&self) -> Option<Error> {
        if self.plan.cancel.is_some_and(Cancel::triggered) {
            return Some(Error::new(Code::Cancelled, "the caller cancelled the work on its body"));
        }
        let now = self.clock.now();
        let begun = *self.begun.get_or_init(|| now);
        let ended =
            self.until.has_passed(now) && now.saturating_duration_since(begun) >= MIN_WORK_TIME;
        ended.then(|| Error::new(Code::Timeout, "time ran out in the work on its body"))
    }
}

/// What came of the call, as the caller reads it.
fn response_of(
    plan: &Plan<'_>,
    redirected: Option<&Uri>,
    outcome: Result<ReceivedResponse, Box<AttemptError>>,
    ended: &dyn Fn() -> Option<Error>,
) -> Response {
    let (answer, failure) = match outcome {
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
        http_response: answer,
        failure,
        check_interrupt: ended,
    })
}

fn to_http_response(head: ResponseHead, body: Vec<u8>) -> HttpResponse {
    let limited = call::is_rate_limit(&head);
    HttpResponse {
        status: head.status,
        rate_limited: limited,
        reason: head.reason,
        headers: head.headers,
        body,
    }
}

/// One line for what was repaired, and where; one for the call as a whole.
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
    fn work_on_an_answer_ends_with_the_call_but_has_a_moment() {
        let client = Client::new("http://a.example").unwrap();
        let request = Request::new("GET", "/").unwrap();
        let (state, uri) = (client.state.load(), Uri::from_static("http://a.example/"));
        let own = CallSecrets {
            request: &request,
            uri: &uri,
            jar_at_start: None,
            live_jar: None,
            added_jar: RefCell::default(),
        };
        let plan = plan(&state, &request, &uri, None, &own).unwrap();
        let now = Instant::now();
        let work = |until, begun: Instant| {
            let begun = OnceCell::from(begun);
            ResponseWork { plan: &plan, clock: &SystemClock, until, begun }
                .interruption()
                .map(|error| error.code)
        };
        let passed = Deadline::after(now, Some(Duration::ZERO));
        let long_ago = now.checked_sub(MIN_WORK_TIME).unwrap();
        assert_eq!(work(Deadline::NEVER, long_ago), None);
        assert_eq!(work(passed, long_ago), Some(Code::Timeout));
        assert_eq!(work(passed, now + Duration::from_secs(3600)), None, "it has only begun");
    }
}
