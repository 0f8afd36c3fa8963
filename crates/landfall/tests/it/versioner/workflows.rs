//! The workflows of Versioner's document, as they are written there, and their documented results.

use serde_json::Value;

use crate::harness::{Answer, Call, Server};

/// The requests of a workflow: `POST <path>`, then a JSON object. `#` begins a comment.
fn requests(text: &str) -> Vec<(String, String)> {
    let mut requests: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let code = line.split('#').next().unwrap();
        if let Some(path) = code.strip_prefix("POST ") {
            requests.push((path.to_owned(), String::new()));
        } else if let Some((_, body)) = requests.last_mut() {
            body.push_str(code);
        }
    }
    requests
}

async fn follow(server: &Server, text: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (path, body) in requests(text) {
        answers.push(server.send(Call::post(&path, body)).await);
    }
    answers
}

fn statuses(answers: &[Answer]) -> Vec<(u16, String)> {
    answers.iter().map(|answer| (answer.status, answer.text("status"))).collect()
}

fn ok(word: &str) -> (u16, String) {
    (200, word.to_owned())
}

#[tokio::test]
async fn a_build_is_followed_from_its_start_into_production() {
    let server = Server::start().await;
    let answers = follow(&server, include_str!("snippets/build-and-deployment.http")).await;

    let wanted = [ok("started"), ok("completed"), ok("completed"), ok("completed")];
    assert_eq!(statuses(&answers), wanted);
    let [begun, built, staged, live] = &answers[..] else { panic!("four answers") };
    assert_eq!(begun.text("id"), built.text("id"), "one build");
    assert_ne!(staged.text("id"), live.text("id"), "two deployments");
    for answer in &answers {
        assert_eq!(answer.text("version_id"), begun.text("version_id"));
        assert_eq!(answer.text("product_id"), begun.text("product_id"));
    }
    assert_eq!(staged.text("environment_name"), "staging");
    assert_eq!(live.text("environment_name"), "production");
    // The commit that the build told is known to the deployments' version.
    let record = server.record(server.admin.organization).await;
    assert_eq!(record.versions[0].commit_sha.as_ref().unwrap().as_str(), "abc123");
    assert_eq!((record.builds.len(), record.deployments.len(), record.cells.len()), (1, 2, 2));
    record.assert_cells_are_current();
    server.stop().await;
}

#[tokio::test]
async fn a_deployment_is_one_record_from_pending_to_success() {
    let server = Server::start().await;
    let answers = follow(&server, include_str!("snippets/lifecycle.http")).await;

    assert_eq!(statuses(&answers), [ok("pending"), ok("started"), ok("completed")]);
    let ids: Vec<String> = answers.iter().map(|answer| answer.text("id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let record = server.record(server.admin.organization).await;
    assert_eq!(record.deployments.len(), 1);
    let told: Vec<&str> =
        record.told().into_iter().filter(|kind| kind.starts_with("deployment.")).collect();
    assert_eq!(told, ["deployment.pending", "deployment.started", "deployment.completed"]);
    server.stop().await;
}

#[tokio::test]
async fn a_version_is_one_commit_only() {
    let server = Server::start().await;
    let answers = follow(&server, include_str!("snippets/immutability.http")).await;

    assert_eq!(answers[0].status, 200);
    assert_eq!(answers[1].status, 409);
    let message = "Version 1.2.3 already exists with different SHA";
    // The document and the command line have `detail`, the GitHub Action the other two.
    assert_eq!(answers[1].text("detail"), message);
    assert_eq!(answers[1].text("message"), message);
    assert_eq!(answers[1].text("error"), "version_conflict");
    let record = server.record(server.admin.organization).await;
    assert_eq!(record.builds.len(), 1);
    assert_eq!(server.refused().await[0].code, "version_conflict");
    server.stop().await;
}

#[tokio::test]
async fn a_first_deployment_creates_what_it_names() {
    let server = Server::start().await;
    let answers = follow(&server, include_str!("snippets/auto-creation.http")).await;

    assert_eq!(statuses(&answers), [ok("completed")]);
    let record = server.record(server.admin.organization).await;
    let application = record.catalog.applications.values().next().unwrap();
    let environment = record.catalog.environments.values().next().unwrap();
    assert_eq!(application.name.as_str(), "my-service");
    assert_eq!(
        (environment.code.as_str(), environment.kind.as_str()),
        ("production", "production")
    );
    assert_eq!(record.versions[0].name.as_str(), "1.2.3");
    server.stop().await;
}

#[tokio::test]
async fn a_deployment_of_another_commit_is_taken_and_flagged() {
    let server = Server::start().await;
    let post = async |path, sha, environment| {
        let mut body = serde_json::json!({"product_name": "shop", "version": "2", "status": "success", "scm_sha": sha});
        body["environment_name"] = environment;
        server.post(path, &body).await
    };
    post("/build-events/", "abc1234", Value::Null).await.ok();
    post("/deployment-events/", "fff0000", "production".into()).await.ok();
    let record = server.record(server.admin.organization).await;
    assert_eq!(record.versions[0].commit_sha.as_ref().unwrap().as_str(), "abc1234");
    assert_eq!(record.deployments[0].run.flags, [landfall_domain::view::Flag::OtherSha]);
    server.stop().await;
}
