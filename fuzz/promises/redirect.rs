//! A redirect leads to http or https, never from https to http, and keeps credentials only for the
//! same origin.

use http::{Method, Uri};
use sac::call::redirect::resolve_redirect;
use url::Url;

/// Input: a byte for the method, a byte for the status, a line with the URL of the request, the
/// `Location`.
pub fn check(input: &[u8]) {
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
    let Ok(Some(redirect)) = resolve_redirect(method, &from, status, location) else { return };
    let url = &redirect.url;
    assert!(matches!(url.scheme(), "http" | "https"), "a redirect to {url}");
    assert!(!(from.scheme() == "https" && url.scheme() == "http"), "from {from} to {url}");
    assert!(url.username().is_empty() && url.password().is_none(), "userinfo in {url}");
    assert_eq!(url.fragment(), None, "a fragment in {url}");
    assert_eq!(redirect.same_origin, url.origin() == from.origin(), "{from} and {url}");
    assert!(
        redirect.keep_body || redirect.method == Method::GET,
        "{} lost its body",
        redirect.method
    );
    assert!(
        status < 307 || (redirect.method == *method && redirect.keep_body),
        "{status} changed {method}"
    );
    // The request goes to the same origin that was compared.
    assert_eq!(
        &Url::parse(url.as_str()).expect("a URL is a URL"),
        url,
        "a second parser reads another URL"
    );
    if let Ok(uri) = Uri::try_from(url.as_str()) {
        assert_eq!(uri.host(), url.host_str(), "{url} is sent to another host");
        let port = uri.port_u16().or(if url.scheme() == "https" { Some(443) } else { Some(80) });
        assert_eq!(port, url.port_or_known_default(), "{url} is sent to another port");
    }
}
