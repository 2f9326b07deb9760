//! Checks header fields and methods from callers (RFC 9110 sections 5 and 9).

use http::uri::Authority;
use http::{HeaderName, HeaderValue, Method, header};
use zeroize::Zeroizing;

use crate::code::{Code, Error};
use crate::log::header_value;

/// Fields that control the connection or frame the message, so that only the library sets them. A
/// caller could otherwise desynchronise the connection (RFC 9112 section 11.2).
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

/// Parses the name of a field that a caller may set.
///
/// # Errors
/// [`Code::InvalidHeader`] if it is not a token, or frames the message.
pub fn parse_name(text: &str) -> Result<HeaderName, Error> {
    let name = HeaderName::from_bytes(text.as_bytes()).map_err(|_| invalid_name(text))?;
    if RESERVED.contains(&name.as_str()) {
        let message = format!("the header field {name} frames the message and cannot be set");
        return Err(Error::new(Code::InvalidHeader, message));
    }
    Ok(name)
}

/// The error for a malformed name. It repeats only the valid beginning, because a secret may follow
/// it.
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

/// Parses a field value: UTF-8 without control characters other than tabs. The value of `Host` is a
/// host with an optional port (RFC 9110 section 7.2), and that of `Expect` is `100-continue`
/// (section 10.1.1).
///
/// # Errors
/// [`Code::InvalidHeader`]; the message does not contain the value, which may be a secret.
pub fn parse_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Error> {
    check_value(name, text)?;
    let value = HeaderValue::from_bytes(text.as_bytes());
    value.map_err(|_| refused(name, "contains a control character"))
}

/// The same for a secret, whose memory is wiped with the last clone of the value.
///
/// # Errors
/// Same as [`parse_value`].
pub fn parse_secret_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Error> {
    check_value(name, text)?;
    let value = header_value(Zeroizing::new(text.to_owned()));
    value.map_err(|_| refused(name, "contains a control character"))
}

fn check_value(name: &HeaderName, text: &str) -> Result<(), Error> {
    if *name == header::HOST && !is_host(text) {
        return Err(refused(name, "is not a host with an optional port"));
    }
    if *name == header::EXPECT && !text.eq_ignore_ascii_case("100-continue") {
        return Err(refused(name, "is not 100-continue"));
    }
    Ok(())
}

fn refused(name: &HeaderName, reason: &str) -> Error {
    Error::new(Code::InvalidHeader, format!("the value of the header field {name} {reason}"))
}

/// Whether the text is the authority of a URL without userinfo. It is not empty, because every http
/// and https URL has a host (RFC 9110 section 4.2).
fn is_host(text: &str) -> bool {
    Authority::try_from(text).is_ok_and(|authority| {
        let port = text.strip_prefix(authority.host());
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        !authority.host().is_empty()
            && port
                .is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
    })
}

/// Parses a media type: a field value that is not empty.
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

/// Parses a method (RFC 9110 section 9.1). Methods are case-sensitive, so `get` is not `GET`.
///
/// # Errors
/// [`Code::InvalidMethod`] if it is not a token, or is `CONNECT`, which opens a tunnel.
pub fn parse_method(text: &str) -> Result<Method, Error> {
    let method = Method::from_bytes(text.as_bytes())
        .map_err(|_| Error::new(Code::InvalidMethod, "the method is not a token"))?;
    if method == Method::CONNECT {
        return Err(Error::new(
            Code::InvalidMethod,
            "CONNECT opens a tunnel and cannot be sent as a request",
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
    fn the_error_for_a_malformed_name_repeats_only_its_valid_beginning() {
        for (bad, expected) in [
            ("", "the header field name is empty or too long"),
            ("X Id", "the header field name that begins with X is not a token"),
            ("Authorization: Bearer s3cret", "begins with Authorization is not"),
            ("X-Grün", "begins with X-Gr is not"),
            ("\r\nX", "the header field name is not a token"),
        ] {
            let error = parse_name(bad).unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{bad:?}");
            assert!(
                error.message.contains(expected) && !error.message.contains("s3cret"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_error_for_a_refused_value_names_the_field_and_not_the_value() {
        for (field, bad) in [("X-Key", "s3cret\n"), ("Host", "s3cret host"), ("Host", "")] {
            let error = parse_value(&parse_name(field).unwrap(), bad).unwrap_err();
            assert_eq!(error.code, Code::InvalidHeader, "{field}: {bad:?}");
            let named = error.message.contains(&format!("field {} ", field.to_lowercase()));
            assert!(named && !error.message.contains("s3cret"), "{error}");
            let secret = parse_secret_value(&parse_name(field).unwrap(), bad);
            assert_eq!(secret.unwrap_err(), error, "a secret is refused for another reason");
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
    fn expect_is_100_continue() {
        let expect = parse_name("Expect").unwrap();
        for good in ["100-continue", "100-Continue"] {
            assert_eq!(parse_value(&expect, good).unwrap(), good);
        }
        for bad in ["", "100", "100-continue, x", " 100-continue", "200-ok"] {
            assert_eq!(parse_value(&expect, bad).unwrap_err().code, Code::InvalidHeader, "{bad:?}");
        }
    }

    #[test]
    fn a_value_cannot_contain_a_line_break() {
        let header = parse_name("X-Id").unwrap();
        for bad in ["a\r\nb: c", "a\nb", "a\0", "\u{7f}"] {
            assert_eq!(parse_value(&header, bad).unwrap_err().code, Code::InvalidHeader, "{bad:?}");
        }
        assert_eq!(parse_value(&header, "grün\t日").unwrap().as_bytes(), "grün\t日".as_bytes());
        assert_eq!(parse_value(&header, "").unwrap(), "");
    }

    #[test]
    fn a_method_is_a_token_other_than_connect() {
        assert_eq!(parse_method("PROPFIND").unwrap().as_str(), "PROPFIND");
        for bad in ["", "GE T", "GET\r\n", "CONNECT", "GÉT"] {
            assert_eq!(parse_method(bad).unwrap_err().code, Code::InvalidMethod, "{bad:?}");
        }
    }
}
