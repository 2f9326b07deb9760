//! Sending many requests at once, for callers without threads.

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::thread;

use super::guard::return_value;
use super::send::sac_send;
use super::types::{OwnedResponse, sac_client, sac_request, sac_response};
use crate::answer::Response;
use crate::code::{Code, Error};

/// Sends many requests, several at a time, and waits for all of them.
///
/// `requests`: an array of requests, which may contain the same request more than once. `count`:
/// the number of requests. `parallel`: the largest number of requests that run at once; 0 gives
/// `SAC_ERR_INVALID_ARGUMENT` in each response. Blocks until all calls end. Returns an array of
/// `count` responses in the order of the requests; free it with `sac_responses_free`. Each response
/// is like that of `sac_send`, also for a NULL request or client. The array is NULL only if there
/// is no memory for it. Any thread. The function starts at most `parallel` - 1 threads, which end
/// before it returns. Callbacks also run on these threads.
///
/// # Safety
/// `client` is a live client, `requests` points to `count` live requests; each may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_send_all(
    client: *const sac_client,
    requests: *const *const sac_request,
    count: usize,
    parallel: u32,
) -> *mut *mut sac_response {
    return_value(std::ptr::null_mut(), || {
        let mut places = Vec::new();
        if places.try_reserve_exact(count).is_err() {
            return Ok(std::ptr::null_mut());
        }
        places.resize_with(count, AtomicPtr::default);
        let job = Job { client, requests, results: &places, next: AtomicUsize::new(0) };
        if parallel == 0 {
            let error = Error::new(Code::InvalidArgument, "parallel is 0");
            job.each(|_| OwnedResponse::into_raw(Response::from_error(&error)));
        } else {
            job.run(usize::try_from(parallel).unwrap_or(usize::MAX));
        }
        let responses: Box<[_]> = places.into_iter().map(AtomicPtr::into_inner).collect();
        Ok(Box::into_raw(responses).cast())
    })
}

/// Frees the responses of `sac_send_all`, and their array.
///
/// `responses`: the array from `sac_send_all`, not freed before, with all its responses; NULL has
/// no effect. `count`: the same number as for `sac_send_all`. Any thread, but only when no other
/// thread uses the responses.
///
/// # Safety
/// As stated above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_responses_free(responses: *mut *mut sac_response, count: usize) {
    return_value((), || {
        if responses.is_null() {
            return Ok(());
        }
        let array = std::ptr::slice_from_raw_parts_mut(responses, count);
        // SAFETY: it came from `Box::into_raw` with that count, and the caller frees it once.
        for response in unsafe { Box::from_raw(array) } {
            // SAFETY: each is a response of the library, or NULL.
            unsafe { super::response::sac_response_free(response) };
        }
        Ok(())
    });
}

/// Requests, the places for their responses, and the index of the next request.
struct Job<'a> {
    client: *const sac_client,
    requests: *const *const sac_request,
    results: &'a [AtomicPtr<sac_response>],
    next: AtomicUsize,
}

// SAFETY: several threads may use a client at once, and also a request while no thread changes it,
// as the caller of `sac_send_all` promises.
unsafe impl Sync for Job<'_> {}

impl Job<'_> {
    /// Sends the requests with as many threads as are needed, including this one.
    fn run(&self, parallel: usize) {
        let additional = parallel.min(self.results.len()).saturating_sub(1);
        let thread = || thread::Builder::new().name("sac-send".into());
        thread::scope(|scope| {
            let work = || self.each(|index| self.send(index));
            // If the system allows no more threads, those that were started do the work.
            let others: Vec<_> =
                (0..additional).map_while(|_| thread().spawn_scoped(scope, work).ok()).collect();
            work();
            // The scope waits only for the closures. A caller may count the threads or fork, so
            // they must end.
            others.into_iter().for_each(|other| drop(other.join()));
        });
    }

    /// Stores a response for one request after the other, until none is left.
    fn each(&self, respond: impl Fn(usize) -> *mut sac_response) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = self.results.get(index) else { return };
            place.store(respond(index), Ordering::Relaxed);
        }
    }

    fn send(&self, index: usize) -> *mut sac_response {
        let request = if self.requests.is_null() {
            std::ptr::null()
        } else {
            // SAFETY: the caller of `sac_send_all` promises a request for each place.
            unsafe { *self.requests.add(index) }
        };
        // SAFETY: the caller of `sac_send_all` promises a live client and request, or NULL.
        unsafe { sac_send(self.client, request) }
    }
}
