//! Every export uses this: it checks pointers, reads strings and catches panics.
//!
//! There is one mechanism, [`catch_panic`]. The functions around it only decide what an error
//! becomes: a code, a response, or a plain value. Quick reads have a smaller guard, [`catch_quick`].

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::code::{Code, Error, sac_code};

thread_local! {
    /// The number of exports that this thread runs: a callback may call the library again.
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
        // Dropping a payload could panic too. This one is only a message, so it is not dropped.
        let error = Error::new(Code::Internal, format!("a bug in libsac: {}", panic_text(&*panic)));
        std::mem::forget(panic);
        Err(error)
    })
}

/// Runs a short body without any code that can panic; `None` also if it panics anyway. Then the panic
/// prints its message, because a look at the depth of this thread would cost more than the body.
#[inline(always)]
pub(super) fn catch_quick<T>(body: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        std::mem::forget(panic);
        None
    })
}

/// Runs the body of an export that returns a code.
pub(super) fn return_code(body: impl FnOnce() -> Result<(), Error>) -> sac_code {
    catch_panic(body).map_or_else(|error| error.code.number(), |()| Code::Ok.number())
}

/// Runs the body of an export that returns a value, or `default` if the body fails.
pub(super) fn return_value<T>(default: T, body: impl FnOnce() -> Result<T, Error>) -> T {
    catch_panic(body).unwrap_or(default)
}

/// The handle of a pointer.
///
/// # Safety
/// The pointer is NULL, or points to a live `T` that does not change during `'a`.
pub(super) unsafe fn handle<'a, T>(pointer: *const T, what: &str) -> Result<&'a T, Error> {
    // SAFETY: the caller promises a live `T` or NULL, for which `as_ref` gives `None`.
    unsafe { pointer.as_ref() }.ok_or_else(|| null_argument(what))
}

/// The handle of a pointer, for a change.
///
/// # Safety
/// The pointer is NULL, or points to a live `T` that no other code uses during `'a`.
pub(super) unsafe fn handle_mut<'a, T>(pointer: *mut T, what: &str) -> Result<&'a mut T, Error> {
    // SAFETY: the caller promises a live `T` or NULL, for which `as_mut` gives `None`.
    unsafe { pointer.as_mut() }.ok_or_else(|| null_argument(what))
}

/// A string from C.
///
/// # Safety
/// The pointer is NULL, or points to bytes that end with a NUL and do not change during `'a`.
pub(super) unsafe fn str_arg<'a>(pointer: *const c_char, what: &str) -> Result<&'a str, Error> {
    // SAFETY: the caller promises the same.
    unsafe { optional_str_arg(pointer, what) }?.ok_or_else(|| null_argument(what))
}

/// A string from C. NULL is allowed and means that there is none.
///
/// # Safety
/// As for [`str_arg`].
pub(super) unsafe fn optional_str_arg<'a>(
    pointer: *const c_char,
    what: &str,
) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: it is not NULL, and the caller promises a NUL at the end and no change.
    let bytes = unsafe { CStr::from_ptr(pointer) };
    let text = bytes.to_str();
    text.map(Some).map_err(|_| Error::new(Code::InvalidUtf8, format!("{what} is not valid UTF-8")))
}

/// The bytes of a string from C. It reads them one by one, which is faster for a short string than to
/// search its end first.
///
/// # Safety
/// As for [`str_arg`], but the pointer is not NULL. The string does not change as long as the
/// iterator is in use.
#[inline(always)]
pub(super) unsafe fn bytes_before_nul(pointer: *const c_char) -> impl Iterator<Item = u8> + Clone {
    let mut next = pointer.cast::<u8>();
    std::iter::from_fn(move || {
        // SAFETY: all bytes before this one are not NUL, so this one is the NUL or before it.
        let byte = unsafe { next.read() };
        if byte == 0 {
            return None;
        }
        // SAFETY: it is not the NUL, so the next byte belongs to the string too.
        next = unsafe { next.add(1) };
        Some(byte)
    })
}

/// Bytes from C. NULL is allowed if there are none.
///
/// # Safety
/// As for [`slice_arg`].
pub(super) unsafe fn bytes_arg<'a>(
    pointer: *const u8,
    len: usize,
    what: &str,
) -> Result<&'a [u8], Error> {
    // SAFETY: the caller promises the same.
    unsafe { slice_arg(pointer, len, what) }
}

/// An array from C. NULL is allowed if it is empty.
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
            format!("the length of {what} exceeds the address space"),
        ));
    }
    // SAFETY: it is not NULL, the caller promises `count` items, and their size fits an `isize`.
    Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// An array of strings from C.
///
/// # Safety
/// The pointer is NULL, or points to `count` strings that do not change during `'a`.
pub(super) unsafe fn str_array_arg<'a>(
    array: *const *const c_char,
    count: usize,
    what: &str,
) -> Result<Vec<&'a str>, Error> {
    // SAFETY: this only checks for NULL; the strings are read below.
    unsafe { handle(array, what) }?;
    if count > MAX_STRINGS {
        return Err(Error::new(
            Code::InvalidArgument,
            format!("more than {MAX_STRINGS} strings in {what}"),
        ));
    }
    // SAFETY: the caller promises `count` pointers to strings.
    (0..count).map(|index| unsafe { str_arg(*array.add(index), what) }).collect()
}

/// A larger count is a mistake, such as a negative number converted to unsigned.
const MAX_STRINGS: usize = 65_536;

/// A place from C for a result. It is written only on success.
///
/// # Safety
/// The pointer is NULL, or points to memory where a `T` may be written.
pub(super) unsafe fn out_arg<'a, T>(pointer: *mut T, what: &str) -> Result<Out<'a, T>, Error> {
    if pointer.is_null() {
        return Err(null_argument(what));
    }
    Ok(Out { pointer, _lifetime: std::marker::PhantomData })
}

/// A place for a result, which is not NULL.
pub(super) struct Out<'a, T> {
    pointer: *mut T,
    _lifetime: std::marker::PhantomData<&'a mut T>,
}

impl<T> Out<'_, T> {
    /// Writes the result. The old content is not dropped, because it belongs to C and may be
    /// garbage.
    pub(super) fn write(self, value: T) {
        // SAFETY: the caller of `out_arg` promised that a `T` may be written here.
        unsafe { self.pointer.write(value) }
    }
}

pub(super) fn null_argument(what: &str) -> Error {
    Error::new(Code::NullArgument, format!("{what} is NULL"))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// Installs a panic hook. For a panic inside an export, which becomes a code, it prints nothing.
/// Every other panic, of a Rust program for example, goes to the previous hook.
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
    fn a_panic_in_a_nested_call_does_not_end_the_outer_call() {
        let outer = catch_panic(|| {
            let inner = catch_panic::<()>(|| panic!("inner"));
            assert_eq!(inner.unwrap_err().code, Code::Internal);
            Ok(7)
        });
        assert_eq!(outer, Ok(7));
    }

    #[test]
    fn a_panic_in_a_quick_read_gives_no_value() {
        assert_eq!(catch_quick(|| Some(7)), Some(7));
        assert_eq!(catch_panic(|| Ok(catch_quick::<()>(|| panic!("quick")))), Ok(None));
    }

    #[test]
    fn the_bytes_of_a_string_end_before_its_nul() {
        for string in [c"", c"/a", c"/\xff"] {
            // SAFETY: a literal that ends with a NUL.
            let bytes = unsafe { bytes_before_nul(string.as_ptr()) };
            assert!(bytes.eq(string.to_bytes().iter().copied()), "{string:?}");
        }
    }

    #[test]
    fn null_and_invalid_utf8_have_different_codes() {
        // SAFETY: NULL, and two literals that end with a NUL.
        unsafe {
            assert_eq!(str_arg(std::ptr::null(), "the path").unwrap_err().code, Code::NullArgument);
            assert_eq!(str_arg(c"\xff".as_ptr(), "the path").unwrap_err().code, Code::InvalidUtf8);
            assert_eq!(str_arg(c"/a".as_ptr(), "the path").unwrap(), "/a");
        }
    }
}
