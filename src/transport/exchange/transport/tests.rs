//! Requests whose connections differ in a setting never share one.
//!
//! The functions below name every setting of TLS and of the route. A new setting does not compile
//! until it has an example here.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::*;
use crate::settings::{PinnedKeys, Proxy, ProxyScheme, pin};
use crate::transport::pool::PoolKey;
use crate::transport::{Route, SecretPem, TlsSettings, TlsVersion};

/// The default, and for each TLS setting some that differ only in it.
fn tls_setups() -> Vec<TlsSettings> {
    let usual = TlsSettings::default();
    let TlsSettings { verify, min_version, ca_pem, client_cert, pinned_keys } = usual.clone();
    assert!(verify && min_version == TlsVersion::Tls12 && ca_pem.is_none());
    assert_eq!((client_cert, pinned_keys), (None, None));
    let with_ca =
        |ca: &[u8]| TlsSettings { ca_pem: Some(Arc::<[u8]>::from(ca).into()), ..usual.clone() };
    let with_certificate = |chain: &[u8], key: &[u8]| {
        let client_cert = Some((chain.into(), SecretPem::new(key.to_vec())).into());
        TlsSettings { client_cert, ..usual.clone() }
    };
    let with_pin = |digest| {
        let pinned_keys = PinnedKeys::parse(&pin(&digest)).ok();
        TlsSettings { pinned_keys, ..usual.clone() }
    };
    vec![
        usual.clone(),
        TlsSettings { verify: false, ..usual.clone() },
        TlsSettings { min_version: TlsVersion::Tls13, ..usual.clone() },
        with_ca(b"one"),
        with_ca(b"another"),
        with_certificate(b"one", b"its key"),
        with_certificate(b"one", b"another key"),
        with_certificate(b"another", b"its key"),
        with_pin([1; 32]),
        with_pin([2; 32]),
    ]
}

/// Each kind of route, and for each setting of a proxy one that differs only in it.
fn routes() -> Vec<Route> {
    let usual = Proxy::parse("http://ada:secret@proxy.test:3128").unwrap();
    let Proxy { scheme, tls, host, port, credentials } = usual.clone();
    let (name, password) = credentials.unwrap();
    assert!(scheme == ProxyScheme::Http && !tls);
    let proxy = |change: &dyn Fn(&mut Proxy)| {
        let mut proxy = usual.clone();
        change(&mut proxy);
        Route::Proxy(Arc::new(proxy))
    };
    let credentials = |name: &str, password: &str| {
        Some((Zeroizing::new(name.to_owned()), Zeroizing::new(password.to_owned())))
    };
    let all = vec![
        Route::Direct,
        Route::Interface("eth0".into()),
        Route::Interface("eth1".into()),
        Route::Unix(Path::new("/run/one").into()),
        Route::Unix(Path::new("/run/another").into()),
        proxy(&|_| {}),
        proxy(&|proxy| proxy.scheme = ProxyScheme::Socks4),
        proxy(&|proxy| proxy.scheme = ProxyScheme::Socks4a),
        proxy(&|proxy| proxy.scheme = ProxyScheme::Socks5),
        proxy(&|proxy| proxy.scheme = ProxyScheme::Socks5h),
        proxy(&|proxy| proxy.tls = true),
        proxy(&|proxy| proxy.host = format!("another.{host}")),
        proxy(&|proxy| proxy.port = port + 1),
        proxy(&|proxy| proxy.credentials = None),
        proxy(&|proxy| proxy.credentials = credentials(&name, "another")),
        proxy(&|proxy| proxy.credentials = credentials("another", &password)),
    ];
    let kinds = all.iter().map(|route| match route {
        Route::Direct => 1,
        Route::Unix(_) => 2,
        Route::Proxy(_) => 4,
        Route::Interface(_) => 8,
    });
    assert_eq!(kinds.fold(0, |found, kind| found | kind), 15, "a kind of route has no example");
    all
}

/// Whether TLS settings affect a connection: the server or the proxy uses TLS.
fn uses_tls(route: &Route, https: bool) -> bool {
    https || matches!(route, Route::Proxy(proxy) if proxy.tls)
}

#[test]
fn requests_that_differ_in_tls_or_route_never_share_a_connection() {
    let state = TransportState::default();
    let authority: http::uri::Authority = "api.test".parse().unwrap();
    let all: Vec<_> = routes()
        .into_iter()
        .flat_map(|route| tls_setups().into_iter().map(move |tls| (route.clone(), tls)))
        .flat_map(|(route, tls)| [true, false].map(|https| (route.clone(), tls.clone(), https)))
        .collect();
    for (route, tls, https) in &all {
        let key = PoolKey {
            authority: authority.clone(),
            spec: state.connection_spec(route, tls, *https),
        };
        for (other_route, other_tls, other_https) in &all {
            let shares = key
                .matches(&authority, &state.connection_spec(other_route, other_tls, *other_https));
            // The client certificate and the pinned keys are for servers, not for a proxy.
            let shown = |tls: &TlsSettings| TlsSettings {
                client_cert: tls.client_cert.clone().filter(|_| *https),
                pinned_keys: tls.pinned_keys.clone().filter(|_| *https),
                ..tls.clone()
            };
            let same_tls = !uses_tls(route, *https) || shown(tls) == shown(other_tls);
            let expected = route == other_route && https == other_https && same_tls;
            let what = (route, tls, https, other_route, other_tls, other_https);
            assert_eq!(shares, expected, "{what:?}");
        }
    }
}

#[test]
fn servers_do_not_share_connections() {
    let spec =
        TransportState::default().connection_spec(&Route::Direct, &TlsSettings::default(), true);
    let key = PoolKey { authority: "api.test:443".parse().unwrap(), spec: spec.clone() };
    for (other, shares) in [("API.test:443", true), ("api.test:444", false), ("ap.test:443", false)]
    {
        assert_eq!(key.matches(&other.parse().unwrap(), &spec), shares, "{other}");
    }
}
