//! A small JSON API on 127.0.0.1 for the examples and the C tests of the Simple API Client.
//!
//! It behaves as real services do, the annoying ones included: tokens, signed cookies, pages,
//! validation errors, rate limits, damaged JSON, HTML from a gateway. Nothing is kept on disk.

mod app;
mod arguments;
mod cookie;
mod echo;
mod index;
mod items;
mod media;
mod page;
mod picture;
mod query;
mod reply;
mod session;
mod transfer;
mod trouble;
mod users;

use arguments::Wish;
use axum::serve::ListenerExt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let outcome = match arguments::read(std::env::args().skip(1)) {
        Ok(Wish::Help) => io::stdout().write_all(arguments::HELP.as_bytes()),
        Ok(Wish::Serve { port, until_eof }) => {
            if until_eof {
                std::thread::spawn(end_with_stdin);
            }
            serve(port)
        }
        Err(complaint) => {
            _ = writeln!(io::stderr(), "demo-server: {complaint} (see --help)");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "demo-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until the process is ended. Every handler is short or asleep, so one thread does.
fn serve(port: u16) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        announce(listener.local_addr()?.port())?;
        // Without this, an answer in two pieces may wait for the peer's delayed acknowledgement.
        let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
        let service = app::router().into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await
    })
}

/// Ends the process as soon as nobody holds the other end of stdin any more.
fn end_with_stdin() {
    _ = io::copy(&mut io::stdin(), &mut io::sink());
    std::process::exit(0);
}

/// Tells whoever started the server where it is: one line, and it is the only one on stdout.
fn announce(port: u16) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "http://127.0.0.1:{port}")?;
    stdout.flush()
}
