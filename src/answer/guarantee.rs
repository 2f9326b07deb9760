//! The guarantee: whatever happened, the response has a code and well-formed JSON, and where
//! something went wrong, a line that says so, in both.

use std::borrow::Cow;
use std::ffi::CString;

use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::code::{Code, Error};
use crate::headers::Headers;
use crate::log::{Redactor, display_url};

use super::content::{Body, Json};
use super::error_member;
use super::json;
use super::response::{Origin, Repair, Response};
use super::state::JsonState;

/// An answer as it arrived.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
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
    /// Keeps secrets out of error texts.
    pub redactor: &'a Redactor,
    /// What arrived.
    pub answer: Option<Answer>,
    /// Why the answer is missing or not whole.
    pub failure: Option<Error>,
}

/// A response to a call that got no answer.
pub fn failed(code: Code, message: &str) -> Response {
    let message = one_line(message);
    let json = Json::own(error_member::object(&message, None));
    Response::of(code, json, c_string(&message), Origin::none())
}

/// Makes the response of a call.
#[must_use]
pub fn respond(facts: Facts<'_>) -> Response {
    match (&facts.answer, &facts.failure) {
        (Some(_), _) => answered(facts),
        (None, Some(error)) => failed(error.code, &facts.redactor.redact(&error.message)),
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
}

impl Found {
    const NOTHING: Self = Self { json: Json::Empty, state: JsonState::None, repair: None };
}

/// What is made of it.
struct Verdict {
    code: Code,
    json: Json,
    error: Option<String>,
}

fn answered(facts: Facts<'_>) -> Response {
    let Facts { method, url, asked_for_json, redactor, answer, failure, .. } = facts;
    let Some(answer) = answer else { return failed(Code::Internal, "there is no answer") };
    let body = Body::new(answer.body);
    let found = match &failure {
        None => found_in(&body, &answer.headers, false, asked_for_json || answer.status >= 400),
        Some(Error { code: Code::Closed | Code::Timeout, .. }) => {
            found_in(&body, &answer.headers, true, true)
        }
        Some(_) => Found::NOTHING,
    };
    let (state, repair) = (found.state, found.repair);
    let clean = |text: &str| one_line(&redactor.redact(text));
    let phrase = || clean(&phrase_of(answer.status, &answer.reason));
    let verdict = match failure {
        Some(error) => failed_midway(found, &body, &error, clean),
        None if answer.status >= 400 => refused(found, &body, answer.status, &phrase(), clean),
        None => accepted(found, &body, answer.status, asked_for_json, || {
            let type_ = content_type(&answer.headers).unwrap_or("no Content-Type");
            let (url, length) = (display_url(&url.to_string()), body.bytes().len());
            let status = answer.status;
            clean(&format!(
                "{method} {url} answered {status} with no JSON, but {length} B ({type_})"
            ))
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

/// Looks for JSON in a body. `insist`: damaged JSON counts too; where no JSON was asked for, bytes
/// that are none are left alone.
fn found_in(body: &Body, headers: &Headers, cut: bool, insist: bool) -> Found {
    if !cut && body.text().is_some_and(json::is_json) {
        return Found { json: Json::Body, state: JsonState::Exact, repair: None };
    }
    let hints = json::Hints { charset: charset(headers), cut };
    let possible = insist && may_be_copied(body.bytes().len());
    let repaired = if possible { json::repair(body.bytes(), &hints) } else { None };
    match repaired {
        Some(repaired) => {
            let note = Repair { kinds: repaired.kinds, offset: repaired.first_offset };
            Found { json: Json::own(repaired.text), state: JsonState::Repaired, repair: Some(note) }
        }
        None => Found::NOTHING,
    }
}

/// Whether there is memory for what the repair of a large body takes. An allocation that fails
/// ends the process, unless it was only tried.
fn may_be_copied(length: usize) -> bool {
    const SMALL: usize = 1024 * 1024;
    const COPIES: usize = 4;
    length <= SMALL || Vec::<u8>::new().try_reserve_exact(length.saturating_mul(COPIES)).is_ok()
}

/// Below 400: nothing went wrong, unless JSON was asked for and there is none.
fn accepted(
    found: Found,
    body: &Body,
    status: u16,
    asked: bool,
    complaint: impl FnOnce() -> String,
) -> Verdict {
    let nothing_sent = body.bytes().is_empty();
    let is_success = (200..300).contains(&status);
    if found.state == JsonState::None && asked && is_success && !nothing_sent {
        let error = complaint();
        let json = Json::own(error_member::object(&error, None));
        return Verdict { code: Code::NotJson, json, error: Some(error) };
    }
    let is_null = found.json.text(body).trim_ascii() == "null";
    Verdict { code: Code::Ok, json: if is_null { Json::Empty } else { found.json }, error: None }
}

/// From 400 on: the server's own words where it has any, else the reason phrase.
fn refused(
    found: Found,
    body: &Body,
    status: u16,
    phrase: &str,
    clean: impl Fn(&str) -> String,
) -> Verdict {
    let code = if status == 429 { Code::RateLimited } else { Code::Status };
    if found.state == JsonState::None {
        let json = Json::own(error_member::object(phrase, None));
        return Verdict { code, json, error: Some(phrase.to_owned()) };
    }
    let guaranteed = error_member::guarantee(found.json.text(body), phrase, clean);
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
    let json = Json::own(error_member::beside(saved, &message));
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

/// The text on one line, fit for a C string and for a log: what separates lines becomes a space,
/// any other control character U+FFFD.
fn one_line(text: &str) -> String {
    let shown = |character: char| match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        control if control.is_control() => '\u{fffd}',
        other => other,
    };
    text.chars().map(shown).collect()
}

fn c_string(text: &str) -> Option<CString> {
    CString::new(text).ok()
}

#[cfg(test)]
#[path = "guarantee_tests.rs"]
mod tests;
