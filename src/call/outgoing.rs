//! A request just before it goes out: what the attempt callback sees and may change, and the signature.
//!
//! Both work on the header fields of one request alone. A call without a callback and without a signer
//! does not come here.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use zeroize::Zeroizing;

use crate::auth::{AwsSigV4, UnsignedRequest};
use crate::code::{Code, Error};
use crate::log::{CallLogger, Level, display_url};
use crate::request::{Body, BodyLength, FileVersions, RewindCallback, field};
use crate::transport::{expects_body, host_of};
use crate::wait::{Cancel, Deadline};

/// A request that is about to be sent.
pub struct OutgoingRequest<'r> {
    pub(super) method: &'r Method,
    pub(super) uri: &'r Uri,
    /// The body, if it goes along.
    pub(super) body: Option<&'r Body>,
    /// The callback that makes a body callback begin again.
    pub(super) rewind: Option<&'r RewindCallback>,
    /// Whether a redirect has led to another origin.
    pub(super) cross_origin: bool,
    /// The number of the attempt, from 1, as in the journal.
    pub(super) number: u32,
    pub(super) logger: &'r CallLogger<'r>,
    pub(super) cancel: Option<&'r Cancel>,
    pub(super) deadline: Deadline,
    /// In cells, because a body callback that is read for its hash, or a log callback, may use the
    /// request as well. No callback runs while the header fields are borrowed.
    pub(super) headers: RefCell<&'r mut HeaderMap>,
    pub(super) versions: RefCell<&'r mut FileVersions>,
    /// Why the body could not be read for its hash or its length.
    pub(super) body_error: RefCell<Option<Error>>,
}

impl OutgoingRequest<'_> {
    /// Calls the attempt callback, and then signs the request. So the signature covers the fields that
    /// the callback sets.
    ///
    /// # Errors
    /// [`Code::Cancelled`] if the callback cancels, and the errors of the body and of the signature.
    pub(super) fn authorize(
        &self,
        on_attempt: Option<&AttemptCallback>,
        signer: Option<&AwsSigV4>,
        now: SystemTime,
    ) -> Result<(), Error> {
        if let Some(callback) = on_attempt {
            let may_send = callback(self);
            // First, because a callback without a hash usually cancels.
            if let Some(error) = self.body_error.borrow_mut().take() {
                return Err(error);
            }
            if !may_send {
                return Err(Error::new(Code::Cancelled, "cancelled by the attempt callback"));
            }
        }
        signer.map_or(Ok(()), |signer| self.sign(signer, now))
    }

    /// Signs the request, unless it has other credentials or goes to another origin.
    fn sign(&self, signer: &AwsSigV4, now: SystemTime) -> Result<(), Error> {
        if self.cross_origin || self.has_header(&header::AUTHORIZATION) {
            return Ok(());
        }
        let sha256 = match self.has_header(&AwsSigV4::BODY_SHA256) {
            true => None,
            false => self.read_sha256()?,
        };
        let mut headers = self.headers.borrow_mut();
        let host = match headers.get(header::HOST) {
            Some(host) => host.clone(),
            None => HeaderValue::from_str(host_of(self.uri))
                .map_err(|_| Error::new(Code::Internal, "the host of a URI is no field value"))?,
        };
        let request =
            UnsignedRequest { method: self.method, uri: self.uri, host: &host, time: now, sha256 };
        signer.sign(&request, &mut headers)?;
        if let Some(signed) = headers.get(header::AUTHORIZATION) {
            self.logger.add_secret_header(header::AUTHORIZATION.as_str(), signed);
        }
        Ok(())
    }

    fn has_header(&self, name: &HeaderName) -> bool {
        self.headers.borrow().contains_key(name)
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        self.method
    }

    /// The URI, with its query.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.uri
    }

    /// The path and the query as they are sent.
    #[must_use]
    pub fn target(&self) -> Cow<'_, str> {
        let target = self.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        if target.starts_with('/') {
            return Cow::Borrowed(target);
        }
        Cow::Owned(format!("/{target}"))
    }

    /// The number of the attempt, from 1. A redirect does not begin a new attempt.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The value of a header field as it is sent; `None` if there is no such field. The name may be in
    /// any case. `Host` and the fields that frame the body are there as well.
    /// The value is a copy, which is wiped.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let copy = |value: &[u8]| Zeroizing::new(value.to_vec());
        if name.eq_ignore_ascii_case(header::CONTENT_LENGTH.as_str()) {
            return match self.body_length()? {
                BodyLength::Known(length) => Some(copy(length.to_string().as_bytes())),
                BodyLength::None => expects_body(self.method).then(|| copy(b"0")),
                BodyLength::Unknown => None,
            };
        }
        if name.eq_ignore_ascii_case(header::TRANSFER_ENCODING.as_str()) {
            return (self.body_length()? == BodyLength::Unknown).then(|| copy(b"chunked"));
        }
        let value = self.headers.borrow().get(name).map(|value| copy(value.as_bytes()));
        let is_host = name.eq_ignore_ascii_case(header::HOST.as_str());
        value.or_else(|| is_host.then(|| copy(host_of(self.uri).as_bytes())))
    }

    /// The body, if it is in memory in one piece; empty if there is none.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        match self.body {
            None | Some(Body::None) => Some(&[]),
            Some(body) => body.bytes().ok().flatten(),
        }
    }

    /// The SHA-256 of the body; `None` if it cannot be known. If the body cannot be read, the request
    /// ends with the error after the callback.
    #[must_use]
    pub fn body_sha256(&self) -> Option<[u8; 32]> {
        match self.read_sha256() {
            Ok(sha256) => sha256,
            Err(error) => self.body_failed(error),
        }
    }

    /// Sets a header field for this request alone. The log treats its value as a secret, and its memory
    /// is wiped.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`], which is also logged.
    pub fn set_header(&self, name: &str, value: &str) -> Result<(), Error> {
        self.try_set_header(name, value).inspect_err(|error| self.log_refusal(error))
    }

    fn try_set_header(&self, name: &str, value: &str) -> Result<(), Error> {
        let name = field::parse_name(name)?;
        let value = field::parse_secret_value(&name, value)?;
        self.logger.add_secret_header(name.as_str(), &value);
        self.headers.borrow_mut().insert(name, value);
        Ok(())
    }

    /// Logs why a header field was refused.
    pub fn log_refusal(&self, error: &Error) {
        self.logger.emit(Level::Error, || {
            let (method, url) = (self.method, display_url(&self.uri.to_string()));
            let (code, message) = (error.code.name(), &error.message);
            format!(
                "{method} {url}: a field of the attempt callback was refused: {code}: {message}"
            )
        });
    }

    fn body_length(&self) -> Option<BodyLength> {
        let Some(body) = self.body else { return Some(BodyLength::None) };
        let length = body.length(*self.versions.try_borrow_mut().ok()?);
        length.map_or_else(|error| self.body_failed(error), Some)
    }

    /// The SHA-256 of the body that goes along. The work ends when the call must end.
    fn read_sha256(&self) -> Result<Option<[u8; 32]>, Error> {
        let check = || {
            if self.cancel.is_some_and(Cancel::triggered) {
                return Err(Error::new(Code::Cancelled, "cancelled by the caller"));
            }
            if self.deadline.has_passed(Instant::now()) {
                let message = "time ran out while the body was read for its hash";
                return Err(Error::new(Code::Timeout, message));
            }
            Ok(())
        };
        let Some(body) = self.body else {
            // The versions are those of the call's body, which does not go along.
            return Body::None.sha256(&mut FileVersions::default(), None, &check);
        };
        // Otherwise a body callback that is being read asks for the hash of its body.
        let Ok(mut versions) = self.versions.try_borrow_mut() else { return Ok(None) };
        body.sha256(*versions, self.rewind, &check)
    }

    fn body_failed<T>(&self, error: Error) -> Option<T> {
        self.body_error.borrow_mut().get_or_insert(error);
        None
    }
}

/// Called before each request goes out, after all waits. `false` cancels the call.
pub type AttemptCallback = Arc<dyn Fn(&OutgoingRequest<'_>) -> bool + Send + Sync>;
