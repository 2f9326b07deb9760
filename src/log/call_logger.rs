//! The log of one call.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use zeroize::Zeroizing;

use super::{Level, Logger, Redactor, Secret, Secrets, is_secret_name};

/// The secrets of one call.
pub trait SecretSource {
    /// Adds the secrets that no text may contain.
    fn add_secrets(&self, secrets: &mut Secrets);

    /// Whether there may be new secrets since they were last added.
    fn secrets_changed(&self) -> bool;
}

/// A client's logger that also hides the secrets of one call. It collects them for the first text,
/// because most calls have none, and again if they have changed.
pub struct CallLogger<'a> {
    logger: &'a Logger,
    call_secrets: &'a dyn SecretSource,
    /// Secrets created for this call, such as signatures.
    generated: RefCell<Secrets>,
    redactor: RefCell<Option<Redactor>>,
}

impl<'a> CallLogger<'a> {
    /// A logger for a call with these secrets.
    #[must_use]
    pub fn new(logger: &'a Logger, call_secrets: &'a dyn SecretSource) -> Self {
        Self { logger, call_secrets, generated: RefCell::default(), redactor: RefCell::default() }
    }

    /// The redactor for the secrets of client and call.
    pub fn redactor(&self) -> Redactor {
        if let Some(known) = &*self.redactor.borrow()
            && !self.call_secrets.secrets_changed()
        {
            return known.clone();
        }
        let mut secrets = Secrets::default();
        self.call_secrets.add_secrets(&mut secrets);
        let redactor =
            self.logger.redactor().with_secrets(&secrets).with_secrets(&self.generated.borrow());
        self.redactor.replace(Some(redactor.clone()));
        redactor
    }

    /// Adds the value of a header field that was made for this attempt, whatever its name.
    pub fn add_secret_header(&self, name: &str, value: &HeaderValue) {
        let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
        let mut generated = self.generated.borrow_mut();
        if is_secret_name(name) {
            generated.add_header(name, text);
        } else {
            generated.add(text);
        }
        self.redactor.replace(None);
    }

    /// Adds the signed cookies of this attempt's `Cookie` field, and their signatures, which come
    /// after the last full stop.
    pub fn add_signed_cookies(&self, cookies: &str) {
        let mut generated = self.generated.borrow_mut();
        generated.add_header("cookie", cookies);
        let signatures = cookies.split(';').filter_map(|cookie| cookie.rsplit_once('.'));
        signatures.for_each(|(_, signature)| generated.add(signature.trim_end_matches('"')));
        self.redactor.replace(None);
    }

    /// Adds a secret that was created for this call.
    pub fn add_secret(&self, value: &str) {
        self.generated.borrow_mut().add(value);
        self.redactor.replace(None);
    }

    /// Adds a token that a request of this call sends.
    pub fn add_token(&self, token: &Arc<Secret>) {
        self.generated.borrow_mut().add_shared_password(token);
        self.redactor.replace(None);
    }

    /// Like [`Logger::emit`].
    pub fn emit(&self, level: Level, line: impl FnOnce() -> String) {
        if self.logger.enabled(level) {
            self.logger.write_line(level, &Zeroizing::new(line()), &self.redactor());
        }
    }
}

impl fmt::Debug for CallLogger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.logger.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::sync::Mutex;

    struct CountedSource(Cell<usize>);

    impl SecretSource for CountedSource {
        fn add_secrets(&self, secrets: &mut Secrets) {
            self.0.set(self.0.get() + 1);
            secrets.add("call-secret");
        }

        fn secrets_changed(&self) -> bool {
            false
        }
    }

    #[test]
    fn secrets_are_collected_once_and_only_for_a_text() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let copy = Arc::clone(&lines);
        let sink = Arc::new(move |_, line: &str| copy.lock().unwrap().push(line.to_owned()));
        let logger = Logger::new(sink, Level::Info);
        let secrets = CountedSource(Cell::new(0));
        let log = CallLogger::new(&logger, &secrets);
        log.emit(Level::Debug, || panic!("formatted a line above the level"));
        assert_eq!(secrets.0.get(), 0, "collected without a text");
        log.emit(Level::Info, || "the call-secret".to_owned());
        log.emit(Level::Info, || "call-secret again".to_owned());
        assert_eq!(*lines.lock().unwrap(), ["the [redacted]", "[redacted] again"]);
        assert_eq!(log.redactor().redact("call-secret"), "[redacted]");
        assert_eq!(secrets.0.get(), 1);
    }
}
