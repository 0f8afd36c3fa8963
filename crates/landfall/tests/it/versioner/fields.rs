//! Every field of Versioner's reports: how long it may be, what else it may be called, and when it
//! counts.

use serde_json::{Value, json};

use super::Kind;
use crate::harness::{Answer, Call, Server};

/// Each field, its maximum length in characters, and what the answer calls it.
const DEPLOYMENT: [(&str, usize, &str); 13] = [
    ("product_name", 255, "product_name"),
    ("version", 100, "version"),
    ("environment_name", 100, "environment_name"),
    ("source_system", 50, "source_system"),
    ("build_number", 100, "build_number"),
    ("scm_sha", 40, "scm_sha"),
    ("scm_branch", 100, "scm_branch"),
    ("scm_repository", 500, "scm_repository"),
    ("deploy_url", 500, "deploy_url"),
    ("build_url", 500, "deploy_url"),
    ("invoke_id", 255, "invoke_id"),
    ("deployed_by", 255, "deployed_by"),
    ("deployed_by_email", 255, "deployed_by_email"),
];
const BUILD: [(&str, usize, &str); 12] = [
    ("product_name", 255, "product_name"),
    ("version", 100, "version"),
    ("source_system", 50, "source_system"),
    ("build_number", 100, "build_number"),
    ("scm_sha", 40, "scm_sha"),
    ("scm_branch", 100, "scm_branch"),
    ("scm_repository", 500, "scm_repository"),
    ("build_url", 500, "build_url"),
    ("invoke_id", 255, "invoke_id"),
    ("built_by", 255, "built_by"),
    ("built_by_email", 255, "built_by_email"),
    ("built_by_name", 255, "built_by_name"),
];

async fn check_lengths(kind: Kind, fields: &[(&str, usize, &str)]) {
    let server = Server::start().await;
    for (index, (field, chars_max, shown)) in fields.iter().enumerate() {
        // What is counted is characters, and these have two bytes each.
        for letter in ["x", "é"] {
            let version = format!("{index}{letter}");
            let with = |length: usize| {
                let mut body = kind.body(&json!({"version": version}));
                body[*field] = json!(letter.repeat(length));
                body
            };
            let answer = server.post(kind.path(), &with(*chars_max)).await.ok();
            assert_eq!(answer.text(shown), letter.repeat(*chars_max), "{field}");

            let answer = server.post(kind.path(), &with(chars_max + 1)).await;
            let length = chars_max + 1;
            let detail = format!(
                "Field '{field}' is {length} characters long; at most {chars_max} are allowed"
            );
            assert_eq!((answer.status, answer.text("detail")), (400, detail));
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn each_field_of_a_deployment_is_taken_at_its_limit_and_refused_beyond() {
    check_lengths(Kind::Deployment, &DEPLOYMENT).await;
    check_lengths(Kind::Deployment, &[("deployed_by_name", 255, "deployed_by_name")]).await;
}

#[tokio::test]
async fn each_field_of_a_build_is_taken_at_its_limit_and_refused_beyond() {
    check_lengths(Kind::Build, &BUILD).await;
}

#[tokio::test]
async fn metadata_is_taken_up_to_100_kib_and_given_back() {
    let server = Server::start().await;
    for kind in Kind::BOTH {
        let metadata = |bytes: usize| json!({"k": "x".repeat(bytes - r#"{"k":""}"#.len())});
        let body = kind.body(&json!({"extra_metadata": metadata(100 * 1024)}));
        let answer = server.post(kind.path(), &body).await.ok();
        assert_eq!(answer.json()["extra_metadata"], metadata(100 * 1024));
        let body = kind.body(&json!({"extra_metadata": metadata(100 * 1024 + 1)}));
        let answer = server.post(kind.path(), &body).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.text("detail"), "Field 'extra_metadata' is larger than 102400 bytes");
    }
    server.stop().await;
}

async fn send(server: &Server, kind: Kind, further: &Value) -> Answer {
    server.post(kind.path(), &kind.body(further)).await.ok()
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let server = Server::start().await;
    for kind in Kind::BOTH {
        let further = json!({
            "skip_preflight_checks": true, "made_up": {"deep": [1, {"x": null}]}, "Version": 5,
            "environments": [], "": "",
        });
        assert_eq!(send(&server, kind, &further).await.text("status"), "completed");
    }
    server.stop().await;
}

#[tokio::test]
async fn nulls_and_blanks_are_as_good_as_absent() {
    let server = Server::start().await;
    for blank in [Value::Null, json!(""), json!("  ")] {
        let further = json!({
            "scm_sha": blank, "scm_branch": blank, "invoke_id": blank, "completed_at": blank,
            "deploy_url": blank, "build_url": "https://ci.test/1", "deployed_by": blank,
        });
        let answer = send(&server, Kind::Deployment, &further).await.json();
        assert_eq!(answer["scm_sha"], Value::Null);
        assert_eq!(answer["deploy_url"], "https://ci.test/1");
    }
    let answer = send(&server, Kind::Deployment, &json!({"extra_metadata": null})).await;
    assert_eq!(answer.json()["extra_metadata"], Value::Null);
    server.stop().await;
}

#[tokio::test]
async fn the_end_that_is_told_counts_only_where_a_run_ends() {
    let server = Server::start().await;
    let told = "2026-03-01T11:30:00.661+02:00";
    for (status, completed_at) in [
        ("pending", Value::Null),
        ("in_progress", Value::Null),
        ("success", json!("2026-03-01T09:30:00.661Z")),
        ("failure", json!("2026-03-01T09:30:00.661Z")),
        ("cancelled", json!("2026-03-01T09:30:00.661Z")),
    ] {
        for kind in Kind::BOTH {
            let further = json!({"status": status, "completed_at": told, "version": status});
            let answer = send(&server, kind, &further).await.json();
            assert_eq!(answer["completed_at"], completed_at, "{status} {kind:?}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_link_has_two_names_and_the_newer_wins() {
    let server = Server::start().await;
    let (new, old) = ("https://ci.test/new", "https://ci.test/old");
    for (version, further, shown) in [
        ("1", json!({"deploy_url": new}), new),
        ("2", json!({"build_url": old}), old),
        ("3", json!({"build_url": old, "deploy_url": new}), new),
        ("4", json!({"build_url": old, "deploy_url": null}), old),
    ] {
        let mut further = further;
        further["version"] = json!(version);
        assert_eq!(send(&server, Kind::Deployment, &further).await.text("deploy_url"), shown);
    }
    server.stop().await;
}

#[tokio::test]
async fn the_environment_has_an_older_name() {
    let server = Server::start().await;
    let body = json!({"product_name": "shop", "version": "1", "status": "success"});
    for (further, shown) in [
        (json!({"environment": "staging"}), "staging"),
        (json!({"environment": "staging", "environment_name": "production"}), "production"),
        (json!({"environment": "staging", "environment_name": null}), "staging"),
    ] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        let answer = server.post("/deployment-events/", &body).await.ok();
        assert_eq!(answer.text("environment_name"), shown, "{body}");
    }
    let answer = server.post("/deployment-events/", &body).await;
    assert_eq!(answer.text("detail"), "Field 'environment_name' is required");
    server.stop().await;
}

#[tokio::test]
async fn numbers_are_taken_where_ci_systems_count() {
    let server = Server::start().await;
    let further = json!({"build_number": 456, "invoke_id": 18_446_744_073_709_551_615_u64});
    let answer = send(&server, Kind::Deployment, &further).await;
    assert_eq!(answer.text("build_number"), "456");
    assert_eq!(answer.text("invoke_id"), "18446744073709551615");
    server.stop().await;
}

#[tokio::test]
async fn a_body_needs_no_type_but_another_type_than_json_is_refused() {
    let server = Server::start().await;
    let call = Call::post("/deployment-events/", Kind::Deployment.body(&json!({})).to_string());
    let untyped = call.clone().anonymous().key(&server.admin_key);
    server.send(untyped).await.ok();
    for fine in ["application/json; charset=utf-8", "Application/JSON", "application/x+json"] {
        server.send(call.clone().with("content-type", fine)).await.ok();
    }
    let answer = server.send(call.with("content-type", "application/x-www-form-urlencoded")).await;
    assert_eq!(answer.status, 415);
    assert!(answer.text("detail").starts_with("Content-Type must be application/json; with curl"));
    server.stop().await;
}
