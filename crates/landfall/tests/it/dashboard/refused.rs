//! Refused reports as a page: each with a line that would have worked.

use serde_json::{Value, json};

use super::browser::Browser;
use crate::harness::{Call, Server};

/// What the page says about one refused report: text without its escapes.
async fn told(server: &Server) -> String {
    let page = Browser::admin(server).await.page("/refused").await;
    let (_, article) = page.split_once("<article").unwrap();
    let article = article.split_once("</article>").unwrap().0;
    let escapes = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    escapes.iter().fold(article.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The body in the line that would have worked.
fn body_of(told: &str) -> Value {
    let (_, rest) = told.split_once("-d '").unwrap();
    serde_json::from_str(rest.split_once("'</pre>").unwrap().0).unwrap()
}

/// Sends a report that is refused, then the one that the page says would have been taken.
async fn check(path: &str, sent: Value, words: &str) -> Value {
    let server = Server::start().await;
    let refused = server.post(path, &sent).await;
    assert!((400..500).contains(&refused.status), "{refused:?}");
    let told = told(&server).await;
    assert!(told.contains(words), "{words}: {told}");
    let body = body_of(&told);
    let taken = server.post(path, &body).await;
    assert!(matches!(taken.status, 200 | 201), "{body} {taken:?}");
    body
}

const NATIVE: &str = "/api/v1/deployments";

fn report() -> Value {
    json!({ "application": "shop", "version": "1.0.0", "environment": "prod", "status": "done" })
}

fn report_with(field: &str, value: Value) -> Value {
    let mut report = report();
    report["status"] = "completed".into();
    report[field] = value;
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_says_what_would_be_here() {
    let server = Server::start().await;
    let page = Browser::admin(&server).await.page("/refused").await;
    assert!(page.contains("Nothing was refused"), "{page}");
    assert!(page.contains(&format!("curl -X POST {}/api/v1", server.url())), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_status_becomes_the_one_that_was_meant() {
    let body = check(NATIVE, report(), "Use `completed`").await;
    assert_eq!(body["status"], "completed");
    let sent = report_with("status", "sucess".into());
    assert_eq!(check(NATIVE, sent, "Use `success`").await["status"], "success");
    let sent = json!({ "product_name": "shop", "version": "1.0.0",
        "environment_name": "prod", "status": "deployd" });
    assert_eq!(check("/deployment-events/", sent, "Use `deployed`").await["status"], "deployed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_added() {
    let sent = json!({ "application": "shop", "environment": "prod" });
    let body = check(NATIVE, sent, "Add `version`").await;
    assert_eq!((&body["application"], &body["version"]), (&json!("shop"), &json!("1.2.3")));
    let sent = json!({ "version": "1.0.0", "status": "built" });
    check("/build-events/", sent, "Add `product_name`").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_in_a_name_is_put_right_and_an_unknown_field_goes() {
    let sent = report_with("comit_sha", "3f5c1e9a7b2d4c6e8f0a1b2c3d4e5f60718293a4".into());
    let body = check(NATIVE, sent, "Call it `commit_sha`").await;
    assert!(body["commit_sha"].is_string() && body["comit_sha"].is_null(), "{body}");
    let body = check(NATIVE, report_with("colour", "red".into()), "Leave `colour` out").await;
    assert!(body["colour"].is_null(), "{body}");
    let links = json!([{ "title": "log", "ulr": "https://ci.example.com" }]);
    let body = check(NATIVE, report_with("links", links), "Call it `url`").await;
    assert_eq!(body["links"][0]["url"], "https://ci.example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_the_wrong_kind_are_written_as_they_should_be() {
    let body = check(NATIVE, report_with("version", json!(7)), "Put `version` in quotes").await;
    assert_eq!(body["version"], "7");
    check(NATIVE, report_with("completed_at", "yesterday".into()), "RFC 3339").await;
    let body = check(NATIVE, report_with("environment", "x".repeat(200).into()), "shorter").await;
    assert_eq!(body["environment"].as_str().unwrap().len(), 100);
    let body = check(NATIVE, report_with("url", "ci.example.com/1".into()), "its scheme").await;
    assert_eq!(body["url"], "https://ci.example.com/1");
    let sent = report_with("metadata", "no object".into());
    check(NATIVE, sent, "Without `metadata`").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_asks_for_another_version() {
    let server = Server::start().await;
    let build = |sha: &str| json!({ "application": "shop", "version": "1.0", "commit_sha": sha });
    let path = "/api/v1/builds";
    server.post(path, &build(&"a".repeat(40))).await.ok_or_created();
    assert_eq!(server.post(path, &build(&"b".repeat(40))).await.status, 409);
    let body = body_of(&told(&server).await);
    assert_eq!(body["version"], "1.0-bbbbbbb");
    server.post(path, &body).await.ok_or_created();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_organization_is_told_how_to_make_the_name() {
    let server = Server::start().await;
    let strict = Call::post("/api/v1/organization", r#"{"settings":{"strict":true}}"#);
    server.send(strict.method("PATCH")).await.ok();
    let sent = report_with("environment", "it's new".into());
    assert_eq!(server.post(NATIVE, &sent).await.status, 422);
    let told = told(&server).await;
    assert!(told.contains("Make the "), "{told}");
    assert!(told.contains("href=\"/settings/"), "{told}");
    assert!(told.contains("/api/v1/"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_told_where_to_raise_it() {
    let server = Server::start().await;
    let limit = Call::post("/api/v1/organization", r#"{"settings":{"environments_max":0}}"#);
    server.send(limit.method("PATCH")).await.ok();
    assert_eq!(server.post(NATIVE, &report_with("environment", "new".into())).await.status, 403);
    let told = told(&server).await;
    assert!(told.contains("\"environments_max\":10"), "{told}");
    assert!(told.contains("href=\"/settings#limits\""), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_gets_an_example_and_hostile_text_stays_text() {
    let server = Server::start().await;
    let call = Call::post(NATIVE, r#"{"application": "<script>alert('x')</script>", oops"#);
    assert_eq!(server.send(call).await.status, 400);
    let page = Browser::admin(&server).await.page("/refused").await;
    assert!(!page.contains("<script>alert"), "{page}");
    let body = body_of(&told(&server).await);
    server.post(NATIVE, &body).await.ok_or_created();
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_reports_have_pages() {
    let server = Server::start().await;
    for _ in 0..25 {
        server.post(NATIVE, &report()).await;
    }
    let browser = Browser::admin(&server).await;
    let first = browser.page("/refused").await;
    assert_eq!(first.matches("<article").count(), 20);
    let (before, _) = first.split_once("\" rel=\"next\">Older").unwrap();
    let second = browser.page(before.rsplit_once("href=\"").unwrap().1).await;
    assert_eq!(second.matches("<article").count(), 5);
    assert!(!second.contains(">Older") && second.contains(">Newest"));
}
