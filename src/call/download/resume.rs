//! Resumes an interrupted download: the request for the rest, and the check of the response.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use crate::transport::{BodyIoError, ResponseHead};

/// RFC 9110 section 8.8.2.2: a date of modification that is this old identifies a version.
const STRONG_DATE_AGE: Duration = Duration::from_secs(60);

/// What is known about the body whose beginning is in the file.
#[derive(Debug, Default)]
pub(super) struct Resume {
    /// The length of the whole body, if the server said it.
    length: Option<u64>,
    /// The validator for the request of the rest.
    validator: Option<HeaderValue>,
    /// Whether the server does not continue a download.
    resume_disabled: bool,
    /// The first byte that the current request asks for.
    requested_from: Option<u64>,
    /// Whether to request the whole body at once.
    restart: bool,
}

/// The content of a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ResponseContent {
    /// The whole body. `end`: its length, if it is known.
    Whole { end: Option<u64> },
    /// The rest of the body, after the bytes in the file. `end`: the length of the whole.
    Rest { end: u64 },
}

impl Resume {
    /// Requests the bytes after these (RFC 9110 sections 13.1.5 and 14.2), if that is possible.
    pub(super) fn request_rest(&mut self, received: u64, headers: &mut HeaderMap) {
        self.requested_from = None;
        let may_ask = received > 0 && !self.resume_disabled;
        let Some(validator) = self.validator.as_ref().filter(|_| may_ask) else { return };
        let Ok(range) = HeaderValue::from_str(&format!("bytes={received}-")) else { return };
        headers.insert(header::RANGE, range);
        headers.insert(header::IF_RANGE, validator.clone());
        self.requested_from = Some(received);
    }

    /// Stops requesting the rest. True if the current request asked for it.
    pub(super) fn abandon(&mut self) -> bool {
        self.resume_disabled = true;
        self.requested_from.take().is_some()
    }

    /// Rejects a response. If it answers a request for the rest, the whole body is requested at
    /// once.
    pub(super) fn refuse(&mut self, detail: &str) -> BodyIoError {
        self.restart = self.abandon();
        BodyIoError::Protocol(detail.into())
    }

    /// Whether to request the whole body at once. True only once.
    pub(super) fn take_restart(&mut self) -> bool {
        std::mem::take(&mut self.restart)
    }

    /// Records length and validator of a body that begins. `end`: its length, if it is known.
    pub(super) fn begin(&mut self, head: &ResponseHead, plain: bool, end: Option<u64>) {
        let whole = plain && head.status == 200;
        self.validator = validator(&head.headers).filter(|_| whole).cloned();
        self.length = end.filter(|_| whole);
        self.resume_disabled = false;
    }

    /// The content of a response. Its `Content-Range` decides, not its status: some servers respond
    /// to a `Range` with a 200 and send only the range.
    ///
    /// # Errors
    /// Fails if it is neither the whole body nor the rest, or does not prove which of them it is.
    pub(super) fn response_content(
        &mut self,
        head: &ResponseHead,
        plain: bool,
    ) -> Result<ResponseContent, BodyIoError> {
        self.classify(head, plain).ok_or_else(|| {
            self.refuse(match self.requested_from {
                Some(_) => "the server did not continue the body at the requested byte",
                None => "the server sent a part of the body that was not asked for",
            })
        })
    }

    fn classify(&self, head: &ResponseHead, plain: bool) -> Option<ResponseContent> {
        let (headers, partial, from) = (&head.headers, head.status == 206, self.requested_from);
        let part = match ByteRange::content_range(headers) {
            ContentRange::Part(part) => part,
            // `Content-Range` may describe a list in pages, which does not count bytes.
            ContentRange::None if !partial => return self.whole(headers, plain),
            ContentRange::Unclear if !partial && from.is_none() => {
                return Some(ResponseContent::Whole { end: None });
            }
            ContentRange::None | ContentRange::Unclear => return None,
        };
        let end = part.last.saturating_add(1);
        if part.first == 0 && part.whole.is_none_or(|whole| whole == end) {
            // Without the length of the whole, a response to a `Range` may be any part from the
            // start.
            let known = part.whole.is_some() || !partial && from.is_none();
            let fits = from.is_none() || self.expected_length(headers).is_none_or(|all| all == end);
            return (known && fits).then_some(ResponseContent::Whole { end: plain.then_some(end) });
        }
        let same = plain && self.is_same_version(headers) != Some(false);
        from.filter(|&from| same && self.is_rest(&part, from, headers))?;
        Some(ResponseContent::Rest { end })
    }

    /// A response without a range is the whole body by its status (RFC 9110 section 15.3.1). But
    /// some servers respond to a `Range` with only the range and do not say so. So a response to a
    /// `Range` counts as the whole only if its length proves it.
    fn whole(&self, headers: &HeaderMap, plain: bool) -> Option<ResponseContent> {
        let length = content_length(headers).filter(|_| plain);
        let Some(from) = self.requested_from else {
            let known = self.expected_length(headers).filter(|_| plain);
            return Some(ResponseContent::Whole { end: length.or(known) });
        };
        let rest = self.length.map(|all| all.saturating_sub(from));
        let proven = match self.is_same_version(headers) {
            // Another version may have any length, except the length of the old version's rest.
            Some(false) => length.is_some() && length != rest,
            _ => length.is_some() && length == self.length,
        };
        proven.then_some(ResponseContent::Whole { end: length })
    }

    /// The length of the whole body, if the response says that it has the version in the file.
    fn expected_length(&self, headers: &HeaderMap) -> Option<u64> {
        self.length.filter(|_| self.is_same_version(headers) == Some(true))
    }

    /// Whether the response says that it has the version in the file; `None` if it does not say.
    /// Many servers omit the validator if it is equal to the one in `If-Range`.
    fn is_same_version(&self, headers: &HeaderMap) -> Option<bool> {
        let validator = self.validator.as_ref()?;
        let name =
            if is_strong_entity_tag(validator) { header::ETAG } else { header::LAST_MODIFIED };
        headers.get(name).map(|given| given == validator)
    }

    /// Whether a part is exactly the body after the first `from` bytes. If the length of the whole
    /// is unknown, nothing proves that the part reaches its end.
    fn is_rest(&self, part: &ByteRange, from: u64, headers: &HeaderMap) -> bool {
        let end = part.last.saturating_add(1);
        let ends = [
            self.length,
            part.whole,
            content_length(headers).map(|rest| rest.saturating_add(from)),
        ];
        let known = self.length.or(part.whole).is_some();
        known && part.first == from && ends.into_iter().flatten().all(|known| known == end)
    }
}

/// The field that identifies the bytes in a later response: a strong entity tag, or a date of
/// modification that is old enough at the `Date` of the response (RFC 9110 section 8.8).
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

/// The length of a complete body.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// The range of a response (RFC 9110 section 14.4).
enum ContentRange {
    /// No range, or one that does not count bytes.
    None,
    Part(ByteRange),
    /// A range of bytes that is invalid, or several ranges.
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
