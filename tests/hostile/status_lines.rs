//! Status lines, interim responses, and responses that have no body (RFC 9112 section 4, RFC 9110
//! section 15).

use sac::code::Code;

use crate::case::{expect_error, expect_ok};
use crate::scenario::Scenario;
use crate::support::Action;

const GROUP: &str = "status";
const REST: &str = "\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
const BODY: &str = "{\"a\":1}";

pub fn scenarios() -> Vec<Scenario> {
    let broken = BROKEN.iter().map(|(name, line)| {
        let bytes = [line, REST].concat().into_bytes();
        expect_error(Action::Reply(bytes), Code::Protocol).into_scenario(GROUP, *name)
    });
    let silent = GARBAGE.iter().map(|(name, bytes)| {
        expect_error(Action::Silence(bytes.to_vec()), Code::Protocol).into_scenario(GROUP, *name)
    });
    let odd = ODD.iter().map(|(name, line)| {
        let bytes = [line, REST].concat().into_bytes();
        expect_ok(Action::Reply(bytes), BODY).into_scenario(GROUP, *name)
    });
    let errors = ERRORS.iter().map(|&(name, line, message)| {
        let bytes = [line, REST].concat().into_bytes();
        expect_error(Action::Reply(bytes), Code::Status)
            .with_message(message)
            .then_reused()
            .into_scenario(GROUP, name)
    });
    broken.chain(silent).chain(odd).chain(errors).chain(interim()).chain(bodiless()).collect()
}

const BROKEN: &[(&str, &str)] = &[
    ("HTTP/2.0", "HTTP/2.0 200 OK"),
    ("HTTP/2", "HTTP/2 200 OK"),
    ("HTTP/1.2", "HTTP/1.2 200 OK"),
    ("HTTP/0.9", "HTTP/0.9 200 OK"),
    ("HTTP/1.10", "HTTP/1.10 200 OK"),
    ("HTTP/1", "HTTP/1 200 OK"),
    ("HTTP/11.1", "HTTP/11.1 200 OK"),
    ("lower case", "http/1.1 200 OK"),
    ("another protocol", "RTSP/1.0 200 OK"),
    ("no version", "200 OK"),
    ("no status", "HTTP/1.1"),
    ("no status after a space", "HTTP/1.1 "),
    ("a status in words", "HTTP/1.1 OK"),
    ("a status with a letter", "HTTP/1.1 2x0 OK"),
    ("two digits", "HTTP/1.1 20 OK"),
    ("four digits", "HTTP/1.1 2000 OK"),
    ("000", "HTTP/1.1 000 Nothing"),
    ("099", "HTTP/1.1 099 Too Small"),
    ("negative", "HTTP/1.1 -20 OK"),
    ("two spaces", "HTTP/1.1  200 OK"),
    ("a tab", "HTTP/1.1\t200 OK"),
    ("a tab after the status", "HTTP/1.1 200\tOK"),
    ("a space before", " HTTP/1.1 200 OK"),
    ("an empty line before", "\r\nHTTP/1.1 200 OK"),
    ("a byte order mark before", "\u{feff}HTTP/1.1 200 OK"),
    ("a body before", "{}HTTP/1.1 200 OK"),
    ("a NUL in the reason", "HTTP/1.1 200 O\0K"),
    ("a CR in the reason", "HTTP/1.1 200 O\rK"),
    ("a status with digits of another script", "HTTP/1.1 ٢٠٠ OK"),
];

/// The client must not wait for the rest of them.
const GARBAGE: &[(&str, &[u8])] = &[
    ("an SSH banner", b"SSH-2.0-OpenSSH_9.2\r\n"),
    ("an SMTP banner", b"220 mail.example ESMTP\r\n"),
    ("a page without a head", b"<!DOCTYPE html>"),
    ("a TLS record", b"\x15\x03\x01\x00\x02\x02\x46"),
    ("an HTTP/2 frame", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00"),
    ("a NUL", b"\0"),
];

const ODD: &[(&str, &str)] = &[
    ("no reason", "HTTP/1.1 200"),
    ("no reason after a space", "HTTP/1.1 200 "),
    ("a reason of spaces", "HTTP/1.1 200    "),
    ("a reason in UTF-8", "HTTP/1.1 200 schön"),
    ("299", "HTTP/1.1 299 Odd But Fine"),
];

const ERRORS: &[(&str, &str, &str)] = &[
    ("600", "HTTP/1.1 600 Beyond", "Beyond"),
    ("999", "HTTP/1.1 999 Denied", "Denied"),
    ("a reason with a tab", "HTTP/1.1 404 a\tb", "a"),
    ("a reason without a word", "HTTP/1.1 404 ", "Not Found"),
];

fn interim() -> Vec<Scenario> {
    let last = ["HTTP/1.1 200 OK", REST].concat();
    let after = |first: &str| Action::Reply([first, &last].concat().into_bytes());
    let endless = |again: &str| {
        expect_error(Action::Endless(Vec::new(), again.as_bytes().to_vec()), Code::Protocol)
            .with_message("larger than")
    };
    let hundred = "HTTP/1.1 100 Continue\r\n\r\n";
    let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";
    vec![
        expect_ok(after(hundred), BODY).into_scenario(GROUP, "an unexpected 100"),
        expect_ok(after(&hundred.repeat(50)), BODY).into_scenario(GROUP, "fifty 100s"),
        expect_ok(after(&hint.repeat(50)), BODY).into_scenario(GROUP, "fifty 103s"),
        expect_ok(after("HTTP/1.1 199 Odd\r\n\r\n"), BODY).into_scenario(GROUP, "199"),
        expect_ok(after("HTTP/1.0 100 Old\r\n\r\n"), BODY).into_scenario(GROUP, "100 in HTTP/1.0"),
        expect_ok(
            after("HTTP/1.1 100 C\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n"),
            BODY,
        )
        .into_scenario(GROUP, "100 with a length and a coding"),
        expect_error(after("HTTP/1.1 103 H\r\nContent-Length: 5\r\n\r\nhello"), Code::Protocol)
            .into_scenario(GROUP, "103 with a body"),
        endless(hundred).into_scenario(GROUP, "endless 100s"),
        endless(hint).into_scenario(GROUP, "endless 103s"),
        expect_error(Action::CloseAfter(hundred.into()), Code::Closed)
            .into_scenario(GROUP, "100 and a close"),
        expect_error(
            Action::Reply(b"HTTP/1.1 101 Switch\r\nUpgrade: h2c\r\n\r\n".to_vec()),
            Code::Protocol,
        )
        .into_scenario(GROUP, "an unexpected 101"),
        expect_error(after(&format!("{hint}HTTP/1.1 101 Switch\r\n\r\n")), Code::Protocol)
            .into_scenario(GROUP, "101 after a 103"),
    ]
}

fn bodiless() -> Vec<Scenario> {
    let reply = |text: &str| Action::Reply(text.as_bytes().to_vec());
    vec![
        expect_ok(reply("HTTP/1.1 204 No Content\r\n\r\n"), "{}").into_scenario(GROUP, "204"),
        expect_ok(reply("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"), "{}")
            .into_scenario(GROUP, "204 with a coding"),
        expect_ok(
            reply("HTTP/1.1 204 None\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"),
            "{}",
        )
        .into_scenario(GROUP, "204 in gzip"),
        expect_ok(reply("HTTP/1.1 204 None\r\nContent-Length: 7\r\n\r\n{\"a\":1}"), "{}")
            .then_not_reused()
            .into_scenario(GROUP, "204 with a body"),
        expect_ok(reply("HTTP/1.1 304 Same\r\nContent-Length: 7\r\n\r\n{\"a\":1}"), "{}")
            .then_not_reused()
            .into_scenario(GROUP, "304 with a body"),
        expect_ok(reply("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"), "{}")
            .with_method("HEAD")
            .into_scenario(GROUP, "HEAD with a length beyond the limit"),
        expect_ok(reply("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}"), "{}")
            .with_method("HEAD")
            .then_not_reused()
            .into_scenario(GROUP, "HEAD with a body"),
        expect_ok(reply("HTTP/1.1 205 Reset\r\nContent-Length: 7\r\n\r\n{\"a\":1}"), BODY)
            .into_scenario(GROUP, "205 with a body"),
    ]
}
