//! Where each case stands: which answer is next, and which requests were seen.

use crate::cases::{Cases, Reply, Then};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The cases being played.
pub struct Play {
    cases: Cases,
    seen: Mutex<HashMap<String, Vec<String>>>,
}

impl Play {
    /// Every case at its beginning.
    pub fn new(cases: Cases) -> Self {
        Self { cases, seen: Mutex::default() }
    }

    /// The text of the cases.
    pub fn cases(&self) -> &str {
        &self.cases.text
    }

    /// Records a request, and gives the answer to it.
    pub fn next(&self, case: &str, request: String) -> Reply {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = seen.entry(case.to_owned()).or_default();
        let reply = self.cases.replies.get(case).and_then(|replies| replies.get(requests.len()));
        requests.push(request);
        reply.cloned().unwrap_or_else(no_reply_left)
    }

    /// Hands over the requests of a case, which begins anew.
    pub fn take(&self, case: &str) -> Vec<String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(case).unwrap_or_default()
    }
}

/// A status that no case uses, so that one request too many shows.
fn no_reply_left() -> Reply {
    let bytes = b"HTTP/1.1 599 The case has no reply left\r\nContent-Length: 0\r\n\r\n".to_vec();
    Reply { bytes, then: Then::Close }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play() -> Play {
        let text = r#"[{"name": "a", "replies": [{"raw": "one"}], "expect": {}}]"#;
        Play::new(Cases::read(text, "", "").unwrap())
    }

    #[test]
    fn a_request_too_many_is_answered_with_a_status_that_no_case_uses() {
        let play = play();
        assert_eq!(play.next("a", String::new()).bytes, b"one");
        assert!(play.next("a", String::new()).bytes.starts_with(b"HTTP/1.1 599 "));
    }

    #[test]
    fn a_case_begins_anew_once_its_requests_are_taken() {
        let play = play();
        play.next("a", "first".into());
        assert_eq!(play.take("a"), ["first"]);
        assert_eq!(play.next("a", "second".into()).bytes, b"one");
        assert_eq!(play.take("a"), ["second"]);
    }
}
