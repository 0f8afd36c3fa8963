//! Malformed requests: each is a 400 of this API's shape that names what is wrong, stores nothing,
//! and leaves the server serving.

use serde_json::{Value, json};

use super::{ASSIGN, CREATE, LEGACY, NOTIFY, Scene, error, notification, preview, with};

/// A request: where to, its body, and part of the message.
type Case = (&'static str, Vec<u8>, &'static str);

fn long(chars: usize) -> Value {
    json!("x".repeat(chars))
}

/// Sends them all, and checks that nothing is stored and that reports are kept.
async fn assert_refused(cases: &[Case]) {
    let scene = Scene::start().await;
    let organization = scene.server.admin.organization;
    let before = scene.server.record(organization).await.counts();
    for (path, body, told) in cases {
        scene.tick();
        let kept = scene.server.refused().await.len();
        let answer = scene.server.send(scene.key.put(&scene.server, path, body)).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
        let (status, code) = error(&answer);
        assert_eq!(status, 400, "{path} {shown}: {}", answer.body);
        assert!(matches!(&*code, "invalid_field" | "invalid_json"), "{code}");
        assert!(answer.text("message").contains(told), "{path} {shown}: {}", answer.body);
        let is_report = matches!(*path, NOTIFY | LEGACY);
        let now = scene.server.refused().await.len();
        assert_eq!(now, kept + usize::from(is_report), "{path} {shown}");
    }
    assert_eq!(scene.server.record(organization).await.counts(), before);
    scene.put(NOTIFY, &notification()).await.ok();
    scene.put(CREATE, &preview()).await.ok();
    scene.server.stop().await;
}

/// A good body with one field in another way; null takes it away.
fn changed(
    path: &'static str,
    good: &Value,
    cases: &[(&'static str, Value, &'static str)],
) -> Vec<Case> {
    let case = |(field, value, told): &(&'static str, Value, &'static str)| {
        let body = with(good.clone(), &json!({ *field: value }));
        (path, body.to_string().into_bytes(), *told)
    };
    cases.iter().map(case).collect()
}

/// What is no JSON object, or no JSON at all.
const BODIES: [(&[u8], &str); 17] = [
    (b"", "the body is empty"),
    (b" \n", "the body is empty"),
    (b"null", "must be an object"),
    (b"[]", "must be an object"),
    (br#"["my-project","production","my-app",1,"success"]"#, "must be an object"),
    (b"42", "must be an object"),
    (br#""text""#, "must be an object"),
    (b"projectCode=my-project", "must be an object"),
    (b"{", "EOF"),
    (br#"{"projectCode":}"#, "expected value"),
    (br#"{"projectCode":"a",}"#, "trailing comma"),
    (b"{} {}", "required"),
    (b"{\"projectCode\":\"a\nb\"}", "control character"),
    (b"{\"projectCode\":\"\xff\"}", "is not UTF-8"),
    (b"\xff\xfe{\0}\0", "is not UTF-8"),
    (br#"{"projectCode":"a","projectCode":"b","status":"success"}"#, "duplicate field"),
    (b"{}", "required"),
];

#[tokio::test]
async fn what_is_no_object_of_json_is_a_400_everywhere() {
    let mut cases = Vec::new();
    for path in [NOTIFY, LEGACY, CREATE, ASSIGN] {
        for (body, told) in BODIES {
            // The legacy body has no project, so naming it twice is nothing to it.
            let told = if told == "duplicate field" && path != NOTIFY && path != ASSIGN {
                ""
            } else {
                told
            };
            if !told.is_empty() {
                cases.push((path, body.to_vec(), told));
            }
        }
        let deep = format!("{{\"x\":{}1{}}}", "[".repeat(40), "]".repeat(40));
        cases.push((path, deep.into_bytes(), "nested deeper"));
    }
    assert!(cases.len() > 60, "{}", cases.len());
    assert_refused(&cases).await;
}

#[tokio::test]
async fn a_malformed_notification_is_a_400() {
    let cases = changed(
        NOTIFY,
        &notification(),
        &[
            ("projectCode", Value::Null, "'projectCode' is required"),
            ("projectCode", json!(1), "'projectCode' is wrong: invalid type"),
            ("projectCode", json!(""), "'projectCode' is wrong: must not be empty"),
            ("projectCode", json!("a\u{0}b"), "'projectCode' is wrong: must not contain control"),
            ("projectCode", long(256), "'projectCode' is wrong: is 256 characters long"),
            ("projectCode", json!(["my-project"]), "'projectCode' is wrong: invalid type"),
            ("envCode", Value::Null, "'envCode' is required"),
            ("envCode", json!({}), "'envCode' is wrong: invalid type"),
            ("envCode", json!(" \t"), "'envCode' is wrong: must not be empty"),
            ("envCode", long(101), "'envCode' is wrong: is 101 characters long"),
            ("envCode", json!("a\u{1b}[2J"), "'envCode' is wrong: must not contain control"),
            ("repoCode", Value::Null, "'repoCode' is required"),
            ("repoCode", json!(true), "'repoCode' is wrong: invalid type"),
            ("repoCode", json!(""), "'repoCode' is wrong: must not be empty"),
            ("repoCode", long(256), "'repoCode' is wrong: is 256 characters long"),
            ("pipeline", json!(-1), "'pipeline' is wrong"),
            ("pipeline", json!(1.5), "'pipeline' is wrong"),
            ("pipeline", json!(1e30), "'pipeline' is wrong"),
            ("pipeline", json!("abc"), "expected a whole number"),
            ("pipeline", json!("-1"), "expected a whole number"),
            ("pipeline", json!("+1"), "expected a whole number"),
            ("pipeline", json!("1.0"), "expected a whole number"),
            ("pipeline", json!("99999999999999999999999"), "expected a whole number"),
            ("pipeline", json!(true), "'pipeline' is wrong"),
            ("pipeline", json!([456]), "'pipeline' is wrong"),
            ("pipeline", json!({"number": 456}), "'pipeline' is wrong"),
            ("status", Value::Null, "'status' is required"),
            ("status", json!(""), "is not a status; use one of pending"),
            ("status", json!("exploded"), "`exploded` is not a status; use one of pending"),
            ("status", json!(200), "'status' is wrong: invalid type"),
            ("status", json!(["success"]), "'status' is wrong: invalid type"),
            ("branch", json!(7), "'branch' is wrong: invalid type"),
            ("branch", json!({"name": "main"}), "'branch' is wrong: invalid type"),
            ("branch", long(256), "'branch' is wrong: is 256 characters long"),
            ("branch", json!("ma\rin"), "'branch' is wrong: must not contain control"),
            ("deployDate", json!("yesterday"), "'deployDate' is wrong: `yesterday` is not a time"),
            ("deployDate", json!("2024-13-01T00:00:00Z"), "'deployDate' is wrong"),
            ("deployDate", json!("15.01.2024"), "'deployDate' is wrong"),
            ("deployDate", json!("1969-12-31T23:59:59Z"), "not between 1970 and 9999"),
            ("deployDate", json!(1_705_314_600), "'deployDate' is wrong: invalid type"),
            ("deployDate", json!({}), "'deployDate' is wrong: invalid type"),
        ],
    );
    assert!(cases.len() > 40);
    assert_refused(&cases).await;
}

#[tokio::test]
async fn a_malformed_legacy_notification_is_a_400() {
    let good = json!({"pipeline": 456, "status": "success", "gitTracking": {"branch": "main"}});
    let cases = changed(
        LEGACY,
        &good,
        &[
            ("status", Value::Null, "'status' is required"),
            ("status", json!("nope"), "is not a status"),
            ("pipeline", json!("x"), "expected a whole number"),
            ("gitTracking", json!("main"), "'gitTracking' is wrong: invalid type"),
            ("gitTracking", json!(1), "'gitTracking' is wrong: invalid type"),
            ("gitTracking", json!({"branch": 1}), "'gitTracking.branch' is wrong: invalid type"),
            ("gitTracking", json!({"branch": "a\u{7}"}), "'gitTracking.branch' is wrong"),
            ("deployDate", json!("soon"), "'deployDate' is wrong"),
        ],
    );
    assert_refused(&cases).await;
    let neither = json!({"status": "success", "gitTracking": {}}).to_string().into_bytes();
    assert_refused(&[(LEGACY, neither, "'pipeline' is required where there is no branch")]).await;
}

#[tokio::test]
async fn a_malformed_environment_is_a_400() {
    let cases = changed(
        CREATE,
        &preview(),
        &[
            ("name", Value::Null, "'name' is required"),
            ("name", json!(1), "'name' is wrong: invalid type"),
            ("name", json!(" "), "'name' is wrong: must not be empty"),
            ("name", long(256), "'name' is wrong: is 256 characters long"),
            ("code", Value::Null, "'code' is required"),
            ("code", json!(""), "'code' is wrong: must not be empty"),
            ("code", long(101), "'code' is wrong: is 101 characters long"),
            ("code", json!("a\nb"), "'code' is wrong: must not contain control"),
            ("teamCode", Value::Null, "'teamCode' is required"),
            ("teamCode", json!({}), "'teamCode' is wrong: invalid type"),
            ("teamCode", json!(""), "'teamCode' is wrong: must not be empty"),
            ("url", json!("feature.example.com"), "'url' is wrong: must be a URL"),
            ("url", json!("javascript:alert(1)"), "'url' is wrong: must be a URL"),
            ("url", json!("ftp://example.com"), "'url' is wrong: must be a URL"),
            ("url", json!("https://a b"), "'url' is wrong: must be a URL"),
            ("url", json!(7), "'url' is wrong: invalid type"),
            ("url", json!(format!("https://{}", "x".repeat(2_000))), "'url' is wrong: is 2008"),
            ("position", json!(1.5), "'position' is wrong"),
            ("position", json!("3"), "'position' is wrong: invalid type"),
            ("position", json!(1e300), "'position' is wrong"),
            ("position", json!(u64::MAX), "'position' is wrong"),
            ("type", Value::Null, "'type' is required"),
            ("type", json!(""), "must be one of DEVELOPMENT, STAGING, PRODUCTION, TESTING"),
            ("type", json!("PREVIEW"), "must be one of DEVELOPMENT"),
            ("type", json!("PROD"), "must be one of DEVELOPMENT"),
            ("type", json!(2), "'type' is wrong: invalid type"),
        ],
    );
    assert_refused(&cases).await;
}

#[tokio::test]
async fn malformed_assignments_are_a_400() {
    let good = json!({"projectCode": "my-project", "apps": []});
    let app = |app: Value| json!([{"repoCode": "a", "envs": []}, app]);
    let apps: Vec<Value> =
        (0..1_001).map(|n| json!({"repoCode": n.to_string(), "envs": []})).collect();
    let envs = vec!["production"; 10_001];
    let cases = changed(
        ASSIGN,
        &good,
        &[
            ("projectCode", Value::Null, "'projectCode' is required"),
            ("projectCode", json!(1), "'projectCode' is wrong: invalid type"),
            ("projectCode", json!(""), "'projectCode' is wrong: must not be empty"),
            ("apps", Value::Null, "'apps' is required"),
            ("apps", json!("my-app"), "'apps' is wrong: invalid type"),
            ("apps", json!({}), "'apps' is wrong: invalid type"),
            ("apps", app(json!("my-app")), "'apps[1]' is wrong: invalid type"),
            ("apps", app(json!(null)), "'apps[1]' is wrong: invalid type"),
            ("apps", app(json!({"envs": []})), "'apps[1].repoCode' is required"),
            ("apps", app(json!({"repoCode": "b"})), "'apps[1].envs' is required"),
            ("apps", app(json!({"repoCode": 1, "envs": []})), "'apps[1].repoCode' is wrong"),
            ("apps", app(json!({"repoCode": "", "envs": []})), "'apps[1].repoCode' is wrong"),
            ("apps", app(json!({"repoCode": "b", "envs": "staging"})), "'apps[1].envs' is wrong"),
            ("apps", app(json!({"repoCode": "b", "envs": [1]})), "'apps[1].envs[0]' is wrong"),
            ("apps", app(json!({"repoCode": "b", "envs": [""]})), "'apps[1].envs[0]' is wrong"),
            ("apps", app(json!({"repoCode": "b", "envs": null})), "'apps[1].envs' is wrong"),
            ("apps", json!(apps), "'apps' must hold at most 1000 applications"),
            ("apps", app(json!({"repoCode": "b", "envs": envs})), "at most 1000 applications"),
        ],
    );
    assert_refused(&cases).await;
}
