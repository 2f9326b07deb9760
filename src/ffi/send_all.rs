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
/// `requests`: an array of requests; the same one may stand there more than once. `count`: how many
/// there are. `parallel`: how many are under way at once, at most; 0 is `SAC_ERR_INVALID_ARGUMENT` in
/// each response. Blocks until all calls are over. Returns an array of `count` responses in the order
/// of the requests, each as `sac_send` gives it, to be freed with `sac_responses_free`; a NULL request
/// or client is answered there too. NULL only where there is no memory for the array. Any thread. The
/// threads that it starts, one less than `parallel`, end before it returns; callbacks are called on
/// them.
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
/// `responses`: such an array, not freed before, with all its responses; NULL does nothing. `count`:
/// as it was given to `sac_send_all`. Any thread.
///
/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sac_responses_free(responses: *mut *mut sac_response, count: usize) {
    return_value((), || {
        if responses.is_null() {
            return Ok(());
        }
        let whole = std::ptr::slice_from_raw_parts_mut(responses, count);
        // SAFETY: it came from `Box::into_raw` with that count, and the caller frees it once.
        for response in unsafe { Box::from_raw(whole) } {
            // SAFETY: each is a response of the library's, or NULL.
            unsafe { super::response::sac_response_free(response) };
        }
        Ok(())
    });
}

/// Requests, where their responses go, and which of them is next.
struct Job<'a> {
    client: *const sac_client,
    requests: *const *const sac_request,
    results: &'a [AtomicPtr<sac_response>],
    next: AtomicUsize,
}

// SAFETY: a client may be used by several threads at once, and so may a request while nobody
// changes it, which the caller of `sac_send_all` promises.
unsafe impl Sync for Job<'_> {}

impl Job<'_> {
    /// Works on the job with as many threads as there is need for, this one among them.
    fn run(&self, parallel: usize) {
        let more = parallel.min(self.results.len()).saturating_sub(1);
        let thread = || thread::Builder::new().name("sac-send".into());
        thread::scope(|scope| {
            let work = || self.each(|index| self.send(index));
            // If no more threads can be had, those that there are do their share.
            let others: Vec<_> =
                (0..more).map_while(|_| thread().spawn_scoped(scope, work).ok()).collect();
            work();
            // The scope waits for the work alone; a caller may count the threads or fork.
            others.into_iter().for_each(|other| drop(other.join()));
        });
    }

    /// Answers one request after the other, until none is left.
    fn each(&self, answer: impl Fn(usize) -> *mut sac_response) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = self.results.get(index) else { return };
            place.store(answer(index), Ordering::Relaxed);
        }
    }

    fn send(&self, index: usize) -> *mut sac_response {
        let request = if self.requests.is_null() {
            std::ptr::null()
        } else {
            // SAFETY: the caller of `sac_send_all` promises as many requests as there are places.
            unsafe { *self.requests.add(index) }
        };
        // SAFETY: the caller of `sac_send_all` promises live ones, or NULL.
        unsafe { sac_send(self.client, request) }
    }
}
