//! Bodies that arrive piece by piece: JSON lines, a long array, and events.

use crate::orders;
use crate::query::Query;
use crate::reply::{self, Refusal, Reply};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::json;
use std::io;
use std::time::Duration;

/// The pause before each piece.
const PAUSE: Duration = Duration::from_millis(5);
const MAX_READINGS: u64 = 10_000_000;
/// The events of the log, and how many of them one connection gets.
const EVENTS: u64 = 6;
const EVENTS_PER_CONNECTION: u64 = 2;

/// `GET /v1/export`: the orders, one in each line. Line 500 has a comma too many.
pub async fn export() -> Response {
    let line = |number| {
        let order = orders::order(number).to_string();
        if number == 500 { order.replace('}', ",}\n") } else { order + "\n" }
    };
    let lines = (1..=orders::COUNT).map(line);
    reply::typed(StatusCode::OK, "application/x-ndjson", body(stream::iter(lines)))
}

/// `GET /v1/readings?count=…`: an array of objects, 1000 by default.
pub async fn readings(uri: Uri) -> Reply {
    let count = Query::of(&uri).number("count", 1000)?.min(MAX_READINGS);
    let reading = move |number| {
        let comma = if number < count { "," } else { "" };
        format!("{{\"at\":{number},\"celsius\":{}.5}}{comma}", number % 40)
    };
    let pieces = stream::once(async { "[".to_owned() })
        .chain(stream::iter((1..=count).map(reading)))
        .chain(stream::once(async { "]".to_owned() }));
    Ok(reply::typed(StatusCode::OK, "application/json", body(pieces)))
}

/// `POST /v1/chat`: answers the member `prompt` word by word, as an API of a language model does.
pub async fn chat(headers: HeaderMap, request: Bytes) -> Reply {
    let prompt = reply::json_body(&headers, &request)?;
    let Some(prompt) = prompt.get("prompt").and_then(|prompt| prompt.as_str()) else {
        let message = "the member \"prompt\" must be a string";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, message));
    };
    let words = format!("You said: {prompt}");
    let mut events: Vec<String> = words
        .split_inclusive(' ')
        .map(|word| format!("data: {}\n\n", json!({ "text": word })))
        .collect();
    events.push("data: [DONE]\n\n".to_owned());
    Ok(reply::typed(StatusCode::OK, "text/event-stream", body(paced(stream::iter(events)))))
}

/// `GET /v1/log`: the events after the one that `Last-Event-ID` names. The connection is cut after each
/// second event. After the last event, the status is 204.
pub async fn log(headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let first = last.unwrap_or(0_u64).saturating_add(1);
    if first > EVENTS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let event = |id| format!("retry: 10\nid: {id}\nevent: line\ndata: line {id} of the log\n\n");
    let events = (first..=EVENTS).take(EVENTS_PER_CONNECTION as usize).map(event);
    let pieces = events.map(Ok).chain([Err(io::Error::other("cut on purpose"))]);
    let pieces = paced(stream::iter(pieces));
    reply::typed(StatusCode::OK, "text/event-stream", Body::from_stream(pieces))
}

fn body(pieces: impl Stream<Item = String> + Send + 'static) -> Body {
    Body::from_stream(pieces.map(Ok::<_, io::Error>))
}

/// The pieces, with a pause before each.
fn paced<T>(pieces: impl Stream<Item = T>) -> impl Stream<Item = T> {
    pieces.then(|piece| async {
        tokio::time::sleep(PAUSE).await;
        piece
    })
}
