//! A challenge cannot add a parameter or a field to the credentials: the server reads back the nonce
//! that it has sent, and each request has its own number.

use sac::auth::digest::{Challenge, Credentials};

use super::Lines;

/// Input: a line with the user, one with the password, one with the target, one with
/// `Authentication-Info`; all others are values of `WWW-Authenticate`.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        // Values need not be UTF-8.
        answer("ada", "p", "/", b"", &[input]);
        return;
    };
    let mut lines = Lines::new(text);
    let (user, password, target) = (lines.next(), lines.next(), lines.next());
    let info = lines.next();
    let values: Vec<&[u8]> = lines.map(str::as_bytes).collect();
    answer(user, password, target, info.as_bytes(), &values);
}

fn answer(user: &str, password: &str, target: &str, info: &[u8], values: &[&[u8]]) {
    // A field and a target as this library sends and receives them.
    let is_text = |byte: &u8| *byte == b'\t' || !byte.is_ascii_control();
    if !values.iter().all(|value| value.iter().all(is_text)) || target.contains(['"', '\\', ' ']) {
        return;
    }
    let Ok(credentials) = Credentials::new(user, password) else { return };
    let Some(challenge) = Challenge::strongest(values.iter().copied()) else { return };
    let mut session = credentials.challenged(challenge, target, "c0ffee".to_owned(), 1);
    for request in 1..=3 {
        if target.bytes().any(|byte| byte.is_ascii_control()) {
            return;
        }
        let (value, response) = credentials.authorization(&session, "GET", target).unwrap();
        assert!(response.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", *response);
        // The server parses the credentials like a challenge.
        let read = Challenge::strongest(std::iter::once(value.as_bytes()));
        let read = read.unwrap_or_else(|| panic!("{:?} cannot be read", value.as_bytes()));
        let reader = Credentials::new("reader", "").unwrap();
        let read = reader.challenged(read, "/", String::new(), 1);
        assert!(read.has_nonce_of(&session), "another nonce in {:?}", value.as_bytes());
        assert!(!read.is_stale(), "an added parameter in {:?}", value.as_bytes());
        // Before its end, a value may contain any text of the server.
        let text = String::from_utf8_lossy(value.as_bytes());
        let text = text.strip_suffix(", userhash=true").unwrap_or(&text);
        if let Some(before) = text.strip_suffix(", cnonce=\"c0ffee\"") {
            let number = format!(", qop=auth, nc={:08x}", if request == 3 { 1 } else { request });
            assert!(before.ends_with(&number), "{text}");
        }
        if request == 2 {
            let before = credentials.session_for(target, 1).expect("it is remembered");
            credentials.renew(&session, info);
            session = credentials.session_for(target, 1).expect("it is still remembered");
            if session.has_nonce_of(&before) {
                return;
            }
        }
    }
}
