//! The collection: its pages, and its items from creation to removal.

use crate::support::Server;
use serde_json::json;

#[test]
fn the_links_lead_through_all_pages_which_contain_every_item_once() {
    let server = Server::start();
    let mut target = "/v1/items?per_page=7".to_owned();
    let mut ids = Vec::new();
    loop {
        let page = server.get(&target);
        assert_eq!(page.status, 200, "{target}");
        let body = page.json();
        ids.extend(body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        assert!(page.header("link").contains("page=4&per_page=7>; rel=\"last\""), "{page:?}");
        let Some(next) = body["next"].as_str() else { break };
        target = next.strip_prefix(&server.base).expect("next is not a full URL").to_owned();
        assert!(page.header("link").contains(&format!("<{target}>; rel=\"next\"")), "{page:?}");
    }
    assert_eq!(ids, (1..=25).map(|id| json!(id)).collect::<Vec<_>>());
}

#[test]
fn a_page_out_of_range_gives_a_400_and_a_page_after_the_end_is_empty() {
    let server = Server::start();
    for query in ["page=0", "page=x", "per_page=0", "per_page=101", "page=-1"] {
        assert_eq!(server.get(&format!("/v1/items?{query}")).status, 400, "{query}");
    }
    let after = server.get("/v1/items?page=99");
    assert_eq!(after.json()["items"], json!([]));
    assert!(after.header("link").contains("page=3&per_page=10>; rel=\"prev\""), "{after:?}");
}

#[test]
fn an_item_exists_from_post_to_delete() {
    let server = Server::start();
    let created = server.send_json("POST", "/v1/items", r#"{"name": "Kettle", "quantity": 2}"#);
    assert_eq!(created.status, 201);
    let location = created.header("location").to_owned();
    assert_eq!(location, format!("{}/v1/items/26", server.base));
    let target = location.strip_prefix(&server.base).unwrap();

    let item = json!({ "id": 26, "name": "Kettle", "quantity": 2, "tags": [] });
    assert_eq!(created.json(), item);
    assert_eq!(server.get(target).json(), item);

    let patched = server.send_json("PATCH", target, r#"{"tags": ["new"], "quantity": null}"#);
    let item = json!({ "id": 26, "name": "Kettle", "quantity": 0, "tags": ["new"] });
    assert_eq!((patched.status, patched.json()), (200, item));

    let replaced = server.send_json("PUT", target, r#"{"name": "Pot"}"#);
    let item = json!({ "id": 26, "name": "Pot", "quantity": 0, "tags": [] });
    assert_eq!((replaced.status, replaced.json()), (200, item));

    assert_eq!(server.send("DELETE", target, &[], "").status, 204);
    assert_eq!(server.get(target).error(), "there is no item 26");
    assert_eq!(server.send("DELETE", target, &[], "").status, 404);
}

#[test]
fn an_invalid_item_gives_a_422_and_changes_nothing() {
    let server = Server::start();
    let before = server.get("/v1/items/1").json();
    for (method, target) in
        [("POST", "/v1/items"), ("PUT", "/v1/items/1"), ("PATCH", "/v1/items/1")]
    {
        let response = server.send_json(method, target, r#"{"name": "", "quantity": "many"}"#);
        assert_eq!(response.status, 422, "{method}");
        let errors = response.json()["errors"].clone();
        let expected = json!([
            { "field": "name", "message": "name must be a string of 1 to 100 characters" },
            { "field": "quantity", "message": "quantity must be a whole number from 0 to 1000000" },
        ]);
        assert_eq!(errors, expected, "{method}");
    }
    assert_eq!(server.get("/v1/items/1").json(), before);
    assert_eq!(server.get("/v1/items").json()["total"], 25);
}

#[test]
fn invalid_json_gives_a_400_and_another_content_type_a_415() {
    let server = Server::start();
    assert_eq!(server.send_json("POST", "/v1/items", "{\"name\":").status, 400);
    assert_eq!(server.send("POST", "/v1/items", &["Content-Type: text/plain"], "{}").status, 415);
    assert_eq!(server.send("POST", "/v1/items", &[], "{}").status, 415);
}

#[test]
fn a_missing_item_gives_a_404_in_json_for_every_method() {
    let server = Server::start();
    for id in ["0", "9999", "x", "-1", "99999999999999999999999"] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let response = server.send_json(method, &format!("/v1/items/{id}"), "{}");
            assert_eq!(response.status, 404, "{method} {id}");
            assert!(response.error().starts_with("there is no item "), "{method} {id}");
        }
    }
}
