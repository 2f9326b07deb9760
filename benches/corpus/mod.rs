//! Made-up answers of APIs in the styles that are met, and the damage done to them. Everything
//! comes from one seed, so that every run has the same documents.

#![allow(dead_code, unused_imports)] // Each bench uses its own part.
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // Nothing here is shipped.

mod damage;
mod people;
mod systems;
mod text;

pub use damage::{Damage, damaged};
pub use text::{japanese, sentence};

use fastrand::Rng;
use serde_json::Value;

/// Makes one document.
pub type Style = fn(&mut Rng) -> Value;

/// The styles, by name.
pub const STYLES: &[(&str, Style)] = &[
    ("timeline", people::timeline),
    ("repositories", people::repositories),
    ("shop orders", people::orders),
    ("configuration", systems::configuration),
    ("measurements", systems::measurements),
    ("records", systems::records),
    ("translations", text::translations),
];

/// One document: what it is, and its text.
pub struct Document {
    /// The style, and whether it is pretty-printed.
    pub name: String,
    /// Valid JSON.
    pub text: String,
}

/// So many documents of every style, compact and pretty-printed.
pub fn documents(each: usize, seed: u64) -> Vec<Document> {
    let mut rng = Rng::with_seed(seed);
    let mut documents = Vec::new();
    for _ in 0..each {
        for (style, make) in STYLES {
            let value = make(&mut rng);
            let compact = serde_json::to_string(&value).unwrap_or_default();
            documents.push(Document { name: format!("{style}, compact"), text: compact });
            let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
            documents.push(Document { name: format!("{style}, pretty"), text: pretty });
        }
    }
    documents
}

/// A timeline of at least this many bytes, compact. `text` makes the texts in it.
pub fn large_timeline(bytes: usize, text: fn(&mut Rng) -> String) -> String {
    let mut rng = Rng::with_seed(7);
    let mut statuses = Vec::new();
    let mut length = 0;
    while length < bytes {
        let status = people::status(&mut rng, text);
        length += status.to_string().len();
        statuses.push(status);
    }
    serde_json::json!({ "statuses": statuses, "search_metadata": { "count": 100 } }).to_string()
}

/// What is repeated to a megabyte to find out whether time grows with the length alone. The list
/// has a file of its own since a test of the library reads it too.
pub const HOSTILE: &[&str] = include!("hostile.rs");

/// One of these.
pub fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
