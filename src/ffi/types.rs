//! The types of the C interface.

use std::ffi::{c_char, c_void};

use crate::answer::Response;
use crate::answer::json_state::sac_json_state;
use crate::client::Client;
use crate::code::sac_code;
use crate::request::Request;
use crate::wait::Cancel;

/// A client: a base URL, a scope of headers, cookies and credentials, and settings. May be used
/// from any number of threads at once, setters included. After `fork` the child may go on using
/// its copy; the two never share a connection.
#[allow(non_camel_case_types)]
pub struct sac_client {
    pub(super) client: Client,
}

/// A request that can be sent any number of times. May be sent from several threads at once, but
/// not changed while one of them sends it.
#[allow(non_camel_case_types)]
pub struct sac_request {
    pub(super) request: Request,
}

/// What came of a call. Made by the library alone and never changed; any number of threads may
/// read it until `sac_response_free`. Later versions may append fields, never move or remove one.
#[allow(non_camel_case_types)]
#[repr(C)]
pub struct sac_response {
    /// `SAC_OK`, or what went wrong.
    pub code: sac_code,
    /// The HTTP status; 0 where no response arrived.
    pub status: i32,
    /// JSON text: never NULL, NUL-terminated, well-formed (RFC 8259).
    pub json: *const c_char,
    /// The length of `json` in bytes, without the NUL.
    pub json_len: usize,
    /// The body's bytes as received, with content coding undone; never NULL.
    pub body: *const u8,
    /// The number of bytes in `body`.
    pub body_len: usize,
    /// What went wrong, in English, on one line; NULL exactly when `code` is `SAC_OK`.
    pub error: *const c_char,
    /// `SAC_JSON_EXACT`, `SAC_JSON_REPAIRED` or `SAC_JSON_NONE`.
    pub json_state: sac_json_state,
    /// Requests put on the wire, redirect hops not counted; 0 where none was.
    pub attempts: u32,
    /// The whole call in microseconds, waits included.
    pub elapsed_us: u64,
}

/// What C holds a pointer to: the fields it reads, and behind them the response they point into.
#[repr(C)]
pub(super) struct OwnedResponse {
    pub(super) public: sac_response,
    pub(super) response: Response,
}

/// A flag that ends calls early: every request that carries it ends with `SAC_ERR_CANCELLED`, the
/// waiting ones too. Once triggered it stays so. May be triggered from anywhere, a signal handler
/// included.
#[allow(non_camel_case_types)]
pub struct sac_cancel {
    pub(super) cancel: Cancel,
}

/// Is told before each wait for a retry, and says whether it may happen.
///
/// `userdata`: as it was given with the callback. `attempt`: how many were made. `code`, `status`:
/// what came of the last one; the status is 0 where there was no answer. `wait_ms`: the wait in
/// milliseconds. Returns whether the retry may happen; after false the call ends with what it has.
/// Called on the thread that makes the call, by several threads at once where several make calls.
/// It may call the library, and must not unwind or `longjmp` out.
#[allow(non_camel_case_types)]
pub type sac_retry_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        attempt: u32,
        code: i32,
        status: i32,
        wait_ms: u64,
    ) -> bool,
>;

/// Receives log messages.
///
/// `userdata`: as it was given with the callback. `level`: one of `SAC_LOG_ERROR` to
/// `SAC_LOG_TRACE`. `message`: one line without secrets, valid until the callback returns. Called on
/// the thread that makes the call, by several threads at once where several make calls, so it has
/// to be thread-safe. It may call the library, and must not unwind or `longjmp` out.
#[allow(non_camel_case_types)]
pub type sac_log_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, level: i32, message: *const c_char)>;

/// Takes the next bytes of an answer's body.
///
/// `userdata`: as it was given with the callback. `bytes`, `len`: the bytes, valid until the callback
/// returns. Returns whether there may be more; false ends the call with `SAC_ERR_CANCELLED`. Called
/// on the thread that makes the call. It may call the library, and must not unwind or `longjmp` out.
#[allow(non_camel_case_types)]
pub type sac_data_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, bytes: *const u8, len: usize) -> bool>;

/// Is told how far the bodies of request and answer have come. A retry begins anew.
///
/// `userdata`: as it was given with the callback. `sent`, `to_send`: bytes of the request's body.
/// `received`, `to_receive`: bytes of the answer's, with content coding undone. A total that is not
/// known is 0. Returns whether the call may go on; false ends it with `SAC_ERR_CANCELLED`. Called on
/// the thread that makes the call, after each piece of up to 128 KiB. It may call the library, and
/// must not unwind or `longjmp` out.
#[allow(non_camel_case_types)]
pub type sac_progress_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        sent: u64,
        to_send: u64,
        received: u64,
        to_receive: u64,
    ) -> bool,
>;
