//! Memory that is asked for first.

/// Whether there is memory for so many bytes. What takes it without a way to fail, such as a decoder that
/// comes from elsewhere, is only begun if there is: an allocation that fails ends the process.
#[must_use]
pub fn is_left(bytes: usize) -> bool {
    let mut tried = Vec::<u8>::new();
    let is_left = tried.try_reserve_exact(bytes).is_ok();
    // A compiler may leave out what nobody looks at.
    std::hint::black_box(&tried);
    is_left
}

#[cfg(test)]
mod tests {
    use super::is_left;

    #[test]
    fn there_is_some_memory_and_not_any_amount() {
        assert!(is_left(1 << 20));
        assert!(!is_left(1 << 62));
    }
}
