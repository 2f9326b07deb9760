//! Every error of rustls and webpki that a server can cause has a plain text.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{
    AlertDescription as A, CertificateError as C, ContentType, EncryptedClientHelloError, Error,
    ExtendedKeyPurpose, HandshakeType, InconsistentKeys, InvalidMessage as I, OtherError,
    PeerIncompatible as P, PeerMisbehaved as M,
};
use webpki::{DerTypeId, Error as W};

use super::*;

const MISBEHAVED: &[M] = &[
    M::AttemptedDowngradeToTls12WhenTls13IsSupported,
    M::BadCertChainExtensions,
    M::CipherSuiteDifferedOnRetry,
    M::DisallowedEncryptedExtension,
    M::DuplicateClientHelloExtensions,
    M::DuplicateEncryptedExtensions,
    M::DuplicateHelloRetryRequestExtensions,
    M::DuplicateNewSessionTicketExtensions,
    M::DuplicateServerHelloExtensions,
    M::DuplicateServerNameTypes,
    M::EarlyDataAttemptedInSecondClientHello,
    M::EarlyDataExtensionWithoutResumption,
    M::EarlyDataOfferedWithVariedCipherSuite,
    M::EchAcceptanceVariedAfterRetry,
    M::HandshakeHashVariedAfterRetry,
    M::IllegalHelloRetryRequestWithEmptyCookie,
    M::IllegalHelloRetryRequestWithNoChanges,
    M::IllegalHelloRetryRequestWithOfferedGroup,
    M::IllegalHelloRetryRequestWithUnofferedCipherSuite,
    M::IllegalHelloRetryRequestWithUnofferedNamedGroup,
    M::IllegalHelloRetryRequestWithUnsupportedVersion,
    M::IllegalHelloRetryRequestWithWrongSessionId,
    M::IllegalHelloRetryRequestWithInvalidEch,
    M::IllegalMiddleboxChangeCipherSpec,
    M::IllegalTlsInnerPlaintext,
    M::IncorrectBinder,
    M::InvalidCertCompression,
    M::InvalidMaxEarlyDataSize,
    M::InvalidKeyShare,
    M::KeyEpochWithPendingFragment,
    M::KeyUpdateReceivedInQuicConnection,
    M::MessageInterleavedWithHandshakeMessage,
    M::MissingBinderInPskExtension,
    M::MissingKeyShare,
    M::MissingPskExtensionInSecondClientHello,
    M::MissingPskModesExtension,
    M::MissingQuicTransportParameters,
    M::OfferedDuplicateCertificateCompressions,
    M::OfferedDuplicateKeyShares,
    M::OfferedEarlyDataWithOldProtocolVersion,
    M::OfferedEmptyApplicationProtocol,
    M::OfferedIncorrectCompressions,
    M::PskExtensionMustBeLast,
    M::PskExtensionWithMismatchedIdsAndBinders,
    M::RefusedToFollowHelloRetryRequest,
    M::RejectedEarlyDataInterleavedWithHandshakeMessage,
    M::ResumptionAttemptedWithVariedEms,
    M::ResumptionOfferedWithVariedCipherSuite,
    M::ResumptionOfferedWithVariedEms,
    M::ResumptionOfferedWithIncompatibleCipherSuite,
    M::SelectedDifferentCipherSuiteAfterRetry,
    M::SelectedInvalidPsk,
    M::SelectedTls12UsingTls13VersionExtension,
    M::SelectedUnofferedApplicationProtocol,
    M::SelectedUnofferedCertCompression,
    M::SelectedUnofferedCipherSuite,
    M::SelectedUnofferedCompression,
    M::SelectedUnofferedKxGroup,
    M::SelectedUnofferedPsk,
    M::SelectedUnusableCipherSuiteForVersion,
    M::ServerEchoedCompatibilitySessionId,
    M::ServerHelloMustOfferUncompressedEcPoints,
    M::ServerNameDifferedOnRetry,
    M::ServerNameMustContainOneHostName,
    M::SignedKxWithWrongAlgorithm,
    M::SignedHandshakeWithUnadvertisedSigScheme,
    M::TooManyEmptyFragments,
    M::TooManyKeyUpdateRequests,
    M::TooManyRenegotiationRequests,
    M::TooManyWarningAlertsReceived,
    M::TooMuchEarlyDataReceived,
    M::UnexpectedCleartextExtension,
    M::UnsolicitedCertExtension,
    M::UnsolicitedEncryptedExtension,
    M::UnsolicitedSctList,
    M::UnsolicitedServerHelloExtension,
    M::WrongGroupForKeyShare,
    M::UnsolicitedEchExtension,
];

const INCOMPATIBLE: &[P] = &[
    P::EcPointsExtensionRequired,
    P::ExtendedMasterSecretExtensionRequired,
    P::IncorrectCertificateTypeExtension,
    P::KeyShareExtensionRequired,
    P::NamedGroupsExtensionRequired,
    P::NoCertificateRequestSignatureSchemesInCommon,
    P::NoCipherSuitesInCommon,
    P::NoEcPointFormatsInCommon,
    P::NoKxGroupsInCommon,
    P::NoSignatureSchemesInCommon,
    P::NullCompressionRequired,
    P::ServerDoesNotSupportTls12Or13,
    P::ServerSentHelloRetryRequestWithUnknownExtension,
    P::ServerTlsVersionIsDisabledByOurConfig,
    P::SignatureAlgorithmsExtensionRequired,
    P::SupportedVersionsExtensionRequired,
    P::Tls12NotOffered,
    P::Tls12NotOfferedOrEnabled,
    P::Tls13RequiredForQuic,
    P::UncompressedEcPointsRequired,
    P::UnsolicitedCertificateTypeExtension,
];

const INVALID: &[I] = &[
    I::CertificatePayloadTooLarge,
    I::HandshakePayloadTooLarge,
    I::InvalidCcs,
    I::InvalidContentType,
    I::InvalidCertificateStatusType,
    I::InvalidCertRequest,
    I::InvalidDhParams,
    I::InvalidEmptyPayload,
    I::InvalidKeyUpdate,
    I::InvalidServerName,
    I::MessageTooLarge,
    I::MessageTooShort,
    I::MissingData("ServerHello"),
    I::MissingKeyExchange,
    I::NoSignatureSchemes,
    I::TrailingData("ServerHello"),
    I::UnexpectedMessage("ServerHello"),
    I::UnknownProtocolVersion,
    I::UnsupportedCompression,
    I::UnsupportedCurveType,
    I::EmptyTicketValue,
    I::IllegalEmptyList("ServerHello"),
    I::IllegalEmptyValue,
    I::DuplicateExtension(7),
    I::PreSharedKeyIsNotFinalExtension,
    I::UnknownHelloRetryRequestExtension,
    I::UnknownCertificateExtension,
];

fn of_webpki() -> Vec<W> {
    let time = UnixTime::since_unix_epoch(Duration::from_secs(1));
    vec![
        W::BadDer,
        W::BadDerTime,
        W::CaUsedAsEndEntity,
        W::CertDistrusted,
        W::CertExpired { time, not_after: time },
        W::CertNotValidYet { time, not_before: time },
        W::CertRevoked,
        W::CrlExpired { time, next_update: time },
        W::EmptyEkuExtension,
        W::EndEntityUsedAsCa,
        W::ExtensionValueInvalid,
        W::InvalidCertValidity,
        W::InvalidCrlNumber,
        W::InvalidNetworkMaskConstraint,
        W::InvalidSerialNumber,
        W::InvalidCrlSignatureForPublicKey,
        W::InvalidSignatureForPublicKey,
        W::IssuerNotCrlSigner,
        W::MalformedDnsIdentifier,
        W::MalformedExtensions,
        W::MalformedNameConstraint,
        W::MaximumNameConstraintComparisonsExceeded,
        W::MaximumPathBuildCallsExceeded,
        W::MaximumPathDepthExceeded,
        W::MaximumSignatureChecksExceeded,
        W::NameConstraintViolation,
        W::PathLenConstraintViolated,
        W::SignatureAlgorithmMismatch,
        W::TrailingData(DerTypeId::Certificate),
        W::UnknownIssuer,
        W::UnknownRevocationStatus,
        W::UnsupportedCertVersion,
        W::UnsupportedCriticalExtension,
        W::UnsupportedCrlIssuingDistributionPoint,
        W::UnsupportedCrlVersion,
        W::UnsupportedDeltaCrl,
        W::UnsupportedIndirectCrl,
        W::UnsupportedNameType,
        W::UnsupportedRevocationReason,
        W::UnsupportedRevocationReasonsPartitioning,
    ]
}

fn of_certificates() -> Vec<C> {
    let time = UnixTime::since_unix_epoch(Duration::from_secs(1));
    let name = ServerName::try_from("example.org").unwrap();
    let p521 = vec![6, 7, 42, 134, 72, 206, 61, 2, 1, 6, 5, 43, 129, 4, 0, 35];
    let sha512 = vec![6, 8, 42, 134, 72, 206, 61, 4, 3, 4];
    let other = |error: W| C::Other(OtherError(Arc::new(error)));
    let strange = C::Other(OtherError(Arc::new(std::fmt::Error)));
    let mut all = vec![
        C::BadEncoding,
        C::Expired,
        C::ExpiredContext { time, not_after: time },
        C::NotValidYet,
        C::NotValidYetContext { time, not_before: time },
        C::Revoked,
        C::UnhandledCriticalExtension,
        C::UnknownIssuer,
        C::UnknownRevocationStatus,
        C::ExpiredRevocationList,
        C::ExpiredRevocationListContext { time, next_update: time },
        C::BadSignature,
        C::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: sha512.clone(),
            supported_algorithms: Vec::new(),
        },
        C::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id: sha512,
            public_key_algorithm_id: p521,
        },
        C::NotValidForName,
        C::NotValidForNameContext {
            expected: name,
            presented: vec![r#"DnsName("h")"#.into(), "IpAddress(127.0.0.1)".into(), "{?}".into()],
        },
        C::InvalidPurpose,
        C::InvalidPurposeContext {
            required: ExtendedKeyPurpose::ServerAuth,
            presented: vec![ExtendedKeyPurpose::Other(vec![1, 2])],
        },
        C::InvalidOcspResponse,
        C::ApplicationVerificationFailure,
        strange,
    ];
    all.extend(of_webpki().into_iter().map(other));
    all
}

fn all() -> Vec<Error> {
    let mut all = vec![
        Error::InappropriateMessage {
            expect_types: vec![ContentType::Handshake],
            got_type: ContentType::ApplicationData,
        },
        Error::InappropriateHandshakeMessage {
            expect_types: vec![HandshakeType::ServerHello],
            got_type: HandshakeType::Finished,
        },
        Error::InvalidEncryptedClientHello(EncryptedClientHelloError::SniRequired),
        Error::NoCertificatesPresented,
        Error::UnsupportedNameType,
        Error::DecryptError,
        Error::EncryptError,
        Error::General("no more words".into()),
        Error::FailedToGetCurrentTime,
        Error::FailedToGetRandomBytes,
        Error::HandshakeNotComplete,
        Error::PeerSentOversizedRecord,
        Error::NoApplicationProtocol,
        Error::BadMaxFragmentSize,
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch),
        Error::PeerIncompatible(P::ServerRejectedEncryptedClientHello(None)),
        Error::Other(OtherError(Arc::new(std::fmt::Error))),
    ];
    all.extend(MISBEHAVED.iter().cloned().map(Error::PeerMisbehaved));
    all.extend(INCOMPATIBLE.iter().cloned().map(Error::PeerIncompatible));
    all.extend(INVALID.iter().cloned().map(Error::InvalidMessage));
    all.extend((0..=255).map(|alert| Error::AlertReceived(A::from(alert))));
    all.extend(of_certificates().into_iter().map(Error::InvalidCertificate));
    all
}

/// The name of a variant, or the `Debug` text of a structure.
fn is_dump(text: &str) -> bool {
    let glued = |pair: (char, char)| pair.0.is_ascii_lowercase() && pair.1.is_ascii_uppercase();
    text.contains(['{', '}', '[', ']', '"', '_', '\n'])
        || text.contains("::")
        || text.chars().zip(text.chars().skip(1)).any(glued)
}

#[test]
fn every_error_has_a_plain_text() {
    for shows_certificate in [false, true] {
        let name = ServerName::try_from("example.org").unwrap();
        let peer = ServerInfo { name, shows_certificate };
        for error in all() {
            let raw = format!("{error:?}");
            let TransportError { kind, detail } = peer.explain(error);
            assert!(!is_dump(&detail), "{raw}: {detail}");
            assert!(detail.len() > 9 && detail.len() < 150, "{raw}: {detail}");
            assert!(matches!(kind, TransportErrorKind::Tls { .. }), "{raw}: {kind:?}");
        }
    }
}

#[test]
fn the_error_names_the_unsupported_algorithm() {
    let text_of = |error: &C| certificate_error::describe(error, "h");
    let texts: Vec<String> = of_certificates().iter().map(text_of).collect();
    for expected in [
        "is signed with an algorithm that is not supported: ECDSA with SHA-512",
        "is signed by a key of a type that is not supported: P-521",
    ] {
        assert!(texts.iter().any(|line| line == expected), "{texts:#?}");
    }
}

#[test]
fn every_error_of_webpki_has_its_own_text() {
    let for_revocation = |error: &W| {
        let name = format!("{error:?}");
        name.contains("Crl") || name.contains("Revo")
    };
    // rustls has its own errors for these.
    let known = |error: &W| {
        let of_rustls = [W::BadDer, W::BadDerTime, W::UnknownIssuer, W::InvalidCertValidity];
        of_rustls.contains(error)
            || matches!(
                error,
                W::CertExpired { .. }
                    | W::CertNotValidYet { .. }
                    | W::TrailingData(_)
                    | W::InvalidSignatureForPublicKey
                    | W::UnsupportedNameType
            )
    };
    for error in of_webpki().into_iter().filter(|error| !for_revocation(error) && !known(error)) {
        let raw = format!("{error:?}");
        let line = certificate_error::describe(&C::Other(OtherError(Arc::new(error))), "h");
        assert_ne!(line, "is not acceptable", "{raw}");
    }
}
