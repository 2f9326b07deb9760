//! A redirect leads over http or https, never from https to http, and takes credentials along to
//! the same origin alone.

use http::{Method, Uri};
use sac::call::redirect::resolve_redirect;
use url::Url;

/// Two bytes for method and status; a line with the URL of the request; the `Location`.
pub fn kept(input: &[u8]) {
    let [method, status, rest @ ..] = input else { return };
    let mut parts = rest.splitn(2, |byte| *byte == b'\n');
    let (from, location) = (parts.next().unwrap_or_default(), parts.next());
    let Some(from) = std::str::from_utf8(from).ok().and_then(|from| Url::parse(from).ok()) else {
        return;
    };
    if !matches!(from.scheme(), "http" | "https") {
        return;
    }
    let methods = [Method::GET, Method::POST, Method::HEAD, Method::PUT, Method::DELETE];
    let method = &methods[usize::from(*method) % methods.len()];
    let status = [301, 302, 303, 307, 308, 300, 304][usize::from(*status) % 7];
    let Ok(Some(hop)) = resolve_redirect(method, &from, status, location) else { return };
    let url = &hop.url;
    assert!(matches!(url.scheme(), "http" | "https"), "it leads to {url}");
    assert!(!(from.scheme() == "https" && url.scheme() == "http"), "from {from} to {url}");
    assert!(url.username().is_empty() && url.password().is_none(), "userinfo in {url}");
    assert_eq!(url.fragment(), None, "a fragment in {url}");
    assert_eq!(hop.same_origin, url.origin() == from.origin(), "{from} and {url}");
    assert!(hop.keep_body || hop.method == Method::GET, "{} lost its body", hop.method);
    assert!(status < 307 || (hop.method == *method && hop.keep_body), "{status} changed {method}");
    // Whom the request is sent to is whom the origin was compared with.
    assert_eq!(&Url::parse(url.as_str()).expect("a URL is a URL"), url, "it is read differently");
    if let Ok(uri) = Uri::try_from(url.as_str()) {
        assert_eq!(uri.host(), url.host_str(), "{url} is sent to another host");
        let port = uri.port_u16().or(if url.scheme() == "https" { Some(443) } else { Some(80) });
        assert_eq!(port, url.port_or_known_default(), "{url} is sent to another port");
    }
}
