//! The body of a request.

use std::sync::Arc;

use http::HeaderValue;
use url::form_urlencoded;

use crate::code::{Code, Error};

use super::body_reader::{BodyReader, FileVersions};
use super::multipart::{Multipart, PartHead};

/// What a request carries. Kinds exclude each other.
#[derive(Clone, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// A JSON text that has been checked.
    Json(Arc<[u8]>),
    /// Fields of a form, encoded (`application/x-www-form-urlencoded`).
    Form(String),
    /// Bytes of a type that the caller names.
    Bytes {
        /// The `Content-Type`.
        content_type: HeaderValue,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
    /// A file, read when it is sent.
    File {
        /// The `Content-Type`.
        content_type: HeaderValue,
        /// Where it lies.
        path: Arc<str>,
    },
    /// Fields and files of a form (`multipart/form-data`).
    Multipart(Multipart),
}

impl Body {
    /// A JSON text as a body; it goes out as it stands.
    ///
    /// # Errors
    /// [`Code::InvalidJson`] where it is not well-formed.
    pub fn json(text: &str) -> Result<Self, Error> {
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Ok(Self::Json(text.as_bytes().into())),
            Err(error) => Err(Error::new(
                Code::InvalidJson,
                format!("the JSON to send is not well-formed: {error}"),
            )),
        }
    }

    /// Adds a field to a form, which begins with its first field.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] where there is a body of another kind.
    pub fn add_form_field(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if matches!(self, Self::None) {
            *self = Self::Form(String::new());
        }
        let Self::Form(fields) = self else { return Err(self.conflict("form fields")) };
        form_urlencoded::Serializer::new(fields).append_pair(name, value);
        Ok(())
    }

    /// Adds a part to a multipart form, which begins with its first part.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] where there is a body of another kind, [`Code::InvalidHeader`]
    /// where the media type is no field value.
    pub fn add_part(&mut self, head: &PartHead<'_>, bytes: &[u8]) -> Result<(), Error> {
        self.multipart()?.add_bytes(head, bytes)
    }

    /// The same with a file, which is read when it is sent.
    ///
    /// # Errors
    /// As [`Body::add_part`].
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

    /// Opens a body that is read while it is sent; `None` for one that lies in memory.
    ///
    /// # Errors
    /// [`Code::File`] where a file cannot be read, or is not what it was at the first sending.
    pub fn open<'a>(&'a self, before: &mut FileVersions) -> Result<Option<BodyReader<'a>>, Error> {
        match self {
            Self::File { path, .. } => {
                let mut source = BodyReader::default();
                source.push_file(path, before)?;
                Ok(Some(source))
            }
            Self::Multipart(form) => form.open(before).map(Some),
            _ => Ok(None),
        }
    }

    /// The bytes to send, where they lie in memory in one piece.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::None | Self::File { .. } | Self::Multipart(_) => None,
            Self::Json(bytes) | Self::Bytes { bytes, .. } => Some(bytes),
            Self::Form(fields) => Some(fields.as_bytes()),
        }
    }

    /// The `Content-Type` that goes with it.
    #[must_use]
    pub fn content_type(&self) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Json(_) => Some(HeaderValue::from_static("application/json")),
            Self::Form(_) => Some(HeaderValue::from_static("application/x-www-form-urlencoded")),
            Self::Bytes { content_type, .. } | Self::File { content_type, .. } => {
                Some(content_type.clone())
            }
            Self::Multipart(form) => Some(form.content_type()),
        }
    }

    /// Whether the caller has named the type.
    #[must_use]
    pub fn has_caller_content_type(&self) -> bool {
        matches!(self, Self::Bytes { .. } | Self::File { .. } | Self::Multipart(_))
    }

    /// Whether nobody but this body can say what its type is.
    #[must_use]
    pub fn requires_content_type(&self) -> bool {
        matches!(self, Self::Multipart(_))
    }

    /// Replaces a body of the same kind, or none.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] where there is a body of another kind.
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
            Self::Multipart(_) => "parts of a form",
        }
    }

    fn conflict(&self, other: &str) -> Error {
        Error::new(
            Code::InvalidArgument,
            format!("a request that has {} cannot have {other} too", self.kind()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_fields_are_encoded_as_forms_are() {
        let mut body = Body::None;
        body.add_form_field("a b", "1&2").unwrap();
        body.add_form_field("ü", "").unwrap();
        assert_eq!(body.bytes().unwrap(), b"a+b=1%262&%C3%BC=");
    }

    #[test]
    fn a_body_of_one_kind_excludes_another() {
        let mut body = Body::json("{}").unwrap();
        assert_eq!(body.add_form_field("a", "b").unwrap_err().code, Code::InvalidArgument);
        body.replace_with(Body::json("[1]").unwrap()).unwrap();
        assert_eq!(body.bytes().unwrap(), b"[1]");
    }

    #[test]
    fn json_is_checked_but_not_touched() {
        let text = " {\"n\": 1.10, \"n\": 340282366920938463463374607431768211455} ";
        assert_eq!(Body::json(text).unwrap().bytes().unwrap(), text.as_bytes());
        for bad in ["", "{", "{'a':1}", "nul", "[1,]"] {
            assert_eq!(Body::json(bad).map(|_| ()).unwrap_err().code, Code::InvalidJson, "{bad}");
        }
    }
}
