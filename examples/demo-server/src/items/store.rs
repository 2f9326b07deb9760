//! The items of a running server.

use super::item::Item;
use serde_json::Value;
use std::collections::BTreeMap;

const SEEDED: u64 = 25;

/// The items by number. A number is never used twice.
pub struct Store {
    items: BTreeMap<u64, Item>,
    last_id: u64,
}

impl Store {
    /// A store with 25 items.
    pub fn seeded() -> Self {
        let mut store = Self { items: BTreeMap::new(), last_id: 0 };
        for number in 1..=SEEDED {
            let tags = vec![if number % 2 == 0 { "even" } else { "odd" }.to_owned()];
            store.add(Item { name: format!("Item {number}"), quantity: number * 10, tags });
        }
        store
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// At most `count` items from this index on, as the API shows them.
    pub fn page(&self, first: usize, count: usize) -> impl Iterator<Item = Value> {
        self.items.iter().skip(first).take(count).map(|(id, item)| item.to_json(*id))
    }

    /// Adds an item, and returns its number.
    pub fn add(&mut self, item: Item) -> u64 {
        self.last_id += 1;
        self.items.insert(self.last_id, item);
        self.last_id
    }

    /// The item with this number.
    pub fn get(&self, id: u64) -> Option<&Item> {
        self.items.get(&id)
    }

    /// The item of this number, for a change.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut Item> {
        self.items.get_mut(&id)
    }

    /// Removes and returns the item with this number.
    pub fn remove(&mut self, id: u64) -> Option<Item> {
        self.items.remove(&id)
    }
}
