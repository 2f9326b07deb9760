//! The usual scenario: a server does something bad with the first request and then behaves well.

use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::scenario::Scenario;
use crate::support::{Action, Server, changed, error_of, get, request, respond};

/// The connection that the next request must use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Same,
    New,
}

/// The server's action for the first request, and the expected result.
#[derive(Clone)]
pub struct Case {
    action: Action,
    method: &'static str,
    code: Code,
    json: Option<&'static str>,
    message: &'static str,
    next: Next,
    changes: Vec<Change>,
}

/// The first request ends with this error, and its connection is not used again.
pub fn expect_error(action: Action, code: Code) -> Case {
    Case {
        action,
        method: "GET",
        code,
        json: None,
        message: "",
        next: Next::New,
        changes: vec![Change::TimeoutMs(10_000)],
    }
}

/// The first request gets this JSON, and its connection is kept.
pub fn expect_ok(action: Action, json: &'static str) -> Case {
    Case { json: Some(json), next: Next::Same, ..expect_error(action, Code::Ok) }
}

impl Case {
    /// The connection is not used again.
    pub fn then_not_reused(self) -> Self {
        Self { next: Next::New, ..self }
    }

    /// The connection is used again.
    pub fn then_reused(self) -> Self {
        Self { next: Next::Same, ..self }
    }

    /// The error contains this text.
    pub fn with_message(self, message: &'static str) -> Self {
        Self { message, ..self }
    }

    /// The response also has these members.
    pub fn with_json(self, json: &'static str) -> Self {
        Self { json: Some(json), ..self }
    }

    /// With this setting.
    pub fn set(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// With this method.
    pub fn with_method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub fn into_scenario(self, group: &'static str, name: impl Into<String>) -> Scenario {
        Scenario::new(group, name, move || self.run())
    }

    pub fn run(&self) -> String {
        let action = self.action.clone();
        let server = Server::start(move |received| match received.number {
            0 => action.clone(),
            _ => ok_response(received.path()),
        });
        let client = changed(Client::new(&server.url()).unwrap(), &self.changes);
        let response = client.send(&request(self.method, "/hostile"));
        self.check(&response);
        assert_usable(&client);
        drop(client);
        let received = server.finish().requests;
        let next =
            if received[0].connection == received[1].connection { Next::Same } else { Next::New };
        assert_eq!(next, self.next, "the connection of the next request");
        assert_eq!(received.len(), 3, "a request was repeated");
        outcome(&response)
    }

    fn check(&self, response: &Response) {
        expect(response, self.code);
        assert!(error_of(response).contains(self.message), "{}", error_of(response));
        match self.json {
            Some(json) if self.code == Code::Ok => assert_eq!(response.json_text(), json),
            Some(json) => {
                let (expected, all): (Value, Value) = (parsed(json), parsed(response.json_text()));
                for (name, value) in expected.as_object().unwrap() {
                    assert_eq!(&all[name], value, "{}", response.json_text());
                }
            }
            None => {}
        }
    }
}

/// A response with the path of the request.
pub fn ok_response(path: &str) -> Action {
    respond(200, &[], &format!("{{\"path\":\"{path}\"}}"))
}

/// The response has this code, its JSON is valid, and its error is one harmless line.
pub fn expect(response: &Response, code: Code) {
    assert_eq!(response.code(), code, "{}", outcome(response));
    let json = response.json_text();
    let valid: Result<IgnoredAny, _> = serde_json::from_str(json);
    assert!(valid.is_ok(), "not JSON: {}", outcome(response));
    let error = error_of(response);
    let is_harmful = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(character, '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
    };
    assert!(!error.contains(is_harmful), "{error:?}");
    assert_eq!(error.is_empty(), code == Code::Ok, "{error}");
    // The parser of the tests may reject JSON that is nested too deeply; then there is no check.
    if let Ok(json) = serde_json::from_str::<Value>(json)
        && code != Code::Ok
    {
        // The error text may have a description after the server's kind of error.
        let kind = json["error"].as_str().unwrap();
        assert!(error == kind || error.starts_with(&format!("{kind}: ")), "{error}: {kind}");
    }
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Two more requests get their own responses.
pub fn assert_usable(client: &Client) {
    for path in ["/good/1", "/good/2"] {
        let response = get(client, path);
        expect(&response, Code::Ok);
        assert_eq!(
            response.json_text(),
            format!("{{\"path\":\"{path}\"}}"),
            "the response to another request"
        );
        assert_eq!(response.attempts(), 1, "{path}");
    }
}

/// The cookies that a client with a jar sends after this response, if any.
pub fn cookie_after(action: &Action) -> Option<String> {
    let action = action.clone();
    let server = Server::start(move |received| match received.number {
        0 => action.clone(),
        _ => ok_response(received.path()),
    });
    let client = Client::new(&server.url()).unwrap();
    client.set_cookie_jar(true).unwrap();
    expect(&get(&client, "/hostile"), Code::Ok);
    assert_usable(&client);
    server.finish().requests[1].field("cookie").map(str::to_owned)
}

/// A summary of the response.
pub fn outcome(response: &Response) -> String {
    let error = error_of(response);
    if error.is_empty() {
        let json: String = response.json_text().chars().take(60).collect();
        return format!("{:?} {} {json}", response.code(), response.status());
    }
    let error: String = error.chars().take(300).collect();
    format!("{:?}: {error}", response.code())
}

/// The head of a 200 with these lines.
pub fn head(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n")
}

/// A 200 with these lines and this body.
pub fn ok(lines: &[&str], body: &str) -> Vec<u8> {
    [head(lines), body.to_owned()].concat().into_bytes()
}
