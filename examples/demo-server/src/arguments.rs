//! The command line.

use std::num::ParseIntError;

/// What the caller wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be told how it works.
    Help,
    /// A server on 127.0.0.1.
    Serve {
        /// The port; 0 is any free one.
        port: u16,
        /// Whether the end of stdin is the server's end too.
        until_eof: bool,
    },
}

/// What `--help` prints.
pub const HELP: &str = "\
Usage: demo-server [--port N] [--until-eof]

Serves a demonstration JSON API on 127.0.0.1 until it is ended. Once it
listens, it prints its base URL on stdout, one line.

  --port N     the port to listen on; 0, the default, takes any free one
  --until-eof  end as soon as stdin does, so that no server outlives the
               script that started it, however that ends
  --help       print this and exit

GET / lists the endpoints and the credentials that they accept.
";

/// Reads the arguments, the program's name left out.
pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut port = 0;
    let mut until_eof = false;
    while let Some(argument) = arguments.next() {
        let value = match argument.split_once('=') {
            Some(("--port", value)) => value.to_owned(),
            _ => match argument.as_str() {
                "--help" | "-h" => return Ok(Wish::Help),
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
    Ok(Wish::Serve { port, until_eof })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &[&str]) -> Result<Wish, String> {
        read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn no_argument_means_any_free_port() {
        assert_eq!(read_words(&[]), Ok(Wish::Serve { port: 0, until_eof: false }));
    }

    #[test]
    fn the_port_may_stand_apart_or_behind_an_equals_sign() {
        let serve = |until_eof| Ok(Wish::Serve { port: 8080, until_eof });
        assert_eq!(read_words(&["--port", "8080"]), serve(false));
        assert_eq!(read_words(&["--until-eof", "--port=8080"]), serve(true));
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
