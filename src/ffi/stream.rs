//! Streams: responses that are read while they arrive.

use std::cell::OnceCell;
use std::ffi::{CString, c_char};

use super::guard::{
    bytes_arg, catch_panic, handle, handle_mut, out_arg, return_code, return_value, str_arg,
};
use super::request::change;
use super::types::{OwnedResponse, sac_client, sac_request, sac_response};
use crate::answer::Response;
use crate::client::stream::Stream;
use crate::code::{Code, Error, sac_code};
use crate::request::RecordKind;

/// How a stream splits a body into records.
#[allow(non_camel_case_types)]
pub type sac_records = i32;

/// As the media type of the response says: `text/event-stream` is `SAC_RECORDS_EVENTS`,
/// `application/x-ndjson`, `application/jsonl`, `application/json-seq` and similar types are
/// `SAC_RECORDS_LINES`, all others are `SAC_RECORDS_ARRAY`.
pub const SAC_RECORDS_AUTO: sac_records = 0;
/// Server-sent events, as the HTML standard of the WHATWG describes them. A response with another
/// media type than `text/event-stream` or `text/plain` has none, and its first record fails with
/// `SAC_ERR_PROTOCOL`. A response without a media type is read.
pub const SAC_RECORDS_EVENTS: sac_records = 1;
/// JSON texts one after another: JSON lines (NDJSON), or a JSON text sequence (RFC 7464). A text may
/// have several lines, and a line several texts. A comma at the end of a line separates, too.
pub const SAC_RECORDS_LINES: sac_records = 2;
/// The elements of the outermost array. If the body does not begin with an array, it is read like
/// `SAC_RECORDS_LINES`.
pub const SAC_RECORDS_ARRAY: sac_records = 3;

/// The body of a response, which is read while it arrives. One thread at a time may use it, and it may
/// move from thread to thread. It keeps what it needs of the client and of the request, which may be
/// freed before it.
#[allow(non_camel_case_types)]
pub struct sac_stream {
    /// Or why no request was made.
    stream: Result<Stream, Error>,
    head: ResponseBox,
    event: Box<OwnedEvent>,
    error: OnceCell<CString>,
}

/// An event, or another record of a stream. It belongs to the stream and is valid until the next call
/// with the stream. Later versions may append fields.
#[allow(non_camel_case_types)]
#[repr(C)]
pub struct sac_event {
    /// The type that the server has named, or "message"; "" for a record that is not an event.
    pub r#type: *const c_char,
    /// The ID of the last event so far; "" for none.
    pub id: *const c_char,
    /// The data of the event, or the text of the record: NUL-terminated, but it may contain NULs. The
    /// data of an event is valid UTF-8.
    pub data: *const c_char,
    /// The length of `data` in bytes, without the NUL at its end.
    pub data_len: usize,
}

/// The memory of an event that C has a pointer to.
#[repr(C)]
struct OwnedEvent {
    public: sac_event,
    /// The data as JSON, made by the first request for it.
    json: OnceCell<ResponseBox>,
}

/// A response that C reads but does not free.
struct ResponseBox(*mut sac_response);

impl ResponseBox {
    fn new(response: Response) -> Self {
        Self(OwnedResponse::into_raw(response))
    }
}

impl Drop for ResponseBox {
    fn drop(&mut self) {
        // SAFETY: it came from `OwnedResponse::into_raw`, and nothing else frees it.
        drop(unsafe { Box::from_raw(self.0.cast::<OwnedResponse>()) });
    }
}

impl OwnedEvent {
    fn new() -> Self {
        let empty = c"".as_ptr();
        let public = sac_event { r#type: empty, id: empty, data: empty, data_len: 0 };
        Self { public, json: OnceCell::new() }
    }
}

impl sac_stream {
    fn into_raw(head: Response, stream: Result<Stream, Error>) -> *mut Self {
        let head = ResponseBox::new(head);
        let event = Box::new(OwnedEvent::new());
        Box::into_raw(Box::new(Self { stream, head, event, error: OnceCell::new() }))
    }

    fn error(&self) -> Option<&Error> {
        match &self.stream {
            Ok(stream) => stream.error(),
            Err(error) => Some(error),
        }
    }

    /// Goes to the next record.
    fn next(&mut self) -> Option<*const sac_event> {
        self.event.json = OnceCell::new();
        let record = self.stream.as_mut().ok()?.next_record()?;
        self.event.public = sac_event {
            r#type: record.event_type.as_ptr().cast(),
            id: record.id.as_ptr().cast(),
            data: record.data.as_ptr().cast(),
            data_len: record.data.len().saturating_sub(1),
        };
        let event: *const OwnedEvent = &raw const *self.event;
        Some(event.cast())
    }
}

/// Sends a request, and returns when the head of its response is there.
///
/// Until then, everything is as in `sac_send`, with retries, redirects, limits and waits. Then the stream
/// ends the time of the attempt (`sac_set_timeout_ms`), and the caller reads the body. Each read waits
/// for bytes: at most for the read timeout (for events 60 seconds, if none is set), until the deadline
/// of the call, or until a cancel. The library uses no thread of its own, and its memory is limited by
/// the longest record.
///
/// A response with a status of 300 and above is complete in `sac_stream_head`, with its body, and
/// nothing can be read from the stream (unless `sac_request_set_raw` says otherwise). A request with an output file or an output callback gives
/// `SAC_ERR_INVALID_ARGUMENT`.
///
/// `client`, `request`: may be freed before the stream. Returns a stream, never NULL; free it with
/// `sac_stream_free`. Any thread. Errors are in the stream: see `sac_stream_code`.
///
/// # Safety
/// `client` is a live client, `request` a live request; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_stream_open(
    client: *const sac_client,
    request: *const sac_request,
) -> *mut sac_stream {
    let opened = catch_panic(|| {
        // SAFETY: the caller promises a live client and request, or NULL; neither is changed.
        let (client, request) = unsafe { (handle(client, "client")?, handle(request, "request")?) };
        Ok(client.client.open_stream(&request.request))
    });
    match opened {
        Ok((head, stream)) => sac_stream::into_raw(head, Ok(stream)),
        Err(error) => sac_stream::into_raw(Response::from_error(&error), Err(error)),
    }
}

/// Gets the first response of a stream, with its status, header fields and journal.
///
/// `stream`: a stream, whose response has an empty `body` and the `json` `{}`, unless the status is 300
/// or above. Returns a response that belongs to the stream and is valid as long as the stream; NULL if
/// `stream` is NULL. Any thread.
///
/// # Safety
/// `stream` is a live stream or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_stream_head(stream: *const sac_stream) -> *const sac_response {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller promises a live stream or NULL.
        Ok(unsafe { handle(stream, "stream") }?.head.0.cast_const())
    })
}

/// Reads the next bytes of the body of a stream, after content decoding.
///
/// Waits until there are some. `stream`: a stream that is not read by records. After `sac_stream_next`,
/// the code is `SAC_ERR_INVALID_ARGUMENT`, and the stream stays as it is. `buffer`, `size`: where to
/// write at most `size` bytes. `read`: receives the number of bytes; 0 is the end of the body. One
/// thread at a time. Errors: those of `sac_stream_code`, `SAC_ERR_NULL_ARGUMENT`,
/// `SAC_ERR_INVALID_ARGUMENT`.
///
/// # Safety
/// `stream` is a live stream, `buffer` has `size` bytes, `read` may be written to; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_stream_read(
    stream: *mut sac_stream,
    buffer: *mut u8,
    size: usize,
    read: *mut usize,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a place to write to, or NULL.
        let place = unsafe { out_arg(read, "read") }?;
        // SAFETY: the caller promises a live stream that no other thread uses, or NULL.
        let stream = unsafe { handle_mut(stream, "stream") }?;
        // SAFETY: the caller promises `size` bytes, or NULL.
        let buffer = unsafe { buffer_arg(buffer, size, "buffer") }?;
        let stream = stream.stream.as_mut().map_err(|error| error.clone())?;
        place.write(stream.read(buffer)?);
        Ok(())
    })
}

/// Reads the next record of a stream: an event, a JSON text, or an element of an array.
///
/// `stream`: a stream that is not read as bytes; `sac_request_set_records` says how its body is split. After
/// `sac_stream_read` has returned bytes, the stream fails with `SAC_ERR_INVALID_ARGUMENT`, because a record
/// would begin in the middle. Waits until the record is complete. A record of more bytes than `sac_set_max_body_bytes` allows ends the stream with
/// `SAC_ERR_TOO_LARGE`. If a server interrupts an event stream that a GET has opened, the request is sent
/// again with the ID of the last event (`Last-Event-ID`), after the delay that the server has named
/// (`retry`; at least 500 ms, at most `sac_set_retry_after_max_ms`), which doubles with each request that
/// brings no event, or after a back-off. A regular end of the response is an interruption too if the server has
/// sent an ID or a delay. The request is sent at most as often as `sac_set_retry_attempts` allows without an
/// event in between. A response with the status 204 ends the stream.
///
/// Returns the record, valid until the next call with the stream; NULL at the end of the body or after a
/// failure, which `sac_stream_code` tells apart. One thread at a time.
///
/// # Safety
/// `stream` is a live stream or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_stream_next(stream: *mut sac_stream) -> *const sac_event {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller promises a live stream that no other thread uses, or NULL.
        let stream = unsafe { handle_mut(stream, "stream") }?;
        Ok(stream.next().unwrap_or(std::ptr::null()))
    })
}

/// Reads the data of an event as JSON, with the guarantee of a response.
///
/// `event`: the current record of a stream. Its data is parsed when this is first called. If it is
/// damaged, it is repaired, and `json_state` says so. A damaged text ends where no valid text continues, so
/// that its neighbours are whole. If it cannot be repaired, the code of the result is
/// `SAC_ERR_NOT_JSON`; the stream goes on. Returns a response that belongs to the stream and is valid as
/// long as the record; NULL if `event` is NULL. One thread at a time.
///
/// # Safety
/// `event` is the current event of a stream, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_event_json(event: *const sac_event) -> *const sac_response {
    return_value(std::ptr::null(), || {
        // SAFETY: every live `sac_event` is the first field of an `OwnedEvent`.
        let event = unsafe { handle(event.cast::<OwnedEvent>(), "event") }?;
        let json = event.json.get_or_init(|| {
            let sac_event { data, data_len, .. } = event.public;
            // SAFETY: the data of the current event, which belongs to the stream.
            let data = unsafe { bytes_arg(data.cast::<u8>(), data_len, "data") };
            let parsed = data.and_then(Response::from_text);
            ResponseBox::new(parsed.unwrap_or_else(|error| Response::from_error(&error)))
        });
        Ok(json.0.cast_const())
    })
}

/// Gets the code of a stream.
///
/// `stream`: a stream. Returns `SAC_OK` while the body arrives and after its regular end. After a failure,
/// returns the code of the error, for example that of the first response. One thread at a time. Errors:
/// those of a call, `SAC_ERR_NULL_ARGUMENT` (the stream).
///
/// # Safety
/// `stream` is a live stream or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_stream_code(stream: *const sac_stream) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a live stream or NULL.
        unsafe { handle(stream, "stream") }?.error().map_or(Ok(()), |error| Err(error.clone()))
    })
}

/// Gets the error of a stream, in English, on one line.
///
/// `stream`: a stream. Returns a string that is valid as long as the stream; NULL exactly if
/// `sac_stream_code` is `SAC_OK`, or if `stream` is NULL. One thread at a time.
///
/// # Safety
/// `stream` is a live stream or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_stream_error(stream: *const sac_stream) -> *const c_char {
    return_value(std::ptr::null(), || {
        // SAFETY: the caller promises a live stream or NULL.
        let stream = unsafe { handle(stream, "stream") }?;
        let Some(error) = stream.error() else { return Ok(std::ptr::null()) };
        let text =
            stream.error.get_or_init(|| CString::new(error.message.as_str()).unwrap_or_default());
        Ok(text.as_ptr())
    })
}

/// Frees a stream, with its first response and its event.
///
/// If its body has arrived completely, or only a short rest of it was not read, the connection is kept for
/// later requests. Otherwise the connection is closed. Does not wait. `stream`: not freed before; NULL has no effect. Any thread, but only when no other thread
/// uses the stream.
///
/// # Safety
/// As stated above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_stream_free(stream: *mut sac_stream) {
    return_value((), || {
        if !stream.is_null() {
            // SAFETY: it came from `sac_stream_open`, and the caller frees it once.
            drop(unsafe { Box::from_raw(stream) });
        }
        Ok(())
    });
}

/// Sets how a stream of this request splits the body of the response into records.
///
/// `kind`: one of `SAC_RECORDS_…`; the default is `SAC_RECORDS_AUTO`. With `SAC_RECORDS_EVENTS`, the
/// request asks for `text/event-stream`, unless `Accept` is set. Only `sac_stream_open` uses it. One
/// thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (no such kind).
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_records(
    request: *mut sac_request,
    kind: sac_records,
) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe {
        change(request, |request| {
            request.set_records(record_kind(kind)?);
            Ok(())
        })
    }
}

/// Sets whether a stream of this request passes on the body of every response as the server has sent it:
/// with its content coding, and also that of an error.
///
/// `raw`: if true, the library decodes nothing, and the caller reads the body of a response with a
/// status of 300 and above from the stream, too. `code` and `error` of the head are as always, but
/// `error` cannot contain the server's message. The default is false. Only `sac_stream_open` uses it. One
/// thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
///
/// # Safety
/// `request` is a live request or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_raw(request: *mut sac_request, raw: bool) -> sac_code {
    // SAFETY: the caller promises a live request or NULL.
    unsafe {
        change(request, |request| {
            request.set_raw(raw);
            Ok(())
        })
    }
}

fn record_kind(kind: sac_records) -> Result<Option<RecordKind>, Error> {
    Ok(Some(match kind {
        SAC_RECORDS_AUTO => return Ok(None),
        SAC_RECORDS_EVENTS => RecordKind::Events,
        SAC_RECORDS_LINES => RecordKind::Lines,
        SAC_RECORDS_ARRAY => RecordKind::Array,
        _ => {
            return Err(Error::new(
                Code::InvalidArgument,
                format!("there is no kind {kind} of records"),
            ));
        }
    }))
}

/// Sets the ID of the last event that the caller knows, so that the server continues after it.
///
/// The request sends it as `Last-Event-ID`. `id`: copied; "" removes it. One thread at a time. Errors:
/// `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (it contains a line
/// break).
///
/// # Safety
/// `request` is a live request, `id` a string; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_request_set_last_event_id(
    request: *mut sac_request,
    id: *const c_char,
) -> sac_code {
    // SAFETY: the caller promises a live request and a string, or NULL.
    unsafe { change(request, |request| request.set_last_event_id(str_arg(id, "id")?)) }
}

/// Memory from C to write to.
///
/// # Safety
/// The pointer is NULL, or points to `size` bytes that no other code uses during `'a`.
unsafe fn buffer_arg<'a>(pointer: *mut u8, size: usize, what: &str) -> Result<&'a mut [u8], Error> {
    if pointer.is_null() {
        return Err(Error::new(Code::NullArgument, format!("{what} is NULL")));
    }
    if isize::try_from(size).is_err() {
        let message = format!("the length of {what} exceeds the address space");
        return Err(Error::new(Code::InvalidArgument, message));
    }
    // SAFETY: it is not NULL, the caller promises this many bytes, and their size fits an `isize`.
    Ok(unsafe { std::slice::from_raw_parts_mut(pointer, size) })
}
