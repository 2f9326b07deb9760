//! Response bodies that go to a file or a callback.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Progress, Request};
use sac::settings::Change;

use crate::server::*;

const STRONG: &str = "ETag: \"v1\"";

fn to_file(mut request: Request, path: &str) -> Request {
    request.set_output(Output::File(path.into())).unwrap();
    request
}

#[test]
fn a_download_creates_one_file_with_the_default_permissions() {
    let folder = Folder::new();
    let content = pattern(700_001);
    let (server, received) = Server::responding([http_response("200 OK", &[], &content)]);
    let path = folder.path("target");
    let response = server.client().send(&to_file(request("GET"), &path));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!((response.body().len(), response.json_text()), (0, "{}"));
    assert!(fs::read(&path).unwrap() == content, "another content");
    assert_eq!(folder.listed(), ["target"]);
    let plain = folder.file("plain", b"");
    let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
    assert_eq!(received.recv().unwrap().field("accept"), Some("*/*"));
}

#[test]
fn an_error_response_goes_to_memory_and_creates_no_file() {
    let folder = Folder::new();
    let missing = http_response(
        "404 Not Found",
        &["Content-Type: application/json"],
        b"{\"error\":\"gone\"}",
    );
    let (server, _received) = Server::responding([missing]);
    let response = server.client().send(&to_file(request("GET"), &folder.path("target")));
    assert_eq!(response.code(), Code::Status);
    assert_eq!(response.json_text(), "{\"error\":\"gone\"}");
    assert!(folder.listed().is_empty(), "{:?} remains", folder.listed());
}

#[test]
fn a_call_does_not_end_with_an_earlier_response_whose_file_was_overwritten() {
    let folder = Folder::new();
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let server = Server::start(move |listener| {
        let mut peer = Peer::accept(&listener);
        peer.request();
        peer.send(&http_response("202 Accepted", &["Connection: close"], b"not yet"));
        let mut silent = Peer::accept(&listener);
        silent.request();
        wait.recv().unwrap();
    });
    let client = server.client();
    for change in
        [Change::RetryAttempts(1), Change::RetryStatuses([202].into()), Change::DeadlineMs(500)]
    {
        client.change(&change).unwrap();
    }
    let response = client.send(&to_file(request("GET"), &folder.path("target")));
    done.send(()).unwrap();
    assert_eq!((response.code(), response.attempts()), (Code::Timeout, 2));
    assert!(folder.listed().is_empty(), "{:?} remains", folder.listed());
}

#[test]
fn a_response_without_content_does_not_change_the_file() {
    let folder = Folder::new();
    let path = folder.file("target", b"the old one");
    for (head, status, body) in [
        ("204 No Content\r\n\r\n", 204, ""),
        ("205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205, ""),
        ("300 Multiple Choices\r\nContent-Length: 7\r\n\r\n<a><b/>", 300, "<a><b/>"),
        ("302 Found\r\nContent-Length: 5\r\n\r\nmoved", 302, "moved"),
        ("304 Not Modified\r\n\r\n", 304, ""),
    ] {
        let (server, _received) = Server::responding([format!("HTTP/1.1 {head}").into_bytes()]);
        let response = server.client().send(&to_file(request("GET"), &path));
        assert_eq!((response.code(), response.status()), (Code::Ok, status), "{head}");
        assert_eq!(response.body(), body.as_bytes(), "{head}");
        assert_eq!(fs::read(&path).unwrap(), b"the old one", "{head}");
        assert_eq!(folder.listed(), ["target"], "{head}");
    }
}

#[test]
fn a_response_with_empty_content_creates_an_empty_file() {
    let folder = Folder::new();
    let path = folder.file("target", b"the old one");
    let (server, _received) = Server::responding([http_response("200 OK", &[], b"")]);
    let response = server.client().send(&to_file(request("GET"), &path));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn a_response_without_content_does_not_complete_a_partial_download() {
    for nothing in ["204 No Content", "304 Not Modified"] {
        let folder = Folder::new();
        let path = folder.file("target", b"the old one");
        let broken = truncated_response("200 OK", &[STRONG], &pattern(50_000), 40_000);
        let nothing = format!("HTTP/1.1 {nothing}\r\n\r\n").into_bytes();
        let (server, _received) = Server::responding([broken, nothing]);
        let response = server.client().send(&to_file(retried("GET"), &path));
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
        assert_eq!(fs::read(&path).unwrap(), b"the old one", "{}", response.status());
    }
}

#[test]
fn a_part_of_another_version_restarts_the_download() {
    let date = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
    let later = "Last-Modified: Mon, 07 Nov 1994 08:49:37 GMT";
    let now = "Date: Tue, 08 Nov 1994 08:49:37 GMT";
    let (old, new) = (pattern(50_000), pattern(50_004).split_off(4));
    for (first, second) in [(STRONG, "ETag: \"v2\""), (STRONG, "ETag: W/\"v1\""), (date, later)] {
        let folder = Folder::new();
        let broken = truncated_response("200 OK", &[first, now], &old, 40_000);
        let fields = [second, now, "Content-Range: bytes 40000-49999/50000"];
        let foreign = http_response("206 Partial Content", &fields, &new[40_000..]);
        let whole = http_response("200 OK", &[second, now], &new);
        let (server, received) = Server::responding([broken, foreign, whole]);
        let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
        assert_eq!(response.code(), Code::Ok, "{second}: {}", error_of(&response));
        assert!(fs::read(folder.path("target")).unwrap() == new, "{second}: another content");
        let ranges: Vec<_> =
            received.iter().map(|received| received.field("range").is_some()).collect();
        assert_eq!(ranges, [false, true, false], "{second}");
    }
}

#[test]
fn a_part_without_a_validator_continues_the_download_because_of_if_range() {
    let folder = Folder::new();
    let content = pattern(50_000);
    let broken = truncated_response("200 OK", &[STRONG], &content, 40_000);
    let range = "Content-Range: bytes 40000-49999/50000";
    let rest = http_response("206 Partial Content", &[range], &content[40_000..]);
    let (server, _received) = Server::responding([broken, rest]);
    let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
    assert_eq!((response.code(), response.status()), (Code::Ok, 206), "{}", error_of(&response));
    assert!(fs::read(folder.path("target")).unwrap() == content, "another content");
}

#[test]
fn a_broken_download_leaves_no_file() {
    let folder = Folder::new();
    let path = folder.file("target", b"the old one");
    let broken = truncated_response("200 OK", &[STRONG], &pattern(500_000), 400_000);
    let (server, _received) = Server::responding([broken]);
    let response = server.client().send(&to_file(request("GET"), &path));
    assert_eq!(response.code(), Code::Closed);
    assert!(error_of(&response).contains("400000 of 500000"), "{}", error_of(&response));
    assert_eq!(response.body().len(), 0);
    assert_eq!(folder.listed(), ["target"]);
    assert_eq!(fs::read(&path).unwrap(), b"the old one");
}

#[test]
fn a_broken_download_with_a_strong_validator_continues() {
    let folder = Folder::new();
    let content = pattern(500_000);
    let rest = http_response(
        "206 Partial Content",
        &[STRONG, "Content-Range: bytes 400000-499999/500000"],
        &content[400_000..],
    );
    let (server, received) =
        Server::responding([truncated_response("200 OK", &[STRONG], &content, 400_000), rest]);
    let last = Arc::new(Mutex::new(Progress::default()));
    let mut request = to_file(retried("GET"), &folder.path("target"));
    request.set_progress(Some(Arc::new({
        let last = Arc::clone(&last);
        move |progress| {
            *last.lock().unwrap() = progress;
            true
        }
    })));
    let response = server.client().send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(fs::read(folder.path("target")).unwrap() == content, "another content");
    let (first, second) = (received.recv().unwrap(), received.recv().unwrap());
    assert_eq!(first.field("range"), None);
    assert_eq!(second.field("range"), Some("bytes=400000-"));
    assert_eq!(second.field("if-range"), Some("\"v1\""));
    let last = *last.lock().unwrap();
    assert_eq!((last.received, last.to_receive), (500_000, 500_000));
}

#[test]
fn a_file_that_cannot_be_renamed_at_the_end_is_an_error() {
    let folder = Folder::new();
    let (server, _received) = Server::responding([http_response("200 OK", &[], &pattern(50_000))]);
    let target = folder.path("target");
    let mut request = to_file(request("GET"), &target);
    let obstacle = target.clone();
    request.set_progress(Some(Arc::new(move |_| {
        let _ = fs::create_dir(&obstacle);
        true
    })));
    let response = server.client().send(&request);
    assert_eq!((response.code(), response.status(), response.attempts()), (Code::File, 200, 1));
    let error = error_of(&response);
    let words = format!("failed after 1 attempt: the file {target} cannot be written: ");
    assert!(error.starts_with("GET http://") && error.contains(&words), "{error}");
    assert_eq!(folder.listed(), ["target"], "a file remains");
}

#[test]
fn an_invalid_file_name_is_an_error_before_anything_is_sent() {
    let folder = Folder::new();
    let client = Client::new("http://127.0.0.1:1").unwrap();
    let target = folder.path(&"n".repeat(300));
    let response = client.send(&to_file(request("GET"), &target));
    assert_eq!((response.code(), response.attempts()), (Code::File, 0));
    let error = error_of(&response);
    let words = format!("failed before anything was sent: the file {target} cannot be written: ");
    assert!(error.contains(&words), "{error}");
    assert!(folder.listed().is_empty(), "a file remains");
}

#[test]
fn a_download_restarts_if_the_resource_has_changed_or_has_no_strong_validator() {
    let (old, new) = (pattern(50_000), pattern(60_000));
    let whole = || http_response("200 OK", &["ETag: \"v2\""], &new);
    for validator in [STRONG, "ETag: W/\"v1\"", "X-None: 1"] {
        let folder = Folder::new();
        let broken = truncated_response("200 OK", &[validator], &old, 40_000);
        let (server, received) = Server::responding([broken, whole()]);
        let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
        assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
        assert!(fs::read(folder.path("target")).unwrap() == new, "{validator}: another content");
        let _first = received.recv().unwrap();
        assert_eq!(received.recv().unwrap().field("range").is_some(), validator == STRONG);
    }
}

#[test]
fn a_download_restarts_if_the_server_rejects_the_range() {
    let folder = Folder::new();
    let content = pattern(50_000);
    let broken = truncated_response("200 OK", &[STRONG], &content, 40_000);
    let refused = http_response("416 Range Not Satisfiable", &[], b"");
    let (server, received) =
        Server::responding([broken, refused, http_response("200 OK", &[], &content)]);
    let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(fs::read(folder.path("target")).unwrap() == content, "another content");
    assert_eq!(received.iter().nth(2).unwrap().field("range"), None);
}

#[test]
fn a_part_that_is_not_the_rest_is_rejected() {
    let content = pattern(50_000);
    for (range, part) in [
        ("bytes 40000-44999/50000", &content[40_000..45_000]),
        ("bytes 39999-49999/50000", &content[39_999..]),
        ("bytes 40000-44999/45000", &content[40_000..45_000]),
    ] {
        let folder = Folder::new();
        let range = format!("Content-Range: {range}");
        let broken = truncated_response("200 OK", &[STRONG], &content, 40_000);
        let other = http_response("206 Partial Content", &[STRONG, &range], part);
        let (server, received) =
            Server::responding([broken, other, http_response("200 OK", &[], &content)]);
        let mut request = to_file(request("GET"), &folder.path("target"));
        request.change(Change::RetryAttempts(2)).unwrap();
        let response = server.client().send(&request);
        assert_eq!(response.code(), Code::Ok, "{range}: {}", error_of(&response));
        assert_eq!(
            response.attempts(),
            2,
            "{range}: the request after a wrong range is not a retry"
        );
        assert!(fs::read(folder.path("target")).unwrap() == content, "{range}: another content");
        assert_eq!(received.iter().nth(2).unwrap().field("range"), None, "{range}");
    }
    let folder = Folder::new();
    let unasked =
        http_response("206 Partial Content", &["Content-Range: bytes 0-9/50"], b"0123456789");
    let (server, _received) = Server::responding([unasked]);
    let response = server.client().send(&to_file(request("GET"), &folder.path("target")));
    assert_eq!(response.code(), Code::Protocol, "{}", error_of(&response));
    assert!(error_of(&response).contains("not asked for"), "{}", error_of(&response));
    assert!(folder.listed().is_empty(), "{:?} remains", folder.listed());
}

#[test]
fn a_200_with_a_content_range_never_corrupts_the_file() {
    let content = pattern(307_200);
    let slice = |range: &str, etag: &str, from: usize| {
        let range = format!("Content-Range: {range}");
        http_response("200 OK", &[etag, &range], &content[from..])
    };
    for (name, second, requests) in [
        ("the rest", slice("bytes 100000-307199/307200", STRONG, 100_000), 2),
        ("the rest of all", slice("bytes 100000-307199/*", STRONG, 100_000), 2),
        ("all", slice("bytes 0-307199/307200", STRONG, 0), 2),
        ("another part", slice("bytes 200000-307199/307200", STRONG, 200_000), 3),
        (
            "the rest of something else",
            slice("bytes 100000-307199/307200", "ETag: \"v2\"", 100_000),
            3,
        ),
        (
            "the rest without a Content-Range",
            http_response("200 OK", &[STRONG], &content[100_000..]),
            3,
        ),
    ] {
        let folder = Folder::new();
        let broken = truncated_response("200 OK", &[STRONG], &content, 100_000);
        let responses = [broken, second, http_response("200 OK", &[STRONG], &content)];
        let (sender, received) = std::sync::mpsc::channel();
        let server = Server::start(move |listener| {
            for response in responses.into_iter().take(requests) {
                let mut peer = Peer::accept(&listener);
                sender.send(peer.request()).unwrap();
                peer.send(&response);
            }
        });
        let mut request = to_file(request("GET"), &folder.path("target"));
        request.change(Change::RetryAttempts(2)).unwrap();
        let response = server.client().send(&request);
        assert_eq!(response.code(), Code::Ok, "{name}: {}", error_of(&response));
        assert!(fs::read(folder.path("target")).unwrap() == content, "{name}: another content");
        let ranges: Vec<_> =
            received.iter().map(|received| received.field("range").is_some()).collect();
        assert_eq!(ranges, [false, true, false][..requests], "{name}");
    }
    let folder = Folder::new();
    let unasked = slice("bytes 100000-307199/307200", STRONG, 100_000);
    let (server, _received) = Server::responding([unasked]);
    let response = server.client().send(&to_file(request("GET"), &folder.path("target")));
    assert_eq!(response.code(), Code::Protocol, "{}", error_of(&response));
    assert!(folder.listed().is_empty(), "{:?} remains", folder.listed());
}

/// A response without a Content-Length: it is chunked, or ends with the connection.
fn without_length(etag: &str, chunked: bool, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{etag}\r\n");
    if !chunked {
        return [head.as_bytes(), b"\r\n", body].concat();
    }
    let size = format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len());
    [head.as_bytes(), size.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
}

#[test]
fn a_200_with_a_slice_and_no_content_range_never_corrupts_the_file() {
    let content = pattern(307_200);
    let slice = &content[100_000..];
    let (other, none) = ("ETag: \"node-2\"", "X-None: 1");
    let known = || truncated_response("200 OK", &[STRONG], &content, 100_000);
    // A chunk that breaks off: the total length is unknown.
    let unknown = || {
        let whole = without_length(STRONG, true, &content);
        whole[..whole.len() - 207_207].to_vec()
    };
    for (name, first, second) in [
        ("at the end of the connection", known(), without_length(STRONG, false, slice)),
        ("in chunks", known(), without_length(STRONG, true, slice)),
        ("without a tag, by its length", known(), http_response("200 OK", &[], slice)),
        ("without a tag, at the end", known(), without_length(none, false, slice)),
        ("without a tag, in chunks", known(), without_length(none, true, slice)),
        ("with another tag, by its length", known(), http_response("200 OK", &[other], slice)),
        ("with another tag, at the end", known(), without_length(other, false, slice)),
        (
            "of an unknown whole, by its length",
            unknown(),
            http_response("200 OK", &[STRONG], slice),
        ),
        ("of an unknown whole, at the end", unknown(), without_length(STRONG, false, slice)),
        ("of an unknown whole, in chunks", unknown(), without_length(STRONG, true, slice)),
    ] {
        let folder = Folder::new();
        let whole = http_response("200 OK", &[STRONG], &content);
        let (server, received) = Server::responding([first, second, whole]);
        let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
        assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{name}");
        assert!(fs::read(folder.path("target")).unwrap() == content, "{name}: another content");
        let ranges: Vec<_> =
            received.iter().map(|received| received.field("range").is_some()).collect();
        assert_eq!(ranges, [false, true, false], "{name}");
    }
}

#[test]
fn a_shorter_response_without_a_length_is_rejected() {
    let folder = Folder::new();
    let content = pattern(50_000);
    let broken = truncated_response("200 OK", &[STRONG], &content, 40_000);
    let refused = http_response("416 Range Not Satisfiable", &[], b"");
    let short = without_length(STRONG, false, &content[..45_000]);
    let (server, _received) = Server::responding([broken, refused, short]);
    let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
    assert_eq!(response.code(), Code::Protocol, "{}", error_of(&response));
    assert!(error_of(&response).contains("longer or shorter"), "{}", error_of(&response));
    assert!(folder.listed().is_empty(), "{:?} remains", folder.listed());
}

#[test]
fn a_coded_download_is_decoded_and_never_resumed() {
    let folder = Folder::new();
    let mut packed = Vec::new();
    let content = pattern(100_000);
    let mut encoder = flate2::read::GzEncoder::new(&content[..], flate2::Compression::fast());
    std::io::Read::read_to_end(&mut encoder, &mut packed).unwrap();
    let fields = [STRONG, "Content-Encoding: gzip"];
    let broken = truncated_response("200 OK", &fields, &packed, packed.len() / 2);
    let (server, received) =
        Server::responding([broken, http_response("200 OK", &fields, &packed)]);
    let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(fs::read(folder.path("target")).unwrap() == content, "another content");
    assert_eq!(received.iter().nth(1).unwrap().field("range"), None);
}

#[test]
fn the_body_limit_counts_the_decoded_bytes_of_a_download() {
    let mut packed = Vec::new();
    let zeros = vec![0; 1_000_000];
    let mut encoder = flate2::read::GzEncoder::new(&zeros[..], flate2::Compression::fast());
    std::io::Read::read_to_end(&mut encoder, &mut packed).unwrap();
    let folder = Folder::new();
    let bomb = http_response("200 OK", &["Content-Encoding: gzip"], &packed);
    let (server, _received) = Server::responding([bomb]);
    let mut request = to_file(request("GET"), &folder.path("target"));
    request.change(Change::MaxBodyBytes(999_999)).unwrap();
    let response = server.client().send(&request);
    assert_eq!(response.code(), Code::TooLarge, "{}", error_of(&response));
    assert!(folder.listed().is_empty(), "{:?} remains", folder.listed());
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_before_anything_is_sent() {
    let server = Server::start(drop);
    for path in ["/nowhere/at/all", "/dev/null", "/"] {
        let response = server.client().send(&to_file(request("POST"), path));
        assert_eq!((response.code(), response.attempts()), (Code::File, 0), "{path}");
        assert!(error_of(&response).contains(path), "{}", error_of(&response));
    }
}

#[test]
fn a_full_disk_ends_the_call_and_leaves_no_file() {
    let folder = Folder::new();
    let mount = |arguments: &[&str]| {
        std::process::Command::new("mount")
            .args(arguments)
            .output()
            .is_ok_and(|out| out.status.success())
    };
    let path = folder.0.to_str().unwrap();
    if !mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs", path]) {
        skipped("a_full_disk (needs root, to mount a small tmpfs)");
        return;
    }
    let (server, _received) =
        Server::responding([truncated_response("200 OK", &[], &pattern(500_000), 100_000)]);
    let response = server.client().send(&to_file(retried("GET"), &folder.path("target")));
    let listed = folder.listed();
    std::process::Command::new("umount").arg(path).status().unwrap();
    assert_eq!(response.code(), Code::File, "{}", error_of(&response));
    assert!(error_of(&response).to_lowercase().contains("no space"), "{}", error_of(&response));
    assert!(listed.is_empty(), "{listed:?} remains");
}

fn to_callback(mut request: Request, received_bytes: &Arc<Mutex<Vec<u8>>>, max: usize) -> Request {
    let received_bytes = Arc::clone(received_bytes);
    let take = move |bytes: &[u8]| {
        let mut received_bytes = received_bytes.lock().unwrap();
        received_bytes.extend_from_slice(bytes);
        received_bytes.len() < max
    };
    request.set_output(Output::Callback(Arc::new(take))).unwrap();
    request
}

#[test]
fn a_callback_gets_the_bytes_of_a_success_and_none_of_an_error() {
    let content = pattern(300_000);
    let unavailable = http_response("503 Service Unavailable", &["Retry-After: 0"], b"busy");
    let (server, _received) =
        Server::responding([unavailable, http_response("200 OK", &[], &content)]);
    let received_bytes = Arc::default();
    let response = server.client().send(&to_callback(retried("GET"), &received_bytes, usize::MAX));
    assert_eq!((response.code(), response.attempts()), (Code::Ok, 2), "{}", error_of(&response));
    assert!(*received_bytes.lock().unwrap() == content, "another content");
}

#[test]
fn a_callback_gets_no_bytes_of_a_redirection() {
    let (server, _received) =
        Server::responding([http_response("300 Multiple Choices", &[], b"a or b")]);
    let received_bytes = Arc::default();
    let response = server.client().send(&to_callback(request("GET"), &received_bytes, usize::MAX));
    assert_eq!((response.code(), response.body()), (Code::Ok, &b"a or b"[..]));
    assert!(received_bytes.lock().unwrap().is_empty(), "the callback got the list of choices");
}

#[test]
fn a_callback_never_gets_a_byte_twice() {
    let (server, _received) =
        Server::responding([truncated_response("200 OK", &[STRONG], &pattern(50_000), 40_000)]);
    let received_bytes = Arc::default();
    let response = server.client().send(&to_callback(retried("GET"), &received_bytes, usize::MAX));
    assert_eq!((response.code(), response.attempts()), (Code::Closed, 1));
    assert!(error_of(&response).contains("not retried"), "{}", error_of(&response));
    assert!(*received_bytes.lock().unwrap() == pattern(40_000), "another content");
}

#[test]
fn a_callback_can_cancel() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(&listener);
        peer.request();
        let whole = http_response("200 OK", &[], &pattern(3_000_000));
        // The client closes the connection in the middle.
        let _ = std::io::Write::write_all(&mut peer.stream, &whole);
    });
    let response = server.client().send(&to_callback(retried("GET"), &Arc::default(), 1));
    assert_eq!((response.code(), response.attempts()), (Code::Cancelled, 1));
}

#[test]
fn the_body_of_a_redirect_is_discarded() {
    let folder = Folder::new();
    let elsewhere = http_response("302 Found", &["Location: /there"], b"moved");
    let (server, _received) =
        Server::responding([elsewhere, http_response("200 OK", &[], b"the file")]);
    let response = server.client().send(&to_file(request("GET"), &folder.path("target")));
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!(fs::read(folder.path("target")).unwrap(), b"the file");
}
