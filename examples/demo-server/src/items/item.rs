//! One item, and its rules.

use serde_json::{Map, Value, json};

const MAX_NAME: usize = 100;
const MAX_QUANTITY: u64 = 1_000_000;

/// An item in stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The name, 1 to 100 characters.
    pub name: String,
    /// The number of pieces.
    pub quantity: u64,
    /// Labels.
    pub tags: Vec<String>,
}

impl Item {
    /// Reads an item. A member `id` is ignored, because the store assigns it. On failure, returns
    /// all errors, each with the member and a message.
    pub fn from_json(body: &Value) -> Result<Self, Vec<Value>> {
        let Some(members) = body.as_object() else {
            return Err(vec![json!({ "message": "an item must be an object" })]);
        };
        let mut errors: Vec<Value> = members
            .keys()
            .filter(|name| !["id", "name", "quantity", "tags"].contains(&name.as_str()))
            .map(|name| field_error(name, "is not a member of an item"))
            .collect();
        let item = Self {
            name: checked(members, &mut errors, "name", name),
            quantity: checked(members, &mut errors, "quantity", quantity),
            tags: checked(members, &mut errors, "tags", tags),
        };
        if errors.is_empty() { Ok(item) } else { Err(errors) }
    }

    /// The item as the API shows it.
    pub fn to_json(&self, id: u64) -> Value {
        json!({ "id": id, "name": self.name, "quantity": self.quantity, "tags": self.tags })
    }
}

/// Reads a member with `read` (a missing member is `null`), and adds its error to `errors`.
fn checked<T: Default>(
    members: &Map<String, Value>,
    errors: &mut Vec<Value>,
    name: &str,
    read: impl FnOnce(&Value) -> Result<T, &'static str>,
) -> T {
    read(members.get(name).unwrap_or(&Value::Null)).unwrap_or_else(|message| {
        errors.push(field_error(name, message));
        T::default()
    })
}

fn field_error(name: &str, message: &str) -> Value {
    json!({ "field": name, "message": format!("{name} {message}") })
}

fn name(value: &Value) -> Result<String, &'static str> {
    let text = value.as_str().unwrap_or("");
    let allowed = !text.trim().is_empty() && text.chars().count() <= MAX_NAME;
    allowed.then(|| text.to_owned()).ok_or("must be a string of 1 to 100 characters")
}

fn quantity(value: &Value) -> Result<u64, &'static str> {
    if value.is_null() {
        return Ok(0);
    }
    let allowed = value.as_u64().filter(|quantity| *quantity <= MAX_QUANTITY);
    allowed.ok_or("must be a whole number from 0 to 1000000")
}

fn tags(value: &Value) -> Result<Vec<String>, &'static str> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let strings =
        value.as_array().map(|tags| tags.iter().map(|tag| tag.as_str().map(str::to_owned)));
    strings.and_then(Iterator::collect).ok_or("must be an array of strings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough_and_the_rest_has_defaults() {
        let item = Item::from_json(&json!({ "name": "Ünïcode", "id": 7, "tags": null })).unwrap();
        assert_eq!(item, Item { name: "Ünïcode".into(), quantity: 0, tags: vec![] });
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let body = json!({ "name": " ", "quantity": -1, "tags": ["a", 1], "colour": "red" });
        let errors = Item::from_json(&body).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["colour", "name", "quantity", "tags"]);
    }

    #[test]
    fn a_value_that_is_not_an_object_is_refused() {
        let errors = Item::from_json(&json!([])).unwrap_err();
        assert_eq!(errors, [json!({ "message": "an item must be an object" })]);
    }
}
