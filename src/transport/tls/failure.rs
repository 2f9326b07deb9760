//! rustls's errors in words that say what to do.

use std::time::{Duration, SystemTime};

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, Error};

use crate::transport::fault::{Failure, FaultKind};

use super::verify::{self_signed, used_as_ca};

/// Of the names in a certificate, as many as help.
const NAMES_SHOWN: usize = 3;

/// Who was to be spoken to, and how.
pub(super) struct Peer {
    pub(super) name: ServerName<'static>,
    /// Whether there is a certificate of ours for servers that ask.
    pub(super) shows_certificate: bool,
}

impl Peer {
    /// What a failed handshake or a broken record means.
    pub(super) fn explain(&self, error: Error) -> Failure {
        let (certificate, detail) = match error {
            Error::InvalidCertificate(error) => (true, self.unfit(error)),
            Error::NoCertificatesPresented => (true, "the server shows no certificate".into()),
            Error::AlertReceived(alert) => self.refused(alert),
            Error::InvalidMessage(_) => {
                (false, "the server does not speak TLS on this port".into())
            }
            Error::PeerIncompatible(why) => {
                let detail = "the server speaks no version or cipher of TLS in common with us";
                (false, format!("{detail}: {why:?}"))
            }
            Error::PeerMisbehaved(why) => {
                (false, format!("the server does not keep to the TLS protocol: {why:?}"))
            }
            Error::NoApplicationProtocol => (false, "the server does not speak HTTP/1.1".into()),
            other => (false, format!("TLS failed: {other}")),
        };
        Failure::new(FaultKind::Tls { certificate }, detail)
    }

    /// What the server has against us (RFC 8446 section 6.2), and whether it is our certificate.
    fn refused(&self, alert: AlertDescription) -> (bool, String) {
        use AlertDescription as A;
        let of_certificate = match alert {
            A::CertificateRequired | A::NoCertificate => None,
            A::CertificateExpired => Some("it has expired"),
            A::CertificateRevoked => Some("it has been revoked"),
            A::UnknownCA => Some("it does not know the issuer"),
            A::UnsupportedCertificate => Some("it is of a kind that it does not support"),
            A::BadCertificate => Some("it finds it bad"),
            A::CertificateUnknown => Some("it does not say why"),
            A::AccessDenied => Some("it is not admitted"),
            other => return (false, self.alerted(other)),
        };
        let detail = match of_certificate.filter(|_| self.shows_certificate) {
            Some(why) => format!("the server does not accept the client certificate: {why}"),
            None => "the server demands a client certificate".into(),
        };
        (true, detail)
    }

    fn alerted(&self, alert: AlertDescription) -> String {
        use AlertDescription as A;
        match alert {
            A::ProtocolVersion => "the server speaks no version of TLS that is allowed here".into(),
            A::HandshakeFailure | A::InsufficientSecurity if self.shows_certificate => {
                "the server found no cipher of TLS in common with us, or does not accept the \
                 client certificate"
                    .into()
            }
            A::HandshakeFailure | A::InsufficientSecurity => {
                "the server found no cipher of TLS in common with us, or demands a client \
                 certificate"
                    .into()
            }
            A::UnrecognisedName => {
                format!("the server does not know the name {}", self.name.to_str())
            }
            other => format!("the server refused the TLS handshake: {other:?}"),
        }
    }

    fn unfit(&self, error: CertificateError) -> String {
        use CertificateError as E;
        let name = self.name.to_str();
        let why = match error {
            E::NotValidForName => format!("is not valid for the name {name}"),
            E::NotValidForNameContext { presented, .. } => {
                format!("is not valid for the name {name}{}", names(&presented))
            }
            E::Expired => "has expired".into(),
            E::ExpiredContext { not_after, .. } => {
                format!("has expired: it was valid until {}", date(not_after))
            }
            E::NotValidYet => "is not valid yet".into(),
            E::NotValidYetContext { not_before, .. } => {
                format!("is not valid yet: it will be from {} on", date(not_before))
            }
            E::UnknownIssuer => "is not trusted: its issuer is unknown".into(),
            E::BadSignature => "is not signed by the issuer that it names".into(),
            E::Revoked => "has been revoked".into(),
            E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
                "is not meant for servers".into()
            }
            E::BadEncoding => "is not correctly encoded".into(),
            error if self_signed(&error) => {
                "is not trusted: it is self-signed, and not given as trusted".into()
            }
            error if used_as_ca(&error) => "is not meant for servers: it is an authority's".into(),
            other => format!("is not acceptable: {other}"),
        };
        format!("the server's certificate {why}")
    }
}

/// The names that a certificate bears instead.
fn names(presented: &[String]) -> String {
    // As rustls gives them: `DnsName("h")`, `IpAddress(::1)`.
    let bare = |name: &String| {
        let inner = name.strip_prefix("DnsName(").or_else(|| name.strip_prefix("IpAddress("))?;
        let inner = inner.strip_suffix(')')?.trim_matches('"');
        (!inner.contains(char::is_control)).then(|| inner.to_owned())
    };
    let shown: Vec<String> = presented.iter().filter_map(bare).take(NAMES_SHOWN).collect();
    let more = if presented.len() > shown.len() { ", …" } else { "" };
    if shown.is_empty() { String::new() } else { format!(", but for {}{more}", shown.join(", ")) }
}

fn date(time: UnixTime) -> String {
    /// What comes behind the year 9999 cannot be written.
    const END: u64 = 253_402_300_800;
    let seconds = time.as_secs();
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    match time.filter(|_| seconds < END) {
        Some(time) => httpdate::fmt_http_date(time),
        None => "the year 10000".into(),
    }
}
