//! Ending calls early.

use super::guard::{handle, out_arg, return_code, return_value};
use super::types::sac_cancel;
use crate::code::sac_code;
use crate::wait::Cancel;

/// Makes a cancel, to be attached to requests with `sac_request_set_cancel`.
///
/// `out`: receives the cancel, to be freed with `sac_cancel_free`; NULL on failure. It takes two
/// file descriptors. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INTERNAL` (no descriptor
/// is left).
///
/// # Safety
/// `out` may be written to or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cancel_new(out: *mut *mut sac_cancel) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { self::out_arg(out, "out") }?;
        // SAFETY: the same place; a failure below has to leave NULL there.
        unsafe { out.write(std::ptr::null_mut()) };
        let cancel = Cancel::new()?;
        place.write(Box::into_raw(Box::new(sac_cancel { cancel })));
        Ok(())
    })
}

/// Ends every request that carries the cancel, in whatever it waits for, within 100 ms.
///
/// `cancel`: NULL does nothing. Any thread, and async-signal-safe.
///
/// # Safety
/// `cancel` is a live cancel or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cancel_trigger(cancel: *mut sac_cancel) {
    // Not through the guard, whose thread-local and panic hook are not async-signal-safe: one
    // atomic store and one write(2), which cannot panic.
    // SAFETY: the caller promises a live cancel or NULL.
    if let Some(cancel) = unsafe { cancel.as_ref() } {
        cancel.cancel.trigger();
    }
}

/// Whether a cancel has been triggered.
///
/// Returns false where `cancel` is NULL. Any thread, several at once.
///
/// # Safety
/// `cancel` is a live cancel or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cancel_triggered(cancel: *const sac_cancel) -> bool {
    return_value(false, || {
        // SAFETY: the caller promises a live cancel or NULL.
        Ok(unsafe { handle(cancel, "cancel") }?.cancel.triggered())
    })
}

/// Frees a cancel. Requests that carry it keep their own hold on it.
///
/// `cancel`: not freed before; NULL does nothing. Any thread, once no other uses the handle any
/// more.
///
/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cancel_free(cancel: *mut sac_cancel) {
    return_value((), || {
        if !cancel.is_null() {
            // SAFETY: it came from `Box::into_raw`, and the caller frees it once.
            drop(unsafe { Box::from_raw(cancel) });
        }
        Ok(())
    });
}
