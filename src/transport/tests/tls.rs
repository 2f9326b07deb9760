//! Requests and responses over TLS, and servers that are refused.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, NameConstraints, SanType, date_time_ymd,
};

use super::server::*;
use super::tls_server::*;
use crate::transport::{
    Body, ConnectionOptions, ExchangeResult, SecretPem, TlsSettings, TlsVersion, Transport,
    TransportErrorKind, check_ca_pem, check_client_pem,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn trusting(pem: &Arc<[u8]>) -> TlsSettings {
    TlsSettings { ca_pem: Some(Arc::clone(pem).into()), ..TlsSettings::default() }
}

fn url(server: &Server) -> String {
    server.url("/").replace("http:", "https:")
}

fn send_over(transport: &Transport, tls: &TlsSettings, url: &str) -> ExchangeResult {
    let options = ConnectionOptions::new(tls, limits());
    transport.exchange(&options, (&get(url)).into(), Body::None)
}

/// A server that accepts a handshake from any client, and responds to one request if it succeeds.
fn serving(identity: &Identity) -> Server {
    let config = config(identity);
    Server::once(move |peer| {
        let mut peer = secure(peer, &config);
        if peer.next_request().is_some() {
            peer.send(OK);
        }
    })
}

/// The error of a client that trusts `ca`, with a server that has `identity`.
fn refusal(ca: &Arc<[u8]>, identity: &Identity) -> (TransportErrorKind, String) {
    let server = serving(identity);
    let exchange = send_over(&Transport::new(), &trusting(ca), &url(&server));
    assert_eq!(
        exchange.record.request_bytes, 0,
        "the request was sent to a server that is not trusted"
    );
    let error = error_of(exchange);
    (error.kind, error.detail)
}

const CERTIFICATE: TransportErrorKind = TransportErrorKind::Tls { certificate: true };

#[test]
fn a_server_whose_issuer_is_trusted_is_accepted_and_the_connection_kept() {
    let ca = Ca::new();
    let config = config(&ca.sign(for_loopback()));
    let server = Server::once(move |peer| {
        let mut peer = secure(peer, &config);
        for _ in 0..3 {
            peer.request();
            peer.send(OK);
        }
    });
    let (transport, tls) = (Transport::new(), trusting(&ca.pem));
    let first = send_over(&transport, &tls, &url(&server));
    assert!(first.record.tls.is_some());
    assert_eq!(text(&received(first)), "ok");
    for _ in 0..2 {
        let next = send_over(&transport, &tls, &url(&server));
        assert!(next.record.reused_connection);
        assert!(next.record.request_bytes > 0);
        assert_eq!(text(&received(next)), "ok");
    }
}

#[test]
fn a_server_of_an_unknown_issuer_is_refused() {
    let untrusted = Ca::named("an unknown CA").sign(for_loopback());
    let (kind, detail) = refusal(&Ca::new().pem, &untrusted);
    assert_eq!(kind, CERTIFICATE);
    assert_eq!(detail, "the server's certificate is not trusted: its issuer is unknown");
    let forged = Ca::new().sign(for_loopback());
    let (kind, detail) = refusal(&Ca::new().pem, &forged);
    assert_eq!(kind, CERTIFICATE);
    assert_eq!(detail, "the server's certificate is not signed by the issuer that it names");
}

#[test]
fn a_server_of_another_name_is_refused() {
    let ca = Ca::new();
    let other = CertificateParams::new(vec!["example.org".to_owned()]).unwrap();
    let (kind, detail) = refusal(&ca.pem, &ca.sign(other));
    assert_eq!(kind, CERTIFICATE);
    let expected =
        "the server's certificate is not valid for the name 127.0.0.1, but for example.org";
    assert_eq!(detail, expected);
}

#[test]
fn expired_and_future_certificates_are_refused() {
    let ca = Ca::new();
    let mut past = for_loopback();
    (past.not_before, past.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    assert_eq!(
        refusal(&ca.pem, &ca.sign(past)),
        (CERTIFICATE, "the server's certificate has expired: it was valid until Tue, 01 Jan 2002 00:00:00 GMT".to_owned())
    );
    let mut future = for_loopback();
    future.not_before = date_time_ymd(4000, 1, 1);
    assert_eq!(
        refusal(&ca.pem, &ca.sign(future)),
        (CERTIFICATE, "the server's certificate is not valid yet: it will be from Sat, 01 Jan 4000 00:00:00 GMT on".to_owned())
    );
}

#[test]
fn a_self_signed_server_is_accepted_as_its_own_ca() {
    for marked_as_ca in [true, false] {
        let identity = self_signed(for_loopback(), marked_as_ca);
        let server = serving(&identity);
        let tls = trusting(&identity.pem());
        let exchange = send_over(&Transport::new(), &tls, &url(&server));
        assert_eq!(text(&received(exchange)), "ok", "with CA:{marked_as_ca}");
    }
}

#[test]
fn a_self_signed_server_still_needs_the_right_name_and_time() {
    let mut other_address = CertificateParams::new(Vec::new()).unwrap();
    other_address.subject_alt_names = vec![SanType::IpAddress("127.0.0.2".parse().unwrap())];
    let identity = self_signed(other_address, true);
    let (kind, detail) = refusal(&identity.pem(), &identity);
    assert_eq!(kind, CERTIFICATE);
    let expected =
        "the server's certificate is not valid for the name 127.0.0.1, but for 127.0.0.2";
    assert_eq!(detail, expected);

    let mut past = for_loopback();
    (past.not_before, past.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    let identity = self_signed(past, true);
    let (kind, detail) = refusal(&identity.pem(), &identity);
    assert_eq!(
        (kind, detail.as_str()),
        (
            CERTIFICATE,
            "the server's certificate has expired: it was valid until Tue, 01 Jan 2002 00:00:00 GMT"
        )
    );
}

#[test]
fn a_self_signed_server_that_is_not_trusted_is_refused() {
    let (given, other) = (self_signed(for_loopback(), true), self_signed(for_loopback(), true));
    let (kind, detail) = refusal(&given.pem(), &other);
    assert_eq!(kind, CERTIFICATE);
    assert_eq!(
        detail,
        "the server's certificate is not trusted: it is self-signed, and not given as trusted"
    );
}

fn marked_as_ca(mut params: CertificateParams) -> CertificateParams {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// The outcome of a client that trusts `ca`, with a server that has `identity`.
fn assert_accepted(ca: &Arc<[u8]>, identity: &Identity) {
    let server = serving(identity);
    let exchange = send_over(&Transport::new(), &trusting(ca), &url(&server));
    assert_eq!(text(&received(exchange)), "ok");
}

fn out_of_time(mut params: CertificateParams) -> CertificateParams {
    (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    params
}

fn for_another() -> CertificateParams {
    CertificateParams::new(vec!["example.org".to_owned()]).unwrap()
}

fn for_clients(mut params: CertificateParams) -> CertificateParams {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

#[test]
fn a_server_certificate_marked_as_a_ca_is_accepted_if_its_chain_is_valid() {
    let ca = Ca::new();
    assert_accepted(&ca.pem, &ca.sign(marked_as_ca(for_loopback())));
    let mut constrained = for_loopback();
    constrained.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    assert_accepted(&ca.pem, &ca.sign(constrained));

    let refused = |ca: &Ca, identity: &Identity, why: &str| {
        let (kind, detail) = refusal(&ca.pem, identity);
        assert_eq!(kind, CERTIFICATE);
        assert!(detail.starts_with(&format!("the server's certificate {why}")), "{detail}");
    };
    refused(&ca, &ca.sign(marked_as_ca(for_another())), "is not valid for the name 127.0.0.1");
    refused(&ca, &ca.sign(marked_as_ca(out_of_time(for_loopback()))), "has expired");
    refused(&ca, &ca.sign(marked_as_ca(for_clients(for_loopback()))), "is not meant for servers");
    let untrusted = Ca::named("an unknown CA");
    refused(
        &ca,
        &untrusted.sign(marked_as_ca(for_loopback())),
        "is not trusted: its issuer is unknown",
    );
    // With the same name, but another key.
    let forged = Ca::new().sign(marked_as_ca(for_loopback()));
    refused(&ca, &forged, "is not signed by the issuer that it names");
    let mut limited = CertificateParams::new(Vec::new()).unwrap();
    limited.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example.org".into())],
        excluded_subtrees: Vec::new(),
    });
    let limited = Ca::of(limited, "a limited CA");
    refused(&limited, &limited.sign(marked_as_ca(for_loopback())), "breaks a limit");
}

#[test]
fn bytes_that_look_like_the_ca_mark_do_not_hide_it() {
    let mut params = marked_as_ca(for_loopback());
    // These bytes are also in an address of the certificate, which comes first.
    let decoy = [6, 3, 0x55, 0x1d, 0x13, 4, 5, 0x30, 3, 1, 1, 0xff, 0, 0, 0, 0];
    params.subject_alt_names.insert(0, SanType::IpAddress(decoy.into()));
    let ca = Ca::new();
    let (kind, detail) = refusal(&ca.pem, &ca.sign(params));
    assert_eq!(kind, CERTIFICATE);
    assert_eq!(detail, "the server's certificate is not meant for servers: it is an authority's");
}

#[test]
fn a_certificate_that_is_itself_trusted_needs_no_issuer() {
    let ca = Ca::named("an unknown CA");
    for params in [for_loopback(), marked_as_ca(for_loopback())] {
        let identity = ca.sign(params);
        assert_accepted(&identity.pem(), &identity);
        // It does not make other certificates of its issuer trusted.
        let (kind, detail) = refusal(&identity.pem(), &ca.sign(for_loopback()));
        assert_eq!(kind, CERTIFICATE);
        let unknown = "the server's certificate is not trusted: its issuer is unknown";
        assert_eq!(detail, unknown);
    }
    for (params, why) in [
        (for_another(), "is not valid for the name 127.0.0.1"),
        (out_of_time(for_loopback()), "has expired"),
        (for_clients(for_loopback()), "is not meant for servers"),
    ] {
        let identity = ca.sign(params);
        let (kind, detail) = refusal(&identity.pem(), &identity);
        assert_eq!(kind, CERTIFICATE);
        assert!(detail.starts_with(&format!("the server's certificate {why}")), "{detail}");
    }
}

#[test]
fn a_trusted_server_certificate_cannot_sign_others() {
    for server in [Ca::new().sign(for_loopback()), self_signed(for_loopback(), false)] {
        let pem = server.pem();
        let key = KeyPair::generate().unwrap();
        let mut params = for_loopback();
        params.distinguished_name.push(DnType::CommonName, "forged by who has the server's key");
        let issuer = Issuer::new(for_loopback(), server.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let (kind, detail) = refusal(&pem, &Identity { certificate, key });
        assert_eq!(kind, CERTIFICATE);
        let unknown = "the server's certificate is not trusted: its issuer is unknown";
        assert_eq!(detail, unknown);
    }
}

#[test]
fn only_without_verification_any_server_is_accepted() {
    let identity = self_signed(for_loopback(), true);
    let transport = Transport::new();
    let config = config(&identity);
    let server = Server::start(move |listener| {
        let mut kept = Vec::new();
        for _ in 0..2 {
            let mut peer = secure(Peer::accept(&listener), &config);
            if peer.next_request().is_some() {
                peer.send(OK);
            }
            kept.push(peer);
        }
    });
    let unverified = TlsSettings { verify: false, ..TlsSettings::default() };
    assert_eq!(text(&received(send_over(&transport, &unverified, &url(&server)))), "ok");
    // A connection opened without verification must not serve a request with it.
    let strict = trusting(&Ca::new().pem);
    let refused = error_of(send_over(&transport, &strict, &url(&server)));
    assert_eq!(refused.kind, CERTIFICATE);
}

#[test]
fn a_second_connection_resumes_the_session_of_the_first() {
    let ca = Ca::new();
    let config = config(&ca.sign(for_loopback()));
    let server = Server::start(move |listener| {
        for expected in [rustls::HandshakeKind::Full, rustls::HandshakeKind::Resumed] {
            let mut peer = secure(Peer::accept(&listener), &config);
            peer.request();
            assert_eq!(peer.stream.conn.handshake_kind(), Some(expected));
            peer.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let (transport, tls) = (Transport::new(), trusting(&ca.pem));
    for _ in 0..2 {
        let exchange = send_over(&transport, &tls, &url(&server));
        assert!(exchange.record.opened_connection);
        assert_eq!(text(&received(exchange)), "ok");
    }
}

/// Serves two TLS connections: responds to a request on the first, runs `then` on it, and responds
/// to requests on either, whichever the client uses.
fn then_again(
    then: impl FnOnce(&mut TlsPeer) + Send + 'static,
) -> (ExchangeResult, ExchangeResult) {
    let ca = Ca::new();
    let config = config(&ca.sign(for_loopback()));
    let (done, wait) = std::sync::mpsc::channel();
    let server = Server::start(move |listener| {
        let mut peer = secure(Peer::accept(&listener), &config);
        peer.request();
        peer.send(OK);
        then(&mut peer);
        done.send(()).unwrap();
        if peer.next_request().is_some() {
            peer.send(OK);
            return;
        }
        let mut peer = secure(Peer::accept(&listener), &config);
        peer.request();
        peer.send(OK);
    });
    let (transport, tls) = (Transport::new(), trusting(&ca.pem));
    let first = send_over(&transport, &tls, &url(&server));
    wait.recv().unwrap();
    (first, send_over(&transport, &tls, &url(&server)))
}

#[test]
fn a_tls_message_does_not_close_an_idle_connection() {
    use std::io::Write;
    let (first, second) = then_again(|peer| {
        peer.stream.conn.refresh_traffic_keys().unwrap();
        peer.stream.flush().unwrap();
    });
    received(first);
    assert!(second.record.reused_connection, "the connection was not reused");
    received(second);
}

#[test]
fn bytes_after_a_response_are_never_read_as_the_next_one_over_tls() {
    let (first, second) = then_again(|peer| {
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
    });
    received(first);
    assert!(second.record.opened_connection, "the connection was reused");
    assert_eq!(text(&received(second)), "ok");
}

#[test]
fn a_connection_whose_tls_session_the_server_has_ended_is_not_reused() {
    use std::io::Write;
    let (first, second) = then_again(|peer| {
        peer.stream.conn.send_close_notify();
        peer.stream.flush().unwrap();
    });
    received(first);
    assert!(second.record.opened_connection, "the connection was reused");
    assert_eq!(text(&received(second)), "ok");
}

#[test]
fn a_client_sends_close_notify() {
    use std::io::Read;
    let ca = Ca::new();
    let config = config(&ca.sign(for_loopback()));
    let server = Server::once(move |peer| {
        let mut peer = secure(peer, &config);
        peer.request();
        peer.send(OK);
        let end = peer.stream.read(&mut [0]);
        assert_eq!(end.unwrap(), 0, "the client sent no close_notify");
    });
    let transport = Transport::new();
    received(send_over(&transport, &trusting(&ca.pem), &url(&server)));
    drop(transport);
}

#[test]
fn the_error_names_a_port_without_tls() {
    let server = Server::once(|mut peer| {
        use std::io::Read;
        let _ = peer.stream.read(&mut [0; 1024]);
        peer.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    });
    let error = error_of(send_over(&Transport::new(), &TlsSettings::default(), &url(&server)));
    assert_eq!(error.kind, TransportErrorKind::Tls { certificate: false });
    assert_eq!(error.detail, "the server does not speak TLS on this port");
}

#[test]
fn a_server_below_the_minimum_version_is_refused_with_the_reason() {
    let ca = Ca::new();
    let identity = ca.sign(for_loopback());
    let config = old_config(&identity);
    let server = Server::once(move |peer| {
        secure(peer, &config).next_request();
    });
    let tls = TlsSettings { min_version: TlsVersion::Tls13, ..trusting(&ca.pem) };
    let error = error_of(send_over(&Transport::new(), &tls, &url(&server)));
    assert_eq!(error.kind, TransportErrorKind::Tls { certificate: false });
    assert_eq!(error.detail, "the server speaks no version of TLS that is allowed here");
}

#[test]
fn tls_1_2_is_spoken_with_servers_that_know_no_newer() {
    let ca = Ca::new();
    let config = old_config(&ca.sign(for_loopback()));
    let server = Server::once(move |peer| {
        let mut peer = secure(peer, &config);
        for _ in 0..2 {
            peer.request();
            peer.send(OK);
        }
    });
    let (transport, tls) = (Transport::new(), trusting(&ca.pem));
    for _ in 0..2 {
        assert_eq!(text(&received(send_over(&transport, &tls, &url(&server)))), "ok");
    }
}

#[test]
fn a_server_without_a_preference_uses_aes_128() {
    use rustls::CipherSuite::*;
    let ca = Ca::new();
    let identity = ca.sign(for_loopback());
    for (config, expected) in [
        (config(&identity), TLS13_AES_128_GCM_SHA256),
        (old_config(&identity), TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ] {
        let server = Server::once(move |peer| {
            let mut peer = secure(peer, &config);
            peer.request();
            let suite = peer.stream.conn.negotiated_cipher_suite().unwrap();
            assert_eq!(suite.suite(), expected);
            peer.send(OK);
        });
        received(send_over(&Transport::new(), &trusting(&ca.pem), &url(&server)));
    }
}

#[test]
fn a_body_truncated_under_tls_is_an_error() {
    let ca = Ca::new();
    let config = config(&ca.sign(for_loopback()));
    let server = Server::once(move |peer| {
        let mut peer = secure(peer, &config);
        peer.request();
        // The end of the connection is the end of the body, but there is no close_notify: an
        // attacker could have cut the connection.
        peer.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it");
    });
    let error = error_of(send_over(&Transport::new(), &trusting(&ca.pem), &url(&server)));
    assert_eq!(error.kind, TransportErrorKind::Closed);
    assert_eq!(error.detail, "the server closed the connection without ending TLS");
    assert_eq!(error.body, b"half of it");
    assert_eq!(error.head.unwrap().status, 200);
}

#[test]
fn a_large_body_arrives_complete_over_tls() {
    let ca = Ca::new();
    let config = config(&ca.sign(for_loopback()));
    let sent: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let expected = sent.clone();
    let server = Server::once(move |peer| {
        let mut peer = secure(peer, &config);
        let seen = peer.request();
        peer.send(
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", seen.body.len()).as_bytes(),
        );
        peer.send(&seen.body);
    });
    let tls = trusting(&ca.pem);
    let options = ConnectionOptions::new(&tls, limits());
    let request = request("POST", &url(&server));
    let exchange = Transport::new().exchange(&options, (&request).into(), Body::Bytes(&sent));
    assert!(received(exchange).body == expected, "the body has changed");
}

#[test]
fn unusable_certificates_are_refused_when_they_are_set() {
    use crate::code::Code;
    let ca = Ca::new();
    let (one, other) = (ca.sign(for_loopback()), ca.sign(for_loopback()));
    let key_of = |identity: &Identity| SecretPem::new(identity.key.serialize_pem().into_bytes());
    assert_eq!(check_ca_pem(&ca.pem), Ok(()));
    assert_eq!(check_client_pem(&one.pem(), &key_of(&one), None), Ok(key_of(&one)));
    for wrong in [b"".as_slice(), b"not PEM", one.key.serialize_pem().as_bytes()] {
        assert_eq!(check_ca_pem(wrong).unwrap_err().code, Code::Certificate);
    }
    let mixed = check_client_pem(&one.pem(), &key_of(&other), None).unwrap_err();
    assert_eq!(mixed.code, Code::Certificate);
    for encrypted in [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n\
         MAA=\n-----END RSA PRIVATE KEY-----\n",
    ] {
        let key = SecretPem::new(encrypted.as_bytes().to_vec());
        let refused = check_client_pem(&one.pem(), &key, None).unwrap_err();
        assert_eq!(refused.code, Code::Certificate);
        assert!(refused.message.contains("is encrypted"), "{refused}");
    }
}
