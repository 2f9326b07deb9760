//! Ending calls early.

use super::guard::{handle, out_arg, return_code, return_value};
use super::types::sac_cancel;
use crate::code::sac_code;
use crate::wait::Cancel;

/// Creates a cancel, which `sac_request_set_cancel` attaches to requests. It uses two file
/// descriptors.
///
/// `out`: receives the cancel; free it with `sac_cancel_free`; NULL on failure. Any thread. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INTERNAL` (no file descriptor is available).
///
/// # Safety
/// `out` may be written to or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cancel_new(out: *mut *mut sac_cancel) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(out, "out") }?;
        // SAFETY: the same place; a failure below must leave NULL there.
        unsafe { out.write(std::ptr::null_mut()) };
        let cancel = Cancel::new()?;
        place.write(Box::into_raw(Box::new(sac_cancel { cancel })));
        Ok(())
    })
}

/// Ends the calls of all requests that the cancel is attached to, within 100 ms, in every phase of
/// a call. Work on a body of more than 100 MB may take longer, up to 1 ms for each MB.
///
/// `cancel`: NULL has no effect. Any thread, and any signal handler (the function is
/// async-signal-safe).
///
/// # Safety
/// `cancel` is a live cancel or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_cancel_trigger(cancel: *mut sac_cancel) {
    // Without `catch_panic`, because its thread-local and its panic hook are not async-signal-safe.
    // This is one atomic store and one write(2), which cannot panic.
    // SAFETY: the caller promises a live cancel or NULL.
    if let Some(cancel) = unsafe { cancel.as_ref() } {
        cancel.cancel.trigger();
    }
}

/// Checks whether a cancel has been triggered.
///
/// Returns true if it has; false if not, or if `cancel` is NULL. Any thread, several at once.
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

/// Frees a cancel. Requests that it is attached to keep their own reference to it.
///
/// `cancel`: not freed before; NULL has no effect. Any thread, but only when no other thread uses
/// this handle.
///
/// # Safety
/// As stated above.
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
