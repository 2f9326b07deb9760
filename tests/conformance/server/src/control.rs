//! What runners ask the server about itself.

use crate::play::Play;
use serde_json::Value;

/// Who a request is for.
#[derive(Debug, PartialEq, Eq)]
pub enum Addressee<'t> {
    /// The server: the cases are wanted.
    Cases,
    /// The server: the requests of this case are wanted.
    Requests(&'t str),
    /// This case.
    Case(&'t str),
}

/// Reads a target.
pub fn addressee(target: &str) -> Addressee<'_> {
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    match path.split_once('/') {
        Some((case, "__requests")) => Addressee::Requests(case),
        Some((case, _)) => Addressee::Case(case),
        None if path == "__cases" => Addressee::Cases,
        None => Addressee::Case(path),
    }
}

/// The answer with all cases.
pub fn cases(play: &Play) -> Vec<u8> {
    answer(play.cases())
}

/// The answer with the requests of a case.
pub fn requests(play: &Play, case: &str) -> Vec<u8> {
    answer(&Value::from(play.take(case)).to_string())
}

fn answer(json: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    format!("{head}{}\r\n\r\n{json}", json.len()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_segment_of_the_path_names_the_case() {
        assert_eq!(addressee("/__cases"), Addressee::Cases);
        assert_eq!(addressee("/a/__requests"), Addressee::Requests("a"));
        for target in ["/a", "/a?b=c", "/a/", "/a/b/c?d=/e"] {
            assert_eq!(addressee(target), Addressee::Case("a"), "{target}");
        }
    }
}
