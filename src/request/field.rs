//! Header fields as callers give them (RFC 9110 section 5).

use http::{HeaderName, HeaderValue, Method, header};

use crate::code::{Code, Error};

/// Fields that belong to the connection or frame the message: the library's affair alone. A caller
/// who could set them could desynchronise the connection (RFC 9112 section 11.2).
const RESERVED: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A field name that a caller may set.
///
/// # Errors
/// [`Code::InvalidHeader`] where it is no token, or frames the message.
pub fn name(text: &str) -> Result<HeaderName, Error> {
    let name = HeaderName::from_bytes(text.as_bytes())
        .map_err(|_| Error::new(Code::InvalidHeader, "the header field name is not a token"))?;
    if RESERVED.contains(&name.as_str()) {
        let message = format!("the header field {name} frames the message and cannot be set");
        return Err(Error::new(Code::InvalidHeader, message));
    }
    Ok(name)
}

/// A field value: UTF-8 without control characters, but for tabs.
///
/// # Errors
/// [`Code::InvalidHeader`]; the text does not hold the value, which may be a secret.
pub fn value(name: &HeaderName, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        let message = format!("the value of the header field {name} holds a control character");
        Error::new(Code::InvalidHeader, message)
    })
}

/// A media type: a field value that is not empty.
///
/// # Errors
/// [`Code::InvalidHeader`].
pub fn media_type(text: &str) -> Result<HeaderValue, Error> {
    let value = value(&header::CONTENT_TYPE, text)?;
    if value.is_empty() {
        return Err(Error::new(Code::InvalidHeader, "the content type is empty"));
    }
    Ok(value)
}

/// A method (RFC 9110 section 9.1); methods are case-sensitive, so `get` is not `GET`.
///
/// # Errors
/// [`Code::InvalidMethod`] where it is no token, or is `CONNECT`, which makes a tunnel and no request.
pub fn method(text: &str) -> Result<Method, Error> {
    let method = Method::from_bytes(text.as_bytes())
        .map_err(|_| Error::new(Code::InvalidMethod, "the method is not a token"))?;
    if method == Method::CONNECT {
        return Err(Error::new(
            Code::InvalidMethod,
            "CONNECT makes a tunnel and cannot be sent as a request",
        ));
    }
    Ok(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_frames_the_message_cannot_be_set() {
        for reserved in ["Content-Length", "transfer-encoding", "CONNECTION", "Upgrade"] {
            assert_eq!(name(reserved).unwrap_err().code, Code::InvalidHeader, "{reserved}");
        }
        assert_eq!(name("Host").unwrap(), "host");
    }

    #[test]
    fn a_value_cannot_smuggle_a_line() {
        let header = name("X-Id").unwrap();
        for bad in ["a\r\nb: c", "a\nb", "a\0", "\u{7f}"] {
            assert_eq!(value(&header, bad).unwrap_err().code, Code::InvalidHeader, "{bad:?}");
        }
        assert_eq!(value(&header, "grün\t日").unwrap().as_bytes(), "grün\t日".as_bytes());
        assert_eq!(value(&header, "").unwrap(), "");
    }

    #[test]
    fn a_method_is_a_token_and_no_tunnel() {
        assert_eq!(method("PROPFIND").unwrap().as_str(), "PROPFIND");
        for bad in ["", "GE T", "GET\r\n", "CONNECT", "GÉT"] {
            assert_eq!(method(bad).unwrap_err().code, Code::InvalidMethod, "{bad:?}");
        }
    }
}
