//! The pages of applications, versions and environments, and comparisons.

use serde_json::json;

use super::{Viewer, path_of, words};
use crate::harness::Server;

#[tokio::test]
async fn an_application_shows_where_each_version_is() {
    let server = Server::start().await;
    server.deployed_at("shop", "1", "production", 1).await;
    server.deployed_at("shop", "2", "staging", 2).await;
    let made = server.deployed_at("shop", "3", "staging", 3).await;
    let build = json!({"application": "shop", "version": "4", "commit_sha": "abc1234def"});
    server.post("/api/v1/builds", &build).await.ok_or_created();
    let page = Viewer::admin(&server).await.page(&path_of("application", &made)).await;
    let told = words(&page);
    for part in ["4 abc1234def", "3 ● staging", "1 ● production", "Last deployments", "▼ 2"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[tokio::test]
async fn an_application_says_whose_it_is_and_what_it_was_called() {
    let server = Server::start().await;
    server
        .post("/api/v1/teams", &json!({"code": "web", "name": "Web people"}))
        .await
        .ok_or_created();
    let made = server.deployed_at("shop", "1", "dev", 1).await;
    let path = path_of("application", &made).replace("/applications", "/api/v1/applications");
    let edit = json!({"name": "store", "team": "web", "repository": "https://git.acme.test/store"});
    let edit = crate::harness::Call::post(&path, edit.to_string()).method("PATCH");
    server.send(edit).await.ok();
    let page = Viewer::admin(&server).await.page(&path_of("application", &made)).await;
    for part in ["Web people", "href=\"https://git.acme.test/store\"", "<dd>shop</dd>", "<h1>store"]
    {
        assert!(page.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_version_shows_where_it_is_and_where_it_has_been() {
    let server = Server::start().await;
    let build = json!({"application": "shop", "version": "2", "commit_sha": "abc1234def",
        "build_number": "88", "status": "completed", "branch": "main",
        "completed_at": "2026-03-01T10:02:00Z"});
    server.deployed_at("shop", "1", "testing", 1).await;
    server.post("/api/v1/builds", &build).await.ok_or_created();
    let made = server.deployed_at("shop", "2", "staging", 3).await;
    server.deployed_at("shop", "2", "production", 4).await;
    server.deployed_at("shop", "3", "production", 5).await;
    let page = Viewer::admin(&server).await.page(&path_of("version", &made)).await;
    let told = words(&page);
    for part in [
        "testing ○ not yet 1",
        "staging ● live 2",
        "production ▲ newer runs 3",
        "88 main",
        "Commit abc1234def",
        "yes, by its build",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(told.matches("● completed").count(), 3, "{told}");
}

#[tokio::test]
async fn an_environment_shows_what_runs_there_and_what_fails() {
    let server = Server::start().await;
    server.deployed_at("mail", "7", "staging", 1).await;
    let made = server.deployed_at("shop", "1", "staging", 2).await;
    server.deployed_at("shop", "5", "other", 2).await;
    let failed = json!({"application": "shop", "version": "2", "environment": "staging",
        "status": "failed", "completed_at": "2026-03-01T10:03:00Z"});
    server.deployed(failed).await;
    let page = Viewer::admin(&server).await.page(&path_of("environment", &made)).await;
    let told = words(&page);
    for part in ["mail 7", "shop 1 ✕ failed 2 ada", "Type staging"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("other"));
}

#[tokio::test]
async fn two_environments_are_compared_with_a_direction() {
    let server = Server::start().await;
    for (minute, (application, version, there)) in (0..).zip([
        ("same", "1", "staging"),
        ("same", "1", "production"),
        ("ahead", "1", "production"),
        ("ahead", "2", "staging"),
        ("behind", "1", "staging"),
        ("behind", "2", "production"),
        ("new", "1", "staging"),
        ("old", "1", "production"),
        ("ahead", "0", "development"),
    ]) {
        server.deployed_at(application, version, there, minute).await;
    }
    let viewer = Viewer::admin(&server).await;
    for path in ["/compare", "/compare?from=staging&to=production"] {
        let told = words(&viewer.page(path).await);
        for part in [
            "→ production is 1 version behind 1",
            "← staging is 1 version behind 2",
            "→ not in production nothing",
            "nothing ← not in staging",
            "1 run the same version in both",
        ] {
            assert!(told.contains(part), "{path} {part}: {told}");
        }
    }
    assert_eq!(viewer.get("/compare?from=staging&to=moon").await.status, 404);
}

#[tokio::test]
async fn one_environment_is_not_compared() {
    let server = Server::start().await;
    server.deployed_at("shop", "1", "staging", 1).await;
    let page = Viewer::admin(&server).await.page("/compare").await;
    assert!(page.contains("Two environments are needed"));
}
