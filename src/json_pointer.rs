//! JSON pointers (RFC 6901).

use std::borrow::Cow;

/// The unescaped reference tokens of a JSON pointer. `None` if the text is not a JSON pointer: a pointer
/// is empty or begins with `/`, and `0` or `1` follows each `~` (RFC 6901 section 3).
#[must_use]
pub fn tokens(pointer: &str) -> Option<impl Iterator<Item = Cow<'_, str>>> {
    let path = match pointer.strip_prefix('/') {
        Some(path) => Some(path),
        None if pointer.is_empty() => None,
        None => return None,
    };
    let valid_escapes = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    valid_escapes.then(|| path.into_iter().flat_map(|path| path.split('/')).map(unescape))
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        // In this order, so that `~01` is `~1` (RFC 6901 section 4).
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// The array index of a token: digits without leading zeros. `None` for `-`, which means the element
/// after the last one.
#[must_use]
pub fn array_index(token: &str) -> Option<usize> {
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    let no_leading_zero = token == "0" || !token.starts_with('0');
    if digits && no_leading_zero { token.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pointer: &str) -> Option<Vec<String>> {
        Some(tokens(pointer)?.map(Cow::into_owned).collect())
    }

    #[test]
    fn a_pointer_is_split_and_unescaped() {
        assert_eq!(all(""), Some(vec![]));
        assert_eq!(all("/"), Some(vec![String::new()]));
        assert_eq!(all("/a//b/"), Some(["a", "", "b", ""].map(String::from).to_vec()));
        assert_eq!(all("/a~1b/m~0n/~01"), Some(["a/b", "m~n", "~1"].map(String::from).to_vec()));
    }

    #[test]
    fn an_invalid_pointer_has_no_tokens() {
        for text in ["a", "a/b", "#/a", "/~", "/~2", "/a~/b", "/~~0"] {
            assert_eq!(all(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_index_is_digits_without_leading_zeros() {
        assert_eq!(array_index("0"), Some(0));
        assert_eq!(array_index("120"), Some(120));
        for token in ["", "00", "01", "-", "-1", "+1", "1 ", "1e1", "١", "99999999999999999999999"]
        {
            assert_eq!(array_index(token), None, "{token:?}");
        }
    }
}
