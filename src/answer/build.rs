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
use super::error_member::{self, MAX_ERROR_BYTES};
use super::json::{self, Unrepaired, most_memory};
use super::json_state::JsonState;
use super::response::{HttpParts, Repair, Response};

/// An answer as it arrived.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Whether it says that there were too many requests.
    pub rate_limited: bool,
    /// The reason phrase of the status line; empty if it has none.
    pub reason: Cow<'static, str>,
    /// The header fields.
    pub headers: Headers,
    /// The body, content coding undone; what arrived of it, where the call failed.
    pub body: Vec<u8>,
}

/// What came of a call.
pub struct ResponseInput<'a> {
    /// The method asked for.
    pub method: &'a Method,
    /// Where the answer came from.
    pub url: &'a Uri,
    /// Whether a 2xx without JSON is a failure.
    pub asks_for_json: bool,
    /// What keeps secrets out of error texts, made when there is one.
    pub redactor: &'a dyn Fn() -> Redactor,
    /// What arrived.
    pub http_response: Option<HttpResponse>,
    /// Why the answer is missing or not whole.
    pub failure: Option<Error>,
    /// Why the work on the answer has to end, once it has to. Asked after about every 64 KiB.
    pub check_interrupt: &'a dyn Fn() -> Option<Error>,
}

impl Response {
    /// The response to a call that failed before anything was sent.
    #[must_use]
    pub fn from_error(error: &Error) -> Self {
        without_http_response(error.code, &error.message)
    }

    /// A response with this text as its body, and without a call.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn from_text(text: &[u8]) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(text.len().saturating_add(1))
            .map_err(|_| Error::new(Code::TooLarge, "there is no memory for the text"))?;
        bytes.extend_from_slice(text);
        let body = Body::new(bytes);
        let search = JsonSearch { body: &body, headers: &Headers::default(), may_go_on: &|| true };
        let found = search.find(false, true);
        let (state, repair) = (found.state, found.repair);
        let status = StatusCode::OK.as_u16();
        let length = body.bytes().len();
        let verdict = success_parts(found, &body, status, true, |what| {
            format!("the text holds {what}{length} B")
        });
        let error = verdict.error.as_deref().and_then(c_string);
        let origin = HttpParts { body, ..HttpParts::empty() };
        let mut response = Self::from_parts(verdict.code, verdict.json, error, origin);
        response.json_state = state;
        response.repair = repair;
        Ok(response)
    }
}

/// A response to a call that got no answer.
fn without_http_response(code: Code, message: &str) -> Response {
    let message = sanitized(&Redactor::default(), message);
    let json = Json::owned(error_member::error_object(&message, None, usize::MAX));
    Response::from_parts(code, json, c_string(&message), HttpParts::empty())
}

/// Makes the response of a call.
#[must_use]
pub fn build_response(facts: ResponseInput<'_>) -> Response {
    match (&facts.http_response, &facts.failure) {
        (Some(_), _) => from_http_response(facts),
        (None, Some(error)) => {
            without_http_response(error.code, &sanitized(&(facts.redactor)(), &error.message))
        }
        (None, None) => without_http_response(
            Code::Internal,
            "a call ended without an answer and without a reason",
        ),
    }
}

/// What a body is found to hold.
struct BodyJson {
    json: Json,
    state: JsonState,
    repair: Option<Repair>,
    /// There was no memory for the repair.
    out_of_memory: bool,
}

impl BodyJson {
    const NOTHING: Self =
        Self { json: Json::Empty, state: JsonState::None, repair: None, out_of_memory: false };
}

/// What is made of it.
struct ResponseParts {
    code: Code,
    json: Json,
    error: Option<String>,
}

fn from_http_response(facts: ResponseInput<'_>) -> Response {
    let ResponseInput {
        method,
        url,
        asks_for_json: asked_for_json,
        redactor,
        http_response: answer,
        failure,
        check_interrupt: ended,
    } = facts;
    let Some(answer) = answer else {
        return without_http_response(Code::Internal, "there is no answer");
    };
    let body = Body::new(answer.body);
    let unfinished = Cell::new(None);
    let may_go_on = || {
        let ended = ended();
        let goes_on = ended.is_none();
        unfinished.set(ended);
        goes_on
    };
    let search = JsonSearch { body: &body, headers: &answer.headers, may_go_on: &may_go_on };
    let found = match &failure {
        None => search.find(false, asked_for_json || answer.status >= 400),
        Some(Error { code: Code::Closed | Code::Timeout, .. }) => search.find(true, true),
        Some(_) => BodyJson::NOTHING,
    };
    let failure = failure.or_else(|| {
        let Error { code, message } = unfinished.take()?;
        let (url, status) = (display_url(&url.to_string()), answer.status);
        let message = format!("{method} {url} answered {status}, but {message}");
        Some(Error { code, message })
    });
    let (state, repair) = (found.state, found.repair);
    let clean = |text: &str| sanitized(&redactor(), text);
    let phrase = || clean(&reason_phrase(answer.status, &answer.reason));
    let verdict = match failure {
        Some(error) => incomplete_parts(found, &body, &error, clean),
        None if answer.status >= 400 => {
            error_status_parts(found, &body, answer.rate_limited, &phrase(), clean)
        }
        None => success_parts(found, &body, answer.status, asked_for_json, |what| {
            let type_ = content_type(&answer.headers).unwrap_or("no Content-Type");
            let (url, length) = (display_url(&url.to_string()), body.bytes().len());
            let status = answer.status;
            clean(&format!("{method} {url} answered {status} with {what}{length} B ({type_})"))
        }),
    };
    let error = verdict.error.as_deref().and_then(c_string);
    let HttpResponse { status, reason, headers, .. } = answer;
    let origin = HttpParts { status, reason, headers, body };
    let mut response = Response::from_parts(verdict.code, verdict.json, error, origin);
    response.json_state = state;
    response.repair = repair;
    response
}

/// Where JSON is looked for.
struct JsonSearch<'a> {
    body: &'a Body,
    headers: &'a Headers,
    may_go_on: &'a dyn Fn() -> bool,
}

impl JsonSearch<'_> {
    /// Looks for JSON. `insist`: damaged JSON counts too; where no JSON was asked for, bytes that are
    /// none are left alone.
    fn find(&self, cut: bool, insist: bool) -> BodyJson {
        let is_json = |text| json::is_json_while(text, self.may_go_on);
        if !cut && self.body.text().is_some_and(is_json) {
            return BodyJson {
                json: Json::SameAsBody,
                state: JsonState::Exact,
                ..BodyJson::NOTHING
            };
        }
        if !insist {
            return BodyJson::NOTHING;
        }
        let hints = json::Hints { charset: charset(self.headers), cut };
        match json::try_repair(self.body.bytes(), &hints, self.may_go_on) {
            Ok(repaired) => {
                let repair = Repair { kinds: repaired.kinds, offset: repaired.first_offset };
                let (json, state) = (Json::owned(repaired.text), JsonState::Repaired);
                BodyJson { json, state, repair: Some(repair), out_of_memory: false }
            }
            Err(why) => {
                BodyJson { out_of_memory: why == Unrepaired::NoMemory, ..BodyJson::NOTHING }
            }
        }
    }
}

/// How long a JSON text made of this one may be: with it and the body, no more than the whole of a
/// call may take.
fn json_size_limit(body: &Body, json: &Json) -> usize {
    let body_length = body.bytes().len();
    let own = if matches!(json, Json::Owned(_)) { json.text_with_nul(body).len() } else { 0 };
    most_memory(body_length).saturating_sub(body_length).saturating_sub(own)
}

/// Below 400: nothing went wrong, unless JSON was asked for and there is none.
fn success_parts(
    found: BodyJson,
    body: &Body,
    status: u16,
    asked: bool,
    complaint: impl FnOnce(&str) -> String,
) -> ResponseParts {
    let nothing_sent = body.bytes().is_empty();
    let is_success = (200..300).contains(&status);
    if found.state == JsonState::None && asked && is_success && !nothing_sent {
        let (code, error) = match found.out_of_memory {
            true => (Code::TooLarge, complaint("JSON that there is no memory to repair, of ")),
            false => (Code::NotJson, complaint("no JSON, but ")),
        };
        let json = Json::owned(error_member::error_object(&error, None, usize::MAX));
        return ResponseParts { code, json, error: Some(error) };
    }
    let is_null = found.json.text(body).trim_ascii() == "null";
    ResponseParts {
        code: Code::Ok,
        json: if is_null { Json::Empty } else { found.json },
        error: None,
    }
}

/// From 400 on: the server's own words where it has any, else the reason phrase.
fn error_status_parts(
    found: BodyJson,
    body: &Body,
    limited: bool,
    phrase: &str,
    clean: impl Fn(&str) -> String,
) -> ResponseParts {
    let code = if limited { Code::RateLimited } else { Code::Status };
    if found.state == JsonState::None {
        let json = Json::owned(error_member::error_object(phrase, None, usize::MAX));
        return ResponseParts { code, json, error: Some(phrase.to_owned()) };
    }
    let most = json_size_limit(body, &found.json);
    let guaranteed = error_member::ensure_error_member(found.json.text(body), phrase, clean, most);
    let json = guaranteed.json.map_or(found.json, Json::owned);
    ResponseParts { code, json, error: Some(guaranteed.message) }
}

/// The call failed after the answer had begun: what could be saved stands beside the error.
fn incomplete_parts(
    found: BodyJson,
    body: &Body,
    error: &Error,
    clean: impl Fn(&str) -> String,
) -> ResponseParts {
    let message = clean(&error.message);
    let saved = (found.state != JsonState::None).then(|| found.json.text(body));
    let json = Json::owned(error_member::error_with_data(
        saved,
        &message,
        json_size_limit(body, &found.json),
    ));
    ResponseParts { code: error.code, json, error: Some(message) }
}

/// The reason phrase of the status line, else the standard one (RFC 9110 section 15).
fn reason_phrase(status: u16, reason: &str) -> String {
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
fn sanitized(redactor: &Redactor, text: &str) -> String {
    redactor.redact_line(text, MAX_ERROR_BYTES, plain_line)
}

fn c_string(text: &str) -> Option<CString> {
    CString::new(text).ok()
}

#[cfg(test)]
mod tests;
