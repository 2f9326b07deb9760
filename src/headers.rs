//! The header fields of a response: kept as they came, and taken apart when somebody asks.
//!
//! Most callers look at the JSON and at nothing else. A map of a dozen fields costs more than the
//! rest of a small response, so it is made on the first look.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use wide::u8x16;

/// Header fields, as a [`HeaderMap`] on the first look and not before.
#[derive(Clone, Default)]
pub struct Headers {
    /// Lines that have been found in order; empty where there is a map from the beginning.
    lines: Vec<u8>,
    /// In a box: a response is moved more often than its fields are looked at.
    map: OnceLock<Box<HeaderMap>>,
}

impl Headers {
    /// The fields on these lines, each `name: value` (RFC 9112 section 5) with a line feed behind.
    /// Others are passed over.
    #[must_use]
    pub fn of_lines(lines: Vec<u8>) -> Self {
        Self { lines, map: OnceLock::new() }
    }

    /// Whether there is such a field. The cheapest look there is.
    #[must_use]
    pub fn has(&self, name: &HeaderName) -> bool {
        match self.map.get() {
            Some(map) => map.contains_key(name),
            None => {
                let name = name.as_str().as_bytes();
                may_name(&self.lines, name.len())
                    && self.pairs().any(|(other, _)| other.eq_ignore_ascii_case(name))
            }
        }
    }

    /// The fields without those of these names.
    #[must_use]
    pub fn without(mut self, names: &[HeaderName]) -> Self {
        let mut map = self.map.take().unwrap_or_else(|| self.parsed());
        for name in names {
            map.remove(name);
        }
        Self { lines: Vec::new(), map: OnceLock::from(map) }
    }

    fn parsed(&self) -> Box<HeaderMap> {
        let map = self
            .pairs()
            .filter_map(|(name, value)| {
                let name = HeaderName::from_bytes(name).ok()?;
                Some((name, HeaderValue::from_bytes(value).ok()?))
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            });
        Box::new(map)
    }

    /// Name and value of each, without the spaces around the value. Each line ends with a line feed.
    fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = self.lines.as_slice();
        let lines = std::iter::from_fn(move || {
            let end = memchr::memchr(b'\n', rest)?;
            let (line, behind) = rest.split_at_checked(end.saturating_add(1))?;
            rest = behind;
            Some(line)
        });
        lines.filter_map(|line| {
            let colon = memchr::memchr(b':', line)?;
            let (name, rest) = line.split_at_checked(colon)?;
            Some((name, rest.get(1..)?.trim_ascii()))
        })
    }
}

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        self.map.get_or_init(|| self.parsed())
    }
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self { lines: Vec::new(), map: OnceLock::from(Box::new(map)) }
    }
}

/// Whether one of these lines may have a name of this length: has a colon where it would end.
///
/// Most do not, and sixteen places are looked at at once, where taking the lines apart would cost
/// more than all the rest that is done with the fields of a small response.
fn may_name(lines: &[u8], length: usize) -> bool {
    let Some((name, colons)) = lines.split_at_checked(length.saturating_add(1)) else {
        return false;
    };
    let feeds = lines.get(..colons.len()).unwrap_or_default();
    // The last ones are looked at in a block of their own, which begins within the one before it.
    let (Some(last_feeds), Some(last_colons)) = (feeds.last_chunk(), colons.last_chunk()) else {
        return true;
    };
    let blocks = feeds.as_chunks().0.iter().zip(colons.as_chunks().0);
    let found = blocks.fold(names_begun(last_feeds, last_colons), |found, (feeds, colons)| {
        found | names_begun(feeds, colons)
    });
    name.ends_with(b":") || found.any()
}

/// Where a line feed in one block goes with a colon at the same place of the other.
fn names_begun(feeds: &[u8; 16], colons: &[u8; 16]) -> u8x16 {
    let feeds = u8x16::new(*feeds).simd_eq(u8x16::splat(b'\n'));
    feeds & u8x16::new(*colons).simd_eq(u8x16::splat(b':'))
}

/// Without the values, of which some are secrets.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    const LINES: &[u8] = b"Set-Cookie: a=1\r\nX-Empty:\r\nset-cookie:\tb=2 \nX: gr\xfcn\r\n\r\n";

    #[test]
    fn lines_become_a_map_on_the_first_look() {
        let headers = Headers::of_lines(LINES.to_vec());
        assert!(headers.has(&header::SET_COOKIE) && headers.map.get().is_none());
        assert!(!headers.has(&header::COOKIE));
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).into_iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(headers["x-empty"], "");
        assert_eq!(headers["x"].as_bytes(), b"gr\xfcn");
        assert_eq!(headers.len(), 4);
        assert!(headers.has(&header::SET_COOKIE) && !headers.has(&header::COOKIE));
    }

    #[test]
    fn a_name_is_found_on_whichever_line_and_wherever_a_block_ends() {
        let name = HeaderName::from_static("x-wanted");
        for before in 0..70 {
            for behind in 0..40 {
                let fields = |name| {
                    let lines = format!("a:{:before$}\r\n{name}\r\nb:{:behind$}\r\n", "", "");
                    Headers::of_lines(lines.into_bytes())
                };
                assert!(fields("X-Wanted: 1").has(&name), "{before} bytes before, {behind} behind");
                for other in ["X-Wanted-: 1", "-X-Wanted: 1", "x-wanten: 1", "y: X-Wanted: 1"] {
                    assert!(!fields(other).has(&name), "{other}, {before}, {behind}");
                }
            }
        }
        assert!(Headers::of_lines(b"x-wanted:\n".to_vec()).has(&name));
        assert!(!Headers::of_lines(b"x-wanted:".to_vec()).has(&name), "a line without its end");
        assert!(!Headers::of_lines(Vec::new()).has(&name));
    }

    #[test]
    fn what_is_left_out_is_gone() {
        let headers = Headers::of_lines(LINES.to_vec()).without(&[header::SET_COOKIE]);
        assert!(!headers.has(&header::SET_COOKIE));
        assert_eq!(headers.len(), 2);
        assert_eq!(headers.without(&[HeaderName::from_static("x")]).len(), 1);
    }
}
