//! The requested page of a collection, and the links to the other pages.

use crate::query::Query;
use crate::reply::Refusal;
use axum::http::StatusCode;

const DEFAULT_PER_PAGE: usize = 10;
const MAX_PER_PAGE: usize = 100;

/// One page of a collection.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The number, from 1.
    pub number: usize,
    /// The largest number of items on a page.
    pub per_page: usize,
    /// The number of items in the collection.
    pub total: usize,
}

impl Page {
    /// The page that `page` and `per_page` name; 400 if they are out of range.
    pub fn of(query: &Query, total: usize) -> Result<Self, Refusal> {
        let number = query.number("page", 1)?;
        let per_page = query.number("per_page", DEFAULT_PER_PAGE)?;
        if number == 0 || per_page == 0 || per_page > MAX_PER_PAGE {
            let message = "page must be 1 or more, per_page 1 to 100";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, message));
        }
        Ok(Self { number, per_page, total })
    }

    /// The index of the first item in the collection.
    pub fn first_index(&self) -> usize {
        (self.number - 1).saturating_mul(self.per_page)
    }

    /// The next page, if there is one.
    pub fn next(&self) -> Option<usize> {
        (self.number < self.last()).then_some(self.number + 1)
    }

    /// Path and query of a page of this size.
    pub fn path(&self, number: usize) -> String {
        format!("/v1/items?page={number}&per_page={}", self.per_page)
    }

    /// The `Link` field (RFC 8288). Its targets are relative references, as section 3.1 allows.
    pub fn links(&self) -> String {
        let previous = (self.number > 1).then(|| (self.number - 1).min(self.last()));
        let relations = [
            ("next", self.next()),
            ("prev", previous),
            ("first", Some(1)),
            ("last", Some(self.last())),
        ];
        let links = relations.into_iter().filter_map(|(rel, number)| {
            number.map(|number| format!("<{}>; rel=\"{rel}\"", self.path(number)))
        });
        links.collect::<Vec<_>>().join(", ")
    }

    fn last(&self) -> usize {
        self.total.div_ceil(self.per_page).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: usize, total: usize) -> Page {
        Page { number, per_page: 10, total }
    }

    fn relations(page: &Page) -> Vec<String> {
        page.links()
            .split("rel=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().into())
            .collect()
    }

    #[test]
    fn the_first_page_has_no_previous_and_the_last_no_next() {
        assert_eq!(relations(&page(1, 25)), ["next", "first", "last"]);
        assert_eq!(relations(&page(2, 25)), ["next", "prev", "first", "last"]);
        assert_eq!(relations(&page(3, 25)), ["prev", "first", "last"]);
    }

    #[test]
    fn an_empty_collection_has_one_page() {
        assert_eq!(relations(&page(1, 0)), ["first", "last"]);
        assert_eq!(page(1, 0).next(), None);
    }

    #[test]
    fn after_the_end_the_previous_page_is_the_last() {
        assert!(page(9, 25).links().contains("page=3&per_page=10>; rel=\"prev\""));
        assert_eq!(page(usize::MAX, 25).first_index(), usize::MAX);
    }
}
