//! The log of one call.

use std::cell::RefCell;
use std::fmt;

use zeroize::Zeroizing;

use super::{Level, Logger, Redactor, Secrets};

/// What has secrets of its own.
pub trait SecretSource {
    /// Adds what must never be seen.
    fn add_secrets(&self, secrets: &mut Secrets);

    /// Whether there may be others since they were last added.
    fn secrets_changed(&self) -> bool;
}

/// A client's logger that keeps the secrets of one call to itself as well. They are gathered for the
/// first text that they are to be kept out of, because most calls have none, and again if they have
/// changed since.
pub struct CallLogger<'a> {
    logger: &'a Logger,
    call_secrets: &'a dyn SecretSource,
    /// What was made for this call alone, such as signatures.
    generated: RefCell<Secrets>,
    redactor: RefCell<Option<Redactor>>,
}

impl<'a> CallLogger<'a> {
    /// The logger for a call with secrets of its own.
    #[must_use]
    pub fn new(logger: &'a Logger, own: &'a dyn SecretSource) -> Self {
        Self {
            logger,
            call_secrets: own,
            generated: RefCell::default(),
            redactor: RefCell::default(),
        }
    }

    /// What keeps the secrets of client and call out of texts.
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

    /// Keeps to itself the cookies of a `Cookie` field that were signed for this attempt, and their
    /// signatures, which stand behind the last full stop.
    pub fn add_signed_cookies(&self, cookies: &str) {
        let mut made = self.generated.borrow_mut();
        made.add_header("cookie", cookies);
        let signatures = cookies.split(';').filter_map(|cookie| cookie.rsplit_once('.'));
        signatures.for_each(|(_, signature)| made.add(signature.trim_end_matches('"')));
        self.redactor.replace(None);
    }

    /// As [`Logger::emit`].
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
    use std::sync::{Arc, Mutex};

    struct Counted(Cell<usize>);

    impl SecretSource for Counted {
        fn add_secrets(&self, secrets: &mut Secrets) {
            self.0.set(self.0.get() + 1);
            secrets.add("own-secret");
        }

        fn secrets_changed(&self) -> bool {
            false
        }
    }

    #[test]
    fn secrets_are_gathered_once_and_only_for_a_text() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let copy = Arc::clone(&lines);
        let sink = Arc::new(move |_, line: &str| copy.lock().unwrap().push(line.to_owned()));
        let logger = Logger::new(sink, Level::Info);
        let own = Counted(Cell::new(0));
        let log = CallLogger::new(&logger, &own);
        log.emit(Level::Debug, || panic!("formatted a line that nobody hears"));
        assert_eq!(own.0.get(), 0, "gathered for nothing");
        log.emit(Level::Info, || "the own-secret".to_owned());
        log.emit(Level::Info, || "own-secret again".to_owned());
        assert_eq!(*lines.lock().unwrap(), ["the [redacted]", "[redacted] again"]);
        assert_eq!(log.redactor().redact("own-secret"), "[redacted]");
        assert_eq!(own.0.get(), 1);
    }
}
