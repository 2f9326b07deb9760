//! What the bodies of a call need beyond a single attempt: what the files to be sent were at the
//! first sending, and how far the answer's body has come.

use http::{HeaderMap, Method, header};

use crate::code::Error;
use crate::request::{BodyReader, DataCallback, FileVersions, Output};
use crate::transport::{BodyIoError, ReceivedResponse, ResponseHead, Sink, Upload};

use super::download::Download;
use super::plan::Plan;

/// The bodies of a call, from its first attempt to its end.
#[derive(Default)]
pub(super) struct Bodies<'a> {
    file_versions: FileVersions,
    destination: Destination<'a>,
}

/// Where the body of the answer goes.
#[derive(Default)]
enum Destination<'a> {
    #[default]
    Memory,
    File(Box<Download>),
    Callback {
        callback: &'a DataCallback,
        started: bool,
    },
}

impl<'a> Bodies<'a> {
    /// Makes ready for a call.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File) where the output file cannot be written.
    pub(super) fn prepare(plan: &Plan<'a>) -> Result<Self, Error> {
        let delivery = match plan.output {
            Output::Memory => Destination::Memory,
            Output::File(path) => Destination::File(Box::new(Download::begin(path)?)),
            Output::Callback(callback) => Destination::Callback { callback, started: false },
        };
        Ok(Self { file_versions: FileVersions::default(), destination: delivery })
    }

    /// Whether the request can be sent, and its answer taken, once more. Files that have changed
    /// meanwhile are found out when they are opened.
    pub(super) fn replayable(&self) -> bool {
        !matches!(self.destination, Destination::Callback { started: true, .. })
    }

    /// Opens the body for one sending; `None` where it lies in memory, or there is none.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File).
    pub(super) fn open_body(&mut self, plan: &Plan<'a>) -> Result<Option<RequestBody<'a>>, Error> {
        Ok(plan.body.open(&mut self.file_versions)?.map(RequestBody))
    }

    /// Asks for the rest of a download that broke.
    pub(super) fn ask_for_rest(&mut self, plan: &Plan<'_>, headers: &mut HeaderMap) {
        let Destination::File(download) = &mut self.destination else { return };
        if headers.contains_key(header::RANGE) {
            download.allow_partial();
        } else if *plan.method == Method::GET {
            download.ask_for_rest(headers);
        }
    }

    /// Whether an answer only refuses to go on with a download: then it is asked for anew.
    pub(super) fn must_restart(&mut self, head: &ResponseHead) -> bool {
        let Destination::File(download) = &mut self.destination else { return false };
        head.status == 416 && download.restart()
    }

    /// Whether an attempt failed only because the server did not go on with a download where it was
    /// asked to: then it is asked for anew.
    pub(super) fn asks_anew(&mut self) -> bool {
        let Destination::File(download) = &mut self.destination else { return false };
        download.asks_anew()
    }

    /// Takes the body of the answer, where it does not go into memory. `wanted` says whether it is
    /// an answer to be kept.
    pub(super) fn response_body<'c>(
        &'c mut self,
        most: Option<u64>,
        wanted: impl FnMut(&ResponseHead) -> bool + 'c,
    ) -> Option<ResponseBody<'c, 'a>> {
        if let Destination::File(download) = &mut self.destination {
            download.begin_attempt();
        }
        match &mut self.destination {
            Destination::Memory => None,
            delivery => Some(ResponseBody { delivery, most, wanted: Box::new(wanted) }),
        }
    }

    /// An answer has come to its regular end.
    pub(super) fn response_complete(&mut self) {
        if let Destination::File(download) = &mut self.destination {
            download.answered();
        }
    }

    /// Whether the content of an answer outlasts the next attempt: a file holds that of the last one
    /// alone.
    pub(super) fn keeps_content(&self) -> bool {
        !matches!(&self.destination, Destination::File(download) if !download.is_complete())
    }

    /// The call is over: a file that is whole gets its name.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File) where it cannot have it.
    pub(super) fn finish(&mut self, received: &ReceivedResponse) -> Result<(), Error> {
        match &mut self.destination {
            Destination::File(download) if received.head.status < 400 => download.commit(),
            _ => Ok(()),
        }
    }
}

/// A body on its way out.
pub(super) struct RequestBody<'a>(BodyReader<'a>);

impl Upload for RequestBody<'_> {
    fn length(&self) -> u64 {
        self.0.length()
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BodyIoError> {
        self.0.read(buffer).map_err(|error| BodyIoError::File(error.message))
    }
}

/// A body on its way in.
pub(super) struct ResponseBody<'c, 'a> {
    delivery: &'c mut Destination<'a>,
    most: Option<u64>,
    wanted: Box<dyn FnMut(&ResponseHead) -> bool + 'c>,
}

impl Sink for ResponseBody<'_, '_> {
    fn begin(&mut self, head: &ResponseHead, plain: bool) -> Result<bool, BodyIoError> {
        if !(self.wanted)(head) {
            return Ok(false);
        }
        if let Destination::File(download) = self.delivery {
            download.begin_body(head, plain)?;
        }
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BodyIoError> {
        match self.delivery {
            Destination::Memory => Ok(()),
            Destination::File(download) => download.write(bytes),
            Destination::Callback { callback, started: handed_over } => {
                *handed_over = true;
                if callback(bytes) { Ok(()) } else { Err(BodyIoError::Cancelled) }
            }
        }
    }

    fn end(&mut self) -> Result<(), BodyIoError> {
        match self.delivery {
            Destination::File(download) => download.end_body(),
            _ => Ok(()),
        }
    }

    fn received_before(&self) -> u64 {
        match &*self.delivery {
            Destination::File(download) => download.received(),
            _ => 0,
        }
    }

    fn limit(&self) -> Option<u64> {
        self.most
    }
}

/// Whether the body of an answer is what the caller wants in a file or a callback. It is not where
/// the answer is an error, leads elsewhere, says that the caller's copy is still good, or has no
/// content by its status or method, which is another thing than content of no bytes (RFC 9110
/// section 15.3).
pub(super) fn is_content(method: &Method, status: u16) -> bool {
    (200..300).contains(&status) && !matches!(status, 204 | 205) && *method != Method::HEAD
}
