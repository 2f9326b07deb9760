//! The guarantee: every response has a code and well-formed JSON. After a failure it also has an
//! error message, in one line and in the JSON.

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::CString;

use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::code::{Code, Error};
use crate::headers::Headers;
use crate::log::{Redactor, display_url, plain_line};

use super::content::{Body, Json};
use super::error_member::{self, MAX_ERROR_BYTES};
use super::json::{self, RepairError, most_memory};
use super::json_state::JsonState;
use super::response::{HttpParts, Repair, Response};

/// An HTTP response as it arrived.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Whether the server refused the request because of a rate limit.
    pub rate_limited: bool,
    /// The reason phrase of the status line; empty if it has none.
    pub reason: Cow<'static, str>,
    /// The header fields.
    pub headers: Headers,
    /// The decoded body; only its beginning if the call failed while it arrived.
    pub body: Vec<u8>,
}

/// The outcome of a call, from which its response is built.
pub struct ResponseInput<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// The URL that sent the response.
    pub url: &'a Uri,
    /// Whether a response with status 2xx and without JSON is a failure.
    pub asks_for_json: bool,
    /// Makes the redactor that removes secrets from error texts. Called only if there is an error.
    pub redactor: &'a dyn Fn() -> Redactor,
    /// The HTTP response, if one arrived.
    pub http_response: Option<HttpResponse>,
    /// Why the HTTP response is missing or incomplete.
    pub failure: Option<Error>,
    /// Returns an error when the work on the response must end. Called about every 64 KiB.
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
        let search =
            JsonSearch { body: &body, headers: &Headers::default(), should_continue: &|| true };
        let found = search.find(false, true);
        let (state, repair) = (found.state, found.repair);
        let status = StatusCode::OK.as_u16();
        let length = body.bytes().len();
        let parts = success_parts(found, &body, status, true, |problem| {
            format!("{} ({length} bytes)", problem.describe("the text"))
        });
        let error = parts.error.as_deref().and_then(c_string);
        let origin = HttpParts { body, ..HttpParts::empty() };
        let mut response = Self::from_parts(parts.code, parts.json, error, origin);
        response.json_state = state;
        response.repair = repair;
        Ok(response)
    }
}

/// The response of a call that received no HTTP response.
fn without_http_response(code: Code, message: &str) -> Response {
    let message = sanitized(&Redactor::default(), message);
    let json = Json::owned(error_member::error_object(&message, None, usize::MAX));
    Response::from_parts(code, json, c_string(&message), HttpParts::empty())
}

/// Builds the response of a call.
#[must_use]
pub fn build_response(input: ResponseInput<'_>) -> Response {
    match (&input.http_response, &input.failure) {
        (Some(_), _) => from_http_response(input),
        (None, Some(error)) => {
            without_http_response(error.code, &sanitized(&(input.redactor)(), &error.message))
        }
        (None, None) => without_http_response(
            Code::Internal,
            "the call ended without a response and without an error",
        ),
    }
}

/// The JSON found in a body.
struct BodyJson {
    json: Json,
    state: JsonState,
    repair: Option<Repair>,
    /// Whether the repair needed more memory than allowed.
    out_of_memory: bool,
}

impl BodyJson {
    const NOTHING: Self =
        Self { json: Json::Empty, state: JsonState::None, repair: None, out_of_memory: false };
}

/// Why a body that should be JSON has none.
#[derive(Clone, Copy)]
enum JsonProblem {
    NotJson,
    OutOfMemory,
}

impl JsonProblem {
    fn code(self) -> Code {
        match self {
            Self::NotJson => Code::NotJson,
            Self::OutOfMemory => Code::TooLarge,
        }
    }

    /// The problem in words; `container` is what should contain the JSON.
    fn describe(self, container: &str) -> String {
        match self {
            Self::NotJson => format!("{container} contains no JSON"),
            Self::OutOfMemory => "the JSON needs too much memory to repair".to_owned(),
        }
    }
}

/// The code, JSON and error of a response.
struct ResponseParts {
    code: Code,
    json: Json,
    error: Option<String>,
}

fn from_http_response(input: ResponseInput<'_>) -> Response {
    let ResponseInput {
        method,
        url,
        asks_for_json,
        redactor,
        http_response,
        failure,
        check_interrupt,
    } = input;
    let Some(HttpResponse { status, rate_limited, reason, headers, body }) = http_response else {
        return without_http_response(Code::Internal, "there is no response");
    };
    let body = Body::new(body);
    let interrupt = Cell::new(None);
    let should_continue = || {
        let error = check_interrupt();
        let should_continue = error.is_none();
        interrupt.set(error);
        should_continue
    };
    let search = JsonSearch { body: &body, headers: &headers, should_continue: &should_continue };
    let found = match &failure {
        None => search.find(false, asks_for_json || status >= 400),
        Some(Error { code: Code::Closed | Code::Timeout, .. }) => search.find(true, true),
        Some(_) => BodyJson::NOTHING,
    };
    let failure = failure.or_else(|| {
        let Error { code, message } = interrupt.take()?;
        let url = display_url(&url.to_string());
        let message = format!("{method} {url} answered {status}, but {message}");
        Some(Error { code, message })
    });
    let (state, repair) = (found.state, found.repair);
    let clean = |text: &str| sanitized(&redactor(), text);
    let phrase = || clean(&reason_phrase(status, &reason));
    let parts = match failure {
        Some(error) => incomplete_parts(found, &body, &error, clean),
        None if status >= 400 => error_status_parts(found, &body, rate_limited, &phrase(), clean),
        None => success_parts(found, &body, status, asks_for_json, |problem| {
            let type_ = content_type(&headers).unwrap_or("no Content-Type");
            let (url, length) = (display_url(&url.to_string()), body.bytes().len());
            let problem = problem.describe("the body");
            clean(&format!(
                "{method} {url} answered {status}, but {problem} ({length} bytes, {type_})"
            ))
        }),
    };
    let error = parts.error.as_deref().and_then(c_string);
    let http = HttpParts { status, reason, headers, body };
    let mut response = Response::from_parts(parts.code, parts.json, error, http);
    response.json_state = state;
    response.repair = repair;
    response
}

/// The search for JSON in a body.
struct JsonSearch<'a> {
    body: &'a Body,
    headers: &'a Headers,
    should_continue: &'a dyn Fn() -> bool,
}

impl JsonSearch<'_> {
    /// Looks for JSON. `truncated`: the end of the body is missing. `repair`: damaged JSON is
    /// repaired, which is wrong for a body that need not be JSON.
    fn find(&self, truncated: bool, repair: bool) -> BodyJson {
        let is_json = |text| json::is_json_while(text, self.should_continue);
        if !truncated && self.body.text().is_some_and(is_json) {
            return BodyJson {
                json: Json::SameAsBody,
                state: JsonState::Exact,
                ..BodyJson::NOTHING
            };
        }
        if !repair {
            return BodyJson::NOTHING;
        }
        let hints = json::Hints { charset: charset(self.headers), truncated };
        match json::try_repair(self.body.bytes(), &hints, self.should_continue) {
            Ok(repaired) => {
                let repair = Repair { kinds: repaired.kinds, offset: repaired.first_offset };
                let (json, state) = (Json::owned(repaired.text), JsonState::Repaired);
                BodyJson { json, state, repair: Some(repair), out_of_memory: false }
            }
            Err(error) => {
                BodyJson { out_of_memory: error == RepairError::OutOfMemory, ..BodyJson::NOTHING }
            }
        }
    }
}

/// The maximum length of a JSON text made from `json`. Both and the body together stay within the
/// memory limit of a call.
fn json_size_limit(body: &Body, json: &Json) -> usize {
    let body_length = body.bytes().len();
    let json_length =
        if matches!(json, Json::Owned(_)) { json.text_with_nul(body).len() } else { 0 };
    most_memory(body_length).saturating_sub(body_length).saturating_sub(json_length)
}

/// Status below 400: success, unless the caller asked for JSON and there is none.
fn success_parts(
    found: BodyJson,
    body: &Body,
    status: u16,
    asks_for_json: bool,
    error_text: impl FnOnce(JsonProblem) -> String,
) -> ResponseParts {
    let must_be_json = asks_for_json && (200..300).contains(&status) && !body.bytes().is_empty();
    if found.state == JsonState::None && must_be_json {
        let problem = match found.out_of_memory {
            true => JsonProblem::OutOfMemory,
            false => JsonProblem::NotJson,
        };
        let error = error_text(problem);
        let json = Json::owned(error_member::error_object(&error, None, usize::MAX));
        return ResponseParts { code: problem.code(), json, error: Some(error) };
    }
    let is_null = found.json.text(body).trim_ascii() == "null";
    ResponseParts {
        code: Code::Ok,
        json: if is_null { Json::Empty } else { found.json },
        error: None,
    }
}

/// Status 400 or more: the error message of the server if there is one, else the reason phrase.
fn error_status_parts(
    found: BodyJson,
    body: &Body,
    rate_limited: bool,
    phrase: &str,
    clean: impl Fn(&str) -> String,
) -> ResponseParts {
    let code = if rate_limited { Code::RateLimited } else { Code::Status };
    if found.state == JsonState::None {
        let json = Json::owned(error_member::error_object(phrase, None, usize::MAX));
        return ResponseParts { code, json, error: Some(phrase.to_owned()) };
    }
    let limit = json_size_limit(body, &found.json);
    let guaranteed = error_member::ensure_error_member(found.json.text(body), phrase, clean, limit);
    let json = guaranteed.json.map_or(found.json, Json::owned);
    ResponseParts { code, json, error: Some(guaranteed.message) }
}

/// The call failed while the response arrived: the JSON holds the error and the repaired data.
fn incomplete_parts(
    found: BodyJson,
    body: &Body,
    error: &Error,
    clean: impl Fn(&str) -> String,
) -> ResponseParts {
    let message = clean(&error.message);
    let data = (found.state != JsonState::None).then(|| found.json.text(body));
    let json = Json::owned(error_member::error_with_data(
        data,
        &message,
        json_size_limit(body, &found.json),
    ));
    ResponseParts { code: error.code, json, error: Some(message) }
}

/// The reason phrase of the status line, else the standard one (RFC 9110 section 15).
fn reason_phrase(status: u16, reason: &str) -> String {
    let sent = Some(reason.trim()).filter(|reason| !reason.is_empty());
    let standard =
        || StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    sent.or_else(standard).unwrap_or("Unknown error").to_owned()
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

/// The `charset` parameter of the `Content-Type`, without quotes.
fn charset(headers: &HeaderMap) -> Option<&str> {
    let parameters = content_type(headers)?.split(';').skip(1);
    parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"'))
}

/// The text as an error message: one line of bounded length without secrets.
fn sanitized(redactor: &Redactor, text: &str) -> String {
    redactor.redact_line(text, MAX_ERROR_BYTES, plain_line)
}

fn c_string(text: &str) -> Option<CString> {
    CString::new(text).ok()
}

#[cfg(test)]
mod tests;
