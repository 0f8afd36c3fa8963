//! Making and editing a webhook by its form.

use landfall_domain::role::Role;
use serde_json::json;

use super::{Browser, location, show};
use crate::harness::Server;
use crate::webhooks::hook;

const FORMATS: [&str; 7] =
    ["standard", "template", "slack", "qovery", "humanitec", "akinon", "versioner"];

#[tokio::test(flavor = "multi_thread")]
async fn every_format_has_a_form_that_shows_what_it_sends() {
    let server = Server::start().await;
    let browser = Browser::admin(&server).await;
    for format in FORMATS {
        let page = browser.page(&format!("/webhooks/new?format={format}")).await;
        assert!(page.contains("This event would be sent"), "{format}: {page}");
        assert!(!page.contains("aria-invalid"), "{format}: nothing was typed yet");
        let has_template = matches!(format, "template" | "humanitec");
        assert_eq!(page.contains("name=\"template\""), has_template, "{format}");
        let has_secret = matches!(format, "qovery" | "versioner");
        assert_eq!(page.contains("name=\"vendor_secret\""), has_secret, "{format}");
    }
    assert!(browser.page("/webhooks/new?format=qovery").await.contains("DEPLOYMENT_SUCCESSFUL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_as_it_was_typed_and_its_secret_is_shown_once() {
    let server = Server::start().await;
    let browser = Browser::admin(&server).await;
    let fields = [
        ("format", "template"),
        ("name", "ops"),
        ("url", "http://127.0.0.1:9/hook"),
        ("events", "deployment.*, build.failed"),
        ("projects", "shop"),
        ("applications", ""),
        ("production", "on"),
        ("history", "on"),
        ("headers", "Authorization: Bearer a:b\r\nX-Team: web"),
        ("template", "{\"text\": \"${version.name}\"}"),
        ("ordered", "on"),
        ("concurrency", "3"),
        ("rate", "5"),
        ("timeout", "2000"),
        ("retries", "5s 2m"),
        ("description", "tells ops"),
        ("state", "disabled"),
    ];
    let made = browser.submit("/webhooks/new", &fields).await;
    let path = location(&made).to_owned();
    let cookie = made.header("set-cookie").split_once(';').unwrap().0.to_owned();
    let secret = cookie.split_once('=').unwrap().1;
    assert!(secret.starts_with("whsec_"), "{cookie}");
    let shown = browser.page_with_cookie(&path, &cookie).await;
    assert!(shown.body.contains(secret));
    assert!(shown.header("set-cookie").contains("Max-Age=0"), "it is shown once");
    assert!(!browser.page(&path).await.contains(secret));
    let webhook = show(&server, "/api/v1/webhooks").await["items"][0].clone();
    let wanted = json!({
        "name": "ops", "url": "http://127.0.0.1:9/hook", "description": "tells ops",
        "format": "template", "template": { "text": "${version.name}" }, "ordered": true,
        "events": ["deployment.*", "build.failed"], "concurrency": 3, "rate_per_second": 5,
        "timeout_ms": 2000, "retry_schedule": [5, 120], "state": "disabled",
        "headers": { "Authorization": "Bearer a:b", "X-Team": "web" },
        "filters": {
            "projects": ["shop"], "applications": [], "environments": [],
            "environment_types": ["production"], "history": true,
        },
    });
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&webhook[field], value, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_made() {
    let server = Server::start().await;
    let browser = Browser::admin(&server).await;
    let good = [
        ("format", "template"),
        ("name", "ops"),
        ("url", "http://127.0.0.1:9/"),
        ("template", "{}"),
        ("retries", "5s"),
    ];
    for (field, value, why) in [
        ("name", " ", "must not be empty"),
        ("url", "ftp://example.com", "http"),
        ("url", "http://10.0.0.1/", "10.0.0.1"),
        ("events", &"x".repeat(300), "200"),
        ("template", "{\"a\": ", "is not JSON"),
        ("template", "{\"a\": \"${nothing}\"}", "is not a placeholder"),
        ("headers", "host: example.com", "host"),
        ("headers", "no colon", "Name: value"),
        ("concurrency", "65", "1 to 64"),
        ("rate", "0", "1 to 10000"),
        ("timeout", "soon", "whole number"),
        ("retries", "8d", "7 days"),
        ("secret", "hush", "whsec_"),
    ] {
        let mut fields: Vec<_> = good.into_iter().filter(|(name, _)| *name != field).collect();
        fields.push((field, value));
        let answer = browser.submit("/webhooks/new", &fields).await;
        assert_eq!(answer.status, 422, "{field} {value}");
        let (_, after) = answer.body.split_once(&format!("id=\"{field}-about\"")).unwrap();
        let said = after.split_once("</small>").unwrap().0;
        assert!(said.contains(why), "{field} {value}: {said}");
    }
    assert_eq!(show(&server, "/api/v1/webhooks").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_changes_what_the_form_shows_and_keeps_the_rest() {
    let server = Server::start().await;
    let fields = json!({ "format": "versioner", "vendor_secret": "hush", "project": "default" });
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", fields).await;
    let browser = Browser::admin(&server).await;
    let page = browser.page(&hook.page("/edit")).await;
    assert!(page.contains("value=\"http://127.0.0.1:9/hook\"") && !page.contains("hush"));
    let fields = [
        ("format", "versioner"),
        ("name", "renamed"),
        ("url", "http://127.0.0.1:9/other"),
        ("state", "paused"),
        ("retries", ""),
        ("revision", "1"),
    ];
    assert!(location(&browser.submit(&hook.page("/edit"), &fields).await).ends_with("told=saved"));
    let after = show(&server, &hook.path("")).await;
    assert_eq!(after["name"], "renamed");
    assert_eq!(after["url"], "http://127.0.0.1:9/other");
    assert_eq!(after["state"], "paused");
    assert_eq!(after["retry_schedule"], json!([]));
    assert_eq!(after["vendor_secret_set"], true);
    assert_eq!(after["project"]["name"], "default");
    let stale = browser.submit(&hook.page("/edit"), &fields).await;
    assert_eq!(stale.status, 400, "somebody changed it since");
    let fields = [fields.as_slice(), &[("forget_vendor_secret", "on")]].concat();
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| if name == "revision" { (name, "2") } else { (name, value) })
        .collect();
    location(&browser.submit(&hook.page("/edit"), &fields).await);
    assert_eq!(show(&server, &hook.path("")).await["vendor_secret_set"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_what_a_sample_becomes_and_which_filter_stops_it() {
    let server = Server::start().await;
    let browser = Browser::admin(&server).await;
    let preview =
        async |fields: &[(&str, &str)]| browser.submit("/webhooks/preview", fields).await.ok().body;
    let good = preview(&[("format", "template"), ("template", "{\"v\": \"${version.name}\"}")]);
    assert!(good.await.contains("&#34;v&#34;: &#34;1.4.2&#34;"));
    let wrong = preview(&[("format", "template"), ("template", "{")]).await;
    assert!(wrong.contains("is not JSON"), "{wrong}");
    let stopped = preview(&[("format", "standard"), ("applications", "other")]).await;
    assert!(stopped.contains("would not be sent") && stopped.contains("applications"), "{stopped}");
    let failed = preview(&[("format", "standard"), ("sample", "deployment.failed")]).await;
    assert!(failed.contains("deployment.failed&#34;"), "{failed}");
    assert_eq!(show(&server, "/api/v1/webhooks").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_of_this_session_does_nothing() {
    let server = Server::start().await;
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    let browser = Browser::admin(&server).await;
    let fields =
        [("format", "standard"), ("name", "test"), ("state", "paused"), ("kind", "replay")];
    let own = ["/state", "/rotate", "/delete", "/edit", "/test", "/replay", "/deliveries/1/resend"];
    for path in own.map(|part| hook.page(part)).iter().map(String::as_str).chain(["/webhooks/new"])
    {
        for answer in [
            browser.submit_bare(path, &fields).await,
            browser.submit_bare(path, &[[("csrf", "guess")].as_slice(), &fields].concat()).await,
            browser.submit_from_elsewhere(path, &fields).await,
        ] {
            assert_eq!(answer.status, 403, "{path}");
        }
    }
    let after = show(&server, &hook.path("")).await;
    assert_eq!((&after["revision"], &after["state"]), (&json!(1), &json!("enabled")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_read_changes_nothing() {
    let server = Server::start().await;
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    let reader = Browser::of(&server, Role::Viewer).await;
    let fields = [
        ("format", "standard"),
        ("name", "test"),
        ("url", "http://127.0.0.1:9/"),
        ("state", "paused"),
        ("kind", "replay"),
        ("first", "1"),
    ];
    let own = ["/state", "/rotate", "/delete", "/edit", "/test", "/replay", "/deliveries/1/resend"];
    let paths = own.map(|part| hook.page(part));
    for path in paths.iter().map(String::as_str).chain(["/webhooks/new", "/webhooks/preview"]) {
        assert_eq!(reader.submit(path, &fields).await.status, 403, "{path}");
    }
    assert_eq!(show(&server, &hook.path("")).await["revision"], 1);
}
