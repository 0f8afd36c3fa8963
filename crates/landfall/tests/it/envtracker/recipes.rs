//! The documents' recipes for bash and Node, run as they are written: only the base URL, the key
//! and the body differ.
//!
//! They take the machine's time, so these servers run at it.

use std::path::Path;
use std::process::Command;

use landfall_engine::Ambient;
use serde_json::Value;

use super::Scene;

const BASE_URL: &str = "https://acme.envtracker.io";

async fn run(program: &'static str, name: &str, body: &str) -> (Scene, Value) {
    let scene = Scene::start().await;
    scene.server.ambient.set(Ambient::system().now());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/envtracker/recipes");
    let script = std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(script.contains(BASE_URL), "{script}");
    let script = script.replace(BASE_URL, &scene.server.url());
    let flag = if program == "bash" { "-c" } else { "--eval" };
    let mut command = Command::new(program);
    command.args([flag, &script]).env("WEBHOOK_KEY_ID", &scene.key.id);
    command.env("WEBHOOK_SECRET", &scene.key.secret).env("PAYLOAD", body);
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run.await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    let answer = serde_json::from_slice(&output.stdout);
    (scene, answer.unwrap_or_else(|_| panic!("{output:?}")))
}

const BODY: &str = r#"{"projectCode":"my-project","envCode":"production","repoCode":"my-app","pipeline":456,"status":"success","branch":"main","deployDate":"2024-01-15T10:30:00Z"}"#;
/// As a person may write it, and with characters of several bytes.
const SPACED: &str = "{ \"projectCode\": \"my-project\",\n  \"envCode\": \"crème ✓\", \
    \"repoCode\": \"my-app\",\n  \"pipeline\": \"456\", \"status\": \"failed\" }";

#[tokio::test]
async fn the_recipe_for_bash_works_as_written() {
    for (body, version, status) in [(BODY, "main#456", "completed"), (SPACED, "456", "failed")] {
        let (scene, answer) = run("bash", "notify.sh", body).await;
        assert_eq!(answer["message"], "Deployment recorded", "{answer}");
        assert_eq!((&answer["version"], &answer["status"]), (&version.into(), &status.into()));
        scene.server.stop().await;
    }
}

#[tokio::test]
async fn the_recipe_for_node_works_as_written() {
    for (body, version, status) in [(BODY, "main#456", "completed"), (SPACED, "456", "failed")] {
        let (scene, answer) = run("node", "notify.js", body).await;
        assert_eq!(answer["message"], "Deployment recorded", "{answer}");
        assert_eq!((&answer["version"], &answer["status"]), (&version.into(), &status.into()));
        scene.server.stop().await;
    }
}
