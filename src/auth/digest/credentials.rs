//! A user, and the nonces of the server for it.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::code::Error;
use crate::log::Secrets;

use super::challenge::{self, Challenge};
use super::session::Session;
use super::user::User;

/// The maximum number of nonces that are kept. A server rarely has more realms.
const MAX_SPACES: usize = 16;

/// A user name and a password for one server, and the nonces that it has sent. Threads and clones of
/// a client share it. Readers take no lock.
pub struct Credentials {
    user: User,
    /// The last one comes last.
    spaces: ArcSwap<Vec<Space>>,
}

/// A part of a server, and its nonce.
#[derive(Clone)]
struct Space {
    /// The path up to its last slash.
    folder: Arc<str>,
    session: Arc<Session>,
}

impl Credentials {
    /// # Errors
    /// [`Code::InvalidArgument`](crate::code::Code::InvalidArgument) for a colon in the user name,
    /// or a control character.
    pub fn new(name: &str, password: &str) -> Result<Self, Error> {
        Ok(Self { user: User::new(name, password)?, spaces: ArcSwap::default() })
    }

    /// The user name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.user.name
    }

    /// Adds the password.
    pub fn add_secrets(&self, secrets: &mut Secrets) {
        secrets.add_user(&self.user.name, self.user.password.expose());
    }

    /// The session for a request to this path, if the server has sent a nonce to this process. The
    /// whole server is one space (RFC 7616 section 3.3), unless it has sent others.
    #[must_use]
    pub fn session_for(&self, path: &str, process: u64) -> Option<Arc<Session>> {
        let spaces = self.spaces.load();
        let usable = || spaces.iter().filter(|space| space.session.belongs_to(process));
        let nearest = usable()
            .filter(|space| path.starts_with(&*space.folder))
            .max_by_key(|space| space.folder.len());
        let found = nearest.or_else(|| usable().next_back())?;
        Some(Arc::clone(&found.session))
    }

    /// The session for a challenge of the server to a request to this path; `cnonce` is the client's
    /// nonce. It is remembered.
    pub fn challenged(
        &self,
        challenge: Challenge,
        path: &str,
        cnonce: String,
        process: u64,
    ) -> Arc<Session> {
        let session = Arc::new(Session::new(&self.user, challenge, cnonce, process));
        let folder: Arc<str> = folder(path).into();
        self.spaces.rcu(|spaces| {
            let mut spaces = spaces.as_ref().clone();
            spaces.retain(|space| space.folder != folder && space.session.belongs_to(process));
            if spaces.len() >= MAX_SPACES {
                spaces.remove(0);
            }
            spaces.push(Space { folder: Arc::clone(&folder), session: Arc::clone(&session) });
            spaces
        });
        session
    }

    /// Removes a session that the server has refused.
    pub fn forget(&self, session: &Arc<Session>) {
        self.spaces.rcu(|spaces| {
            let mut spaces = spaces.as_ref().clone();
            spaces.retain(|space| !Arc::ptr_eq(&space.session, session));
            spaces
        });
    }

    /// Uses the nonce that the server wants next, according to its `Authentication-Info`.
    pub fn renew(&self, session: &Arc<Session>, authentication_info: &[u8]) {
        let Some(nonce) = challenge::next_nonce(authentication_info) else { return };
        let next = Arc::new(session.with_nonce(nonce));
        self.spaces.rcu(|spaces| {
            let mut spaces = spaces.as_ref().clone();
            for space in &mut spaces {
                if Arc::ptr_eq(&space.session, session) {
                    space.session = Arc::clone(&next);
                }
            }
            spaces
        });
    }

    /// The value of `Authorization` for a request with this method and target (RFC 9112 section
    /// 3.2.1), and its secret part.
    ///
    /// # Errors
    /// [`Code::InvalidHeader`](crate::code::Code::InvalidHeader) if the server's challenge contains a
    /// control character.
    pub fn authorization(
        &self,
        session: &Session,
        method: &str,
        target: &str,
    ) -> Result<(HeaderValue, Zeroizing<String>), Error> {
        session.authorization(&self.user, method, target)
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| path.get(..=folder.len()).unwrap_or(path))
}

/// Does not print the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("name", &self.user.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
