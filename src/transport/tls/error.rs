//! Texts for rustls's errors, which say what to do.

use std::fmt;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

use crate::transport::error::{TransportError, TransportErrorKind};

use super::certificate_error;

/// The server, and the parts of the configuration that its errors depend on.
pub(super) struct ServerInfo {
    pub(super) name: ServerName<'static>,
    /// Whether there is a client certificate for servers that ask for one.
    pub(super) shows_certificate: bool,
}

impl ServerInfo {
    /// The meaning of a failed handshake or a broken record.
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

    /// The meaning of the server's alert (RFC 8446 section 6.2), and whether it is about the client
    /// certificate.
    fn alert_error(&self, alert: AlertDescription) -> (bool, String) {
        use AlertDescription as A;
        let of_certificate = match alert {
            A::CertificateRequired | A::NoCertificate => None,
            A::CertificateExpired => Some("it has expired"),
            A::CertificateRevoked => Some("it has been revoked"),
            A::UnknownCA => Some("it does not know the issuer"),
            A::UnsupportedCertificate => Some("its type is not supported"),
            A::BadCertificate => Some("it is invalid"),
            A::CertificateUnknown => Some("it does not say why"),
            A::AccessDenied => Some("access is denied"),
            other => return (false, self.alert_text(other)),
        };
        let detail = match of_certificate.filter(|_| self.shows_certificate) {
            Some(why) => format!("the server does not accept the client certificate: {why}"),
            None => "the server requires a client certificate".into(),
        };
        (true, detail)
    }

    fn alert_text(&self, alert: AlertDescription) -> String {
        use AlertDescription as A;
        match alert {
            A::ProtocolVersion => "the server speaks no version of TLS that is allowed here".into(),
            A::HandshakeFailure | A::InsufficientSecurity if self.shows_certificate => {
                "the server found no common cipher or signature algorithm, or does not accept the client \
                 certificate"
                    .into()
            }
            A::HandshakeFailure | A::InsufficientSecurity => {
                "the server found no common cipher or signature algorithm, or requires a client certificate"
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

/// The errors other than certificates and alerts.
fn other_error_text(error: &Error) -> String {
    const VIOLATION: &str = "the server violates the TLS protocol";
    match error {
        Error::InvalidMessage(why) => match why {
            InvalidMessage::InvalidContentType
            | InvalidMessage::InvalidEmptyPayload
            | InvalidMessage::MessageTooLarge
            | InvalidMessage::MessageTooShort
            | InvalidMessage::UnknownProtocolVersion => {
                "the server does not speak TLS on this port".into()
            }
            why => format!("{VIOLATION}: {}", variant_words(why)),
        },
        Error::PeerMisbehaved(why) => format!("{VIOLATION}: {}", variant_words(why)),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            format!("{VIOLATION}: an unexpected message")
        }
        Error::PeerSentOversizedRecord => format!("{VIOLATION}: a record is too long"),
        Error::PeerIncompatible(why) => incompatible_text(why).into(),
        Error::NoApplicationProtocol => "the server does not speak HTTP/1.1".into(),
        Error::DecryptError => {
            "data from the server cannot be decrypted: it was changed in transit".into()
        }
        Error::UnsupportedNameType => {
            "the host is not a name that a certificate can contain".into()
        }
        Error::FailedToGetRandomBytes => "the system has no random bytes for TLS".into(),
        Error::FailedToGetCurrentTime => "the system's clock cannot be read".into(),
        // Already a text, and from rustls itself.
        Error::General(why) => format!("TLS failed: {why}"),
        _ => "TLS failed".into(),
    }
}

/// A feature that one side does not support.
fn incompatible_text(why: &PeerIncompatible) -> &'static str {
    use PeerIncompatible as P;
    match why {
        P::ServerDoesNotSupportTls12Or13 | P::ServerTlsVersionIsDisabledByOurConfig => {
            "the server speaks no version of TLS that is allowed here"
        }
        P::NoCertificateRequestSignatureSchemesInCommon => {
            "the server supports no signature algorithm of the client certificate's key"
        }
        P::ExtendedMasterSecretExtensionRequired => {
            "the server lacks the extended master secret (RFC 7627)"
        }
        _ => {
            "the server and this client have no cipher, key exchange or signature algorithm in common"
        }
    }
}

/// The name of a variant as words: `SelectedUnofferedKxGroup` is "selected unoffered kx group".
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
