//! Entries of `NO_PROXY` are independent of each other. A name matches itself and its subdomains.
//! If a proxy cannot be used, the request fails instead of going directly.

use std::sync::Arc;

use sac::settings::{EnvironmentProxies, Proxy, ProxyChoice};
use url::{Host, Url};

use super::Lines;

/// Input, in lines: the URL of a proxy, a host, a list, another list.
pub fn check(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut lines = Lines::new(&input);
    check_proxy(lines.next());
    let host = lines.next();
    // The URL parser has accepted the host of a request.
    let Some(host) = Url::parse(&format!("http://{host}/")).ok().and_then(|url| {
        (url.username().is_empty() && url.path() == "/")
            .then(|| url.host_str().map(str::to_owned))?
    }) else {
        return;
    };
    let (one, other) = (lines.next(), lines.next());
    let (by_one, by_other) = (is_direct(one, &host), is_direct(other, &host));
    let by_both = is_direct(&format!("{one},{other}"), &host);
    assert_eq!(by_both, by_one || by_other, "{host} by {one:?} and {other:?} together");
    // Without its dots, a name may be an IP address in an old form.
    let name = one.trim_start_matches('.').trim_end_matches('.');
    let names = (Host::parse(name), Host::parse(host.trim_end_matches('.')));
    let (Ok(Host::Domain(name)), Ok(Host::Domain(host))) = names else { return };
    if one.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
        let rest = host.strip_suffix(&name);
        let is_subdomain = rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        assert_eq!(by_one, is_subdomain, "{host} by {one}");
    }
}

/// Whether requests to a host bypass the proxy because of a list. The proxy cannot be used, so that
/// other requests fail.
fn is_direct(list: &str, host: &str) -> bool {
    let environment = EnvironmentProxies::read(|name| match name {
        "all_proxy" => Some("unknown://proxy".to_owned()),
        "no_proxy" => Some(list.to_owned()),
        _ => None,
    });
    let choice = ProxyChoice::Environment(Arc::new(environment));
    match choice.proxy_for(false, host, 80) {
        Ok(None) => true,
        Ok(Some(proxy)) => panic!("{proxy:?} cannot be a proxy"),
        Err(_) => false,
    }
}

fn check_proxy(url: &str) {
    let Ok(proxy) = Proxy::parse(url) else { return };
    assert!(!proxy.host.is_empty() && proxy.port != 0, "{proxy:?}");
    assert!(!proxy.host.contains(['@', '/', ' ']), "{proxy:?}");
    if let Some((name, password)) = &proxy.credentials {
        let has_control = |text: &str| text.contains(char::is_control);
        assert!(
            !has_control(name) && !has_control(password),
            "the credentials contain control characters"
        );
        let printed = format!("{proxy:?}");
        let shown = printed.strip_suffix(&format!("{}:{}", proxy.host, proxy.port));
        assert!(shown.is_some_and(|shown| !shown.contains(':')), "{printed} shows a secret");
    }
}
