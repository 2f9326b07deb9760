//! Going on with a download that broke: what is asked for, and what an answer to that is.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use crate::transport::{BodyIoError, ResponseHead};

/// RFC 9110 section 8.8.2.2: a modification that lies this far back is seen by its date.
const STRONG_DATE_AGE: Duration = Duration::from_secs(60);

/// What is known of the body that the file has the beginning of.
#[derive(Debug, Default)]
pub(super) struct Resume {
    /// How many bytes there are in all, where the server has said so.
    length: Option<u64>,
    /// What the rest may be asked for by.
    validator: Option<HeaderValue>,
    /// The server does not go on where it is asked to.
    given_up: bool,
    /// Where the present request asks the server to go on.
    requested_from: Option<u64>,
    /// All of the body is to be asked for at once.
    anew: bool,
}

/// What the body of an answer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ResponseContent {
    /// All of it, which ends here, where that is known.
    Whole { end: Option<u64> },
    /// What follows the bytes that are there, up to the end of all.
    Rest { end: u64 },
}

impl Resume {
    /// Asks for what follows these bytes (RFC 9110 sections 13.1.5 and 14.2), where that can be done.
    pub(super) fn request_rest(&mut self, received: u64, headers: &mut HeaderMap) {
        self.requested_from = None;
        let may_ask = received > 0 && !self.given_up;
        let Some(validator) = self.validator.as_ref().filter(|_| may_ask) else { return };
        let Ok(range) = HeaderValue::from_str(&format!("bytes={received}-")) else { return };
        headers.insert(header::RANGE, range);
        headers.insert(header::IF_RANGE, validator.clone());
        self.requested_from = Some(received);
    }

    /// Does not ask for a rest any more. True where it has just been asked for.
    pub(super) fn abandon(&mut self) -> bool {
        self.given_up = true;
        self.requested_from.take().is_some()
    }

    /// An answer is of no use. Where it answers the question for the rest, all is asked for at once.
    pub(super) fn refuse(&mut self, detail: &str) -> BodyIoError {
        self.anew = self.abandon();
        BodyIoError::Protocol(detail.into())
    }

    /// Whether all is to be asked for at once. True once.
    pub(super) fn asks_anew(&mut self) -> bool {
        std::mem::take(&mut self.anew)
    }

    /// Notes what an answer that begins the body says of it. `end`: where it ends, if that is known.
    pub(super) fn begin(&mut self, head: &ResponseHead, plain: bool, end: Option<u64>) {
        let whole = plain && head.status == 200;
        self.validator = validator(&head.headers).filter(|_| whole).cloned();
        self.length = end.filter(|_| whole);
        self.given_up = false;
    }

    /// What an answer holds. Its `Content-Range` decides, whatever its status says: there are
    /// servers that answer a `Range` by 200 and send the range alone.
    ///
    /// # Errors
    /// Where it holds something else than all of the body, or the rest of it, or does not show it.
    pub(super) fn response_content(
        &mut self,
        head: &ResponseHead,
        plain: bool,
    ) -> Result<ResponseContent, BodyIoError> {
        self.classify(head, plain).ok_or_else(|| {
            self.refuse(match self.requested_from {
                Some(_) => "the server did not go on with the body where it was asked to",
                None => "the server sent a part of the body, which was not asked for",
            })
        })
    }

    fn classify(&self, head: &ResponseHead, plain: bool) -> Option<ResponseContent> {
        let (headers, partial, from) = (&head.headers, head.status == 206, self.requested_from);
        let part = match ByteRange::content_range(headers) {
            ContentRange::Part(part) => part,
            // That of a list in pages, perhaps, which counts no bytes.
            ContentRange::None if !partial => return self.whole(headers, plain),
            ContentRange::Unclear if !partial && from.is_none() => {
                return Some(ResponseContent::Whole { end: None });
            }
            ContentRange::None | ContentRange::Unclear => return None,
        };
        let end = part.last.saturating_add(1);
        if part.first == 0 && part.whole.is_none_or(|whole| whole == end) {
            // Without a length of the whole, an answer to a `Range` may be any part from the front.
            let known = part.whole.is_some() || !partial && from.is_none();
            let fits = from.is_none() || self.must_be(headers).is_none_or(|all| all == end);
            return (known && fits).then_some(ResponseContent::Whole { end: plain.then_some(end) });
        }
        let same = plain && self.is_same(headers) != Some(false);
        from.filter(|&from| same && self.is_rest(&part, from, headers))?;
        Some(ResponseContent::Rest { end })
    }

    /// An answer without a range is all of the body by its status (RFC 9110 section 15.3.1). But there
    /// are servers that answer a `Range` by the range alone and do not say so: an answer to one is whole
    /// only if its length shows it.
    fn whole(&self, headers: &HeaderMap, plain: bool) -> Option<ResponseContent> {
        let length = length(headers).filter(|_| plain);
        let Some(from) = self.requested_from else {
            let known = self.must_be(headers).filter(|_| plain);
            return Some(ResponseContent::Whole { end: length.or(known) });
        };
        let rest = self.length.map(|all| all.saturating_sub(from));
        let shown = match self.is_same(headers) {
            // Another version may be of any length, and the rest of the one before is of this.
            Some(false) => length.is_some() && length != rest,
            _ => length.is_some() && length == self.length,
        };
        shown.then_some(ResponseContent::Whole { end: length })
    }

    /// How long all of the body is of which an answer says that it is the one that is there.
    fn must_be(&self, headers: &HeaderMap) -> Option<u64> {
        self.length.filter(|_| self.is_same(headers) == Some(true))
    }

    /// Whether an answer says of itself that it is of the version that is there; `None`: it does not say.
    /// Many servers leave the validator out where they have just found it to be the one in `If-Range`.
    fn is_same(&self, headers: &HeaderMap) -> Option<bool> {
        let validator = self.validator.as_ref()?;
        let name =
            if is_strong_entity_tag(validator) { header::ETAG } else { header::LAST_MODIFIED };
        headers.get(name).map(|given| given == validator)
    }

    /// Whether a part is all that follows the first `from` bytes, and nothing else. Where nobody has
    /// said how long the whole is, nothing shows that the part reaches its end.
    fn is_rest(&self, part: &ByteRange, from: u64, headers: &HeaderMap) -> bool {
        let end = part.last.saturating_add(1);
        let ends = [self.length, part.whole, length(headers).map(|rest| rest.saturating_add(from))];
        let known = self.length.or(part.whole).is_some();
        known && part.first == from && ends.into_iter().flatten().all(|known| known == end)
    }
}

/// What a later answer can be told by to be of the same bytes: a strong entity tag, or a date of
/// modification that lies far enough before the answer's own (RFC 9110 section 8.8).
pub(super) fn validator(headers: &HeaderMap) -> Option<&HeaderValue> {
    if headers.get(header::ACCEPT_RANGES).is_some_and(|ranges| ranges == "none") {
        return None;
    }
    if let Some(tag) = headers.get(header::ETAG) {
        return Some(tag).filter(|tag| is_strong_entity_tag(tag));
    }
    let date = |name| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
    let modified = date(header::LAST_MODIFIED)?;
    let age = date(header::DATE)?.duration_since(modified).ok()?;
    headers.get(header::LAST_MODIFIED).filter(|_| age >= STRONG_DATE_AGE)
}

/// Whether a validator is a strong entity tag.
fn is_strong_entity_tag(validator: &HeaderValue) -> bool {
    validator.as_bytes().starts_with(b"\"")
}

/// How long a body is going to be that nothing cuts short.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// What an answer says of its range (RFC 9110 section 14.4).
enum ContentRange {
    /// Nothing, or nothing that counts bytes.
    None,
    Part(ByteRange),
    /// It counts bytes, and does not say which, or more than one range of them.
    Unclear,
}

/// A range of bytes.
struct ByteRange {
    first: u64,
    last: u64,
    whole: Option<u64>,
}

impl ByteRange {
    fn content_range(headers: &HeaderMap) -> ContentRange {
        let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let several = b"multipart/byteranges";
        if kind.get(..several.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(several)) {
            return ContentRange::Unclear;
        }
        let mut ranges = headers.get_all(header::CONTENT_RANGE).iter();
        let Some(range) = ranges.next() else { return ContentRange::None };
        let Ok(text) = range.to_str() else { return ContentRange::Unclear };
        let counted = text.trim().get(..5).filter(|unit| unit.eq_ignore_ascii_case("bytes"));
        let Some(rest) = counted.and_then(|_| text.trim().get(5..)) else {
            return ContentRange::None;
        };
        match Self::parse(rest).filter(|_| ranges.next().is_none()) {
            Some(part) => ContentRange::Part(part),
            None => ContentRange::Unclear,
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
