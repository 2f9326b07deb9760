//! One connection, from its first request to its end.

use crate::cases::{Reply, Then};
use crate::control::{self, Addressee};
use crate::play::Play;
use crate::request::Request;
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

/// Serves a connection until either side closes it. What goes wrong is the peer's to notice.
pub fn serve(stream: TcpStream, play: &Play) {
    // Without this, an answer in two pieces may wait for the peer's delayed acknowledgement.
    _ = stream.set_nodelay(true);
    _ = converse(&stream, play);
    _ = stream.shutdown(Shutdown::Both);
}

fn converse(mut stream: &TcpStream, play: &Play) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(request) = Request::read(&mut reader)? {
        let reply = reply_to(&request, play);
        stream.write_all(&reply.bytes)?;
        match reply.then {
            Then::Keep => {}
            Then::Close => return Ok(()),
            Then::Hang => return wait_for_end(&mut reader),
        }
    }
    Ok(())
}

fn reply_to(request: &Request, play: &Play) -> Reply {
    let ours = |bytes| Reply { bytes, then: Then::Keep };
    match control::addressee(&request.target()) {
        Addressee::Cases => ours(control::cases(play)),
        Addressee::Requests(case) => ours(control::requests(play, case)),
        Addressee::Case(case) => play.next(case, request.text()),
    }
}

fn wait_for_end(stream: &mut impl Read) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(|_| ())
}
