//! AWS Signature Version 4, in the `Authorization` field
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).
//!
//! The signature covers the method, the path, the query, some header fields, the hash of the body and
//! the time. So each request that goes out needs its own.

mod canonical;
mod key;
mod timestamp;

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::code::{Code, Error};
use crate::log::{Secret, SecretWriter, Secrets, header_value};

use canonical::{CanonicalRequest, PathStyle, canonical_path};
use key::{hex, signature};
use timestamp::Timestamp;

const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
/// The algorithm of the signature, which is also the scheme of `Authorization`.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The value of `x-amz-content-sha256` if the signature does not cover the body.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The credentials of an AWS account, and the service that they are used for.
pub struct AwsSigV4 {
    region: String,
    service: String,
    access_key_id: Secret,
    secret_access_key: Secret,
    session_token: Option<HeaderValue>,
}

/// A request without its signature.
pub struct UnsignedRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URI.
    pub uri: &'a Uri,
    /// The value of `Host`, as it is sent.
    pub host: &'a HeaderValue,
    /// The time of the signature.
    pub time: SystemTime,
    /// The SHA-256 of the body; `None` if it cannot be known, or the header fields contain it.
    pub sha256: Option<[u8; 32]>,
}

impl AwsSigV4 {
    /// The field that contains the hash of the body.
    pub const BODY_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

    /// Credentials for a service in a region. An empty session token means none.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if a part is empty, or contains whitespace or a control character.
    /// The message does not contain the part. [`Code::InvalidHeader`] for such a session token.
    pub fn new(
        region: &str,
        service: &str,
        access_key_id: &str,
        secret_access_key: &str,
        session_token: Option<&str>,
    ) -> Result<Self, Error> {
        check_scope("region", region)?;
        check_scope("service", service)?;
        check_scope("access key ID", access_key_id)?;
        check_visible("secret access key", secret_access_key)?;
        let session_token = session_token.filter(|token| !token.is_empty());
        let session_token = session_token
            .map(|token| {
                check_visible("session token", token)?;
                header_value(Zeroizing::new(token.to_owned()))
            })
            .transpose()?;
        Ok(Self {
            region: region.to_owned(),
            service: service.to_owned(),
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token,
        })
    }

    /// The URI to send. The path for S3 is sent in its canonical form, because some services that are
    /// compatible with S3 compare the path as it is sent, and S3 itself reads a plus sign as a space.
    ///
    /// # Errors
    /// [`Code::InvalidPath`] if the path becomes too long, or gets a dot segment, which a proxy could
    /// resolve.
    pub fn uri_to_send(&self, uri: Uri) -> Result<Uri, Error> {
        if !self.is_s3() {
            return Ok(uri);
        }
        let mut target = canonical_path(uri.path(), PathStyle::S3);
        if target == uri.path() {
            return Ok(uri);
        }
        if target.split('/').any(|segment| matches!(segment, "." | "..")) {
            let message = "the path contains encoded dot segments, which cannot be sent to S3";
            return Err(Error::new(Code::InvalidPath, message));
        }
        if let Some(query) = uri.query() {
            target.push('?');
            target.push_str(query);
        }
        let unusable = || Error::new(Code::InvalidPath, "the path is too long for S3");
        let mut parts = uri.into_parts();
        parts.path_and_query = Some(target.parse().map_err(|_| unusable())?);
        Uri::from_parts(parts).map_err(|_| unusable())
    }

    /// Signs a request: sets `x-amz-date`, `x-amz-security-token`, for S3 `x-amz-content-sha256`, and
    /// `Authorization`. An `x-amz-content-sha256` that is there already is used as the hash.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if the hash is needed and not known.
    pub fn sign(
        &self,
        request: &UnsignedRequest<'_>,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        let payload_hash = match headers.get(&Self::BODY_SHA256) {
            Some(given) => Cow::Owned(text_of(&Self::BODY_SHA256, given)?.to_owned()),
            None => self.payload_hash(request)?,
        };
        if self.is_s3() {
            headers.insert(Self::BODY_SHA256, plain_value(&payload_hash)?);
        }
        let timestamp = Timestamp::at(request.time)?;
        headers.insert(AMZ_DATE, plain_value(timestamp.as_str())?);
        if let Some(token) = &self.session_token {
            headers.insert(AMZ_SECURITY_TOKEN, token.clone());
        }
        let mut fields = vec![(header::HOST.as_str(), text_of(&header::HOST, request.host)?)];
        for (name, value) in headers.iter().filter(|(name, _)| is_signed(name)) {
            fields.push((name.as_str(), text_of(name, value)?));
        }
        let uri = request.uri;
        let canonical = CanonicalRequest::new(
            request.method.as_str(),
            (uri.path(), if self.is_s3() { PathStyle::S3 } else { PathStyle::Normalised }),
            uri.query().unwrap_or_default(),
            fields,
            &payload_hash,
        );
        let authorization = self.authorization(&canonical, &timestamp)?;
        headers.insert(header::AUTHORIZATION, authorization);
        Ok(())
    }

    fn authorization(
        &self,
        canonical: &CanonicalRequest,
        timestamp: &Timestamp,
    ) -> Result<HeaderValue, Error> {
        let scope = self.credential_scope(timestamp);
        let to_sign = string_to_sign(canonical, timestamp, &scope);
        let secret = self.secret_access_key.expose();
        let signature = signature(secret, timestamp, &self.region, &self.service, &to_sign)?;
        let mut value = SecretWriter::with_capacity(256);
        for part in [
            ALGORITHM,
            " Credential=",
            self.access_key_id.expose(),
            "/",
            &scope,
            ", SignedHeaders=",
            canonical.signed_headers(),
            ", Signature=",
            &signature,
        ] {
            value.push_str(part);
        }
        header_value(value.finish())
    }

    fn credential_scope(&self, timestamp: &Timestamp) -> String {
        format!("{}/{}/{}/aws4_request", timestamp.date(), self.region, self.service)
    }

    fn payload_hash(&self, request: &UnsignedRequest<'_>) -> Result<Cow<'static, str>, Error> {
        match request.sha256 {
            Some(sha256) => Ok(Cow::Owned(hex(&sha256))),
            // Only TLS protects the body then, and only S3 accepts it.
            None if self.is_s3() && request.uri.scheme() == Some(&http::uri::Scheme::HTTPS) => {
                Ok(Cow::Borrowed(UNSIGNED_PAYLOAD))
            }
            None => {
                let message = "AWS Signature Version 4 needs the hash of the body, but the body \
                               callback cannot begin again: set a rewind callback";
                Err(Error::new(Code::InvalidArgument, message))
            }
        }
    }

    /// Whether the service signs its paths as S3 does, and wants the hash of the body in a field.
    fn is_s3(&self) -> bool {
        matches!(self.service.as_str(), "s3" | "s3express" | "s3-outposts" | "s3-object-lambda")
    }

    /// The parts that stay the same when another request is signed.
    #[must_use]
    pub fn identity(&self) -> impl std::hash::Hash {
        (self.access_key_id.expose(), &self.region, &self.service)
    }

    /// Adds the parts that must not appear in texts.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        secrets.add_password(self.access_key_id.expose());
        secrets.add_password(self.secret_access_key.expose());
        let token = self.session_token.as_ref().map(HeaderValue::as_bytes);
        secrets.add_password(std::str::from_utf8(token.unwrap_or_default()).unwrap_or_default());
    }
}

impl fmt::Debug for AwsSigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSigV4")
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// Whether the signature covers a field. AWS demands `Host`, `Content-Type` and all `x-amz-` fields. A
/// proxy may change others.
fn is_signed(name: &HeaderName) -> bool {
    *name == header::CONTENT_TYPE || *name == CONTENT_MD5 || name.as_str().starts_with("x-amz-")
}

fn string_to_sign(canonical: &CanonicalRequest, timestamp: &Timestamp, scope: &str) -> String {
    let hash = hex(&Sha256::digest(canonical.text().as_bytes()));
    format!("{ALGORITHM}\n{}\n{scope}\n{hash}", timestamp.as_str())
}

fn plain_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::new(Code::Internal, "a part of an AWS signature is not a field value"))
}

fn text_of<'v>(name: &HeaderName, value: &'v HeaderValue) -> Result<&'v str, Error> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| {
        let message =
            format!("the value of the header field {name} is not UTF-8, so it cannot be signed");
        Error::new(Code::InvalidHeader, message)
    })
}

/// Checks a part of the credential scope, in which a slash separates the parts and a comma ends it.
fn check_scope(what: &str, text: &str) -> Result<(), Error> {
    check_visible(what, text)?;
    if text.contains(['/', ',']) {
        let message = format!("the {what} for AWS contains a slash or a comma");
        return Err(Error::new(Code::InvalidArgument, message));
    }
    Ok(())
}

fn check_visible(what: &str, text: &str) -> Result<(), Error> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!(
            "the {what} for AWS is empty, or contains whitespace, a control character or a character beyond ASCII"
        );
        return Err(Error::new(Code::InvalidArgument, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
