//! The guarantee: whatever happened, the response has a code and well-formed JSON, and where
//! something went wrong, a line that says so, in both.

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::CString;

use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::code::{Code, Error};
use crate::headers::Headers;
use crate::log::{Redactor, display_url, plain_line};

use super::content::{Body, Json};
use super::error_member::{self, MOST_WORDS};
use super::json::{self, Unrepaired, most_memory};
use super::response::{Origin, Repair, Response};
use super::state::JsonState;

/// An answer as it arrived.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Whether it says that there were too many requests.
    pub limited: bool,
    /// The reason phrase of the status line; empty if it has none.
    pub reason: Cow<'static, str>,
    /// The header fields.
    pub headers: Headers,
    /// The body, content coding undone; what arrived of it, where the call failed.
    pub body: Vec<u8>,
}

/// What came of a call.
pub struct Facts<'a> {
    /// The method asked for.
    pub method: &'a Method,
    /// Where the answer came from.
    pub url: &'a Uri,
    /// Whether a 2xx without JSON is a failure.
    pub asked_for_json: bool,
    /// What keeps secrets out of error texts, made when there is one.
    pub redactor: &'a dyn Fn() -> Redactor,
    /// What arrived.
    pub answer: Option<Answer>,
    /// Why the answer is missing or not whole.
    pub failure: Option<Error>,
    /// Why the work on the answer has to end, once it has to. Asked after about every 64 KiB.
    pub ended: &'a dyn Fn() -> Option<Error>,
}

impl Response {
    /// The response to a call that failed before anything was sent.
    #[must_use]
    pub fn of_error(error: &Error) -> Self {
        failed(error.code, &error.message)
    }

    /// A response with this text as its body, and without a call.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn of_text(text: &[u8]) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(text.len().saturating_add(1))
            .map_err(|_| Error::new(Code::TooLarge, "there is no memory for the text"))?;
        bytes.extend_from_slice(text);
        let body = Body::new(bytes);
        let search = Search { body: &body, headers: &Headers::default(), may_go_on: &|| true };
        let found = search.found(false, true);
        let (state, repair) = (found.state, found.repair);
        let status = StatusCode::OK.as_u16();
        let length = body.bytes().len();
        let verdict =
            accepted(found, &body, status, true, |what| format!("the text holds {what}{length} B"));
        let error = verdict.error.as_deref().and_then(c_string);
        let origin = Origin { body, ..Origin::none() };
        let mut response = Self::of(verdict.code, verdict.json, error, origin);
        response.json_state = state;
        response.repair = repair;
        Ok(response)
    }
}

/// A response to a call that got no answer.
fn failed(code: Code, message: &str) -> Response {
    let message = cleaned(&Redactor::default(), message);
    let json = Json::own(error_member::object(&message, None, usize::MAX));
    Response::of(code, json, c_string(&message), Origin::none())
}

/// Makes the response of a call.
#[must_use]
pub fn respond(facts: Facts<'_>) -> Response {
    match (&facts.answer, &facts.failure) {
        (Some(_), _) => answered(facts),
        (None, Some(error)) => failed(error.code, &cleaned(&(facts.redactor)(), &error.message)),
        (None, None) => {
            failed(Code::Internal, "a call ended without an answer and without a reason")
        }
    }
}

/// What a body is found to hold.
struct Found {
    json: Json,
    state: JsonState,
    repair: Option<Repair>,
    /// There was no memory for the repair.
    no_memory: bool,
}

impl Found {
    const NOTHING: Self =
        Self { json: Json::Empty, state: JsonState::None, repair: None, no_memory: false };
}

/// What is made of it.
struct Verdict {
    code: Code,
    json: Json,
    error: Option<String>,
}

fn answered(facts: Facts<'_>) -> Response {
    let Facts { method, url, asked_for_json, redactor, answer, failure, ended } = facts;
    let Some(answer) = answer else { return failed(Code::Internal, "there is no answer") };
    let body = Body::new(answer.body);
    let unfinished = Cell::new(None);
    let may_go_on = || {
        let ended = ended();
        let goes_on = ended.is_none();
        unfinished.set(ended);
        goes_on
    };
    let search = Search { body: &body, headers: &answer.headers, may_go_on: &may_go_on };
    let found = match &failure {
        None => search.found(false, asked_for_json || answer.status >= 400),
        Some(Error { code: Code::Closed | Code::Timeout, .. }) => search.found(true, true),
        Some(_) => Found::NOTHING,
    };
    let failure = failure.or_else(|| {
        let Error { code, message } = unfinished.take()?;
        let (url, status) = (display_url(&url.to_string()), answer.status);
        let message = format!("{method} {url} answered {status}, but {message}");
        Some(Error { code, message })
    });
    let (state, repair) = (found.state, found.repair);
    let clean = |text: &str| cleaned(&redactor(), text);
    let phrase = || clean(&phrase_of(answer.status, &answer.reason));
    let verdict = match failure {
        Some(error) => failed_midway(found, &body, &error, clean),
        None if answer.status >= 400 => refused(found, &body, answer.limited, &phrase(), clean),
        None => accepted(found, &body, answer.status, asked_for_json, |what| {
            let type_ = content_type(&answer.headers).unwrap_or("no Content-Type");
            let (url, length) = (display_url(&url.to_string()), body.bytes().len());
            let status = answer.status;
            clean(&format!("{method} {url} answered {status} with {what}{length} B ({type_})"))
        }),
    };
    let error = verdict.error.as_deref().and_then(c_string);
    let Answer { status, reason, headers, .. } = answer;
    let origin = Origin { status, reason, headers, body };
    let mut response = Response::of(verdict.code, verdict.json, error, origin);
    response.json_state = state;
    response.repair = repair;
    response
}

/// Where JSON is looked for.
struct Search<'a> {
    body: &'a Body,
    headers: &'a Headers,
    may_go_on: &'a dyn Fn() -> bool,
}

impl Search<'_> {
    /// Looks for JSON. `insist`: damaged JSON counts too; where no JSON was asked for, bytes that are
    /// none are left alone.
    fn found(&self, cut: bool, insist: bool) -> Found {
        let is_json = |text| json::is_json_while(text, self.may_go_on);
        if !cut && self.body.text().is_some_and(is_json) {
            return Found { json: Json::Body, state: JsonState::Exact, ..Found::NOTHING };
        }
        if !insist {
            return Found::NOTHING;
        }
        let hints = json::Hints { charset: charset(self.headers), cut };
        match json::try_repair(self.body.bytes(), &hints, self.may_go_on) {
            Ok(repaired) => {
                let repair = Repair { kinds: repaired.kinds, offset: repaired.first_offset };
                let (json, state) = (Json::own(repaired.text), JsonState::Repaired);
                Found { json, state, repair: Some(repair), no_memory: false }
            }
            Err(why) => Found { no_memory: why == Unrepaired::NoMemory, ..Found::NOTHING },
        }
    }
}

/// How long a JSON text made of this one may be: with it and the body, no more than the whole of a
/// call may take.
fn room(body: &Body, json: &Json) -> usize {
    let body_length = body.bytes().len();
    let own = if matches!(json, Json::Own(_)) { json.terminated(body).len() } else { 0 };
    most_memory(body_length).saturating_sub(body_length).saturating_sub(own)
}

/// Below 400: nothing went wrong, unless JSON was asked for and there is none.
fn accepted(
    found: Found,
    body: &Body,
    status: u16,
    asked: bool,
    complaint: impl FnOnce(&str) -> String,
) -> Verdict {
    let nothing_sent = body.bytes().is_empty();
    let is_success = (200..300).contains(&status);
    if found.state == JsonState::None && asked && is_success && !nothing_sent {
        let (code, error) = match found.no_memory {
            true => (Code::TooLarge, complaint("JSON that there is no memory to repair, of ")),
            false => (Code::NotJson, complaint("no JSON, but ")),
        };
        let json = Json::own(error_member::object(&error, None, usize::MAX));
        return Verdict { code, json, error: Some(error) };
    }
    let is_null = found.json.text(body).trim_ascii() == "null";
    Verdict { code: Code::Ok, json: if is_null { Json::Empty } else { found.json }, error: None }
}

/// From 400 on: the server's own words where it has any, else the reason phrase.
fn refused(
    found: Found,
    body: &Body,
    limited: bool,
    phrase: &str,
    clean: impl Fn(&str) -> String,
) -> Verdict {
    let code = if limited { Code::RateLimited } else { Code::Status };
    if found.state == JsonState::None {
        let json = Json::own(error_member::object(phrase, None, usize::MAX));
        return Verdict { code, json, error: Some(phrase.to_owned()) };
    }
    let most = room(body, &found.json);
    let guaranteed = error_member::guarantee(found.json.text(body), phrase, clean, most);
    let json = guaranteed.json.map_or(found.json, Json::own);
    Verdict { code, json, error: Some(guaranteed.message) }
}

/// The call failed after the answer had begun: what could be saved stands beside the error.
fn failed_midway(
    found: Found,
    body: &Body,
    error: &Error,
    clean: impl Fn(&str) -> String,
) -> Verdict {
    let message = clean(&error.message);
    let saved = (found.state != JsonState::None).then(|| found.json.text(body));
    let json = Json::own(error_member::beside(saved, &message, room(body, &found.json)));
    Verdict { code: error.code, json, error: Some(message) }
}

/// The reason phrase of the status line, else the standard one (RFC 9110 section 15).
fn phrase_of(status: u16, reason: &str) -> String {
    let given = Some(reason.trim()).filter(|reason| !reason.is_empty());
    let standard =
        || StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    given.or_else(standard).unwrap_or("Unknown error").to_owned()
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

/// The `charset` parameter of the `Content-Type`, quotes undone.
fn charset(headers: &HeaderMap) -> Option<&str> {
    let parameters = content_type(headers)?.split(';').skip(1);
    parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"'))
}

/// The text as an error has it: one line of bounded length without secrets.
fn cleaned(redactor: &Redactor, text: &str) -> String {
    redactor.shown(text, MOST_WORDS, plain_line)
}

fn c_string(text: &str) -> Option<CString> {
    CString::new(text).ok()
}

#[cfg(test)]
#[path = "guarantee_tests.rs"]
mod tests;
