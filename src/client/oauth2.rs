//! Tokens from a token server (OAuth 2.0, RFC 6749): with the client's own credentials (section 4.4), or
//! with a refresh token (section 6).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, header};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::answer::Response;
use crate::auth;
use crate::auth::token::{Reason, Token};
use crate::call::FetchFailure;
use crate::code::{Code, Error};
use crate::log::{Secret, SecretWriter, Secrets, display_url};
use crate::request::{BaseUrl, Output, Request, path};
use crate::settings::Change;

use super::secret_body::{ReceivedSecret, secret_form};
use super::send::Caller;
use super::snapshot::Snapshot;
use super::token::{FetchContext, FetchToken, SavedToken};
use super::token_answer::TokenAnswer;

/// The largest response of a token server.
const MAX_ANSWER: u64 = 1024 * 1024;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A token server, and what this client shows it.
pub struct OAuth2 {
    base: BaseUrl,
    target: PathAndQuery,
    client_id: String,
    client_secret: Option<Secret>,
    grant: Grant,
    /// Whether the server has accepted Basic, or credentials in the form; at first neither is known.
    basic_works: AtomicBool,
    form_works: AtomicBool,
}

/// What the client shows to get a token.
pub enum Grant {
    /// Its own credentials, and the scope that it asks for.
    ClientCredentials(Option<String>),
    /// A refresh token, which the server may replace with each token.
    RefreshToken(ArcSwap<Secret>),
}

impl Grant {
    /// A refresh token.
    #[must_use]
    pub fn refresh_token(token: &str) -> Self {
        Self::RefreshToken(ArcSwap::from_pointee(Secret::from(token)))
    }
}

/// A response without a token.
struct Refusal {
    failure: FetchFailure,
    /// Whether the server may accept the credentials in another place.
    wrong_place: bool,
}

impl From<FetchFailure> for Refusal {
    fn from(failure: FetchFailure) -> Self {
        Self { failure, wrong_place: false }
    }
}

impl OAuth2 {
    /// A token server at this URL, which may have a query (RFC 6749 section 3.2).
    ///
    /// # Errors
    /// [`Code::InvalidUrl`], also if the URL contains credentials; [`Code::InvalidArgument`] if a value
    /// is empty.
    pub fn new(
        token_url: &str,
        client_id: &str,
        client_secret: Option<&str>,
        grant: Grant,
    ) -> Result<Self, Error> {
        let has_grant = match &grant {
            Grant::ClientCredentials(_) => client_secret.is_some(),
            Grant::RefreshToken(token) => !token.load().expose().is_empty(),
        };
        if client_id.is_empty() || client_secret.is_some_and(str::is_empty) || !has_grant {
            let message = "the client ID, the client secret or the refresh token is empty";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        let after_scheme = token_url.find("://").map_or(0, |at| at.saturating_add(3));
        let (scheme, rest) = token_url.split_at_checked(after_scheme).unwrap_or_default();
        let (authority, rest) = rest
            .split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
            .unwrap_or_default();
        let (base, userinfo) = BaseUrl::parse(&Zeroizing::new([scheme, authority].concat()))?;
        if userinfo.is_some() {
            let message = "the URL of a token server contains credentials; pass them as arguments";
            return Err(Error::new(Code::InvalidUrl, message));
        }
        let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        let target = path::target(&rest).map_err(|error| {
            Error::new(Code::InvalidUrl, format!("token URL: {}", error.message))
        })?;
        Ok(Self {
            base,
            target,
            client_id: client_id.to_owned(),
            client_secret: client_secret.map(Secret::from),
            grant,
            basic_works: AtomicBool::new(false),
            form_works: AtomicBool::new(false),
        })
    }

    /// Asks for a token; first with Basic, if it is not known that the server does not support it.
    fn ask(&self, context: &FetchContext<'_>) -> Result<TokenAnswer, FetchFailure> {
        let Some(secret) = &self.client_secret else {
            return self.ask_once(context, None, None).map_err(|refusal| refusal.failure);
        };
        if !self.form_works.load(Ordering::Relaxed) {
            match self.ask_once(context, Some(secret), None) {
                Ok(answer) => {
                    self.basic_works.store(true, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(refusal)
                    if refusal.wrong_place && !self.basic_works.load(Ordering::Relaxed) => {}
                Err(refusal) => return Err(refusal.failure),
            }
        }
        let answer = self.ask_once(context, None, Some(secret));
        self.form_works.fetch_or(answer.is_ok(), Ordering::Relaxed);
        answer.map_err(|refusal| refusal.failure)
    }

    /// Sends one request. The client secret goes into the header field of Basic, or into the form.
    fn ask_once(
        &self,
        context: &FetchContext<'_>,
        basic: Option<&Secret>,
        form: Option<&Secret>,
    ) -> Result<TokenAnswer, Refusal> {
        let unavailable = |error: Error| FetchFailure::Unavailable(error);
        let mut secrets = Secrets::default();
        let snapshot = self.snapshot(context, &mut secrets).map_err(unavailable)?;
        let mut request = Request::with_target(Method::POST, self.target.clone());
        request.set_known_header(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(secret) = basic {
            let value = basic_of(&self.client_id, secret).map_err(FetchFailure::Refused)?;
            request.set_known_header(header::AUTHORIZATION, value);
        }
        secret_form(&mut request, FORM, self.form(basic.is_none(), form)).map_err(unavailable)?;
        let received = ReceivedSecret::default();
        request.set_output(Output::Callback(received.callback())).map_err(unavailable)?;
        request.set_cancel(context.cancel.cloned());
        // The server may have replaced a refresh token, but not the credentials of the client.
        if matches!(self.grant, Grant::ClientCredentials(_)) {
            request.set_idempotent();
        }
        let caller = Caller { family: context.family, base: &self.base };
        let response = caller.send(&snapshot, &request).response;
        if response.code() == Code::Ok && (200..300).contains(&response.status()) {
            let answer = received.read(TokenAnswer::parse);
            return answer.map_err(|problem| {
                FetchFailure::Refused(self.problem(response.status(), problem)).into()
            });
        }
        Err(self.refusal(&response))
    }

    /// The settings of the client, without its header fields, cookies and callbacks.
    fn snapshot(
        &self,
        context: &FetchContext<'_>,
        secrets: &mut Secrets,
    ) -> Result<Snapshot, Error> {
        let mut settings = Box::new(context.settings.clone());
        // The body contains secrets, which belong to no other server.
        settings.apply(&Change::Redirects(0))?;
        settings.apply(&Change::MaxBodyBytes(MAX_ANSWER))?;
        // It leads to the server of the client.
        settings.apply(&Change::UnixSocket(None))?;
        settings.deadline = context.deadline.remaining(context.family.clock.now()).map(whole_ms);
        let mut snapshot = Snapshot::new(self.base.host().clone(), settings)?;
        if let Some(secret) = &self.client_secret {
            secrets.add_password(secret.expose());
        }
        if let Grant::RefreshToken(token) = &self.grant {
            secrets.add_password(token.load().expose());
        }
        let redactor = snapshot.logger.redactor().with_secrets(secrets);
        snapshot.logger = context.logger.with_redactor(redactor);
        Ok(snapshot)
    }

    fn form(&self, with_id: bool, client_secret: Option<&Secret>) -> Zeroizing<String> {
        let mut form = SecretWriter::with_capacity(1024);
        match &self.grant {
            Grant::ClientCredentials(scope) => {
                form.push_str("grant_type=client_credentials");
                if let Some(scope) = scope {
                    push_field(&mut form, "scope", scope);
                }
            }
            Grant::RefreshToken(token) => {
                form.push_str("grant_type=refresh_token");
                push_field(&mut form, "refresh_token", token.load().expose());
            }
        }
        if with_id {
            push_field(&mut form, "client_id", &self.client_id);
        }
        if let Some(secret) = client_secret {
            push_field(&mut form, "client_secret", secret.expose());
        }
        form.finish()
    }

    fn refusal(&self, response: &Response) -> Refusal {
        let said = response.error().map(std::ffi::CStr::to_string_lossy).unwrap_or_default();
        let status = response.status();
        if status < 300 {
            let error = Error::new(response.code(), said);
            // The wait for a limit would be longer than the call.
            let out_of_time = status == 0 && response.code() == Code::RateLimited;
            return match out_of_time {
                true => FetchFailure::OutOfTime(error).into(),
                false => FetchFailure::Unavailable(error).into(),
            };
        }
        let error = self.problem(status, &said);
        if matches!(status, 408 | 429) || status >= 500 {
            return FetchFailure::Unavailable(error).into();
        }
        // The other errors show that the server knows the client (RFC 6749 section 5.2).
        let knows_client = ["invalid_grant", "invalid_scope", "unauthorized_client"]
            .iter()
            .chain(&["unsupported_grant_type"])
            .any(|code| said.starts_with(code));
        let wrong_place = (400..500).contains(&status) && !knows_client;
        Refusal { failure: FetchFailure::Refused(error), wrong_place }
    }

    fn problem(&self, status: u16, what: &str) -> Error {
        let url = display_url(&format!("{}{}", self.base.origin(), self.target));
        let what = if what.is_empty() { "no token" } else { what };
        Error::new(Code::Token, format!("the token server {url} answered {status}: {what}"))
    }
}

impl FetchToken for OAuth2 {
    fn fetch(&self, context: &FetchContext<'_>, _: Reason) -> Result<Token, FetchFailure> {
        // The server counts from the time of its response, or from some time before.
        let asked = context.family.clock.now();
        let answer = self.ask(context)?;
        let refresh_token = answer.refresh_token.as_deref().map(String::as_str);
        if let (Grant::RefreshToken(current), Some(new)) = (&self.grant, refresh_token) {
            current.store(Arc::new(Secret::from(new)));
        }
        if let Some(save) = context.on_saved {
            save(&SavedToken {
                access_token: &answer.access_token,
                refresh_token,
                lifetime: answer.lifetime,
            });
        }
        // Not earlier: a refresh token is valid even if the token for requests is unusable.
        Token::new(&answer.access_token, answer.lifetime, asked).map_err(FetchFailure::Refused)
    }
}

/// The credentials as RFC 6749 section 2.3.1 says: both are encoded like the values of a form.
fn basic_of(client_id: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    let encoded = |text: &str| {
        let mut writer = SecretWriter::with_capacity(text.len().saturating_mul(3));
        byte_serialize(text.as_bytes()).for_each(|piece| writer.push_str(piece));
        writer.finish()
    };
    auth::basic::authorization(&encoded(client_id), &encoded(secret.expose()))
}

fn push_field(form: &mut SecretWriter, name: &str, value: &str) {
    form.push('&');
    form.push_str(name);
    form.push('=');
    byte_serialize(value.as_bytes()).for_each(|piece| form.push_str(piece));
}

/// Rounded up, so that the end of the request is not before the end of the call.
fn whole_ms(duration: Duration) -> Duration {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(ms.saturating_add(1))
}
