//! rustls's errors in words that say what to do.

use std::fmt;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

use crate::transport::error::{TransportError, TransportErrorKind};

use super::certificate_error;

/// Who was to be spoken to, and how.
pub(super) struct ServerInfo {
    pub(super) name: ServerName<'static>,
    /// Whether there is a certificate of ours for servers that ask.
    pub(super) shows_certificate: bool,
}

impl ServerInfo {
    /// What a failed handshake or a broken record means.
    pub(super) fn explain(&self, error: Error) -> TransportError {
        let (certificate, detail) = match error {
            Error::InvalidCertificate(error) => {
                let why = certificate_error::describe(&error, &self.name.to_str());
                (true, format!("the server's certificate {why}"))
            }
            Error::NoCertificatesPresented => (true, "the server shows no certificate".into()),
            Error::AlertReceived(alert) => self.alert_error(alert),
            other => (false, other_error_text(&other)),
        };
        TransportError::new(TransportErrorKind::Tls { certificate }, detail)
    }

    /// What the server has against us (RFC 8446 section 6.2), and whether it is our certificate.
    fn alert_error(&self, alert: AlertDescription) -> (bool, String) {
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
            other => return (false, self.alert_text(other)),
        };
        let detail = match of_certificate.filter(|_| self.shows_certificate) {
            Some(why) => format!("the server does not accept the client certificate: {why}"),
            None => "the server demands a client certificate".into(),
        };
        (true, detail)
    }

    fn alert_text(&self, alert: AlertDescription) -> String {
        use AlertDescription as A;
        match alert {
            A::ProtocolVersion => "the server speaks no version of TLS that is allowed here".into(),
            A::HandshakeFailure | A::InsufficientSecurity if self.shows_certificate => {
                "the server found no cipher or signature of TLS in common with us, or does not accept the \
                 client certificate"
                    .into()
            }
            A::HandshakeFailure | A::InsufficientSecurity => {
                "the server found no cipher or signature of TLS in common with us, or demands a client \
                 certificate"
                    .into()
            }
            A::UnrecognisedName => {
                format!("the server does not know the name {}", self.name.to_str())
            }
            A::NoApplicationProtocol => "the server does not speak HTTP/1.1".into(),
            other => format!("the server refused the TLS handshake: {}", variant_words(&other)),
        }
    }
}

/// What went wrong beyond certificates and alerts.
fn other_error_text(error: &Error) -> String {
    const UNLIKE: &str = "the server does not keep to the TLS protocol";
    match error {
        Error::InvalidMessage(why) => match why {
            InvalidMessage::InvalidContentType
            | InvalidMessage::InvalidEmptyPayload
            | InvalidMessage::MessageTooLarge
            | InvalidMessage::MessageTooShort
            | InvalidMessage::UnknownProtocolVersion => {
                "the server does not speak TLS on this port".into()
            }
            why => format!("{UNLIKE}: {}", variant_words(why)),
        },
        Error::PeerMisbehaved(why) => format!("{UNLIKE}: {}", variant_words(why)),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            format!("{UNLIKE}: a message comes out of turn")
        }
        Error::PeerSentOversizedRecord => format!("{UNLIKE}: a record is too long"),
        Error::PeerIncompatible(why) => incompatible_text(why).into(),
        Error::NoApplicationProtocol => "the server does not speak HTTP/1.1".into(),
        Error::DecryptError => {
            "what the server sent cannot be decrypted: it was changed on the way".into()
        }
        Error::UnsupportedNameType => "the host is no name that a certificate can bear".into(),
        Error::FailedToGetRandomBytes => "the system has no random bytes for TLS".into(),
        Error::FailedToGetCurrentTime => "the system does not know the time".into(),
        // In words already, and of rustls itself.
        Error::General(why) => format!("TLS failed: {why}"),
        _ => "TLS failed".into(),
    }
}

/// What the server cannot do, or we cannot.
fn incompatible_text(why: &PeerIncompatible) -> &'static str {
    use PeerIncompatible as P;
    match why {
        P::ServerDoesNotSupportTls12Or13 | P::ServerTlsVersionIsDisabledByOurConfig => {
            "the server speaks no version of TLS that is allowed here"
        }
        P::NoCertificateRequestSignatureSchemesInCommon => {
            "the server takes no signature that the key of the client certificate can make"
        }
        P::ExtendedMasterSecretExtensionRequired => {
            "the server lacks the extended master secret (RFC 7627)"
        }
        _ => "the server has no cipher, key exchange or signature of TLS in common with us",
    }
}

/// The name of a variant in words: `SelectedUnofferedKxGroup` is "selected unoffered kx group".
fn variant_words(variant: &impl fmt::Debug) -> String {
    let name = format!("{variant:?}");
    let mut words = String::with_capacity(name.len());
    let mut previous = ' ';
    for character in name.chars().take_while(char::is_ascii_alphanumeric) {
        if character.is_ascii_uppercase() && previous.is_ascii_lowercase() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
        previous = character;
    }
    words
}

#[cfg(test)]
mod tests;
