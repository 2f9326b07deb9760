//! The routes, and the state that the handlers share.

use crate::items::{self, Store};
use crate::reply::Refusal;
use crate::{echo, failures, index, media, orders, session, streams, token, transfer, users};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::routing::{any, get, post};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MAX_BODY_BYTES: usize = 16 << 20;
const MAX_COUNTERS: usize = 10_000;

/// The state that the handlers share while the server runs.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    items: Mutex<Store>,
    calls: Mutex<HashMap<(&'static str, String), u64>>,
}

impl App {
    fn new() -> Self {
        Self(Arc::new(Shared { items: Mutex::new(Store::seeded()), calls: Mutex::default() }))
    }

    /// The items. Do not hold them over an await.
    pub fn items(&self) -> MutexGuard<'_, Store> {
        self.0.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of this call with this key to this endpoint, from 1. After ten thousand keys, all
    /// counters restart, so that a long run does not fill the memory.
    pub fn count(&self, endpoint: &'static str, key: &str) -> u64 {
        let mut calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= MAX_COUNTERS {
            calls.clear();
        }
        let count = calls.entry((endpoint, key.to_owned())).or_insert(0);
        *count += 1;
        *count
    }
}

/// The whole API, with new state.
pub fn router() -> Router {
    Router::new()
        .route("/", get(index::get))
        .route("/v1/users/{id}", get(users::get))
        .route("/v1/token", post(token::post))
        .route("/v1/session", get(session::get))
        .route("/v1/items", get(items::list).post(items::create))
        .route(
            "/v1/items/{id}",
            get(items::get).put(items::replace).patch(items::patch).delete(items::delete),
        )
        .route("/v1/orders", get(orders::list))
        .route("/v1/export", get(streams::export))
        .route("/v1/readings", get(streams::readings))
        .route("/v1/chat", post(streams::chat))
        .route("/v1/log", get(streams::log))
        .route("/v1/form", post(echo::form))
        .route("/v1/echo", any(echo::request))
        .route("/v1/picture.png", get(media::picture))
        .route("/v1/gzip", get(media::gzip))
        .route("/v1/download", get(transfer::download))
        .route("/v1/visits", get(transfer::visits))
        .route("/v1/redirect", get(failures::redirect))
        .route("/v1/damaged", get(failures::damaged))
        .route("/v1/bad-gateway", any(failures::bad_gateway))
        .route("/v1/limited", any(failures::limited))
        .route("/v1/always-limited", any(failures::always_limited))
        .route("/v1/flaky", any(failures::flaky))
        .route("/v1/slow", any(failures::slow))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(App::new())
}

async fn unknown_path(uri: Uri) -> Refusal {
    let message = format!("there is nothing at {}", uri.path());
    Refusal::new(StatusCode::NOT_FOUND, &message)
}

/// The router adds `Allow` to this (RFC 9110 section 15.5.6).
async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let message = format!("{method} is not allowed at {}", uri.path());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, &message)
}
