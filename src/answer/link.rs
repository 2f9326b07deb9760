//! The `Link` header field (RFC 8288), reduced to the parts that pagination needs.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use url::Url;

/// Maximum number of links read from a response; more cannot be useful.
const MAX_LINKS: usize = 1000;

/// The links of a response with their relations. A target becomes a full URL only when it is read,
/// because many short targets with a long base would take much memory.
#[derive(Debug, Default)]
pub struct Links {
    base: Option<Url>,
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    relations: String,
    target: String,
    resolved: OnceLock<Option<CString>>,
}

impl Links {
    /// Reads the field values of one response. Skips what it cannot parse, and links that belong to
    /// another resource (`anchor`).
    pub fn parse<'a>(values: impl Iterator<Item = &'a [u8]>, base: Option<Url>) -> Self {
        let mut links = Vec::new();
        for value in values {
            let value = crate::headers::value_text(value);
            let mut rest = &*value;
            while let Some((link, after)) = next_link(rest).filter(|_| links.len() < MAX_LINKS) {
                rest = after;
                let Some(relations) = link.relations.filter(|_| !link.has_anchor) else { continue };
                let (target, resolved) = (link.target.to_owned(), OnceLock::new());
                links.push(Link { relations, target, resolved });
            }
        }
        Self { base, links }
    }

    /// The target of the first link that has a relation and can be resolved. The case of the
    /// relation does not matter.
    #[must_use]
    pub fn target(&self, relation: &str) -> Option<&CStr> {
        let has_relation = |link: &&Link| {
            link.relations.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(relation))
        };
        self.links.iter().filter(has_relation).find_map(|link| self.resolved(link))
    }

    fn resolved<'a>(&self, link: &'a Link) -> Option<&'a CStr> {
        let full = || match &self.base {
            Some(base) => base.join(&link.target).ok(),
            None => Url::parse(&link.target).ok(),
        };
        let resolved = link.resolved.get_or_init(|| CString::new(String::from(full()?)).ok());
        resolved.as_deref()
    }
}

/// One link of a field value.
struct ParsedLink<'a> {
    target: &'a str,
    relations: Option<String>,
    has_anchor: bool,
}

/// Reads the next `<target>; name=value; …`. Returns it and the rest.
fn next_link(text: &str) -> Option<(ParsedLink<'_>, &str)> {
    let (_, after) = text.split_once('<')?;
    let (target, mut rest) = after.split_once('>')?;
    let mut link = ParsedLink { target: target.trim(), relations: None, has_anchor: false };
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(parameter) = rest.strip_prefix(';') else { return Some((link, rest)) };
        let (name, value, after) = next_parameter(parameter);
        rest = after;
        match name.to_ascii_lowercase().as_str() {
            // Only the first counts (RFC 8288 section 3.3).
            "rel" if link.relations.is_none() => link.relations = Some(value),
            "anchor" => link.has_anchor = true,
            _ => {}
        }
    }
}

/// A parameter's name, its unquoted value, and the rest.
fn next_parameter(text: &str) -> (&str, String, &str) {
    let end = text.find(['=', ';', ',']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(value) = rest.strip_prefix('=') else { return (name.trim(), String::new(), rest) };
    let value = value.trim_start_matches([' ', '\t']);
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find([';', ',']).unwrap_or(value.len());
        let (plain, rest) = value.split_at_checked(end).unwrap_or((value, ""));
        return (name.trim(), plain.trim().to_owned(), rest);
    };
    let (value, rest) = unquote(quoted);
    (name.trim(), value, rest)
}

/// Unquotes a quoted string (RFC 9110 section 5.6.4) that starts after its opening quote. Returns
/// it and the rest.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(field: &str, relation: &str) -> Option<String> {
        let base = Url::parse("https://h/api/items?page=2").unwrap();
        let links = Links::parse([field.as_bytes()].into_iter(), Some(base));
        links.target(relation).map(|target| target.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_link_with_the_relation_is_found_and_resolved() {
        let github =
            r#"<https://h/api/items?page=1>; rel="prev", <https://h/api/items?page=3>; rel="next""#;
        assert_eq!(target(github, "next").unwrap(), "https://h/api/items?page=3");
        assert_eq!(target("</x>; rel=next", "NEXT").unwrap(), "https://h/x");
        assert_eq!(target("<?page=3>;rel=next", "next").unwrap(), "https://h/api/items?page=3");
        assert_eq!(
            target("<y>; title=\"a, b; c\\\" <z>\"; rel=\"last next\"", "next").unwrap(),
            "https://h/api/y"
        );
        assert_eq!(target("<a,b;c>; rel=next", "next").unwrap(), "https://h/api/a,b;c");
    }

    #[test]
    fn only_the_first_rel_of_a_link_counts_and_links_with_an_anchor_are_skipped() {
        assert_eq!(target("</a>; rel=prev; rel=next", "next"), None);
        assert_eq!(
            target("</a>; rel=next; anchor=\"/other\", </b>; rel=next", "next").unwrap(),
            "https://h/b"
        );
    }

    #[test]
    fn malformed_links_are_skipped() {
        for field in [
            "",
            "<",
            "</a",
            "</a>",
            "</a>; rel",
            "rel=next",
            "<http://[>; rel=next",
            "</a>; rel=\"next",
        ] {
            let found = target(field, "next");
            assert!(found.is_none() || field.ends_with("\"next"), "{field}: {found:?}");
        }
    }

    #[test]
    fn a_thousand_links_are_read_and_only_requested_ones_are_resolved() {
        let last = |count: usize| target(&format!("{}</b>;rel=b", "<a>;rel=a,".repeat(count)), "b");
        assert_eq!(last(999).unwrap(), "https://h/b");
        assert_eq!(last(1000), None);
        assert_eq!(target("<http://[>;rel=a, </x>;rel=a", "a").unwrap(), "https://h/x");
    }
}
