//! A system resolver that takes its time, in the place of the C library's for this test program:
//! no name server can be told to be silent without privileges. The tests use addresses, which are
//! no names, save for the one that is about look-ups.

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

static ASKED: AtomicUsize = AtomicUsize::new(0);
static ANSWERS: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

/// The name does not exist (netdb.h).
const EAI_NONAME: c_int = -2;

/// Keeps whoever asks waiting until [`answer_all`], and then knows of no address.
#[allow(unsafe_code, reason = "a symbol of the C library is replaced; no pointer is followed")]
#[unsafe(no_mangle)]
extern "C" fn getaddrinfo(
    _node: *const c_char,
    _service: *const c_char,
    _hints: *const c_void,
    _result: *mut *mut c_void,
) -> c_int {
    ASKED.fetch_add(1, Ordering::SeqCst);
    let answers = ANSWERS.lock().unwrap();
    drop(CHANGED.wait_while(answers, |answers| !*answers).unwrap());
    EAI_NONAME
}

/// How many names have been asked for.
pub fn asked() -> usize {
    ASKED.load(Ordering::SeqCst)
}

/// Answers whoever waits, and from now on at once.
pub fn answer_all() {
    *ANSWERS.lock().unwrap() = true;
    CHANGED.notify_all();
}
