//! Answers: every field that any generation of Versioner's clients reads, in the form it reads.

use insta::assert_snapshot;
use jiff::Timestamp;
use landfall_domain::id::OrganizationId;
use serde_json::{Value, json};

use super::Kind;
use crate::harness::Server;

/// What clients read of the answer to a deployment: the command line and each release of the
/// GitHub Action.
const DEPLOYMENT_FIELDS: [&str; 19] = [
    "id",
    "deployment_id",
    "event_id",
    "created_at",
    "product_id",
    "version_id",
    "environment_id",
    "product_name",
    "version",
    "environment_name",
    "status",
    "deployed_at",
    "completed_at",
    "deploy_url",
    "source_system",
    "deployed_by",
    "deployed_by_name",
    "deployed_by_email",
    "extra_metadata",
];
const BUILD_FIELDS: [&str; 11] = [
    "id",
    "product_id",
    "version_id",
    "version",
    "status",
    "build_number",
    "build_url",
    "started_at",
    "completed_at",
    "product_name",
    "created_at",
];
/// These parse as times wherever they are not null, or the command line gives up.
const TIMES: [&str; 4] = ["created_at", "deployed_at", "started_at", "completed_at"];

fn pretty(answer: &Value) -> String {
    serde_json::to_string_pretty(answer).unwrap()
}

fn assert_readable(answer: &Value, fields: &[&str]) {
    for field in fields {
        assert!(answer.get(field).is_some(), "{field} is missing in {answer}");
    }
    for (name, value) in answer.as_object().unwrap() {
        let Some(text) = value.as_str() else { continue };
        if name == "id" || (name.ends_with("_id") && name != "invoke_id") {
            text.parse::<OrganizationId>().unwrap_or_else(|_| panic!("{name} is {text}"));
        }
        if TIMES.contains(&name.as_str()) {
            text.parse::<Timestamp>().unwrap_or_else(|_| panic!("{name} is {text}"));
        }
    }
}

#[tokio::test]
async fn every_field_that_clients_read_is_there_in_every_status() {
    let server = Server::start().await;
    for status in ["pending", "started", "completed", "failed", "aborted"] {
        for (kind, fields) in
            [(Kind::Deployment, &DEPLOYMENT_FIELDS[..]), (Kind::Build, &BUILD_FIELDS[..])]
        {
            let body = kind.body(&json!({"status": status, "version": status}));
            let answer = server.post(kind.path(), &body).await.ok().json();
            assert_readable(&answer, fields);
            assert_eq!(answer["status"], status);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_deployment_is_answered_with_all_that_is_known_of_it() {
    let server = Server::start().await;
    // What the GitHub Action sends.
    let body = json!({
        "product_name": "my-service", "version": "1.2.3", "environment_name": "production",
        "status": "success", "scm_repository": "acme/my-service",
        "scm_sha": "abc123def456abc123def456abc123def456abcd", "source_system": "github",
        "build_number": "7", "invoke_id": "42",
        "deploy_url": "https://github.com/acme/my-service/actions/runs/42",
        "deployed_by": "octo", "completed_at": "2026-03-01T11:58:49.661Z",
        "extra_metadata": {"vi_gh_workflow": "deploy", "vi_gh_run_attempt": "1"},
    });
    let answer = server.post("/deployment-events/", &body).await.ok();
    assert_eq!(answer.header("content-type"), "application/json");
    assert_snapshot!(pretty(&answer.json()), @r#"
    {
      "build_number": "7",
      "completed_at": "2026-03-01T11:58:49.661Z",
      "created_at": "2026-03-01T12:00:00Z",
      "deploy_url": "https://github.com/acme/my-service/actions/runs/42",
      "deployed_at": "2026-03-01T11:58:49.661Z",
      "deployed_by": "octo",
      "deployed_by_email": null,
      "deployed_by_name": null,
      "deployment_id": "019ca943-f73d-7000-b7e0-f50fa234f8ad",
      "environment_id": "019ca943-f73d-7000-ad13-7405ca015a19",
      "environment_name": "production",
      "event_id": "019ca943-f73d-7000-b7e0-f50fa234f8ad",
      "extra_metadata": {
        "vi_gh_run_attempt": "1",
        "vi_gh_workflow": "deploy"
      },
      "id": "019ca943-f73d-7000-b7e0-f50fa234f8ad",
      "invoke_id": "42",
      "product_id": "019ca943-f73d-7000-9981-42a8d7171de9",
      "product_name": "my-service",
      "scm_branch": null,
      "scm_repository": "acme/my-service",
      "scm_sha": "abc123def456abc123def456abc123def456abcd",
      "soak_time_hours": null,
      "source_system": "github",
      "status": "completed",
      "version": "1.2.3",
      "version_id": "019ca943-f73d-7000-a54e-101911c92c28"
    }
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_build_is_answered_with_all_that_is_known_of_it() {
    let server = Server::start().await;
    let body = json!({
        "product_name": "my-service", "version": "1.2.3", "status": "failed",
        "started_at": "2026-03-01T11:50:00Z", "completed_at": "2026-03-01T11:58:49.661Z",
        "built_by_name": "Ada", "error_message": "Compilation failed", "error_code": "E1",
    });
    let answer = server.post("/build-events/", &body).await.ok();
    assert_snapshot!(pretty(&answer.json()), @r#"
    {
      "build_id": "019ca943-f73d-7000-a54e-101911c92c28",
      "build_number": null,
      "build_url": null,
      "built_by": null,
      "built_by_email": null,
      "built_by_name": "Ada",
      "completed_at": "2026-03-01T11:58:49.661Z",
      "created_at": "2026-03-01T12:00:00Z",
      "event_id": "019ca943-f73d-7000-a54e-101911c92c28",
      "extra_metadata": null,
      "id": "019ca943-f73d-7000-a54e-101911c92c28",
      "invoke_id": null,
      "product_id": "019ca93b-e240-7000-9981-42a8d7171de9",
      "product_name": "my-service",
      "scm_branch": null,
      "scm_repository": null,
      "scm_sha": null,
      "source_system": null,
      "started_at": "2026-03-01T11:50:00Z",
      "status": "failed",
      "version": "1.2.3",
      "version_id": "019ca93b-e240-7000-ad13-7405ca015a19"
    }
    "#);
    server.stop().await;
}

#[tokio::test]
async fn what_went_wrong_is_found_where_the_document_puts_it() {
    let server = Server::start().await;
    let error = json!({"error": "Lambda timeout after 30s", "error_code": "TIMEOUT"});
    for kind in Kind::BOTH {
        let body = kind.body(&json!({"status": "failed", "extra_metadata": error}));
        server.post(kind.path(), &body).await.ok();
    }
    let record = server.record(server.admin.organization).await;
    for error in [&record.deployments[0].run.error, &record.builds[0].run.error] {
        let error = error.as_ref().unwrap();
        assert_eq!(error.message.as_deref(), Some("Lambda timeout after 30s"));
        assert_eq!(error.code.as_deref(), Some("TIMEOUT"));
    }
    server.stop().await;
}
