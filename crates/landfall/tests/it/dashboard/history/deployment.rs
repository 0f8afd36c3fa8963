//! The page of a deployment: its story and its facts.

use serde_json::json;

use super::{Viewer, path_of, words};
use crate::harness::Server;
use crate::harness::receiver::Receiver;
use crate::webhooks::{hook, until};

#[tokio::test]
async fn it_tells_how_it_went_and_what_ran_before() {
    let server = Server::start().await;
    let before = server.deployed_at("shop", "1", "production", 1).await;
    server.deployed_at("shop", "2", "staging", 2).await;
    let run = |status: &str, minute: u32| {
        json!({"application": "shop", "version": "3", "environment": "production",
            "status": status, "invoke_id": "77", "commit_sha": "abcdef0123456789",
            "repository": "acme/shop", "url": "https://github.com/acme/shop/actions/runs/77",
            "branch": "main", "actor": {"login": "grace"},
            "occurred_at": format!("2026-03-01T11:{minute:02}:00Z")})
    };
    server.deployed(run("pending", 51)).await;
    server.deployed(run("started", 53)).await;
    let made = server.deployed(run("completed", 59)).await;
    let viewer = Viewer::admin(&server).await;
    let page = viewer.page(&path_of("deployment", &made)).await;
    let told = words(&page);
    for part in [
        "shop 3 to production ● completed runs there now",
        "pending 2026-03-01 11:51:00 UTC by grace 2 m 0 s",
        "in progress 2026-03-01 11:53:00 UTC by grace 6 m 0 s",
        "2 versions since 1.",
        "Became current 2026-03-01 11:59:00 UTC",
        "Took 8 m 0 s",
        "Branch main",
        "Invoke id 77",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for link in [
        format!("href=\"{}\"", path_of("deployment", &before)),
        "href=\"https://github.com/acme/shop/commit/abcdef0123456789\"".to_owned(),
        "href=\"https://github.com/acme/shop/actions/runs/77\"".to_owned(),
    ] {
        assert!(page.contains(&link), "{link}");
    }
    let told = words(&viewer.page(&path_of("deployment", &before)).await);
    assert!(told.contains("The first deployment here.") && !told.contains("runs there now"));
}

#[tokio::test]
async fn a_failed_one_opens_with_its_error() {
    let server = Server::start().await;
    let fields = json!({"application": "shop", "version": "1", "environment": "dev",
        "status": "failed", "error": {"code": "OOM", "message": "killed\n<b>at</b> 512 MiB"}});
    let failed = server.deployed(fields).await;
    let page = Viewer::admin(&server).await.page(&path_of("deployment", &failed)).await;
    assert!(page.find("OOM").unwrap() < page.find("Lifecycle").unwrap());
    assert!(page.contains("data-copy=\"#failure\"") && !page.contains("<b>at</b>"));
}

#[tokio::test]
async fn commits_of_the_run_are_listed() {
    let server = Server::start().await;
    let fields = json!({"application": "shop", "version": "1", "environment": "dev",
        "repository": "https://gitlab.acme.test/shop",
        "commits": [{"sha": "aaaabbbbcccc", "message": "Fix it\n\nAt last", "author": "Ada"}]});
    let made = server.deployed(fields).await;
    let page = Viewer::admin(&server).await.page(&path_of("deployment", &made)).await;
    assert!(words(&page).contains("aaaabbbbcc Fix it Ada"), "{}", words(&page));
    assert!(page.contains("href=\"https://gitlab.acme.test/shop/-/commit/aaaabbbbcccc\""));
}

#[tokio::test]
async fn reports_and_metadata_have_pages_of_their_own() {
    let server = Server::start().await;
    let fields = json!({"application": "shop", "version": "1", "environment": "dev",
        "status": "started", "metadata": {"ticket": "<OPS-1>"}});
    let made = server.deployed(fields).await;
    let viewer = Viewer::admin(&server).await;
    let path = path_of("deployment", &made);
    let raw = words(&viewer.page(&format!("{path}?show=raw")).await);
    assert!(raw.contains("&#34;status&#34;: &#34;started&#34;"), "{raw}");
    let metadata = viewer.page(&format!("{path}?show=metadata")).await;
    assert!(metadata.contains("OPS-1") && !metadata.contains("<OPS-1>"));
    let other = server.deployed_at("shop", "2", "dev", 1).await;
    let empty = viewer.page(&format!("{}?show=metadata", path_of("deployment", &other))).await;
    assert!(empty.contains("No report carried metadata."));
}

#[tokio::test]
async fn what_is_open_goes_on_and_then_is_stale() {
    let server = Server::start().await;
    let fields = json!({"application": "shop", "version": "1", "environment": "dev",
        "status": "started", "started_at": "2026-03-01T11:59:00Z"});
    let made = server.deployed(fields).await;
    let path = path_of("deployment", &made);
    let viewer = Viewer::admin(&server).await;
    let page = viewer.page(&path).await;
    assert!(
        page.contains("hx-trigger=\"news from:body") && words(&page).contains("1 m 0 s so far")
    );
    server.ambient.set(server.ambient.now() + std::time::Duration::from_hours(25));
    let viewer = Viewer::admin(&server).await;
    let told = words(&viewer.page(&path).await);
    assert!(told.contains("stale") && told.contains("nothing heard for"), "{told}");
    assert!(words(&viewer.page("/timeline").await).contains("stale shop"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_which_webhooks_were_told() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let events = json!({ "events": ["deployment.completed"] });
    let told = hook(&server.client, &receiver.url(), events.clone()).await;
    let paused = hook(&server.client, &receiver.url(), json!({"events": ["deployment.*"]})).await;
    server.post(&paused.path("/pause"), &json!({})).await.ok();
    let other = json!({ "events": ["build.*"] });
    let untold = hook(&server.client, &receiver.url(), other).await;
    let fields = json!({"application": "shop", "version": "1", "environment": "dev"});
    let made = server.deployed(fields).await;
    let viewer = Viewer::admin(&server).await;
    let path = path_of("deployment", &made);
    until(|| async { viewer.page(&path).await.contains("delivered") }, "it is delivered").await;
    let page = viewer.page(&path).await;
    let link = format!("href=\"/webhooks/{}/deliveries/", told.id);
    assert!(page.contains(&link), "{page}");
    assert!(words(&page).contains("waiting test deployment.completed 0"), "{}", words(&page));
    assert!(!page.contains(&untold.id));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    let viewer = Viewer::admin(&server).await;
    let foreign = server.engine.list_deployments(
        &other,
        landfall_engine::history::DeploymentFilter::default(),
        landfall_engine::history::HistoryPage::first(1),
    );
    assert!(foreign.await.unwrap().is_empty());
    let unknown = "01a1f99f-4290-78d4-8d7b-194668615a73";
    for noun in ["deployments", "applications", "versions", "environments"] {
        for id in [unknown, "nonsense", "%3Cscript%3E"] {
            assert_eq!(viewer.get(&format!("/{noun}/{id}")).await.status, 404, "{noun} {id}");
        }
    }
}
