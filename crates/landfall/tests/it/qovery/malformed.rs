//! Malformed requests: each is a 400 that names the field, and nothing is stored.

use serde_json::{Value, json};

use super::{body, get, make, path_of, webhooks};
use crate::harness::{Answer, Call, Server};

/// Takes the field out.
const ABSENT: &str = "";

/// A field of a good webhook, what it holds instead as JSON, and part of the message.
const WRONG: [(&str, &str, &str); 62] = [
    ("kind", ABSENT, "kind is required"),
    ("kind", "null", "kind is required"),
    ("kind", "1", "kind is wrong: invalid type: integer `1`, expected a string"),
    ("kind", "[]", "kind is wrong: invalid type: sequence"),
    ("kind", r#"{"STANDARD":null}"#, "kind is wrong: invalid type: map"),
    ("kind", r#""""#, "kind is wrong: `` is none of STANDARD, SLACK"),
    ("kind", r#""standard""#, "kind is wrong: `standard` is none of STANDARD, SLACK"),
    ("kind", r#""TEAMS""#, "`TEAMS` is none of STANDARD, SLACK"),
    ("target_url", ABSENT, "target_url is required"),
    ("target_url", "null", "target_url is required"),
    ("target_url", "7", "target_url is wrong: invalid type: integer `7`"),
    ("target_url", r#""""#, "target_url is wrong: must not be empty"),
    ("target_url", r#""   ""#, "target_url is wrong: must not be empty"),
    ("target_url", r#""example.com/hook""#, "must be a URL that begins with http:// or https://"),
    ("target_url", r#""//example.com""#, "must be a URL that begins with http:// or https://"),
    ("target_url", r#""ftp://example.com""#, "must be a URL that begins with http:// or https://"),
    ("target_url", r#""file:///etc/passwd""#, "must be a URL that begins with http:// or https://"),
    ("target_url", r#""http:example.com""#, "must be a URL that begins with http:// or https://"),
    ("target_url", r#""javascript:alert(1)""#, "must be a URL that begins with"),
    ("target_url", r#""https://""#, "target_url is not a URL: empty host"),
    ("target_url", r#""https://exa mple.com""#, "must be a URL that begins with"),
    (
        "target_url",
        r#""https://example.com/\u0000""#,
        "target_url is wrong: must not contain control",
    ),
    ("target_url", r#""https://example.com/\r\nx: y""#, "must not contain control characters"),
    (
        "target_url",
        r#""https://user:pass@example.com""#,
        "must not contain a user name or password",
    ),
    ("target_url", r#""https://example.com/#here""#, "target_url must not contain a fragment"),
    ("target_url", r#""https://example.com:99999""#, "target_url is not a URL: invalid port"),
    ("target_url", r#""https://[::1""#, "target_url is not a URL: invalid IPv6 address"),
    ("target_url", r#""http://169.254.169.254/latest""#, "target_url names 169.254.169.254"),
    ("target_url", r#""http://10.0.0.1/hook""#, "target_url names 10.0.0.1, which is not public"),
    ("target_url", r#""http://[::1]/hook""#, "target_url names ::1, which is not public"),
    ("target_url", r#""http://0x7f.1/hook""#, "target_url names 127.0.0.1, which is not public"),
    ("events", ABSENT, "events is required"),
    ("events", "null", "events is required"),
    ("events", r#""DEPLOYMENT_STARTED""#, "events is wrong: invalid type: string"),
    ("events", "{}", "events is wrong: invalid type: map, expected a sequence"),
    ("events", "[1]", "events[0] is wrong: invalid type: integer `1`"),
    ("events", "[null]", "events[0] is wrong: invalid type: null"),
    ("events", r#"[["DEPLOYMENT_STARTED"]]"#, "events[0] is wrong: invalid type: sequence"),
    ("events", r#"["DEPLOYMENT_STARTED","deployment_failure"]"#, "events[1] is wrong: `deploymen"),
    ("events", r#"["DEPLOYMENT_FAILED"]"#, "`DEPLOYMENT_FAILED` is none of DEPLOYMENT_STARTED, "),
    ("events", r#"["DEPLOYMENT_*"]"#, "`DEPLOYMENT_*` is none of DEPLOYMENT_STARTED"),
    ("events", r#"["deployment.started"]"#, "`deployment.started` is none of"),
    ("target_secret", "5", "target_secret is wrong: invalid type: integer `5`"),
    ("target_secret", "false", "target_secret is wrong: invalid type: boolean"),
    ("target_secret", r#""a\nb""#, "target_secret must be printable ASCII without spaces around"),
    ("target_secret", r#""\u0000""#, "target_secret must be printable ASCII"),
    ("target_secret", r#""schlüssel""#, "target_secret must be printable ASCII"),
    ("target_secret", r#"" padded ""#, "target_secret must be printable ASCII without spaces"),
    ("description", "[]", "description is wrong: invalid type: sequence, expected a string"),
    ("description", r#""a\u0000b""#, "description must not contain control characters"),
    ("description", r#""\u001b[31m""#, "description must not contain control characters"),
    ("description", r#""\ud800""#, "Invalid JSON in request body"),
    ("enabled", r#""true""#, "enabled is wrong: invalid type: string \"true\", expected a boolean"),
    ("enabled", "1", "enabled is wrong: invalid type: integer `1`, expected a boolean"),
    ("project_names_filter", r#""shop""#, "project_names_filter is wrong: invalid type: string"),
    ("project_names_filter", r#"[""]"#, "project_names_filter[0] is wrong: a pattern must not"),
    ("project_names_filter", "[7]", "project_names_filter[0] is wrong: invalid type"),
    ("project_names_filter", r#"["a\u0007"]"#, "a pattern must not contain control characters"),
    ("environment_types_filter", r#""PRODUCTION""#, "environment_types_filter is wrong"),
    ("environment_types_filter", r#"["TESTING"]"#, "`TESTING` is none of DEVELOPMENT, PREVIEW"),
    ("environment_types_filter", r#"["production"]"#, "environment_types_filter[0] is wrong"),
    ("environment_types_filter", "[null]", "environment_types_filter[0] is wrong"),
];

/// Bodies that are no webhook at all, and part of the message.
const BODIES: [(&str, &str); 12] = [
    ("", "the body is empty"),
    ("null", "it must be an object"),
    ("[]", "it must be an object"),
    ("\"text\"", "it must be an object"),
    ("7", "it must be an object"),
    ("{", "EOF while parsing"),
    ("{}", "kind is required"),
    ("{}}", "trailing characters"),
    ("{'kind':'STANDARD'}", "key must be a string"),
    ("{\"kind\":\"STANDARD\",}", "trailing comma"),
    ("kind=STANDARD", "it must be an object"),
    (r#"{"kind":"STANDARD","kind":"SLACK"}"#, "duplicate field `kind`"),
];

/// A good body in which one field holds other JSON, whether valid or not.
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

/// A server with one webhook, and what may not change.
struct Scene {
    server: Server,
    made: Value,
    listed: Value,
}

impl Scene {
    async fn start() -> Self {
        let server = Server::start_with(crate::harness::Setup {
            egress_allow: "",
            ..crate::harness::Setup::default()
        });
        let server = server.await;
        let made = make(&server, json!({"target_secret": "s"})).await;
        let listed = get(&server, "/api/v1/webhooks").await;
        Self { server, made, listed }
    }

    /// Sends a body as a webhook to be made and as an edit; both are refused alike.
    async fn refuses(&self, body: impl Into<Vec<u8>>, says: &str) {
        let (server, body) = (&self.server, body.into());
        let create = Call::post(&webhooks(server), body.clone());
        let edit = Call::post(&path_of(server, &self.made), body.clone()).method("PUT");
        for call in [create, edit] {
            let answer = server.send(call).await;
            assert_refused(&answer, says, &String::from_utf8_lossy(&body));
        }
        assert_eq!(get(server, "/api/v1/webhooks").await, self.listed);
    }
}

fn assert_refused(answer: &Answer, says: &str, body: &str) {
    let body: String = body.chars().take(300).collect();
    assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    let json = answer.json();
    assert_eq!((&json["status"], &json["error"]), (&json!(400), &json!("Bad Request")));
    let message = json["message"].as_str().unwrap();
    assert!(
        message.starts_with("Validation error: ") && message.contains(says),
        "{body}: {message}"
    );
}

#[tokio::test]
async fn a_field_that_holds_what_it_may_not_is_named_and_nothing_is_stored() {
    let scene = Scene::start().await;
    for (field, json, says) in WRONG {
        scene.refuses(body_with(field, json), says).await;
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn what_is_too_long_or_too_much_is_named_and_nothing_is_stored() {
    let scene = Scene::start().await;
    let url = format!("https://example.com/{}", "x".repeat(2_000));
    for (field, value, says) in [
        ("kind", json!("X".repeat(100_000)), "X` is none of STANDARD, SLACK"),
        ("target_url", json!(url), "target_url is wrong: is 2020 characters long; at most 2000"),
        (
            "target_secret",
            json!("x".repeat(501)),
            "target_secret is 501 characters long; at most 500",
        ),
        (
            "description",
            json!("ä".repeat(2_001)),
            "description is 2001 characters long; at most 2000",
        ),
        ("project_names_filter", json!(["x".repeat(201)]), "at most 200 characters, not 201"),
        (
            "project_names_filter",
            json!(vec!["x"; 51]),
            "project_names_filter has 51 entries; at most 50",
        ),
    ] {
        scene.refuses(body(&json!({field: value})).to_string(), says).await;
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_body_that_is_no_webhook_is_refused_and_nothing_is_stored() {
    let scene = Scene::start().await;
    for (body, says) in BODIES {
        scene.refuses(body, says).await;
    }
    scene.refuses(b"{\"kind\":\"\xff\"}".to_vec(), "byte 9 is not UTF-8").await;
    scene.refuses(format!("{{\"x\":{}", "[".repeat(1_000)), "nested deeper than 32 levels").await;
    scene.server.stop().await;
}
