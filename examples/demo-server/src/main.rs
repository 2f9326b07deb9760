//! A small JSON API on 127.0.0.1 for the examples and the C tests of the Simple API Client.
//!
//! It behaves like real services, also like bad ones: tokens, signed cookies, pages, validation
//! errors, rate limits, damaged JSON, HTML from a gateway. It stores nothing on disk.

mod app;
mod arguments;
mod cookie;
mod echo;
mod failures;
mod index;
mod items;
mod media;
mod orders;
mod page;
mod picture;
mod query;
mod reply;
mod session;
mod streams;
mod token;
mod transfer;
mod users;

use arguments::Command;
use axum::serve::ListenerExt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let result = match arguments::read(std::env::args().skip(1)) {
        Ok(Command::Help) => io::stdout().write_all(arguments::HELP.as_bytes()),
        Ok(Command::Serve { port, until_eof }) => {
            if until_eof {
                std::thread::spawn(end_with_stdin);
            }
            serve(port)
        }
        Err(error) => {
            _ = writeln!(io::stderr(), "demo-server: {error} (see --help)");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "demo-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until the process ends. One thread is enough, because every handler is short or sleeps.
fn serve(port: u16) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        announce(listener.local_addr()?.port())?;
        // Without this, a response in two pieces may wait for the peer's delayed acknowledgement.
        let listener = listener.tap_io(|connection| _ = connection.set_nodelay(true));
        let service = app::router().into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await
    })
}

/// Ends the process when the other end of stdin is closed.
fn end_with_stdin() {
    _ = io::copy(&mut io::stdin(), &mut io::sink());
    std::process::exit(0);
}

/// Prints the URL, which is the only line on stdout.
fn announce(port: u16) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "http://127.0.0.1:{port}")?;
    stdout.flush()
}
