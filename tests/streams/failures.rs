//! Every kind of body, with every failure in the middle of its transfer: what the caller is told,
//! what is left behind, and that the client goes on as if nothing had been.

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

/// More than the system takes of a sender whose receiver does not read.
const UPLOADED: usize = 8_000_000;
const DOWNLOADED: usize = 600_000;
/// The middle of a transfer, more or less.
const MIDDLE: usize = 300_000;
/// Cases that run at once: most of them wait.
const AT_ONCE: usize = 16;
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
enum While {
    Sending,
    Receiving,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Failure {
    Reset,
    Silence,
    Close,
    Cancel,
    CallbackSaysNo,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    upload: Upload,
    download: Download,
    during: While,
    failure: Failure,
}

fn cases(failures: &[Failure]) -> Vec<Case> {
    let mut cases = Vec::new();
    for upload in [Upload::Memory, Upload::Watched, Upload::File, Upload::Form] {
        for download in [Download::Memory, Download::File, Download::Callback] {
            for during in [While::Sending, While::Receiving] {
                let of = |failure: &Failure| Case { upload, download, during, failure: *failure };
                cases.extend(failures.iter().map(of));
            }
        }
    }
    cases
}

fn each(cases: &[Case], run: impl Fn(Case) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run(*case);
                }
            });
        }
    });
}

/// What a case is made of, and what is looked at when it is over.
struct Scene {
    case: Case,
    folder: Folder,
    client: Client,
    request: Request,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Case {
    fn upload_size(self) -> usize {
        if self.during == While::Sending { UPLOADED } else { 1000 }
    }

    fn scene(self, server: &Server, cancel: Option<Cancel>) -> Scene {
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
        let taken = Arc::new(Mutex::new(Vec::new()));
        let says_no = self.failure == Failure::CallbackSaysNo;
        let refuses = says_no && self.during == While::Receiving;
        match self.download {
            Download::Memory => {}
            Download::File => {
                let target = folder.file("target", b"the old one");
                request.set_output(Output::File(target.into())).unwrap();
            }
            Download::Callback => {
                let taken = Arc::clone(&taken);
                let take = move |bytes: &[u8]| {
                    let mut taken = taken.lock().unwrap();
                    taken.extend_from_slice(bytes);
                    !(refuses && taken.len() > MIDDLE / 2)
                };
                request.set_output(Output::Callback(Arc::new(take))).unwrap();
            }
        }
        let by_progress = says_no && !(refuses && self.download == Download::Callback);
        if by_progress || self.upload == Upload::Watched {
            let during = self.during;
            request.set_progress(Some(Arc::new(move |moved: Progress| {
                let come = if during == While::Sending { moved.sent } else { moved.received };
                !(by_progress && come > MIDDLE as u64 / 2)
            })));
        }
        request.set_cancel(cancel);
        if self.failure == Failure::Silence {
            request.change(Change::ReadTimeoutMs(SILENCE_MS)).unwrap();
        }
        Scene { case: self, folder, client: server.client(), request, taken }
    }

    /// What the server does to the first connection; then it accepts the next one.
    fn disturb(self, listener: &TcpListener, cancel: Option<&Cancel>) -> Option<Peer> {
        let mut peer = Peer::accept(listener);
        if self.during == While::Sending {
            peer.head();
            // A callback that says no has done so somewhat earlier.
            let says_no = self.failure == Failure::CallbackSaysNo;
            peer.read_at_least(if says_no { MIDDLE / 3 } else { MIDDLE });
        } else {
            assert!(peer.request().whole, "{self:?}: the request came half");
            let _ =
                peer.try_send(&truncated_response("200 OK", &[], &CONTENT[..DOWNLOADED], MIDDLE));
        }
        match self.failure {
            Failure::Reset => peer.reset(),
            Failure::Close if self.during == While::Receiving => drop(peer),
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
            Failure::Cancel | Failure::CallbackSaysNo => Code::Cancelled,
        }
    }
}

impl Scene {
    /// There is what was there before, and nothing else.
    fn nothing_is_left_behind(&self, response: &Response) {
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
                let taken = self.taken.lock().unwrap();
                assert!(CONTENT.starts_with(&taken), "{case:?}: other bytes were handed over");
                // A cancel may come before the first byte.
                let none = case.during == While::Sending;
                assert!(taken.is_empty() == none || case.failure == Failure::Cancel, "{case:?}");
            }
            Download::Memory => {
                assert!(CONTENT.starts_with(response.body()), "{case:?}: another body");
            }
        }
    }

    fn all_is_there(&self, response: &Response) {
        let expected = &CONTENT[..DOWNLOADED];
        let case = self.case;
        let came = match case.download {
            Download::File => std::fs::read(self.folder.path("target")).unwrap(),
            Download::Callback => self.taken.lock().unwrap().clone(),
            Download::Memory => response.body().to_vec(),
        };
        assert!(came == expected, "{case:?}: another content");
    }
}

#[test]
fn a_failure_in_the_middle_of_any_transfer_is_told_and_leaves_nothing_behind() {
    let failures = [
        Failure::Reset,
        Failure::Silence,
        Failure::Close,
        Failure::Cancel,
        Failure::CallbackSaysNo,
    ];
    each(&cases(&failures), |case| {
        let cancel = (case.failure == Failure::Cancel).then(|| Cancel::new().unwrap());
        let server = Server::start({
            let cancel = cancel.clone();
            move |listener| {
                let held = case.disturb(&listener, cancel.as_ref());
                let mut peer = Peer::accept(&listener);
                // The client has let go of the first connection.
                held.into_iter().for_each(Peer::read_to_end);
                assert!(peer.request().head.starts_with("GET "), "{case:?}: sent once more");
                peer.send(&http_response("200 OK", &[], b"{}"));
            }
        });
        let scene = case.scene(&server, cancel);
        let response = scene.client.send(&scene.request);
        let error = error_of(&response);
        assert_eq!((response.code(), response.attempts()), (case.code(), 1), "{case:?}: {error}");
        assert!(error.contains("after 1 attempt"), "{case:?}: {error}");
        scene.nothing_is_left_behind(&response);
        let after = scene.client.send(&request("GET"));
        assert_eq!(after.code(), Code::Ok, "{case:?}, afterwards: {}", error_of(&after));
    });
}

#[test]
fn a_retry_sends_all_of_it_again_and_is_answered_whole() {
    each(&cases(&[Failure::Reset, Failure::Silence, Failure::Close]), |case| {
        let handed_over = case.during == While::Receiving && case.download == Download::Callback;
        let server = Server::start(move |listener| {
            let held = case.disturb(&listener, None);
            if handed_over {
                held.into_iter().for_each(Peer::read_to_end);
                return;
            }
            let mut peer = Peer::accept(&listener);
            let received = peer.request();
            assert_eq!(received.field("range"), None, "{case:?}: it is no GET");
            peer.send(&http_response("200 OK", &[], &CONTENT[..DOWNLOADED]));
            held.into_iter().for_each(Peer::read_to_end);
            let content = &CONTENT[..case.upload_size()];
            assert!(received.whole, "{case:?}: it came half");
            if case.upload == Upload::Form {
                let holds = received.body.windows(1000).any(|part| part == &content[..1000]);
                assert!(holds && received.body.len() > content.len(), "{case:?}: another form");
            } else {
                assert!(received.body == content, "{case:?}: another body");
            }
        });
        let mut scene = case.scene(&server, None);
        scene.request.change(Change::RetryAttempts(1)).unwrap();
        let response = scene.client.send(&scene.request);
        let error = error_of(&response);
        if handed_over {
            assert_eq!((response.code(), response.attempts()), (case.code(), 1), "{case:?}");
            assert!(error.contains("not retried"), "{case:?}: {error}");
            scene.nothing_is_left_behind(&response);
        } else {
            assert_eq!(response.attempts(), 2, "{case:?}: {error}");
            assert!(matches!(response.code(), Code::Ok | Code::NotJson), "{case:?}: {error}");
            scene.all_is_there(&response);
        }
    });
}
