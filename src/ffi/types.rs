//! The types of the C interface.

use std::ffi::{c_char, c_void};

use std::cell::RefCell;

use zeroize::Zeroizing;

use crate::answer::Response;
use crate::answer::json_state::sac_json_state;
use crate::call::OutgoingRequest;
use crate::client::Client;
use crate::client::token::NewToken;
use crate::code::sac_code;
use crate::request::Request;
use crate::wait::Cancel;

/// A client: a base URL, settings, and a scope of headers, cookies and credentials. Any number of
/// threads may use it at once, also to change settings. After `fork`, the child may use its copy.
/// Parent and child never share a connection.
#[allow(non_camel_case_types)]
pub struct sac_client {
    pub(super) client: Client,
}

/// A request, which can be sent any number of times. Several threads may send it at once, but no
/// thread may change it while another one sends it.
#[allow(non_camel_case_types)]
pub struct sac_request {
    pub(super) request: Request,
}

/// The result of a call. The library creates it and never changes it. Any number of threads may
/// read it until `sac_response_free`. Later versions may append fields, but never move or remove
/// one.
#[allow(non_camel_case_types)]
#[repr(C)]
pub struct sac_response {
    /// `SAC_OK`, or the error.
    pub code: sac_code,
    /// The HTTP status; 0 if no response arrived.
    pub status: i32,
    /// The JSON text: never NULL, NUL-terminated, well-formed (RFC 8259).
    pub json: *const c_char,
    /// The length of `json` in bytes, without the NUL.
    pub json_len: usize,
    /// The received bytes of the body, after content decoding; never NULL.
    pub body: *const u8,
    /// The number of bytes in `body`.
    pub body_len: usize,
    /// The error in English, on one line; NULL exactly if `code` is `SAC_OK`.
    pub error: *const c_char,
    /// `SAC_JSON_EXACT`, `SAC_JSON_REPAIRED` or `SAC_JSON_NONE`.
    pub json_state: sac_json_state,
    /// The number of requests that were sent, without redirects; 0 if none was sent.
    pub attempts: u32,
    /// The duration of the whole call in microseconds, including waits.
    pub elapsed_us: u64,
}

/// The memory that C has a pointer to: first the fields that C reads, then the response that they
/// point into.
#[repr(C)]
pub(super) struct OwnedResponse {
    pub(super) public: sac_response,
    pub(super) response: Response,
    /// The JSON text of the response: what `public` shows, but C cannot change this.
    pub(super) text: *const str,
}

/// A flag that ends calls early. The calls of all requests that it is attached to end with
/// `SAC_ERR_CANCELLED`, also while they wait. A triggered cancel stays triggered. Any thread may
/// trigger it, and any signal handler.
#[allow(non_camel_case_types)]
pub struct sac_cancel {
    pub(super) cancel: Cancel,
}

/// A request that is about to be sent, for a callback. The library owns it; it is valid until the callback
/// returns. One thread at a time.
#[allow(non_camel_case_types)]
pub struct sac_attempt<'c, 'r> {
    pub(super) request: &'c OutgoingRequest<'r>,
    /// The strings that C has pointers to. Some are secrets, so they are wiped.
    pub(super) strings: RefCell<Vec<Zeroizing<Vec<u8>>>>,
}

/// Called before each request that goes out, after all waits: the first one, each retry, and each
/// redirect. May set header fields, for example a signature.
///
/// `userdata`: the pointer that was set with the callback. `attempt`: the request, valid until the
/// callback returns. Returns true to send it; false ends the call with `SAC_ERR_CANCELLED`, without a
/// retry. Called on the thread that makes the call, and by several threads at once if several make
/// calls, so it must be thread-safe. It may call the library. It must not unwind or leave by `longjmp`.
#[allow(non_camel_case_types)]
pub type sac_attempt_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, attempt: *mut sac_attempt<'_, '_>) -> bool>;

/// The token that a token callback sets. It is valid only until the callback returns.
#[allow(non_camel_case_types)]
pub struct sac_token {
    pub(super) new: Option<NewToken>,
}

/// Fetches a bearer token and sets it with `sac_token_set`.
///
/// `userdata`: the pointer that was set with the callback. `reason`: `SAC_TOKEN_NEEDED`,
/// `SAC_TOKEN_EXPIRING` or `SAC_TOKEN_REFUSED`. `token`: receives the token. Returns `SAC_OK`, or any other
/// code if there is no token. Called on the thread of a call that needs the token, never by two threads at
/// once for one source; no time limit interrupts it. It may call the library. A call that needs this token
/// ends with `SAC_ERR_TOKEN`, so use another client, or a request with its own `Authorization`. It must not
/// wait for another thread that makes such a call, and must not unwind or leave by `longjmp`.
///
/// Errors: any code; its name is part of the error of the call, which ends with `SAC_ERR_TOKEN`.
/// `SAC_ERR_CANCELLED` (it gave up because of this call: the call ends with that code, and the next call
/// asks again).
#[allow(non_camel_case_types)]
pub type sac_token_callback = Option<
    unsafe extern "C" fn(userdata: *mut c_void, reason: i32, token: *mut sac_token) -> sac_code,
>;

/// Receives the tokens that a token server has issued.
///
/// `userdata`: the pointer that was set with the callback. `access_token`: the token for requests.
/// `refresh_token`: the new refresh token; NULL if the server has issued none. Both are secrets, valid until
/// the callback returns. `expires_in_ms`: how long the access token may be used, in milliseconds; 0 if that
/// is unknown. Called on the thread of the call that needed the token, before any call uses it. The
/// restrictions of `sac_token_callback` apply.
#[allow(non_camel_case_types)]
pub type sac_token_saved_callback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        access_token: *const c_char,
        refresh_token: *const c_char,
        expires_in_ms: u64,
    ),
>;

/// Decides before each wait for a retry whether the retry may happen.
///
/// `userdata`: the pointer that was set with the callback. `attempt`: the number of attempts so
/// far. `code`, `status`: the result of the last attempt; the status is 0 if no response arrived.
/// `wait_ms`: the wait in milliseconds. Returns true to allow the retry; false ends the call with
/// the result of the last attempt. Called on the thread that makes the call, and by several threads
/// at once if several make calls, so it must be thread-safe. It may call the library. It must not
/// unwind or leave by `longjmp`.
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
/// `userdata`: the pointer that was set with the callback. `level`: one of `SAC_LOG_ERROR` to
/// `SAC_LOG_TRACE`. `message`: one line without secrets, valid until the callback returns. Called
/// on the thread that makes the call, and by several threads at once if several make calls, so it
/// must be thread-safe. It may call the library. It must not unwind or leave by `longjmp`.
#[allow(non_camel_case_types)]
pub type sac_log_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, level: i32, message: *const c_char)>;

/// Receives the next bytes of a response body.
///
/// `userdata`: the pointer that was set with the callback. `bytes`, `len`: the bytes, valid until
/// the callback returns. Returns true to continue; false ends the call with `SAC_ERR_CANCELLED`.
/// Called on the thread that makes the call. It may call the library. It must not unwind or leave
/// by `longjmp`.
#[allow(non_camel_case_types)]
pub type sac_data_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, bytes: *const u8, len: usize) -> bool>;

/// Writes the next bytes of a request body.
///
/// `userdata`: the pointer that was set with the callback. `buffer`, `size`: where to write at most
/// `size` bytes; `size` is at least 1. Returns the number of bytes written; 0 at the end of the body;
/// -1 to end the call with `SAC_ERR_CANCELLED`. It may wait for bytes; no time limit interrupts it.
/// Called on the thread that makes the call, or that reads from its stream. It may call the library. It
/// must not unwind or leave by `longjmp`.
#[allow(non_camel_case_types)]
pub type sac_body_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, buffer: *mut u8, size: usize) -> i64>;

/// Makes a body callback begin again, because the request is sent again.
///
/// `userdata`: the pointer that was set with the callback. Returns true if the next bytes will be the
/// first ones; false ends the call with `SAC_ERR_INVALID_ARGUMENT`. Called on the thread that makes the
/// call. It must not unwind or leave by `longjmp`.
#[allow(non_camel_case_types)]
pub type sac_rewind_callback = Option<unsafe extern "C" fn(userdata: *mut c_void) -> bool>;

/// Receives the events of a call, in order.
///
/// `userdata`: the pointer that was set with the callback. `event_json`: a JSON object on one line,
/// valid until the callback returns. Its member `event` is one of these; the other members are absent
/// if they have no value, and `error` if there was none:
///
/// - `connection_wanted`: `address` (host and port)
/// - `lookup_started`: `host`
/// - `lookup_done`: `host`, `addresses`, `error`
/// - `connect_started`: `address` (with the port, or the path of a Unix domain socket)
/// - `connect_done`: `address`, `error`
/// - `tls_started`
/// - `tls_done`: `tls` (see `sac_response_tls`), `error`
/// - `connection_ready`: `reused`, `idle_us` (how long a reused connection was idle),
///   `local_address`, `remote_address`
/// - `head_sent`: the head of the request has been passed to the system
/// - `continue_awaited`: the body waits for the server (`Expect: 100-continue`)
/// - `request_sent`: `error`
/// - `first_byte`: the first byte of the response has arrived
/// - `interim`: `status`, `headers` (an array of names and values; RFC 9110 section 15.2)
///
/// Later versions may add events and members. Called on the thread that makes the call or reads from
/// its stream. It must not make calls or read from streams: these end with
/// `SAC_ERR_INVALID_ARGUMENT`. It must not unwind or leave by `longjmp`.
#[allow(non_camel_case_types)]
pub type sac_trace_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, event_json: *const c_char)>;

/// Receives the progress of the request body and of the response body. A retry starts again from 0.
///
/// `userdata`: the pointer that was set with the callback. `sent`, `to_send`: the bytes of the
/// request body that were sent, and their total. `received`, `to_receive`: the bytes of the
/// response body that were received, after content decoding, and their total. A total is 0 if it is
/// unknown. Returns true to continue; false ends the call with `SAC_ERR_CANCELLED`. Called on the
/// thread that makes the call, after each piece of at most 128 KiB. It may call the library. It
/// must not unwind or leave by `longjmp`.
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
