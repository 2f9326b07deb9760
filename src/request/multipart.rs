//! Forms with files: `multipart/form-data` (RFC 7578).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use http::HeaderValue;

use crate::code::{Code, Error};

use super::body_reader::{BodyReader, FileVersions};
use super::field;

/// A form whose fields are parts, each with a header section.
#[derive(Clone)]
pub struct Multipart {
    boundary: Boundary,
    parts: Vec<Part>,
}

/// The separator of the parts. All texts that contain it are prepared, so that sending formats
/// nothing.
#[derive(Clone)]
struct Boundary {
    content_type: HeaderValue,
    text: String,
    /// The end of the form.
    last: Arc<[u8]>,
}

#[derive(Clone)]
struct Part {
    /// The boundary before the part, and its header section.
    head: Arc<[u8]>,
    content: PartContent,
}

#[derive(Clone)]
enum PartContent {
    Bytes(Arc<[u8]>),
    File(Arc<str>),
}

/// The header section of a part.
#[derive(Debug, Clone, Copy)]
pub struct PartHead<'a> {
    /// The name of the field.
    pub name: &'a str,
    /// The name of the file, if the part is a file.
    pub file_name: Option<&'a str>,
    /// The media type. Without one, a file is `application/octet-stream`, and a field is text (RFC
    /// 7578 section 4.4).
    pub content_type: Option<&'a str>,
}

impl Multipart {
    /// A form without parts, with a boundary that cannot be predicted.
    pub(super) fn new() -> Result<Self, Error> {
        let text = random_boundary();
        let content_type = HeaderValue::from_str(&format!("multipart/form-data; boundary={text}"))
            .map_err(|_| Error::new(Code::Internal, "the boundary is not a field value"))?;
        let last = format!("\r\n--{text}--\r\n").into_bytes().into();
        Ok(Self { boundary: Boundary { content_type, text, last }, parts: Vec::new() })
    }

    /// Adds a part whose content is copied.
    pub(super) fn add_bytes(&mut self, head: &PartHead<'_>, bytes: &[u8]) -> Result<(), Error> {
        self.add(head, PartContent::Bytes(bytes.into()))
    }

    /// Adds a part whose content is read from a file when it is sent.
    pub(super) fn add_file(&mut self, head: &PartHead<'_>, path: &str) -> Result<(), Error> {
        self.add(head, PartContent::File(path.into()))
    }

    fn add(&mut self, head: &PartHead<'_>, content: PartContent) -> Result<(), Error> {
        let first = self.parts.is_empty();
        let head = part_header(&self.boundary.text, first, head)?;
        self.parts.push(Part { head: head.into_bytes().into(), content });
        Ok(())
    }

    /// The `Content-Type` with the boundary.
    pub(super) fn content_type(&self) -> HeaderValue {
        self.boundary.content_type.clone()
    }

    /// Opens the form for one attempt.
    pub(super) fn open(&self, versions: &mut FileVersions) -> Result<BodyReader, Error> {
        let mut reader = BodyReader::default();
        for part in &self.parts {
            reader.push_bytes(Arc::clone(&part.head));
            match &part.content {
                PartContent::Bytes(bytes) => reader.push_bytes(Arc::clone(bytes)),
                PartContent::File(path) => reader.push_file(path, versions)?,
            }
        }
        reader.push_bytes(Arc::clone(&self.boundary.last));
        Ok(reader)
    }
}

/// A boundary of 128 bits, hashed with random keys from the system. The author of a file could
/// otherwise predict the boundary and add parts to the form.
fn random_boundary() -> String {
    let random = || RandomState::new().hash_one(std::time::Instant::now());
    format!("sac-{:016x}{:016x}", random(), random())
}

fn part_header(boundary: &str, first: bool, head: &PartHead<'_>) -> Result<String, Error> {
    let mut text = if first { String::new() } else { "\r\n".to_owned() };
    text.push_str("--");
    text.push_str(boundary);
    text.push_str("\r\nContent-Disposition: form-data; name=\"");
    text.push_str(&escape_name(head.name));
    text.push('"');
    if let Some(file_name) = head.file_name {
        text.push_str("; filename=\"");
        text.push_str(&escape_name(file_name));
        text.push('"');
    }
    let default = head.file_name.map(|_| "application/octet-stream");
    if let Some(content_type) = head.content_type.or(default) {
        field::parse_media_type(content_type)?;
        text.push_str("\r\nContent-Type: ");
        text.push_str(content_type);
    }
    text.push_str("\r\n\r\n");
    Ok(text)
}

/// Escapes a name as browsers do (HTML, "multipart/form-data encoding algorithm"): UTF-8 stays
/// unchanged, and characters that would end the quotes or the line are percent-encoded. RFC 7578
/// section 4.2 forbids `filename*`, and servers do not agree on backslashes.
fn escape_name(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The last component of a path, which is the file name that a server receives.
#[must_use]
pub fn file_name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(form: &Multipart) -> String {
        let mut reader = form.open(&mut FileVersions::default()).unwrap();
        let (mut text, mut buffer) = (Vec::new(), [0; 64]);
        while let read @ 1.. = reader.read(&mut buffer).unwrap() {
            text.extend_from_slice(&buffer[..read]);
        }
        assert_eq!(
            Some(text.len() as u64),
            reader.length(),
            "the length is not that of the content"
        );
        String::from_utf8(text).unwrap()
    }

    fn head<'a>(name: &'a str, file_name: Option<&'a str>) -> PartHead<'a> {
        PartHead { name, file_name, content_type: None }
    }

    #[test]
    fn a_form_is_encoded_as_in_rfc_7578() {
        let mut form = Multipart::new().unwrap();
        form.add_bytes(&head("field", None), b"value").unwrap();
        let typed = PartHead { content_type: Some("text/csv"), ..head("f", Some("a.csv")) };
        form.add_bytes(&typed, b"1,2\r\n").unwrap();
        form.add_bytes(&head("g", Some("b")), b"").unwrap();
        let boundary = form.boundary.text.clone();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n1,2\r\n\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"g\"; filename=\"b\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
        );
        assert_eq!(encoded(&form), expected);
        let expected_type = format!("multipart/form-data; boundary={boundary}");
        assert_eq!(form.content_type(), expected_type.as_str());
    }

    #[test]
    fn a_name_cannot_end_its_quotes_or_its_line() {
        let mut form = Multipart::new().unwrap();
        form.add_bytes(&head("a\"b\r\nX: y", Some("grün \"日\".txt")), b"").unwrap();
        let text = encoded(&form);
        assert!(text.contains("name=\"a%22b%0D%0AX: y\""), "{text}");
        assert!(text.contains("filename=\"grün %22日%22.txt\""), "{text}");
    }

    #[test]
    fn a_media_type_contains_no_line_break_and_is_not_empty() {
        let mut form = Multipart::new().unwrap();
        for bad in ["a/b\r\nX: y", ""] {
            let bad = PartHead { content_type: Some(bad), ..head("a", None) };
            assert_eq!(form.add_bytes(&bad, b"").unwrap_err().code, Code::InvalidHeader, "{bad:?}");
        }
    }

    #[test]
    fn two_forms_have_different_boundaries() {
        let boundary = || Multipart::new().unwrap().boundary.text;
        assert_ne!(boundary(), boundary());
    }

    #[test]
    fn a_server_receives_the_name_of_a_file_without_its_directory() {
        assert_eq!(file_name_of("/home/x/report.pdf"), "report.pdf");
        assert_eq!(file_name_of("report.pdf"), "report.pdf");
    }
}
