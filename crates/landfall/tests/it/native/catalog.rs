//! Teams, projects, applications and environments: made, changed, renamed, listed and deleted.

use serde_json::{Value, json};

use super::server::{ADMIN, Server};

#[tokio::test]
async fn a_team_is_made_changed_and_deleted() {
    let server = Server::start().await;
    let made = server.send(ADMIN, r#"POST /teams {"code":"core","name":"Core"}"#).await;
    assert_eq!((made.status, &made.body["name"]), (201, &json!("Core")));
    assert_eq!(server.ok("GET /teams/core").await, made.body);
    let id = made.body["id"].as_str().unwrap();
    let edited = server.ok(&format!(r#"PATCH /teams/{id} {{"code":"kernel"}}"#)).await;
    assert_eq!((&edited["code"], &edited["name"]), (&json!("kernel"), &json!("Core")));
    assert_eq!(server.fails(r#"POST /teams {"code":"kernel"}"#).await.0, "409 name_taken");
    assert_eq!(server.send(ADMIN, "DELETE /teams/kernel").await.status, 204);
    assert_eq!(server.fails("GET /teams/kernel").await.0, "404 not_found");
}

#[tokio::test]
async fn a_renamed_project_is_found_by_its_former_name() {
    let server = Server::start().await;
    server.ok(r#"POST /teams {"code":"core"}"#).await;
    let made = r#"POST /projects {"name":"web","description":"Pages","team":"core"}"#;
    let made = server.ok(made).await;
    assert_eq!((&made["team"], &made["aliases"]), (&json!("core"), &json!([])));
    let edited = server.ok(r#"PATCH /projects/web {"name":"sites","description":null}"#).await;
    assert_eq!(edited["aliases"], json!(["web"]));
    assert_eq!((&edited["description"], &edited["team"]), (&Value::Null, &json!("core")));
    assert_eq!(server.ok("GET /projects/web").await, edited);
    assert_eq!(server.list("/projects?name=SITE", "/name").await, ["sites"]);

    server.ok(r#"POST /applications {"name":"shop","project":"web"}"#).await;
    assert_eq!(server.fails("DELETE /projects/sites").await.0, "409 in_use");
    assert_eq!(server.fails("DELETE /projects/default").await.0, "409 in_use");
    server.ok("DELETE /applications/shop").await;
    assert_eq!(server.send(ADMIN, "DELETE /projects/sites").await.status, 204);
    assert_eq!(server.fails("GET /projects/web").await.0, "404 not_found");
}

#[tokio::test]
async fn an_application_is_named_by_id_name_project_and_former_name() {
    let server = Server::start().await;
    server.ok(r#"POST /projects {"name":"web"}"#).await;
    let made = server
        .ok(r#"POST /applications {"name":"shop","project":"web","repository":"acme/shop"}"#)
        .await;
    assert_eq!(
        (&made["project"]["name"], &made["repository"]),
        (&json!("web"), &json!("acme/shop"))
    );
    let id = made["id"].as_str().unwrap();
    let edited = server.ok(r#"PATCH /applications/shop {"name":"store front"}"#).await;
    assert_eq!(edited["aliases"], json!(["shop"]));
    for word in [id, "shop", "store%20front", "web%2Fshop", "web%2Fstore%20front"] {
        assert_eq!(server.ok(&format!("GET /applications/{word}")).await, edited, "{word}");
    }
    server.ok(r#"POST /applications {"name":"shop"}"#).await;
    let (problem, detail) = server.fails("GET /applications/shop").await;
    assert_eq!(problem, "400 invalid_field");
    assert!(detail.contains("`project/shop`"), "{detail}");

    let told = server.deploy("shop", "1", "dev").await;
    assert_eq!(server.list("/deployments?application=default%2Fshop", "/id").await, [told]);
}

#[tokio::test]
async fn applications_are_filtered() {
    let server = Server::start().await;
    for request in [
        r#"POST /teams {"code":"core"}"#,
        r#"POST /projects {"name":"web","team":"core"}"#,
        r#"POST /applications {"name":"shop","project":"web"}"#,
        r#"POST /applications {"name":"Shop-API"}"#,
        r#"POST /applications {"name":"mail","team":"core"}"#,
    ] {
        server.ok(request).await;
    }
    for (query, names) in [
        ("", json!(["Shop-API", "mail", "shop"])),
        ("?name=shop", json!(["Shop-API", "shop"])),
        ("?project=web", json!(["shop"])),
        ("?team=core", json!(["mail", "shop"])),
        ("?team=core&project=default", json!(["mail"])),
    ] {
        let found = server.list(&format!("/applications{query}"), "/name").await;
        assert_eq!(json!(found), names, "{query}");
    }
    assert_eq!(server.fails("GET /applications?project=none").await.0, "404 not_found");
}

#[tokio::test]
async fn an_environment_is_made_changed_archived_and_deleted() {
    let server = Server::start().await;
    let made = server.ok(r#"POST /environments {"code":"prod-eu","url":"https://eu.x"}"#).await;
    assert_eq!((&made["type"], &made["name"]), (&json!("production"), &json!("prod-eu")));
    let edit = r#"{"code":"eu","name":"Europe","type":"staging","url":null,"position":3}"#;
    let edited = server.ok(&format!("PATCH /environments/prod-eu {edit}")).await;
    assert_eq!(edited["aliases"], json!(["prod-eu"]));
    assert_eq!((&edited["type"], &edited["url"]), (&json!("staging"), &Value::Null));
    assert_eq!(edited["position"], 3);

    let archived = server.ok(r#"PATCH /environments/eu {"archived":true}"#).await;
    assert!(archived["archived_at"].is_string());
    assert!(server.list("/environments", "/code").await.is_empty());
    assert_eq!(server.list("/environments?archived=true", "/code").await, ["eu"]);
    assert_eq!(server.list("/environments?archived=true&type=staging", "/code").await, ["eu"]);
    let back = server.ok(r#"PATCH /environments/eu {"archived":false}"#).await;
    assert_eq!(back["archived_at"], Value::Null);

    assert_eq!(server.send(ADMIN, "DELETE /environments/eu").await.status, 204);
    assert_eq!(server.fails("GET /environments/prod-eu").await.0, "404 not_found");
    let types = server.list("/events?types=environment.*", "/type").await;
    assert_eq!(
        (&types[0], types.last()),
        (&json!("environment.created"), Some(&json!("environment.deleted")))
    );
}

#[tokio::test]
async fn what_can_not_be_made_is_refused_by_name() {
    let server = Server::start().await;
    for (request, field) in [
        (r#"POST /environments {"code":"x","url":"javascript:alert(1)"}"#, "url"),
        (r#"POST /environments {"code":"x","type":"moon"}"#, "type"),
        (r#"POST /environments {"code":" "}"#, "code"),
        (r#"PATCH /organization {"name":null}"#, "name"),
        (r#"POST /projects {"nam":"x"}"#, "nam"),
        (r#"POST /teams {"code":"x","colour":"red"}"#, "colour"),
        (r"POST /applications {}", "name"),
    ] {
        let (problem, detail) = server.fails(request).await;
        assert_eq!(problem, "400 invalid_field", "{request}");
        assert!(detail.contains(&format!("'{field}'")), "{detail}");
    }
}

#[tokio::test]
async fn quotas_bound_what_can_be_made_until_they_are_lifted() {
    let server = Server::start().await;
    let set = r#"PATCH /organization {"settings":{"environments_max":1,"applications_max":1}}"#;
    let changed = server.ok(set).await;
    assert_eq!(changed["settings"]["environments_max"], 1);
    server.deploy("shop", "1", "dev").await;
    for (request, noun) in [
        (r#"POST /applications {"name":"mail"}"#, "application"),
        (r#"POST /environments {"code":"staging"}"#, "environment"),
        (r#"POST /builds {"application":"mail","version":"1"}"#, "application"),
        (
            r#"POST /deployments {"application":"shop","version":"1","environment":"staging"}"#,
            "environment",
        ),
    ] {
        let (problem, detail) = server.fails(request).await;
        assert_eq!(problem, "403 quota_reached", "{request}");
        assert!(detail.contains(&format!("`{noun}s_max`")), "{detail}");
    }
    let lifted = r#"PATCH /organization {"settings":{"environments_max":null}}"#;
    let changed = server.ok(lifted).await;
    assert_eq!(changed["settings"]["environments_max"], Value::Null);
    assert_eq!(changed["settings"]["applications_max"], 1);
    server.ok(r#"POST /environments {"code":"staging"}"#).await;
    for bad in ["-1", "1.5", "\"1\"", "4294967296"] {
        let request = format!(r#"PATCH /organization {{"settings":{{"applications_max":{bad}}}}}"#);
        assert_eq!(server.fails(&request).await.0, "400 invalid_field", "{bad}");
    }
}

#[tokio::test]
async fn a_list_is_walked_page_by_page() {
    let server = Server::start().await;
    for code in ["a", "b", "c", "d", "e"] {
        server.ok(&format!(r#"POST /teams {{"code":"{code}"}}"#)).await;
    }
    let first = server.ok("GET /teams?limit=2").await;
    // The item that the page ended with may be gone by the time the next one is asked for.
    server.ok("DELETE /teams/b").await;
    let cursor = first["next"].as_str().unwrap();
    let second = server.ok(&format!("GET /teams?limit=2&cursor={cursor}")).await;
    assert_eq!(second["items"][0]["code"], "c");
    let cursor = second["next"].as_str().unwrap();
    let third = server.ok(&format!("GET /teams?limit=2&cursor={cursor}")).await;
    assert_eq!((&third["items"][0]["code"], &third["next"]), (&json!("e"), &Value::Null));

    for query in ["limit=0", "limit=501", "limit=x", "cursor=x", "curser=x"] {
        let (problem, detail) = server.fails(&format!("GET /teams?{query}")).await;
        assert_eq!(problem, "400 invalid_field", "{query}");
        assert!(detail.contains(query.split('=').next().unwrap()), "{detail}");
    }
}
