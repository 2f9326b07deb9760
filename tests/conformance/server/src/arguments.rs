//! The command line.

/// What the caller wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be told how it works.
    Help,
    /// A server.
    Serve {
        /// The file with the cases.
        cases: String,
        /// The port of 127.0.0.1; 0 is any free one.
        port: u16,
    },
}

/// What `--help` prints.
pub const HELP: &str = "\
Usage: conformance-server --cases FILE [--port N]

Plays the answers of the conformance cases on 127.0.0.1 until it is ended.
Once it listens, it prints its URL on stdout, one line.

  --cases FILE   the cases, as tests/conformance/README.md describes them
  --port N       the port to listen on; 0, the default, takes any free one
  --help         print this and exit

GET /__cases              the cases, with the URLs of this server put in
ANY /CASE/...             the case's next answer
GET /CASE/__requests      the raw requests since it was last asked, as a JSON
                          list of strings; the case begins anew
";

/// Reads the arguments, the program's name left out.
pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Wish, String> {
    let (mut cases, mut port) = (None, 0);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(Wish::Help),
            "--cases" => cases = Some(arguments.next().ok_or("--cases needs a file")?),
            "--port" => {
                let value = arguments.next().ok_or("--port needs a number")?;
                port = value.parse().map_err(|error| format!("--port {value:?}: {error}"))?;
            }
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    Ok(Wish::Serve { cases: cases.ok_or("--cases is needed")?, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &[&str]) -> Result<Wish, String> {
        read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn any_free_port_is_taken_where_none_is_named() {
        let expected = Wish::Serve { cases: "a.json".into(), port: 0 };
        assert_eq!(read_words(&["--cases", "a.json"]), Ok(expected));
    }

    #[test]
    fn what_cannot_be_understood_is_refused_with_a_reason() {
        for words in [&[][..], &["--cases"], &["--cases", "a", "--port", "x"], &["a"]] {
            let complaint = read_words(words).unwrap_err();
            assert!(!complaint.is_empty(), "no reason given for {words:?}");
        }
    }
}
