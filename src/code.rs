//! The codes: the possible results of a call, as numbers that never change after a release.
//!
//! C sees the constants. [`Code`] is the same list as a Rust type. A new code takes the next free
//! number of its block.

/// The result of a call: `SAC_OK`, or one of the `SAC_ERR_…` constants.
#[allow(non_camel_case_types)]
pub type sac_code = i32;

/// The call succeeded.
pub const SAC_OK: sac_code = 0;

/// A required pointer is NULL.
pub const SAC_ERR_NULL_ARGUMENT: sac_code = 1;
/// A string is not valid UTF-8.
pub const SAC_ERR_INVALID_UTF8: sac_code = 2;
/// A URL cannot be used: not http or https, no host, or a part that is not allowed there.
pub const SAC_ERR_INVALID_URL: sac_code = 3;
/// A path does not start with `/`, or contains a character that is not allowed.
pub const SAC_ERR_INVALID_PATH: sac_code = 4;
/// A method is not a token (RFC 9110 section 9.1), or a client cannot send it.
pub const SAC_ERR_INVALID_METHOD: sac_code = 5;
/// A header field name or value is not allowed (RFC 9110 section 5), or the field frames the
/// message.
pub const SAC_ERR_INVALID_HEADER: sac_code = 6;
/// A cookie name or value is not allowed (RFC 6265 section 4.1.1), or a signature is not valid.
pub const SAC_ERR_INVALID_COOKIE: sac_code = 7;
/// A JSON text from the caller is not well-formed (RFC 8259).
pub const SAC_ERR_INVALID_JSON: sac_code = 8;
/// A value is out of range, or options exclude each other.
pub const SAC_ERR_INVALID_ARGUMENT: sac_code = 9;
/// A local file cannot be read or written.
pub const SAC_ERR_FILE: sac_code = 10;
/// A certificate or key is not usable PEM.
pub const SAC_ERR_CERTIFICATE: sac_code = 11;
/// The signature of a webhook does not verify, or the webhook is too old.
pub const SAC_ERR_SIGNATURE: sac_code = 12;

/// The host name has no address.
pub const SAC_ERR_RESOLVE: sac_code = 20;
/// The connection to the server failed.
pub const SAC_ERR_CONNECT: sac_code = 21;
/// The TLS handshake or the verification of the certificate failed.
pub const SAC_ERR_TLS: sac_code = 22;
/// The proxy refused the request, or does not speak the protocol.
pub const SAC_ERR_PROXY: sac_code = 23;
/// A time limit was exceeded.
pub const SAC_ERR_TIMEOUT: sac_code = 24;
/// The connection closed before the response was complete.
pub const SAC_ERR_CLOSED: sac_code = 25;
/// The response is not valid HTTP.
pub const SAC_ERR_PROTOCOL: sac_code = 26;
/// Too many redirects, or a redirect that the library refuses.
pub const SAC_ERR_REDIRECT: sac_code = 27;
/// The body is larger than allowed.
pub const SAC_ERR_TOO_LARGE: sac_code = 28;
/// No access token could be obtained. The request was not sent, or the server has refused the token
/// that it had.
pub const SAC_ERR_TOKEN: sac_code = 29;

/// The server responded with a status of 400 or above.
pub const SAC_ERR_STATUS: sac_code = 40;
/// Too many requests: the server said so (429 or 403), or the wait for a rate limit would exceed
/// the deadline.
pub const SAC_ERR_RATE_LIMITED: sac_code = 41;
/// The caller asked for JSON and the status is 2xx, but the body contains no JSON.
pub const SAC_ERR_NOT_JSON: sac_code = 42;

/// The caller cancelled the call.
pub const SAC_ERR_CANCELLED: sac_code = 60;
/// A bug in the library.
pub const SAC_ERR_INTERNAL: sac_code = 61;

/// [`sac_code`] as a Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[allow(missing_docs)] // Each is documented at its constant.
pub enum Code {
    Ok = SAC_OK,
    NullArgument = SAC_ERR_NULL_ARGUMENT,
    InvalidUtf8 = SAC_ERR_INVALID_UTF8,
    InvalidUrl = SAC_ERR_INVALID_URL,
    InvalidPath = SAC_ERR_INVALID_PATH,
    InvalidMethod = SAC_ERR_INVALID_METHOD,
    InvalidHeader = SAC_ERR_INVALID_HEADER,
    InvalidCookie = SAC_ERR_INVALID_COOKIE,
    InvalidJson = SAC_ERR_INVALID_JSON,
    InvalidArgument = SAC_ERR_INVALID_ARGUMENT,
    File = SAC_ERR_FILE,
    Certificate = SAC_ERR_CERTIFICATE,
    Signature = SAC_ERR_SIGNATURE,
    Resolve = SAC_ERR_RESOLVE,
    Connect = SAC_ERR_CONNECT,
    Tls = SAC_ERR_TLS,
    Proxy = SAC_ERR_PROXY,
    Timeout = SAC_ERR_TIMEOUT,
    Closed = SAC_ERR_CLOSED,
    Protocol = SAC_ERR_PROTOCOL,
    Redirect = SAC_ERR_REDIRECT,
    TooLarge = SAC_ERR_TOO_LARGE,
    Token = SAC_ERR_TOKEN,
    Status = SAC_ERR_STATUS,
    RateLimited = SAC_ERR_RATE_LIMITED,
    NotJson = SAC_ERR_NOT_JSON,
    Cancelled = SAC_ERR_CANCELLED,
    Internal = SAC_ERR_INTERNAL,
}

/// Every code with its C name and an English sentence, both NUL-terminated.
const TABLE: &[(Code, &core::ffi::CStr, &core::ffi::CStr)] = &[
    (Code::Ok, c"SAC_OK", c"The call succeeded."),
    (Code::NullArgument, c"SAC_ERR_NULL_ARGUMENT", c"A required pointer is NULL."),
    (Code::InvalidUtf8, c"SAC_ERR_INVALID_UTF8", c"A string is not valid UTF-8."),
    (Code::InvalidUrl, c"SAC_ERR_INVALID_URL", c"The URL cannot be used."),
    (Code::InvalidPath, c"SAC_ERR_INVALID_PATH", c"The path cannot be used."),
    (Code::InvalidMethod, c"SAC_ERR_INVALID_METHOD", c"The method cannot be used."),
    (Code::InvalidHeader, c"SAC_ERR_INVALID_HEADER", c"The header field cannot be used."),
    (
        Code::InvalidCookie,
        c"SAC_ERR_INVALID_COOKIE",
        c"The cookie cannot be used, or its signature is not valid.",
    ),
    (
        Code::InvalidJson,
        c"SAC_ERR_INVALID_JSON",
        c"The JSON text from the caller is not well-formed.",
    ),
    (Code::InvalidArgument, c"SAC_ERR_INVALID_ARGUMENT", c"An argument is out of range."),
    (Code::File, c"SAC_ERR_FILE", c"A local file cannot be read or written."),
    (Code::Certificate, c"SAC_ERR_CERTIFICATE", c"A certificate or key is not usable PEM."),
    (Code::Signature, c"SAC_ERR_SIGNATURE", c"The signature of the webhook does not verify."),
    (Code::Resolve, c"SAC_ERR_RESOLVE", c"The host name has no address."),
    (Code::Connect, c"SAC_ERR_CONNECT", c"The connection to the server failed."),
    (Code::Tls, c"SAC_ERR_TLS", c"TLS failed, or the certificate is not trusted."),
    (Code::Proxy, c"SAC_ERR_PROXY", c"The proxy failed."),
    (Code::Timeout, c"SAC_ERR_TIMEOUT", c"A time limit was exceeded."),
    (Code::Closed, c"SAC_ERR_CLOSED", c"The connection closed before the response was complete."),
    (Code::Protocol, c"SAC_ERR_PROTOCOL", c"The response is not valid HTTP."),
    (
        Code::Redirect,
        c"SAC_ERR_REDIRECT",
        c"Too many redirects, or a redirect that the library refuses.",
    ),
    (Code::TooLarge, c"SAC_ERR_TOO_LARGE", c"The body is larger than allowed."),
    (Code::Token, c"SAC_ERR_TOKEN", c"No access token could be obtained."),
    (Code::Status, c"SAC_ERR_STATUS", c"The server responded with an error status."),
    (Code::RateLimited, c"SAC_ERR_RATE_LIMITED", c"A rate limit was reached."),
    (Code::NotJson, c"SAC_ERR_NOT_JSON", c"The body contains no JSON."),
    (Code::Cancelled, c"SAC_ERR_CANCELLED", c"The caller cancelled the call."),
    (Code::Internal, c"SAC_ERR_INTERNAL", c"A bug in the library."),
];

impl Code {
    /// The number that C sees.
    #[must_use]
    pub const fn number(self) -> sac_code {
        self as sac_code
    }

    /// The name of the constant, such as `SAC_ERR_TIMEOUT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(self.number()).to_str().unwrap_or_default()
    }
}

/// The name of a code's constant; `SAC_ERR_UNKNOWN` if the number is not a code.
#[must_use]
pub fn name_of(code: sac_code) -> &'static core::ffi::CStr {
    row(code).map_or(c"SAC_ERR_UNKNOWN", |(_, name, _)| name)
}

/// The meaning of a code as a sentence. For other numbers, the sentence says that it is not a code.
#[must_use]
pub fn message_of(code: sac_code) -> &'static core::ffi::CStr {
    row(code).map_or(c"Not a code of this library.", |(_, _, message)| message)
}

fn row(
    code: sac_code,
) -> Option<&'static (Code, &'static core::ffi::CStr, &'static core::ffi::CStr)> {
    TABLE.iter().find(|(listed, _, _)| listed.number() == code)
}

/// A code and one line that says what happened, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The kind of failure.
    pub code: Code,
    /// One line, without a full stop: what happened, and what to do about it.
    pub message: String,
}

impl Error {
    /// An error of this kind with this message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The text of a system error, without its number.
#[must_use]
pub fn io_error_text(error: &std::io::Error) -> String {
    let mut text = error.to_string();
    if let Some(end) = text.find(" (os error") {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_text_of_a_system_error_has_no_number() {
        let missing = std::fs::read("/nowhere/at/all").unwrap_err();
        assert_eq!(io_error_text(&missing), "No such file or directory");
        let other = std::io::Error::other("an error (not of the system)");
        assert_eq!(io_error_text(&other), "an error (not of the system)");
    }

    #[test]
    fn every_code_has_a_unique_name_and_a_sentence() {
        let names: HashSet<_> = TABLE.iter().map(|(_, name, _)| name).collect();
        assert_eq!(names.len(), TABLE.len(), "two codes share a name");
        for (code, name, message) in TABLE {
            assert_eq!(name_of(code.number()), *name);
            assert!(message.to_bytes().ends_with(b"."), "{name:?}: {message:?} is not a sentence");
        }
    }

    #[test]
    fn a_number_that_is_not_a_code_has_the_name_unknown() {
        assert_eq!(name_of(12345), c"SAC_ERR_UNKNOWN");
        assert_eq!(name_of(i32::MIN), c"SAC_ERR_UNKNOWN");
    }
}
