//! Badges: for who is signed in, and for who holds the token of one.

use super::{HOSTILE, Viewer, each_between, encoded, path_of};
use crate::harness::{Answer, Call, Server};

async fn fetch(server: &Server, path: &str) -> Answer {
    server.send(Call::new("GET", path).anonymous()).await
}

/// The addresses of the badges that an application's page offers, with their tokens.
async fn offered(viewer: &Viewer<'_>, application: &str) -> Vec<String> {
    let page = viewer.page(application).await;
    let urls = each_between(&page, "](http://", ")");
    let badges = urls.iter().filter(|url| url.contains("/badges/"));
    badges.map(|url| url[url.find('/').unwrap()..].to_owned()).collect()
}

#[tokio::test]
async fn a_badge_is_for_who_is_signed_in_or_holds_its_token() {
    let server = Server::start().await;
    server.deployed_at("shop", "1.0", "staging", 1).await;
    let made = server.deployed_at("shop", "1.1", "production", 2).await;
    let viewer = Viewer::admin(&server).await;
    let plain = path_of("application", &made).replace("/applications", "/badges");
    let answer = viewer.get(&format!("{plain}/production.svg")).await.ok();
    assert_eq!(answer.header("content-type"), "image/svg+xml");
    assert!(answer.body.contains("aria-label=\"production: 1.1\""), "{}", answer.body);
    assert_eq!(fetch(&server, &format!("{plain}/production.svg")).await.status, 401);

    let badges = offered(&viewer, &path_of("application", &made)).await;
    let [staging, production] = badges.as_slice() else { panic!("{badges:?}") };
    assert!(fetch(&server, staging).await.ok().body.contains("1.0"));
    assert!(fetch(&server, production).await.ok().body.contains("1.1"));

    let (_, token) = staging.split_once("token=").unwrap();
    for path in [
        format!("{plain}/production.svg?token={token}"),
        format!("{plain}/staging.svg?token=x{token}"),
        format!("{plain}/staging.svg?token={}", &token[..40]),
        format!("{plain}/moon.svg?token={token}"),
        format!("{plain}/staging.png?token={token}"),
        format!("/badges/nonsense/staging.svg?token={token}"),
    ] {
        assert_eq!(fetch(&server, &path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_badge_escapes_what_it_says() {
    let server = Server::start().await;
    let made = server.deployed_at("shop", HOSTILE, HOSTILE, 1).await;
    let viewer = Viewer::admin(&server).await;
    let plain = path_of("application", &made).replace("/applications", "/badges");
    let answer = viewer.get(&format!("{plain}/{}.svg", encoded(HOSTILE))).await.ok();
    assert!(!answer.body.contains("<script"), "{}", answer.body);
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    let badges = offered(&viewer, &path_of("application", &made)).await;
    assert_eq!(badges.len(), 1);
    fetch(&server, &badges[0]).await.ok();
}
