//! The hash and the length of a body, before it is sent.

use sha2::{Digest as _, Sha256};

use crate::code::Error;

use super::body::Body;
use super::body_reader::FileVersions;
use super::output::RewindCallback;

/// The number of bytes between two checks whether the call goes on.
const PIECE: usize = 128 * 1024;

/// The length of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// There is no body.
    None,
    /// This many bytes.
    Known(u64),
    /// The body is sent in chunks.
    Unknown,
}

impl Body {
    /// The SHA-256 of the body, which is read once in a call; `None` for a callback that cannot begin
    /// again. `check` ends the work with its error.
    ///
    /// # Errors
    /// Those of [`Body::open`], [`Body::bytes`] and `check`, and the errors of reading.
    pub fn sha256(
        &self,
        versions: &mut FileVersions,
        rewind: Option<&RewindCallback>,
        check: &dyn Fn() -> Result<(), Error>,
    ) -> Result<Option<[u8; 32]>, Error> {
        if let Some(known) = versions.sha256() {
            return Ok(Some(known));
        }
        if matches!(self, Self::Callback { .. }) && rewind.is_none() {
            return Ok(None);
        }
        let mut hash = Sha256::new();
        if let Some(bytes) = self.bytes()? {
            for piece in bytes.chunks(PIECE) {
                check()?;
                hash.update(piece);
            }
        } else if let Some(mut reader) = self.open(versions, rewind)? {
            let mut buffer = vec![0; PIECE];
            loop {
                check()?;
                let read = reader.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                hash.update(buffer.get(..read).unwrap_or_default());
            }
        }
        let sha256 = hash.finalize().into();
        versions.set_sha256(sha256);
        Ok(Some(sha256))
    }

    /// The length of the body.
    ///
    /// # Errors
    /// Those of [`Body::open`] and [`Body::bytes`].
    pub fn length(&self, versions: &mut FileVersions) -> Result<BodyLength, Error> {
        let known = |length: Option<u64>| length.map_or(BodyLength::Unknown, BodyLength::Known);
        match self {
            Self::None => Ok(BodyLength::None),
            Self::Callback { length, .. } => Ok(known(*length)),
            _ => match self.bytes()? {
                Some(bytes) => Ok(BodyLength::Known(bytes.len() as u64)),
                None => Ok(self
                    .open(versions, None)?
                    .map_or(BodyLength::None, |reader| known(reader.length()))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::request::{BodyCallback, PartHead};
    use http::HeaderValue;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn hex(sha256: Option<[u8; 32]>) -> String {
        sha256.unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn hash(body: &Body, versions: &mut FileVersions) -> Result<Option<[u8; 32]>, Error> {
        body.sha256(versions, None, &|| Ok(()))
    }

    fn text(bytes: &[u8]) -> Body {
        Body::Bytes { content_type: HeaderValue::from_static("text/plain"), bytes: bytes.into() }
    }

    #[test]
    fn the_hash_is_that_of_the_bytes_wherever_they_are() {
        let path = std::env::temp_dir().join(format!("sac-sha256-{}", std::process::id()));
        std::fs::write(&path, "abc").unwrap();
        let content_type = HeaderValue::from_static("text/plain");
        let file = Body::File { content_type, path: path.to_str().unwrap().into() };
        for (body, expected) in [(&Body::None, EMPTY), (&text(b"abc"), ABC), (&file, ABC)] {
            assert_eq!(hex(hash(body, &mut FileVersions::default()).unwrap()), expected);
        }
        assert_eq!(file.length(&mut FileVersions::default()), Ok(BodyLength::Known(3)));
        assert_eq!(Body::None.length(&mut FileVersions::default()), Ok(BodyLength::None));
        std::fs::remove_file(path).unwrap();
        let error = hash(&file, &mut FileVersions::default()).unwrap_err();
        assert_eq!(error.code, Code::File);
    }

    #[test]
    fn the_hash_of_a_form_with_parts_is_that_of_what_is_sent() {
        let mut body = Body::None;
        let head = PartHead { name: "a", file_name: None, content_type: None };
        body.add_part(&head, b"abc").unwrap();
        let mut reader = body.open(&mut FileVersions::default(), None).unwrap().unwrap();
        let (mut sent, mut buffer) = (Vec::new(), [0; 64]);
        while let read @ 1.. = reader.read(&mut buffer).unwrap() {
            sent.extend_from_slice(&buffer[..read]);
        }
        let expected = hash(&text(&sent), &mut FileVersions::default()).unwrap();
        assert_eq!(hash(&body, &mut FileVersions::default()).unwrap(), expected);
        let length = body.length(&mut FileVersions::default());
        assert_eq!(length, Ok(BodyLength::Known(sent.len() as u64)));
    }

    #[test]
    fn a_callback_is_read_for_its_hash_once_and_only_if_it_can_begin_again() {
        let content = Arc::new(Mutex::new(Vec::new()));
        let rewinds = Arc::new(AtomicUsize::new(0));
        let (source, begun) = (Arc::clone(&content), Arc::clone(&rewinds));
        let callback: BodyCallback = Arc::new(move |buffer: &mut [u8]| {
            let mut left = source.lock().unwrap();
            let count = usize::min(left.len(), buffer.len());
            buffer[..count].copy_from_slice(&left[..count]);
            left.drain(..count);
            Some(count)
        });
        let refill = Arc::clone(&content);
        let rewind: RewindCallback = Arc::new(move || {
            begun.fetch_add(1, Ordering::Relaxed);
            *refill.lock().unwrap() = b"abc".to_vec();
            true
        });
        *content.lock().unwrap() = b"abc".to_vec();
        let content_type = HeaderValue::from_static("text/plain");
        let body = Body::Callback { content_type, length: None, callback };
        let mut versions = FileVersions::default();
        assert_eq!(hash(&body, &mut versions), Ok(None));
        assert_eq!(content.lock().unwrap().len(), 3, "the callback was read without a rewind");
        assert_eq!(body.length(&mut versions), Ok(BodyLength::Unknown));
        let check = || Ok(());
        for _ in 0..2 {
            let sha256 = body.sha256(&mut versions, Some(&rewind), &check).unwrap();
            assert_eq!(hex(sha256), ABC);
        }
        assert_eq!(rewinds.load(Ordering::Relaxed), 0, "the callback was read twice");
        body.open(&mut versions, Some(&rewind)).unwrap();
        assert_eq!(rewinds.load(Ordering::Relaxed), 1, "the body that is sent must begin again");
    }

    #[test]
    fn the_work_ends_with_the_call() {
        let ended = || Err(Error::new(Code::Cancelled, "ended"));
        let error = text(b"abc").sha256(&mut FileVersions::default(), None, &ended).unwrap_err();
        assert_eq!(error.code, Code::Cancelled);
    }
}
