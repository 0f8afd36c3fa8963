//! Filters: which deployments reach a webhook that was made here.

use serde_json::{Value, json};

use super::{NAMES, get, make, native, patch, path_of, put, report, sent};
use crate::harness::Server;
use crate::harness::receiver::Receiver;

/// Reports a deployment that starts in a project.
async fn deploy(server: &Server, project: &str, environment: &str) {
    let body = json!({"project": project, "application": "app", "version": "1",
        "environment": environment, "status": "started"});
    let answer = server.post("/api/v1/deployments", &body).await;
    answer.ok_or_created();
}

/// A member of each payload that a webhook with these fields is sent.
async fn reached(fields: Value, deployments: &[(&str, &str)], member: &str) -> Vec<String> {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let mut further = json!({"target_url": receiver.url()});
    further.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let made = make(&server, further).await;
    for (project, environment) in deployments {
        deploy(&server, project, environment).await;
    }
    sent(&server, &made).await;
    let requests = receiver.requests();
    server.stop().await;
    let text = |json: Value| json["payload"][member]["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = requests.iter().map(|request| text(request.json())).collect();
    names.sort();
    names
}

#[tokio::test]
async fn project_names_match_whole_or_by_wildcard_in_any_case() {
    const PROJECTS: [(&str, &str); 4] =
        [("Product", "prod"), ("product-web", "prod"), ("PRODUCT api", "prod"), ("other", "prod")];
    for (patterns, wanted) in [
        (json!([]), vec!["PRODUCT api", "Product", "other", "product-web"]),
        (json!(["product"]), vec!["Product"]),
        (json!(["product*"]), vec!["PRODUCT api", "Product", "product-web"]),
        (json!(["PRODUCT-*", "OTHER"]), vec!["other", "product-web"]),
        (json!(["prod"]), vec![]),
        (json!(["*"]), vec!["PRODUCT api", "Product", "other", "product-web"]),
    ] {
        let fields = json!({"project_names_filter": patterns});
        assert_eq!(reached(fields, &PROJECTS, "project").await, wanted, "{patterns}");
    }
}

#[tokio::test]
async fn a_project_may_be_named_by_its_id() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    deploy(&server, "shop", "production").await;
    let id = get(&server, "/api/v1/projects/shop").await["id"].clone();
    let fields = json!({"target_url": receiver.url(), "project_names_filter": [id]});
    let made = make(&server, fields).await;
    for project in ["web", "shop"] {
        let body = json!({"project": project, "application": "b", "version": "1",
            "environment": "production", "status": "started"});
        server.post("/api/v1/deployments", &body).await.ok_or_created();
    }
    sent(&server, &made).await;
    let names: Vec<_> = receiver
        .requests()
        .iter()
        .map(|request| request.json()["payload"]["project"]["name"].clone())
        .collect();
    assert_eq!(names, ["shop"]);
    server.stop().await;
}

#[tokio::test]
async fn environment_types_are_qoverys_and_testing_is_development() {
    const ENVIRONMENTS: [(&str, &str); 5] =
        [("p", "production"), ("p", "staging"), ("p", "pr-7"), ("p", "qa"), ("p", "dev")];
    for (types, wanted) in [
        (json!([]), vec!["dev", "pr-7", "production", "qa", "staging"]),
        (json!(["PRODUCTION"]), vec!["production"]),
        (json!(["DEVELOPMENT"]), vec!["dev", "qa"]),
        (json!(["STAGING", "PREVIEW"]), vec!["pr-7", "staging"]),
    ] {
        let fields = json!({"environment_types_filter": types});
        assert_eq!(reached(fields, &ENVIRONMENTS, "environment").await, wanted, "{types}");
    }
}

#[tokio::test]
async fn both_filters_must_hold() {
    let fields = json!({"project_names_filter": ["shop"], "environment_types_filter": ["STAGING"]});
    let told = [("shop", "staging"), ("shop", "production"), ("web", "staging")];
    assert_eq!(reached(fields, &told, "environment").await, ["staging"]);
}

#[tokio::test]
async fn each_event_reaches_who_asked_for_it_and_an_empty_list_asks_for_none() {
    const STATUSES: [&str; 4] = ["started", "aborted", "failed", "success"];
    let server = Server::start().await;
    let receivers: Vec<Receiver> = (0..5).map(|_| Receiver::ok()).collect();
    let mut made = Vec::new();
    for (index, receiver) in receivers.iter().enumerate() {
        let events: Vec<&str> = NAMES.get(index).copied().into_iter().collect();
        let fields = json!({"target_url": receiver.url(), "events": events});
        made.push(make(&server, fields).await);
    }
    for status in STATUSES {
        report(&server, json!({"status": status, "version": status})).await;
    }
    for (index, (receiver, made)) in receivers.iter().zip(&made).enumerate() {
        sent(&server, made).await;
        let told: Vec<Value> = receiver
            .requests()
            .iter()
            .map(|request| request.json()["event_type"].clone())
            .collect();
        let wanted: Vec<&str> = NAMES.get(index).copied().into_iter().collect();
        assert_eq!(told, wanted);
    }
    server.stop().await;
}

#[tokio::test]
async fn what_other_apis_set_is_shown_in_words_that_qoverys_clients_know() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    for (events, shown) in [
        (json!([]), json!(NAMES)),
        (json!(["*"]), json!(NAMES)),
        (json!(["deployment.*"]), json!(NAMES)),
        (json!(["deployment.failed"]), json!(["DEPLOYMENT_FAILURE"])),
        (json!(["deployment.failed", "deployment_started"]), json!([NAMES[0], NAMES[2]])),
        (json!(["distribution.succeeded"]), json!(["DEPLOYMENT_SUCCESSFUL"])),
        (json!(["build.*", "environment.created"]), json!([])),
    ] {
        patch(&server, &made, &json!({"events": events})).await;
        assert_eq!(get(&server, &path_of(&server, &made)).await["events"], shown, "{events}");
    }
    for (types, shown) in [
        (json!(["testing"]), json!(["DEVELOPMENT"])),
        (json!(["testing", "production", "development"]), json!(["DEVELOPMENT", "PRODUCTION"])),
        (json!(["preview", "staging"]), json!(["PREVIEW", "STAGING"])),
        (json!([]), json!([])),
    ] {
        patch(&server, &made, &json!({"filters": {"environment_types": types}})).await;
        let told = get(&server, &path_of(&server, &made)).await;
        assert_eq!(told["environment_types_filter"], shown, "{types}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_type_that_was_set_alone_is_not_widened_by_an_edit_of_others() {
    let server = Server::start().await;
    let made = make(&server, json!({"environment_types_filter": ["DEVELOPMENT"]})).await;
    let types = async || get(&server, &native(&made)).await["filters"]["environment_types"].clone();
    assert_eq!(types().await, json!(["development", "testing"]));
    patch(&server, &made, &json!({"filters": {"environment_types": ["testing"]}})).await;
    let mut shown = get(&server, &path_of(&server, &made)).await;
    shown["environment_types_filter"] = json!(["PRODUCTION", "DEVELOPMENT"]);
    let edited = put(&server, &made, &shown).await;
    assert_eq!(edited["environment_types_filter"], json!(["PRODUCTION", "DEVELOPMENT"]));
    assert_eq!(types().await, json!(["production", "testing"]));
    server.stop().await;
}
