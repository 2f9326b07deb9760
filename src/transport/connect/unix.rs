//! Connects to a Unix domain socket (unix(7)).

use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, socket_with};

use crate::trace::Event;
use crate::transport::context::{ExchangeContext, Phase};
use crate::transport::error::{TransportError, TransportErrorKind, TransportResult, errno_text};
use crate::transport::socket::Tcp;
use crate::transport::socket::readiness;
use crate::wait::Deadline;

/// The time between two attempts while the listener's queue is full: there is no event to wait for.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Connects to the socket at a path.
pub(super) fn connect(context: &mut ExchangeContext, path: &Path) -> TransportResult<Tcp> {
    context.phase = Phase::Connecting;
    let start = Instant::now();
    let address = || path.display().to_string();
    context.trace(|| Event::ConnectStarted { address: address() });
    let outcome = open(context, path);
    context.trace(|| Event::ConnectDone {
        address: address(),
        error: outcome.as_ref().err().map(|failure| &*failure.detail),
    });
    let socket = outcome?;
    context.record.connect = Some(start.elapsed());
    Ok(Tcp::new(socket))
}

fn open(context: &ExchangeContext, path: &Path) -> TransportResult<OwnedFd> {
    let refused = |error| {
        let detail = format!("{} ({})", errno_text(error), path.display());
        TransportError::new(TransportErrorKind::Connect, detail)
    };
    let address = SocketAddrUnix::new(path).map_err(refused)?;
    let flags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);
    let socket =
        socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(refused)?;
    loop {
        context.check_current(Instant::now())?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) => break,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                // poll(2) reports a hang-up for an unconnected socket, so it cannot be polled.
                let soon = Deadline::after(Instant::now(), Some(RETRY_INTERVAL));
                pause(context, soon)?;
            }
            Err(error) => return Err(refused(error)),
        }
    }
    ioctl_fionbio(&socket, false).map_err(refused)?;
    Ok(socket)
}

fn pause(context: &ExchangeContext, until: Deadline) -> TransportResult<()> {
    let awake = match context.cancel() {
        Some(cancel) => {
            let fd = PollFd::from_borrowed_fd(cancel.readable_fd(), PollFlags::IN);
            readiness::wait_ready(context, &mut [fd], until)
        }
        None => readiness::wait_ready(context, &mut [], until),
    };
    awake.map(drop)
}
