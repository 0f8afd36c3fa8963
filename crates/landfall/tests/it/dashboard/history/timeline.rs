//! The timeline: its lines, its filters, and walking it in both directions.

use serde_json::json;

use super::{HOSTILE, Viewer, between, each_between, words};
use crate::harness::{Call, Server};

/// The versions that a page lists, in its order.
fn versions(page: &str) -> Vec<String> {
    let cells = each_between(page, "<td class=\"which\">", "</td>");
    cells.iter().map(|cell| words(cell)).collect()
}

#[tokio::test]
async fn deployments_are_listed_newest_first_under_their_days() {
    let server = Server::start().await;
    server.deployed_at("shop", "1", "staging", 1).await;
    server
        .deployed(json!({"application": "shop", "version": "0", "environment": "staging",
            "status": "failed", "completed_at": "2026-02-27T08:00:00Z"}))
        .await;
    let begun = json!({"application": "mail", "version": "2", "environment": "prod",
        "status": "started", "started_at": "2026-03-01T11:58:00Z"});
    server.deployed(begun).await;
    let page = Viewer::admin(&server).await.page("/timeline").await;
    assert_eq!(versions(&page), ["2", "1", "0"]);
    let days = each_between(&page, "<th scope=\"rowgroup\" colspan=\"7\">", "</th>");
    assert_eq!(days, ["Today", "Friday 27 February 2026"]);
    let told = words(&page);
    for part in ["in progress mail 2 prod 2 m 0 s", "completed shop 1 staging ada", "failed shop 0"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[tokio::test]
async fn an_empty_timeline_says_what_to_run() {
    let server = Server::start().await;
    let viewer = Viewer::admin(&server).await;
    assert!(viewer.page("/timeline").await.contains("landfall report deployment"));
    assert!(viewer.page("/timeline?q=x").await.contains("No deployment matches."));
}

#[tokio::test]
async fn the_address_filters() {
    let server = Server::start().await;
    server.deployed_at("shop", "1", "staging", 1).await;
    server.deployed_at("Shop-admin", "2", "production", 2).await;
    let fields = json!({"application": "mail", "project": "post", "version": "3",
        "environment": "staging", "status": "failed", "completed_at": "2026-03-01T10:03:00Z",
        "actor": {"name": "Grace \"G\" Hopper", "email": "grace@acme.example"}});
    server.deployed(fields).await;
    let viewer = Viewer::admin(&server).await;
    for (query, found) in [
        ("", "3 2 1"),
        ("?q=SHOP", "2 1"),
        ("?q=shop-a", "2"),
        ("?project=post", "3"),
        ("?project=post&q=shop", ""),
        ("?environment=staging", "3 1"),
        ("?environment=moon", ""),
        ("?type=production", "2"),
        ("?status=failed", "3"),
        ("?status=nonsense&type=nonsense", "3 2 1"),
        ("?who=ada", "2 1"),
        ("?who=%22g%22%20hop", "3"),
        ("?who=grace%40", "3"),
        ("?q=shop&environment=staging&status=completed&who=ADA", "1"),
    ] {
        let page = viewer.page(&format!("/timeline{query}")).await;
        assert_eq!(versions(&page).join(" "), found, "{query}");
        let part = viewer.part(&format!("/timeline/rows{query}")).await;
        assert_eq!(versions(&part).join(" "), found, "{query}");
    }
}

#[tokio::test]
async fn it_is_walked_in_both_directions() {
    let server = Server::start().await;
    for number in 0..150 {
        let at = format!("2026-03-01T{:02}:{:02}:00Z", number / 60, number % 60);
        let fields = json!({"application": "shop", "version": number.to_string(),
            "environment": if number % 2 == 0 { "even" } else { "odd" }, "completed_at": at});
        server.deployed(fields).await;
    }
    let viewer = Viewer::admin(&server).await;
    for (query, count) in [("", 150), ("?environment=odd", 75), ("?who=nobody", 0)] {
        let (mut path, mut seen) = (format!("/timeline{query}"), Vec::new());
        loop {
            let page = viewer.page(&path).await;
            seen.extend(versions(&page));
            let Some(older) = link(&page, "Older deployments") else { break };
            path = older;
        }
        assert_eq!(seen.len(), count, "{query}");
        assert!(
            seen.is_sorted_by_key(|version| std::cmp::Reverse(version.parse::<u32>().unwrap()))
        );
        let (mut back, mut page) = (Vec::new(), viewer.page(&path).await);
        loop {
            back.splice(0..0, versions(&page));
            let Some(newer) = link(&page, "Newer deployments") else { break };
            page = viewer.page(&newer).await;
        }
        assert_eq!(back, seen, "{query}");
    }
}

/// Where a link of those words leads.
fn link(page: &str, words: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!(">{words}</a>"))?;
    let tag = &before[before.rfind("<a ").unwrap()..];
    Some(between(tag, "href=\"", "\"").replace("&amp;", "&").replace("&#38;", "&"))
}

#[tokio::test]
async fn a_part_goes_on_at_its_far_end_only() {
    let server = Server::start().await;
    for minute in 0..3 {
        server.deployed_at("shop", &minute.to_string(), "staging", minute).await;
    }
    let viewer = Viewer::admin(&server).await;
    let ids = each_between(&viewer.page("/timeline").await, "<tr data-id=\"", "\"");
    let part = viewer.part(&format!("/timeline/rows?before={}", ids[1])).await;
    assert_eq!(versions(&part), ["0"]);
    assert!(!part.contains("Newer") && !part.contains("Older"), "{part}");
    let part = viewer.part(&format!("/timeline/rows?after={}", ids[1])).await;
    assert_eq!(versions(&part), ["2"]);
    assert!(!part.contains("Newer") && !part.contains("Older"), "{part}");
    let answer = viewer.get("/timeline/rows?q=shop&who=").await;
    assert_eq!(answer.header("hx-replace-url"), "/timeline?q=shop");
}

#[tokio::test]
async fn hostile_and_endless_names_are_only_names() {
    let server = Server::start().await;
    let endless = "v".repeat(300);
    let fields = json!({"application": HOSTILE, "version": endless, "environment": HOSTILE,
        "project": HOSTILE, "target": HOSTILE, "actor": {"login": HOSTILE}});
    let deployment = server.deployed(fields).await;
    let viewer = Viewer::admin(&server).await;
    viewer.page("/timeline").await;
    viewer.page(&format!("/timeline?q={0}&who={0}", super::encoded(HOSTILE))).await;
    for noun in ["deployment", "application", "version", "environment"] {
        viewer.page(&super::path_of(noun, &deployment)).await;
    }
    viewer.part(&format!("/palette?q={}", super::encoded("<script"))).await;
    viewer.page(&format!("/find?q={}", super::encoded(HOSTILE))).await;
}

#[tokio::test]
async fn nobody_reads_history_without_signing_in() {
    let server = Server::start().await;
    let deployment = server.deployed_at("shop", "1", "staging", 1).await;
    let mut paths = vec!["/timeline", "/timeline/rows", "/compare", "/find?q=1", "/palette?q=1"];
    let nouns = ["deployment", "application", "version", "environment"];
    let pages = nouns.map(|noun| super::path_of(noun, &deployment));
    paths.extend(pages.iter().map(String::as_str));
    for path in paths {
        let answer = server.send(Call::new("GET", path).anonymous()).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/sign-in?next="), "{path}");
        let script = Call::new("GET", path).anonymous().with("hx-request", "true");
        assert_eq!(server.send(script).await.status, 401, "{path}");
    }
}
