//! Bodies with secrets, whose memory is wiped.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use zeroize::Zeroizing;

use crate::code::Error;
use crate::request::{BodyCallback, DataCallback, Request, RewindCallback};

/// Sets a form with secrets as the body of a request.
///
/// # Errors
/// Same as [`Request::set_body_callback`].
pub fn secret_form(
    request: &mut Request,
    content_type: HeaderValue,
    form: Zeroizing<String>,
) -> Result<(), Error> {
    let length = form.len() as u64;
    let position = Arc::new(Mutex::new(0_usize));
    let rewound = Arc::clone(&position);
    let write: BodyCallback = Arc::new(move |buffer| {
        let mut position = position.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = form.as_bytes().get(*position..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        *position = position.saturating_add(count);
        Some(count)
    });
    let rewind: RewindCallback = Arc::new(move || {
        *rewound.lock().unwrap_or_else(PoisonError::into_inner) = 0;
        true
    });
    let content_type = content_type.to_str().unwrap_or_default();
    request.set_body_callback(content_type, Some(length), write)?;
    request.set_rewind(Some(rewind));
    Ok(())
}

/// A response body with secrets.
#[derive(Default)]
pub struct ReceivedSecret(Arc<Mutex<Zeroizing<Vec<u8>>>>);

impl ReceivedSecret {
    /// The callback that receives it.
    #[must_use]
    pub fn callback(&self) -> DataCallback {
        let bytes = Arc::clone(&self.0);
        Arc::new(move |piece| {
            let mut bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
            let needed = bytes.len().saturating_add(piece.len());
            if needed > bytes.capacity() {
                // A vector that grows by itself leaves a copy in its old memory.
                let mut larger = Vec::with_capacity(needed.saturating_mul(2));
                larger.extend_from_slice(&bytes);
                *bytes = Zeroizing::new(larger);
            }
            bytes.extend_from_slice(piece);
            true
        })
    }

    /// Reads what has arrived.
    pub fn read<T>(&self, read: impl FnOnce(&[u8]) -> T) -> T {
        read(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
