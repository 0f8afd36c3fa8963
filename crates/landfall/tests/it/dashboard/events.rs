//! The log as a page.

use landfall_domain::role::Role;
use serde_json::json;

use super::browser::Browser;
use crate::harness::{Call, Server};

async fn deploy(server: &Server, application: &str, version: &str, status: &str) {
    let body = json!({ "application": application, "version": version,
        "environment": "production", "status": status });
    server.post("/api/v1/deployments", &body).await.ok_or_created();
}

/// The numbers of the events that a page lists, in its order.
fn numbers(page: &str) -> Vec<u64> {
    let parts = page.split("<span class=\"number\">").skip(1);
    parts.map(|rest| rest.split_once('<').unwrap().0.parse().unwrap()).collect()
}

fn link(page: &str, text: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!(">{text}</a>"))?;
    let (_, href) = before.rsplit_once("href=\"")?;
    Some(href.split_once('"')?.0.replace("&#38;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_log_says_how_it_is_followed() {
    let server = Server::start().await;
    let reader = Browser::of(&server, Role::Viewer).await;
    let page = reader.page("/events").await;
    // The default project is made with the organization.
    assert_eq!(numbers(&page), [1], "{page}");
    assert!(page.contains("project <b>default</b> was made"), "{page}");
    assert!(page.contains("landfall events --follow"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_in_sentences_and_unfold() {
    let server = Server::start().await;
    deploy(&server, "<script>alert(1)</script>", "1\"2'3", "started").await;
    deploy(&server, "shop", "1.0.0", "completed").await;
    let browser = Browser::admin(&server).await;
    let page = browser.page("/events").await;
    assert!(!page.contains("<script>alert"), "{page}");
    for part in ["is being deployed to", "now runs in", "<b>shop</b>", "<code>1.0.0</code>"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let newest = numbers(&page)[0];
    let event = browser.page(&format!("/events/{newest}")).await;
    assert!(event.contains(">shop</a>"), "{event}");
    assert!(event.contains("deployment.completed") && event.contains("became_current"), "{event}");
    let part = browser.get(&format!("/events/{newest}/json")).await.ok().body;
    assert!(part.contains("became_current") && !part.contains("<html"), "{part}");
    assert_eq!(browser.get("/events/999999").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_leafed_through_in_both_directions() {
    let server = Server::start().await;
    for number in 0..70 {
        deploy(&server, "shop", &format!("1.0.{number}"), "completed").await;
    }
    let browser = Browser::admin(&server).await;
    let first = browser.page("/events").await;
    let head = numbers(&first)[0];
    assert_eq!(numbers(&first).len(), 50);
    assert!(link(&first, "Newer").is_none() && first.contains("data-live"), "{first}");
    let second = browser.page(&link(&first, "Older").unwrap()).await;
    assert_eq!(numbers(&second), (1..=head - 50).rev().collect::<Vec<_>>());
    assert!(link(&second, "Older").is_none() && !second.contains("data-live"));
    let back = browser.get(&link(&second, "Newer").unwrap()).await;
    assert_eq!((back.status, back.header("location")), (303, "/events"));
    let middle = browser.page("/events?after=5").await;
    assert_eq!(numbers(&middle), (6..=55).rev().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_type_is_shown_if_one_is_asked_for() {
    let server = Server::start().await;
    deploy(&server, "shop", "1.0.0", "completed").await;
    deploy(&server, "shop", "1.1.0", "failed").await;
    let browser = Browser::admin(&server).await;
    let page = browser.page("/events?type=deployment.failed").await;
    assert_eq!(numbers(&page).len(), 1, "{page}");
    assert!(page.contains("<option selected>deployment.failed"), "{page}");
    let none = browser.page("/events?type=build.failed").await;
    assert!(none.contains("no events of this type"), "{none}");
    let hostile = browser.page("/events?type=%22%3E%3Cscript%3E").await;
    assert!(!hostile.contains("\"><script>"), "{hostile}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_comes_by_itself() {
    let server = Server::start().await;
    let browser = Browser::admin(&server).await;
    let seen = numbers(&browser.page("/events").await)[0];
    deploy(&server, "shop", "1.0.0", "completed").await;
    let part = browser.get(&format!("/events/rows?type=&after={seen}")).await.ok();
    let new = numbers(&part.body);
    assert_eq!(new.last(), Some(&(seen + 1)));
    assert_eq!(part.header("x-seen"), new[0].to_string());
    let part = browser.get(&format!("/events/rows?type=build.failed&after={seen}")).await.ok();
    assert!(numbers(&part.body).is_empty());
    assert_eq!(part.header("x-seen"), new[0].to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_for_those_who_are_signed_in() {
    let server = Server::start().await;
    let reader = Browser::of(&server, Role::Viewer).await;
    for path in ["/events", "/events/rows", "/events/1", "/events/1/json", "/refused"] {
        assert_eq!(reader.get(path).await.status, 200, "{path}");
        let answer = server.send(Call::new("GET", path).anonymous()).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/sign-in"), "{path}");
    }
}
