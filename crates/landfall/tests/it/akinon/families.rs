//! The families of events: what each name is fired by, and names that nothing fires.

use serde_json::{Value, json};

use super::Shop;
use crate::harness::receiver::{Received, Receiver};
use crate::webhooks::settled;

/// Names that the tutorial lists, and whether something in Landfall fires them.
const NAMES: [(&str, bool); 14] = [
    ("deployment.build.created", true),
    ("deployment.build.succeeded", true),
    ("deployment.build.failed", true),
    ("deployment.build.canceled", true),
    ("deployment.codepush.created", false),
    ("deployment.codepush.succeeded", false),
    ("deployment.codepush.failed", false),
    ("deployment.codepush.canceled", false),
    ("distribution.created", true),
    ("distribution.succeeded", true),
    ("distribution.failed", true),
    ("distribution.canceled", true),
    ("any-family.of_any.name", false),
    ("deployment.build", false),
];

/// Reports through Versioner's API whatever can become of a build and of a deployment.
async fn report_everything(shop: &Shop) {
    for path in ["/build-events/", "/deployment-events/"] {
        for (version, status) in [
            ("1", "pending"),
            ("1", "started"),
            ("1", "completed"),
            ("2", "failed"),
            ("3", "aborted"),
        ] {
            let body = json!({
                "product_name": "my-service", "version": version, "status": status,
                "environment_name": "production", "invoke_id": format!("run-{version}"),
            });
            shop.server.post(path, &body).await.ok();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_name_is_fired_by_its_own_event_only() {
    let shop = Shop::open().await;
    let receiver = Receiver::ok();
    let mut hooks = Vec::new();
    for (name, _) in NAMES {
        let url = format!("{}?{name}", receiver.url());
        let made = shop.make(json!({"url": url, "events": [name]})).await;
        assert_eq!(made["events"], json!([name]));
        hooks.push(shop.hook(&made).await);
    }
    report_everything(&shop).await;
    for hook in &hooks {
        settled(&shop.server.client, hook).await;
    }
    let mut heard: Vec<String> = Vec::new();
    for request in receiver.requests() {
        let asked = request.path.strip_prefix("/hook?").unwrap().to_owned();
        assert_eq!(request.json()["event"], Value::from(&*asked));
        heard.push(asked);
    }
    heard.sort();
    let mut wanted: Vec<_> = NAMES.iter().filter(|(_, fires)| *fires).map(|(it, _)| *it).collect();
    wanted.sort_unstable();
    assert_eq!(heard, wanted);
    shop.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_webhook_hears_all_that_it_names_in_any_case() {
    let shop = Shop::open().await;
    let receiver = Receiver::ok();
    let names: Vec<String> = NAMES.iter().map(|(name, _)| name.to_uppercase()).collect();
    let made = shop.make(json!({"url": receiver.url(), "events": names})).await;
    assert_eq!(made["events"], json!(names));
    report_everything(&shop).await;
    settled(&shop.server.client, &shop.hook(&made).await).await;
    assert_eq!(receiver.requests().len(), 8, "{:?}", receiver.requests());
    let build = receiver
        .requests()
        .iter()
        .map(Received::json)
        .find(|body| body["event"] == "deployment.build.failed");
    let build = build.unwrap();
    assert_eq!(build["data"]["build"]["status"], "failed");
    assert_eq!(build["data"]["version"]["name"], "2");
    assert!(build["data"].get("environment").is_none(), "{build}");
    shop.server.stop().await;
}
