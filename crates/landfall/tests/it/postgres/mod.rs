//! What is about PostgreSQL: starting there, the key that all nodes share, and what a node learns of
//! what another one did.

mod changes;
mod faults;
mod first_start;
mod following;
mod nodes;
mod upkeep;

use std::path::Path;

use landfall_engine::sessions::Client as Browser;
use serde_json::{Value, json};

use crate::harness::{Call, Client, Launch, Process, Server, memory_directory, open_store};
use crate::starting::{assert_refused, report};

const OTHER_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A request of our own API.
fn call(method: &str, path: &str, body: Option<Value>) -> Call {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    Call::post(&format!("/api/v1{path}"), body).method(method)
}

async fn deploy(client: &Client, application: &str, version: &str) {
    let body = json!({"application": application, "version": version,
        "environment": "production", "status": "completed"});
    client.send(call("POST", "/deployments", Some(body))).await.ok_or_created();
}

/// The cookie of a session that was opened on a node.
async fn session(server: &Server) -> String {
    let opened = server.engine.sign_in_with_key(&server.admin_key, &Browser::default()).await;
    format!("landfall_session={}", opened.unwrap().token)
}

/// A page of a node's dashboard.
async fn page(server: &Server, path: &str, cookie: &str) -> String {
    server.send(Call::new("GET", path).signed_in(cookie)).await.ok().body
}

#[tokio::test]
async fn two_nodes_serve_one_database_and_a_third_one_with_another_key_does_not_start() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let first = Process::start(&data);
    let second = Process::start(&data);
    first.client().send(report()).await.ok();
    second.client().send(report()).await.ok();
    let ended = Launch::serve(&data).variable("LANDFALL_MASTER_KEY", OTHER_KEY).run();
    assert_refused(&ended, &["sealed with the master key", "give it the key that the other nodes"]);
    assert!(!ended.errors.contains(OTHER_KEY), "{}", ended.errors);
}

#[test]
fn a_node_without_a_master_key_is_told_how_to_get_one() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let ended = Launch::serve(&data).variable("LANDFALL_MASTER_KEY", "").run();
    let file = data.join("master-key");
    assert_refused(&ended, &["the same master key", file.to_str().unwrap(), "openssl rand"]);
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let start = |url| Launch::serve(&data).variable("LANDFALL_DATABASE", url).run();
    let ended = start("postgres://me:s3cret@127.0.0.1:1/landfall");
    assert_refused(&ended, &["can't open the data in `postgres://127.0.0.1/landfall`", "refused"]);
    assert!(!ended.errors.contains("s3cret"), "{}", ended.errors);
    let ended = start("postgres://me:s3cret@127.0.0.1:1/landfall?sslmode=maybe");
    assert_refused(&ended, &["`database`", "sslmode must be disable, prefer, require"]);
    assert!(!ended.errors.contains("s3cret"), "{}", ended.errors);
}

#[tokio::test]
async fn a_newer_schema_is_served_if_it_says_so_and_else_refused_with_what_to_do() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    Process::start(&data).kill();
    note_migration(&data, [1_000, 1]).await;
    Process::start(&data).client().send(report()).await.ok();
    note_migration(&data, [1_001, 1_000]).await;
    let ended = Launch::serve(&data).run();
    assert_refused(&ended, &["the data has schema 1001", "knows only", "upgrade it"]);
}

async fn note_migration(data: &Path, numbers: [i64; 2]) {
    let store = open_store(data);
    let noting = store.writer.run(Box::new(move |db| {
        let sql = "INSERT INTO schema_migrations (number, compatible_from) VALUES (?1, ?2)";
        db.write_many(sql, [numbers.map(landfall_store::Value::from)]).map(|_| ())
    }));
    noting.await.unwrap();
    store.close();
}
