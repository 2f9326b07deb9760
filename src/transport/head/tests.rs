use super::*;

/// Looks each time when one more byte has come.
fn drip(input: &[u8]) -> Outcome<(Vec<u8>, Complete)> {
    let (mut scan, mut begun) = (HeadScan::default(), 0);
    let mut input = input.to_vec();
    for end in 1..=input.len() {
        match scan.look(&mut input[begun..end], false)? {
            Look::Unfinished => {}
            Look::Interim(length) => begun += length,
            Look::Final(head) => {
                let seen = input[begun + head.skip..begun + head.end].to_vec();
                return Ok((seen, head));
            }
        }
    }
    panic!("no end in {}", String::from_utf8_lossy(&input));
}

/// The head as ureq gets to see it, all at once and byte by byte.
fn seen(input: &str) -> Outcome<(String, Complete)> {
    let (dripped, head) = drip(input.as_bytes())?;
    let (mut scan, mut whole) = (HeadScan::default(), input.as_bytes().to_vec());
    let mut begun = 0;
    let complete = loop {
        match scan.look(&mut whole[begun..], false)? {
            Look::Unfinished => panic!("no end in {input}"),
            Look::Interim(length) => begun += length,
            Look::Final(complete) => break complete,
        }
    };
    assert_eq!((complete.framing, &complete.reason), (head.framing, &head.reason));
    assert_eq!(complete.headers.len(), head.headers.len());
    assert_eq!(&whole[begun + complete.skip..begun + complete.end], dripped);
    Ok((String::from_utf8(dripped).unwrap(), head))
}

fn why(input: &str) -> String {
    seen(input).unwrap_err().detail
}

#[test]
fn ureq_sees_what_it_needs_and_the_other_fields_are_kept() {
    let head = "HTTP/1.1 404 Not Here\r\nX: y\r\nConnection: close\r\ncontent-length:\r\n\r\n";
    let (text, complete) = seen(&format!("{head}hello")).unwrap();
    assert_eq!(text, "HTTP/1.1 404 Not Here\r\nConnection:close\ncontent-length:\n\n");
    assert_eq!(complete.framing, Framing::Plain);
    assert_eq!(complete.reason.as_deref(), Some("Not Here"));
    assert_eq!(complete.end, head.len());
    assert_eq!(complete.headers["x"], "y");
    assert_eq!(complete.headers.len(), 3);
}

#[test]
fn line_feeds_alone_end_lines_too() {
    let (text, head) = seen("HTTP/1.0 200 OK\nTransfer-Codings: none\n\n").unwrap();
    assert_eq!(text, "HTTP/1.0 200 OK\n\n");
    assert_eq!(head.headers["transfer-codings"], "none");
}

#[test]
fn a_body_with_a_sound_length_is_kept_from_ureq() {
    let of = |fields: &str| seen(&format!("HTTP/1.1 200 OK\n{fields}\n\n")).unwrap();
    for fields in ["Content-Length:5", "CONTENT-LENGTH: 0005 \r"] {
        let (text, head) = of(fields);
        assert_eq!(head.framing, Framing::Length(5), "{fields}");
        assert!(text.to_ascii_lowercase().ends_with("content-length:0\n\n"), "{text}");
    }
    for fields in [
        "Content-Length: 0",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Content-Length: 5\nContent-Length: 6",
        "Content-Length: 18446744073709551616",
        "Content-Length:",
    ] {
        let (text, head) = of(fields);
        assert_eq!(head.framing, Framing::Plain, "{fields}");
        assert_eq!(text.lines().count(), 2 + fields.lines().count(), "{text}");
    }
    let bodiless = "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n";
    let (text, head) = seen(bodiless).unwrap();
    assert_eq!(head.framing, Framing::Plain);
    assert!(text.ends_with("Content-Length:5\n\n"), "{text}");
}

#[test]
fn interim_responses_are_cut_out_with_their_fields() {
    let last = "HTTP/1.1 200 OK\r\n\n";
    let input = "HTTP/1.1 100 Continue\r\nTransfer-Encoding: x\r\n\r\n\
        HTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(seen(input).unwrap().0, last);
}

#[test]
fn folded_lines_are_unfolded() {
    let folded = "HTTP/1.1 200 OK\r\nX: a\r\n b\n\tc\r\nTransfer-Encoding:\r\n chunked\r\n\r\n";
    let (text, head) = seen(folded).unwrap();
    assert_eq!(text, "HTTP/1.1 200 OK\r\nTransfer-Encoding:chunked\n\n");
    assert_eq!(head.headers["x"], "a   b \tc");
    assert_eq!(head.framing, Framing::Chunked, "the fold must not hide the coding");
}

#[test]
fn a_body_that_is_framed_in_two_ways_or_in_an_odd_one_is_refused() {
    let framed = |fields: &str| seen(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"));
    let framing = |fields| framed(fields).unwrap().1.framing;
    assert_eq!(framing("transfer-encoding: Chunked "), Framing::Chunked);
    assert_eq!(framing("Transfer-Encoding-X: gzip"), Framing::Plain);
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:",
        "Transfer-Encoding: xchunked",
    ] {
        let detail = framed(fields).unwrap_err().detail;
        assert!(detail.contains("Transfer-Encoding"), "{fields}: {detail}");
    }
    let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert!(why(old).ends_with("HTTP/1.0"), "{}", why(old));
    let bodiless = "HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n";
    assert_eq!(seen(bodiless).unwrap().1.framing, Framing::Plain);
}

#[test]
fn what_is_no_status_line_is_refused_as_soon_as_it_shows() {
    for input in ["S", "HTTP/2", "\r\nHTTP/1.1 200 OK", "http/1.1 200 OK"] {
        assert!(why(input).contains("HTTP/1.1"), "{input:?}");
    }
    for line in [
        "HTTP/1.2 200 OK",
        "HTTP/1.1\t200 OK",
        "HTTP/1.1 099 No",
        "HTTP/1.1 20 No",
        "HTTP/1.1 2000 No",
        "HTTP/1.1  200 OK",
        "HTTP/1.1 2x0 No",
        "HTTP/1.1 200\tOK",
        "HTTP/1.1",
        "HTTP/1.1 ",
    ] {
        why(&format!("{line}\r\n\r\n"));
    }
    for line in ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 999 All  right"] {
        seen(&format!("{line}\r\n\r\n")).unwrap();
    }
}

#[test]
fn many_fields_are_taken_and_too_many_or_broken_ones_refused() {
    let fields: String = (0..300).map(|n| format!("X-{n}: {n}\r\n")).collect();
    let input =
        format!("HTTP/1.1 200 OK\r\n{fields}Connection: close\r\nContent-Length: 1\r\n\r\n!");
    let (text, head) = seen(&input).unwrap();
    assert_eq!(text, "HTTP/1.1 200 OK\r\nConnection:close\nContent-Length:0\n\n");
    assert_eq!(head.headers.len(), 302);
    assert_eq!(head.headers["x-299"], "299");
    assert_eq!(head.end, input.len() - 1);
    let many: String = (0..=MAX_FIELDS).map(|n| format!("X-{n}: {n}\r\n")).collect();
    assert!(why(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")).ends_with("header fields"));
    let long = format!("{}: 1", "x".repeat(MAX_NAME + 1));
    for bad in ["X Y: 1", ": 1", "X: \0", "X", "X : 1", &long] {
        why(&format!("HTTP/1.1 200 OK\r\n{fields}{bad}\r\n\r\n"));
    }
}

#[test]
fn a_head_that_does_not_end_is_refused() {
    let line = [b'x'; 1024];
    for repeated in [&line[..], b"HTTP/1.1 100 Go On\r\n\r\n"] {
        let mut input = b"HTTP/1.1 100 Go On\r\n\r\nHTTP/1.1 102 Later\r\n".to_vec();
        if repeated.len() < 100 {
            input.extend_from_slice(b"\r\n");
        }
        while input.len() <= MAX_HEAD + 1024 {
            input.extend_from_slice(repeated);
        }
        let (mut scan, mut begun) = (HeadScan::default(), 0);
        let failure = loop {
            match scan.look(&mut input[begun..], false) {
                Ok(Look::Interim(length)) => begun += length,
                Ok(other) => panic!("{other:?}"),
                Err(failure) => break failure,
            }
        };
        assert!(failure.detail.ends_with("larger than 262144 bytes"), "{}", failure.detail);
    }
}
