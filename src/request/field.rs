//! Header fields as callers give them (RFC 9110 section 5).

use http::uri::Authority;
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
pub fn parse_name(text: &str) -> Result<HeaderName, Error> {
    let name = HeaderName::from_bytes(text.as_bytes()).map_err(|_| invalid_name(text))?;
    if RESERVED.contains(&name.as_str()) {
        let message = format!("the header field {name} frames the message and cannot be set");
        return Err(Error::new(Code::InvalidHeader, message));
    }
    Ok(name)
}

/// Tells of a name up to what makes it none: behind that may stand a value, and a secret.
fn invalid_name(text: &str) -> Error {
    let end = text.find(|character: char| {
        !character.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(character)
    });
    let start = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    let message = match (start, end) {
        (_, None) => "the header field name is empty or too long".to_owned(),
        ("", _) => "the header field name is not a token".to_owned(),
        _ => format!("the header field name that begins with {start} is not a token"),
    };
    Error::new(Code::InvalidHeader, message)
}

/// A field value: UTF-8 without control characters, but for tabs; that of `Host` a host, and a port
/// where it has one (RFC 9110 section 7.2); that of `Expect` the one that there is (section 10.1.1).
///
/// # Errors
/// [`Code::InvalidHeader`]; the text does not hold the value, which may be a secret.
pub fn parse_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Error> {
    let refused = |what| {
        let message = format!("the value of the header field {name} {what}");
        Error::new(Code::InvalidHeader, message)
    };
    if *name == header::HOST && !is_host(text) {
        return Err(refused("is no host with or without a port"));
    }
    if *name == header::EXPECT && !text.eq_ignore_ascii_case("100-continue") {
        return Err(refused("is not 100-continue"));
    }
    let value = HeaderValue::from_bytes(text.as_bytes());
    value.map_err(|_| refused("holds a control character"))
}

/// What the authority of a URL is without userinfo. A request has one `Host` that is not empty, as
/// every http and https URL has a host (RFC 9110 section 4.2).
fn is_host(text: &str) -> bool {
    Authority::try_from(text).is_ok_and(|authority| {
        let port = text.strip_prefix(authority.host());
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        !authority.host().is_empty()
            && port
                .is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
    })
}

/// A media type: a field value that is not empty.
///
/// # Errors
/// [`Code::InvalidHeader`].
pub fn parse_media_type(text: &str) -> Result<HeaderValue, Error> {
    let value = parse_value(&header::CONTENT_TYPE, text)?;
    if value.is_empty() {
        return Err(Error::new(Code::InvalidHeader, "the content type is empty"));
    }
    Ok(value)
}

/// A method (RFC 9110 section 9.1); methods are case-sensitive, so `get` is not `GET`.
///
/// # Errors
/// [`Code::InvalidMethod`] where it is no token, or is `CONNECT`, which makes a tunnel and no request.
pub fn parse_method(text: &str) -> Result<Method, Error> {
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
            assert_eq!(parse_name(reserved).unwrap_err().code, Code::InvalidHeader, "{reserved}");
        }
        assert_eq!(parse_name("Host").unwrap(), "host");
    }

    #[test]
    fn a_name_that_is_none_is_told_up_to_what_makes_it_none() {
        for (bad, told) in [
            ("", "the header field name is empty or too long"),
            ("X Id", "the header field name that begins with X is not a token"),
            ("Authorization: Bearer s3cret", "begins with Authorization is not"),
            ("X-Grün", "begins with X-Gr is not"),
            ("\r\nX", "the header field name is not a token"),
        ] {
            let error = parse_name(bad).unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{bad:?}");
            assert!(error.message.contains(told) && !error.message.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_value_that_is_refused_is_not_repeated_and_its_field_is_named() {
        for (field, bad) in [("X-Key", "s3cret\n"), ("Host", "s3cret host"), ("Host", "")] {
            let error = parse_value(&parse_name(field).unwrap(), bad).unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{field}: {bad:?}");
            let named = error.message.contains(&format!("field {} ", field.to_lowercase()));
            assert!(named && !error.message.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn host_is_a_host_with_or_without_a_port() {
        let host = parse_name("Host").unwrap();
        for good in ["a", "api.demo.example", "a_b.example:8080", "[::1]", "[::1]:443", "a:"] {
            assert_eq!(parse_value(&host, good).unwrap(), good);
        }
        for bad in [
            "",
            " ",
            "a b",
            " a",
            "a ",
            "a\tb",
            ":80",
            "a:b",
            "a:80:80",
            "a, b",
            "u@a",
            "a/b",
            "a?b",
            "a#b",
            "http://a",
            "::1",
            "[::1",
            "[::1]80",
            "grün.example",
        ] {
            let refused = parse_value(&host, bad);
            assert_eq!(refused.map_err(|error| error.code), Err(Code::InvalidHeader), "{bad:?}");
        }
    }

    #[test]
    fn what_is_expected_is_100_continue() {
        let expect = parse_name("Expect").unwrap();
        for good in ["100-continue", "100-Continue"] {
            assert_eq!(parse_value(&expect, good).unwrap(), good);
        }
        for bad in ["", "100", "100-continue, x", " 100-continue", "200-ok"] {
            assert_eq!(parse_value(&expect, bad).unwrap_err().code, Code::InvalidHeader, "{bad:?}");
        }
    }

    #[test]
    fn a_value_cannot_smuggle_a_line() {
        let header = parse_name("X-Id").unwrap();
        for bad in ["a\r\nb: c", "a\nb", "a\0", "\u{7f}"] {
            assert_eq!(parse_value(&header, bad).unwrap_err().code, Code::InvalidHeader, "{bad:?}");
        }
        assert_eq!(parse_value(&header, "grün\t日").unwrap().as_bytes(), "grün\t日".as_bytes());
        assert_eq!(parse_value(&header, "").unwrap(), "");
    }

    #[test]
    fn a_method_is_a_token_and_no_tunnel() {
        assert_eq!(parse_method("PROPFIND").unwrap().as_str(), "PROPFIND");
        for bad in ["", "GE T", "GET\r\n", "CONNECT", "GÉT"] {
            assert_eq!(parse_method(bad).unwrap_err().code, Code::InvalidMethod, "{bad:?}");
        }
    }
}
