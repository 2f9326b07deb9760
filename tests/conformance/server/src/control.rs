//! The requests of the runners to the server itself.

use crate::state::CaseState;
use serde_json::Value;

/// The subject of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum ControlRequest<'t> {
    /// The cases.
    Cases,
    /// The requests that this case received.
    Requests(&'t str),
    /// The next reply of this case.
    Case(&'t str),
}

/// Reads a target.
pub fn parse(target: &str) -> ControlRequest<'_> {
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    match path.split_once('/') {
        Some((case, "__requests")) => ControlRequest::Requests(case),
        Some((case, _)) => ControlRequest::Case(case),
        None if path == "__cases" => ControlRequest::Cases,
        None => ControlRequest::Case(path),
    }
}

/// The reply with all cases.
pub fn cases(state: &CaseState) -> Vec<u8> {
    json_reply(state.cases())
}

/// The reply with the requests of a case.
pub fn requests(state: &CaseState, case: &str) -> Vec<u8> {
    json_reply(&Value::from(state.take(case)).to_string())
}

fn json_reply(json: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    format!("{head}{}\r\n\r\n{json}", json.len()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_segment_of_the_path_names_the_case() {
        assert_eq!(parse("/__cases"), ControlRequest::Cases);
        assert_eq!(parse("/a/__requests"), ControlRequest::Requests("a"));
        for target in ["/a", "/a?b=c", "/a/", "/a/b/c?d=/e"] {
            assert_eq!(parse(target), ControlRequest::Case("a"), "{target}");
        }
    }
}
