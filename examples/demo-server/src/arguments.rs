//! The command line.

use std::num::ParseIntError;

/// What the caller wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be told how it works.
    Help,
    /// A server on this port of 127.0.0.1; 0 is any free port.
    Serve {
        /// The port.
        port: u16,
    },
}

/// What `--help` prints.
pub const HELP: &str = "\
Usage: demo-server [--port N]

Serves a demonstration JSON API on 127.0.0.1 until it is ended. Once it
listens, it prints its base URL on stdout, one line.

  --port N   the port to listen on; 0, the default, takes any free one
  --help     print this and exit

GET / lists the endpoints and the credentials that they accept.
";

/// Reads the arguments, the program's name left out.
pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut port = 0;
    while let Some(argument) = arguments.next() {
        let value = match argument.split_once('=') {
            Some(("--port", value)) => value.to_owned(),
            _ => match argument.as_str() {
                "--help" | "-h" => return Ok(Wish::Help),
                "--port" => arguments.next().ok_or("--port needs a number")?,
                other => return Err(format!("unknown argument {other:?}")),
            },
        };
        port =
            value.parse().map_err(|error: ParseIntError| format!("--port {value:?}: {error}"))?;
    }
    Ok(Wish::Serve { port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &[&str]) -> Result<Wish, String> {
        read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn no_argument_means_any_free_port() {
        assert_eq!(read_words(&[]), Ok(Wish::Serve { port: 0 }));
    }

    #[test]
    fn the_port_may_stand_apart_or_behind_an_equals_sign() {
        assert_eq!(read_words(&["--port", "8080"]), Ok(Wish::Serve { port: 8080 }));
        assert_eq!(read_words(&["--port=8080"]), Ok(Wish::Serve { port: 8080 }));
    }

    #[test]
    fn help_wins_wherever_it_stands() {
        assert_eq!(read_words(&["--port", "1", "--help"]), Ok(Wish::Help));
    }

    #[test]
    fn what_cannot_be_understood_is_refused_with_a_reason() {
        for words in [&["--port"][..], &["--port", "65536"], &["--port", "-1"], &["extra"]] {
            let complaint = read_words(words).unwrap_err();
            assert!(!complaint.is_empty(), "no reason given for {words:?}");
        }
    }
}
