//! One connection.

use crate::cases::{Reply, Then};
use crate::control::{self, ControlRequest};
use crate::request::Request;
use crate::state::CaseState;
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

/// Serves a connection until one side closes it. The peer notices errors, so they are ignored here.
pub fn serve(stream: TcpStream, state: &CaseState) {
    // Without this, a reply in two pieces may wait for the delayed acknowledgement of the peer.
    _ = stream.set_nodelay(true);
    _ = reply_to_all(&stream, state);
    _ = stream.shutdown(Shutdown::Both);
}

fn reply_to_all(mut stream: &TcpStream, state: &CaseState) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(request) = Request::read(&mut reader)? {
        let reply = reply_to(&request, state);
        stream.write_all(&reply.bytes)?;
        match reply.then {
            Then::Keep => {}
            Then::Close => return Ok(()),
            Then::Hang => return wait_for_end(&mut reader),
        }
    }
    Ok(())
}

fn reply_to(request: &Request, state: &CaseState) -> Reply {
    let keep = |bytes| Reply { bytes, then: Then::Keep };
    match control::parse(&request.target()) {
        ControlRequest::Cases => keep(control::cases(state)),
        ControlRequest::Requests(case) => keep(control::requests(state, case)),
        ControlRequest::Case(case) => state.next(case, request.text()),
    }
}

fn wait_for_end(stream: &mut impl Read) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(|_| ())
}
