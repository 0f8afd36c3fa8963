//! Versioner's outbound webhooks, as its guide "Notifications" shows them: made in the native API,
//! so that receivers which know Versioner's notifications keep working.

use std::io::Write as _;
use std::process::{Command, Stdio};

use landfall_domain::access::Scope;
use serde_json::{Value, json};

use super::Kind;
use crate::harness::receiver::{Received, Receiver};
use crate::harness::{Call, Server};
use crate::webhooks::{hook, settled};

const SECRET: &str = "shh: ünïcode & spaces";

/// The signature as a receiver works it out with openssl.
fn signature_by_openssl(body: &[u8]) -> String {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-hmac", SECRET, "-r"]);
    let mut run = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    run.stdin.take().unwrap().write_all(body).unwrap();
    let output = String::from_utf8(run.wait_with_output().unwrap().stdout).unwrap();
    format!("sha256={}", output.split_whitespace().next().unwrap())
}

/// Makes a webhook in this format, sends these reports and returns what the receiver got, in the
/// order of the log.
async fn told(server: &Server, fields: Value, reports: &[(Kind, Value)]) -> Vec<Received> {
    let receiver = Receiver::ok();
    let mut all = json!({"format": "versioner", "ordered": true});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let hook = hook(&server.client, &receiver.url(), all).await;
    for (kind, further) in reports {
        server.post(kind.path(), &kind.body(further)).await.ok();
    }
    settled(&server.client, &hook).await;
    receiver.requests()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_told_and_signed_as_the_guide_shows_it() {
    let server = Server::start().await;
    let report = json!({
        "scm_sha": "a3f9c2d1e4b5", "scm_repository": "versioner-io/versioner-ui",
        "deployed_by": "octo", "deployed_by_name": "Phil Austin",
        "completed_at": "2026-03-01T11:59:05.890103Z",
    });
    let fields = json!({"events": ["deployment.completed"], "vendor_secret": SECRET});
    let received = told(&server, fields, &[(Kind::Deployment, report)]).await;
    let [request] = &received[..] else { panic!("{received:?}") };
    let deployments = server.send(Call::new("GET", "/api/v1/deployments")).await.ok().json();
    let wanted = format!(
        concat!(
            r#"{{"id":{},"deployed_at":"2026-03-01T11:59:05.890103+00:00","#,
            r#""event_type":"deployment.completed","environment":"production","#,
            r#""is_successful":true,"deployer":"Phil Austin","product_name":"my-service","#,
            r#""version":"1.2.3","repo_name":"versioner-io/versioner-ui","#,
            r#""commit_sha":"a3f9c2d1e4b5","preflight_status":null}}"#
        ),
        deployments["items"][0]["id"]
    );
    assert_eq!(String::from_utf8_lossy(&request.body), wanted);
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("x-versioner-event"), "deployment.completed");
    assert_eq!(request.header("x-versioner-signature"), signature_by_openssl(&request.body));
    assert!(request.header("webhook-signature").starts_with("v1,"), "it has Landfall's as well");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_builds_and_deployments_is_told_under_versioners_names() {
    let server = Server::start().await;
    let mut reports = Vec::new();
    for kind in Kind::BOTH {
        for (version, status) in [
            ("1", "pending"),
            ("1", "started"),
            ("1", "completed"),
            ("2", "failed"),
            ("3", "aborted"),
        ] {
            reports.push((kind, json!({"version": version, "status": status})));
        }
    }
    let received = told(&server, json!({}), &reports).await;
    let shown: Vec<String> = received
        .iter()
        .map(|request| {
            let body = request.json();
            assert_eq!(request.header("x-versioner-event"), body["event_type"].as_str().unwrap());
            assert_eq!(request.header("x-versioner-signature"), "", "there is no secret");
            let text = ["event_type", "environment", "version"].map(|name| body[name].to_string());
            format!("{} {}", text.join(" ").replace('"', ""), body["is_successful"])
        })
        .collect();
    assert_eq!(
        shown,
        [
            "deployment.pending production 1 null",
            "deployment.started production 1 null",
            "deployment.completed production 1 true",
            "deployment.failed production 2 false",
            "deployment.aborted production 3 null",
            "build.pending  1 null",
            "build.started  1 null",
            "build.completed  1 null",
            "build.failed  2 null",
            "build.aborted  3 null",
        ]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_told_without_an_environment() {
    let server = Server::start().await;
    let report = json!({
        "scm_sha": "a3f9c2d1e4b5", "built_by": "octo", "completed_at": "2026-03-01T11:59:05Z",
    });
    let received = told(&server, json!({"events": ["build.*"]}), &[(Kind::Build, report)]).await;
    let [request] = &received[..] else { panic!("{received:?}") };
    let builds = server.send(Call::new("GET", "/api/v1/builds")).await.ok().json();
    let wanted = format!(
        concat!(
            r#"{{"id":{},"deployed_at":"2026-03-01T11:59:05.000000+00:00","#,
            r#""event_type":"build.completed","environment":"","is_successful":null,"#,
            r#""deployer":"octo","product_name":"my-service","version":"1.2.3","#,
            r#""commit_sha":"a3f9c2d1e4b5","preflight_status":null}}"#
        ),
        builds["items"][0]["id"]
    );
    assert_eq!(String::from_utf8_lossy(&request.body), wanted);
    server.stop().await;
}

#[tokio::test]
async fn a_preview_shows_its_signature_only_to_those_who_may_manage() {
    let server = Server::start().await;
    let fields = json!({"format": "versioner", "vendor_secret": SECRET});
    let hook = hook(&server.client, "https://hooks.example", fields).await;
    let preview = Call::post(&format!("/api/v1/webhooks/{}/preview", hook.id), "{}");
    let reader = server.key(&[Scope::Read], None).await;
    for (call, is_shown) in [(preview.clone(), true), (preview.key(&reader), false)] {
        let shown = server.send(call).await.ok().json();
        let signature = shown["headers"]["x-versioner-signature"].as_str().unwrap();
        assert_eq!(signature.starts_with("sha256="), is_shown, "{shown}");
        assert_eq!(shown["headers"]["x-versioner-event"], "deployment.completed");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_secret_that_no_header_can_carry_is_refused_where_it_would_be_sent_as_it_is() {
    let server = Server::start().await;
    let body = |format: &str, secret: &str| {
        json!({
            "name": "test", "url": "https://hooks.example", "format": format,
            "vendor_secret": secret,
        })
    };
    for secret in [SECRET, "a\nb", "a\u{7f}b"] {
        let refused = server.post("/api/v1/webhooks", &body("qovery", secret)).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.text("detail").contains("vendor_secret"), "{}", refused.body);
    }
    for (format, secret) in [("qovery", "~printable ASCII!"), ("versioner", SECRET)] {
        let made = server.post("/api/v1/webhooks", &body(format, secret)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        if format == "versioner" {
            let path = format!("/api/v1/webhooks/{}", made.text("id"));
            let edit = Call::post(&path, r#"{"format": "qovery"}"#).method("PATCH");
            let refused = server.send(edit).await;
            assert_eq!(refused.status, 400, "{}", refused.body);
            assert!(refused.text("detail").contains("vendor_secret"), "{}", refused.body);
        }
    }
    server.stop().await;
}
