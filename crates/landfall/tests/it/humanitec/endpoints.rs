//! Every endpoint of the description, and what it answers when all is well.

use serde_json::{Value, json};

use super::{WEBHOOKS, all_triggers, delete, get, ids, make, object, patch};
use crate::harness::Server;

#[tokio::test]
async fn a_webhook_is_made_listed_shown_changed_and_deleted() {
    let server = Server::start().await;
    let made = make(&server, &json!({})).await;
    assert_eq!(
        made,
        json!({
            "id": "my-hook", "disabled": false, "headers": {}, "payload": null,
            "triggers": [{ "scope": "deployment", "type": "finished" }],
            "url": "example.com/hook", "created_at": "2026-03-01T12:00:00.000Z", "created_by": "k1",
        })
    );
    let path = format!("{WEBHOOKS}/my-hook");
    assert_eq!(get(&server, &path).await.ok().json(), made);
    assert_eq!(get(&server, WEBHOOKS).await.ok().json(), json!([made]));

    let changed = patch(&server, &path, &json!({ "disabled": true })).await.ok().json();
    let mut wanted = made;
    wanted["disabled"] = json!(true);
    assert_eq!(changed, wanted);
    assert_eq!(get(&server, &path).await.ok().json(), wanted);

    let gone = delete(&server, &path).await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    assert_eq!(get(&server, &path).await.status, 404);
    assert_eq!(delete(&server, &path).await.status, 404);
    assert_eq!(get(&server, WEBHOOKS).await.ok().json(), json!([]));
    server.stop().await;
}

#[tokio::test]
async fn all_jobs_of_an_app_are_deleted_and_none_of_another() {
    let server = Server::start().await;
    for id in ["a", "b"] {
        make(&server, &json!({ "id": id })).await;
    }
    let other = "/orgs/default/apps/search/webhooks";
    let body = super::body(&json!({ "id": "c" }));
    super::made(&server.post(other, &body).await);
    assert_eq!(ids(&server, WEBHOOKS).await, ["a", "b"]);
    let gone = delete(&server, "/orgs/default/apps/shop/jobs").await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    assert!(ids(&server, WEBHOOKS).await.is_empty());
    assert_eq!(ids(&server, other).await, ["c"]);
    let again = delete(&server, "/orgs/default/apps/shop/jobs").await;
    assert_eq!(again.status, 204);
    server.stop().await;
}

#[tokio::test]
async fn events_are_those_of_the_document_with_its_variables() {
    let server = Server::start().await;
    let common = ["event", "triggered_at", "triggered_by", "org_id", "app_id", "env_id"];
    let of = |more: &[&str]| json!([common.as_slice(), more].concat());
    let of_environment = of(&["name", "type"]);
    let of_deployment = of(&["deploy_id", "delta_id", "set_id", "comment", "status"]);
    let mut wanted = all_triggers();
    for event in wanted.as_array_mut().unwrap() {
        let is_environment = event["scope"] == "environment";
        event["properties"] =
            if is_environment { of_environment.clone() } else { of_deployment.clone() };
    }
    assert_eq!(get(&server, "/orgs/default/events").await.ok().json(), wanted);
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_without_an_id_is_given_one() {
    let server = Server::start().await;
    let mut found = Vec::new();
    for id in [Value::Null, Value::Null] {
        let made = make(&server, &json!({ "id": id })).await;
        found.push(made["id"].as_str().unwrap().to_owned());
    }
    assert_ne!(found[0], found[1]);
    assert_eq!(ids(&server, WEBHOOKS).await, found);
    for id in found {
        get(&server, &format!("{WEBHOOKS}/{id}")).await.ok();
    }
    server.stop().await;
}

#[tokio::test]
async fn a_time_has_milliseconds_and_no_more() {
    let server = Server::start().await;
    for (micros, shown) in [(0, "00.000Z"), (7_000, "00.007Z"), (999_999, "00.999Z")] {
        server.ambient.set(crate::harness::noon() + std::time::Duration::from_micros(micros));
        let made = make(&server, &json!({ "id": micros.to_string() })).await;
        assert_eq!(made["created_at"], format!("2026-03-01T12:00:{shown}"));
    }
    server.stop().await;
}

#[tokio::test]
async fn the_least_that_can_be_sent_is_a_url() {
    let server = Server::start().await;
    let answer = server.post(WEBHOOKS, &json!({ "url": "https://example.com" })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let made = object(&answer);
    assert_eq!((&made["headers"], &made["payload"]), (&json!({}), &Value::Null));
    assert_eq!((&made["triggers"], &made["disabled"]), (&json!([]), &json!(false)));
    server.stop().await;
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays() {
    let server = Server::start().await;
    let made = make(
        &server,
        &json!({ "headers": { "X-Token": "t" }, "payload": { "a": "${event}" }, "disabled": true }),
    )
    .await;
    let path = format!("{WEBHOOKS}/my-hook");
    for change in [json!({}), json!({ "id": "my-hook" }), json!({ "unknown": [1, { "a": null }] })]
    {
        patch(&server, &path, &change).await.ok();
        assert_eq!(get(&server, &path).await.ok().json(), made, "{change}");
    }
    for (field, value) in [
        ("url", json!("http://example.org/other")),
        ("headers", json!({ "X-Other": "o" })),
        ("payload", json!({ "b": "${status}" })),
        ("triggers", json!([{ "scope": "environment", "type": "deleted" }])),
        ("triggers", json!([])),
        ("disabled", json!(false)),
    ] {
        let mut wanted = get(&server, &path).await.ok().json();
        wanted[field] = value.clone();
        patch(&server, &path, &json!({ field: value })).await.ok();
        assert_eq!(get(&server, &path).await.ok().json(), wanted, "{field}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_organization_is_named_by_its_slug_or_its_id() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    for org in ["default".to_owned(), server.admin.organization.to_string()] {
        let path = format!("/orgs/{org}/apps/shop/webhooks");
        assert_eq!(ids(&server, &path).await, ["my-hook"]);
        get(&server, &format!("/orgs/{org}/events")).await.ok();
    }
    server.stop().await;
}
