//! Servers that repeat the client's secrets, in many encodings: no error, journal or log line may
//! contain them.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sac::client::Client;
use sac::code::Code;
use sac::log::Level;
use sac::settings::Change;

use crate::case::{expect, outcome};
use crate::scenario::Scenario;
use crate::support::{Action, Server, client, error_of, journal_of, request, respond};

const GROUP: &str = "secrets";
const SECRET: &str = "S3cr3t/Value+of~the\"caller&4711<x>";

type Form = (&'static str, fn(&str) -> String);

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string().trim_matches('"').to_owned()
}

/// The encodings in which a server may repeat a secret.
const FORMS: &[Form] = &[
    ("unchanged", str::to_owned),
    ("in lower case", str::to_lowercase),
    ("in upper case", str::to_uppercase),
    ("percent-encoded", percent),
    ("percent-encoded in lower case", |text| percent(text).to_lowercase()),
    ("percent-encoded twice", |text| percent(&percent(text))),
    ("HTML-escaped", html),
    ("HTML-escaped with numbers", |text| text.bytes().map(|byte| format!("&#{byte};")).collect()),
    ("HTML-escaped and percent-encoded", |text| percent(&html(text))),
    ("escaped as JSON", json),
    ("escaped as JSON in JSON", |text| json(&json(text))),
    ("escaped with \\u", |text| text.bytes().map(|byte| format!("\\u{byte:04x}")).collect()),
    ("in base64", |text| BASE64_STANDARD.encode(text)),
    ("in base64 without padding", |text| BASE64_STANDARD_NO_PAD.encode(text)),
    ("in base64url", |text| BASE64_URL_SAFE_NO_PAD.encode(text)),
    ("in base64 after other text", |text| BASE64_STANDARD.encode(format!("ab{text}"))),
    ("wrapped", |text| {
        text.as_bytes().chunks(10).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n ")
    }),
    ("truncated", |text| text[..text.len() * 2 / 3].to_owned()),
    ("in two parts", |text| format!("{} and {}", &text[..17], &text[17..])),
];

/// Names of fields and parameters that suggest a secret.
const FIELDS: &[&str] =
    &["X-Pass", "X-Bearer", "X-Hmac", "X-Api-Key", "X-Csrf", "X-Saml-Assertion"];
const PARAMETERS: &[&str] = &["pass", "passcode", "code", "client_assertion", "userPass", "sig"];

pub fn scenarios() -> Vec<Scenario> {
    let forms = FORMS.iter().map(|&(name, form)| {
        Scenario::new(GROUP, format!("a token {name}"), move || {
            check_redaction(form(SECRET), |client| client.add_bearer(SECRET).unwrap())
        })
    });
    let basic = FORMS.iter().map(|&(name, form)| {
        Scenario::new(GROUP, format!("a password {name}"), move || {
            check_redaction(form(SECRET), |client| client.add_basic("ada", SECRET).unwrap())
        })
    });
    let keys = FORMS.iter().map(|&(name, form)| {
        Scenario::new(GROUP, format!("a key for AWS {name}"), move || {
            check_redaction(form(SECRET), |client| {
                client.set_aws_sigv4("eu-west-1", "s3", "AKIDEXAMPLE", SECRET, None).unwrap();
            })
        })
    });
    let attempts = FORMS.iter().map(|&(name, form)| {
        Scenario::new(GROUP, format!("a field of an attempt callback {name}"), move || {
            check_redaction(form(SECRET), |client| {
                client.set_attempt_callback(Some(Arc::new(|request| {
                    request.set_header("X-Digest", SECRET).is_ok()
                })));
            })
        })
    });
    let fields = FIELDS.iter().map(|&name| {
        Scenario::new(GROUP, format!("the value of {name}"), move || {
            check_redaction(SECRET.into(), |client| client.add_header(name, SECRET).unwrap())
        })
    });
    let parameters = PARAMETERS.iter().map(|&name| {
        Scenario::new(GROUP, format!("the parameter {name} of a request that fails"), move || {
            let (client, lines) = logging("http://127.0.0.1:9");
            let mut request = request("GET", "/hostile");
            request.add_query(name, SECRET);
            let response = client.send(&request);
            expect(&response, Code::Connect);
            assert_redacted(&response, &lines, &percent(SECRET));
            outcome(&response)
        })
    });
    let mut all: Vec<_> =
        forms.chain(basic).chain(keys).chain(attempts).chain(fields).chain(parameters).collect();
    all.push(Scenario::new(GROUP, "Basic without padding, as base64url", || {
        let pair = BASE64_URL_SAFE_NO_PAD.encode(format!("ada:{SECRET}"));
        check_redaction(pair, |client| client.add_basic("ada", SECRET).unwrap())
    }));
    all.push(Scenario::new(GROUP, "the password of Digest credentials", || {
        check_redaction(SECRET.into(), |client| client.add_digest("ada", SECRET).unwrap())
    }));
    all.push(Scenario::new(GROUP, "the password of a client's key", || {
        check_redaction(SECRET.into(), |client| {
            let password = sac::log::Secret::from(SECRET);
            client.change(&Change::ClientCertificatePassword(Some(password))).unwrap();
        })
    }));
    all.push(Scenario::new(GROUP, "log lines are limited to 8 KiB", || {
        let long = "x".repeat(200_000);
        let reason = format!("HTTP/1.1 500 {long}\r\nContent-Length: 0\r\n\r\n");
        let server = Server::always(Action::Reply(reason.into_bytes()));
        let (client, log) = logging(&server.url());
        let response = client.send(&request("GET", &format!("/{}", &long[..20_000])));
        expect(&response, Code::Status);
        let lines = log.lock().unwrap();
        let longest = lines.iter().map(String::len).max().unwrap();
        assert!(longest <= 8 << 10, "a line of {longest} B");
        format!("{} lines, the longest of {longest} B", lines.len())
    }));
    all
}

type Lines = Arc<Mutex<Vec<String>>>;

/// A client, and the lines of its log.
fn logging(url: &str) -> (Client, Lines) {
    let (client, lines) = (client(url, &[]), Lines::default());
    let log = Arc::clone(&lines);
    let sink = move |_: Level, line: &str| log.lock().unwrap().push(line.to_owned());
    client.set_logger(Some(Arc::new(sink)), Level::Trace);
    (client, lines)
}

/// Sends a request to a server that repeats the secret in its error.
fn check_redaction(repeated: String, add_secret: impl Fn(&Client)) -> String {
    let body =
        serde_json::json!({ "error": format!("not allowed: {repeated}, sorry") }).to_string();
    let server = Server::always(respond(403, &[], &body));
    let (client, lines) = logging(&server.url());
    add_secret(&client);
    let response = client.send(&request("GET", "/hostile"));
    expect(&response, Code::Status);
    let error = error_of(&response);
    assert!(error.starts_with("not allowed: ") && error.contains("[redacted]"), "{error}");
    assert_redacted(&response, &lines, &repeated);
    outcome(&response)
}

/// No error, journal or log line contains eight successive characters of the secret.
fn assert_redacted(response: &sac::answer::Response, lines: &Lines, secret: &str) {
    let lines = lines.lock().unwrap();
    assert!(!lines.is_empty(), "the log is empty");
    let texts = [error_of(response).to_owned(), journal_of(response).to_string()];
    for text in lines.iter().chain(&texts) {
        for part in secret.as_bytes().windows(8) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!text.contains(part), "{part} is in {text}");
        }
    }
}
