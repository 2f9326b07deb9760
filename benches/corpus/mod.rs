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

/// A list of an API, of about 10 KB: short names and values, hardly a string of any length.
pub fn api_list() -> String {
    let item = |id: u32| {
        let sold = if id.is_multiple_of(2) { "null" } else { "true" };
        let price = 10 + id % 90;
        format!(
            "{{\"id\":{id},\"title\":\"Kettle \\u00bd\",\"price\":{price}.95,\"tags\":[\"home\",\"steel\"],\"sold\":{sold}}}"
        )
    };
    let items: Vec<_> = (1..=120).map(item).collect();
    format!("{{\"name\":\"Ada Lovelace\",\"items\":[{}],\"total\":120}}", items.join(","))
}

/// A catalogue of this many events, pretty-printed: numbers as names, deep, mostly white space.
pub fn catalogue(events: u32) -> String {
    let mut rng = Rng::with_seed(9);
    let mut names = serde_json::Map::new();
    let mut performances = Vec::new();
    for id in (0..events).map(|n| 138_586_341 + n) {
        names.insert(
            id.to_string(),
            serde_json::json!({
                "description": null, "id": id, "logo": null, "name": text::words(&mut rng, 2, 4),
                "subTopicIds": [337_184_269, 337_184_283], "subjectCode": null, "subtitle": null,
                "topicIds": [324_846_099, 107_888_604]
            }),
        );
        let seats: Vec<_> = (0..rng.u32(1..8))
            .map(|n| serde_json::json!({ "areaId": 205_705_999 + n, "blockIds": [] }))
            .collect();
        performances.push(serde_json::json!({
            "eventId": id, "id": 339_887_544 + id, "logo": null, "name": null,
            "prices": [{ "amount": rng.u32(..999) * 100, "audienceSubCategoryId": 337_100_890, "seatCategoryId": 338_937_295 }],
            "seatCategories": [{ "areas": seats, "seatCategoryId": 338_937_295 }],
            "start": 1_372_701_600_000_u64 + u64::from(rng.u32(..)), "venueCode": "PLEYEL_PLEYEL"
        }));
    }
    let all = serde_json::json!({ "events": names, "performances": performances, "venueNames": { "PLEYEL_PLEYEL": "Salle Pleyel" } });
    serde_json::to_string_pretty(&all).unwrap_or_default()
}

/// Measurements, most of them numbers.
pub fn numbers(rows: u32) -> String {
    let mut rng = Rng::with_seed(10);
    let row = |n: u32| {
        let values: Vec<_> = (0..6).map(|_| (rng.f64() * 3.6e7).round() / 1e5 - 180.0).collect();
        serde_json::json!({ "t": 1_700_000_000 + n, "v": values, "n": rng.u32(..1_000_000) })
    };
    serde_json::Value::from((0..rows).map(row).collect::<Vec<_>>()).to_string()
}

/// What is repeated to a megabyte to find out whether time grows with the length alone. The list
/// has a file of its own since a test of the library reads it too.
pub const HOSTILE: &[&str] = include!("hostile.rs");

/// One of these.
pub fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
