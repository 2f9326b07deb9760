//! A check for free memory.

/// Whether this many bytes can be allocated. A failed allocation ends the process. Code that cannot
/// handle the failure, such as an external decoder, runs only if this returns true.
#[must_use]
pub fn is_left(bytes: usize) -> bool {
    let mut tried = Vec::<u8>::new();
    let is_left = tried.try_reserve_exact(bytes).is_ok();
    // Otherwise the compiler may remove an allocation that is not used.
    std::hint::black_box(&tried);
    is_left
}

#[cfg(test)]
mod tests {
    use super::is_left;

    #[test]
    fn some_memory_is_left_but_not_any_amount() {
        assert!(is_left(1 << 20));
        assert!(!is_left(1 << 62));
    }
}
