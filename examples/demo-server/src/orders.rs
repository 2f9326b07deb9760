//! `GET /v1/orders`: a long list.

use crate::reply;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

/// The number of orders.
pub const COUNT: u64 = 1000;

/// All orders at once. Every seventh is unpaid.
pub async fn list() -> Response {
    let orders: Vec<Value> = (1..=COUNT).map(order).collect();
    reply::json(StatusCode::OK, &json!({ "orders": orders }))
}

/// The order with this number.
pub fn order(id: u64) -> Value {
    json!({
        "id": id,
        "customer": format!("Customer {}", id % 40),
        "cents": 500 + id * 37 % 900,
        "paid": !id.is_multiple_of(7),
    })
}
