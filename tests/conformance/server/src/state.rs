//! The state of each case: its next reply, and the requests that it received.

use crate::cases::{Cases, Reply, Then};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The state of all cases.
pub struct CaseState {
    cases: Cases,
    seen: Mutex<HashMap<String, Vec<String>>>,
}

impl CaseState {
    /// Every case at its start.
    pub fn new(cases: Cases) -> Self {
        Self { cases, seen: Mutex::default() }
    }

    /// The text of the cases.
    pub fn cases(&self) -> &str {
        &self.cases.text
    }

    /// Records a request, and returns its reply.
    pub fn next(&self, case: &str, request: String) -> Reply {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = seen.entry(case.to_owned()).or_default();
        let reply = self.cases.replies.get(case).and_then(|replies| replies.get(requests.len()));
        requests.push(request);
        reply.cloned().unwrap_or_else(no_reply_left)
    }

    /// Removes and returns the requests of a case, which restarts it.
    pub fn take(&self, case: &str) -> Vec<String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(case).unwrap_or_default()
    }
}

/// A status that no case uses, so that an unexpected request is noticed.
fn no_reply_left() -> Reply {
    let bytes = b"HTTP/1.1 599 The case has no reply left\r\nContent-Length: 0\r\n\r\n".to_vec();
    Reply { bytes, then: Then::Close }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_state() -> CaseState {
        let text = r#"[{"name": "a", "replies": [{"raw": "one"}], "expect": {}}]"#;
        CaseState::new(Cases::read(text, "", "").unwrap())
    }

    #[test]
    fn an_unexpected_request_gets_a_status_that_no_case_uses() {
        let state = new_state();
        assert_eq!(state.next("a", String::new()).bytes, b"one");
        assert!(state.next("a", String::new()).bytes.starts_with(b"HTTP/1.1 599 "));
    }

    #[test]
    fn a_case_restarts_after_its_requests_are_taken() {
        let state = new_state();
        state.next("a", "first".into());
        assert_eq!(state.take("a"), ["first"]);
        assert_eq!(state.next("a", "second".into()).bytes, b"one");
        assert_eq!(state.take("a"), ["second"]);
    }
}
