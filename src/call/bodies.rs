//! The state of a call's bodies that lasts longer than one attempt: the versions of the files to
//! send, and the progress of the download.

use std::borrow::Cow;

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

/// The destination of the response body.
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
    /// Prepares the bodies of a call.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File) if the output file cannot be written.
    pub(super) fn prepare(plan: &Plan<'a>) -> Result<Self, Error> {
        let destination = match plan.output {
            Output::Memory => Destination::Memory,
            Output::File(path) => Destination::File(Box::new(Download::begin(path)?)),
            Output::Callback(callback) => Destination::Callback { callback, started: false },
        };
        Ok(Self { file_versions: FileVersions::default(), destination })
    }

    /// Whether the request can be sent again and its response received again. A file that has
    /// changed in the meantime is detected when it is opened.
    pub(super) fn replayable(&self) -> bool {
        !matches!(self.destination, Destination::Callback { started: true, .. })
    }

    /// Opens the body for one request; `None` if it is in memory, or there is none.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File).
    pub(super) fn open_body(&mut self, plan: &Plan<'a>) -> Result<Option<RequestBody<'a>>, Error> {
        Ok(plan.body.open(&mut self.file_versions)?.map(RequestBody))
    }

    /// Requests the rest of an interrupted download.
    pub(super) fn ask_for_rest(&mut self, plan: &Plan<'_>, headers: &mut Cow<'_, HeaderMap>) {
        let Destination::File(download) = &mut self.destination else { return };
        if headers.contains_key(header::RANGE) {
            download.allow_partial();
        } else if *plan.method == Method::GET {
            download.ask_for_rest(headers.to_mut());
        }
    }

    /// Whether a response only refuses to continue a download. The whole body is then requested.
    pub(super) fn must_restart(&mut self, head: &ResponseHead) -> bool {
        let Destination::File(download) = &mut self.destination else { return false };
        head.status == 416 && download.restart()
    }

    /// Whether an attempt failed only because the server did not continue a download at the
    /// requested place. The whole body is then requested.
    pub(super) fn take_restart(&mut self) -> bool {
        let Destination::File(download) = &mut self.destination else { return false };
        download.take_restart()
    }

    /// The sink for the response body; `None` if the body goes into memory. `wanted` says whether a
    /// response's body goes into the sink.
    pub(super) fn response_body<'c>(
        &'c mut self,
        limit: Option<u64>,
        wanted: impl FnMut(&ResponseHead) -> bool + 'c,
    ) -> Option<ResponseBody<'c, 'a>> {
        if let Destination::File(download) = &mut self.destination {
            download.begin_attempt();
        }
        match &mut self.destination {
            Destination::Memory => None,
            destination => Some(ResponseBody { destination, limit, wanted: Box::new(wanted) }),
        }
    }

    /// Records that a response is complete.
    pub(super) fn response_complete(&mut self) {
        if let Destination::File(download) = &mut self.destination {
            download.response_complete();
        }
    }

    /// Whether the content of a response survives the next attempt. A file has only the content of
    /// the last response.
    pub(super) fn keeps_content(&self) -> bool {
        !matches!(&self.destination, Destination::File(download) if !download.is_complete())
    }

    /// Ends the call: a complete file gets its name.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File) if the file cannot be renamed.
    pub(super) fn finish(&mut self, received: &ReceivedResponse) -> Result<(), Error> {
        match &mut self.destination {
            Destination::File(download) if received.head.status < 400 => download.commit(),
            _ => Ok(()),
        }
    }
}

/// A request body that is read while it is sent.
pub(super) struct RequestBody<'a>(BodyReader<'a>);

impl Upload for RequestBody<'_> {
    fn length(&self) -> u64 {
        self.0.length()
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BodyIoError> {
        self.0.read(buffer).map_err(|error| BodyIoError::File(error.message))
    }
}

/// A response body that is written while it arrives.
pub(super) struct ResponseBody<'c, 'a> {
    destination: &'c mut Destination<'a>,
    limit: Option<u64>,
    wanted: Box<dyn FnMut(&ResponseHead) -> bool + 'c>,
}

impl Sink for ResponseBody<'_, '_> {
    fn begin(&mut self, head: &ResponseHead, plain: bool) -> Result<bool, BodyIoError> {
        if !(self.wanted)(head) {
            return Ok(false);
        }
        if let Destination::File(download) = self.destination {
            download.begin_body(head, plain)?;
        }
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BodyIoError> {
        match self.destination {
            Destination::Memory => Ok(()),
            Destination::File(download) => download.write(bytes),
            Destination::Callback { callback, started } => {
                *started = true;
                if callback(bytes) { Ok(()) } else { Err(BodyIoError::Cancelled) }
            }
        }
    }

    fn end(&mut self) -> Result<(), BodyIoError> {
        match self.destination {
            Destination::File(download) => download.end_body(),
            _ => Ok(()),
        }
    }

    fn received_before(&self) -> u64 {
        match &*self.destination {
            Destination::File(download) => download.received(),
            _ => 0,
        }
    }

    fn limit(&self) -> Option<u64> {
        self.limit
    }
}

/// Whether the caller wants the body of a response in a file or a callback. An error, a redirect
/// and a 304 have other bodies. A status or a method without content (RFC 9110 section 15.3) is not
/// the same as an empty body.
pub(super) fn is_content(method: &Method, status: u16) -> bool {
    (200..300).contains(&status) && !matches!(status, 204 | 205) && *method != Method::HEAD
}
