//! Every kind of body, with every failure in the middle of its transfer: the reported error, the
//! remaining files, and the next request of the client.

use std::net::{Shutdown, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use sac::answer::Response;
use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, PartHead, Progress, Request};
use sac::settings::Change;
use sac::wait::Cancel;

use crate::server::*;

/// More than the system buffers for a receiver that does not read.
const UPLOADED: usize = 8_000_000;
const DOWNLOADED: usize = 600_000;
/// About the middle of a transfer.
const MIDDLE: usize = 300_000;
/// Cases that run at the same time: most of them wait.
const CONCURRENCY: usize = 16;
const SILENCE_MS: u64 = 1000;

static CONTENT: LazyLock<Vec<u8>> = LazyLock::new(|| pattern(UPLOADED));

#[derive(Debug, Clone, Copy, PartialEq)]
enum Upload {
    Memory,
    Watched,
    File,
    Form,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Download {
    Memory,
    File,
    Callback,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Sending,
    Receiving,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Failure {
    Reset,
    Silence,
    Close,
    Cancel,
    CallbackStops,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    upload: Upload,
    download: Download,
    stage: Stage,
    failure: Failure,
}

fn cases(failures: &[Failure]) -> Vec<Case> {
    let mut cases = Vec::new();
    for upload in [Upload::Memory, Upload::Watched, Upload::File, Upload::Form] {
        for download in [Download::Memory, Download::File, Download::Callback] {
            for stage in [Stage::Sending, Stage::Receiving] {
                let of = |failure: &Failure| Case { upload, download, stage, failure: *failure };
                cases.extend(failures.iter().map(of));
            }
        }
    }
    cases
}

fn each(cases: &[Case], run: impl Fn(Case) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run(*case);
                }
            });
        }
    });
}

/// The parts of a case, which the test checks afterwards.
struct Fixture {
    case: Case,
    folder: Folder,
    client: Client,
    request: Request,
    received_bytes: Arc<Mutex<Vec<u8>>>,
}

impl Case {
    fn upload_size(self) -> usize {
        if self.stage == Stage::Sending { UPLOADED } else { 1000 }
    }

    fn fixture(self, server: &Server, cancel: Option<Cancel>) -> Fixture {
        let folder = Folder::new();
        let mut request = request("PUT");
        let content = &CONTENT[..self.upload_size()];
        match self.upload {
            Upload::Memory | Upload::Watched => request.set_body("x/y", content).unwrap(),
            Upload::File => request.set_body_file("x/y", &folder.file("upload", content)).unwrap(),
            Upload::Form => {
                let head = PartHead { name: "field", file_name: None, content_type: None };
                request.add_part(&head, b"value").unwrap();
                request.add_part_file("file", &folder.file("upload", content), None).unwrap();
            }
        }
        let received_bytes = Arc::new(Mutex::new(Vec::new()));
        let callback_stops = self.failure == Failure::CallbackStops;
        let output_stops = callback_stops && self.stage == Stage::Receiving;
        match self.download {
            Download::Memory => {}
            Download::File => {
                let target = folder.file("target", b"the old one");
                request.set_output(Output::File(target.into())).unwrap();
            }
            Download::Callback => {
                let received_bytes = Arc::clone(&received_bytes);
                let take = move |bytes: &[u8]| {
                    let mut received_bytes = received_bytes.lock().unwrap();
                    received_bytes.extend_from_slice(bytes);
                    !(output_stops && received_bytes.len() > MIDDLE / 2)
                };
                request.set_output(Output::Callback(Arc::new(take))).unwrap();
            }
        }
        let progress_stops =
            callback_stops && !(output_stops && self.download == Download::Callback);
        if progress_stops || self.upload == Upload::Watched {
            let stage = self.stage;
            request.set_progress(Some(Arc::new(move |progress: Progress| {
                let amount =
                    if stage == Stage::Sending { progress.sent } else { progress.received };
                !(progress_stops && amount > MIDDLE as u64 / 2)
            })));
        }
        request.set_cancel(cancel);
        if self.failure == Failure::Silence {
            request.change(Change::ReadTimeoutMs(SILENCE_MS)).unwrap();
        }
        Fixture { case: self, folder, client: server.client(), request, received_bytes }
    }

    /// Injects the failure on the first connection. Returns the connection if it is still open.
    fn inject_failure(self, listener: &TcpListener, cancel: Option<&Cancel>) -> Option<Peer> {
        let mut peer = Peer::accept(listener);
        if self.stage == Stage::Sending {
            peer.head();
            // The callback stops the transfer somewhat earlier.
            let callback_stops = self.failure == Failure::CallbackStops;
            peer.read_at_least(if callback_stops { MIDDLE / 3 } else { MIDDLE });
        } else {
            assert!(peer.request().whole, "{self:?}: the request was incomplete");
            let _ =
                peer.try_send(&truncated_response("200 OK", &[], &CONTENT[..DOWNLOADED], MIDDLE));
        }
        match self.failure {
            Failure::Reset => peer.reset(),
            Failure::Close if self.stage == Stage::Receiving => drop(peer),
            failure => {
                match failure {
                    Failure::Close => peer.stream.shutdown(Shutdown::Write).unwrap(),
                    Failure::Cancel => cancel.unwrap().trigger(),
                    _ => {}
                }
                return Some(peer);
            }
        }
        None
    }

    fn code(self) -> Code {
        match self.failure {
            Failure::Reset | Failure::Close => Code::Closed,
            Failure::Silence => Code::Timeout,
            Failure::Cancel | Failure::CallbackStops => Code::Cancelled,
        }
    }
}

impl Fixture {
    /// The folder contains only the old files.
    fn assert_unchanged(&self, response: &Response) {
        let case = self.case;
        let mut listed = self.folder.listed();
        listed.retain(|name| name != "upload");
        match case.download {
            Download::File => {
                assert_eq!(listed, ["target"], "{case:?}");
                let old = std::fs::read(self.folder.path("target")).unwrap();
                assert_eq!(old, b"the old one", "{case:?}");
                assert_eq!(response.body().len(), 0, "{case:?}");
            }
            Download::Callback => {
                let received_bytes = self.received_bytes.lock().unwrap();
                assert!(
                    CONTENT.starts_with(&received_bytes),
                    "{case:?}: the callback got other bytes"
                );
                // A cancel may happen before the first byte.
                let none = case.stage == Stage::Sending;
                assert!(
                    received_bytes.is_empty() == none || case.failure == Failure::Cancel,
                    "{case:?}"
                );
            }
            Download::Memory => {
                assert!(CONTENT.starts_with(response.body()), "{case:?}: another body");
            }
        }
    }

    fn assert_complete(&self, response: &Response) {
        let expected = &CONTENT[..DOWNLOADED];
        let case = self.case;
        let content = match case.download {
            Download::File => std::fs::read(self.folder.path("target")).unwrap(),
            Download::Callback => self.received_bytes.lock().unwrap().clone(),
            Download::Memory => response.body().to_vec(),
        };
        assert!(content == expected, "{case:?}: another content");
    }
}

#[test]
fn a_failure_in_the_middle_of_any_transfer_is_reported_and_leaves_no_files() {
    let failures =
        [Failure::Reset, Failure::Silence, Failure::Close, Failure::Cancel, Failure::CallbackStops];
    each(&cases(&failures), |case| {
        let cancel = (case.failure == Failure::Cancel).then(|| Cancel::new().unwrap());
        let server = Server::start({
            let cancel = cancel.clone();
            move |listener| {
                let open = case.inject_failure(&listener, cancel.as_ref());
                let mut peer = Peer::accept(&listener);
                // The client must close the first connection.
                open.into_iter().for_each(Peer::read_to_end);
                assert!(
                    peer.request().head.starts_with("GET "),
                    "{case:?}: the request was repeated"
                );
                peer.send(&http_response("200 OK", &[], b"{}"));
            }
        });
        let fixture = case.fixture(&server, cancel);
        let response = fixture.client.send(&fixture.request);
        let error = error_of(&response);
        assert_eq!((response.code(), response.attempts()), (case.code(), 1), "{case:?}: {error}");
        assert!(error.contains("after 1 attempt"), "{case:?}: {error}");
        fixture.assert_unchanged(&response);
        let after = fixture.client.send(&request("GET"));
        assert_eq!(after.code(), Code::Ok, "{case:?}, afterwards: {}", error_of(&after));
    });
}

#[test]
fn a_retry_sends_the_complete_request_and_gets_the_complete_response() {
    each(&cases(&[Failure::Reset, Failure::Silence, Failure::Close]), |case| {
        let not_retried = case.stage == Stage::Receiving && case.download == Download::Callback;
        let server = Server::start(move |listener| {
            let open = case.inject_failure(&listener, None);
            if not_retried {
                open.into_iter().for_each(Peer::read_to_end);
                return;
            }
            let mut peer = Peer::accept(&listener);
            let received = peer.request();
            assert_eq!(received.field("range"), None, "{case:?}: only a GET may have one");
            peer.send(&http_response("200 OK", &[], &CONTENT[..DOWNLOADED]));
            open.into_iter().for_each(Peer::read_to_end);
            let content = &CONTENT[..case.upload_size()];
            assert!(received.whole, "{case:?}: it was incomplete");
            if case.upload == Upload::Form {
                let holds = received.body.windows(1000).any(|part| part == &content[..1000]);
                assert!(holds && received.body.len() > content.len(), "{case:?}: another form");
            } else {
                assert!(received.body == content, "{case:?}: another body");
            }
        });
        let mut fixture = case.fixture(&server, None);
        fixture.request.change(Change::RetryAttempts(1)).unwrap();
        let response = fixture.client.send(&fixture.request);
        let error = error_of(&response);
        if not_retried {
            assert_eq!((response.code(), response.attempts()), (case.code(), 1), "{case:?}");
            assert!(error.contains("not retried"), "{case:?}: {error}");
            fixture.assert_unchanged(&response);
        } else {
            assert_eq!(response.attempts(), 2, "{case:?}: {error}");
            assert!(matches!(response.code(), Code::Ok | Code::NotJson), "{case:?}: {error}");
            fixture.assert_complete(&response);
        }
    });
}
