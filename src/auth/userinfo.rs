//! The userinfo of a URL (RFC 3986 section 3.2.1). The library removes it before it parses the URL,
//! because the parser leaves unwiped copies in memory.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// User name and password, decoded. Both are wiped, because some APIs take a key as the user name.
/// Never printed.
pub type UserInfo = (Zeroizing<String>, Zeroizing<String>);

/// A URL without its userinfo, and the userinfo if there is any. The password ends at the last `@`
/// before the host, as in browsers. `None` if the userinfo is not UTF-8.
#[must_use]
pub fn split(url: &str) -> Option<(Cow<'_, str>, Option<UserInfo>)> {
    let Some((scheme, rest)) = url.split_once("://") else { return Some((url.into(), None)) };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let Some((userinfo, host)) = authority.rsplit_once('@') else {
        return Some((url.into(), None));
    };
    let (name, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decoded = (decode(name)?, decode(password)?);
    let has_userinfo = !(name.is_empty() && password.is_empty());
    Some(([scheme, "://", host, path].concat().into(), has_userinfo.then_some(decoded)))
}

fn decode(text: &str) -> Option<Zeroizing<String>> {
    // The decoded text is never longer, so the buffer does not grow and leave a copy.
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend(percent_decode_str(text));
    match String::from_utf8(bytes) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_userinfo_is_removed_from_the_url_and_decoded() {
        for (url, without, name, password) in [
            ("http://us%65r:p%40ss@h/a", "http://h/a", "user", "p@ss"),
            ("https://sk_live@h:8443", "https://h:8443", "sk_live", ""),
            ("http://:pass@h?q=@", "http://h?q=@", "", "pass"),
            ("http://a@b:c@d@[::1]/x@y", "http://[::1]/x@y", "a@b", "c@d"),
            ("socks5://ä:%C3%B6@h", "socks5://h", "ä", "ö"),
        ] {
            let (found, userinfo) = split(url).unwrap();
            let (found_name, found_password) = userinfo.unwrap();
            assert_eq!(found, without);
            assert_eq!((found_name.as_str(), found_password.as_str()), (name, password));
        }
    }

    #[test]
    fn a_url_without_userinfo_stays_unchanged() {
        for url in ["http://h/a@b", "http://h?a@b", "http://h#@", "h", "", "mailto:a@b"] {
            assert_eq!(split(url).unwrap(), (url.into(), None));
        }
        assert_eq!(split("http://@h/").unwrap(), ("http://h/".into(), None));
        assert_eq!(split("http://%FF@h/"), None);
    }
}
