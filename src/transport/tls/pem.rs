//! Certificates in PEM (RFC 7468).

use std::io::{self, BufRead};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use memchr::memchr;
use rustls::pki_types::CertificateDer;

/// The content between BEGIN and END.
pub(super) enum Block<'a> {
    /// A certificate, as DER.
    Certificate(&'a [u8]),
    /// An OpenSSL certificate that also lists the uses for which it is trusted or not.
    OpensslTrusted,
    /// It is not base64, or has no END.
    Damaged,
}

/// Passes on the certificates of a text, line by line, with one reused buffer: the system's bundle
/// has 200,000 bytes of them, and the first response waits for this. Skips a byte order mark, CR LF
/// line ends, text between the blocks, and other blocks.
///
/// The decoder in rustls takes the same time for every byte, which is right for keys; certificates
/// are public.
pub(super) fn read(mut pem: impl BufRead, mut take: impl FnMut(Block<'_>)) -> io::Result<()> {
    // The base64 of the block so far, and after it the last line.
    let (mut buffer, mut length) = (Vec::new(), 0);
    let (mut within, mut der) = (None, Vec::new());
    while read_line(&mut pem, &mut buffer)? {
        let line = buffer.get(length..).unwrap_or_default();
        let text = line.trim_ascii();
        if let Some(label) = certificate_label(text) {
            if within.replace(label).is_some() {
                take(Block::Damaged);
            }
            length = 0;
        } else if let Some(label) = within {
            if text.starts_with(b"-----END ") {
                within = None;
                der.clear();
                let base64 = buffer.get(..length).unwrap_or_default();
                let decoded = BASE64_STANDARD.decode_vec(base64, &mut der);
                take(match (label, decoded) {
                    (Label::Trusted, _) => Block::OpensslTrusted,
                    (Label::Plain, Ok(())) => Block::Certificate(&der),
                    (Label::Plain, Err(_)) => Block::Damaged,
                });
                length = 0;
            } else {
                let (indent, size) =
                    (line.len().saturating_sub(line.trim_ascii_start().len()), text.len());
                if indent > 0 {
                    buffer.drain(length..length.saturating_add(indent));
                }
                length = length.saturating_add(size);
            }
        }
        buffer.truncate(length);
    }
    if within.is_some() {
        take(Block::Damaged);
    }
    Ok(())
}

/// Appends the next line; `false` if there is none. `BufRead::read_until` searches without vector
/// instructions, which a first https call can measure.
fn read_line(pem: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let before = buffer.len();
    loop {
        let available = match pem.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        let end = memchr(b'\n', available).map(|at| at.saturating_add(1));
        let used = end.unwrap_or(available.len());
        buffer.extend_from_slice(available.get(..used).unwrap_or_default());
        pem.consume(used);
        if end.is_some() || used == 0 {
            return Ok(buffer.len() > before);
        }
    }
}

#[derive(Clone, Copy)]
enum Label {
    Plain,
    Trusted,
}

/// The kind of certificate that begins with this line.
fn certificate_label(line: &[u8]) -> Option<Label> {
    let begin = line.strip_suffix(b"CERTIFICATE-----")?;
    // Something may precede it, for example a byte order mark.
    if begin.ends_with(b"-----BEGIN ") || begin.ends_with(b"-----BEGIN X509 ") {
        Some(Label::Plain)
    } else {
        begin.ends_with(b"-----BEGIN TRUSTED ").then_some(Label::Trusted)
    }
}

/// All certificates of a text, at least one.
///
/// # Errors
/// The reason why the text is refused.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut found = Vec::new();
    let mut wrong = None;
    let mut number = 0_u32;
    let take = |block: Block<'_>| {
        number = number.saturating_add(1);
        let why = match block {
            Block::Certificate(der) => return found.push(CertificateDer::from(der.to_vec())),
            Block::Damaged => "is damaged".to_owned(),
            Block::OpensslTrusted => {
                "is a TRUSTED CERTIFICATE, a format that only OpenSSL uses and that \
                               is not supported; `openssl x509` converts it to a CERTIFICATE"
                    .to_owned()
            }
        };
        wrong.get_or_insert_with(|| format!("certificate {number} of the PEM text {why}"));
    };
    // A read from memory cannot fail.
    let _ = read(pem, take);
    match wrong {
        Some(wrong) => Err(wrong),
        None if found.is_empty() => Err("there is no certificate in the PEM text".into()),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content does not matter here.
    const ONE: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    const OTHER: &str = "-----BEGIN CERTIFICATE-----\nAAAA\nMIIB\n-----END CERTIFICATE-----\n";

    fn found(pem: &str) -> Vec<usize> {
        let found = certificates(pem.as_bytes()).unwrap();
        found.iter().map(|certificate| certificate.len()).collect()
    }

    #[test]
    fn every_certificate_is_found_whatever_is_around_it() {
        assert_eq!(found(&[ONE, OTHER].concat()), [3, 6]);
        assert_eq!(found(&format!("\u{feff}{ONE}# Größe: 2 -----\n\n  {OTHER}")), [3, 6]);
        assert_eq!(found(&OTHER.replace('\n', "\r\n")), [6], "with CR LF line ends");
        assert_eq!(found(ONE.trim_end()), [3], "without a final line end");
        assert_eq!(found(&ONE.replace("CERT", "X509 CERT")), [3], "with the old label");
        let key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
        assert_eq!(found(&[key, ONE, key].concat()), [3]);
        assert_eq!(
            certificates(key.as_bytes()).unwrap_err(),
            "there is no certificate in the PEM text"
        );
    }

    #[test]
    fn the_error_names_the_number_of_a_refused_certificate() {
        let damaged = "certificate 2 of the PEM text is damaged";
        for wrong in [
            [ONE, &ONE.replace("MIIB", "M*IB")].concat(),
            [ONE, &ONE.replace("-----END CERTIFICATE-----\n", "")].concat(),
            [ONE, &ONE.replace("-----END CERTIFICATE-----\n", ""), ONE].concat(),
        ] {
            assert_eq!(certificates(wrong.as_bytes()).unwrap_err(), damaged, "{wrong}");
        }
        let trusted = [ONE, &ONE.replace("CERT", "TRUSTED CERT")].concat();
        let error = certificates(trusted.as_bytes()).unwrap_err();
        assert!(
            error.starts_with("certificate 2 of the PEM text is a TRUSTED CERTIFICATE"),
            "{error}"
        );
    }
}
