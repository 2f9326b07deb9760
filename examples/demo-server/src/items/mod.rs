//! `/v1/items`: a collection in memory, to list, add, change and delete items.

mod item;
mod store;

use crate::app::App;
use crate::page::Page;
use crate::query::Query;
use crate::reply::{self, Refusal, Reply};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{HOST, LINK, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use item::Item;
use serde_json::{Value, json};
pub use store::Store;

/// One page of the collection, with links to the others in `Link` (RFC 8288) and `"next"`.
pub async fn list(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Reply {
    let items = app.items();
    let page = Page::of(&Query::of(&uri), items.len())?;
    let shown: Vec<Value> = items.page(page.first_index(), page.per_page).collect();
    let next = page.next().map(|number| format!("{}{}", origin(&headers), page.path(number)));
    let body = json!({
        "items": shown,
        "page": page.number,
        "per_page": page.per_page,
        "total": page.total,
        "next": next,
    });
    let mut response = reply::json(StatusCode::OK, &body);
    reply::set_header(&mut response, LINK, &page.links());
    Ok(response)
}

/// Adds an item: 201 with its `Location`, or 422 with the errors.
pub async fn create(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Reply {
    let item = checked(&reply::json_body(&headers, &body)?)?;
    let shown = item.clone();
    let id = app.items().add(item);
    let mut response = reply::json(StatusCode::CREATED, &shown.to_json(id));
    let location = format!("{}/v1/items/{id}", origin(&headers));
    reply::set_header(&mut response, LOCATION, &location);
    Ok(response)
}

/// One item.
pub async fn get(State(app): State<App>, Path(id): Path<String>) -> Reply {
    let id = number(&id)?;
    app.items().get(id).map(|item| shown(id, item)).ok_or_else(|| unknown(id))
}

/// Replaces an existing item.
pub async fn replace(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    change(&app, &id, |_, _| reply::json_body(&headers, &body))
}

/// Changes the members in the body (RFC 7396). `null` sets a member to its default.
pub async fn patch(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    change(&app, &id, |id, item| {
        let changes = reply::json_body(&headers, &body)?;
        let mut merged = item.to_json(id);
        match (merged.as_object_mut(), changes) {
            (Some(members), Value::Object(changes)) => members.extend(changes),
            (_, other) => merged = other,
        }
        Ok(merged)
    })
}

/// Removes an item: 204, or 404 if there is no such item.
pub async fn delete(State(app): State<App>, Path(id): Path<String>) -> Reply {
    let id = number(&id)?;
    app.items()
        .remove(id)
        .map(|_| StatusCode::NO_CONTENT.into_response())
        .ok_or_else(|| unknown(id))
}

/// Replaces an item with the result of `make`, if that is a valid item.
fn change(app: &App, id: &str, make: impl FnOnce(u64, &Item) -> Result<Value, Refusal>) -> Reply {
    let id = number(id)?;
    let mut items = app.items();
    let place = items.get_mut(id).ok_or_else(|| unknown(id))?;
    *place = checked(&make(id, place)?)?;
    Ok(shown(id, place))
}

fn shown(id: u64, item: &Item) -> Response {
    reply::json(StatusCode::OK, &item.to_json(id))
}

fn checked(body: &Value) -> Result<Item, Refusal> {
    Item::from_json(body).map_err(|errors| {
        Refusal::with_body(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "errors": errors }))
    })
}

fn number(id: &str) -> Result<u64, Refusal> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: impl std::fmt::Display) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, &format!("there is no item {id}"))
}

/// The scheme and the authority that the caller uses for this server.
fn origin(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    format!("http://{host}")
}
