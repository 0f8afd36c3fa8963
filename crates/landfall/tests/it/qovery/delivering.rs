//! One event from the report to the receiver, byte for byte.

use std::time::Duration;

use serde_json::json;

use super::{NAMES, body, get, make, patch, put, report, sent};
use crate::harness::Server;
use crate::harness::receiver::Receiver;

const SECRET: &str = "keep it";

#[tokio::test]
async fn a_report_to_versioners_api_arrives_in_qoverys_envelope() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let fields = json!({"target_url": receiver.url(), "target_secret": SECRET, "events": NAMES,
        "project_names_filter": ["DEF*"], "environment_types_filter": ["PRODUCTION"]});
    make(&server, fields).await;
    let sha = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
    report(
        &server,
        json!({"status": "success", "scm_sha": sha,
        "completed_at": "2026-03-01T11:59:30.5Z"}),
    )
    .await;

    let received = receiver.wait_for(1).await.remove(0);
    let record = server.record(server.admin.organization).await;
    let deployment = &record.deployments[0];
    let id = deployment.run.id;
    let wanted = [
        r#"{"created_at":"2026-03-01T11:59:30.5Z","event_type":"DEPLOYMENT_SUCCESSFUL","#,
        &format!(r#""payload_type":"DEPLOYMENT","payload_id":"{id}","payload":{{"id":"{id}","#),
        &format!(r#""deployment_id":"{id}","current_status":"DEPLOYED","#),
        r#""desired_status":"DEPLOYED","#,
        &format!(r#""organization":{{"id":"{}","name":"default"}},"#, server.admin.organization),
        &format!(r#""project":{{"id":"{}","name":"default"}},"#, deployment.project.id),
        &format!(r#""environment":{{"id":"{}","#, deployment.environment.id),
        r#""name":"production","mode":"PRODUCTION","cluster_name":""},"#,
        &format!(r#""applications":[{{"id":"{}","#, deployment.application.id),
        &format!(r#""name":"shop","version":"1.2.3","commit_id":"{sha}"}}],"#),
        r#""databases":[],"containers":[],"jobs":[],"logs":[]}}"#,
    ];
    assert_eq!(String::from_utf8(received.body.clone()).unwrap(), wanted.concat());

    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.header("qovery-secret"), SECRET);
    assert_eq!(received.header("qovery-signature"), SECRET);
    assert!(received.header("webhook-id").starts_with("evt_"));
    assert_eq!(received.header("webhook-timestamp"), "1772366400");
    assert!(received.header("webhook-signature").starts_with("v1,"));
    server.stop().await;
}

#[tokio::test]
async fn a_life_of_a_deployment_is_told_step_by_step() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    make(&server, json!({"target_url": receiver.url(), "events": NAMES})).await;
    let mut told = Vec::new();
    for (version, statuses) in
        [("1", ["started", "failed"]), ("2", ["started", "aborted"]), ("3", ["started", "success"])]
    {
        for status in statuses {
            report(&server, json!({"version": version, "status": status})).await;
            let received = receiver.wait_for(told.len() + 1).await.pop().unwrap().json();
            told.push((
                received["event_type"].clone(),
                received["payload"]["current_status"].clone(),
            ));
        }
    }
    let wanted = [
        ("DEPLOYMENT_STARTED", "DEPLOYING"),
        ("DEPLOYMENT_FAILURE", "DEPLOYMENT_ERROR"),
        ("DEPLOYMENT_STARTED", "DEPLOYING"),
        ("DEPLOYMENT_CANCELLED", "CANCELED"),
        ("DEPLOYMENT_STARTED", "DEPLOYING"),
        ("DEPLOYMENT_SUCCESSFUL", "DEPLOYED"),
    ];
    assert_eq!(told, wanted.map(|(event, state)| (json!(event), json!(state))));
    server.stop().await;
}

#[tokio::test]
async fn the_cluster_is_the_target_and_testing_is_development() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    make(&server, json!({"target_url": receiver.url()})).await;
    let body = json!({"application": "shop", "version": "1", "environment": "qa",
        "target": "eu-1", "status": "started"});
    server.post("/api/v1/deployments", &body).await.ok_or_created();
    let environment = receiver.wait_for(1).await[0].json()["payload"]["environment"].clone();
    assert_eq!(environment["mode"], "DEVELOPMENT");
    assert_eq!(environment["cluster_name"], "eu-1");
    server.stop().await;
}

#[tokio::test]
async fn without_a_secret_there_are_no_headers_for_it() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    make(&server, json!({"target_url": receiver.url()})).await;
    report(&server, json!({})).await;
    let received = receiver.wait_for(1).await.remove(0);
    let names: Vec<&str> = received.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!names.iter().any(|name| name.starts_with("qovery-")), "{names:?}");
    server.stop().await;
}

#[tokio::test]
async fn the_kind_slack_sends_what_slack_takes() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let fields = json!({"kind": "SLACK", "target_url": receiver.url(), "target_secret": SECRET,
        "events": ["DEPLOYMENT_SUCCESSFUL"]});
    let made = make(&server, fields).await;
    assert_eq!(made["kind"], "SLACK");
    for status in ["started", "success"] {
        report(&server, json!({"status": status})).await;
    }
    server.post("/build-events/", &json!({"product_name": "shop", "version": "9"})).await.ok();
    sent(&server, &made).await;
    let received = receiver.requests();
    assert_eq!(received.len(), 1, "only what was asked for");
    let post = received[0].json();
    assert_eq!(post["text"], "shop 1.2.3 was deployed to production");
    assert_eq!(post["blocks"][0]["type"], "section");
    assert!(!received[0].headers.iter().any(|(_, value)| value.contains(SECRET)));
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_that_is_off_is_sent_nothing_until_it_is_on() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let made = make(&server, json!({"target_url": receiver.url(), "enabled": false})).await;
    assert_eq!(made["enabled"], false);
    report(&server, json!({"version": "1"})).await;
    put(&server, &made, &body(&json!({"target_url": receiver.url(), "enabled": true}))).await;
    report(&server, json!({"version": "2"})).await;
    sent(&server, &made).await;
    let versions: Vec<_> = receiver
        .requests()
        .iter()
        .map(|request| request.json()["payload"]["applications"][0]["version"].clone())
        .collect();
    assert_eq!(versions, ["2"]);
    server.stop().await;
}

#[tokio::test]
async fn a_receiver_that_says_gone_turns_it_off_in_every_api() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| crate::harness::receiver::Reply::Status(410));
    let made = make(&server, json!({"target_url": receiver.url()})).await;
    report(&server, json!({})).await;
    let path = super::path_of(&server, &made);
    crate::webhooks::until(
        || async { get(&server, &path).await["enabled"] == false },
        "the webhook is disabled",
    )
    .await;
    server.stop().await;
}

#[tokio::test]
async fn a_format_that_was_set_natively_is_what_is_sent() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let made = make(&server, json!({"target_url": receiver.url()})).await;
    patch(&server, &made, &json!({"format": "standard"})).await;
    report(&server, json!({})).await;
    assert_eq!(receiver.wait_for(1).await[0].json()["type"], "deployment.started");
    server.ambient.set(server.ambient.now() + Duration::from_secs(1));
    let fields = json!({"kind": "STANDARD", "target_url": receiver.url()});
    put(&server, &made, &body(&fields)).await;
    report(&server, json!({"version": "2"})).await;
    assert_eq!(receiver.wait_for(2).await[1].json()["type"], "deployment.started");
    server.stop().await;
}
