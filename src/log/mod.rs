//! The log: levels, the caller's sink, and the rule that no secret reaches the sink.
//!
//! The library writes nothing to stdout or stderr. Without a sink it does not even format a line.

mod call_logger;
mod decoding;
pub mod display;
mod line;
pub mod redact;
pub mod secret;
mod secret_name;
mod secrets;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::code::{Code, Error};

pub use call_logger::{CallLogger, SecretSource};
pub use display::display_url;
pub use line::{plain_line, prefix};
pub(crate) use redact::LOOKAHEAD;
pub use redact::Redactor;
pub use secret::{REDACTED, Secret, SecretWriter, header_value};
pub use secret_name::is_secret_name;
pub use secrets::Secrets;

/// Log level: a call failed.
pub const SAC_LOG_ERROR: i32 = 1;
/// Log level: a problem that the library solved, for example by a retry.
pub const SAC_LOG_WARN: i32 = 2;
/// Log level: one line for each call.
pub const SAC_LOG_INFO: i32 = 3;
/// Log level: one line for each step of a call.
pub const SAC_LOG_DEBUG: i32 = 4;
/// Log level: all details.
pub const SAC_LOG_TRACE: i32 = 5;

/// The largest size of a line, in bytes. A longer line is truncated and ends with "…".
const MAX_LINE: usize = 8 * 1024;

/// The urgency of a line, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(i32)]
#[allow(missing_docs)] // Each is documented at its constant.
pub enum Level {
    #[default]
    Error = SAC_LOG_ERROR,
    Warn = SAC_LOG_WARN,
    Info = SAC_LOG_INFO,
    Debug = SAC_LOG_DEBUG,
    Trace = SAC_LOG_TRACE,
}

impl Level {
    /// The number that C sees.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }
}

impl TryFrom<i32> for Level {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self, Error> {
        match number {
            SAC_LOG_ERROR => Ok(Self::Error),
            SAC_LOG_WARN => Ok(Self::Warn),
            SAC_LOG_INFO => Ok(Self::Info),
            SAC_LOG_DEBUG => Ok(Self::Debug),
            SAC_LOG_TRACE => Ok(Self::Trace),
            _ => Err(Error::new(
                Code::InvalidArgument,
                format!("{number} is not a log level; use SAC_LOG_ERROR to SAC_LOG_TRACE"),
            )),
        }
    }
}

/// Receives the lines. Called on the thread that does the work, and by several threads at once.
pub type LogSink = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// Formats log lines, removes secrets from them and passes them to the sink. Cheap to clone. The
/// default logger is silent.
#[derive(Clone, Default)]
pub struct Logger {
    sink: Option<LogSink>,
    level: Level,
    redactor: Redactor,
}

impl Logger {
    /// Passes lines of this level and of more urgent levels to the sink.
    #[must_use]
    pub fn new(sink: LogSink, level: Level) -> Self {
        Self { sink: Some(sink), level, redactor: Redactor::default() }
    }

    /// The same sink and level, with another redactor.
    #[must_use]
    pub fn with_redactor(&self, redactor: Redactor) -> Self {
        Self { sink: self.sink.clone(), level: self.level, redactor }
    }

    /// The redactor, which also removes secrets from texts that do not go to the log.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Whether the sink receives lines of this level.
    #[must_use]
    pub fn enabled(&self, level: Level) -> bool {
        self.sink.is_some() && level <= self.level
    }

    /// Builds the line and passes it to the sink, if the sink receives this level. Otherwise the
    /// closure is not called.
    ///
    /// The sink receives one line of at most 8 KiB without the secrets of the redactor. Control
    /// characters and marks of direction are escaped, so that a server cannot forge a line.
    pub fn emit(&self, level: Level, line: impl FnOnce() -> String) {
        if self.enabled(level) {
            self.write_line(level, &Zeroizing::new(line()), &self.redactor);
        }
    }

    fn write_line(&self, level: Level, line: &str, redactor: &Redactor) {
        if let Some(sink) = &self.sink {
            sink(level, &redactor.redact_line(line, MAX_LINE, line::escaped_line));
        }
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger")
            .field("sink", &self.sink.is_some())
            .field("level", &self.level)
            .field("redactor", &self.redactor)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    type Lines = Arc<Mutex<Vec<(Level, String)>>>;

    fn recording_logger(level: Level) -> (Logger, Lines) {
        let lines = Lines::default();
        let copy = Arc::clone(&lines);
        let sink: LogSink =
            Arc::new(move |level, line: &str| copy.lock().unwrap().push((level, line.to_owned())));
        (Logger::new(sink, level), lines)
    }

    #[test]
    fn only_lines_of_the_level_and_of_more_urgent_levels_are_formatted() {
        let (logger, lines) = recording_logger(Level::Info);
        logger.emit(Level::Error, || "failed".to_owned());
        logger.emit(Level::Info, || "done".to_owned());
        logger.emit(Level::Debug, || panic!("formatted a line that no sink receives"));
        let expected =
            [(Level::Error, "failed".to_owned()), (Level::Info, "done".to_owned())].to_vec();
        assert_eq!(*lines.lock().unwrap(), expected);
        assert!(logger.enabled(Level::Warn) && !logger.enabled(Level::Debug));
    }

    #[test]
    fn without_a_sink_nothing_is_formatted() {
        let logger = Logger::default();
        logger.emit(Level::Error, || panic!("formatted a line that no sink receives"));
        assert!(!logger.enabled(Level::Error));
    }

    #[test]
    fn a_line_contains_no_secret() {
        let (logger, lines) = recording_logger(Level::Trace);
        let mut secrets = Secrets::default();
        secrets.add("correct-horse");
        let logger = logger.with_redactor(Redactor::from(secrets));
        logger.emit(Level::Trace, || "token correct-horse refused".to_owned());
        assert_eq!(lines.lock().unwrap()[0].1, "token [redacted] refused");
        assert!(!format!("{logger:?}").contains("correct"), "{logger:?}");
    }

    #[test]
    fn a_server_cannot_forge_a_line() {
        let (logger, lines) = recording_logger(Level::Error);
        logger.emit(Level::Error, || "no\r\n2024 INFO forged\0\u{1b}[31m\u{2028}é".to_owned());
        assert_eq!(
            lines.lock().unwrap()[0].1,
            "no\\r\\n2024 INFO forged\\u{0}\\u{1b}[31m\\u{2028}é"
        );
    }

    #[test]
    fn levels_have_the_numbers_that_c_sees() {
        for number in SAC_LOG_ERROR..=SAC_LOG_TRACE {
            assert_eq!(Level::try_from(number).unwrap().number(), number);
        }
        for number in [0, 6, -1, i32::MIN] {
            assert_eq!(Level::try_from(number).unwrap_err().code, Code::InvalidArgument);
        }
    }
}
