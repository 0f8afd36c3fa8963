//! People and sessions over the native API.

use landfall_domain::role::Role;
use serde_json::json;

use super::{PASSWORD, email};
use crate::harness::{Answer, Call, Server};

async fn patch(server: &Server, path: &str, body: &serde_json::Value) -> Answer {
    server.send(Call::post(path, body.to_string()).method("PATCH")).await
}

#[tokio::test]
async fn a_person_is_added_changed_and_removed() {
    let server = Server::start().await;
    let asked = json!({"email": " Ada@ACME.example", "name": "Ada", "role": "reporter"});
    let made = server.post("/api/v1/users", &asked).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let password = made.text("password");
    let id = made.json()["user"]["id"].as_str().unwrap().to_owned();
    server.try_sign_in("ada", &password).await.unwrap();

    let listed = server.send(Call::new("GET", "/api/v1/users")).await.ok().json();
    let shown = json!({"id": id, "email": "ada@acme.example", "name": "Ada", "role": "reporter",
        "added_at": "2026-03-01T12:00:00Z", "last_signed_in_at": "2026-03-01T12:00:00Z",
        "created_at": "2026-03-01T12:00:00Z",
        "password_changed_at": "2026-03-01T12:00:00Z", "has_initial_password": true,
        "disabled_at": null});
    assert_eq!(listed, json!({"items": [shown], "next": null}));
    for word in [&id, "ADA@acme.example"] {
        let found = server.send(Call::new("GET", &format!("/api/v1/users/{word}"))).await.ok();
        assert_eq!(found.json(), shown);
    }

    let path = format!("/api/v1/users/{id}");
    let edited = patch(&server, &path, &json!({"role": "manager", "name": "A. L."})).await.ok();
    assert_eq!(edited.json()["user"]["role"], "manager");
    assert_eq!(edited.json()["password"], json!(null));
    let reset = patch(&server, &path, &json!({"reset_password": true})).await.ok();
    assert_ne!(reset.text("password"), password);
    server.try_sign_in("ada", &reset.text("password")).await.unwrap();
    let disabled = patch(&server, &path, &json!({"disabled": true})).await.ok();
    assert_eq!(disabled.json()["user"]["disabled_at"], "2026-03-01T12:00:00Z");

    assert_eq!(server.send(Call::new("DELETE", &path)).await.status, 204);
    assert_eq!(server.send(Call::new("DELETE", &path)).await.status, 404);
    let listed = server.send(Call::new("GET", "/api/v1/users")).await.ok().json();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn what_must_not_be_is_a_conflict() {
    let server = Server::start().await;
    server.add("ada", Role::Admin).await;
    let again = json!({"email": "ada@acme.example", "role": "viewer"});
    let path = "/api/v1/users/ada@acme.example";
    for (answer, code) in [
        (server.post("/api/v1/users", &again).await, "name_taken"),
        (patch(&server, path, &json!({"role": "viewer"})).await, "in_use"),
        (patch(&server, path, &json!({"disabled": true})).await, "in_use"),
        (server.send(Call::new("DELETE", path)).await, "in_use"),
    ] {
        assert_eq!((answer.status, answer.text("code").as_str()), (409, code), "{}", answer.body);
    }
}

#[tokio::test]
async fn another_tenants_people_and_sessions_do_not_exist() {
    let server = Server::start().await;
    let (key, _) = server.organization("other").await;
    let ada = server.add("ada", Role::Viewer).await.member.user.id;
    let session = server.sign_in("ada").await.session.id();
    for call in [
        Call::new("GET", &format!("/api/v1/users/{ada}")),
        Call::post(&format!("/api/v1/users/{ada}"), r#"{"reset_password":true}"#).method("PATCH"),
        Call::new("DELETE", &format!("/api/v1/users/{}", email("ada"))),
        Call::new("DELETE", &format!("/api/v1/sessions/{session}")),
    ] {
        let answer = server.send(call.key(&key)).await;
        assert_eq!((answer.status, answer.text("code").as_str()), (404, "not_found"));
    }
    for path in ["/api/v1/users", "/api/v1/sessions"] {
        let answer = server.send(Call::new("GET", path).key(&key)).await.ok();
        assert_eq!(answer.json()["items"], json!([]), "{path}");
    }
    server.sign_in("ada").await;
}

#[tokio::test]
async fn sessions_are_listed_and_end_when_they_are_revoked() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    server.session(&opened).await;
    let listed = server.send(Call::new("GET", "/api/v1/sessions")).await.ok();
    let id = opened.session.id().to_string();
    assert_eq!(
        listed.json()["items"],
        json!([{"id": id, "email": "ada@acme.example", "key_id": null,
            "created_at": "2026-03-01T12:00:00Z", "last_seen_at": "2026-03-01T12:00:00Z",
            "ends_at": "2026-03-08T12:00:00Z", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
            "address": "192.0.2.7"}])
    );
    for secret in [PASSWORD, &opened.token, &opened.session.csrf(), "hash"] {
        assert!(!listed.body.contains(secret));
    }
    let path = format!("/api/v1/sessions/{id}");
    assert_eq!(server.send(Call::new("DELETE", &path)).await.status, 204);
    assert!(!server.is_live(&opened).await);
    assert_eq!(server.send(Call::new("DELETE", &path)).await.status, 404);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::start().await;
    for name in ["cy", "ada", "bob"] {
        server.add(name, Role::Viewer).await;
        server.sign_in(name).await;
    }
    for path in ["/api/v1/users", "/api/v1/sessions"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("{path}?limit=2&cursor={cursor}");
            let page = server.send(Call::new("GET", &page)).await.ok().json();
            let items = page["items"].as_array().unwrap().iter();
            seen.extend(items.map(|item| item["email"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            next.clone_into(&mut cursor);
        }
        if path.ends_with("sessions") {
            seen.sort();
        }
        assert_eq!(seen, [email("ada"), email("bob"), email("cy")], "{path}");
    }
}

#[tokio::test]
async fn a_token_is_no_key_for_the_api() {
    let server = Server::start().await;
    server.add("ada", Role::Admin).await;
    let opened = server.sign_in("ada").await;
    let answer = server.send(Call::new("GET", "/api/v1/users").key(&opened.token)).await;
    assert_eq!(answer.status, 401);
}
