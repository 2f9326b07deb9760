//! The state of a call's bodies that lasts longer than one attempt: the versions of the files to
//! send, and the progress of the download.

use std::borrow::Cow;

use http::{HeaderMap, Method, header};

use crate::code::{Code, Error};
use crate::request::{BodyReader, DataCallback, FileVersions, Output};
use crate::transport::{
    Body, BodyIoError, BodyTarget, OpenBody, ReceivedResponse, ResponseHead, Sink, Upload,
};

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
    /// The caller, after the call.
    Open(Option<Box<OpenBody<'static>>>),
}

impl<'a> Bodies<'a> {
    /// Prepares the bodies of a call.
    ///
    /// # Errors
    /// [`Code::File`] if the output file cannot be written.
    pub(super) fn prepare(plan: &Plan<'a>) -> Result<Self, Error> {
        let destination = match plan.output {
            Output::Memory => Destination::Memory,
            Output::File(path) => Destination::File(Box::new(Download::begin(path)?)),
            Output::Callback(callback) => Destination::Callback { callback, started: false },
            Output::Stream { .. } => Destination::Open(None),
        };
        Ok(Self { file_versions: FileVersions::default(), destination })
    }

    /// Whether the request can be sent again and its response received again. A file that has
    /// changed in the meantime is detected when it is opened.
    pub(super) fn replayable(&self, plan: &Plan<'_>) -> bool {
        self.can_send_again(plan)
            && !matches!(self.destination, Destination::Callback { started: true, .. })
    }

    /// Whether the body of the request can be sent again.
    pub(super) fn can_send_again(&self, plan: &Plan<'_>) -> bool {
        plan.rewind.is_some() || !self.file_versions.callback_started()
    }

    /// Opens the body for one request, as bytes or as one that is read while it is sent. If the
    /// response stays open, nothing is borrowed, because the rest may be sent after the call.
    ///
    /// # Errors
    /// [`Code::File`], [`Code::TooLarge`].
    pub(super) fn request_body(
        &mut self,
        plan: &Plan<'a>,
    ) -> Result<(Body<'a>, Option<Box<dyn Upload>>), Error> {
        let upload = |reader| Box::new(RequestBody(reader)) as Box<dyn Upload>;
        if matches!(self.destination, Destination::Open(_)) {
            let reader = plan.body.open_any(&mut self.file_versions, plan.rewind)?;
            return Ok((Body::None, reader.map(upload)));
        }
        let bytes = plan.body.bytes()?.map_or(Body::None, Body::Bytes);
        Ok((bytes, plan.body.open(&mut self.file_versions, plan.rewind)?.map(upload)))
    }

    /// The versions of the files and the hash of the request body.
    pub(super) fn file_versions(&mut self) -> &mut FileVersions {
        &mut self.file_versions
    }

    /// Whether the response stays open.
    pub(super) fn stays_open(&self) -> bool {
        matches!(self.destination, Destination::Open(_))
    }

    /// Keeps the body that stays open.
    pub(super) fn set_open_body(&mut self, body: Option<Box<OpenBody<'static>>>) {
        if let Destination::Open(open) = &mut self.destination {
            *open = body;
        }
    }

    /// Takes the body that stays open.
    pub(super) fn take_open_body(&mut self) -> Option<Box<OpenBody<'static>>> {
        match &mut self.destination {
            Destination::Open(open) => open.take(),
            _ => None,
        }
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
            // The caller limits what he reads, and a record has its own limit.
            destination @ Destination::Open(_) => {
                Some(ResponseBody { destination, limit: None, wanted: Box::new(wanted) })
            }
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
    /// the last response, and only its body can stay open.
    pub(super) fn keeps_content(&self) -> bool {
        match &self.destination {
            Destination::File(download) => download.is_complete(),
            Destination::Open(_) => false,
            Destination::Memory | Destination::Callback { .. } => true,
        }
    }

    /// Ends the call: a complete file gets its name.
    ///
    /// # Errors
    /// [`Code::File`] if the file cannot be renamed.
    pub(super) fn finish(&mut self, received: &ReceivedResponse) -> Result<(), Error> {
        match &mut self.destination {
            Destination::File(download) if received.head.status < 400 => download.commit(),
            _ => Ok(()),
        }
    }
}

/// A request body that is read while it is sent.
pub(super) struct RequestBody(BodyReader);

impl Upload for RequestBody {
    fn length(&self) -> Option<u64> {
        self.0.length()
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BodyIoError> {
        self.0.read(buffer).map_err(|error| match error.code {
            Code::Cancelled => BodyIoError::Cancelled,
            Code::File => BodyIoError::File(error.message),
            _ => BodyIoError::Argument(error.message),
        })
    }
}

/// A response body that is written while it arrives.
pub(super) struct ResponseBody<'c, 'a> {
    destination: &'c mut Destination<'a>,
    limit: Option<u64>,
    wanted: Box<dyn FnMut(&ResponseHead) -> bool + 'c>,
}

impl Sink for ResponseBody<'_, '_> {
    fn begin(&mut self, head: &ResponseHead, plain: bool) -> Result<BodyTarget, BodyIoError> {
        if !(self.wanted)(head) {
            return Ok(BodyTarget::Memory);
        }
        match self.destination {
            Destination::File(download) => download.begin_body(head, plain)?,
            Destination::Open(_) => return Ok(BodyTarget::Open),
            Destination::Memory | Destination::Callback { .. } => {}
        }
        Ok(BodyTarget::Sink)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BodyIoError> {
        match self.destination {
            Destination::Memory | Destination::Open(_) => Ok(()),
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
