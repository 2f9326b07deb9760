//! The body of a request.

use std::sync::Arc;

use http::HeaderValue;
use url::form_urlencoded;

use crate::code::{Code, Error};

use super::body_reader::{BodyReader, FileVersions};
use super::json::{JsonBody, JsonValue};
use super::multipart::{Multipart, PartHead};
use super::output::{BodyCallback, RewindCallback};

/// The body of a request, which has one kind.
#[derive(Clone, Default)]
pub enum Body {
    /// No body.
    #[default]
    None,
    /// JSON.
    Json(JsonBody),
    /// The encoded fields of a form (`application/x-www-form-urlencoded`).
    Form(String),
    /// Bytes, with a media type from the caller.
    Bytes {
        /// The `Content-Type`.
        content_type: HeaderValue,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
    /// A file that is read while it is sent.
    File {
        /// The `Content-Type`.
        content_type: HeaderValue,
        /// The path of the file.
        path: Arc<str>,
    },
    /// Bytes that a callback writes while they are sent.
    Callback {
        /// The `Content-Type`.
        content_type: HeaderValue,
        /// The length in bytes, if it is known.
        length: Option<u64>,
        /// Writes the bytes.
        callback: BodyCallback,
    },
    /// Fields and files of a form (`multipart/form-data`).
    Multipart(Multipart),
}

impl Body {
    /// A JSON text as a body. It is sent unchanged.
    ///
    /// # Errors
    /// [`Code::InvalidJson`] if it is not well-formed.
    pub fn json(text: &str) -> Result<Self, Error> {
        JsonBody::from_text(text).map(Self::Json)
    }

    /// Sets a value of the JSON body, which the first value creates.
    ///
    /// # Errors
    /// Same as [`JsonBody::set`]; [`Code::InvalidArgument`] also if there is a body of another kind.
    pub fn set_json_value(&mut self, pointer: &str, value: &JsonValue<'_>) -> Result<(), Error> {
        match self {
            Self::Json(json) => json.set(pointer, value),
            Self::None => {
                let mut json = JsonBody::default();
                json.set(pointer, value)?;
                *self = Self::Json(json);
                Ok(())
            }
            other => Err(other.conflict("a JSON body")),
        }
    }

    /// Adds a field to a form, which the first field creates.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if there is a body of another kind.
    pub fn add_form_field(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if matches!(self, Self::None) {
            *self = Self::Form(String::new());
        }
        let Self::Form(fields) = self else { return Err(self.conflict("form fields")) };
        form_urlencoded::Serializer::new(fields).append_pair(name, value);
        Ok(())
    }

    /// Adds a part to a multipart form, which the first part creates.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if there is a body of another kind; [`Code::InvalidHeader`] if the
    /// media type is not a valid field value.
    pub fn add_part(&mut self, head: &PartHead<'_>, bytes: &[u8]) -> Result<(), Error> {
        self.multipart()?.add_bytes(head, bytes)
    }

    /// The same with a file, which is read while it is sent.
    ///
    /// # Errors
    /// Same as [`Body::add_part`].
    pub fn add_part_file(&mut self, head: &PartHead<'_>, path: &str) -> Result<(), Error> {
        self.multipart()?.add_file(head, path)
    }

    fn multipart(&mut self) -> Result<&mut Multipart, Error> {
        if matches!(self, Self::None) {
            *self = Self::Multipart(Multipart::new()?);
        }
        match self {
            Self::Multipart(form) => Ok(form),
            other => Err(other.conflict("parts of a form")),
        }
    }

    /// Opens a body that is read while it is sent; `None` for a body in memory.
    ///
    /// # Errors
    /// [`Code::File`] if a file cannot be read, or has changed since the first attempt;
    /// [`Code::InvalidArgument`] if a callback cannot begin again.
    pub fn open(
        &self,
        versions: &mut FileVersions,
        rewind: Option<&RewindCallback>,
    ) -> Result<Option<BodyReader>, Error> {
        match self {
            Self::Callback { callback, length, .. } => {
                versions.begin_callback(rewind)?;
                let mut reader = BodyReader::default();
                reader.push_callback(callback, *length, versions);
                Ok(Some(reader))
            }
            Self::File { path, .. } => {
                let mut reader = BodyReader::default();
                reader.push_file(path, versions)?;
                Ok(Some(reader))
            }
            Self::Multipart(form) => form.open(versions).map(Some),
            _ => Ok(None),
        }
    }

    /// Opens a body of any kind, as one that is read while it is sent; `None` if there is no body.
    ///
    /// # Errors
    /// Same as [`Body::open`] and [`Body::bytes`].
    pub fn open_any(
        &self,
        versions: &mut FileVersions,
        rewind: Option<&RewindCallback>,
    ) -> Result<Option<BodyReader>, Error> {
        let Some(bytes) = self.bytes()? else { return self.open(versions, rewind) };
        let mut reader = BodyReader::default();
        reader.push_bytes(match self {
            Self::Bytes { bytes, .. } => Arc::clone(bytes),
            _ => bytes.into(),
        });
        Ok(Some(reader))
    }

    /// The bytes to send, if they are in memory in one piece.
    ///
    /// # Errors
    /// [`Code::TooLarge`] if there is not enough memory to make them.
    pub fn bytes(&self) -> Result<Option<&[u8]>, Error> {
        Ok(match self {
            Self::None | Self::File { .. } | Self::Callback { .. } | Self::Multipart(_) => None,
            Self::Json(json) => Some(json.text()?.as_bytes()),
            Self::Bytes { bytes, .. } => Some(bytes),
            Self::Form(fields) => Some(fields.as_bytes()),
        })
    }

    /// The `Content-Type` of the body.
    #[must_use]
    pub fn content_type(&self) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Json(_) => Some(HeaderValue::from_static("application/json")),
            Self::Form(_) => Some(HeaderValue::from_static("application/x-www-form-urlencoded")),
            Self::Bytes { content_type, .. }
            | Self::File { content_type, .. }
            | Self::Callback { content_type, .. } => Some(content_type.clone()),
            Self::Multipart(form) => Some(form.content_type()),
        }
    }

    /// Whether the caller has set the type.
    #[must_use]
    pub fn has_caller_content_type(&self) -> bool {
        !matches!(self, Self::None | Self::Json(_) | Self::Form(_))
    }

    /// Whether the type must be that of this body, because it contains the boundary.
    #[must_use]
    pub fn requires_content_type(&self) -> bool {
        matches!(self, Self::Multipart(_))
    }

    /// Sets the body, if there is none or one of the same kind.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if there is a body of another kind.
    pub fn replace_with(&mut self, new: Self) -> Result<(), Error> {
        let same_kind = std::mem::discriminant(self) == std::mem::discriminant(&new);
        if !same_kind && !matches!(self, Self::None) {
            return Err(self.conflict(new.kind()));
        }
        *self = new;
        Ok(())
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::None => "no body",
            Self::Json(_) => "a JSON body",
            Self::Form(_) => "form fields",
            Self::Bytes { .. } => "a body of bytes",
            Self::File { .. } => "a body from a file",
            Self::Callback { .. } => "a body callback",
            Self::Multipart(_) => "parts of a form",
        }
    }

    fn conflict(&self, other: &str) -> Error {
        Error::new(
            Code::InvalidArgument,
            format!("the request has {} and cannot also have {other}", self.kind()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_fields_are_form_encoded() {
        let mut body = Body::None;
        body.add_form_field("a b", "1&2").unwrap();
        body.add_form_field("ü", "").unwrap();
        assert_eq!(body.bytes().unwrap().unwrap(), b"a+b=1%262&%C3%BC=");
    }

    #[test]
    fn a_body_of_one_kind_excludes_another() {
        let mut body = Body::json("{}").unwrap();
        assert_eq!(body.add_form_field("a", "b").unwrap_err().code, Code::InvalidArgument);
        let mut form = Body::Form(String::new());
        let error = form.set_json_value("/a", &JsonValue::Null).unwrap_err();
        assert_eq!(error.code, Code::InvalidArgument);
        body.replace_with(Body::json("[1]").unwrap()).unwrap();
        assert_eq!(body.bytes().unwrap().unwrap(), b"[1]");
    }

    #[test]
    fn the_first_value_creates_a_json_body() {
        let mut body = Body::None;
        assert!(body.set_json_value("a", &JsonValue::Null).is_err());
        assert!(matches!(body, Body::None));
        body.set_json_value("/a", &JsonValue::Null).unwrap();
        assert_eq!(body.bytes().unwrap().unwrap(), b"{\"a\":null}");
        assert_eq!(body.content_type().unwrap(), "application/json");
    }

    #[test]
    fn json_is_checked_and_sent_unchanged() {
        let text = " {\"n\": 1.10, \"n\": 340282366920938463463374607431768211455} ";
        assert_eq!(Body::json(text).unwrap().bytes(), Ok(Some(text.as_bytes())));
        for bad in ["", "{", "{'a':1}", "nul", "[1,]"] {
            assert_eq!(Body::json(bad).map(|_| ()).unwrap_err().code, Code::InvalidJson, "{bad}");
        }
    }
}
