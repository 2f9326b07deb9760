//! Each entry of `NO_PROXY` stands for itself, a name means itself and what is below it, and a
//! proxy that cannot be used is never gone past.

use std::sync::Arc;

use sac::settings::{EnvironmentProxies, Proxy, ProxyChoice};
use url::{Host, Url};

use super::Lines;

/// Lines: the URL of a proxy, a host, a list, another list.
pub fn kept(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut lines = Lines::of(&input);
    readable(lines.next());
    let host = lines.next();
    // The host of a request is one that the URL parser has passed.
    let Some(host) = Url::parse(&format!("http://{host}/")).ok().and_then(|url| {
        (url.username().is_empty() && url.path() == "/")
            .then(|| url.host_str().map(str::to_owned))?
    }) else {
        return;
    };
    let (one, other) = (lines.next(), lines.next());
    let (by_one, by_other) = (past(one, &host), past(other, &host));
    let by_both = past(&format!("{one},{other}"), &host);
    assert_eq!(by_both, by_one || by_other, "{host} by {one:?} and {other:?} together");
    // With its dots taken off, a name may be an address in one of the ways of old.
    let name = one.trim_start_matches('.').trim_end_matches('.');
    let names = (Host::parse(name), Host::parse(host.trim_end_matches('.')));
    let (Ok(Host::Domain(name)), Ok(Host::Domain(host))) = names else { return };
    if one.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
        let rest = host.strip_suffix(&name);
        let below = rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        assert_eq!(by_one, below, "{host} by {one}");
    }
}

/// Whether requests to a host go past the proxy by such a list. The proxy cannot be used, so that
/// a request that does not go past it is an error.
fn past(list: &str, host: &str) -> bool {
    let environment = EnvironmentProxies::read(|name| match name {
        "all_proxy" => Some("unknown://proxy".to_owned()),
        "no_proxy" => Some(list.to_owned()),
        _ => None,
    });
    let choice = ProxyChoice::Environment(Arc::new(environment));
    match choice.proxy_for(false, host, 80) {
        Ok(None) => true,
        Ok(Some(proxy)) => panic!("{proxy:?} is no proxy"),
        Err(_) => false,
    }
}

fn readable(url: &str) {
    let Ok(proxy) = Proxy::parse(url) else { return };
    assert!(!proxy.host.is_empty() && proxy.port != 0, "{proxy:?}");
    assert!(!proxy.host.contains(['@', '/', ' ']), "{proxy:?}");
    if let Some((name, password)) = &proxy.credentials {
        let control = |text: &str| text.contains(char::is_control);
        assert!(!control(name) && !control(password), "credentials reach beyond their field");
        let printed = format!("{proxy:?}");
        let shown = printed.strip_suffix(&format!("{}:{}", proxy.host, proxy.port));
        assert!(shown.is_some_and(|shown| !shown.contains(':')), "{printed} shows a secret");
    }
}
