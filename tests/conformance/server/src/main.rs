//! Plays the server's part of the conformance cases: raw answers, byte for byte, and a record of
//! the raw requests that were seen. `tests/conformance/README.md` describes the cases.

mod arguments;
mod cases;
mod connection;
mod control;
mod play;
mod request;
mod schema;
mod settings;

use arguments::{HELP, Wish};
use cases::Cases;
use connection::serve;
use play::Play;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

fn main() -> ExitCode {
    let outcome = match arguments::read(std::env::args().skip(1)) {
        Ok(Wish::Help) => io::stdout().write_all(HELP.as_bytes()).map_err(|e| e.to_string()),
        Ok(Wish::Serve { cases, port }) => run(&cases, port),
        Err(complaint) => Err(format!("{complaint} (see --help)")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "conformance-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until the process is ended, on two ports: the second is the other origin of the cases.
fn run(path: &str, port: u16) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let bind = |port| TcpListener::bind(("127.0.0.1", port)).map_err(|error| error.to_string());
    let (first, second) = (bind(port)?, bind(0)?);
    let (url, other) = (url_of(&first)?, url_of(&second)?);
    let cases = Cases::read(&text, &url, &other).map_err(|error| format!("{path}: {error}"))?;
    let play = Arc::new(Play::new(cases));
    announce(&url).map_err(|error| error.to_string())?;
    let also = Arc::clone(&play);
    thread::spawn(move || accept(&second, &also));
    accept(&first, &play);
    Ok(())
}

fn url_of(listener: &TcpListener) -> Result<String, String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(format!("http://{address}"))
}

/// Tells whoever started the server where it is: one line, and it is the only one on stdout.
fn announce(url: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "{url}")?;
    stdout.flush()
}

/// One thread for each connection: a case may leave one hanging.
fn accept(listener: &TcpListener, play: &Arc<Play>) {
    for stream in listener.incoming().flatten() {
        let play = Arc::clone(play);
        thread::spawn(move || serve(stream, &play));
    }
}
