//! A slow system resolver, which replaces that of the C library in this test program: without
//! privileges, no test can make a name server silent. Only the tests of DNS lookups use names; the
//! others use addresses.

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
static RELEASED: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

/// The name does not exist (netdb.h).
const EAI_NONAME: c_int = -2;

/// Blocks until [`fail_all`], and then finds no address.
#[allow(unsafe_code, reason = "replaces a symbol of the C library and follows no pointer")]
#[unsafe(no_mangle)]
extern "C" fn getaddrinfo(
    _node: *const c_char,
    _service: *const c_char,
    _hints: *const c_void,
    _result: *mut *mut c_void,
) -> c_int {
    LOOKUPS.fetch_add(1, Ordering::SeqCst);
    let released = RELEASED.lock().unwrap();
    drop(CHANGED.wait_while(released, |released| !*released).unwrap());
    EAI_NONAME
}

/// The number of lookups so far.
pub fn count() -> usize {
    LOOKUPS.load(Ordering::SeqCst)
}

/// Ends all lookups that wait, and all later ones at once.
pub fn fail_all() {
    *RELEASED.lock().unwrap() = true;
    CHANGED.notify_all();
}
