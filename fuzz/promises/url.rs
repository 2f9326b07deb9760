//! For any path, the request goes to the host of the base URL and stays below its path.

use percent_encoding::percent_decode_str;
use sac::request::BaseUrl;
use sac::request::path::{append_query, normalise, target};
use url::Url;

use super::Lines;

/// Input, in lines: a base URL, a path, a name and a value for the query, a full URL.
pub fn check(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut lines = Lines::new(&input);
    let (base_url, path) = (lines.next(), lines.next());
    let (name, value) = (lines.next(), lines.next());
    check_query(name, value);
    let Ok((base, _)) = BaseUrl::parse(base_url) else { return };
    check_path_of(&base, lines.next());
    let Ok(path) = normalise(path) else { return };
    let again = normalise(&path).expect("a normalised path is valid");
    assert_eq!(again, path, "normalising again changed the path");
    let mut query = String::new();
    append_query(&mut query, name, value);
    for query in ["", &query] {
        check_request(base_url, &base, &path, query);
    }
}

/// Checks where a request goes. `base_url` is the text of `base`.
fn check_request(base_url: &str, base: &BaseUrl, path: &str, query: &str) {
    let Ok(uri) = target(path).and_then(|target| base.join(&target, query)) else { return };
    let (base_url, text) = (Url::parse(base_url).unwrap(), uri.to_string());
    let url = Url::parse(&text).expect("the target is a URL");
    assert_eq!(url.origin(), base_url.origin(), "{text} leads to another origin");
    assert_eq!(uri.host(), base_url.host_str(), "{text} is sent to another host");
    assert!(url.username().is_empty() && url.password().is_none(), "{text} has userinfo");
    assert_eq!(url.fragment(), None, "{text} has a fragment");
    let prefix = base_url.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(prefix).unwrap_or_else(|| panic!("{text} leaves {prefix}"));
    assert!(rest.starts_with('/'), "{text} leaves {prefix}");
    let graphic = |byte: u8| byte.is_ascii_graphic() || byte >= 0x80;
    assert!(text.bytes().all(graphic), "{text:?} is not valid in a request line");
    if query.is_empty() {
        // A URL in a response leads back to the same path.
        let path_again = base.path_of(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let joined = base.join(&target(&path_again).unwrap(), "").unwrap().to_string();
        assert_eq!(Url::parse(&joined).unwrap(), url, "{path_again} leads elsewhere");
    } else {
        assert!(text.ends_with(query), "{text} has lost the parameter {query}");
    }
}

/// Checks that `path_of` returns a path that leads to the given URL.
fn check_path_of(base: &BaseUrl, text: &str) {
    let Ok(path) = base.path_of(text) else { return };
    let path = normalise(&path).unwrap_or_else(|error| panic!("{text} became {path}: {error}"));
    let uri = target(&path).and_then(|target| base.join(&target, ""));
    let (Ok(uri), Ok(expected)) = (uri, Url::parse(text)) else { return };
    let actual = Url::parse(&uri.to_string()).unwrap();
    assert_eq!(actual.origin(), expected.origin(), "{text} became {path}");
    // The base path may lack its slash, and a `%` that encodes nothing is itself encoded.
    let decode = |text: &str| percent_decode_str(text).collect::<Vec<_>>();
    let path_of = |url: &Url| decode(url.path().trim_end_matches('/'));
    assert_eq!(path_of(&actual), path_of(&expected), "{text} became {path}");
    assert_eq!(actual.query().map(decode), expected.query().map(decode), "{text} became {path}");
}

/// Checks that a server reads the parameter as it was base_url.
fn check_query(name: &str, value: &str) {
    let mut query = String::from("a=b");
    append_query(&mut query, name, value);
    let read: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let sent = [("a", "b"), (name, value)].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(read, sent, "the parameter is read differently: {query}");
}
