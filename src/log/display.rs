//! URLs for log lines and error texts.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::{Position, Url};

use super::secret::REDACTED;
use super::secret_name::is_secret_name;

/// A URL or a path for log lines and error texts: without userinfo, and with `[redacted]` as the
/// value of every query parameter with a secret name. A fragment is treated like a query.
#[must_use]
pub fn display_url(url: &str) -> String {
    let bare = without_userinfo(url);
    let (rest, fragment) = split_at_char(&bare, '#');
    let (place, query) = split_at_char(rest, '?');
    let mut shown = place.to_owned();
    for (mark, parameters) in [('?', query), ('#', fragment)] {
        if let Some(parameters) = parameters {
            shown.push(mark);
            push_parameters(&mut shown, parameters);
        }
    }
    shown
}

/// The text before the first `mark`, and the text after it.
fn split_at_char(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn without_userinfo(url: &str) -> Cow<'_, str> {
    if url.starts_with('/') && !url.starts_with("//") {
        return Cow::Borrowed(url);
    }
    match Url::parse(url) {
        Ok(parsed) if parsed.has_host() => Cow::Owned(
            [&parsed[..Position::BeforeUsername], &parsed[Position::BeforeHost..]].concat(),
        ),
        // An invalid URL may contain a password with an unescaped `/`, `?` or `#`, so all text
        // before the last `@` is removed.
        _ => Cow::Borrowed(url.rsplit_once('@').map_or(url, |(_, after)| after)),
    }
}

fn push_parameters(shown: &mut String, parameters: &str) {
    for parameter in parameters.split_inclusive(['&', ';']) {
        let body = parameter.trim_end_matches(['&', ';']);
        match body.split_once('=') {
            Some((name, _)) if is_secret_name(&percent_decode_str(name).decode_utf8_lossy()) => {
                shown.extend([name, "=", REDACTED]);
            }
            _ => shown.push_str(body),
        }
        shown.push_str(parameter.get(body.len()..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_is_removed() {
        for (url, shown) in [
            ("https://jane:s3cret@host:8080/a?b=c", "https://host:8080/a?b=c"),
            ("https://token@host/", "https://host/"),
            ("https://host/@jane", "https://host/@jane"),
            ("/users/@jane", "/users/@jane"),
            ("socks5h://jane:s3cret@proxy:1080", "socks5h://proxy:1080"),
            ("//jane:s3cret@host/", "host/"),
            ("https://jane:se/cret@host/", "host/"),
            ("jane:s3cret@host:8080/", "host:8080/"),
            ("https://jane:s3#c?ret@host", "host"),
        ] {
            assert_eq!(display_url(url), shown, "of {url}");
        }
    }

    #[test]
    fn secret_parameters_keep_their_names_but_not_their_values() {
        for (url, shown) in [
            ("/a?page=2&access_token=abc&x=1", "/a?page=2&access_token=[redacted]&x=1"),
            ("/a?%74oken=abc", "/a?%74oken=[redacted]"),
            ("/a?API_KEY=a=b", "/a?API_KEY=[redacted]"),
            ("/a?x=1;sig=abc;y", "/a?x=1;sig=[redacted];y"),
            ("/a?token", "/a?token"),
            ("/a?", "/a?"),
            ("/a?&&", "/a?&&"),
            ("https://host/cb#id_token=abc", "https://host/cb#id_token=[redacted]"),
        ] {
            assert_eq!(display_url(url), shown, "of {url}");
        }
    }
}
