//! Who may do what, and that tenants never meet.

use super::server::{ADMIN, OTHER, Server};

const READS: &[&str] = &[
    "GET /organization",
    "GET /organizations",
    "GET /teams",
    "GET /projects",
    "GET /applications",
    "GET /environments",
    "GET /versions",
    "GET /builds",
    "GET /deployments",
    "GET /status",
    "GET /compare?from=a&to=b",
    "GET /events",
    "GET /events/stream",
    "GET /refused",
];

const REPORTS: &[&str] = &[
    r#"POST /deployments {"application":"a","version":"1","environment":"dev"}"#,
    r#"POST /builds {"application":"a","version":"1"}"#,
];

const MANAGES: &[&str] = &[
    r#"POST /teams {"code":"x"}"#,
    r#"POST /projects {"name":"x"}"#,
    r#"POST /applications {"name":"x"}"#,
    r#"POST /environments {"code":"x"}"#,
    r#"PATCH /projects/default {"description":"x"}"#,
    r#"PATCH /applications/shop {"description":"x"}"#,
    r#"PATCH /environments/dev {"name":"x"}"#,
    "DELETE /teams/x",
    "DELETE /projects/x",
    "DELETE /applications/x",
    "DELETE /environments/x",
    r#"POST /applications/shop/retire {"environment":"dev"}"#,
    "POST /deployments/018f0000-0000-7000-8000-000000000000/void",
];

const ADMINISTERS: &[&str] = &[
    r#"PATCH /organization {"name":"x"}"#,
    r#"POST /organizations {"slug":"x"}"#,
    "GET /keys",
    "GET /signing-keys",
    r#"POST /signing-keys {"name":"x"}"#,
    r#"PATCH /signing-keys/wk_default_x {"allows_legacy":false}"#,
    "DELETE /signing-keys/wk_default_x",
    r#"POST /keys {"name":"x","scopes":["read"]}"#,
    "DELETE /keys/k9",
    "GET /users",
    r#"POST /users {"email":"ada@acme.example","role":"viewer"}"#,
    "GET /users/ada@acme.example",
    r#"PATCH /users/ada@acme.example {"role":"admin"}"#,
    "DELETE /users/ada@acme.example",
    "GET /sessions",
    "DELETE /sessions/018f0000-0000-7000-8000-000000000000",
    "GET /audit",
];

#[tokio::test]
async fn a_key_does_what_its_scope_covers_and_nothing_else() {
    let server = Server::start().await;
    for (scope, denied) in [
        ("report", [READS, MANAGES, ADMINISTERS].as_slice()),
        ("read", &[REPORTS, MANAGES, ADMINISTERS]),
        ("manage", &[ADMINISTERS]),
    ] {
        let key = server.key(scope).await;
        for request in denied.iter().copied().flatten() {
            let answer = server.send(&key, request).await;
            assert_eq!(answer.problem(), "403 forbidden", "{scope}: {request}");
            assert!(answer.body["detail"].as_str().unwrap().contains("it needs the scope `"));
        }
    }
    let reporter = server.key("report").await;
    for request in REPORTS {
        assert_eq!(server.send(&reporter, request).await.status, 200, "{request}");
    }
}

#[tokio::test]
async fn without_a_live_key_nothing_is_done() {
    let server = Server::start().await;
    let wrong = ADMIN.replace("0123", "3210");
    for request in [READS, REPORTS, MANAGES, ADMINISTERS].concat() {
        for key in ["", "nonsense", &wrong] {
            let answer = server.send(key, request).await;
            assert_eq!(answer.problem(), "401 unauthenticated", "{request}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_until_it_is_revoked() {
    let server = Server::start().await;
    server.ok(r#"POST /projects {"name":"web"}"#).await;
    let made = server
        .ok(r#"POST /keys {"name":"CI","scopes":["report","read"],"default_project":"web",
            "expires_at":"2999-01-01T00:00:00Z"}"#)
        .await;
    let (id, key) = (made["key_id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(key.starts_with(&format!("sk_default_{id}_")));
    assert_eq!(made["default_project"]["name"], "web");

    let told = server.send(key, REPORTS[0]).await;
    assert_eq!(told.body["deployment"]["project"]["name"], "web");

    let listed = server.ok("GET /keys").await;
    let listed = listed["items"].as_array().unwrap();
    let shown = listed.iter().find(|shown| shown["key_id"] == id).unwrap();
    assert_eq!(shown["scopes"], serde_json::json!(["report", "read"]));
    assert!(!shown.to_string().contains(key.rsplit('_').next().unwrap()));

    assert_eq!(server.send(ADMIN, &format!("DELETE /keys/{id}")).await.status, 204);
    assert_eq!(server.send(key, "GET /teams").await.problem(), "401 unauthenticated");
    assert_eq!(server.fails(&format!("DELETE /keys/{id}")).await.0, "404 not_found");
}

#[tokio::test]
async fn a_key_that_can_not_be_is_refused() {
    let server = Server::start().await;
    for (body, told) in [
        (r#"{"name":"x","scopes":[]}"#, "scopes"),
        (r#"{"name":"x","scopes":["root"]}"#, "scopes[0]"),
        (r#"{"name":"","scopes":["read"]}"#, "name"),
        (r#"{"name":"x","scopes":["read"],"expires_at":"2020-01-01T00:00:00Z"}"#, "expires_at"),
        (r#"{"scopes":["read"]}"#, "'name' is required"),
    ] {
        let (problem, detail) = server.fails(&format!("POST /keys {body}")).await;
        assert_eq!(problem, "400 invalid_field", "{body}");
        assert!(detail.contains(told), "{detail}");
    }
    let unknown = r#"POST /keys {"name":"x","scopes":["read"],"default_project":"nowhere"}"#;
    assert_eq!(server.fails(unknown).await.0, "404 not_found");
}

#[tokio::test]
async fn another_tenants_things_do_not_exist() {
    let server = Server::start().await;
    server.ok(r#"POST /teams {"code":"core"}"#).await;
    let deployment = server.deploy("shop", "1", "prod").await;
    let build = server.ok(r#"POST /builds {"application":"shop","version":"1"}"#).await;
    let id = |list: Vec<serde_json::Value>| list[0].as_str().unwrap().to_owned();
    let version = id(server.list("/versions", "/id").await);
    let application = id(server.list("/applications", "/id").await);
    let environment = id(server.list("/environments", "/id").await);
    let team = id(server.list("/teams", "/id").await);
    let project = id(server.list("/projects", "/id").await);
    for request in [
        format!("GET /deployments/{deployment}"),
        format!("POST /deployments/{deployment}/void"),
        format!("GET /builds/{}", build["build"]["id"].as_str().unwrap()),
        format!("GET /versions/{version}"),
        format!("GET /deployments?version={version}"),
        format!("GET /applications/{application}"),
        format!(r#"PATCH /applications/{application} {{"name":"mine"}}"#),
        format!("DELETE /applications/{application}"),
        format!("GET /deployments?application={application}"),
        format!("GET /environments/{environment}"),
        format!("DELETE /environments/{environment}"),
        format!("GET /teams/{team}"),
        format!("DELETE /teams/{team}"),
        format!("GET /projects/{project}"),
        format!("GET /compare?from={environment}&to={environment}"),
    ] {
        assert_eq!(server.send(OTHER, &request).await.problem(), "404 not_found", "{request}");
    }
    for list in ["/applications", "/deployments", "/versions", "/builds", "/teams", "/refused"] {
        let seen = server.send(OTHER, &format!("GET {list}")).await;
        assert_eq!(seen.body["items"], serde_json::json!([]), "{list}");
    }
    let log = server.send(OTHER, "GET /events").await.body.to_string();
    assert!(!log.contains("shop") && !log.contains(&deployment), "{log}");
}

#[tokio::test]
async fn organizations_are_made_by_admins_of_the_first_one() {
    let server = Server::start().await;
    let made = server.ok(r#"POST /organizations {"slug":"acme","name":"Acme"}"#).await;
    assert_eq!(made["organization"]["name"], "Acme");
    let key = made["api_key"]["key"].as_str().unwrap();
    let own = server.send(key, "GET /organization").await.body;
    assert_eq!((&own["slug"], &own["id"]), (&"acme".into(), &made["organization"]["id"]));

    let slugs = server.list("/organizations", "/slug").await;
    assert_eq!(slugs, ["acme", "default", "other"]);
    let seen = server.send(key, "GET /organizations").await.body;
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);

    let again = r#"POST /organizations {"slug":"acme"}"#;
    assert_eq!(server.fails(again).await.0, "409 name_taken");
    assert_eq!(server.send(key, again).await.problem(), "403 forbidden");
    let bad = r#"POST /organizations {"slug":"No Slug"}"#;
    assert_eq!(server.fails(bad).await.0, "400 invalid_field");
}

#[tokio::test]
async fn settings_are_changed_one_by_one_and_within_bounds() {
    let server = Server::start().await;
    let changed = server.ok(r#"PATCH /organization {"settings":{"strict":true}}"#).await;
    let settings = serde_json::json!({"strict": true, "refuse_other_sha": false,
        "stale_after_hours": 24, "archive_previews_after_days": 14,
        "environments_max": null, "applications_max": null});
    assert_eq!(changed["settings"], settings);
    let renamed = server.ok(r#"PATCH /organization {"name":"Acme"}"#).await;
    assert_eq!((&renamed["name"], &renamed["settings"]), (&"Acme".into(), &settings));

    for (settings, field) in [
        (r#"{"stale_after_hours":0}"#, "stale_after_hours"),
        (r#"{"stale_after_hours":8761}"#, "stale_after_hours"),
        (r#"{"archive_previews_after_days":4000}"#, "archive_previews_after_days"),
        (r#"{"strict":null}"#, "settings.strict"),
        (r#"{"stric":true}"#, "settings.stric"),
    ] {
        let request = format!(r#"PATCH /organization {{"settings":{settings}}}"#);
        let (problem, detail) = server.fails(&request).await;
        assert_eq!(problem, "400 invalid_field", "{settings}");
        assert!(detail.contains(field), "{detail}");
    }
    let (problem, detail) = server.fails(REPORTS[0]).await;
    assert_eq!(problem, "422 unknown_name");
    assert!(detail.contains("`a` is unknown and this organization is strict"), "{detail}");
}
