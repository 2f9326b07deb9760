//! Dates in cookies (RFC 6265 section 5.1.1), whose parts come in any order and with any
//! punctuation.

use std::time::SystemTime;

/// Parses a date; `None` if it is not one.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let is_delimiter = |c: char| !(c.is_ascii_alphanumeric() || c == ':' || !c.is_ascii());
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of_day(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(token, 2, 4)
        {
            year = Some(found);
        }
    }
    let year = match year? {
        short @ 70..=99 => short.saturating_add(1900),
        short @ 0..=69 => short.saturating_add(2000),
        full => full,
    };
    let ((hour, minute, second), day, month) = (time?, day?, month?);
    if !(1601..=9999).contains(&year)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let names =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = names.get(month)?;
    if year < 1970 {
        return Some(SystemTime::UNIX_EPOCH);
    }
    // The weekday does not matter, so try each.
    let date = format!("{day:02} {name} {year:04} {hour:02}:{minute:02}:{second:02} GMT");
    ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        .iter()
        .find_map(|weekday| httpdate::parse_http_date(&format!("{weekday}, {date}")).ok())
}

/// The number at the beginning of a token, if it has `min` to `max` digits.
fn number(token: &str, min: usize, max: usize) -> Option<u64> {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    (min..=max).contains(&digits).then(|| token.get(..digits)?.parse().ok())?
}

fn time_of_day(token: &str) -> Option<(u64, u64, u64)> {
    let mut parts = token.splitn(3, ':').map(|part| number(part, 1, 2));
    Some((parts.next()??, parts.next()??, parts.next()??))
}

fn month_of(token: &str) -> Option<usize> {
    let name = token.get(..3)?.to_ascii_lowercase();
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .iter()
        .position(|month| *month == name)
}
