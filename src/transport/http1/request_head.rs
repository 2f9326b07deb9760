//! Writes the head of a request (RFC 9112 section 3).

use std::io::{self, Write};

use http::Uri;
use http::header::{CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};

use crate::transport::options::RequestHead;

/// The head of a request (RFC 9112 section 3).
///
/// The types guarantee that nothing in it ends a line or a field: a [`Method`](http::Method) is a
/// token, a [`Uri`] has no spaces, a [`HeaderName`](http::HeaderName) is a token, and a
/// [`HeaderValue`](http::HeaderValue) has no control character except tabs. Only this code writes
/// the fields that frame the message or name the host.
pub(in crate::transport) struct HeadWriter<'a> {
    pub(in crate::transport) request: RequestHead<'a>,
    /// The part before the path, for a proxy that forwards the request (RFC 9112 section 3.2.2).
    pub(in crate::transport) origin: &'a str,
    /// The field with the credentials for that proxy, with its line end.
    pub(in crate::transport) authorization: &'a str,
    /// How the body ends.
    pub(in crate::transport) framing: BodyFraming,
    /// Send `Expect`, because the body waits for the server.
    pub(in crate::transport) expects_continue: bool,
}

/// How the body of a request ends (RFC 9112 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum BodyFraming {
    /// There is no body.
    None,
    /// After this many bytes.
    Length(u64),
    /// With a chunk of length 0.
    Chunked,
}

impl HeadWriter<'_> {
    /// An upper limit of its length.
    pub(in crate::transport) fn max_length(&self) -> usize {
        const REST: usize = 128;
        let uri = self.request.uri;
        let target = uri.path_and_query().map_or(0, |path| path.as_str().len());
        let fields =
            self.request.headers.iter().map(|(name, value)| {
                name.as_str().len().saturating_add(value.len()).saturating_add(4)
            });
        let parts = [
            self.request.method.as_str().len(),
            target,
            uri.authority().map_or(0, |authority| authority.as_str().len()),
            self.origin.len(),
            self.authorization.len(),
        ];
        parts.into_iter().chain(fields).fold(REST, usize::saturating_add)
    }

    pub(in crate::transport) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (method, uri) = (self.request.method, self.request.uri);
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        out.write_all(method.as_str().as_bytes())?;
        out.write_all(b" ")?;
        out.write_all(self.origin.as_bytes())?;
        if !path.starts_with('/') {
            out.write_all(b"/")?;
        }
        out.write_all(path.as_bytes())?;
        out.write_all(b" HTTP/1.1\r\n")?;
        self.write_fields(out)?;
        match self.framing {
            BodyFraming::None => {}
            BodyFraming::Length(length) => write!(out, "content-length: {length}\r\n")?,
            BodyFraming::Chunked => out.write_all(b"transfer-encoding: chunked\r\n")?,
        }
        out.write_all(b"\r\n")
    }

    /// Writes `Host` first (RFC 9110 section 7.2), and only once.
    fn write_fields(&self, out: &mut impl Write) -> io::Result<()> {
        let headers = self.request.headers;
        match headers.get(HOST) {
            Some(host) => write_field("host", host.as_bytes(), out)?,
            None => write_field("host", host_of(self.request.uri).as_bytes(), out)?,
        }
        out.write_all(self.authorization.as_bytes())?;
        for (name, value) in headers {
            if *name == EXPECT && !self.expects_continue
                || [HOST, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name)
            {
                continue;
            }
            write_field(name.as_str(), value.as_bytes(), out)?;
        }
        Ok(())
    }
}

fn write_field(name: &str, value: &[u8], out: &mut impl Write) -> io::Result<()> {
    out.write_all(name.as_bytes())?;
    out.write_all(b": ")?;
    out.write_all(value)?;
    out.write_all(b"\r\n")
}

/// The host and port of a URI, without userinfo: the value of `Host`.
#[must_use]
pub fn host_of(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}
