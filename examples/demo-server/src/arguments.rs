//! The command line.

use std::num::ParseIntError;

/// The command of the caller.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print the help.
    Help,
    /// Serve on 127.0.0.1.
    Serve {
        /// The port; 0 is any free port.
        port: u16,
        /// Whether the server ends when stdin ends.
        until_eof: bool,
    },
}

/// The text of `--help`.
pub const HELP: &str = "\
Usage: demo-server [--port N] [--until-eof]

Serves a demonstration JSON API on 127.0.0.1 until it is stopped. When it
listens, it prints its base URL on stdout, in one line.

  --port N     the port to listen on; 0, the default, uses any free port
  --until-eof  end when stdin ends, so that no server outlives the script
               that started it
  --help       print this and exit

GET / lists the endpoints and the credentials that they accept.
";

/// Reads the arguments after the program's name.
pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut port = 0;
    let mut until_eof = false;
    while let Some(argument) = arguments.next() {
        let value = match argument.split_once('=') {
            Some(("--port", value)) => value.to_owned(),
            _ => match argument.as_str() {
                "--help" | "-h" => return Ok(Command::Help),
                "--until-eof" => {
                    until_eof = true;
                    continue;
                }
                "--port" => arguments.next().ok_or("--port needs a number")?,
                other => return Err(format!("unknown argument {other:?}")),
            },
        };
        port =
            value.parse().map_err(|error: ParseIntError| format!("--port {value:?}: {error}"))?;
    }
    Ok(Command::Serve { port, until_eof })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &[&str]) -> Result<Command, String> {
        read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn no_argument_means_any_free_port() {
        assert_eq!(read_words(&[]), Ok(Command::Serve { port: 0, until_eof: false }));
    }

    #[test]
    fn the_port_may_follow_a_space_or_an_equals_sign() {
        let serve = |until_eof| Ok(Command::Serve { port: 8080, until_eof });
        assert_eq!(read_words(&["--port", "8080"]), serve(false));
        assert_eq!(read_words(&["--until-eof", "--port=8080"]), serve(true));
    }

    #[test]
    fn help_takes_precedence_at_any_place() {
        assert_eq!(read_words(&["--port", "1", "--help"]), Ok(Command::Help));
    }

    #[test]
    fn invalid_arguments_are_refused_with_a_reason() {
        for words in [&["--port"][..], &["--port", "65536"], &["--port", "-1"], &["extra"]] {
            let error = read_words(words).unwrap_err();
            assert!(!error.is_empty(), "no reason given for {words:?}");
        }
    }
}
