//! The matrix: its parts, the days of its rows, the facts of its cells, and what renewing it reads.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use landfall_engine::board::Board;
use serde_json::{Value, json};

use super::browser::Browser;
use crate::harness::{Call, Server, noon};

impl Server {
    async fn deploys(&self, application: &str, version: &str, environment: &str) -> Value {
        let body = json!({ "application": application, "version": version,
            "environment": environment, "status": "completed" });
        self.reports(&body).await
    }

    async fn reports(&self, body: &Value) -> Value {
        self.post("/api/v1/deployments", body).await.ok_or_created().json()["deployment"].clone()
    }

    async fn board(&self) -> Arc<Board> {
        self.engine.board(&self.admin).await.unwrap()
    }

    async fn changes(&self, environment: &str, change: &Value) {
        let path = format!("/api/v1/environments/{environment}");
        let body = change.to_string();
        self.send(Call::post(&path, body).method("PATCH")).await.ok();
    }
}

/// The applications whose rows are others than before.
fn read_anew(before: &Board, after: &Board) -> Vec<String> {
    let known: HashMap<_, _> = before.rows.iter().map(|row| (row.application.id, row)).collect();
    let is_new = |id| known.get(id);
    let rows = after.rows.iter();
    let anew =
        rows.filter(|row| is_new(&row.application.id).is_none_or(|known| !Arc::ptr_eq(known, row)));
    anew.map(|row| row.application.name.to_string()).collect()
}

fn days_of(page: &str) -> Vec<&str> {
    page.split("<title>")
        .filter_map(|part| part.split_once("</title>"))
        .map(|(title, _)| title)
        .filter(|title| title.contains("in 30 days"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_columns_reads_only_the_rows_that_it_touches() {
    let server = Server::start().await;
    for application in ["a", "b", "c", "d"] {
        server.deploys(application, "1", "staging").await;
        server.deploys(application, "1", "production").await;
    }
    let before = server.board().await;
    // A new column, with a cell of one row.
    server.deploys("b", "2", "testing").await;
    let with_testing = server.board().await;
    assert_eq!(read_anew(&before, &with_testing), ["b"]);
    assert_eq!(with_testing.environments.len(), 3);
    // A new column without any cell.
    let empty = json!({ "code": "canary", "type": "staging" });
    server.post("/api/v1/environments", &empty).await.ok_or_created();
    let with_canary = server.board().await;
    assert_eq!(with_canary.environments.len(), 4);
    assert_eq!(read_anew(&with_testing, &with_canary), [""; 0]);
    // A column goes, and comes back with what it held.
    server.changes("testing", &json!({ "archived": true })).await;
    let without = server.board().await;
    assert_eq!(without.environments.len(), 3);
    assert_eq!(read_anew(&with_canary, &without), ["b"]);
    server.changes("testing", &json!({ "archived": false })).await;
    let back = server.board().await;
    assert_eq!(read_anew(&without, &back), ["b"]);
    let row = back.rows.iter().find(|row| row.application.name.as_str() == "b").unwrap();
    let shown: Vec<_> = back.cells(row).map(|(environment, _)| environment.code.as_str()).collect();
    assert_eq!(shown, ["testing", "staging", "production"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_order_of_the_columns_compares_the_rows_again() {
    let server = Server::start().await;
    server.deploys("a", "1", "stage-a").await;
    server.deploys("a", "2", "stage-b").await;
    server.deploys("b", "1", "stage-a").await;
    let drifts = |board: &Board| -> Vec<bool> {
        board.rows.iter().map(|row| row.cells.iter().any(|cell| cell.drift.is_some())).collect()
    };
    let before = server.board().await;
    let first = before.rows[0].cells.iter().map(|cell| cell.drift).collect::<Vec<_>>();
    server.changes("stage-a", &json!({ "position": 9 })).await;
    server.deploys("c", "1", "stage-b").await;
    let after = server.board().await;
    assert_eq!(after.environments[0].code.as_str(), "stage-b");
    let second = after.rows[0].cells.iter().map(|cell| cell.drift).collect::<Vec<_>>();
    assert_ne!(first, second);
    assert_eq!(drifts(&after), [true, false, false]);
    assert_eq!(read_anew(&before, &after), ["a", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_ends_with_how_often_its_application_was_deployed() {
    let server = Server::start().await;
    let at = |at: &str| {
        json!({ "application": "shop", "version": at, "environment": "production",
            "status": "completed", "completed_at": at })
    };
    for day in ["2026-01-29T12:00:00Z", "2026-01-31T12:00:00Z", "2026-02-27T12:00:00Z"] {
        server.reports(&at(day)).await;
    }
    let browser = Browser::admin(&server).await;
    let page = browser.page("/").await;
    assert_eq!(days_of(&page), ["2 deployments in 30 days, 0 today"], "{page}");
    // What is reported shows, also what comes late.
    server.deploys("shop", "2", "production").await;
    assert_eq!(days_of(&browser.page("/").await), ["3 deployments in 30 days, 1 today"]);
    server.reports(&at("2026-02-20T12:00:00Z")).await;
    assert_eq!(days_of(&browser.page("/").await), ["4 deployments in 30 days, 1 today"]);
    // A day ends without any news.
    server.ambient.set(noon() + Duration::from_hours(24));
    let page = browser.page("/").await;
    assert_eq!(days_of(&page), ["3 deployments in 30 days, 0 today"], "{page}");
    let part = browser.page("/board/rows?count=5&right=1").await;
    assert_eq!(days_of(&part), ["3 deployments in 30 days, 0 today"], "{part}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_some_of_many_columns_and_leads_to_the_others() {
    let server = Server::start().await;
    for number in 10..24 {
        server.deploys("shop", "1", &format!("prod-{number}")).await;
    }
    let browser = Browser::admin(&server).await;
    let cells = |page: &str| page.matches("class=\"cell ").count();
    let page = browser.page("/").await;
    assert_eq!((cells(&page), page.matches("<th scope=\"col\"").count()), (10, 14));
    assert!(page.contains("<td class=\"aside\" colspan=\"4\">"), "{page}");
    assert!(page.contains("data-left=\"0\" data-right=\"10\""), "{page}");
    let link = "/?line=0&#38;column=10";
    assert!(page.contains(&format!("href=\"{link}\">Environments after")), "{page}");
    let next = browser.page("/?line=0&column=10").await;
    assert_eq!(cells(&next), 4);
    assert!(next.contains("<td class=\"aside\" colspan=\"10\">"), "{next}");
    assert!(next.contains("Environments before") && !next.contains("Environments after"));
    let part = browser.page("/board/rows?from=0&count=9&left=3&right=5").await;
    assert_eq!(cells(&part), 2);
    assert!(part.contains("data-environment=\"prod-13\""), "{part}");
    assert!(part.contains("colspan=\"3\"") && part.contains("colspan=\"9\""), "{part}");
    // Whatever is asked for, there is an answer.
    assert_eq!(cells(&browser.page("/board/rows?count=9&left=99&right=7").await), 0);
    assert_eq!(cells(&browser.page("/?line=99&column=99").await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_tells_the_facts_of_a_cell() {
    let server = Server::start().await;
    for (minute, version) in (1..).zip(["1", "2", "3"]) {
        server.ambient.set(noon() + Duration::from_mins(minute));
        server.deploys("shop", version, "staging").await;
    }
    let at = "2026-03-01T11:58:00Z";
    let made = server
        .reports(&json!({ "application": "shop", "version": "2", "environment": "production",
            "status": "completed", "started_at": at, "completed_at": "2026-03-01T11:59:30Z",
            "commit_sha": "abcdef0123456789", "repository": "acme/shop",
            "url": "https://github.com/acme/shop/actions/runs/77", "actor": { "login": "grace" },
            "commits": [{ "sha": "abcdef0123456789", "message": "Fix <it>\n\nAt last" }] }))
        .await;
    let browser = Browser::admin(&server).await;
    let card = browser.page(&format!("/deployments/{}/card", made["id"].as_str().unwrap())).await;
    for part in [
        "2026-03-01 11:59:30 UTC",
        "grace",
        "abcdef0123</a> Fix &#60;it&#62;",
        "https://github.com/acme/shop/commit/abcdef0123456789",
        "1 version behind",
        "in staging",
        "/compare?from=staging&#38;to=production",
        "The first deployment here.",
        "https://github.com/acme/shop/actions/runs/77",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    assert!(!card.contains("<html"), "{card}");
    assert_eq!(browser.get("/deployments/nonsense/card").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_is_of_the_organization_that_the_page_shows() {
    let server = Server::start().await;
    let browser = Browser::admin(&server).await;
    let other = "/live?after=0&organization=00000000-0000-0000-0000-000000000000";
    assert_eq!(browser.get(other).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_filtered_by_the_team_of_the_application_or_its_project() {
    let server = Server::start().await;
    for application in ["own", "by-project", "nobodys"] {
        let body = json!({ "application": application, "version": "1", "environment": "production",
            "status": "completed", "project": format!("{application}-project") });
        server.reports(&body).await;
    }
    server.board().await;
    server
        .post("/api/v1/teams", &json!({ "code": "payments", "name": "Payments" }))
        .await
        .ok_or_created();
    for (path, change) in [
        ("/api/v1/applications/own?project=own-project", json!({ "team": "payments" })),
        ("/api/v1/projects/by-project-project", json!({ "team": "payments" })),
    ] {
        server.send(Call::post(path, change.to_string()).method("PATCH")).await.ok();
    }

    let names = |board: &Board| -> Vec<(String, Option<String>, usize)> {
        let rows = board.rows.iter();
        rows.map(|row| (row.application.name.to_string(), row.team.clone(), row.cells.len()))
            .collect()
    };
    let payments = Some("payments".to_owned());
    assert_eq!(
        names(&*server.board().await),
        [
            ("by-project".to_owned(), payments.clone(), 1),
            ("nobodys".to_owned(), None, 1),
            ("own".to_owned(), payments, 1),
        ]
    );
    let browser = Browser::admin(&server).await;
    let page = browser.page("/?team=payments").await;
    let shows = |name: &str| page.contains(&format!(">{name}</a>"));
    assert_eq!([shows("own"), shows("by-project"), shows("nobodys")], [true, true, false]);
    assert!(page.contains("<option selected>payments</option>"), "{page}");
}
