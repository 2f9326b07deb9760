//! Digest authentication within an attempt: the response to a 401 is the same request with
//! credentials, and later requests use the nonce again.

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderMap, Method, Uri, header};

use crate::auth::digest::{Challenge, Credentials, Session, hexadecimal};
use crate::code::Error;
use crate::transport::{ResponseHead, fork};

use super::plan::Plan;

/// A server may find the nonce of an answer too old, if it is slow. It gets another one this often.
const MAX_STALE: u32 = 2;

/// The state of an attempt. Another origin gets no credentials.
pub(super) struct DigestState<'a> {
    /// `None` if the call does not authenticate in this way.
    credentials: Option<&'a Credentials>,
    /// The session of the last request.
    used: Option<Arc<Session>>,
    /// The last URI whose challenge was answered, and how often.
    answered: Option<(Uri, u32)>,
}

impl<'a> DigestState<'a> {
    pub(super) fn new(plan: &'a Plan<'a>) -> Self {
        Self { credentials: plan.digest, used: None, answered: None }
    }

    /// Adds the credentials to a request, if the server has sent a nonce before.
    ///
    /// # Errors
    /// [`InvalidHeader`](crate::code::Code::InvalidHeader) if the challenge of the server cannot be answered.
    pub(super) fn add_to(
        &mut self,
        plan: &Plan<'_>,
        method: &Method,
        uri: &Uri,
        headers: &mut Cow<'_, HeaderMap>,
    ) -> Result<(), Error> {
        let Some(credentials) = self.credentials else { return Ok(()) };
        self.used = credentials.session_for(uri.path(), fork::generation());
        let Some(session) = &self.used else { return Ok(()) };
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let (value, response) = credentials.authorization(session, method.as_str(), target)?;
        plan.logger.add_secret(&response);
        headers.to_mut().insert(header::AUTHORIZATION, value);
        Ok(())
    }

    /// Whether a request to this URI must be sent again, because its response asks for credentials
    /// for the first time, or the nonce was too old. `replayable`: whether it can be sent again.
    pub(super) fn must_repeat(&mut self, uri: &Uri, head: &ResponseHead, replayable: bool) -> bool {
        let Some(credentials) = self.credentials else { return false };
        if head.status != 401 {
            self.renew(credentials, head);
            return false;
        }
        let fields = head.headers.get_all(header::WWW_AUTHENTICATE);
        let values = fields.iter().map(http::HeaderValue::as_bytes);
        let (Some(challenge), Some(cnonce)) = (Challenge::strongest(values), client_nonce()) else {
            return false;
        };
        let earlier = self.answers_to(uri);
        let last = self.used.take();
        let session = credentials.challenged(challenge, uri.path(), cnonce, fork::generation());
        if earlier > 0 {
            let is_new = last.is_none_or(|last| !last.has_nonce_of(&session));
            if !(session.is_stale() && is_new && earlier <= MAX_STALE) {
                // The server does not accept these credentials.
                credentials.forget(&session);
                return false;
            }
        }
        self.answered = Some((uri.clone(), earlier.saturating_add(1)));
        replayable
    }

    /// How often a challenge to requests for this URI was answered in this attempt.
    fn answers_to(&self, uri: &Uri) -> u32 {
        self.answered
            .as_ref()
            .filter(|(answered, _)| answered == uri)
            .map_or(0, |(_, times)| *times)
    }

    /// Uses the nonce that the server wants next.
    fn renew(&self, credentials: &Credentials, head: &ResponseHead) {
        if let (Some(session), Some(info)) = (&self.used, head.headers.get("authentication-info")) {
            credentials.renew(session, info.as_bytes());
        }
    }
}

/// A random nonce. The server must not be able to predict it (RFC 7616 section 5.8). `None` if the
/// system has no random bytes.
fn client_nonce() -> Option<String> {
    let mut random = [0; 16];
    let filled = rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty());
    (filled == Ok(random.len())).then(|| hexadecimal(&random).to_string())
}
