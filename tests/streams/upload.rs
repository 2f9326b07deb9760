//! Bodies that are read while they are sent.

use std::fs::OpenOptions;
use std::sync::Arc;

use sac::code::Code;
use sac::request::{PartHead, Progress};

use crate::server::*;

#[test]
fn a_file_is_sent_whole_and_whole_again_on_a_retry() {
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
fn a_redirect_that_keeps_the_body_replays_the_form_from_its_start() {
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
fn the_boundary_stands_in_the_content_type_even_where_the_caller_gave_another() {
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
fn a_file_that_is_missing_is_told_before_anything_is_sent() {
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
fn a_file_that_vanishes_or_grows_before_the_retry_is_not_sent_a_second_time() {
    for vanish in [true, false] {
        let folder = Folder::new();
        let path = folder.file("upload", b"all of it");
        let server = Server::start({
            let path = path.clone();
            move |listener| {
                let mut peer = Peer::accept(&listener);
                assert!(peer.request().whole);
                if vanish {
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
        assert_eq!((response.code(), response.attempts()), (Code::File, 1), "vanish: {vanish}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_sent_never_arrives_as_a_whole() {
    for size in [600_000, 4_000_000] {
        let folder = Folder::new();
        let path = folder.file("upload", &pattern(1_000_000));
        let (sender, received) = std::sync::mpsc::channel();
        let server = Server::start(move |listener| {
            sender.send(Peer::accept(&listener).request()).unwrap();
        });
        let mut request = retried("PUT");
        request.set_body_file("text/plain", &path).unwrap();
        request.set_progress(Some(Arc::new(move |moved: Progress| {
            if moved.sent > 0 {
                OpenOptions::new().write(true).open(&path).unwrap().set_len(size).unwrap();
            }
            true
        })));
        let response = server.client().send(&request);
        assert_eq!(response.code(), Code::File, "{:?}", response.error());
        assert!(
            !received.recv().unwrap().whole,
            "the server took a file of {size} bytes for whole"
        );
    }
}

#[test]
fn a_server_that_answers_in_the_middle_and_takes_no_more_is_heard() {
    let (done, wait) = std::sync::mpsc::channel();
    let server = Server::start(move |listener| {
        let mut peer = Peer::accept(&listener);
        peer.head();
        peer.read_at_least(300_000);
        peer.send(&http_response("413 Content Too Large", &[], b"{\"error\": \"enough\"}"));
        peer.stream.shutdown(std::net::Shutdown::Write).unwrap();
        // It does not read what the system still holds, but leaves the connection as it is.
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
fn progress_tells_of_both_directions_and_can_cancel() {
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (server, _received) = Server::responding([http_response("200 OK", &[], &pattern(300_000))]);
    let mut request = request("PUT");
    request.set_body("text/plain", &pattern(500_000)).unwrap();
    request.set_progress(Some(Arc::new({
        let told = Arc::clone(&told);
        move |moved| {
            told.lock().unwrap().push(moved);
            true
        }
    })));
    server.client().send(&request);
    let told = told.lock().unwrap();
    let end = Progress { sent: 500_000, to_send: 500_000, received: 300_000, to_receive: 300_000 };
    assert_eq!(told.last(), Some(&end));
    let grows =
        |pair: &[Progress]| pair[0].sent <= pair[1].sent && pair[0].received <= pair[1].received;
    assert!(told.windows(2).all(grows), "progress went back: {told:?}");
    assert!(told.iter().all(|moved| moved.to_send == 500_000));
    assert!(told.iter().any(|moved| (1..500_000).contains(&moved.sent)), "{told:?}");
    drop(told);

    for sending in [true, false] {
        let server = Server::start(move |listener| {
            let mut peer = Peer::accept(&listener);
            if peer.request().whole {
                // The client may have gone.
                let _ = std::io::Write::write_all(
                    &mut peer.stream,
                    &http_response("200 OK", &[], &pattern(300_000)),
                );
            }
        });
        request.set_progress(Some(Arc::new(move |moved: Progress| {
            if sending { moved.sent == 0 } else { moved.received == 0 }
        })));
        let response = server.client().send(&request);
        assert_eq!(response.code(), Code::Cancelled, "sending: {sending}");
    }
}
