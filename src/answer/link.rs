//! The `Link` header field (RFC 8288), as far as a client that follows pages needs it.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use url::Url;

/// No response has more links than this that somebody looks for.
const MOST: usize = 1000;

/// The links of a response with their relations. The target of one becomes a full URL on the first
/// look: a short one may stand for a long one.
#[derive(Debug, Default)]
pub struct Links {
    base: Option<Url>,
    links: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    relations: String,
    target: String,
    resolved: OnceLock<Option<CString>>,
}

impl Links {
    /// Reads the field values of one response. What cannot be parsed is left out, and so is a link that
    /// is said of another resource (`anchor`).
    pub fn parse<'a>(values: impl Iterator<Item = &'a [u8]>, base: Option<Url>) -> Self {
        let mut links = Vec::new();
        for value in values {
            let value = crate::headers::value_text(value);
            let mut rest = &*value;
            while let Some((link, behind)) = next_link(rest).filter(|_| links.len() < MOST) {
                rest = behind;
                let Some(relations) = link.relations.filter(|_| !link.anchored) else { continue };
                let (target, resolved) = (link.target.to_owned(), OnceLock::new());
                links.push(Kept { relations, target, resolved });
            }
        }
        Self { base, links }
    }

    /// The target with a relation, in any case; the first that can be resolved where there are several.
    #[must_use]
    pub fn target(&self, relation: &str) -> Option<&CStr> {
        let has = |link: &&Kept| {
            link.relations.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(relation))
        };
        self.links.iter().filter(has).find_map(|link| self.resolved(link))
    }

    fn resolved<'a>(&self, link: &'a Kept) -> Option<&'a CStr> {
        let full = || match &self.base {
            Some(base) => base.join(&link.target).ok(),
            None => Url::parse(&link.target).ok(),
        };
        let resolved = link.resolved.get_or_init(|| CString::new(String::from(full()?)).ok());
        resolved.as_deref()
    }
}

/// One link as it stands in the field.
struct Link<'a> {
    target: &'a str,
    relations: Option<String>,
    anchored: bool,
}

/// Takes the next `<target>; name=value; …` off the front.
fn next_link(text: &str) -> Option<(Link<'_>, &str)> {
    let (_, behind) = text.split_once('<')?;
    let (target, mut rest) = behind.split_once('>')?;
    let mut link = Link { target: target.trim(), relations: None, anchored: false };
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(parameter) = rest.strip_prefix(';') else { return Some((link, rest)) };
        let (name, value, behind) = parameter_of(parameter);
        rest = behind;
        match name.to_ascii_lowercase().as_str() {
            // Only the first counts (RFC 8288 section 3.3).
            "rel" if link.relations.is_none() => link.relations = Some(value),
            "anchor" => link.anchored = true,
            _ => {}
        }
    }
}

/// A parameter's name, its value with quoting undone, and what stands behind it.
fn parameter_of(text: &str) -> (&str, String, &str) {
    let end = text.find(['=', ';', ',']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(value) = rest.strip_prefix('=') else { return (name.trim(), String::new(), rest) };
    let value = value.trim_start_matches([' ', '\t']);
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find([';', ',']).unwrap_or(value.len());
        let (plain, rest) = value.split_at_checked(end).unwrap_or((value, ""));
        return (name.trim(), plain.trim().to_owned(), rest);
    };
    let (value, rest) = unquoted(quoted);
    (name.trim(), value, rest)
}

/// A quoted string (RFC 9110 section 5.6.4) up to its end quote, and what stands behind it.
fn unquoted(text: &str) -> (String, &str) {
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
    fn only_the_first_rel_of_a_link_counts_and_an_anchored_one_is_about_something_else() {
        assert_eq!(target("</a>; rel=prev; rel=next", "next"), None);
        assert_eq!(
            target("</a>; rel=next; anchor=\"/other\", </b>; rel=next", "next").unwrap(),
            "https://h/b"
        );
    }

    #[test]
    fn what_is_no_link_is_left_out() {
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
    fn so_many_links_are_read_and_each_becomes_a_url_when_it_is_looked_for() {
        let last = |count: usize| target(&format!("{}</b>;rel=b", "<a>;rel=a,".repeat(count)), "b");
        assert_eq!(last(999).unwrap(), "https://h/b");
        assert_eq!(last(1000), None);
        assert_eq!(target("<http://[>;rel=a, </x>;rel=a", "a").unwrap(), "https://h/x");
    }
}
