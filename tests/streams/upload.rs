//! Request bodies that are read while they are sent.

use std::fs::OpenOptions;
use std::sync::Arc;

use sac::code::Code;
use sac::request::{PartHead, Progress};

use crate::server::*;

#[test]
fn a_file_is_sent_completely_in_each_attempt() {
    let folder = Folder::new();
    let content = pattern(1_000_003);
    let path = folder.file("upload", &content);
    let unavailable = http_response("503 Service Unavailable", &["Retry-After: 0"], b"");
    let (server, received) = Server::responding([unavailable, http_response("200 OK", &[], b"{}")]);
    let mut request = retried("POST");
    request.set_body_file("application/x-tar", &path).unwrap();
    let response = server.client().send(&request);
    assert_eq!(response.code(), Code::Ok, "{:?}", response.error());
    assert_eq!(response.attempts(), 2);
    for attempt in 1..=2 {
        let received = received.recv().unwrap();
        assert_eq!(received.field("content-length"), Some("1000003"), "attempt {attempt}");
        assert_eq!(received.field("content-type"), Some("application/x-tar"));
        assert_eq!(received.field("transfer-encoding"), None);
        assert!(received.body == content, "attempt {attempt} sent another body");
    }
}

#[test]
fn a_redirect_that_keeps_the_body_sends_the_form_again() {
    let folder = Folder::new();
    let path = folder.file("a \"quoted\" name.bin", b"\x00\xff in a file");
    let elsewhere = http_response("307 Temporary Redirect", &["Location: /there"], b"");
    let (server, received) = Server::responding([elsewhere, http_response("200 OK", &[], b"{}")]);
    let mut request = request("POST");
    let head = PartHead { name: "title", file_name: None, content_type: None };
    request.add_part(&head, b"a text").unwrap();
    request.add_part_file("file", &path, Some("image/png")).unwrap();
    let response = server.client().send(&request);
    assert_eq!(response.code(), Code::Ok, "{:?}", response.error());
    let (first, second) = (received.recv().unwrap(), received.recv().unwrap());
    assert!(second.head.starts_with("POST /there "), "{}", second.head);
    assert_eq!(first.body, second.body);
    let text = String::from_utf8_lossy(&second.body);
    assert!(text.contains("name=\"file\"; filename=\"a %22quoted%22 name.bin\""), "{text}");
    let content = b"\x00\xff in a file";
    assert!(second.body.windows(content.len()).any(|part| part == content), "{text}");
}

#[test]
fn the_boundary_is_in_the_content_type_even_if_the_caller_set_one() {
    let (server, received) = Server::responding([http_response("200 OK", &[], b"{}")]);
    let mut request = request("POST");
    request.set_header("Content-Type", "multipart/form-data").unwrap();
    let head = PartHead { name: "a", file_name: None, content_type: None };
    request.add_part(&head, b"1").unwrap();
    server.client().send(&request);
    let received = received.recv().unwrap();
    let type_ = received.field("content-type").unwrap();
    let boundary = type_.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert!(received.body.starts_with(format!("--{boundary}\r\n").as_bytes()));
}

#[test]
fn a_missing_file_is_an_error_before_anything_is_sent() {
    let server = Server::start(drop);
    let mut request = request("POST");
    request.set_body_file("text/plain", "/nowhere/at/all").unwrap();
    let response = server.client().send(&request);
    assert_eq!((response.code(), response.attempts()), (Code::File, 0));
    let error = error_of(&response);
    let words = "/ failed before anything was sent: the file /nowhere/at/all cannot be read: ";
    assert!(error.starts_with("POST http://") && error.contains(words), "{error}");
}

#[test]
fn a_file_that_is_deleted_or_grows_before_the_retry_is_not_sent_again() {
    for delete in [true, false] {
        let folder = Folder::new();
        let path = folder.file("upload", b"all of it");
        let server = Server::start({
            let path = path.clone();
            move |listener| {
                let mut peer = Peer::accept(&listener);
                assert!(peer.request().whole);
                if delete {
                    std::fs::remove_file(&path).unwrap();
                } else {
                    std::fs::write(&path, "all of it, and more").unwrap();
                }
                peer.send(&http_response("503 Service Unavailable", &["Retry-After: 0"], b""));
            }
        });
        let mut request = retried("PUT");
        request.set_body_file("text/plain", &path).unwrap();
        let response = server.client().send(&request);
        assert_eq!((response.code(), response.attempts()), (Code::File, 1), "delete: {delete}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_sent_never_arrives_as_complete() {
    for size in [600_000, 4_000_000] {
        let folder = Folder::new();
        let path = folder.file("upload", pattern(1_000_000));
        let (sender, received) = std::sync::mpsc::channel();
        let server = Server::start(move |listener| {
            sender.send(Peer::accept(&listener).request()).unwrap();
        });
        let mut request = retried("PUT");
        request.set_body_file("text/plain", &path).unwrap();
        request.set_progress(Some(Arc::new(move |progress: Progress| {
            if progress.sent > 0 {
                OpenOptions::new().write(true).open(&path).unwrap().set_len(size).unwrap();
            }
            true
        })));
        let response = server.client().send(&request);
        assert_eq!(response.code(), Code::File, "{:?}", response.error());
        assert!(
            !received.recv().unwrap().whole,
            "the server got a complete body for a file of {size} bytes"
        );
    }
}

#[test]
fn a_response_in_the_middle_of_an_upload_is_read_if_the_server_stops_reading() {
    let (done, wait) = std::sync::mpsc::channel();
    let server = Server::start(move |listener| {
        let mut peer = Peer::accept(&listener);
        peer.head();
        peer.read_at_least(300_000);
        peer.send(&http_response("413 Content Too Large", &[], b"{\"error\": \"enough\"}"));
        peer.stream.shutdown(std::net::Shutdown::Write).unwrap();
        // It does not read the bytes in the system's buffer, and keeps the connection open.
        wait.recv().unwrap();
    });
    let mut request = request("POST");
    request.set_body("x/y", &pattern(8_000_000)).unwrap();
    let response = server.client().send(&request);
    done.send(()).unwrap();
    assert_eq!((response.code(), response.status()), (Code::Status, 413), "{:?}", response.error());
    assert_eq!(response.error().unwrap().to_str().unwrap(), "enough");
}

#[test]
fn progress_reports_both_directions_and_can_cancel() {
    let reports = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (server, _received) = Server::responding([http_response("200 OK", &[], &pattern(300_000))]);
    let mut request = request("PUT");
    request.set_body("text/plain", &pattern(500_000)).unwrap();
    request.set_progress(Some(Arc::new({
        let reports = Arc::clone(&reports);
        move |progress| {
            reports.lock().unwrap().push(progress);
            true
        }
    })));
    server.client().send(&request);
    let reports = reports.lock().unwrap();
    let end = Progress { sent: 500_000, to_send: 500_000, received: 300_000, to_receive: 300_000 };
    assert_eq!(reports.last(), Some(&end));
    let grows =
        |pair: &[Progress]| pair[0].sent <= pair[1].sent && pair[0].received <= pair[1].received;
    assert!(reports.windows(2).all(grows), "progress went back: {reports:?}");
    assert!(reports.iter().all(|progress| progress.to_send == 500_000));
    assert!(reports.iter().any(|progress| (1..500_000).contains(&progress.sent)), "{reports:?}");
    drop(reports);

    for sending in [true, false] {
        let server = Server::start(move |listener| {
            let mut peer = Peer::accept(&listener);
            if peer.request().whole {
                // The client may have closed the connection.
                let _ = std::io::Write::write_all(
                    &mut peer.stream,
                    &http_response("200 OK", &[], &pattern(300_000)),
                );
            }
        });
        request.set_progress(Some(Arc::new(move |progress: Progress| {
            if sending { progress.sent == 0 } else { progress.received == 0 }
        })));
        let response = server.client().send(&request);
        assert_eq!(response.code(), Code::Cancelled, "sending: {sending}");
    }
}
