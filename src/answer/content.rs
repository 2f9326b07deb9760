//! The memory of a response: the body, and the JSON, which is the body itself if possible.

/// The body. A NUL that is not part of it follows it, for callers in C.
#[derive(Debug)]
pub enum Body {
    /// Bytes that are not UTF-8.
    Bytes(Vec<u8>),
    /// Bytes that are UTF-8.
    Text(String),
}

impl Body {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::Bytes(vec![0])
    }

    /// Takes ownership of the bytes. Copies them only if there is no room for the NUL.
    #[must_use]
    pub fn new(mut bytes: Vec<u8>) -> Self {
        bytes.push(0);
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes(error.into_bytes()),
        }
    }

    /// The bytes, without the NUL.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes_with_nul().split_last().map_or(&[], |(_, bytes)| bytes)
    }

    /// The bytes with the NUL. Pointers for C come from here, because a pointer from the bytes
    /// without the NUL must not be used to read the NUL.
    #[must_use]
    pub fn bytes_with_nul(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
        }
    }

    /// The text without the NUL, if it is UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Bytes(_) => None,
            Self::Text(text) => text.strip_suffix('\0'),
        }
    }
}

/// The JSON text. A NUL follows it, for callers in C.
#[derive(Debug)]
pub enum Json {
    /// `{}`.
    Empty,
    /// The unchanged body.
    SameAsBody,
    /// A separate text, with the NUL.
    Owned(String),
}

impl Json {
    /// A separate text. Copies it only if there is no room for the NUL.
    #[must_use]
    pub fn owned(mut text: String) -> Self {
        text.push('\0');
        Self::Owned(text)
    }

    /// The text without the NUL. `body` is the body of the same response.
    #[must_use]
    pub fn text<'a>(&'a self, body: &'a Body) -> &'a str {
        let text = self.text_with_nul(body);
        text.strip_suffix('\0').unwrap_or(text)
    }

    /// The text with the NUL; see [`Body::bytes_with_nul`].
    #[must_use]
    pub fn text_with_nul<'a>(&'a self, body: &'a Body) -> &'a str {
        match (self, body) {
            (Self::Owned(text), _) | (Self::SameAsBody, Body::Text(text)) => text,
            (Self::Empty | Self::SameAsBody, _) => "{}\0",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_follows_body_and_json_and_is_part_of_neither() {
        for bytes in [&b""[..], b"[1]", b"\xff\x00"] {
            let body = Body::new(bytes.to_vec());
            assert_eq!(body.bytes(), bytes);
        }
        let body = Body::new(b"[1]".to_vec());
        assert_eq!(Json::SameAsBody.text(&body), "[1]");
        assert_eq!(Json::Empty.text(&body), "{}");
        assert_eq!(Json::owned("{\"a\":1}".into()).text(&body), "{\"a\":1}");
    }

    #[test]
    fn a_body_with_room_for_the_nul_is_not_copied() {
        let mut bytes = Vec::with_capacity(8);
        bytes.extend_from_slice(b"[1, 2]");
        let address = bytes.as_ptr();
        assert_eq!(Body::new(bytes).bytes().as_ptr(), address);
    }
}
