//! Apps: a project under each of its names, made when a webhook is, and apart from all others.

use landfall_domain::access::Scope;
use serde_json::json;

use super::{WEBHOOKS, all_triggers, body, delete, error_of, get, ids, made, make, native, patch};
use crate::harness::receiver::Receiver;
use crate::harness::{Call, Server};
use crate::webhooks::settled;

async fn projects(server: &Server) -> Vec<String> {
    let listed = get(server, "/api/v1/projects").await.ok().json();
    let name = |shown: &serde_json::Value| shown["name"].as_str().unwrap().to_owned();
    listed["items"].as_array().unwrap().iter().map(name).collect()
}

async fn be_strict(server: &Server) {
    let settings = json!({ "settings": { "strict": true } });
    patch(server, "/api/v1/organization", &settings).await.ok();
}

/// Reports a deployment of the application `web` in a project.
async fn deploy(server: &Server, project: &str) {
    let report = json!({
        "project": project, "application": "web", "version": "1", "environment": "production",
        "status": "completed",
    });
    server.post("/api/v1/deployments", &report).await.ok_or_created();
}

#[tokio::test]
async fn a_webhook_makes_the_project_that_nobody_has_reported_yet() {
    let server = Server::start().await;
    for path in [WEBHOOKS, &format!("{WEBHOOKS}/my-hook")] {
        assert_eq!(get(&server, path).await.status, 404);
    }
    make(&server, &json!({})).await;
    assert_eq!(projects(&server).await, ["default", "shop"]);
    make(&server, &json!({ "id": "second" })).await;
    assert_eq!(projects(&server).await, ["default", "shop"]);
    assert_eq!(ids(&server, WEBHOOKS).await, ["my-hook", "second"]);
    server.stop().await;
}

#[tokio::test]
async fn a_strict_organization_makes_no_project() {
    let server = Server::start().await;
    be_strict(&server).await;
    let refused = server.post(WEBHOOKS, &body(&json!({}))).await;
    let (status, _, message) = error_of(&refused);
    assert_eq!(status, 404);
    assert!(message.contains("`shop`") && message.contains("strict"), "{message}");
    assert_eq!(projects(&server).await, ["default"]);
    assert!(super::natives(&server).await.is_empty());
    made(&server.post("/orgs/default/apps/default/webhooks", &body(&json!({}))).await);
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_that_is_refused_leaves_no_project_behind() {
    let server = Server::start().await;
    made(&server.post("/orgs/default/apps/default/webhooks", &body(&json!({}))).await);
    for wrong in
        [json!({}), json!({ "id": "x", "url": "10.0.0.1" }), json!({ "id": "x", "url": 1 })]
    {
        let refused = server.post(WEBHOOKS, &body(&wrong)).await;
        assert!(matches!(refused.status, 400 | 409), "{}", refused.body);
    }
    assert_eq!(projects(&server).await, ["default"]);
    server.stop().await;
}

#[tokio::test]
async fn a_word_that_can_be_no_name_names_no_app() {
    let server = Server::start().await;
    let long = "x".repeat(256);
    for app in ["019ad3c2-0000-7000-8000-000000000000", "%20shop", "a%00b", "a%0Ab", "%FF", &long] {
        let path = format!("/orgs/default/apps/{app}/webhooks");
        for call in [
            Call::new("GET", &path),
            Call::post(&path, body(&json!({})).to_string()),
            Call::new("DELETE", &format!("/orgs/default/apps/{app}/jobs")),
        ] {
            assert_eq!(error_of(&server.send(call.clone()).await).0, 404, "{call:?}");
        }
    }
    assert_eq!(projects(&server).await, ["default"]);
    server.stop().await;
}

#[tokio::test]
async fn an_id_is_unique_in_the_organization_and_not_beyond() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    for path in [WEBHOOKS, "/orgs/default/apps/default/webhooks"] {
        let clash = server.post(path, &body(&json!({ "url": "example.org" }))).await;
        let (status, _, message) = error_of(&clash);
        assert_eq!(status, 409);
        assert_eq!(message, "The supplied `id` clashes with an existing Job");
        assert_eq!(clash.json()["details"]["field"], "id");
    }
    assert_eq!(super::natives(&server).await.len(), 1);
    let (key, _) = server.organization("acme").await;
    let path = "/orgs/acme/apps/shop/webhooks";
    made(&server.send(Call::post(path, body(&json!({})).to_string()).key(&key)).await);
    // Once it is deleted its id is free again, for any app.
    assert_eq!(delete(&server, &format!("{WEBHOOKS}/my-hook")).await.status, 204);
    made(&server.post("/orgs/default/apps/default/webhooks", &body(&json!({}))).await);
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_of_one_app_is_not_there_for_another() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let other = "/orgs/default/apps/default/webhooks";
    assert!(ids(&server, other).await.is_empty());
    let path = format!("{other}/my-hook");
    assert_eq!(error_of(&get(&server, &path).await).0, 404);
    assert_eq!(error_of(&delete(&server, &path).await).0, 404);
    assert_eq!(error_of(&patch(&server, &path, &json!({ "disabled": true })).await).0, 404);
    assert_eq!(get(&server, &format!("{WEBHOOKS}/my-hook")).await.json()["disabled"], false);
    assert_eq!(get(&server, &format!("{WEBHOOKS}/MY-HOOK")).await.status, 404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_of_one_app_hears_nothing_of_another() {
    let server = Server::start().await;
    let (shops, searches) = (Receiver::ok(), Receiver::ok());
    let triggers = json!([{ "scope": "deployment", "type": "finished" }]);
    for (app, receiver) in [("shop", &shops), ("search", &searches)] {
        let body = json!({ "id": app, "url": receiver.url(), "triggers": triggers });
        made(&server.post(&format!("/orgs/default/apps/{app}/webhooks"), &body).await);
    }
    for project in ["search", "shop", "search", "default"] {
        deploy(&server, project).await;
        server.ambient.set(server.ambient.now() + std::time::Duration::from_hours(1));
    }
    for (app, receiver, count) in [("shop", &shops, 1), ("search", &searches, 2)] {
        settled(&server.client, &native(&server, app).await).await;
        let received = receiver.requests();
        assert_eq!(received.len(), count);
        assert!(received.iter().all(|request| request.json()["app_id"] == app));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_project_goes_on_under_both_names() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    make(&server, &json!({ "url": receiver.url(), "triggers": all_triggers() })).await;
    let renamed = json!({ "name": "store" });
    let project = patch(&server, "/api/v1/projects/shop", &renamed).await.ok().text("id");
    for app in ["shop", "store", &project] {
        let path = format!("/orgs/default/apps/{app}/webhooks");
        assert_eq!(ids(&server, &path).await, ["my-hook"]);
        let one = format!("{path}/my-hook");
        patch(&server, &one, &json!({ "payload": { "app": "${app_id}", "via": app } })).await.ok();
        assert_eq!(get(&server, &one).await.ok().json()["payload"]["via"], *app);
    }
    for project in ["shop", "store"] {
        deploy(&server, project).await;
        server.ambient.set(server.ambient.now() + std::time::Duration::from_hours(1));
    }
    settled(&server.client, &native(&server, "my-hook").await).await;
    let received = receiver.requests();
    // The environment that came to be, then both deployments, each under the name it was made with.
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|request| request.json()["app"] == "shop"));
    server.stop().await;
}

#[tokio::test]
async fn another_organization_is_not_there_for_any_method() {
    let server = Server::start().await;
    let (_, caller) = server.organization("acme").await;
    let read_only = server.key(&[Scope::Read], None).await;
    let id = caller.organization.to_string();
    for org in ["acme", &id, "nowhere", "Default", "%FF", "0", "019ad3c2"] {
        for (method, rest) in [
            ("GET", "apps/default/webhooks"),
            ("POST", "apps/default/webhooks"),
            ("GET", "apps/default/webhooks/x"),
            ("PATCH", "apps/default/webhooks/x"),
            ("DELETE", "apps/default/webhooks/x"),
            ("DELETE", "apps/default/jobs"),
            ("GET", "events"),
        ] {
            // The body is not looked at: neither its type nor what it holds.
            let call = Call::post(&format!("/orgs/{org}/{rest}"), "no JSON").method(method);
            let call = call.with("content-type", "text/plain");
            let (status, ..) = error_of(&server.send(call.clone()).await);
            assert_eq!(status, 404, "{method} {org} {rest}");
            if method != "GET" {
                assert_eq!(error_of(&server.send(call.key(&read_only)).await).0, 403);
            }
        }
    }
    server.stop().await;
}
