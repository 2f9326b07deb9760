//! What people make: timelines, repositories, orders.

use fastrand::Rng;
use serde_json::{Value, json};

use super::pick;
use super::text::{date, hex, sentence, words};

const NAMES: &[&str] = &["ada", "grace", "linus", "margaret", "ken", "barbara", "日本太郎", "zoë"];

fn list(rng: &mut Rng, most: usize, make: impl Fn(&mut Rng) -> Value) -> Vec<Value> {
    let count = rng.usize(..=most);
    (0..count).map(|_| make(rng)).collect()
}

/// A status whose texts are of this sort.
pub fn status(rng: &mut Rng, text: fn(&mut Rng) -> String) -> Value {
    let id = rng.u64(1 << 58..1 << 60);
    json!({
        "created_at": date(rng),
        "id": id,
        "id_str": id.to_string(),
        "text": text(rng),
        "source": "<a href=\"https://example.org/app\" rel=\"nofollow\">App</a>",
        "truncated": rng.bool(),
        "in_reply_to_status_id": null,
        "user": {
            "id": rng.u32(..),
            "name": pick(rng, NAMES),
            "screen_name": format!("{}_{}", pick(rng, NAMES), rng.u16(..)),
            "description": text(rng),
            "protected": false,
            "followers_count": rng.u32(..100_000),
            "url": null,
            "profile_image_url": format!("http://img.example.org/{}.jpeg", hex(rng, 12)),
        },
        "geo": if rng.u8(..4) == 0 {
            json!({ "type": "Point", "coordinates": [rng.f64() * 90.0, rng.f64() * -180.0] })
        } else {
            Value::Null
        },
        "entities": {
            "hashtags": list(rng, 3, |rng| json!({
                "text": words(rng, 1, 1), "indices": [rng.u8(..50), rng.u8(50..140)]
            })),
            "urls": list(rng, 2, |rng| json!({
                "url": format!("https://t.example/{}", hex(rng, 8)),
                "display_url": format!("example.org/{}", hex(rng, 4)),
                "indices": [rng.u8(..50), rng.u8(50..140)],
            })),
            "user_mentions": list(rng, 2, |rng| json!({
                "screen_name": pick(rng, NAMES), "id": rng.u32(..), "indices": [0, rng.u8(5..15)]
            })),
        },
        "retweet_count": rng.u16(..),
        "favorited": rng.bool(),
        "lang": pick(rng, &["en", "ja", "de", "und"]),
    })
}

pub fn timeline(rng: &mut Rng) -> Value {
    let count = rng.usize(3..8);
    let statuses: Vec<_> = (0..count).map(|_| status(rng, sentence)).collect();
    json!({
        "statuses": statuses,
        "search_metadata": {
            "completed_in": rng.f32() as f64, "max_id": rng.u64(..), "query": "%23json",
            "next_results": "?max_id=5&q=%23json", "count": 100, "since_id": 0
        }
    })
}

pub fn repositories(rng: &mut Rng) -> Value {
    let count = rng.usize(3..9);
    let one = |rng: &mut Rng| {
        let owner = pick(rng, NAMES);
        let name = words(rng, 1, 2).replace([' ', ',', '\''], "-");
        json!({
            "id": rng.u32(..),
            "node_id": format!("R_{}", hex(rng, 10)),
            "name": name,
            "full_name": format!("{owner}/{name}"),
            "private": rng.bool(),
            "owner": {
                "login": owner, "id": rng.u32(..), "type": "User", "site_admin": false,
                "url": format!("https://api.example.org/users/{owner}"),
            },
            "html_url": format!("https://example.org/{owner}/{name}"),
            "description": if rng.u8(..5) == 0 { Value::Null } else { sentence(rng).into() },
            "fork": rng.bool(),
            "topics": list(rng, 5, |rng| words(rng, 1, 1).into()),
            "created_at": date(rng),
            "pushed_at": date(rng),
            "size": rng.u32(..90_000),
            "language": pick(rng, &["Rust", "C", "Go", "Ruby"]),
            "license": if rng.bool() {
                json!({ "key": "mit", "name": "MIT License", "spdx_id": "MIT", "url": null })
            } else {
                Value::Null
            },
            "permissions": { "admin": false, "push": rng.bool(), "pull": true },
            "score": 1.0
        })
    };
    Value::Array((0..count).map(|_| one(rng)).collect())
}

pub fn orders(rng: &mut Rng) -> Value {
    let count = rng.usize(4..12);
    let price = |rng: &mut Rng| f64::from(rng.u32(100..900_000)) / 100.0;
    let orders: Vec<_> = (0..count)
        .map(|_| {
            json!({
                "order": format!("A-{}", rng.u32(10_000..99_999)),
                "state": pick(rng, &["paid", "shipped", "open", "returned"]),
                "customer": {
                    "name": format!("{} O'Hara", pick(rng, NAMES)),
                    "email": format!("{}@example.org", hex(rng, 6)),
                    "address": { "street": sentence(rng), "zip": format!("{:05}", rng.u32(..99_999)) },
                },
                "lines": list(rng, 4, |rng| json!({
                    "sku": hex(rng, 8), "title": sentence(rng), "quantity": rng.u8(1..9),
                    "price": price(rng), "options": list(rng, 2, |rng| words(rng, 1, 2).into()),
                })),
                "total": price(rng),
                "currency": "EUR",
                "paid": rng.bool(),
                "note": if rng.bool() { Value::Null } else { sentence(rng).into() },
            })
        })
        .collect();
    json!({ "page": 1, "per_page": 50, "total": count, "orders": orders, "next": null })
}
