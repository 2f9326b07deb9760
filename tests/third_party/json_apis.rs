//! Real JSON APIs: etcd, the Docker registry, Prometheus.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sac::client::Client;
use sac::code::Code;
use sac::request::{Output, Request};
use sac::settings::Change;
use sac::wait::Cancel;
use sha2::{Digest, Sha256};

use crate::program::*;

fn post(path: &str, json: &str) -> Request {
    let mut request = Request::new("POST", path).unwrap();
    request.set_json(json).unwrap();
    request
}

/// Retries until the service is ready.
fn wait_until_ready(client: &Client, path: &str) {
    let mut request = get(path);
    request.set_header("Accept", "text/plain").unwrap();
    request.change(Change::RetryAttempts(100)).unwrap();
    request.change(Change::BackoffMs { base: 50, max: 50 }).unwrap();
    let response = client.send(&request);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
}

struct Etcd {
    _program: Program,
    _folder: Folder,
    client: Client,
}

fn etcd() -> Option<Etcd> {
    let folder = Folder::new();
    let (port, data) = (free_port(), folder.path("data"));
    let url = format!("http://127.0.0.1:{port}");
    // A single node, which never uses the addresses for its peers.
    let (peer, cluster) = ("http://127.0.0.1:1", "default=http://127.0.0.1:1");
    let arguments = [
        ["--data-dir", &data],
        ["--listen-client-urls", &url],
        ["--advertise-client-urls", &url],
        ["--listen-peer-urls", "http://127.0.0.1:0"],
        ["--initial-advertise-peer-urls", peer],
        ["--initial-cluster", cluster],
    ];
    let program = Program::start("etcd", arguments.as_flattened(), port)?;
    let client = client(&url);
    wait_until_ready(&client, "/health");
    Some(Etcd { _program: program, _folder: folder, client })
}

#[test]
fn etcd_stores_values_and_reports_errors() {
    let Some(etcd) = etcd() else { return };
    let client = &etcd.client;
    let coded = |text: &str| BASE64_STANDARD.encode(text);
    let (key, value) = (coded("naïve"), coded("value \u{0}\u{1f600}"));
    let put = post("/v3/kv/put", &format!("{{\"key\":\"{key}\",\"value\":\"{value}\"}}"));
    let response = client.send(&put);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    // etcd sends 64-bit numbers as strings, because a double cannot represent them.
    assert!(string_at(&response, "/header/cluster_id").parse::<u64>().unwrap() > 1 << 53);
    let response = client.send(&post("/v3/kv/range", &format!("{{\"key\":\"{key}\"}}")));
    assert_eq!(string_at(&response, "/kvs/0/value"), value);
    let response = client.send(&post("/v3/kv/range", "{\"key\":true}"));
    assert_eq!((response.code(), response.status()), (Code::Status, 400));
    assert!(string_at(&response, "/error").contains("bool"), "{}", response.json_text());
    let response = client.send(&get("/v3/nothing"));
    assert_eq!(
        (response.code(), response.json_text()),
        (Code::Status, "{\"error\": \"Not Found\"}")
    );
    assert!(client.stats().contains("\"connections_opened\":1"), "{}", client.stats());
}

#[test]
fn a_callback_reads_the_endless_response_of_an_etcd_watch_and_a_cancel_ends_it() {
    let Some(etcd) = etcd() else { return };
    let client = &etcd.client;
    let key = BASE64_STANDARD.encode("watched");
    let (received, cancel) = (Arc::new(Mutex::new(Vec::new())), Cancel::new().unwrap());
    let mut watch = post("/v3/watch", &format!("{{\"create_request\":{{\"key\":\"{key}\"}}}}"));
    watch.change(Change::TimeoutMs(0)).unwrap();
    watch.set_cancel(Some(cancel.clone()));
    let other = client.clone();
    let put = post("/v3/kv/put", &format!("{{\"key\":\"{key}\",\"value\":\"{key}\"}}"));
    let take = {
        let received = Arc::clone(&received);
        move |bytes: &[u8]| {
            let mut received = received.lock().unwrap();
            received.extend_from_slice(bytes);
            let text = String::from_utf8_lossy(&received);
            if text.contains("\"PUT\"") || text.contains("\"mod_revision\"") {
                cancel.trigger();
            } else if text.contains("\"created\":true") {
                // The watch is active; this event ends it.
                assert_eq!(other.send(&put).code(), Code::Ok);
            }
            true
        }
    };
    watch.set_output(Output::Callback(Arc::new(take))).unwrap();
    let response = client.send(&watch);
    assert_eq!(response.code(), Code::Cancelled, "{}", error_of(&response));
    let received = String::from_utf8(received.lock().unwrap().clone()).unwrap();
    assert!(received.contains(&key), "{received}");
}

struct Registry {
    _program: Program,
    folder: Folder,
    client: Client,
}

fn registry() -> Option<Registry> {
    let folder = Folder::new();
    let port = free_port();
    let configuration = folder.file(
        "registry.yml",
        format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n\
             http: {{addr: \"127.0.0.1:{port}\"}}\n",
            folder.path("data")
        ),
    );
    let program = Program::start("docker-registry", &["serve", &configuration], port)?;
    let client = client(&format!("http://127.0.0.1:{port}"));
    wait_until_ready(&client, "/v2/");
    Some(Registry { _program: program, folder, client })
}

impl Registry {
    /// Uploads a file as a blob to the URL that the registry returns. Returns its digest.
    fn push(&self, path: &str) -> String {
        let digest = format!("sha256:{}", hex(&Sha256::digest(std::fs::read(path).unwrap())));
        let start = self.client.send(&Request::new("POST", "/v2/a/b/blobs/uploads/").unwrap());
        assert_eq!((start.code(), start.status()), (Code::Ok, 202), "{}", error_of(&start));
        let location = start.fields().get("Location").unwrap().to_str().unwrap();
        let mut put = Request::new("PUT", &self.client.path_of(location).unwrap()).unwrap();
        put.add_query("digest", &digest);
        put.set_body_file("application/octet-stream", path).unwrap();
        let response = self.client.send(&put);
        assert_eq!(
            (response.code(), response.status()),
            (Code::Ok, 201),
            "{}",
            error_of(&response)
        );
        digest
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_image_can_be_pushed_to_and_pulled_from_the_docker_registry() {
    let Some(registry) = registry() else { return };
    let content = pattern(2_400_000);
    let layer = registry.folder.file("layer", &content);
    let config = registry.folder.file("config", "{\"architecture\":\"amd64\",\"os\":\"linux\"}");
    let (layer_digest, config_digest) = (registry.push(&layer), registry.push(&config));
    let kind = "application/vnd.docker.distribution.manifest.v2+json";
    let manifest = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{kind}\",\"config\":{{\"mediaType\":\
         \"application/vnd.docker.container.image.v1+json\",\"size\":37,\"digest\":\
         \"{config_digest}\"}},\"layers\":[{{\"mediaType\":\
         \"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":{},\"digest\":\
         \"{layer_digest}\"}}]}}",
        content.len()
    );
    let mut put = Request::new("PUT", "/v2/a/b/manifests/latest").unwrap();
    put.set_body(kind, manifest.as_bytes()).unwrap();
    let response = registry.client.send(&put);
    assert_eq!((response.code(), response.status()), (Code::Ok, 201), "{}", error_of(&response));

    let mut pull = get("/v2/a/b/manifests/latest");
    pull.set_header("Accept", kind).unwrap();
    let response = registry.client.send(&pull);
    assert_eq!(string_at(&response, "/layers/0/digest"), layer_digest);
    let mut download = get(&format!("/v2/a/b/blobs/{layer_digest}"));
    let copy = registry.folder.path("copy");
    download.set_output(Output::File(copy.clone().into())).unwrap();
    let response = registry.client.send(&download);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(std::fs::read(copy).unwrap() == content, "another content");
    let response = registry.client.send(&get("/v2/a/b/tags/list"));
    assert_eq!(string_at(&response, "/tags/0"), "latest");
    let head = Request::new("HEAD", &format!("/v2/a/b/blobs/{layer_digest}")).unwrap();
    let response = registry.client.send(&head);
    assert_eq!((response.code(), response.json_text()), (Code::Ok, "{}"));
    let length = response.fields().get("Content-Length").unwrap().to_str().unwrap();
    assert_eq!(length, content.len().to_string());
}

#[test]
fn the_message_of_the_docker_registry_becomes_the_error() {
    let Some(registry) = registry() else { return };
    let response = registry.client.send(&get("/v2/a/b/manifests/none"));
    assert_eq!((response.code(), response.status()), (Code::Status, 404));
    assert_eq!(string_at(&response, "/error"), "manifest unknown");
    assert_eq!(string_at(&response, "/errors/0/code"), "MANIFEST_UNKNOWN");
    let start = registry.client.send(&Request::new("POST", "/v2/a/b/blobs/uploads/").unwrap());
    let location = start.fields().get("Location").unwrap().to_str().unwrap().to_owned();
    let mut put = Request::new("PUT", &registry.client.path_of(&location).unwrap()).unwrap();
    put.add_query("digest", &format!("sha256:{}", "0".repeat(64)));
    put.set_body("application/octet-stream", b"other bytes").unwrap();
    let response = registry.client.send(&put);
    assert_eq!((response.code(), response.status()), (Code::Status, 400));
    assert!(string_at(&response, "/error").contains("digest"), "{}", response.json_text());
}

#[test]
fn prometheus_answers_queries_in_the_url_and_in_forms() {
    let folder = Folder::new();
    let (port, data) = (free_port(), folder.path("data"));
    let configuration = folder.file(
        "prometheus.yml",
        format!(
            "global: {{scrape_interval: 100ms}}\nscrape_configs: [{{job_name: self, \
             static_configs: [{{targets: [\"127.0.0.1:{port}\"]}}]}}]\n"
        ),
    );
    let arguments = [
        format!("--config.file={configuration}"),
        format!("--storage.tsdb.path={data}"),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    let arguments = arguments.each_ref().map(String::as_str);
    let Some(_program) = Program::start("prometheus", &arguments, port) else { return };
    let client = client(&format!("http://127.0.0.1:{port}"));
    wait_until_ready(&client, "/-/ready");

    let mut query = get("/api/v1/query");
    query.add_query("query", "vector(2) * 21 > bool -1e3");
    let response = client.send(&query);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert_eq!(string_at(&response, "/status"), "success");

    let mut form = Request::new("POST", "/api/v1/query").unwrap();
    form.add_form_field("query", "vector(2) * 21").unwrap();
    let response = client.send(&form);
    assert_eq!(string_at(&response, "/data/result/0/value/1"), "42", "{}", error_of(&response));

    let mut invalid = get("/api/v1/query");
    invalid.add_query("query", "vector(");
    let response = client.send(&invalid);
    assert_eq!((response.code(), response.status()), (Code::Status, 400));
    assert!(string_at(&response, "/error").contains("parse error"), "{}", response.json_text());
    assert_eq!(string_at(&response, "/errorType"), "bad_data");

    // Its metrics are not JSON, and use gzip.
    let mut metrics = get("/metrics");
    let copy = folder.path("metrics");
    metrics.set_output(Output::File(copy.clone().into())).unwrap();
    let response = client.send(&metrics);
    assert_eq!(response.code(), Code::Ok, "{}", error_of(&response));
    assert!(std::fs::read_to_string(copy).unwrap().contains("prometheus_build_info"));
    let response = client.send(&get("/metrics"));
    assert_eq!((response.code(), response.status()), (Code::NotJson, 200));
    assert!(client.stats().contains("\"connections_opened\":1"), "{}", client.stats());
}
