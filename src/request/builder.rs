//! A request as it is put together, setter by setter.

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::code::{Code, Error};
use crate::settings::{Change, Settings};
use crate::wait::Cancel;

use super::multipart::file_name_of;
use super::{Body, Output, PartHead, ProgressCallback, field, path};

/// A request, ready to be sent any number of times.
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
}

impl Request {
    /// A request without a body.
    ///
    /// # Errors
    /// [`Code::InvalidMethod`] and [`Code::InvalidPath`].
    pub fn new(method: &str, path: &str) -> Result<Self, Error> {
        Self::with_method(field::parse_method(method)?, path)
    }

    /// The same with a method that is known to be one.
    ///
    /// # Errors
    /// [`Code::InvalidPath`].
    pub fn with_method(method: Method, path: &str) -> Result<Self, Error> {
        Ok(Self::with_target(method, path::target(path)?))
    }

    /// The same with a path that is known to be one.
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
        }
    }

    /// Sets a header field, replacing what the client has under that name.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`].
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let name = field::parse_name(name)?;
        let value = field::parse_value(&name, value)?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// Sets a header field to a value known to be one.
    pub fn set_known_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// Adds a query parameter behind those that are there.
    pub fn add_query(&mut self, name: &str, value: &str) {
        path::append_query(&mut self.query, name, value);
    }

    /// Gives it a JSON body, which goes out as it stands.
    ///
    /// # Errors
    /// [`Code::InvalidJson`] where it is not well-formed, [`Code::InvalidArgument`] where there is
    /// a body of another kind.
    pub fn set_json(&mut self, text: &str) -> Result<(), Error> {
        self.body.replace_with(Body::json(text)?)
    }

    /// Adds a form field.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] where there is a body of another kind.
    pub fn add_form_field(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.body.add_form_field(name, value)
    }

    /// Gives it a body of bytes.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`] where the type is no field value, [`Code::InvalidArgument`] where
    /// there is a body of another kind.
    pub fn set_body(&mut self, content_type: &str, bytes: &[u8]) -> Result<(), Error> {
        let content_type = field::parse_media_type(content_type)?;
        self.body.replace_with(Body::Bytes { content_type, bytes: bytes.into() })
    }

    /// Gives it a file as its body, which is read when it is sent.
    ///
    /// # Errors
    /// As [`Request::set_body`].
    pub fn set_body_file(&mut self, content_type: &str, path: &str) -> Result<(), Error> {
        let content_type = field::parse_media_type(content_type)?;
        self.body.replace_with(Body::File { content_type, path: path.into() })
    }

    /// Adds a part to a multipart form.
    ///
    /// # Errors
    /// As [`Body::add_part`].
    pub fn add_part(&mut self, head: &PartHead<'_>, bytes: &[u8]) -> Result<(), Error> {
        self.body.add_part(head, bytes)
    }

    /// Adds a file to a multipart form, which is read when it is sent.
    ///
    /// # Errors
    /// As [`Body::add_part`].
    pub fn add_part_file(
        &mut self,
        name: &str,
        path: &str,
        content_type: Option<&str>,
    ) -> Result<(), Error> {
        let head = PartHead { name, file_name: Some(file_name_of(path)), content_type };
        self.body.add_part_file(&head, path)
    }

    /// Says where the body of the answer goes.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] where it goes to the other of file and callback already.
    pub fn set_output(&mut self, output: Output) -> Result<(), Error> {
        let same_kind = std::mem::discriminant(&self.output) == std::mem::discriminant(&output);
        if self.output.is_streamed() && output.is_streamed() && !same_kind {
            let message = "the request has an output file or an output callback already, and both \
                           exclude each other";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        self.output = output;
        Ok(())
    }

    /// Lets the body of the answer go into the response again, where it goes to a callback.
    pub fn detach_output_callback(&mut self) {
        if matches!(self.output, Output::Callback(_)) {
            self.output = Output::Memory;
        }
    }

    /// Lets somebody know how far the bodies have come, or nobody.
    pub fn set_progress(&mut self, progress: Option<ProgressCallback>) {
        self.progress = progress;
    }

    /// Where the body of the answer goes.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Who is told how far the bodies have come.
    #[must_use]
    pub fn progress(&self) -> Option<&ProgressCallback> {
        self.progress.as_ref()
    }

    /// Gives this request a setting of its own.
    ///
    /// # Errors
    /// As [`Settings::apply`]; nothing has changed then.
    pub fn change(&mut self, change: Change) -> Result<(), Error> {
        Settings::default().apply(&change)?;
        self.changes.push(change);
        Ok(())
    }

    /// Lets a cancel end its calls, or none.
    pub fn set_cancel(&mut self, cancel: Option<Cancel>) {
        self.cancel = cancel;
    }

    /// Names it by a key (`Idempotency-Key`), by which a server recognises a second sending.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`] where the key is empty or holds a control character.
    pub fn set_idempotency_key(&mut self, key: &str) -> Result<(), Error> {
        if key.is_empty() {
            return Err(Error::new(Code::InvalidHeader, "the idempotency key is empty"));
        }
        self.set_header("idempotency-key", key)
    }

    /// The cancel that may end its calls.
    #[must_use]
    pub fn cancel(&self) -> Option<&Cancel> {
        self.cancel.as_ref()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, fit for the wire, with the query that it came with.
    #[must_use]
    pub fn target(&self) -> &PathAndQuery {
        &self.target
    }

    /// The query parameters added, encoded.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The header fields set.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The settings that this request alone has.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}
