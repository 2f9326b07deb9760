//! Responses that are not plain JSON: a picture, and a body in a content coding.

use crate::picture;
use crate::reply::{self, Refusal, Reply};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use axum::http::{HeaderMap, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::{self, Write};

/// `GET /v1/picture.png`.
pub async fn picture() -> Reply {
    let png = picture::png().map_err(|error| broken(&error))?;
    Ok(reply::typed(StatusCode::OK, "image/png", png))
}

/// `GET /v1/gzip`: JSON, gzip-coded if the caller accepts that (RFC 9110 section 12.5.3).
pub async fn gzip(headers: HeaderMap) -> Reply {
    let coded = accepts_gzip(&headers);
    let text = "a text that says the same again and again, ".repeat(100);
    let body = json!({ "gzipped": coded, "text": text });
    let mut response = if coded {
        let bytes = compressed(&body.to_string()).map_err(|error| broken(&error))?;
        let mut response = reply::typed(StatusCode::OK, "application/json", bytes);
        reply::set_header(&mut response, CONTENT_ENCODING, "gzip");
        response
    } else {
        reply::json(StatusCode::OK, &body)
    };
    reply::set_header(&mut response, VARY, "Accept-Encoding");
    Ok(response)
}

fn compressed(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

/// Whether gzip, or else `*`, has a weight above 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let fields =
        headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|field| field.to_str().ok());
    let codings: Vec<(&str, bool)> =
        fields.flat_map(|field| field.split(',')).map(coding_and_allowed).collect();
    let allowed = |name| {
        let found = codings.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name));
        found.map(|(_, allowed)| *allowed)
    };
    allowed("gzip").or_else(|| allowed("*")).unwrap_or(false)
}

/// A coding, and whether its weight allows it.
fn coding_and_allowed(coding: &str) -> (&str, bool) {
    let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
    let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
    (name.trim(), weight.unwrap_or(1.0_f32) > 0.0)
}

fn broken(error: &io::Error) -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_if_it_is_accepted() {
        let accepted = ["gzip", "br, GZIP;q=0.5", "*", "identity, *;q=0.1"];
        let refused = ["", "br", "gzip;q=0", "gzip; q=0.0, *", "identity"];
        let asked = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            accepts_gzip(&headers)
        };
        assert!(accepted.into_iter().all(asked), "one of {accepted:?} was not understood");
        assert!(!refused.into_iter().any(asked), "one of {refused:?} was not understood");
        assert!(!accepts_gzip(&HeaderMap::new()), "gzip is accepted without Accept-Encoding");
    }
}
