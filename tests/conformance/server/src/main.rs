//! The server of the conformance cases. It sends raw replies, byte for byte, and records the raw
//! requests. `tests/conformance/README.md` describes the cases.

mod arguments;
mod cases;
mod connection;
mod control;
mod request;
mod schema;
mod settings;
mod state;

use arguments::{Command, HELP};
use cases::Cases;
use connection::serve;
use state::CaseState;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

fn main() -> ExitCode {
    let result = match arguments::read(std::env::args().skip(1)) {
        Ok(Command::Help) => io::stdout().write_all(HELP.as_bytes()).map_err(|e| e.to_string()),
        Ok(Command::Serve { cases, port }) => run(&cases, port),
        Err(error) => Err(format!("{error} (see --help)")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "conformance-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves on two ports until the process ends. The second port is the other origin of the cases.
fn run(path: &str, port: u16) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let bind = |port| TcpListener::bind(("127.0.0.1", port)).map_err(|error| error.to_string());
    let (first, second) = (bind(port)?, bind(0)?);
    let (url, other) = (url_of(&first)?, url_of(&second)?);
    let cases = Cases::read(&text, &url, &other).map_err(|error| format!("{path}: {error}"))?;
    let state = Arc::new(CaseState::new(cases));
    announce(&url).map_err(|error| error.to_string())?;
    let second_state = Arc::clone(&state);
    thread::spawn(move || accept(&second, &second_state));
    accept(&first, &state);
    Ok(())
}

fn url_of(listener: &TcpListener) -> Result<String, String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(format!("http://{address}"))
}

/// Prints the URL, which is the only line on stdout.
fn announce(url: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "{url}")?;
    stdout.flush()
}

/// Uses one thread for each connection, because a case may leave a connection hanging.
fn accept(listener: &TcpListener, state: &Arc<CaseState>) {
    for stream in listener.incoming().flatten() {
        let state = Arc::clone(state);
        thread::spawn(move || serve(stream, &state));
    }
}
