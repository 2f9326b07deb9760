//! The time of a signature, in the basic format of ISO 8601.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::code::{Code, Error};

/// The end of the year 9999. A later date has no such format.
const END: Duration = Duration::from_secs(253_402_300_800);
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A time such as `20150830T123600Z`.
pub(super) struct Timestamp(String);

impl Timestamp {
    /// # Errors
    /// [`Code::InvalidArgument`] if the clock is wrong: before 1970 or after 9999.
    pub(super) fn at(time: SystemTime) -> Result<Self, Error> {
        let wrong = || {
            let message = "the clock of the system is wrong, so requests to AWS cannot be signed";
            Error::new(Code::InvalidArgument, message)
        };
        let since_1970 = time.duration_since(UNIX_EPOCH).map_err(|_| wrong())?;
        if since_1970 >= END {
            return Err(wrong());
        }
        // "Sun, 30 Aug 2015 12:36:00 GMT"
        Self::from_http_date(&httpdate::fmt_http_date(time)).ok_or_else(wrong)
    }

    fn from_http_date(date: &str) -> Option<Self> {
        let mut parts = date.split(' ').skip(1);
        let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.iter().position(|name| *name == month)?.saturating_add(1);
        Some(Self(format!("{year}{month:02}{day}T{}Z", time.replace(':', ""))))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The date, such as `20150830`.
    pub(super) fn date(&self) -> &str {
        self.0.split_once('T').map_or("", |(date, _)| date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_the_basic_format() {
        for (seconds, text) in [
            (0, "19700101T000000Z"),
            (1_440_938_160, "20150830T123600Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] {
            let timestamp = Timestamp::at(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
            assert_eq!(timestamp.as_str(), text);
            assert_eq!(timestamp.date(), &text[..8]);
        }
    }

    #[test]
    fn a_wrong_clock_is_an_error() {
        for time in [UNIX_EPOCH - Duration::from_secs(1), UNIX_EPOCH + END] {
            let code = Timestamp::at(time).map_err(|error| error.code).err();
            assert_eq!(code, Some(Code::InvalidArgument), "{time:?}");
        }
    }
}
