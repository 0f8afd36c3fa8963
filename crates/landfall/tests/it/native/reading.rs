//! History, versions, the matrix and comparisons.

use serde_json::{Value, json};

use super::server::Server;

/// A deployment at a minute of 2026.
async fn deploy_at(server: &Server, application: &str, version: &str, there: &str, minute: u32) {
    let body = json!({"application": application, "version": version, "environment": there,
        "completed_at": format!("2026-01-01T10:{minute:02}:00Z")});
    server.ok(&format!("POST /deployments {body}")).await;
}

#[tokio::test]
async fn history_is_walked_newest_first() {
    let server = Server::start().await;
    for minute in 0..5 {
        deploy_at(&server, "shop", &minute.to_string(), "dev", minute).await;
    }
    let (mut path, mut seen) = ("/deployments?limit=2".to_owned(), Vec::new());
    loop {
        let page = server.ok(&format!("GET {path}")).await;
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["version"]["name"].clone()));
        let Some(cursor) = page["next"].as_str() else { break };
        path = format!("/deployments?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn history_is_filtered() {
    let server = Server::start().await;
    deploy_at(&server, "shop", "1", "dev", 1).await;
    deploy_at(&server, "shop", "1", "prod", 2).await;
    deploy_at(&server, "shop", "2", "dev", 3).await;
    deploy_at(&server, "mail", "1", "dev", 4).await;
    server
        .ok(r#"POST /deployments {"application":"mail","version":"9","environment":"prod",
            "target":"eu","status":"started"}"#)
        .await;
    let version = server.list("/versions?application=shop", "/id").await;
    let version = version[1].as_str().unwrap();
    for (query, count) in [
        (String::new(), 5),
        ("?application=shop".to_owned(), 3),
        ("?environment=dev".to_owned(), 3),
        ("?application=shop&environment=dev".to_owned(), 2),
        ("?application=shop&version=1".to_owned(), 2),
        ("?application=shop&version=1&environment=prod".to_owned(), 1),
        (format!("?version={version}"), 2),
        (format!("?version={version}&environment=dev"), 1),
        ("?status=running".to_owned(), 1),
        ("?target=eu".to_owned(), 1),
        ("?target=&environment=prod".to_owned(), 1),
    ] {
        let found = server.list(&format!("/deployments{query}"), "/id").await;
        assert_eq!(found.len(), count, "{query}");
    }
    for (query, problem) in [
        ("version=1", "400 invalid_field"),
        ("status=exploded", "400 invalid_field"),
        ("application=none", "404 not_found"),
        ("environment=none", "404 not_found"),
        ("application=shop&version=none", "404 not_found"),
    ] {
        assert_eq!(server.fails(&format!("GET /deployments?{query}")).await.0, problem, "{query}");
    }
}

#[tokio::test]
async fn builds_are_listed_and_filtered() {
    let server = Server::start().await;
    for (application, version, status) in
        [("shop", "1", "completed"), ("shop", "2", "failed"), ("mail", "1", "completed")]
    {
        let body = json!({"application": application, "version": version, "status": status});
        server.ok(&format!("POST /builds {body}")).await;
    }
    for (query, count) in [
        ("", 3),
        ("?application=shop", 2),
        ("?application=shop&version=2", 1),
        ("?status=failed", 1),
    ] {
        assert_eq!(server.list(&format!("/builds{query}"), "/id").await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_version_is_found_by_its_commit_and_knows_where_it_is() {
    let server = Server::start().await;
    for (application, sha) in [("shop", "abc1234def"), ("mail", "abc1999999"), ("other", "fff0000")]
    {
        let body = json!({"application": application, "version": "1", "commit_sha": sha});
        server.ok(&format!("POST /builds {body}")).await;
    }
    let found = server.list("/versions?commit=ABC1", "/application/name").await;
    assert_eq!(found.len(), 2, "{found:?}");
    let found = server.ok("GET /versions?commit=abc1&application=shop").await;
    let version = &found["items"][0];
    assert_eq!((&version["commit_sha"], &version["pinned"]), (&json!("abc1234def"), &json!(true)));
    assert_eq!(server.fails("GET /versions?commit=abc").await.0, "400 invalid_field");

    server.deploy("shop", "1", "dev").await;
    server.deploy("shop", "1", "prod").await;
    server.deploy("shop", "2", "dev").await;
    let shown = server.ok(&format!("GET /versions/{}", version["id"].as_str().unwrap())).await;
    let places = shown["deployments"].as_array().unwrap().iter();
    let mut places: Vec<(&str, bool)> = places
        .map(|found| {
            let code = found["environment"]["code"].as_str().unwrap();
            (code, found["current"].as_bool().unwrap())
        })
        .collect();
    places.sort_unstable();
    assert_eq!(places, [("dev", false), ("prod", true)]);
    assert_eq!(shown["application"]["name"], "shop");
}

#[tokio::test]
async fn the_matrix_shows_what_runs_where() {
    let server = Server::start().await;
    let first = server.deploy("shop", "1", "prod").await;
    server.deploy("shop", "2", "dev").await;
    server.deploy("mail", "7", "dev").await;
    server
        .ok(r#"POST /deployments {"application":"shop","version":"3","environment":"prod",
            "target":"eu","status":"started"}"#)
        .await;
    let answer = server.send(super::server::ADMIN, "GET /status").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.header("server-timing").starts_with("total;dur="));
    let status = answer.body;
    let head = server.ok("GET /organization").await;
    assert_eq!(status["sequence"], head["last_sequence"]);
    let codes: Vec<&Value> =
        status["environments"].as_array().unwrap().iter().map(|found| &found["code"]).collect();
    assert_eq!(codes, ["dev", "prod"]);
    let shop = &status["applications"][1];
    assert_eq!((&shop["name"], &shop["project"]["name"]), (&json!("shop"), &json!("default")));
    let cells = shop["cells"].as_array().unwrap();
    let cell = |environment: &str, target: Option<&str>| {
        let is = |cell: &&Value| {
            cell["environment"] == environment
                && cell.get("target").and_then(Value::as_str) == target
        };
        cells.iter().find(is).unwrap()
    };
    assert_eq!(cell("prod", None)["current"]["deployment_id"], json!(first));
    assert_eq!(cell("prod", Some("eu"))["in_progress"]["version"], "3");
    assert!(cell("prod", Some("eu")).get("current").is_none());
    assert_eq!(cell("dev", None)["current"]["version"], "2");
}

#[tokio::test]
async fn the_matrix_is_filtered_and_paged() {
    let server = Server::start().await;
    for (application, there) in [("a", "dev"), ("b", "prod"), ("c", "qa")] {
        server.deploy(application, "1", there).await;
    }
    for (query, rows, columns) in [
        ("", 3, 3),
        ("?limit=all", 3, 3),
        ("?application=A", 1, 3),
        ("?project=none", 0, 3),
        ("?team=none", 0, 3),
        ("?environment=dev,prod", 3, 2),
        ("?environment=dev&environment=prod&application=b", 1, 2),
        ("?type=testing", 3, 1),
    ] {
        let status = server.ok(&format!("GET /status{query}")).await;
        assert_eq!(status["applications"].as_array().unwrap().len(), rows, "{query}");
        assert_eq!(status["environments"].as_array().unwrap().len(), columns, "{query}");
    }
    let first = server.ok("GET /status?limit=2").await;
    let cursor = first["next"].as_str().unwrap();
    let second = server.ok(&format!("GET /status?limit=2&cursor={cursor}")).await;
    assert_eq!(second["applications"][0]["name"], "c");
    assert_eq!(second["next"], Value::Null);

    server.ok(r#"PATCH /environments/qa {"archived":true}"#).await;
    let status = server.ok("GET /status?archived=true").await;
    assert_eq!(status["environments"][1]["archived"], true);
    for query in ["limit=0", "cursor=x", "type=moon", "archived=perhaps"] {
        let (problem, _) = server.fails(&format!("GET /status?{query}")).await;
        assert_eq!(problem, "400 invalid_field", "{query}");
    }
}

#[tokio::test]
async fn two_environments_are_compared() {
    let server = Server::start().await;
    for (minute, (application, version, there)) in (0..).zip([
        ("same", "1", "staging"),
        ("same", "1", "prod"),
        ("ahead", "1", "prod"),
        ("ahead", "2", "staging"),
        ("behind", "1", "staging"),
        ("behind", "2", "prod"),
        ("new", "1", "staging"),
        ("old", "1", "prod"),
    ]) {
        deploy_at(&server, application, version, there, minute).await;
    }
    let compared = server.ok("GET /compare?from=staging&to=prod").await;
    assert_eq!((&compared["from"]["code"], &compared["same"]), (&json!("staging"), &json!(1)));
    let rows: Vec<(&str, &str, u64)> = compared["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |pointer| row.pointer(pointer).and_then(Value::as_str).unwrap();
            (text("/application/name"), text("/relation"), row["versions"].as_u64().unwrap())
        })
        .collect();
    let wanted = [
        ("ahead", "ahead", 1),
        ("behind", "behind", 1),
        ("new", "only_in_from", 0),
        ("old", "only_in_to", 0),
    ];
    assert_eq!(rows, wanted);
    let all = server.ok("GET /compare?from=staging&to=prod&all=true").await;
    assert_eq!(all["differences"].as_array().unwrap().len(), 5);

    assert_eq!(server.fails("GET /compare?from=staging&to=moon").await.0, "404 not_found");
    let (problem, detail) = server.fails("GET /compare?from=staging").await;
    assert_eq!(problem, "400 invalid_field");
    assert!(detail.contains("'to' is required"), "{detail}");
}
