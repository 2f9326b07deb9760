//! The command line.

/// The command of the caller.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print the help.
    Help,
    /// Run the server.
    Serve {
        /// The file with the cases.
        cases: String,
        /// The port of 127.0.0.1; 0 is any free one.
        port: u16,
    },
}

/// The text of `--help`.
pub const HELP: &str = "\
Usage: conformance-server --cases FILE [--port N]

Sends the replies of the conformance cases on 127.0.0.1 until it is stopped.
When it listens, it prints its URL on stdout, in one line.

  --cases FILE   the cases, as tests/conformance/README.md describes them
  --port N       the port to listen on; 0, the default, uses any free port
  --help         print this and exit

GET /__cases              the cases, with the URLs of this server inserted
ANY /CASE/...             the next reply of the case
GET /CASE/__requests      the raw requests since the last such request, as a
                          JSON list of strings; the case restarts
";

/// Reads the arguments after the program's name.
pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let (mut cases, mut port) = (None, 0);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--cases" => cases = Some(arguments.next().ok_or("--cases needs a file")?),
            "--port" => {
                let value = arguments.next().ok_or("--port needs a number")?;
                port = value.parse().map_err(|error| format!("--port {value:?}: {error}"))?;
            }
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    Ok(Command::Serve { cases: cases.ok_or("--cases is needed")?, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &[&str]) -> Result<Command, String> {
        read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn without_a_port_any_free_port_is_used() {
        let expected = Command::Serve { cases: "a.json".into(), port: 0 };
        assert_eq!(read_words(&["--cases", "a.json"]), Ok(expected));
    }

    #[test]
    fn invalid_arguments_are_refused_with_a_reason() {
        for words in [&[][..], &["--cases"], &["--cases", "a", "--port", "x"], &["a"]] {
            let error = read_words(words).unwrap_err();
            assert!(!error.is_empty(), "no reason given for {words:?}");
        }
    }
}
