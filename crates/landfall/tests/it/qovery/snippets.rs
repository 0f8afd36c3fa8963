//! The commands of Qovery's document, run by bash and curl as they are written: only the base URL,
//! the key and what stands in `<…>` or `{…}` differ.

use std::path::Path;
use std::process::Command;

use landfall_domain::id::WebhookId;
use serde_json::{Value, json};

use crate::harness::Server;

fn read(name: &str) -> String {
    let snippets = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/qovery/snippets");
    std::fs::read_to_string(snippets.join(name)).unwrap()
}

/// Runs a script in bash, and returns the status and the body that came back.
async fn run(server: &Server, script: &str) -> (String, Value) {
    let script = format!("{}\n", script.trim_end());
    let script = script.replacen("curl ", "curl -s -w '\\n%{http_code}' ", 1);
    let mut command = Command::new("bash");
    command.args(["-e", "-c", &script]).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.env("qovery_token", &server.admin_key);
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run.await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let (body, status) = printed.rsplit_once('\n').unwrap();
    (status.to_owned(), serde_json::from_str(body).unwrap_or_else(|_| panic!("{printed}")))
}

#[tokio::test]
async fn the_command_that_creates_a_webhook_is_answered_as_shown() {
    let server = Server::start().await;
    let script = read("create.sh")
        .replace("https://api.qovery.com", &server.url())
        .replace("{organizationId}", &server.admin.organization.to_string())
        .replace("<token>", &server.admin_key)
        .replace(r#""target_url": "<string>""#, r#""target_url": "https://example.com/hook""#);
    let (status, made) = run(&server, &script).await;
    assert_eq!(status, "201", "{made}");
    let wanted = json!({
        "id": made["id"],
        "created_at": "2026-03-01T12:00:00Z",
        "updated_at": "2026-03-01T12:00:00Z",
        "kind": "STANDARD",
        "target_url": "https://example.com/hook",
        "target_secret_set": true,
        "description": "<string>",
        "enabled": true,
        "events": ["DEPLOYMENT_STARTED"],
        "project_names_filter": ["<string>"],
        "environment_types_filter": ["PRODUCTION"],
    });
    assert_eq!(made, wanted);
    made["id"].as_str().unwrap().parse::<WebhookId>().unwrap();
    server.stop().await;
}

#[tokio::test]
async fn the_command_that_shows_how_to_authenticate_lists_the_organization() {
    let server = Server::start().await;
    let script = read("organizations.sh").replace("https://console.qovery.com", &server.url());
    let (status, listed) = run(&server, &script).await;
    assert_eq!(status, "200");
    let wanted = json!({"results": [{"id": server.admin.organization.to_string(),
        "created_at": "2026-03-01T12:00:00Z", "name": "default", "plan": "ENTERPRISE"}]});
    assert_eq!(listed, wanted);
    server.stop().await;
}
