//! The C boundary, called by its exported names and without a network, so that Miri can check every
//! pointer (`make miri`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::thread;

// This links the crate, with its exports.
use sac as _;

#[repr(C)]
struct Client(u8);
#[repr(C)]
struct Request(u8);
#[repr(C)]
struct Cancel(u8);

/// The same layout as in include/sac.h.
#[repr(C)]
struct Response {
    code: i32,
    status: i32,
    json: *const c_char,
    json_len: usize,
    body: *const u8,
    body_len: usize,
    error: *const c_char,
    json_state: i32,
    attempts: u32,
    elapsed_us: u64,
}

unsafe extern "C" {
    fn sac_client_new(base_url: *const c_char, out: *mut *mut Client) -> i32;
    fn sac_client_clone(client: *const Client) -> *mut Client;
    fn sac_client_reset(client: *mut Client);
    fn sac_client_free(client: *mut Client);
    fn sac_client_path_of(client: *const Client, url: *const c_char, out: *mut *mut c_char) -> i32;
    fn sac_client_stats(client: *const Client, out: *mut *mut c_char) -> i32;
    fn sac_add_header(client: *mut Client, name: *const c_char, value: *const c_char) -> i32;
    fn sac_add_bearer(client: *mut Client, token: *const c_char) -> i32;
    fn sac_add_cookie(client: *mut Client, name: *const c_char, value: *const c_char) -> i32;
    fn sac_set_retry_statuses(client: *mut Client, statuses: *const u16, count: usize) -> i32;
    fn sac_request_new(method: *const c_char, path: *const c_char, out: *mut *mut Request) -> i32;
    fn sac_request_set_json(request: *mut Request, json: *const c_char) -> i32;
    fn sac_request_add_part(
        request: *mut Request,
        name: *const c_char,
        file_name: *const c_char,
        content_type: *const c_char,
        bytes: *const u8,
        len: usize,
    ) -> i32;
    fn sac_request_set_cancel(request: *mut Request, cancel: *mut Cancel) -> i32;
    fn sac_request_free(request: *mut Request);
    fn sac_cancel_new(out: *mut *mut Cancel) -> i32;
    fn sac_cancel_trigger(cancel: *mut Cancel);
    fn sac_cancel_triggered(cancel: *const Cancel) -> bool;
    fn sac_cancel_free(cancel: *mut Cancel);
    fn sac_get(client: *const Client, path: *const c_char) -> *mut Response;
    fn sac_send(client: *const Client, request: *const Request) -> *mut Response;
    fn sac_send_all(
        client: *const Client,
        requests: *const *const Request,
        count: usize,
        parallel: u32,
    ) -> *mut *mut Response;
    fn sac_responses_free(responses: *mut *mut Response, count: usize);
    fn sac_response_header_count(response: *const Response) -> usize;
    fn sac_response_journal(response: *const Response) -> *const c_char;
    fn sac_response_free(response: *mut Response);
    fn sac_json_string(
        response: *const Response,
        pointer: *const c_char,
        len: *mut usize,
    ) -> *const c_char;
    fn sac_json_length(response: *const Response, pointer: *const c_char) -> usize;
    fn sac_json_repair(text: *const c_char, len: usize, out: *mut *mut c_char) -> i32;
    fn sac_json_parse(text: *const c_char, len: usize) -> *mut Response;
    fn sac_json_find(response: *const Response, from: usize, pointer: *const c_char) -> usize;
    fn sac_json_first(response: *const Response, container: usize) -> usize;
    fn sac_json_next(response: *const Response, node: usize) -> usize;
    fn sac_node_name(response: *const Response, member: usize, len: *mut usize) -> *const c_char;
    fn sac_node_string(response: *const Response, node: usize, len: *mut usize) -> *const c_char;
    fn sac_node_int64(response: *const Response, node: usize, out: *mut i64) -> bool;
    fn sac_string_free(text: *mut c_char);
    fn sac_hmac(
        digest: i32,
        key: *const u8,
        key_len: usize,
        data: *const u8,
        data_len: usize,
        encoding: i32,
        out: *mut *mut c_char,
    ) -> i32;
    fn sac_webhook_verify(
        scheme: i32,
        secrets: *const *const c_char,
        count: usize,
        headers: *const *const c_char,
        body: *const u8,
        len: usize,
        tolerance_s: u64,
        id: *mut *mut c_char,
    ) -> i32;
}

const OK: i32 = 0;

fn client() -> *mut Client {
    let mut client = null_mut();
    // SAFETY: a string, and a place to write to.
    assert_eq!(unsafe { sac_client_new(c"http://user:pass@h/base".as_ptr(), &mut client) }, OK);
    client
}

/// Copies a string of the library, and frees it.
fn take_string(text: *mut c_char) -> String {
    assert!(!text.is_null());
    // SAFETY: a string that the library allocated, freed once.
    unsafe {
        let copy = CStr::from_ptr(text).to_str().unwrap().to_owned();
        sac_string_free(text);
        copy
    }
}

/// Checks the properties of every error response, and frees it. Returns its JSON.
fn check_and_free(response: *mut Response) -> String {
    // SAFETY: a live response, freed once.
    unsafe {
        let fields = &*response;
        let json = CStr::from_ptr(fields.json).to_str().unwrap().to_owned();
        assert_eq!(json.len(), fields.json_len);
        assert_eq!(std::slice::from_raw_parts(fields.body, fields.body_len), b"");
        assert_ne!(fields.code, OK);
        assert_eq!((fields.status, fields.json_state, fields.attempts), (0, 0, 0));
        assert!(fields.elapsed_us < u64::MAX);
        let mut len = 0;
        let error = sac_json_string(response, c"/error".as_ptr(), &mut len);
        assert_eq!(CStr::from_ptr(error), CStr::from_ptr(fields.error));
        assert_eq!(CStr::from_ptr(error).to_bytes().len(), len);
        assert_eq!(sac_json_length(response, c"".as_ptr()), 1);
        assert_eq!(sac_response_header_count(response), 0);
        assert!(!sac_response_journal(response).is_null());
        sac_response_free(response);
        json
    }
}

#[test]
fn a_response_and_its_values_live_until_it_is_freed() {
    let client = client();
    // SAFETY: a live client, and strings or NULL.
    unsafe {
        assert!(check_and_free(sac_get(client, c"no/slash".as_ptr())).contains("slash"));
        assert!(check_and_free(sac_get(client, null())).contains("NULL"));
        assert!(check_and_free(sac_get(null(), c"/".as_ptr())).contains("NULL"));
        assert!(check_and_free(sac_get(client, c"/\xff".as_ptr())).contains("UTF-8"));
        sac_client_free(client);
    }
}

#[test]
fn handles_of_every_kind_are_created_changed_and_freed() {
    let client = client();
    let mut request = null_mut();
    let mut text = null_mut();
    // SAFETY: live handles, strings, and places to write to.
    unsafe {
        assert_eq!(sac_add_header(client, c"X-A".as_ptr(), c"b".as_ptr()), OK);
        assert_eq!(sac_add_cookie(client, c"a".as_ptr(), c"b".as_ptr()), OK);
        assert_eq!(sac_set_retry_statuses(client, [500, 503].as_ptr(), 2), OK);
        assert_eq!(sac_set_retry_statuses(client, null(), 0), OK);
        let url = c"http://h/base/x?y=z";
        assert_eq!(sac_client_path_of(client, url.as_ptr(), &mut text), OK);
        assert_eq!(take_string(text), "/x?y=z");
        assert_eq!(sac_client_stats(client, &mut text), OK);
        assert!(take_string(text).starts_with('{'));
        assert_eq!(sac_request_new(c"POST".as_ptr(), c"/".as_ptr(), &mut request), OK);
        assert_eq!(sac_request_set_json(request, c"{\"a\":1}".as_ptr()), OK);
        assert_ne!(sac_request_set_json(request, c"{".as_ptr()), OK);
        sac_request_free(request);
        assert_eq!(sac_request_new(c"PUT".as_ptr(), c"/".as_ptr(), &mut request), OK);
        let bytes = [1, 2, 3];
        let part = sac_request_add_part(request, c"n".as_ptr(), null(), null(), bytes.as_ptr(), 3);
        assert_eq!(part, OK);
        sac_request_free(request);
        let scope = sac_client_clone(client);
        sac_client_reset(scope);
        sac_client_free(client);
        // A clone outlives its original.
        check_and_free(sac_get(scope, c"x".as_ptr()));
        sac_client_free(scope);
    }
}

#[test]
fn any_bytes_are_repaired_or_rejected() {
    for (bytes, expected) in [(&b"{'a': [1, 2"[..], Some("{\"a\":[1,2]}")), (b"\xff", None)] {
        let mut text = null_mut();
        // SAFETY: that many bytes, and a place to write to.
        let code = unsafe { sac_json_repair(bytes.as_ptr().cast(), bytes.len(), &mut text) };
        match expected {
            Some(expected) => {
                assert_eq!((code, take_string(text).replace(' ', "")), (OK, expected.into()))
            }
            None => assert!(code != OK && text.is_null()),
        }
    }
}

/// A handle that several threads may use.
struct Shared<T>(*mut T);
// SAFETY: clients and cancels may be used from any thread.
unsafe impl<T> Sync for Shared<T> {}

#[test]
fn threads_share_a_client_and_a_cancel() {
    let mut cancel = null_mut();
    let mut request = null_mut();
    let shared = Shared(client());
    // SAFETY: live handles; each is freed once, and after the threads have ended.
    unsafe {
        assert_eq!(sac_cancel_new(&mut cancel), OK);
        assert_eq!(sac_request_new(c"GET".as_ptr(), c"/".as_ptr(), &mut request), OK);
        assert_eq!(sac_request_set_cancel(request, cancel), OK);
        let (of_cancel, shared) = (Shared(cancel), &shared);
        thread::scope(|scope| {
            let of_cancel = &of_cancel;
            scope.spawn(move || sac_cancel_trigger(of_cancel.0));
            for token in ["one", "two"] {
                scope.spawn(move || {
                    let token = CString::new(token).unwrap();
                    assert_eq!(sac_add_bearer(shared.0, token.as_ptr()), OK);
                    check_and_free(sac_get(shared.0, c"x".as_ptr()));
                    sac_client_free(sac_client_clone(shared.0));
                });
            }
        });
        assert!(sac_cancel_triggered(cancel));
        // The request keeps its own reference to the cancel.
        sac_cancel_free(cancel);
        assert!(check_and_free(sac_send(shared.0, request)).contains("cancelled"));
        let requests = [request.cast_const(), null(), request];
        let responses = sac_send_all(shared.0, requests.as_ptr(), requests.len(), 2);
        for index in 0..requests.len() {
            assert_ne!((**responses.add(index)).code, OK);
        }
        sac_responses_free(responses, requests.len());
        sac_request_free(request);
        sac_client_free(shared.0);
    }
}

/// Reads all members of a list of objects, by name and in their order. Returns the sum of the numbers.
fn walk(response: *const Response) -> i64 {
    let mut sum = 0;
    // SAFETY: the response is live, and the strings live as long as it.
    unsafe {
        let items = sac_json_find(response, 0, c"/items".as_ptr());
        let mut item = sac_json_first(response, items);
        while item != 0 {
            let id = sac_json_find(response, item, c"/id".as_ptr());
            let mut value = 0;
            assert!(sac_node_int64(response, id, &raw mut value), "an item has no id");
            sum = i64::wrapping_add(sum, value);
            let name = sac_json_find(response, item, c"/name".as_ptr());
            let name = CStr::from_ptr(sac_node_string(response, name, null_mut()));
            assert!(name.to_bytes().starts_with(b"item"), "{name:?}");
            let first = sac_json_first(response, item);
            let member = CStr::from_ptr(sac_node_name(response, first, null_mut()));
            assert_eq!(member, c"id");
            item = sac_json_next(response, item);
        }
        assert_eq!(sac_json_next(response, 12345), 0, "an invented node has a successor");
    }
    sum
}

#[test]
fn threads_walk_through_one_response() {
    let items: Vec<_> =
        (0..12).map(|id| format!("{{\"id\":{id},\"name\":\"item {id}\"}}")).collect();
    let text = format!("{{\"items\":[{}]}}", items.join(","));
    // SAFETY: the text has this length, and the response lives until all threads have ended.
    unsafe {
        let response = sac_json_parse(text.as_ptr().cast(), text.len());
        let shared = AtomicPtr::new(response);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| assert_eq!(walk(shared.load(Ordering::Relaxed)), 66));
            }
        });
        sac_response_free(response);
    }
}

/// Under Miri, a read after the end of the array or before its first string is an error.
#[test]
fn a_webhook_is_verified_up_to_the_end_of_its_array() {
    let (key, data) = (b"key", b"the body");
    // SAFETY: strings, arrays of them that end with NULL, places to write to, and bytes of these
    // lengths.
    unsafe {
        let mut mac = null_mut();
        let (key_len, len) = (key.len(), data.len());
        assert_eq!(sac_hmac(2, key.as_ptr(), key_len, data.as_ptr(), len, 1, &mut mac), OK);
        let signature = CString::new(format!("sha256={}", take_string(mac))).unwrap();

        let secrets = [c"key".as_ptr()];
        let verify = |headers: &[*const c_char], id: *mut *mut c_char| {
            let (secrets, headers) = (secrets.as_ptr(), headers.as_ptr());
            sac_webhook_verify(3, secrets, 1, headers, data.as_ptr(), len, 0, id)
        };
        let (name, value) = (c"x-hub-signature-256".as_ptr(), signature.as_ptr());
        let mut id = null_mut();
        let headers = [name, value, c"x-github-delivery".as_ptr(), c"7".as_ptr(), null()];
        assert_eq!(verify(&headers, &mut id), OK);
        assert_eq!(take_string(id), "7");
        assert_eq!(verify(&headers, null_mut()), OK);
        assert_eq!(verify(&[null()], null_mut()), 12, "no fields");
        assert_eq!(verify(&[name, null()], null_mut()), 1, "a name without a value");
    }
}
