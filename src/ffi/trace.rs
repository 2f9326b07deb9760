//! The callback that receives the events of a call.

use std::ffi::{CString, c_char, c_void};

use super::callback::Userdata;
use super::request::change;
use super::types::{sac_request, sac_trace_callback};
use crate::code::sac_code;
use crate::trace::{Event, Tracer};

/// Reports the events of a request's connections to a callback while they happen: DNS lookup, connect,
/// TLS handshake, sending, and the first byte of the response. Retries and redirects have events too.
///
/// `callback`: see `sac_trace_callback`; NULL, the default, removes it. `userdata`: passed to the
/// callback unchanged; it must stay valid until the request, its calls and their streams no longer use
/// it. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request).
///
/// # Safety
/// `request` is a live request or NULL; `callback` may be called with `userdata` on any thread that
/// sends the request or reads from its stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_trace_callback(
    request: *mut sac_request,
    callback: sac_trace_callback,
    userdata: *mut c_void,
) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe {
        change(request, |request| {
            request.set_tracer(callback.map(|callback| tracer(callback, userdata)));
            Ok(())
        })
    }
}

/// The library's form of a C callback.
fn tracer(
    callback: unsafe extern "C" fn(*mut c_void, *const c_char),
    userdata: *mut c_void,
) -> Tracer {
    let userdata = Userdata(userdata);
    Tracer::new(move |event: &Event<'_>| {
        // JSON text contains no NUL.
        let Ok(json) = CString::new(event.to_json()) else { return };
        // SAFETY: the caller of `sac_request_set_trace_callback` promised that this call is allowed.
        unsafe { callback(userdata.get(), json.as_ptr()) };
    })
}
