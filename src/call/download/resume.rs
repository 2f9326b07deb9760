//! Going on with a download that broke: what is asked for, and what an answer to that is.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use crate::transport::{Head, Stop};

/// RFC 9110 section 8.8.2.2: a modification that lies this far back is seen by its date.
const SETTLED: Duration = Duration::from_secs(60);

/// What is known of the body that the file has the beginning of.
#[derive(Debug, Default)]
pub(super) struct Resume {
    /// How many bytes there are in all, where the server has said so.
    length: Option<u64>,
    /// What the rest may be asked for by.
    validator: Option<HeaderValue>,
    /// Where this attempt asked the server to go on.
    asked_from: Option<u64>,
    /// The server went on with another version of the body.
    outdated: bool,
}

/// What the body of an answer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// All of it, which ends here, where that is known.
    Whole { end: Option<u64> },
    /// What follows the bytes that are there, up to the end of all.
    Rest { end: u64 },
}

impl Resume {
    /// Asks for what follows these bytes (RFC 9110 sections 13.1.5 and 14.2), where that can be done.
    pub(super) fn ask(&mut self, received: u64, headers: &mut HeaderMap) {
        self.asked_from = None;
        let (Some(validator), true) = (&self.validator, received > 0) else { return };
        let Ok(range) = HeaderValue::from_str(&format!("bytes={received}-")) else { return };
        headers.insert(header::RANGE, range);
        headers.insert(header::IF_RANGE, validator.clone());
        self.asked_from = Some(received);
    }

    /// Does not ask for a rest any more. True where it has just been asked for.
    pub(super) fn give_up(&mut self) -> bool {
        self.validator = None;
        self.asked_from.take().is_some()
    }

    pub(super) fn outdated(&mut self) -> bool {
        std::mem::take(&mut self.outdated)
    }

    /// Notes what the first answer says of the body.
    pub(super) fn begin(&mut self, head: &Head, plain: bool) {
        let whole = plain && head.status == 200;
        self.validator = validator(&head.headers).filter(|_| whole).cloned();
        self.length = length(&head.headers).filter(|_| whole);
    }

    /// What an answer holds. Its `Content-Range` decides, whatever its status says: there are
    /// servers that answer a `Range` by 200 and send the range alone.
    ///
    /// # Errors
    /// Where it holds something else than all of the body, or the rest of it.
    pub(super) fn answer(&mut self, head: &Head, plain: bool) -> Result<Answer, Stop> {
        let asked_from = self.asked_from.take();
        match (self.judge(head, plain, asked_from), asked_from) {
            (Ok(answer), _) => Ok(answer),
            (Err(Misfit::OtherVersion), Some(_)) => {
                self.validator = None;
                self.outdated = true;
                Err(Stop::Protocol("the server went on with another version of the body".into()))
            }
            (Err(_), Some(_)) => {
                self.validator = None;
                let detail = "the server sent another part of the body than was asked for";
                Err(Stop::Protocol(detail.into()))
            }
            (Err(_), None) => {
                let detail = "the server sent a part of the body, which was not asked for";
                Err(Stop::Protocol(detail.into()))
            }
        }
    }

    fn judge(&self, head: &Head, plain: bool, from: Option<u64>) -> Result<Answer, Misfit> {
        let (headers, partial) = (&head.headers, head.status == 206);
        let part = match Part::of(headers) {
            Range::Part(part) => part,
            // That of a list in pages, perhaps, which counts no bytes.
            Range::None if !partial => return self.unless_other_length(headers, from),
            Range::Unclear if !partial && from.is_none() => return Ok(Answer::Whole { end: None }),
            Range::None | Range::Unclear => return Err(Misfit::Other),
        };
        let end = part.last.saturating_add(1);
        if part.first == 0 && part.whole.is_none_or(|whole| whole == end) {
            // Without a length of the whole, an answer to a `Range` may be any part from the front.
            let known = part.whole.is_some() || !partial && from.is_none();
            let whole = Answer::Whole { end: plain.then_some(end) };
            return if known { Ok(whole) } else { Err(Misfit::Other) };
        }
        let Some(from) = from else { return Err(Misfit::Other) };
        if self.is_other_version(headers) {
            return Err(Misfit::OtherVersion);
        }
        if plain && self.is_rest(&part, from, headers) {
            return Ok(Answer::Rest { end });
        }
        Err(Misfit::Other)
    }

    /// An answer without a range is whole, unless it says of itself that it has the bytes that were
    /// asked for the rest of, and is shorter.
    fn unless_other_length(
        &self,
        headers: &HeaderMap,
        from: Option<u64>,
    ) -> Result<Answer, Misfit> {
        let same = from.is_some()
            && self.validator.as_ref().is_some_and(is_tag)
            && headers.get(header::ETAG) == self.validator.as_ref();
        match (self.length, length(headers)) {
            (Some(before), Some(now)) if same && before != now => Err(Misfit::Other),
            _ => Ok(Answer::Whole { end: None }),
        }
    }

    /// Whether an answer says of itself that its part must not be put together with what is there
    /// (RFC 9110 section 15.3.7.3). Many servers leave the validator out where they have just found
    /// it to be the one in `If-Range`.
    fn is_other_version(&self, headers: &HeaderMap) -> bool {
        let Some(validator) = &self.validator else { return false };
        let name = if is_tag(validator) { header::ETAG } else { header::LAST_MODIFIED };
        headers.get(name).is_some_and(|given| given != validator)
    }

    /// Whether a part is all that follows the first `from` bytes, and nothing else. Where nobody has
    /// said how long the whole is, nothing shows that the part reaches its end.
    fn is_rest(&self, part: &Part, from: u64, headers: &HeaderMap) -> bool {
        let end = part.last.saturating_add(1);
        let ends = [self.length, part.whole, length(headers).map(|rest| rest.saturating_add(from))];
        let known = self.length.or(part.whole).is_some();
        known && part.first == from && ends.into_iter().flatten().all(|known| known == end)
    }
}

/// Why an answer is of no use.
enum Misfit {
    /// It belongs to another version of the body.
    OtherVersion,
    Other,
}

/// What a later answer can be told by to be of the same bytes: a strong entity tag, or a date of
/// modification that lies far enough before the answer's own (RFC 9110 section 8.8).
pub(super) fn validator(headers: &HeaderMap) -> Option<&HeaderValue> {
    if headers.get(header::ACCEPT_RANGES).is_some_and(|ranges| ranges == "none") {
        return None;
    }
    if let Some(tag) = headers.get(header::ETAG) {
        return Some(tag).filter(|tag| is_tag(tag));
    }
    let date = |name| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
    let modified = date(header::LAST_MODIFIED)?;
    let age = date(header::DATE)?.duration_since(modified).ok()?;
    headers.get(header::LAST_MODIFIED).filter(|_| age >= SETTLED)
}

/// Whether a validator is a strong entity tag.
fn is_tag(validator: &HeaderValue) -> bool {
    validator.as_bytes().starts_with(b"\"")
}

/// How long a body is going to be that nothing cuts short.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// What an answer says of its range (RFC 9110 section 14.4).
enum Range {
    /// Nothing, or nothing that counts bytes.
    None,
    Part(Part),
    /// It counts bytes, and does not say which, or more than one range of them.
    Unclear,
}

/// A range of bytes.
struct Part {
    first: u64,
    last: u64,
    whole: Option<u64>,
}

impl Part {
    fn of(headers: &HeaderMap) -> Range {
        let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let several = b"multipart/byteranges";
        if kind.get(..several.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(several)) {
            return Range::Unclear;
        }
        let mut ranges = headers.get_all(header::CONTENT_RANGE).iter();
        let Some(range) = ranges.next() else { return Range::None };
        let Ok(text) = range.to_str() else { return Range::Unclear };
        let counted = text.trim().get(..5).filter(|unit| unit.eq_ignore_ascii_case("bytes"));
        let Some(rest) = counted.and_then(|_| text.trim().get(5..)) else { return Range::None };
        match Self::parse(rest).filter(|_| ranges.next().is_none()) {
            Some(part) => Range::Part(part),
            None => Range::Unclear,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (range, whole) = text.split_once('/')?;
        let (first, last) = range.trim_start_matches([' ', '\t', '=', ':']).split_once('-')?;
        let whole = match whole.trim() {
            "*" => None,
            number => Some(number.parse().ok()?),
        };
        let part =
            Self { first: first.trim().parse().ok()?, last: last.trim().parse().ok()?, whole };
        (part.first <= part.last && whole.is_none_or(|whole| part.last < whole)).then_some(part)
    }
}
