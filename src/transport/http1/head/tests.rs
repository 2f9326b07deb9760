use super::super::fields::{MAX_FIELDS, MAX_NAME};
use super::*;

/// Parses after each `step` bytes.
fn parse_in_steps(input: &[u8], step: usize) -> TransportResult<(usize, FinalHead)> {
    let (mut scan, mut start, mut end) = (HeadParser::default(), 0, 0);
    loop {
        match scan.parse(&input[start..end], false)? {
            ParseStatus::Partial => {
                assert!(end < input.len(), "no end found in {}", String::from_utf8_lossy(input));
                end = input.len().min(end + step);
            }
            ParseStatus::Interim(length, _) => start += length,
            ParseStatus::Final(length, head) => return Ok((start + length, head)),
        }
    }
}

/// The head and its length, the same whether it arrives at once or byte by byte.
fn seen(input: &str) -> TransportResult<(usize, FinalHead)> {
    let (dripped, at_once) =
        (parse_in_steps(input.as_bytes(), 1)?, parse_in_steps(input.as_bytes(), input.len())?);
    assert_eq!(format!("{dripped:?}"), format!("{at_once:?}"));
    Ok(at_once)
}

fn why(input: &str) -> String {
    seen(input).unwrap_err().detail
}

fn with_fields(fields: &str) -> TransportResult<FinalHead> {
    Ok(seen(&format!("HTTP/1.1 200 OK\n{fields}\n\n"))?.1)
}

#[test]
fn status_reason_and_fields_are_read() {
    let head = "HTTP/1.1 404 Not Here\r\nX: y\r\nConnection: close\r\ncontent-length: 5\r\n\r\n";
    let (end, complete) = seen(&format!("{head}hello")).unwrap();
    assert_eq!(end, head.len());
    assert_eq!((complete.status, complete.version), (404, http::Version::HTTP_11));
    assert_eq!(complete.reason, "Not Here");
    assert_eq!(complete.framing, Framing::Length(5));
    assert_eq!(complete.headers["x"], "y");
    assert_eq!(complete.headers.len(), 3);
}

#[test]
fn a_line_feed_alone_ends_a_line() {
    let (end, head) = seen("HTTP/1.0 200 OK\nTransfer-Codings: none\n\nbody").unwrap();
    assert_eq!((end, head.version), (40, http::Version::HTTP_10));
    assert_eq!(head.headers["transfer-codings"], "none");
    assert_eq!(seen("HTTP/1.1 200 OK\r\n\n").unwrap().1.headers.len(), 0);
}

#[test]
fn all_content_lengths_must_agree() {
    for (fields, length) in [
        ("Content-Length:5", 5),
        ("CONTENT-LENGTH: 0005 \r", 5),
        ("Content-Length: 0", 0),
        ("Content-Length: 5, 5", 5),
        ("Content-Length: 5\nX: y\nContent-Length: 05", 5),
        ("Content-Length: 18446744073709551615", u64::MAX),
    ] {
        assert_eq!(with_fields(fields).unwrap().framing, Framing::Length(length), "{fields}");
    }
    for fields in [
        "Content-Length: +5",
        "Content-Length: 5 5",
        "Content-Length: 5,",
        "Content-Length: 5, 6",
        "Content-Length: 5\nContent-Length: 6",
        "Content-Length: 18446744073709551616",
        "Content-Length:",
    ] {
        let detail = with_fields(fields).unwrap_err().detail;
        assert!(detail.contains("Content-Length"), "{fields}: {detail}");
    }
    assert_eq!(with_fields("X: y").unwrap().framing, Framing::UntilClose);
}

#[test]
fn a_response_without_a_body_has_none_whatever_its_fields_say() {
    for (status, fields) in [
        ("204 None", "Transfer-Encoding: chunked\r\nContent-Length: 3"),
        ("304 Not Modified", "Content-Length: 5"),
        ("304 Not Modified", "Content-Length: x"),
    ] {
        let head = seen(&format!("HTTP/1.1 {status}\r\n{fields}\r\n\r\n")).unwrap().1;
        assert_eq!(head.framing, Framing::None, "{status} {fields}");
    }
    let to_head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    match HeadParser::default().parse(to_head, true).unwrap() {
        ParseStatus::Final(_, head) => assert_eq!(head.framing, Framing::None),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_connection_persists_unless_the_response_says_close() {
    for (version, fields, persistent) in [
        ("1.1", "X: y", true),
        ("1.1", "Connection: keep-alive", true),
        ("1.1", "Connection: Close", false),
        ("1.1", "Connection: keep-alive\r\nConnection: x, close", false),
        ("1.0", "X: y", false),
        ("1.0", "Connection: Keep-Alive", true),
        ("1.0", "Connection: keep-alive, close", false),
    ] {
        let (_, head) = seen(&format!("HTTP/{version} 200 OK\r\n{fields}\r\n\r\n")).unwrap();
        assert_eq!(head.persistent, persistent, "HTTP/{version} {fields}");
    }
}

#[test]
fn interim_responses_are_skipped_with_their_fields() {
    let input = "HTTP/1.1 100 Continue\r\nTransfer-Encoding: x\r\n\r\n\
        HTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let (end, head) = seen(input).unwrap();
    assert_eq!((end, head.status), (input.len(), 200));
}

#[test]
fn folded_lines_are_unfolded() {
    let folded = "HTTP/1.1 200 OK\r\nX: a\r\n b\n\tc\r\nTransfer-Encoding:\r\n chunked\r\n\r\n";
    let (_, head) = seen(folded).unwrap();
    assert_eq!(head.headers["x"], "a   b \tc");
    assert_eq!(head.framing, Framing::Chunked, "the fold hides the transfer coding");
}

#[test]
fn a_body_that_is_framed_in_two_ways_or_an_unknown_way_is_refused() {
    let framing = |fields| with_fields(fields).unwrap().framing;
    assert_eq!(framing("transfer-encoding: Chunked "), Framing::Chunked);
    assert_eq!(framing("Transfer-Encoding-X: gzip"), Framing::UntilClose);
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nContent-Length: x",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:",
        "Transfer-Encoding: xchunked",
    ] {
        let detail = with_fields(fields).unwrap_err().detail;
        assert!(detail.contains("Transfer-Encoding"), "{fields}: {detail}");
    }
    let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert!(why(old).ends_with("HTTP/1.0"), "{}", why(old));
}

#[test]
fn an_invalid_status_line_is_refused_at_its_first_wrong_byte() {
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
        "HTTP/1.1 200 O\0K",
        "HTTP/1.1 200 O\rK",
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
fn many_fields_are_accepted_and_too_many_refused() {
    let fields: String = (0..300).map(|n| format!("X-{n}: {n}\r\n")).collect();
    let input =
        format!("HTTP/1.1 200 OK\r\n{fields}Connection: close\r\nContent-Length: 1\r\n\r\n!");
    let (end, head) = seen(&input).unwrap();
    assert_eq!(end, input.len() - 1);
    assert_eq!((head.framing, head.persistent), (Framing::Length(1), false));
    assert_eq!(head.headers.len(), 302);
    assert_eq!(head.headers["x-299"], "299");
    let many: String = (0..=MAX_FIELDS).map(|n| format!("X-{n}: {n}\r\n")).collect();
    assert!(why(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")).ends_with("header fields"));
}

#[test]
fn malformed_lines_are_skipped() {
    let long = format!("{}: 1", "x".repeat(MAX_NAME + 1));
    for odd in [
        "PHP Warning:  Cannot modify header information in /a.php on line 1",
        "X Y: 1",
        "X : 1",
        "X\t: 1",
        "X",
        ": 1",
        ":",
        "X\u{e4}: 1",
        "X(y): 1",
        "X: a\u{1b}b",
        "X: a\u{7f}b",
        "X : 1\r\n folded: 1",
        &long,
    ] {
        for fields in [["A: b", odd, "Content-Length: 1"], [odd, "A: b", "Content-Length: 1"]] {
            let head = with_fields(&fields.join("\r\n")).unwrap();
            let seen = (head.skipped_lines, head.headers.len(), head.framing);
            assert_eq!(seen, (1, 2, Framing::Length(1)), "{fields:?}");
        }
    }
    assert_eq!(with_fields(" X: a\nA: b").unwrap().skipped_lines, 1, "a fold after no field");
    assert_eq!(with_fields("A: b").unwrap().skipped_lines, 0);
}

#[test]
fn a_malformed_line_that_may_frame_the_body_is_refused() {
    for bad in [
        "Content-Length : 1",
        "Content-Length\t: 1",
        "Content Length: 1",
        "Content_Length : 1",
        "Content-Length 1",
        "CONTENT-LENGTH",
        ": Content-Length: 1",
        "X : 1\r\n Content-Length: 1",
        "Content-\u{1}Length: 1",
        "Content-Length: 1\u{7f}",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: \u{b}chunked",
        "\u{feff}Transfer-Encoding: chunked",
        "transfer encoding: chunked",
        "Transfer-Enc\r\n oding: chunked",
    ] {
        for fields in [["Content-Length: 1", bad], [bad, "Content-Length: 1"]] {
            let detail = with_fields(&fields.join("\r\n")).unwrap_err().detail;
            assert!(detail.ends_with("may frame its body"), "{fields:?}: {detail}");
        }
    }
    let first = " Transfer-Encoding: chunked\r\nContent-Length: 1";
    assert!(with_fields(first).is_err(), "a fold after no field");
    let none = "HTTP/1.1 204 None\r\nContent-Length : 1\r\n\r\n";
    assert_eq!(seen(none).unwrap().1.framing, Framing::None, "a 304 has no body to frame");
}

#[test]
fn a_carriage_return_or_a_nul_inside_a_line_is_refused() {
    for bad in ["X: a\0b", "X\0: a", "X: a\rb", "X: a\r\r", "X Y\rZ: a"] {
        let detail = with_fields(&[bad, "\r\nA: b"].concat()).unwrap_err().detail;
        assert!(detail.ends_with("a carriage return or a NUL"), "{bad:?}: {detail}");
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
        let (mut scan, mut start) = (HeadParser::default(), 0);
        let failure = loop {
            match scan.parse(&input[start..], false) {
                Ok(ParseStatus::Interim(length, _)) => start += length,
                Ok(other) => panic!("{other:?}"),
                Err(failure) => break failure,
            }
        };
        assert!(failure.detail.ends_with("larger than 262144 bytes"), "{}", failure.detail);
    }
}
