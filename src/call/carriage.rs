//! What the bodies of a call need beyond a single attempt: what the files to be sent were at the
//! first sending, and how far the answer's body has come.

use http::{HeaderMap, Method, header};

use crate::code::Error;
use crate::request::{DataCallback, Output, Remembered, Source};
use crate::transport::{Head, Received, Sink, Stop, Upload};

use super::download::Download;
use super::plan::Plan;

/// The bodies of a call, from its first attempt to its end.
#[derive(Default)]
pub(super) struct Carriage<'a> {
    remembered: Remembered,
    delivery: Delivery<'a>,
}

/// Where the body of the answer goes.
#[derive(Default)]
enum Delivery<'a> {
    #[default]
    Memory,
    File(Box<Download>),
    Callback {
        callback: &'a DataCallback,
        handed_over: bool,
    },
}

impl<'a> Carriage<'a> {
    /// Makes ready for a call.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File) where the output file cannot be written.
    pub(super) fn begin(plan: &Plan<'a>) -> Result<Self, Error> {
        let delivery = match plan.output {
            Output::Memory => Delivery::Memory,
            Output::File(path) => Delivery::File(Box::new(Download::begin(path)?)),
            Output::Callback(callback) => Delivery::Callback { callback, handed_over: false },
        };
        Ok(Self { remembered: Remembered::default(), delivery })
    }

    /// Whether the request can be sent, and its answer taken, once more. Files that have changed
    /// meanwhile are found out when they are opened.
    pub(super) fn replayable(&self) -> bool {
        !matches!(self.delivery, Delivery::Callback { handed_over: true, .. })
    }

    /// Opens the body for one sending; `None` where it lies in memory, or there is none.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File).
    pub(super) fn open_body(&mut self, plan: &Plan<'a>) -> Result<Option<Sending<'a>>, Error> {
        Ok(plan.body.open(&mut self.remembered)?.map(Sending))
    }

    /// Asks for the rest of a download that broke.
    pub(super) fn ask_for_rest(&mut self, plan: &Plan<'_>, headers: &mut HeaderMap) {
        let Delivery::File(download) = &mut self.delivery else { return };
        if headers.contains_key(header::RANGE) {
            download.want_part();
        } else if *plan.method == Method::GET {
            download.ask_for_rest(headers);
        }
    }

    /// Whether an answer only refuses to go on with a download: then it is asked for anew.
    pub(super) fn starts_anew(&mut self, head: &Head) -> bool {
        let Delivery::File(download) = &mut self.delivery else { return false };
        head.status == 416 && download.start_anew()
    }

    /// Whether an attempt failed only because the server did not go on with a download where it was
    /// asked to: then it is asked for anew.
    pub(super) fn asks_anew(&mut self) -> bool {
        let Delivery::File(download) = &mut self.delivery else { return false };
        download.asks_anew()
    }

    /// Takes the body of the answer, where it does not go into memory. `wanted` says whether it is
    /// an answer to be kept.
    pub(super) fn receiving<'c>(
        &'c mut self,
        most: Option<u64>,
        wanted: impl FnMut(&Head) -> bool + 'c,
    ) -> Option<Receiving<'c, 'a>> {
        if let Delivery::File(download) = &mut self.delivery {
            download.expect();
        }
        match &mut self.delivery {
            Delivery::Memory => None,
            delivery => Some(Receiving { delivery, most, wanted: Box::new(wanted) }),
        }
    }

    /// An answer has come to its regular end.
    pub(super) fn answered(&mut self) {
        if let Delivery::File(download) = &mut self.delivery {
            download.answered();
        }
    }

    /// Whether the content of an answer outlasts the next attempt: a file holds that of the last one
    /// alone.
    pub(super) fn keeps_content(&self) -> bool {
        !matches!(&self.delivery, Delivery::File(download) if !download.is_complete())
    }

    /// The call is over: a file that is whole gets its name.
    ///
    /// # Errors
    /// [`Code::File`](crate::code::Code::File) where it cannot have it.
    pub(super) fn settle(&mut self, received: &Received) -> Result<(), Error> {
        match &mut self.delivery {
            Delivery::File(download) if received.head.status < 400 => download.commit(),
            _ => Ok(()),
        }
    }
}

/// A body on its way out.
pub(super) struct Sending<'a>(Source<'a>);

impl Upload for Sending<'_> {
    fn length(&self) -> u64 {
        self.0.length()
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        self.0.read(buffer).map_err(|error| Stop::File(error.message))
    }
}

/// A body on its way in.
pub(super) struct Receiving<'c, 'a> {
    delivery: &'c mut Delivery<'a>,
    most: Option<u64>,
    wanted: Box<dyn FnMut(&Head) -> bool + 'c>,
}

impl Sink for Receiving<'_, '_> {
    fn open(&mut self, head: &Head, plain: bool) -> Result<bool, Stop> {
        if !(self.wanted)(head) {
            return Ok(false);
        }
        if let Delivery::File(download) = self.delivery {
            download.open(head, plain)?;
        }
        Ok(true)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self.delivery {
            Delivery::Memory => Ok(()),
            Delivery::File(download) => download.write(bytes),
            Delivery::Callback { callback, handed_over } => {
                *handed_over = true;
                if callback(bytes) { Ok(()) } else { Err(Stop::Cancelled) }
            }
        }
    }

    fn end(&mut self) -> Result<(), Stop> {
        match self.delivery {
            Delivery::File(download) => download.end(),
            _ => Ok(()),
        }
    }

    fn already(&self) -> u64 {
        match &*self.delivery {
            Delivery::File(download) => download.received(),
            _ => 0,
        }
    }

    fn most(&self) -> Option<u64> {
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
