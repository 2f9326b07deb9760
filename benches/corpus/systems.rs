//! What systems make: configuration, measurements, tables of records.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::pick;
use super::text::{date, hex, sentence, words};

/// Objects in objects, five deep and more.
pub fn configuration(rng: &mut Rng) -> Value {
    fn section(rng: &mut Rng, depth: u8) -> Value {
        const KEYS: &[&str] = &[
            "enabled", "timeout", "retries", "host", "paths", "limits", "cache", "log", "level",
            "tls", "pool", "routes", "headers", "auth", "metrics", "interval", "labels", "file",
        ];
        let mut members = Map::new();
        for _ in 0..rng.usize(3..8) {
            let value = match rng.u8(..if depth == 0 { 6 } else { 10 }) {
                0 => rng.bool().into(),
                1 => rng.u32(..100_000).into(),
                2 => (f64::from(rng.u16(..)) / 64.0).into(),
                3 => words(rng, 1, 3).into(),
                4 => format!("/etc/{}/{}.conf", hex(rng, 3), hex(rng, 5)).into(),
                5 => Value::Null,
                6 => (0..rng.usize(..5)).map(|_| words(rng, 1, 2)).collect(),
                7 => (0..rng.usize(1..4)).map(|_| section(rng, depth - 1)).collect(),
                _ => section(rng, depth - 1),
            };
            members.insert(pick(rng, KEYS).into(), value);
        }
        Value::Object(members)
    }
    let mut root = Map::new();
    for name in ["service", "storage", "network", "jobs"] {
        root.insert(name.into(), section(rng, 4));
    }
    Value::Object(root)
}

/// Features with arrays of numbers in arrays.
pub fn measurements(rng: &mut Rng) -> Value {
    let degrees = |rng: &mut Rng| (rng.f64() * 18_000_000.0).round() / 100_000.0;
    let feature = |rng: &mut Rng| {
        let points: Vec<_> =
            (0..rng.usize(3..12)).map(|_| json!([degrees(rng), degrees(rng)])).collect();
        json!({
            "type": "Feature",
            "id": rng.u16(..),
            "geometry": { "type": "Polygon", "coordinates": [points] },
            "properties": {
                "station": words(rng, 1, 2), "at": date(rng), "active": rng.bool(),
                "series": (0..rng.usize(..9)).map(|_| rng.i32(-400..400)).collect::<Vec<_>>(),
                "unit": pick(rng, &["°C", "m/s", "hPa"]), "error": null
            }
        })
    };
    let features: Vec<_> = (0..rng.usize(5..12)).map(|_| feature(rng)).collect();
    json!({ "type": "FeatureCollection", "features": features })
}

/// An array of flat records.
pub fn records(rng: &mut Rng) -> Value {
    let record = |rng: &mut Rng, id: usize| {
        json!({
            "id": id,
            "uuid": format!("{}-{}-4{}-a{}-{}", hex(rng, 8), hex(rng, 4), hex(rng, 3), hex(rng, 3), hex(rng, 12)),
            "title": sentence(rng),
            "count": rng.u32(..5000),
            "ratio": f64::from(rng.u16(..)) / 1000.0,
            "active": rng.bool(),
            "tag": pick(rng, &["red", "green", "dark blue"]),
            "updated": date(rng),
            "parent": if rng.bool() { Value::Null } else { rng.u16(..).into() },
        })
    };
    Value::Array((0..rng.usize(12..30)).map(|id| record(rng, id)).collect())
}
