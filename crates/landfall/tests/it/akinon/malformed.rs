//! Malformed requests: each is a 400 that names what is wrong, and stores nothing.

use serde_json::{Value, json};

use super::{Shop, assert_error, rest, with};
use crate::harness::Call;

/// Takes the field out.
const ABSENT: &str = "";

/// A field of a good body, what it holds instead as JSON, and part of the message. Sent by POST
/// and, unless the field is taken out, by PATCH.
type Wrong = (&'static str, &'static str, &'static str);

const WRONG: [Wrong; 62] = [
    ("name", ABSENT, "Field 'name' is required"),
    ("name", "null", "Field 'name' is wrong: invalid type: null"),
    ("name", "5", "Field 'name' is wrong: invalid type: integer `5`"),
    ("name", "true", "Field 'name' is wrong"),
    ("name", r#"["ab"]"#, "Field 'name' is wrong"),
    ("name", r#"{"a":"b"}"#, "Field 'name' is wrong"),
    ("name", r#""""#, "Field 'name' is wrong: must not be empty"),
    ("name", r#"" \t ""#, "Field 'name' is wrong: must not be empty"),
    ("name", r#""a""#, "Field 'name' is wrong: must have 2 to 100 characters"),
    ("name", r#"" ä ""#, "Field 'name' is wrong: must have 2 to 100 characters"),
    ("name", "101", "Field 'name' is wrong"),
    ("name", r#""a\u0000b""#, "Field 'name' is wrong: must not contain control characters"),
    ("name", r#""a\nb""#, "must not contain control characters"),
    ("name", r#""\u001b[31m""#, "must not contain control characters"),
    ("name", r#""a\u0085b""#, "must not contain control characters"),
    ("name", r#""\ud800""#, "hex escape"),
    ("url", ABSENT, "Field 'url' is required"),
    ("url", "null", "Field 'url' is wrong"),
    ("url", "1", "Field 'url' is wrong"),
    ("url", r#"{"href":"https://a.example"}"#, "Field 'url' is wrong"),
    ("url", r#""""#, "Field 'url' is wrong: must not be empty"),
    ("url", r#""hooks.example""#, "`url` is not a URL"),
    ("url", r#""//hooks.example/a""#, "`url` is not a URL"),
    ("url", r#""https://""#, "`url` is not a URL"),
    ("url", r#""https://a b.example""#, "`url` is not a URL"),
    ("url", r#""https://a.example/ä b""#, "`url` is not a URL"),
    ("url", r#""https://a.example:99999/""#, "`url` is not a URL"),
    ("url", r#""https://a.example/\r\nx: y""#, "must not contain control characters"),
    ("url", r#""ftp://a.example/""#, "`url` must start with http:// or https://"),
    ("url", r#""javascript:alert(1)""#, "`url` must start with http:// or https://"),
    ("url", r#""https://user:pass@a.example/""#, "`url` must not contain a user name"),
    ("url", r#""https://a.example/#top""#, "`url` must not contain a fragment"),
    ("url", r#""http://10.0.0.1/""#, "`url` names 10.0.0.1, which is not public"),
    ("url", r#""http://[::1]/""#, "which is not public"),
    ("url", r#""http://169.254.169.254/latest""#, "which is not public"),
    ("headers", "null", "Field 'headers' is wrong"),
    ("headers", "[]", "Field 'headers' is wrong"),
    ("headers", r#""x: y""#, "Field 'headers' is wrong"),
    ("headers", r#"{"x-a":1}"#, "Field 'headers.x-a' is wrong"),
    ("headers", r#"{"x-a":null}"#, "Field 'headers.x-a' is wrong"),
    ("headers", r#"{"x-a":["b"]}"#, "Field 'headers.x-a' is wrong"),
    ("headers", r#"{"":"a"}"#, "`headers`"),
    ("headers", r#"{"x a":"b"}"#, "is not a header name"),
    ("headers", r#"{"x-a":"b\r\nx-c: d"}"#, "the value of `x-a` has characters"),
    ("headers", r#"{"x-a":"ä"}"#, "the value of `x-a` has characters"),
    ("headers", r#"{"Host":"a.example"}"#, "`host` is set by Landfall itself"),
    ("headers", r#"{"Content-Length":"1"}"#, "`content-length` is set by Landfall itself"),
    ("headers", r#"{"webhook-id":"1"}"#, "`webhook-id` is set by Landfall itself"),
    ("headers", r#"{"X-A":"1","x-a":"2"}"#, "`x-a` is there twice"),
    ("active", "null", "Field 'active' is wrong"),
    ("active", "1", "Field 'active' is wrong"),
    ("active", r#""true""#, "Field 'active' is wrong"),
    ("active", r#""<active>""#, "Field 'active' is wrong"),
    ("events", ABSENT, "Field 'events' is required"),
    ("events", "null", "Field 'events' is wrong"),
    ("events", r#""distribution.created""#, "Field 'events' is wrong"),
    ("events", r#"{"0":"distribution.created"}"#, "Field 'events' is wrong"),
    ("events", "[1]", "Field 'events[0]' is wrong"),
    ("events", r#"["a.b",null]"#, "Field 'events[1]' is wrong"),
    ("events", r#"["a.b","created"]"#, "Field 'events[1]' is wrong: must be words"),
    ("events", r#"["distribution.*"]"#, "Field 'events[0]' is wrong: must be words"),
    ("events", r#"["a..b"]"#, "Field 'events[0]' is wrong: must be words"),
];

/// A good body in which a field holds something else.
fn body(field: &str, value: &str) -> String {
    const STANDIN: &str = "\"what it holds\"";
    let mut body = with(json!({}));
    if value == ABSENT {
        body.as_object_mut().unwrap().remove(field);
        return body.to_string();
    }
    body[field] = json!("what it holds");
    // Not every text of the table can be a value of a JSON library.
    body.to_string().replace(STANDIN, value)
}

/// Everything that a refused request may not change.
async fn stored(shop: &Shop) -> (Value, [(&'static str, u64); 6]) {
    let webhooks = Call::new("GET", "/api/v1/webhooks?limit=500");
    let webhooks = shop.server.send(webhooks).await.ok().json();
    (webhooks, shop.server.record(shop.server.admin.organization).await.counts())
}

async fn check(shop: &Shop, call: Call, says: &str) {
    let before = stored(shop).await;
    assert_error(&shop.server.send(call).await, 400, says);
    assert_eq!(stored(shop).await, before, "{says}: something was stored");
}

#[tokio::test]
async fn a_field_that_holds_what_it_may_not_is_named() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    for (field, value, says) in WRONG {
        let sent = body(field, value);
        check(&shop, Call::post(&shop.path(""), sent.clone()), says).await;
        if value != ABSENT {
            check(&shop, Call::post(&shop.path(&rest(&made)), sent).method("PATCH"), says).await;
        }
    }
    shop.make(json!({})).await;
    shop.server.stop().await;
}

#[tokio::test]
async fn what_is_too_long_or_too_many_is_named() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let headers: serde_json::Map<_, _> =
        (0..21).map(|number| (format!("x-{number}"), json!(""))).collect();
    let events: Vec<String> = (0..51).map(|number| format!("a.{number}")).collect();
    for (fields, says) in [
        (json!({"name": "x".repeat(101)}), "'name' is wrong: is 101 characters long; at most 100"),
        (json!({"name": "店".repeat(101)}), "at most 100"),
        (json!({"url": format!("https://a.example/{}", "x".repeat(2_000))}), "at most 2000"),
        (json!({"url": format!("https://a.example/{}", "ä".repeat(1_200))}), "`url` is longer"),
        (json!({"headers": headers}), "there are 21 headers"),
        (json!({"headers": {"x-a": "x".repeat(4_001)}}), "the value of `x-a` is longer"),
        (json!({"headers": {"x".repeat(101): ""}}), "is not a header name of at most 100"),
        (json!({"events": events}), "'events' is wrong: 51 entries; at most 50 are allowed"),
        (json!({"events": [format!("a.{}", "b".repeat(199))]}), "at most 200 characters"),
    ] {
        let sent = with(fields).to_string();
        check(&shop, Call::post(&shop.path(""), sent.clone()), says).await;
        check(&shop, Call::post(&shop.path(&rest(&made)), sent).method("PATCH"), says).await;
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_webhook_is_not_made_for_no_event() {
    let shop = Shop::open().await;
    let call = Call::post(&shop.path(""), with(json!({"events": []})).to_string());
    check(&shop, call, "Field 'events' must name at least one event").await;
    shop.server.stop().await;
}

#[tokio::test]
async fn a_body_that_is_no_object_is_a_400() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let deep = format!("{{\"name\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let cases: [(Vec<u8>, &str); 10] = [
        (b"".into(), "the body is empty"),
        (b" \n ".into(), "the body is empty"),
        (b"null".into(), "must be an object"),
        (b"[]".into(), "must be an object"),
        (b"\"{}\"".into(), "must be an object"),
        (b"{".into(), "Invalid JSON in request body"),
        (b"{\"name\": }".into(), "Invalid JSON in request body"),
        (b"{'name': 'ab'}".into(), "Invalid JSON in request body"),
        (b"{\"name\":\"\xff\"}".into(), "is not UTF-8"),
        (deep.into(), "nested deeper than 32 levels"),
    ];
    for (sent, says) in cases {
        let patch = Call::post(&shop.path(&rest(&made)), sent.clone()).method("PATCH");
        check(&shop, patch, says).await;
        check(&shop, Call::post(&shop.path(""), sent), says).await;
    }
    shop.server.stop().await;
}
