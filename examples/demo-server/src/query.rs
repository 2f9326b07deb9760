//! The query of a request.

use crate::reply::Refusal;
use axum::http::{StatusCode, Uri};
use std::str::FromStr;

/// The names and values of the query, decoded, in order.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of this URI.
    pub fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or("").as_bytes();
        Self(form_urlencoded::parse(query).into_owned().collect())
    }

    /// All pairs.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The first value of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The first value of this name as a number, or the default; 400 if it is not a number.
    pub fn number<N: FromStr>(&self, name: &str, default: N) -> Result<N, Refusal> {
        self.text(name).map_or(Ok(default), |value| {
            value.parse().map_err(|_| {
                let message = format!("{name} must be a whole number, not {value:?}");
                Refusal::new(StatusCode::BAD_REQUEST, &message)
            })
        })
    }

    /// The first value of this name; 400 if it is missing or empty.
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            let message = format!("the query must contain {name}=…");
            Refusal::new(StatusCode::BAD_REQUEST, &message)
        })
    }
}
