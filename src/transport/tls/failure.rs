//! rustls's errors in words that say what to do.

use rustls::pki_types::ServerName;
use rustls::{CertificateError, Error};

use crate::transport::fault::{Failure, FaultKind};

use super::verify::used_as_ca;

/// What a failed handshake or a broken record means.
pub(super) fn explain(error: Error, name: &ServerName<'_>) -> Failure {
    let certificate =
        matches!(error, Error::InvalidCertificate(_) | Error::NoCertificatesPresented);
    let detail = match error {
        Error::InvalidCertificate(error) => unfit(error, name),
        Error::NoCertificatesPresented => "the server shows no certificate".into(),
        Error::AlertReceived(alert) => format!("the server refused the TLS handshake: {alert:?}"),
        Error::InvalidMessage(_) => "the server does not speak TLS on this port".into(),
        Error::PeerIncompatible(why) => {
            format!("the server speaks no version or cipher of TLS in common with us: {why:?}")
        }
        Error::PeerMisbehaved(why) => {
            format!("the server does not keep to the TLS protocol: {why:?}")
        }
        Error::NoApplicationProtocol => "the server does not speak HTTP/1.1".into(),
        other => format!("TLS failed: {other}"),
    };
    Failure::new(FaultKind::Tls { certificate }, detail)
}

fn unfit(error: CertificateError, name: &ServerName<'_>) -> String {
    use CertificateError as E;
    let name = name.to_str();
    match error {
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            format!("certificate is not valid for the name {name}")
        }
        E::Expired | E::ExpiredContext { .. } => "certificate has expired".into(),
        E::NotValidYet | E::NotValidYetContext { .. } => "certificate is not valid yet".into(),
        E::UnknownIssuer => {
            "certificate is not trusted: it is self-signed, or its issuer is unknown".into()
        }
        E::BadSignature => "certificate is not signed by the issuer that it names".into(),
        E::Revoked => "certificate has been revoked".into(),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "certificate is not meant for servers".into()
        }
        E::BadEncoding => "certificate is not correctly encoded".into(),
        error if used_as_ca(&error) => "certificate is not trusted: it is self-signed".into(),
        other => format!("certificate is not acceptable: {other}"),
    }
}
