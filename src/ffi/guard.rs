//! What every export goes through: pointers are checked, strings are read, panics are caught.
//!
//! There is one mechanism, [`guarded`]; the functions around it only say what an error becomes:
//! a code, a response, or a plain value.

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::code::{Code, Error, sac_code};

thread_local! {
    /// How many exports this thread is inside of: a callback may call back into the library.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs the body of an export. A panic becomes an error and prints nothing.
pub(super) fn catch_panic<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    silence_panics();
    let result = DEPTH.with(|depth| {
        depth.set(depth.get().saturating_add(1));
        let result = catch_unwind(AssertUnwindSafe(body));
        depth.set(depth.get().saturating_sub(1));
        result
    });
    result.unwrap_or_else(|panic| {
        // Dropping a payload may panic in its turn; this one is only ever a message.
        let error = Error::new(Code::Internal, format!("a bug in libsac: {}", panic_text(&*panic)));
        std::mem::forget(panic);
        Err(error)
    })
}

/// The body of an export that returns a code.
pub(super) fn return_code(body: impl FnOnce() -> Result<(), Error>) -> sac_code {
    catch_panic(body).map_or_else(|error| error.code.number(), |()| Code::Ok.number())
}

/// The body of an export that returns a value, or `otherwise` where it cannot.
pub(super) fn return_value<T>(otherwise: T, body: impl FnOnce() -> Result<T, Error>) -> T {
    catch_panic(body).unwrap_or(otherwise)
}

/// The handle behind a pointer.
///
/// # Safety
/// The pointer is NULL, or points to a live `T` that nobody changes during `'a`.
pub(super) unsafe fn handle<'a, T>(pointer: *const T, what: &str) -> Result<&'a T, Error> {
    // SAFETY: the caller's promise covers all pointers but NULL, for which `as_ref` gives `None`.
    unsafe { pointer.as_ref() }.ok_or_else(|| null_argument(what))
}

/// The handle behind a pointer, to be changed.
///
/// # Safety
/// The pointer is NULL, or points to a live `T` that nobody else uses during `'a`.
pub(super) unsafe fn handle_mut<'a, T>(pointer: *mut T, what: &str) -> Result<&'a mut T, Error> {
    // SAFETY: the caller's promise covers all pointers but NULL, for which `as_mut` gives `None`.
    unsafe { pointer.as_mut() }.ok_or_else(|| null_argument(what))
}

/// A string given by C.
///
/// # Safety
/// The pointer is NULL, or points to bytes that end with a NUL and do not change during `'a`.
pub(super) unsafe fn str_arg<'a>(pointer: *const c_char, what: &str) -> Result<&'a str, Error> {
    // SAFETY: the same promise as ours.
    unsafe { optional_str_arg(pointer, what) }?.ok_or_else(|| null_argument(what))
}

/// A string given by C where NULL is allowed and means none.
///
/// # Safety
/// As for [`text`].
pub(super) unsafe fn optional_str_arg<'a>(
    pointer: *const c_char,
    what: &str,
) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: it is not NULL, and the caller promises a NUL at its end and no change.
    let bytes = unsafe { CStr::from_ptr(pointer) };
    let text = bytes.to_str();
    text.map(Some).map_err(|_| Error::new(Code::InvalidUtf8, format!("{what} is not valid UTF-8")))
}

/// Bytes given by C; NULL is allowed where there are none.
///
/// # Safety
/// As for [`items`].
pub(super) unsafe fn bytes_arg<'a>(
    pointer: *const u8,
    len: usize,
    what: &str,
) -> Result<&'a [u8], Error> {
    // SAFETY: the same promise as ours.
    unsafe { slice_arg(pointer, len, what) }
}

/// An array given by C; NULL is allowed where it is empty.
///
/// # Safety
/// The pointer is NULL, or points to `count` items that do not change during `'a`.
pub(super) unsafe fn slice_arg<'a, T>(
    pointer: *const T,
    count: usize,
    what: &str,
) -> Result<&'a [T], Error> {
    if count == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(null_argument(what));
    }
    let size = count.checked_mul(size_of::<T>()).map(isize::try_from);
    if !matches!(size, Some(Ok(_))) {
        return Err(Error::new(
            Code::InvalidArgument,
            format!("the length of {what} is beyond any memory"),
        ));
    }
    // SAFETY: it is not NULL, the caller promises `count` items, and their size fits an `isize`.
    Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// A place given by C to write a result to; written on success only.
///
/// # Safety
/// The pointer is NULL, or points to memory where a `T` may be written.
pub(super) unsafe fn out_arg<'a, T>(pointer: *mut T, what: &str) -> Result<Out<'a, T>, Error> {
    if pointer.is_null() {
        return Err(null_argument(what));
    }
    Ok(Out { pointer, _lifetime: std::marker::PhantomData })
}

/// A place to write to that has been checked.
pub(super) struct Out<'a, T> {
    pointer: *mut T,
    _lifetime: std::marker::PhantomData<&'a mut T>,
}

impl<T> Out<'_, T> {
    /// Writes the result. What was there before is not dropped: it is C's, and may be garbage.
    pub(super) fn write(self, value: T) {
        // SAFETY: `out` was promised that a `T` may be written here.
        unsafe { self.pointer.write(value) }
    }
}

fn null_argument(what: &str) -> Error {
    Error::new(Code::NullArgument, format!("{what} is NULL"))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// Puts a hook in front of the one that is there: it keeps silent about a panic inside an export,
/// which is answered with a code, and hands on every other (a Rust host's own).
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if DEPTH.try_with(Cell::get).unwrap_or(0) == 0 {
                previous(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error_with_its_message() {
        let error = catch_panic::<()>(|| panic!("wires crossed")).unwrap_err();
        assert_eq!(error.code, Code::Internal);
        assert!(error.message.contains("wires crossed"), "{error}");
    }

    #[test]
    fn a_guard_inside_a_guard_keeps_the_outer_one() {
        let answer = catch_panic(|| {
            let inner = catch_panic::<()>(|| panic!("inner"));
            assert_eq!(inner.unwrap_err().code, Code::Internal);
            Ok(7)
        });
        assert_eq!(answer, Ok(7));
    }

    #[test]
    fn null_and_bad_utf8_are_told_apart() {
        // SAFETY: NULL, and two literals that end with a NUL.
        unsafe {
            assert_eq!(str_arg(std::ptr::null(), "the path").unwrap_err().code, Code::NullArgument);
            assert_eq!(str_arg(c"\xff".as_ptr(), "the path").unwrap_err().code, Code::InvalidUtf8);
            assert_eq!(str_arg(c"/a".as_ptr(), "the path").unwrap(), "/a");
        }
    }
}
