//! The usual scenario: a server does something bad with a request and behaves well from then on.

use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::settings::Change;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::scenario::Scenario;
use crate::support::{Action, Server, changed, error_of, get, request, respond};

/// On which connection the next request must go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Same,
    Fresh,
}

/// What the server does with the first request, and what must come of it.
#[derive(Clone)]
pub struct Case {
    action: Action,
    method: &'static str,
    code: Code,
    json: Option<&'static str>,
    says: &'static str,
    next: Next,
    changes: Vec<Change>,
}

/// The first request ends in this error, and its connection is not used again.
pub fn expect_error(action: Action, code: Code) -> Case {
    Case {
        action,
        method: "GET",
        code,
        json: None,
        says: "",
        next: Next::Fresh,
        changes: vec![Change::TimeoutMs(10_000)],
    }
}

/// The first request gets this JSON, and its connection is kept.
pub fn expect_ok(action: Action, json: &'static str) -> Case {
    Case { json: Some(json), next: Next::Same, ..expect_error(action, Code::Ok) }
}

impl Case {
    /// The connection is not used again.
    pub fn then_closed(self) -> Self {
        Self { next: Next::Fresh, ..self }
    }

    /// The connection is used again.
    pub fn then_kept(self) -> Self {
        Self { next: Next::Same, ..self }
    }

    /// The error holds these words.
    pub fn with_message(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    /// The response has these members all the same.
    pub fn with_json(self, json: &'static str) -> Self {
        Self { json: Some(json), ..self }
    }

    /// With this setting.
    pub fn set(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// By this method.
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
            if received[0].connection == received[1].connection { Next::Same } else { Next::Fresh };
        assert_eq!(next, self.next, "the connection of the next request");
        assert_eq!(received.len(), 3, "a request was repeated");
        outcome(&response)
    }

    fn check(&self, response: &Response) {
        expect(response, self.code);
        assert!(error_of(response).contains(self.says), "{}", error_of(response));
        match self.json {
            Some(json) if self.code == Code::Ok => assert_eq!(response.json_text(), json),
            Some(json) => {
                let (wanted, all): (Value, Value) = (parsed(json), parsed(response.json_text()));
                for (name, value) in wanted.as_object().unwrap() {
                    assert_eq!(&all[name], value, "{}", response.json_text());
                }
            }
            None => {}
        }
    }
}

/// An answer that names what was asked for.
pub fn ok_response(path: &str) -> Action {
    respond(200, &[], &format!("{{\"path\":\"{path}\"}}"))
}

/// The response has this code, and is in itself as it must be.
pub fn expect(response: &Response, code: Code) {
    assert_eq!(response.code(), code, "{}", outcome(response));
    let json = response.json_text();
    let sound: Result<IgnoredAny, _> = serde_json::from_str(json);
    assert!(sound.is_ok(), "no JSON: {}", outcome(response));
    let error = error_of(response);
    let steers = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(character, '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
    };
    assert!(!error.contains(steers), "{error:?}");
    assert_eq!(error.is_empty(), code == Code::Ok, "{error}");
    // What is nested too deeply for the parser of the tests says nothing here.
    if let Ok(json) = serde_json::from_str::<Value>(json)
        && code != Code::Ok
    {
        // A server's kind of error stays apart from its description.
        let said = json["error"].as_str().unwrap();
        assert!(error == said || error.starts_with(&format!("{said}: ")), "{error}: {said}");
    }
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Two more requests get their answers.
pub fn assert_usable(client: &Client) {
    for path in ["/good/1", "/good/2"] {
        let response = get(client, path);
        expect(&response, Code::Ok);
        assert_eq!(response.json_text(), format!("{{\"path\":\"{path}\"}}"), "another's answer");
        assert_eq!(response.attempts(), 1, "{path}");
    }
}

/// The cookies that a client with a jar sends back after this answer, if any; it is usable
/// afterwards.
pub fn cookie_after(answer: &Action) -> Option<String> {
    let answer = answer.clone();
    let server = Server::start(move |received| match received.number {
        0 => answer.clone(),
        _ => ok_response(received.path()),
    });
    let client = Client::new(&server.url()).unwrap();
    client.set_cookie_jar(true).unwrap();
    expect(&get(&client, "/hostile"), Code::Ok);
    assert_usable(&client);
    server.finish().requests[1].field("cookie").map(str::to_owned)
}

/// The response in a few words.
pub fn outcome(response: &Response) -> String {
    let error = error_of(response);
    if error.is_empty() {
        let json: String = response.json_text().chars().take(60).collect();
        return format!("{:?} {} {json}", response.code(), response.status());
    }
    let error: String = error.chars().take(300).collect();
    format!("{:?}: {error}", response.code())
}

/// An answer of status 200 with these lines in its head.
pub fn head(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n")
}

/// The same with a body.
pub fn ok(lines: &[&str], body: &str) -> Vec<u8> {
    [head(lines), body.to_owned()].concat().into_bytes()
}
