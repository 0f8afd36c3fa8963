//! What an id may name: a webhook of this API, in this project, of the caller's organization.

use landfall_domain::access::Scope;
use serde_json::json;

use super::{NOWHERE, Shop, assert_error, path, rest, with};
use crate::harness::Call;

/// Each method of the document on these paths of all webhooks and of one. Their bodies are broken,
/// so an answer other than 404 says that a body was looked at first.
fn broken(all: &str, one: &str) -> [Call; 5] {
    [
        Call::new("GET", all),
        Call::post(all, "{"),
        Call::new("GET", one),
        Call::post(one, "{").method("PATCH"),
        Call::new("DELETE", one),
    ]
}

#[tokio::test]
async fn another_organizations_ids_name_nothing() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let (foreign, caller) = shop.server.organization("acme").await;
    let theirs = caller.organization.object_id();
    let projects = Call::new("GET", "/api/v1/projects").key(&foreign);
    let projects = shop.server.send(projects).await.ok().json();
    let their_project = projects["items"][0]["object_id"].as_str().unwrap();
    let (all, one) = (shop.path(""), shop.path(&rest(&made)));
    for call in broken(&all, &one) {
        assert_error(&shop.server.send(call.key(&foreign)).await, 404, "there is no organization");
    }
    for (organization, project, webhook, noun) in [
        (&*theirs, their_project, rest(&made), "organization"),
        (&*theirs, &*shop.project, rest(&made), "organization"),
        (&*shop.organization, their_project, rest(&made), "project"),
    ] {
        let (all, one) = (path(organization, project, ""), path(organization, project, &webhook));
        for call in broken(&all, &one) {
            assert_error(&shop.server.send(call).await, 404, &format!("there is no {noun}"));
        }
    }
    assert_eq!(shop.get("").await.ok().json().as_array().unwrap().len(), 1);
    // In their own place they see none of ours.
    let list = Call::new("GET", &path(&theirs, their_project, "")).key(&foreign);
    assert_eq!(shop.server.send(list).await.ok().json(), json!([]));
    shop.server.stop().await;
}

#[tokio::test]
async fn a_webhook_is_found_in_its_own_project_only() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let other = shop.server.post("/api/v1/projects", &json!({"name": "other"})).await;
    let other = other.text("object_id");
    let all = path(&shop.organization, &other, "");
    assert_eq!(shop.server.send(Call::new("GET", &all)).await.ok().json(), json!([]));
    let one = path(&shop.organization, &other, &rest(&made));
    for method in ["GET", "PATCH", "DELETE"] {
        let answer = shop.server.send(Call::post(&one, "{").method(method)).await;
        assert_error(&answer, 404, "there is no webhook");
    }
    shop.get(&rest(&made)).await.ok();
    shop.server.stop().await;
}

#[tokio::test]
async fn a_project_is_deleted_after_its_webhooks() {
    let shop = Shop::open().await;
    let made = shop.server.post("/api/v1/projects", &json!({"name": "brief"})).await;
    let project = made.text("object_id");
    let all = path(&shop.organization, &project, "");
    let webhook = shop.server.post(&all, &with(json!({}))).await.json();
    let delete = Call::new("DELETE", &format!("/api/v1/projects/{}", made.text("id")));
    let refused = shop.server.send(delete.clone()).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text("detail").contains("delete them first: "), "{}", refused.body);
    let gone = shop.server.send(Call::new("DELETE", &format!("{all}{}", rest(&webhook)))).await;
    assert_eq!(gone.status, 204);
    assert_eq!(shop.server.send(delete).await.status, 204);
    for call in broken(&all, &format!("{all}{}", rest(&webhook))) {
        assert_error(&shop.server.send(call).await, 404, "there is no project");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn webhooks_that_were_made_elsewhere_are_not_shown() {
    let shop = Shop::open().await;
    let projects = shop.server.send(Call::new("GET", "/api/v1/projects")).await.ok().json();
    let native = json!({
        "name": "native", "url": NOWHERE, "format": "akinon",
        "project": projects["items"][0]["name"],
    });
    let native = shop.server.post("/api/v1/webhooks", &native).await;
    assert_eq!(shop.get("").await.ok().json(), json!([]));
    let answer = shop.get(&format!("/{}", native.text("object_id"))).await;
    assert_error(&answer, 404, "there is no webhook");
    shop.server.stop().await;
}

#[tokio::test]
async fn an_id_of_another_form_is_a_400_that_says_where_ids_are_shown() {
    let shop = Shop::open().await;
    let reader = shop.server.key(&[Scope::Read], None).await;
    let good = "0123456789abcdefABCDEF01";
    for bad in [
        "1",
        "0123456789abcdef0123456",
        "0123456789abcdef012345678",
        "0123456789abcdef0123456g",
        "01935a1b-2c3d-7e4f-8a5b-6c7d8e9fa0b1",
        "%30123456789abcdef0123456%",
        "0123456789abcdef012345%C3%A4",
        "0123456789abcdef01234%00",
        "..%2F..%2F..%2Fetc%2Fpasswd%20",
    ] {
        for (name, path) in [
            ("organizationId", path(bad, good, "")),
            ("projectId", path(good, bad, "")),
            ("projectId", path(good, bad, &format!("/{good}"))),
            ("webhookId", path(good, good, &format!("/{bad}"))),
        ] {
            let answer = shop.server.send(Call::new("GET", &path).key(&reader)).await;
            assert_error(&answer, 400, &format!("Field '{name}' must be 24 hexadecimal digits"));
        }
    }
    let answer = shop.server.send(Call::new("GET", &path("%ff%fe", good, ""))).await;
    assert_error(&answer, 400, "must be UTF-8");
    shop.server.stop().await;
}
