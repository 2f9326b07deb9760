//! A request: its method, path and query, header fields, body, and the settings that it alone has.

pub mod accept;
pub mod base_url;
mod body;
pub mod body_reader;
mod body_sha256;
pub mod field;
mod json;
pub mod multipart;
pub mod output;
pub mod path;

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::code::{Code, Error};
use crate::settings::{Change, Settings};
use crate::trace::Tracer;
use crate::wait::Cancel;

use multipart::file_name_of;

pub use base_url::BaseUrl;
pub use body::Body;
pub use body_reader::{BodyReader, FileVersion, FileVersions};
pub use body_sha256::BodyLength;
pub use json::{JsonBody, JsonValue};
pub use multipart::PartHead;
pub use output::{
    BodyCallback, DataCallback, Output, Progress, ProgressCallback, RecordKind, RewindCallback,
};

/// A request, which can be sent any number of times.
#[derive(Clone)]
pub struct Request {
    method: Method,
    target: PathAndQuery,
    query: String,
    headers: HeaderMap,
    body: Body,
    changes: Vec<Change>,
    cancel: Option<Cancel>,
    output: Output,
    progress: Option<ProgressCallback>,
    tracer: Option<Tracer>,
    records: Option<RecordKind>,
    raw: bool,
    idempotent: bool,
    rewind: Option<RewindCallback>,
}

impl Request {
    /// A request without a body.
    ///
    /// # Errors
    /// [`Code::InvalidMethod`] and [`Code::InvalidPath`].
    pub fn new(method: &str, path: &str) -> Result<Self, Error> {
        Self::with_method(field::parse_method(method)?, path)
    }

    /// The same with a valid method.
    ///
    /// # Errors
    /// [`Code::InvalidPath`].
    pub fn with_method(method: Method, path: &str) -> Result<Self, Error> {
        Ok(Self::with_target(method, path::target(path)?))
    }

    /// The same with a valid path.
    #[must_use]
    pub fn with_target(method: Method, target: PathAndQuery) -> Self {
        Self {
            method,
            target,
            query: String::new(),
            headers: HeaderMap::new(),
            body: Body::None,
            changes: Vec::new(),
            cancel: None,
            output: Output::Memory,
            progress: None,
            tracer: None,
            records: None,
            raw: false,
            idempotent: false,
            rewind: None,
        }
    }

    /// Sets a header field. It replaces the client's field of the same name.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`].
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let name = field::parse_name(name)?;
        let value = field::parse_value(&name, value)?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// Sets a header field to a valid value.
    pub fn set_known_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// Appends a query parameter.
    pub fn add_query(&mut self, name: &str, value: &str) {
        path::append_query(&mut self.query, name, value);
    }

    /// Sets a JSON body, which is sent unchanged.
    ///
    /// # Errors
    /// [`Code::InvalidJson`] if it is not well-formed; [`Code::InvalidArgument`] if there is a body
    /// of another kind.
    pub fn set_json(&mut self, text: &str) -> Result<(), Error> {
        self.body.replace_with(Body::json(text)?)
    }

    /// Sets a value of the JSON body by a JSON pointer (RFC 6901), as `sac_request_json_string` and
    /// its siblings describe.
    ///
    /// # Errors
    /// Same as [`JsonBody::set`]; [`Code::InvalidArgument`] also if there is a body of another kind.
    /// Then nothing changes.
    pub fn set_json_value(&mut self, pointer: &str, value: &JsonValue<'_>) -> Result<(), Error> {
        self.body.set_json_value(pointer, value)
    }

    /// Adds a form field.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if there is a body of another kind.
    pub fn add_form_field(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.body.add_form_field(name, value)
    }

    /// Sets a body of bytes.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`] if the type is not a valid field value; [`Code::InvalidArgument`] if
    /// there is a body of another kind.
    pub fn set_body(&mut self, content_type: &str, bytes: &[u8]) -> Result<(), Error> {
        let content_type = field::parse_media_type(content_type)?;
        self.body.replace_with(Body::Bytes { content_type, bytes: bytes.into() })
    }

    /// Sets a file as the body, which is read while it is sent.
    ///
    /// # Errors
    /// Same as [`Request::set_body`].
    pub fn set_body_file(&mut self, content_type: &str, path: &str) -> Result<(), Error> {
        let content_type = field::parse_media_type(content_type)?;
        self.body.replace_with(Body::File { content_type, path: path.into() })
    }

    /// Sets a body that a callback writes while it is sent. `length`: its length in bytes; without one it
    /// is sent in chunks (RFC 9112 section 7.1).
    ///
    /// # Errors
    /// Same as [`Request::set_body`].
    pub fn set_body_callback(
        &mut self,
        content_type: &str,
        length: Option<u64>,
        callback: BodyCallback,
    ) -> Result<(), Error> {
        let content_type = field::parse_media_type(content_type)?;
        self.body.replace_with(Body::Callback { content_type, length, callback })
    }

    /// Removes the body, if a callback writes it.
    pub fn remove_body_callback(&mut self) {
        if matches!(self.body, Body::Callback { .. }) {
            self.body = Body::None;
        }
    }

    /// Sets the callback that makes a body callback begin again.
    pub fn set_rewind(&mut self, rewind: Option<RewindCallback>) {
        self.rewind = rewind;
    }

    /// The callback that makes a body callback begin again.
    #[must_use]
    pub fn rewind(&self) -> Option<&RewindCallback> {
        self.rewind.as_ref()
    }

    /// Adds a part to a multipart form.
    ///
    /// # Errors
    /// Same as [`Body::add_part`].
    pub fn add_part(&mut self, head: &PartHead<'_>, bytes: &[u8]) -> Result<(), Error> {
        self.body.add_part(head, bytes)
    }

    /// Adds a file to a multipart form, which is read while it is sent.
    ///
    /// # Errors
    /// Same as [`Body::add_part`].
    pub fn add_part_file(
        &mut self,
        name: &str,
        path: &str,
        content_type: Option<&str>,
    ) -> Result<(), Error> {
        let head = PartHead { name, file_name: Some(file_name_of(path)), content_type };
        self.body.add_part_file(&head, path)
    }

    /// Sets the destination of the response body.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if it is a file and the request already has a callback, or the
    /// reverse.
    pub fn set_output(&mut self, output: Output) -> Result<(), Error> {
        let same_kind = std::mem::discriminant(&self.output) == std::mem::discriminant(&output);
        if self.output.is_streamed() && output.is_streamed() && !same_kind {
            let message = "the request has an output file or an output callback already, and can \
                           have only one of them";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        self.output = output;
        Ok(())
    }

    /// Sets the destination of the response body to the response, if it is a callback.
    pub fn detach_output_callback(&mut self) {
        if matches!(self.output, Output::Callback(_)) {
            self.output = Output::Memory;
        }
    }

    /// Sets or removes the progress callback.
    pub fn set_progress(&mut self, progress: Option<ProgressCallback>) {
        self.progress = progress;
    }

    /// Sets or removes what receives the events of the calls.
    pub fn set_tracer(&mut self, tracer: Option<Tracer>) {
        self.tracer = tracer;
    }

    /// Sets the ID of the last known event, or removes it if it is empty.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`].
    pub fn set_last_event_id(&mut self, id: &str) -> Result<(), Error> {
        let name = HeaderName::from_static("last-event-id");
        if id.is_empty() {
            self.headers.remove(name);
            return Ok(());
        }
        let value = field::parse_value(&name, id)?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// Sets how a stream splits the body of the response; `None`: as its media type says.
    pub fn set_records(&mut self, records: Option<RecordKind>) {
        self.records = records;
    }

    /// Sets whether a stream passes on the body of any status, as the server has sent it.
    pub fn set_raw(&mut self, raw: bool) {
        self.raw = raw;
    }

    /// Whether a stream passes on the body of any status, as the server has sent it.
    #[must_use]
    pub fn raw(&self) -> bool {
        self.raw
    }

    /// How a stream splits the body of the response.
    #[must_use]
    pub fn records(&self) -> Option<RecordKind> {
        self.records
    }

    /// The destination of the response body.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The progress callback.
    #[must_use]
    pub fn progress(&self) -> Option<&ProgressCallback> {
        self.progress.as_ref()
    }

    /// What receives the events of the calls.
    #[must_use]
    pub fn tracer(&self) -> Option<&Tracer> {
        self.tracer.as_ref()
    }

    /// Changes a setting for this request alone.
    ///
    /// # Errors
    /// Same as [`Settings::apply`]; then nothing changes.
    pub fn change(&mut self, change: Change) -> Result<(), Error> {
        Settings::default().apply(&change)?;
        self.changes.push(change);
        Ok(())
    }

    /// Sets or removes the handle that cancels the calls of this request.
    pub fn set_cancel(&mut self, cancel: Option<Cancel>) {
        self.cancel = cancel;
    }

    /// Sets the `Idempotency-Key`, by which a server recognises a repeated request.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`] if the key is empty or contains a control character.
    pub fn set_idempotency_key(&mut self, key: &str) -> Result<(), Error> {
        if key.is_empty() {
            return Err(Error::new(Code::InvalidHeader, "the idempotency key is empty"));
        }
        self.set_header("idempotency-key", key)
    }

    /// A second processing of this request does no harm, whatever its method.
    pub fn set_idempotent(&mut self) {
        self.idempotent = true;
    }

    /// Whether a second processing does no harm, whatever the method.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// The handle that cancels the calls of this request.
    #[must_use]
    pub fn cancel(&self) -> Option<&Cancel> {
        self.cancel.as_ref()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The encoded path, with the query that it contained.
    #[must_use]
    pub fn target(&self) -> &PathAndQuery {
        &self.target
    }

    /// The added query parameters, encoded.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The header fields.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The settings changed for this request alone.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}
