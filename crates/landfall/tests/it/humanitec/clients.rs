//! Humanitec's own client for TypeScript, unchanged, and the curl command of the document.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::{WEBHOOKS, all_triggers, get, ids};
use crate::harness::Server;
use crate::harness::receiver::Receiver;

const BASE_URL: &str = "https://api.humanitec.io";

fn manifest_path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

async fn output(mut command: Command) -> Output {
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

/// Runs `tests/clients/humanitec.mjs`, and returns what each of its calls came to.
async fn run_client(server: &Server, receiver: &str) -> Value {
    let clients = manifest_path("../../target/clients");
    let package = clients.join("node_modules/@humanitec/autogen");
    assert!(package.exists(), "{} is missing; ./test installs it", package.display());
    let mut command = Command::new("node");
    command.arg(manifest_path("tests/clients/humanitec.mjs")).current_dir(clients);
    command.args([&server.url(), &server.admin_key, receiver]);
    let output = output(command).await;
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_client_works_unchanged() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let told = run_client(&server, &receiver.url()).await;
    let made = &told["made"];
    assert_eq!(
        made,
        &json!({
            "id": "my-hook", "disabled": false, "headers": { "X-Token": "t" },
            "payload": { "app": "${app_id}" }, "triggers": all_triggers(),
            "url": "example.com/hook", "created_at": "2026-03-01T12:00:00.000Z", "created_by": "k1",
        })
    );
    assert_eq!((&told["listed"], &told["shown"]), (&json!([made]), made));
    let bare = &told["bare"];
    assert_eq!((&bare["payload"], &bare["headers"]), (&json!(null), &json!({})));
    assert_eq!(
        told["changed"],
        json!({
            "disabled": true, "headers": { "X-Token": "t" }, "payload": { "app": "${app_id}" },
            "triggers": [], "url": receiver.url(),
        })
    );
    let events = told["events"].as_array().unwrap();
    assert_eq!(events.len(), 4);
    assert_eq!(events[3]["properties"][10], "status");
    for (call, status) in [("clash", 409), ("wrong", 400), ("missing", 404), ("stranger", 401)] {
        assert_eq!(told[call]["status"], status, "{call}");
        assert!(told[call]["body"]["error"].as_str().unwrap().starts_with("API-"), "{call}");
    }
    assert_eq!(told["left"], json!(["bare"]));
    assert!(ids(&server, WEBHOOKS).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn the_curl_command_of_the_document_works_as_written() {
    let server = Server::start().await;
    let script = manifest_path("tests/it/humanitec/snippets/create-webhook.sh");
    let script = std::fs::read_to_string(script).unwrap();
    assert!(script.contains(BASE_URL), "{script}");
    let mut command = Command::new("bash");
    command.args(["-e", "-c", &script.replace(BASE_URL, &server.url())]).env_clear();
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").envs([
        ("HUMANITEC_TOKEN", server.admin_key.as_str()),
        ("HUMANITEC_ORG", "default"),
        ("HUMANITEC_APP", "app-id"),
        ("ID", "my-hook"),
        ("SCOPE", "environment"),
        ("TYPE", "created"),
        ("URL", "example.com/hook"),
    ]);
    let output = output(command).await;
    assert!(output.status.success(), "{output:?}");
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        made,
        json!({
            "id": "my-hook", "disabled": false, "headers": {}, "url": "example.com/hook",
            "payload": {
                "application": "${app_id}", "environment": "${env_id}",
                "deployment": "${deploy_id}", "status": "${status}",
            },
            "triggers": [{ "scope": "environment", "type": "created" }],
            "created_at": "2026-03-01T12:00:00.000Z", "created_by": "k1",
        })
    );
    let path = "/orgs/default/apps/app-id/webhooks/my-hook";
    assert_eq!(get(&server, path).await.ok().json(), made);
    server.stop().await;
}
