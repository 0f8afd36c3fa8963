//! Clients send again what they got no answer to, with and without saying so.

use landfall_domain::access::Scope;
use serde_json::{Value, json};

use super::Kind;
use crate::harness::{Answer, Call, Server};

#[tokio::test]
async fn a_blind_retry_is_the_same_run_and_one_event() {
    let server = Server::start().await;
    for kind in Kind::BOTH {
        for (status, further) in [
            ("pending", json!({})),
            ("started", json!({"invoke_id": "42"})),
            ("started", json!({"invoke_id": 42, "completed_at": "2026-03-01T11:59:00Z"})),
            ("success", json!({"completed_at": "2026-03-01T11:58:00.661Z", "invoke_id": "43"})),
            ("failed", json!({})),
        ] {
            let mut body = kind.body(&further);
            body["status"] = json!(status);
            body["version"] = json!(format!("{kind:?} {status} {further}"));
            let first = server.post(kind.path(), &body).await.ok();
            let head = server.record(server.admin.organization).await.head;
            for _ in 0..3 {
                let again = server.post(kind.path(), &body).await.ok();
                assert_eq!(again.body, first.body, "{body}");
            }
            assert_eq!(server.record(server.admin.organization).await.head, head, "{body}");
        }
    }
    server.stop().await;
}

async fn keyed(server: &Server, key: &str, idempotency_key: &str, body: &Value) -> Answer {
    let call = Call::post("/deployment-events/", body.to_string());
    server.send(call.key(key).with("idempotency-key", idempotency_key)).await
}

#[tokio::test]
async fn an_idempotency_key_makes_one_request_of_several() {
    let server = Server::start().await;
    let (key, body) = (server.admin_key.clone(), Kind::Deployment.body(&json!({})));
    let first = keyed(&server, &key, "a", &body).await.ok();
    // Something else happens in between, so that no rule about repeats could help.
    server.post("/deployment-events/", &Kind::Deployment.body(&json!({"version": "9"}))).await.ok();
    let head = server.record(server.admin.organization).await.head;

    let again = keyed(&server, &key, "a", &body).await.ok();
    assert_eq!(again.body, first.body);
    assert_eq!(server.record(server.admin.organization).await.head, head);

    let other = Kind::Deployment.body(&json!({"version": "10"}));
    let refused = keyed(&server, &key, "a", &other).await;
    assert_eq!((refused.status, refused.text("error").as_str()), (422, "idempotency_mismatch"));
    assert!(refused.text("detail").contains("use a new key"), "{}", refused.body);
    // The same body to another path is another request as well.
    let build = Call::post("/build-events/", body.to_string()).with("idempotency-key", "a");
    assert_eq!(server.send(build).await.status, 422);
    server.stop().await;
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_api_key() {
    let server = Server::start().await;
    let other = server.key(&[Scope::Report], None).await;
    let (foreign, caller) = server.organization("acme").await;
    let one = Kind::Deployment.body(&json!({"version": "1"}));
    let two = Kind::Deployment.body(&json!({"version": "2"}));
    keyed(&server, &server.admin_key, "a", &one).await.ok();
    assert_eq!(keyed(&server, &other, "a", &two).await.ok().text("version"), "2");
    assert_eq!(keyed(&server, &foreign, "a", &two).await.ok().text("version"), "2");
    assert_eq!(server.record(server.admin.organization).await.deployments.len(), 2);
    assert_eq!(server.record(caller.organization).await.deployments.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_is_kept_under_its_idempotency_key_too() {
    let server = Server::start().await;
    let build = |sha: &str| Kind::Build.body(&json!({"scm_sha": sha})).to_string();
    server.send(Call::post("/build-events/", build("abc1234"))).await.ok();
    let call = Call::post("/build-events/", build("fff0000")).with("idempotency-key", "b");
    let first = server.send(call.clone()).await;
    let again = server.send(call).await;
    assert_eq!((first.status, again.status), (409, 409));
    assert_eq!(first.body, again.body);
    server.stop().await;
}
