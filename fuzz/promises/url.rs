//! Whatever path is asked for, the request goes to the host of the base URL and below its path.

use percent_encoding::percent_decode_str;
use sac::request::BaseUrl;
use sac::request::path::{append_query, normalise, target};
use url::Url;

use super::Lines;

/// Lines: a base URL, a path, a name and a value for the query, a full URL.
pub fn kept(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut lines = Lines::of(&input);
    let (base_url, path) = (lines.next(), lines.next());
    let (name, value) = (lines.next(), lines.next());
    query_is_read_back(name, value);
    let Ok((base, _)) = BaseUrl::parse(base_url) else { return };
    below_its_origin(&base, lines.next());
    let Ok(path) = normalise(path) else { return };
    let again = normalise(&path).expect("a path that has passed passes again");
    assert_eq!(again, path, "a second look changed the path");
    let mut query = String::new();
    append_query(&mut query, name, value);
    for query in ["", &query] {
        stays_with(base_url, &base, &path, query);
    }
}

/// `base_url` has been accepted.
fn stays_with(base_url: &str, base: &BaseUrl, path: &str, query: &str) {
    let Ok(uri) = target(path).and_then(|target| base.join(&target, query)) else { return };
    let (given, text) = (Url::parse(base_url).unwrap(), uri.to_string());
    let url = Url::parse(&text).expect("what is asked for is a URL");
    assert_eq!(url.origin(), given.origin(), "{text} leads to another origin");
    assert_eq!(uri.host(), given.host_str(), "{text} is sent to another host");
    assert!(url.username().is_empty() && url.password().is_none(), "{text} has userinfo");
    assert_eq!(url.fragment(), None, "{text} has a fragment");
    let prefix = given.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(prefix).unwrap_or_else(|| panic!("{text} leaves {prefix}"));
    assert!(rest.starts_with('/'), "{text} leaves {prefix}");
    let graphic = |byte: u8| byte.is_ascii_graphic() || byte >= 0x80;
    assert!(text.bytes().all(graphic), "{text:?} cannot stand in a request line");
    if query.is_empty() {
        // A link of an answer leads back to where it came from.
        let path_again = base.path_of(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let joined = base.join(&target(&path_again).unwrap(), "").unwrap().to_string();
        assert_eq!(Url::parse(&joined).unwrap(), url, "{path_again} leads elsewhere");
    } else {
        assert!(text.ends_with(query), "{text} has lost the parameter {query}");
    }
}

/// What `path_of` makes of any text is a path, and leads to nowhere but to that URL.
fn below_its_origin(base: &BaseUrl, text: &str) {
    let Ok(path) = base.path_of(text) else { return };
    let path = normalise(&path).unwrap_or_else(|error| panic!("{text} became {path}: {error}"));
    let uri = target(&path).and_then(|target| base.join(&target, ""));
    let (Ok(uri), Ok(meant)) = (uri, Url::parse(text)) else { return };
    let leads_to = Url::parse(&uri.to_string()).unwrap();
    assert_eq!(leads_to.origin(), meant.origin(), "{text} became {path}");
    // The base path alone may lack its slash, and a % that encodes nothing is encoded itself.
    let read = |text: &str| percent_decode_str(text).collect::<Vec<_>>();
    let path_of = |url: &Url| read(url.path().trim_end_matches('/'));
    assert_eq!(path_of(&leads_to), path_of(&meant), "{text} became {path}");
    assert_eq!(leads_to.query().map(read), meant.query().map(read), "{text} became {path}");
}

fn query_is_read_back(name: &str, value: &str) {
    let mut query = String::from("a=b");
    append_query(&mut query, name, value);
    let read: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let sent = [("a", "b"), (name, value)].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(read, sent, "the parameter is not what was given: {query}");
}
