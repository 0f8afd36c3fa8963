//! Malformed bodies: each is refused in Humanitec's shape, names its field, and stores nothing.

use serde_json::{Value, json};

use super::{WEBHOOKS, body, error_of, get, make, object};
use crate::harness::{Call, Server};

/// Stands for JSON where the field is left out.
const ABSENT: &str = "";

/// A field, the JSON that it holds, and part of what is said about it.
type Wrong = (&'static str, &'static str, &'static str);

const WRONG: [Wrong; 75] = [
    ("url", "5", "'url' is wrong: invalid type: integer"),
    ("url", "true", "'url' is wrong"),
    ("url", "[]", "'url' is wrong"),
    ("url", "{}", "'url' is wrong"),
    ("url", r#""""#, "'url' must begin with a host"),
    ("url", r#""/hook""#, "'url' must begin with a host"),
    ("url", r#""//example.com/hook""#, "'url' must begin with a host"),
    ("url", r#"" ""#, "`url` is not a URL"),
    ("url", r#"" example.com""#, "`url` is not a URL"),
    ("url", r#""exam ple.com""#, "`url` is not a URL"),
    ("url", r#""example.com\n""#, "`url` is not a URL"),
    ("url", r#""example.com/\u0000""#, "`url` is not a URL"),
    ("url", r#""https://""#, "`url` is not a URL"),
    ("url", r#""https:///""#, "`url` is not a URL"),
    ("url", r#""example.com:99999""#, "`url` is not a URL"),
    ("url", r#""javascript:alert(1)""#, "`url` is not a URL"),
    ("url", r#""ftp://example.com/""#, "`url` must start with http:// or https://"),
    ("url", r#""file:///etc/passwd""#, "`url` must start with http:// or https://"),
    ("url", r#""https://a:b@example.com""#, "`url` must not contain a user name"),
    ("url", r#""a:b@example.com""#, "`url` must not contain a user name"),
    ("url", r#""example.com/#top""#, "`url` must not contain a fragment"),
    ("url", r#""http://169.254.169.254/""#, "`url` names 169.254.169.254, which is not public"),
    ("url", r#""10.0.0.1/hook""#, "`url` names 10.0.0.1, which is not public"),
    ("url", r#""[::1]:80""#, "`url` names ::1, which is not public"),
    ("id", "5", "'id' is wrong"),
    ("id", "false", "'id' is wrong"),
    ("id", "[]", "'id' is wrong"),
    ("id", r#"{"a":1}"#, "'id' is wrong"),
    ("id", r#""""#, "'id' must not be empty"),
    ("id", r#""  ""#, "'id' must not be empty"),
    ("id", r#"" a""#, "'id' must not begin or end with white space"),
    ("id", r#""a\t""#, "'id' must not begin or end with white space"),
    ("id", r#""a\u0000b""#, "'id' must not contain control characters"),
    ("id", r#""a\nb""#, "'id' must not contain control characters"),
    ("id", r#""a/b""#, "'id' must be usable in a path"),
    ("id", r#"".""#, "'id' must be usable in a path"),
    ("id", r#""..""#, "'id' must be usable in a path"),
    ("disabled", r#""yes""#, "'disabled' is wrong"),
    ("disabled", "0", "'disabled' is wrong"),
    ("disabled", "[]", "'disabled' is wrong"),
    ("disabled", "{}", "'disabled' is wrong"),
    ("headers", r#""X-A: b""#, "'headers' is wrong"),
    ("headers", "[]", "'headers' is wrong"),
    ("headers", r#"[["A","b"]]"#, "'headers' is wrong"),
    ("headers", "7", "'headers' is wrong"),
    ("headers", r#"{"A":1}"#, "'headers.A' is wrong"),
    ("headers", r#"{"A":null}"#, "'headers.A' is wrong"),
    ("headers", r#"{"A":["b"]}"#, "'headers.A' is wrong"),
    ("headers", r#"{"":"b"}"#, "`headers` \"\" is not a header name"),
    ("headers", r#"{"A B":"c"}"#, "`headers` \"A B\" is not a header name"),
    ("headers", r#"{"A\r\nB":"c"}"#, "is not a header name"),
    ("headers", r#"{"A":"b\r\nC: d"}"#, "`headers` the value of `a` has characters"),
    ("headers", r#"{"A":"é"}"#, "`headers` the value of `a` has characters"),
    ("headers", r#"{"A":"1","a":"2"}"#, "`headers` `a` is there twice"),
    ("headers", r#"{"Host":"b"}"#, "`headers` `host` is set by Landfall itself"),
    ("headers", r#"{"Webhook-Id":"b"}"#, "`headers` `webhook-id` is set by Landfall itself"),
    ("headers", r#"{"Content-Length":"1"}"#, "`content-length` is set by Landfall itself"),
    ("headers", r#"{"Transfer-Encoding":"x"}"#, "`transfer-encoding` is set by Landfall itself"),
    ("payload", r#""text""#, "'payload' is wrong"),
    ("payload", "[]", "'payload' is wrong"),
    ("payload", r#"["a"]"#, "'payload' is wrong"),
    ("payload", "3", "'payload' is wrong"),
    ("payload", "false", "'payload' is wrong"),
    ("triggers", "{}", "'triggers' is wrong"),
    ("triggers", r#""deployment.finished""#, "'triggers' is wrong"),
    ("triggers", "[1]", "'triggers[0]' is wrong"),
    ("triggers", "[null]", "'triggers[0]' is wrong"),
    ("triggers", r#"[["deployment","finished"]]"#, "'triggers[0]' is wrong"),
    ("triggers", "[{}]", "'triggers[0].scope' is required"),
    ("triggers", r#"[{"scope":"deployment"}]"#, "'triggers[0].type' is required"),
    ("triggers", r#"[{"scope":1,"type":"started"}]"#, "'triggers[0].scope' must be a string"),
    ("triggers", r#"[{"scope":"build","type":"started"}]"#, "'triggers[0]' is no scope and type"),
    ("triggers", r#"[{"scope":"Deployment","type":"started"}]"#, "'triggers[0]' is no scope"),
    ("triggers", r#"[{"scope":"","type":"deployment.started"}]"#, "'triggers[0]' is no scope"),
    ("triggers", r#"[{"scope":"deployment.started","type":""}]"#, "'triggers[0]' is no scope"),
];

/// What is no JSON object.
const NO_OBJECT: [&str; 15] = [
    "",
    " \n",
    "null",
    "true",
    "1",
    "\"x\"",
    "[]",
    r#"[{"url":"example.com"}]"#,
    "{",
    "{]",
    "{\"url\":}",
    "{\"url\":\"a.example\"} {}",
    "{'url':'a.example'}",
    "{\"url\":\"\\ud800\"}",
    "url=a.example",
];

/// A good body in which one field holds other JSON.
fn body_with(field: &str, json: &str) -> String {
    let mut good = body(&json!({}));
    let members = good.as_object_mut().unwrap();
    members.remove(field);
    let mut members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    if json != ABSENT {
        members.push(format!("{}:{json}", json!(field)));
    }
    format!("{{{}}}", members.join(","))
}

/// Everything that a refused request may not change.
async fn stored(server: &Server) -> (Value, Value, [(&'static str, u64); 6]) {
    let webhooks = get(server, "/api/v1/webhooks").await.ok().json();
    let projects = get(server, "/api/v1/projects").await.ok().json();
    (webhooks, projects, server.record(server.admin.organization).await.counts())
}

/// Sends a body to make a webhook of a new app, and to change one; both must be refused alike.
async fn check(server: &Server, sent: &[u8], status: u16, says: &str) {
    let paths = [
        ("POST", "/orgs/default/apps/new/webhooks"),
        ("PATCH", "/orgs/default/apps/shop/webhooks/my-hook"),
    ];
    for (method, path) in paths {
        check_one(server, Call::post(path, sent).method(method), status, says).await;
    }
}

async fn check_one(server: &Server, call: Call, status: u16, says: &str) {
    let before = stored(server).await;
    let answer = server.send(call.clone()).await;
    assert_eq!(answer.status, status, "{call:?}: {}", answer.body);
    let (_, _, message) = error_of(&answer);
    assert!(message.contains(says), "{call:?}: {message}");
    if status == 400 {
        let details = &object(&answer)["details"];
        assert!(message.contains(details["field"].as_str().unwrap()), "{details}");
        assert!(!details["reason"].as_str().unwrap().is_empty());
    }
    assert_eq!(stored(server).await, before, "{call:?} stored something");
}

#[tokio::test]
async fn a_field_that_holds_what_it_may_not_is_named() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    for (field, json, says) in WRONG {
        let sent = body_with(field, json);
        let path = "/orgs/default/apps/new/webhooks";
        check_one(&server, Call::post(path, sent.clone()), 400, says).await;
        // Whatever an id is, it is not the one that the webhook has.
        let says = if field == "id" { "'id' " } else { says };
        let path = format!("{WEBHOOKS}/my-hook");
        check_one(&server, Call::post(&path, sent).method("PATCH"), 400, says).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_too_long_is_named() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let text = |length: usize| json!("x".repeat(length)).to_string();
    let headers: serde_json::Map<String, Value> =
        (0..21).map(|number| (format!("X-{number}"), json!("v"))).collect();
    for (field, json, says) in [
        ("url", text(2_001), "`url` is longer than 2000 bytes"),
        ("id", text(101), "'id' "),
        ("headers", Value::Object(headers).to_string(), "there are 21 headers"),
        ("headers", format!("{{{}:\"v\"}}", text(101)), "is not a header name"),
        ("headers", format!("{{\"A\":{}}}", text(4_001)), "longer than 4000 bytes"),
        ("payload", format!("{{\"a\":{}}}", text(65_536)), "'payload' is 65544 bytes long"),
    ] {
        check(&server, body_with(field, &json).as_bytes(), 400, says).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_json_object_is_a_422() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    for sent in NO_OBJECT {
        check(&server, sent.as_bytes(), 422, "Invalid JSON in request body").await;
    }
    check(&server, b"{\"url\":\"\xff\"}", 422, "is not UTF-8").await;
    let deep = format!("{{\"payload\":{}1{}}}", "{\"a\":".repeat(40), "}".repeat(40));
    check(&server, deep.as_bytes(), 422, "nested deeper").await;
    server.stop().await;
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_named() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let good = body(&json!({})).to_string();
    let sent = format!("{},\"url\":\"b.example\"}}", good.strip_suffix('}').unwrap());
    check(&server, sent.as_bytes(), 400, "duplicate field `url`").await;
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_needs_a_url_and_keeps_its_id() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    for json in [ABSENT, "null"] {
        let call = Call::post("/orgs/default/apps/new/webhooks", body_with("url", json));
        check_one(&server, call, 400, "'url' is required, such as").await;
    }
    for (field, json, says) in [
        ("url", "null", "'url' can't be taken away"),
        ("id", r#""other""#, "'id' can't be changed from `my-hook`"),
        ("id", r#""My-Hook""#, "'id' can't be changed"),
    ] {
        let path = format!("{WEBHOOKS}/my-hook");
        let call = Call::post(&path, body_with(field, json)).method("PATCH");
        check_one(&server, call, 400, says).await;
    }
    server.stop().await;
}
