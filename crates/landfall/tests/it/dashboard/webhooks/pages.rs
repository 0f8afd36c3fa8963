//! What the pages hold, and for whom.

use landfall_domain::role::Role;
use serde_json::json;

use super::{Browser, deploy, first_sequence};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::{Call, Server};
use crate::webhooks::{hook, settled, until};

const PARTS: [&str; 5] = ["", "/test", "/replay", "/why", "/settings"];

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_teaches_with_the_servers_own_address() {
    let server = Server::start().await;
    let page = Browser::admin(&server).await.page("/webhooks").await;
    assert!(page.contains("landfall webhook create"), "{page}");
    assert!(page.contains(&server.url()), "{page}");
    assert!(page.contains("/webhooks/new?format=slack"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_each_webhook_at_a_glance() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(418));
    let fields = json!({ "events": ["deployment.*", "build.*"], "retry_schedule": [] });
    let failing = hook(&server.client, &receiver.url(), fields).await;
    deploy(&server, "checkout", "run-0").await;
    first_sequence(&server, &failing).await;
    let page = Browser::admin(&server).await.page("/webhooks").await;
    let host = receiver.url().replace("http://", "").replace("/hook", "");
    for part in ["failing", &host, "deployment.* +1", "0 delivered, 1 failed", "<svg"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Nobody is told yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_pages() {
    let server = Server::start().await;
    for _ in 0..51 {
        hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    }
    let browser = Browser::admin(&server).await;
    let first = browser.page("/webhooks").await;
    assert_eq!(first.matches("<tr>").count(), 1 + 50);
    let (_, rest) = first.split_once("rel=\"next\" href=\"").unwrap();
    let second = browser.page(rest.split_once('"').unwrap().0).await;
    assert_eq!(second.matches("<tr>").count(), 1 + 1);
    assert!(!second.contains("rel=\"next\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_shows_what_was_sent_and_what_came_back() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(418));
    let wanted = json!({ "retry_schedule": [60], "events": ["deployment.*"] });
    let hook = hook(&server.client, &receiver.url(), wanted).await;
    deploy(&server, "checkout", "run-0").await;
    receiver.wait_for(1).await;
    let browser = Browser::admin(&server).await;
    let is_listed =
        || async { browser.page(&hook.page("?state=retrying")).await.contains("/deliveries/") };
    until(is_listed, "the delivery waits for its retry").await;
    let sequence = first_sequence(&server, &hook).await;
    let page = browser.page(&hook.page(&format!("/deliveries/{sequence}"))).await;
    for part in ["418", "Attempt 1", "Next attempt at", "webhook-signature", "checkout", "Skip"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(browser.page(&hook.page("?state=dead")).await.contains("There are none."));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_is_led_to_the_sign_in_and_back() {
    let server = Server::start().await;
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    let own = PARTS.map(|part| hook.page(part));
    let others = ["/webhooks".to_owned(), "/webhooks/new".to_owned(), hook.page("/edit")];
    for path in own.iter().chain(&others) {
        let answer = server.send(Call::new("GET", path).anonymous()).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/sign-in?next=%2Fwebhooks"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_read_sees_no_credential_and_no_button() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let url = format!("{}?token=hush-url", receiver.url());
    let fields = json!({ "headers": { "x-token": "hush-header" } });
    let hook = hook(&server.client, &url, fields).await;
    deploy(&server, "checkout", "run-0").await;
    settled(&server.client, &hook).await;
    let sequence = first_sequence(&server, &hook).await;
    let delivery = hook.page(&format!("/deliveries/{sequence}"));
    let sent = receiver.requests()[0].header("webhook-signature").to_owned();
    let reader = Browser::of(&server, Role::Viewer).await;
    let manager = Browser::of(&server, Role::Manager).await;
    for path in PARTS.map(|part| hook.page(part)).iter().chain([&delivery]) {
        let page = reader.page(path).await;
        for hidden in ["hush-url", "hush-header", &hook.secret, &sent, "action=\"/webhooks"] {
            let is_search = hidden.starts_with("action") && path.ends_with("/why");
            assert!(is_search || !page.contains(hidden), "{hidden} at {path}");
        }
        assert!(manager.page(path).await.contains("hush-url"), "{path}");
        assert!(!manager.page(path).await.contains(&hook.secret), "{path}");
    }
    assert!(manager.page(&hook.page("/settings")).await.contains("hush-header"));
    assert!(reader.page(&hook.page("/settings")).await.contains("x-token: …"));
    for path in ["/webhooks/new".to_owned(), hook.page("/edit")] {
        assert_eq!(reader.get(&path).await.status, 403, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_only_text() {
    let server = Server::start().await;
    let name = "<script>alert(1)</script>\"'><b>";
    let body = json!({
        "name": name, "url": "http://127.0.0.1:9/?a=<b>", "description": name,
        "filters": { "applications": [name] }, "headers": { "x-a": name },
    });
    let made = server.post("/api/v1/webhooks", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.text("id");
    deploy(&server, name, name).await;
    let browser = Browser::admin(&server).await;
    let own = ["", "/test", "/replay", "/why?event=%3Cscript%3E", "/settings", "/edit"];
    let own = own.map(|part| format!("/webhooks/{id}{part}"));
    for path in own.iter().chain(&["/webhooks".to_owned()]) {
        let page = browser.page(path).await;
        assert!(!page.contains("<script>"), "{path}: {page}");
        assert!(!page.contains("><b>"), "{path}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let server = Server::start().await;
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    let (_, stranger) = server.organization("elsewhere").await;
    assert!(server.engine.list_webhooks(&stranger).unwrap().is_empty());
    let browser = Browser::admin(&server).await;
    let nobody = "01935a1b-2c3d-7e4f-8a5b-6c7d8e9fa0b1";
    for path in [
        format!("/webhooks/{nobody}"),
        "/webhooks/no-id".to_owned(),
        hook.page("/deliveries/99999"),
        hook.page("/deliveries/none"),
        hook.page(&format!("/jobs/{nobody}")),
    ] {
        assert_eq!(browser.get(&path).await.status, 404, "{path}");
    }
}
