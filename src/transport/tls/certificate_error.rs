//! The text of a certificate error.

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use rustls::{CertificateError, OtherError};

/// The maximum number of a certificate's names in a text.
const NAMES_SHOWN: usize = 3;

const NOT_ACCEPTABLE: &str = "is not acceptable";

/// The error for a self-signed certificate that is not trusted.
#[derive(Debug)]
pub(super) struct SelfSigned;

impl fmt::Display for SelfSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("self-signed")
    }
}

impl Error for SelfSigned {}

/// The error for a certificate with a key that is not pinned. Contains the key as a pin.
#[derive(Debug)]
pub(super) struct NotPinned(pub(super) String);

impl fmt::Display for NotPinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "has the key {}, which is not one of the pinned keys", self.0)
    }
}

impl Error for NotPinned {}

/// The text after "the certificate". `name`: the name that the certificate should contain.
pub(super) fn describe(error: &CertificateError, name: &str) -> String {
    use CertificateError as E;
    let plain = match error {
        E::NotValidForName => return format!("is not valid for the name {name}"),
        E::NotValidForNameContext { presented, .. } => {
            return format!("is not valid for the name {name}{}", list_names(presented));
        }
        E::ExpiredContext { not_after, .. } => {
            return format!("has expired: it was valid until {}", date(*not_after));
        }
        E::NotValidYetContext { not_before, .. } => {
            return format!("is not valid yet: it will be from {} on", date(*not_before));
        }
        E::UnsupportedSignatureAlgorithmContext { signature_algorithm_id, .. } => {
            let named = algorithm_name(signature_algorithm_id);
            return format!("is signed with an algorithm that is not supported{named}");
        }
        E::UnsupportedSignatureAlgorithmForPublicKeyContext { public_key_algorithm_id, .. } => {
            let named = algorithm_name(public_key_algorithm_id);
            return format!("is signed by a key of a type that is not supported{named}");
        }
        #[expect(deprecated, reason = "verifiers may still say so")]
        E::UnsupportedSignatureAlgorithm => "is signed with an algorithm that is not supported",
        E::Expired => "has expired",
        E::NotValidYet => "is not valid yet",
        E::UnknownIssuer => "is not trusted: its issuer is unknown",
        E::BadSignature => "is not signed by the issuer that it names",
        E::Revoked => "has been revoked",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "is not meant for servers",
        E::BadEncoding => "is not correctly encoded",
        E::UnhandledCriticalExtension => "has a critical extension that is not supported",
        E::UnknownRevocationStatus
        | E::ExpiredRevocationList
        | E::ExpiredRevocationListContext { .. } => "cannot be checked for revocation",
        E::InvalidOcspResponse => "comes with a bad OCSP response",
        E::Other(OtherError(inner)) if inner.is::<SelfSigned>() => {
            "is not trusted: it is self-signed, and not given as trusted"
        }
        E::Other(OtherError(inner)) if inner.is::<NotPinned>() => return inner.to_string(),
        E::Other(OtherError(inner)) => inner.downcast_ref().map_or(NOT_ACCEPTABLE, webpki_text),
        _ => NOT_ACCEPTABLE,
    };
    plain.to_owned()
}

/// Errors of webpki for which rustls has no separate error.
fn webpki_text(error: &webpki::Error) -> &'static str {
    use webpki::Error as E;
    match error {
        E::CaUsedAsEndEntity => "is not meant for servers: it is an authority's",
        E::EndEntityUsedAsCa => "is signed by a certificate that is not an authority's",
        E::CertDistrusted => "is signed by an authority that is distrusted",
        E::EmptyEkuExtension => "is not meant for anything: its list of purposes is empty",
        E::ExtensionValueInvalid | E::MalformedExtensions => "has an extension that is malformed",
        E::InvalidSerialNumber => "has an invalid serial number",
        E::MalformedDnsIdentifier => "contains a malformed name",
        E::MalformedNameConstraint | E::InvalidNetworkMaskConstraint => {
            "is signed by an authority with a malformed limit for names"
        }
        E::NameConstraintViolation => "breaks a limit for names that an authority above it sets",
        E::PathLenConstraintViolated => {
            "has more authorities above it than one of these authorities allows"
        }
        E::MaximumNameConstraintComparisonsExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumPathDepthExceeded
        | E::MaximumSignatureChecksExceeded => "has a chain that is too long to be verified",
        E::SignatureAlgorithmMismatch => "names two different signature algorithms",
        E::UnsupportedCertVersion => "is of an old version of X.509: only version 3 is accepted",
        E::UnsupportedCriticalExtension => "has a critical extension that is not supported",
        _ => NOT_ACCEPTABLE,
    }
}

/// The usual name of an algorithm or a key.
fn algorithm_name(id: &[u8]) -> String {
    const KINDS: &[(&[u8], &str)] = &[
        (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521"),
        (&[0x2b, 0x81, 0x04, 0x00, 0x0a], "secp256k1"),
        (&[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08], "Brainpool"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01], "ECDSA with SHA-1"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01], "ECDSA with SHA-224"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04], "ECDSA with SHA-512"),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], "RSA with MD5"),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], "RSA with SHA-1"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04], "DSA"),
        (&[0x2b, 0x65, 0x71], "Ed448"),
    ];
    let known = KINDS.iter().find(|(oid, _)| memchr::memmem::find(id, oid).is_some());
    known.map(|(_, name)| format!(": {name}")).unwrap_or_default()
}

/// The names that the certificate contains instead.
fn list_names(presented: &[String]) -> String {
    // As rustls prints them: `DnsName("h")`, `IpAddress(::1)`.
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
    /// Dates after the year 9999 cannot be written.
    const END: u64 = 253_402_300_800;
    let seconds = time.as_secs();
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    match time.filter(|_| seconds < END) {
        Some(time) => httpdate::fmt_http_date(time),
        None => "the year 10000".into(),
    }
}
