//! Who may do what: both ways to show a key, and what each scope opens.

use landfall_domain::access::Scope;
use serde_json::{Value, json};

use super::{Shop, assert_error, rest, with};
use crate::harness::Call;

/// Every operation of the document on a webhook that is there, its status and the scope that it
/// needs; the last one deletes the webhook.
fn operations(root: &str, shop: &Shop, webhook: &Value) -> [(Call, u16, Scope); 5] {
    let all = format!("{root}{}", shop.path(""));
    let one = format!("{all}{}", rest(webhook));
    [
        (Call::new("GET", &all), 200, Scope::Read),
        (Call::new("GET", &one), 200, Scope::Read),
        (Call::post(&all, with(json!({})).to_string()), 201, Scope::Manage),
        (Call::post(&one, "{}").method("PATCH"), 200, Scope::Manage),
        (Call::new("DELETE", &one), 204, Scope::Manage),
    ]
}

#[tokio::test]
async fn a_key_is_taken_as_bearer_and_as_access_token() {
    let shop = Shop::open().await;
    let key = shop.server.key(&[Scope::Manage], None).await;
    let credentials = [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("bearer  {key} ")),
        ("x-access-token", key.clone()),
        ("X-Access-Token", format!(" {key}")),
    ];
    for root in ["", "/api/v1"] {
        for (header, value) in &credentials {
            let made = shop.make(json!({})).await;
            for (call, status, _) in operations(root, &shop, &made) {
                let answer = shop.server.send(call.anonymous().with(header, value)).await;
                assert_eq!(answer.status, status, "{root} {header}: {}", answer.body);
            }
        }
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn without_a_key_that_opens_something_everything_is_a_401() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let key = &shop.server.admin_key;
    let strangers = [
        ("x-nothing", String::new()),
        ("authorization", format!("Token {key}")),
        ("authorization", key.clone()),
        ("authorization", format!("Bearer {key}x")),
        ("x-access-token", "eyJhbGciOiJIUzI1NiJ9.e30.x".to_owned()),
        ("x-access-token", String::new()),
        ("x-access-token", format!("Bearer {key}")),
    ];
    let calls = operations("", &shop, &made).into_iter().map(|(call, ..)| call);
    let told_nothing = [
        Call::new("GET", &super::path("no-id", "no-id", "")),
        Call::post(&super::path(&"0".repeat(24), &shop.project, ""), "no json"),
        Call::new("GET", &shop.path("/x/y")),
    ];
    for call in calls.chain(told_nothing) {
        for (header, value) in &strangers {
            let answer = shop.server.send(call.clone().anonymous().with(header, value)).await;
            assert_error(&answer, 401, "`x-access-token: sk_…`");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(shop.get("").await.ok().json().as_array().unwrap().len(), 1);
    shop.server.stop().await;
}

#[tokio::test]
async fn reading_needs_read_and_writing_needs_manage() {
    let shop = Shop::open().await;
    for (scope, allowed) in [
        (Scope::Report, &[][..]),
        (Scope::Read, &[Scope::Read]),
        (Scope::Manage, &[Scope::Read, Scope::Manage]),
        (Scope::Admin, &[Scope::Read, Scope::Manage]),
    ] {
        let key = shop.server.key(&[scope], None).await;
        let made = shop.make(json!({})).await;
        for (call, status, needed) in operations("", &shop, &made) {
            let answer = shop.server.send(call.key(&key)).await;
            if allowed.contains(&needed) {
                assert_eq!(answer.status, status, "{scope:?}: {}", answer.body);
            } else {
                assert_error(&answer, 403, &format!("needs the scope `{}`", needed.as_str()));
            }
        }
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn who_may_not_write_hears_so_before_anything_about_the_path_or_the_body() {
    let shop = Shop::open().await;
    let key = shop.server.key(&[Scope::Read], None).await;
    for path in [super::path("no-id", "no-id", ""), shop.path(&format!("/{}", "0".repeat(24)))] {
        for method in ["POST", "PATCH", "DELETE"] {
            let call = Call::post(&path, "no json").method(method).key(&key);
            let answer = shop.server.send(call).await;
            // Each path is served by some of these methods only.
            let status = if answer.status == 405 { 405 } else { 403 };
            assert_error(&answer, status, "");
        }
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn who_may_only_read_sees_no_credentials() {
    let shop = Shop::open().await;
    let made = shop.make(json!({"headers": {"Authorization": "Bearer secret"}})).await;
    assert_eq!(made["headers"]["Authorization"], "Bearer secret");
    let key = shop.server.key(&[Scope::Read], None).await;
    for rest in [String::new(), rest(&made)] {
        let answer = shop.server.send(Call::new("GET", &shop.path(&rest)).key(&key)).await.ok();
        assert!(!answer.body.contains("secret") && !answer.body.contains("token"), "{answer:?}");
        assert!(answer.body.contains(r#""url":"https://hooks.example/…""#), "{}", answer.body);
        assert!(answer.body.contains(r#""headers":{"Authorization":"…"}"#), "{}", answer.body);
    }
    shop.server.stop().await;
}
