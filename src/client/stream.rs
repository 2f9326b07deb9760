//! A response whose body the caller reads while it arrives: as bytes, or record by record.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, Method};

use crate::answer::Response;
use crate::answer::records::{Record, Records};
use crate::call::{self, Family};
use crate::code::{Code, Error};
use crate::log::{Level, display_url};
use crate::request::{BaseUrl, Output, RecordKind, Request};
use crate::settings::Change;
use crate::transport::OpenBody;

use super::Client;
use super::send::{Caller, Sent, settings_of};
use super::snapshot::Snapshot;

/// The maximum silence of an event stream, if there is no read timeout.
const MAX_SILENCE: Duration = Duration::from_secs(60);

/// The number of characters of a media type that an error contains.
const MAX_SHOWN_TYPE: usize = 100;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The body of a response that is read while it arrives. One thread at a time may use it.
pub struct Stream {
    source: Source,
    kind: RecordKind,
    body: Option<Box<OpenBody<'static>>>,
    records: Option<Records>,
    /// Whether the caller has read bytes.
    has_read_bytes: bool,
    /// The media type of the response, if it cannot be read as records of the kind.
    wrong_type: Option<String>,
    state: State,
}

/// What a stream needs to send its request again.
struct Source {
    family: Arc<Family>,
    base: Arc<BaseUrl>,
    snapshot: Arc<Snapshot>,
    request: Request,
    start: Instant,
    /// The number of requests since the last event, without the one that has sent it.
    repeats: u32,
}

/// The state of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Failed(Error),
}

impl Client {
    /// Sends a request, and returns when the head of the response is there: the response, which is
    /// complete if it is an error, and the stream of its body. Always returns both.
    pub fn open_stream(&self, request: &Request) -> (Response, Stream) {
        let source = Source {
            family: Arc::clone(&self.family),
            base: Arc::clone(&self.base),
            snapshot: self.snapshot.load_full(),
            request: request.clone(),
            start: self.family.clock.now(),
            repeats: 0,
        };
        Stream::open(source)
    }
}

impl Stream {
    fn open(mut source: Source) -> (Response, Self) {
        let raw = source.request.raw();
        let Sent { response, open_body } = match source.request.set_output(Output::Stream { raw }) {
            Ok(()) => source.caller().send(&source.snapshot, &source.request),
            Err(error) => Response::from_error(&error).into(),
        };
        let state = match (&open_body, response.code()) {
            (Some(_), _) => State::Open,
            (None, Code::Ok) => State::Ended,
            // There is no body, and the caller reads the bodies of errors as all others.
            (None, Code::Status | Code::RateLimited) if raw && response.status() > 0 => {
                State::Ended
            }
            (None, _) => State::Failed(error_of(&response)),
        };
        let kind = source.kind(&response);
        let mut stream = Self {
            source,
            kind,
            body: open_body,
            records: None,
            has_read_bytes: false,
            wrong_type: wrong_type(kind, &response),
            state,
        };
        stream.limit_silence();
        (response, stream)
    }

    /// Why the stream has failed; `None` before and after its regular end.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.state {
            State::Failed(error) => Some(error),
            State::Open | State::Ended => None,
        }
    }

    /// Reads the next bytes of the body; 0 is the end.
    ///
    /// # Errors
    /// The reason why the stream has failed; [`Code::InvalidArgument`] if it is read by records, which changes
    /// nothing.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.records.is_some() {
            let message = "the stream is read by records, and cannot also be read as bytes";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        let read = match (&self.state, &mut self.body) {
            (State::Failed(error), _) => return Err(error.clone()),
            (State::Open, Some(body)) if !buffer.is_empty() => body.read(buffer),
            _ => return Ok(0),
        };
        match read {
            Ok(0) => self.end(State::Ended),
            Ok(read) => {
                self.has_read_bytes = true;
                return Ok(read);
            }
            Err(error) => {
                let error = self.source.error(call::stream_error(error));
                self.end(State::Failed(error.clone()));
                return Err(error);
            }
        }
        Ok(0)
    }

    /// The next record; `None` at the end, or if the stream fails. It also fails after bytes were read, because a record
    /// would begin in the middle. If the server interrupts an event stream that a GET has opened, or ends it after an ID
    /// or a delay, the request is sent again.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        while self.state == State::Open {
            match self.advance() {
                Ok(true) => {
                    self.source.repeats = 0;
                    break;
                }
                Ok(false) => self.continue_after(None),
                Err(error) => self.continue_after(Some(error)),
            }
        }
        match self.state {
            State::Open => self.records.as_ref().map(Records::record),
            State::Ended | State::Failed(_) => None,
        }
    }

    fn advance(&mut self) -> Result<bool, Error> {
        let Self { source, kind, body, records, .. } = self;
        let Some(body) = body else { return Ok(false) };
        let records = match records {
            Some(records) => records,
            None => {
                if self.has_read_bytes {
                    let message = "the stream is read as bytes, and cannot also be read by records";
                    return Err(Error::new(Code::InvalidArgument, message));
                }
                if let Some(media_type) = &self.wrong_type {
                    return Err(no_events(media_type));
                }
                let settings = settings_of(&source.snapshot, &source.request)?;
                let new = Records::new(*kind, settings.max_body_bytes);
                let id = source.request.headers().get(LAST_EVENT_ID);
                records.insert(new.after_id(id.map_or(b"", HeaderValue::as_bytes)))
            }
        };
        records.advance(|room| body.read(room).map_err(call::stream_error))
    }

    /// Ends the stream, or sends its request again.
    fn continue_after(&mut self, failure: Option<Error>) {
        let failure = failure.map(|error| self.source.error(error));
        let interrupted =
            failure.as_ref().is_none_or(|error| matches!(error.code, Code::Closed | Code::Timeout));
        let outcome = match &self.records {
            Some(records) if interrupted && self.may_repeat(records, failure.is_none()) => {
                self.source.repeat(records, failure)
            }
            _ => failure.map_or(Ok(None), Err),
        };
        match outcome {
            Ok(Some(body)) => {
                self.count_bytes();
                self.body = Some(body);
                self.limit_silence();
                if let Some(records) = &mut self.records {
                    records.restart();
                }
            }
            Ok(None) => self.end(State::Ended),
            Err(error) => self.end(State::Failed(error)),
        }
    }

    /// Whether the request may be sent again after its response has begun. After a regular end, the server must have
    /// named an ID or a delay. Otherwise the events are complete, and the next response would repeat them forever.
    fn may_repeat(&self, records: &Records, regular_end: bool) -> bool {
        let continues = !records.last_event_id().is_empty() || records.retry().is_some();
        self.kind == RecordKind::Events
            && *self.source.request.method() == Method::GET
            && (continues || !regular_end)
    }

    /// A silent event stream must end at some time: its server may be gone.
    fn limit_silence(&mut self) {
        let unlimited = settings_of(&self.source.snapshot, &self.source.request)
            .is_ok_and(|settings| settings.read_timeout.is_none());
        if let (Some(body), RecordKind::Events, true) = (&mut self.body, self.kind, unlimited) {
            body.set_read_timeout(Some(MAX_SILENCE));
        }
    }

    fn end(&mut self, state: State) {
        if let State::Failed(error) = &state {
            self.source
                .snapshot
                .logger
                .emit(Level::Error, || format!("{}: {}", error.code.name(), error.message));
        }
        self.count_bytes();
        self.body = None;
        self.state = state;
    }

    /// Adds the bytes of the body to the counters of the client.
    fn count_bytes(&mut self) {
        if let Some(body) = &mut self.body {
            let (sent, received) = body.take_byte_counts();
            self.source.family.stats.count_bytes(sent, received);
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.count_bytes();
    }
}

impl Source {
    fn caller(&self) -> Caller<'_> {
        Caller { family: &self.family, base: &self.base }
    }

    fn kind(&self, head: &Response) -> RecordKind {
        self.request.records().unwrap_or_else(|| RecordKind::of_media_type(content_type(head)))
    }

    /// Waits, and sends the request again with the ID of the last event. `Ok(None)`: the server says that there are no
    /// more events.
    fn repeat(
        &mut self,
        records: &Records,
        failure: Option<Error>,
    ) -> Result<Option<Box<OpenBody<'static>>>, Error> {
        let settings = settings_of(&self.snapshot, &self.request)?;
        let Some(retries) = settings.retries.checked_sub(self.repeats.saturating_add(1)) else {
            return failure.map_or(Ok(None), Err);
        };
        self.repeats = self.repeats.saturating_add(1);
        let clock = &self.family.clock;
        let now = clock.now();
        if records.retry().is_some_and(|named| named > settings.retry_after_max) {
            let message = "the server asks for a longer wait before the next request than \
                           retry_after_max allows";
            let too_long = || self.error(Error::new(Code::Timeout, message));
            return Err(failure.unwrap_or_else(too_long));
        }
        let wait = call::wait_to_reconnect(&settings, records.retry(), self.repeats, now);
        let end = settings
            .deadline
            .map(|deadline| deadline.saturating_sub(now.saturating_duration_since(self.start)));
        let remaining = match end {
            Some(remaining) if remaining <= wait => {
                let message = "the deadline is too near to connect again";
                let too_near = || self.error(Error::new(Code::Timeout, message));
                return Err(failure.unwrap_or_else(too_near));
            }
            remaining => remaining.map(|remaining| remaining.saturating_sub(wait)),
        };
        if clock.sleep(wait, self.request.cancel()).is_err() {
            let message = "the caller cancelled before the next request";
            return Err(self.error(Error::new(Code::Cancelled, message)));
        }
        let mut request = self.request.clone();
        request.change(Change::RetryAttempts(retries))?;
        if let Some(remaining) = remaining {
            // 0 would be no deadline.
            let ms = u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX).max(1);
            request.change(Change::DeadlineMs(ms))?;
        }
        // An ID that no header field can have is not sent, and neither is an older one.
        let id = std::str::from_utf8(records.last_event_id()).unwrap_or_default();
        if request.set_last_event_id(id).is_err() {
            request.set_last_event_id("")?;
        }
        let Sent { response, open_body } = self.caller().send(&self.snapshot, &request);
        self.repeats = self.repeats.saturating_add(response.attempts().saturating_sub(1));
        if response.code() != Code::Ok {
            return Err(error_of(&response));
        }
        if open_body.is_none() && response.status() != 204 {
            let status = response.status();
            let message =
                format!("the server answers the next request without a body (status {status})");
            return Err(self.error(Error::new(Code::Protocol, message)));
        }
        if let (Some(_), Some(media_type)) = (&open_body, wrong_type(RecordKind::Events, &response))
        {
            return Err(self.error(no_events(&media_type)));
        }
        Ok(open_body)
    }

    /// An error with the request in its text.
    fn error(&self, error: Error) -> Error {
        let url = self.base.join(self.request.target(), self.request.query());
        let url = url.map_or_else(|_| String::new(), |url| display_url(&url.to_string()));
        let method = self.request.method();
        Error::new(error.code, format!("{method} {url} failed: {}", error.message))
    }
}

fn content_type(head: &Response) -> &[u8] {
    head.fields().get("content-type").map_or(b"", std::ffi::CStr::to_bytes)
}

/// The media type of a response that cannot be read as records of this kind.
fn wrong_type(kind: RecordKind, head: &Response) -> Option<String> {
    let content_type = content_type(head);
    (!kind.accepts(content_type)).then(|| {
        // Parameters may contain anything, also a secret that the server repeats.
        let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
        let essence = essence.trim_ascii();
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/+-._".contains(byte);
        match essence.len() <= MAX_SHOWN_TYPE && essence.iter().all(is_plain) {
            true => String::from_utf8_lossy(essence).into_owned(),
            false => "(not readable)".to_owned(),
        }
    })
}

fn no_events(media_type: &str) -> Error {
    let message =
        format!("the response has the media type {media_type}, and events need text/event-stream");
    Error::new(Code::Protocol, message)
}

fn error_of(response: &Response) -> Error {
    let message = response.error().map(std::ffi::CStr::to_string_lossy).unwrap_or_default();
    Error::new(response.code(), message)
}

#[cfg(test)]
mod tests;
