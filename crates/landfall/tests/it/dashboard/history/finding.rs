//! Finding things: by commit, by name, by the addresses that Versioner's clients print.

use serde_json::json;

use super::{Viewer, each_between, path_of, words};
use crate::harness::{Call, Server};

#[tokio::test]
async fn a_commit_is_found_and_said_to_be_live_or_not() {
    let server = Server::start().await;
    for (version, sha) in [("1.0", "aaaa1111ffff"), ("2.0", "bbbb2222ffff"), ("3.0", "cccc3333")] {
        let build = json!({"application": "shop", "version": version, "commit_sha": sha,
            "completed_at": format!("2026-03-01T09:{}0:00Z", &version[..1])});
        server.post("/api/v1/builds", &build).await.ok_or_created();
    }
    server.deployed_at("shop", "2.0", "production", 1).await;
    let viewer = Viewer::admin(&server).await;
    for (typed, told) in [
        ("bbbb2222", "shop 2.0 bbbb2222ff"),
        ("BBBB", "Live in production."),
        ("2.0", "Live in production."),
        ("aaaa1111ffff", "A newer version is live in production."),
        ("cccc", "Not live anywhere."),
        ("dddd", "No version is called dddd"),
    ] {
        let page = words(&viewer.page(&format!("/find?q={typed}")).await);
        assert!(page.contains(told), "{typed}: {page}");
    }
    assert!(viewer.page("/find").await.contains("A commit, or at least its first four characters"));
}

#[tokio::test]
async fn the_palette_finds_things_of_every_kind() {
    let server = Server::start().await;
    for application in 0..30 {
        server.deployed_at(&format!("shop-{application:02}"), "1.2.3", "staging", 1).await;
    }
    let build = json!({"application": "mail", "version": "9", "commit_sha": "fedcba987"});
    server.post("/api/v1/builds", &build).await.ok_or_created();
    let viewer = Viewer::admin(&server).await;
    for (typed, found) in [
        ("SHOP-07", "application shop-07"),
        ("stag", "environment staging"),
        ("1.2", "version shop-"),
        ("fedcb", "commit mail 9 fedcba987"),
        ("time", "page Timeline"),
        ("zzz", "Nothing is called that."),
        ("", "page Timeline"),
    ] {
        let part = viewer.part(&format!("/palette?q={typed}")).await;
        assert!(words(&part).contains(found), "{typed}: {}", words(&part));
        assert!(each_between(&part, " href=\"", "\"").len() <= 20, "{typed}");
    }
}

#[tokio::test]
async fn addresses_of_versioner_lead_here() {
    let server = Server::start().await;
    let made = server.deployed_at("shop", "1", "staging", 1).await;
    let (deployment, version) = (path_of("deployment", &made), path_of("version", &made));
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    for (from, to) in [
        (format!("/manage/deployments?view={}", id(&deployment)), deployment.as_str()),
        (format!("/manage/versions?view={}", id(&version)), version.as_str()),
        (format!("/manage/catalog?tab=versions&view={}", id(&version)), version.as_str()),
        ("/manage/deployments".to_owned(), "/timeline"),
    ] {
        let answer = server.send(Call::new("GET", &from).anonymous()).await;
        assert_eq!((answer.status, answer.header("location")), (303, to), "{from}");
    }
    let viewer = Viewer::admin(&server).await;
    assert_eq!(viewer.get("/manage/deployments?view=//evil.test").await.status, 404);
}
