//! What flags become, and what a person is shown.

use clap::{Args, Command, FromArgMatches};
use landfall_domain::time::Timestamp;
use serde_json::{Value, json};

use super::super::api::parse;
use super::settings::{Emptied, Settings};
use super::shapes::Job;
use super::{outcome, render};

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T22:18:49Z").unwrap()
}

fn settings(flags: &[&str]) -> Result<Settings, String> {
    let command = Settings::augment_args(Command::new("edit")).no_binary_name(true);
    let matches = command.try_get_matches_from(flags).map_err(|error| error.to_string())?;
    Ok(Settings::from_arg_matches(&matches).unwrap())
}

fn body(flags: &[&str]) -> Value {
    Value::Object(settings(flags).unwrap().body().unwrap())
}

#[test]
fn only_what_was_given_is_sent() {
    assert_eq!(body(&[]), json!({}));
    assert_eq!(
        body(&["--event", "deployment.*,build.failed", "--application", "shop", "--history"]),
        json!({
            "events": ["deployment.*", "build.failed"],
            "filters": {"applications": ["shop"], "history": true},
        })
    );
    assert_eq!(
        body(&["--header", "X-Team: web=1", "--header", "X-Key=a:b", "--ordered=false"]),
        json!({"headers": {"X-Team": "web=1", "X-Key": "a:b"}, "ordered": false})
    );
    assert_eq!(body(&["--retry-schedule", "5, 30"]), json!({"retry_schedule": [5, 30]}));
    assert_eq!(body(&["--retry-schedule", "none"]), json!({"retry_schedule": []}));
}

#[test]
fn flags_that_say_nothing_are_refused() {
    for flags in [["--header", "X-Team"], ["--retry-schedule", "soon"], ["--concurrency", "many"]] {
        assert!(settings(&flags).is_err(), "{flags:?}");
    }
}

#[test]
fn a_template_is_read_from_its_file_and_names_its_format() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("body.json");
    std::fs::write(&file, r#"{"text": "${version.name}"}"#).unwrap();
    let flags = ["--template", file.to_str().unwrap()];
    let expected = json!({"format": "template", "template": {"text": "${version.name}"}});
    assert_eq!(body(&flags), expected);

    std::fs::write(&file, "text").unwrap();
    assert!(settings(&flags).unwrap().body().is_err());
}

#[test]
fn a_setting_is_emptied_unless_it_is_given_as_well() {
    let mut given = settings(&["--application", "shop"]).unwrap().body().unwrap();
    for setting in [Emptied::Environment, Emptied::Environment, Emptied::RatePerSecond] {
        setting.apply(&mut given).unwrap();
    }
    let filters = json!({"applications": ["shop"], "environments": []});
    assert_eq!(given["filters"], filters);
    assert_eq!(given["rate_per_second"], Value::Null);
    assert_eq!(Emptied::Application.apply(&mut given), Err(()));
}

const WEBHOOK: &str = r#"{"id": "0193", "name": "ops", "description": null,
    "url": "https://ops.acme.example/hook", "events": ["deployment.*"],
    "filters": {"projects": [], "applications": ["shop", "cart-*"], "environments": [],
                "environment_types": ["production"], "history": false},
    "format": "standard", "headers": {"x-team": "web"}, "ordered": false, "concurrency": 8,
    "rate_per_second": null, "timeout_ms": 15000, "retry_schedule": [5, 30, 120],
    "signature": "hmac", "state": "enabled", "state_since": "2026-11-18T22:18:49Z",
    "revision": 3, "created_at": "2026-11-18T22:18:49Z", "updated_at": "2026-11-18T22:18:49Z",
    "health": {"seen": 900, "head": 1000, "behind": 100, "in_flight": 0, "retrying": 2, "dead": 1,
               "failing_since": "2026-11-20T21:18:49Z", "last_success_at": "2026-11-20T21:18:40Z",
               "last_failure_at": "2026-11-20T22:18:40Z", "breaker": "open",
               "breaker_open_since": "2026-11-20T22:10:49Z",
               "next_probe_at": "2026-11-20T22:20:49Z", "resting_until": null,
               "missed": {"first": 100, "last": 120}}}"#;

#[test]
fn a_webhook_is_told_with_how_it_is_doing() {
    insta::assert_snapshot!(render::details(&parse(WEBHOOK).unwrap(), now()), @"
    name               ops
    id                 0193
    state              enabled for 2d
    receiver           https://ops.acme.example/hook
    events             deployment.*
    applications       shop, cart-*
    environment types  production
    format             standard
    headers            x-team: web
    attempts at once   8
    timeout            15000 ms
    retries after      5s, 30s, 2m
    signature          hmac
    last success       1h ago
    last failure       9s ago
    failing for        1h
    breaker            ✕ its receiver is sick for 8m; the next probe goes out in 2m
    waiting            100 events, 0 in flight, 2 to retry
    dead               1
    missed             100 to 120; see webhook replay
    ");
    insta::assert_snapshot!(render::overview(&[parse(WEBHOOK).unwrap()]), @"
    NAME  STATE    FORMAT    EVENTS        RECEIVER                       ID
    ops   enabled  standard  deployment.*  https://ops.acme.example/hook  0193
    ");
}

#[test]
fn deliveries_are_told_in_a_line_each() {
    let items = r#"[
        {"sequence": 1042, "event_type": "deployment.failed", "event_at": "2026-11-20T22:17:00Z",
         "state": "retrying", "attempts": 3, "next_attempt_at": "2026-11-20T22:20:49Z",
         "last_attempt_at": "2026-11-20T22:17:49Z"},
        {"sequence": 7, "event_type": null, "state": "dead", "attempts": 13,
         "last_attempt_at": "2026-11-18T22:17:49Z"}]"#;
    let items: Vec<_> = parse(items).unwrap();
    insta::assert_snapshot!(outcome::deliveries(&items, now()), @"
    SEQUENCE  EVENT              STATE     ATTEMPTS  LAST  NEXT
    1042      deployment.failed  retrying  3         1m    in 2m
    7         (forgotten)        ✕ dead    13        2d
    ");
}

#[test]
fn a_delivery_is_told_attempt_by_attempt() {
    let delivery = r#"{"sequence": 1042, "event_type": "deployment.failed", "state": "retrying",
        "next_attempt_at": "2026-11-20T22:20:49Z", "last_attempt_at": "2026-11-20T22:18:00Z",
        "attempts": [
            {"id": "1", "number": 1, "trigger": "automatic", "at": "2026-11-20T22:17:00Z",
             "duration_ms": 5000.2, "status": null, "error": {"code": "timeout",
             "message": "no answer within 5 s"}, "response": null},
            {"id": "2", "number": 0, "trigger": "manual", "at": "2026-11-20T22:18:00Z",
             "duration_ms": 12.3, "status": 500, "error": null,
             "response": {"headers": [], "body": "out of disk", "truncated": true}}],
        "request": {"headers": {"webhook-id": "evt_1_1042"}, "body": {"type":"deployment.failed"},
                    "is_current_settings": true}}"#;
    insta::assert_snapshot!(outcome::delivery(&parse(delivery).unwrap(), now()), @r#"
    1042 deployment.failed: retrying, the next attempt is in 2m

    ATTEMPT  WHY        AGE  OUTCOME
    1        automatic  1m   ✕ no answer within 5 s (in 5000 ms)
    –        manual     49s  ✕ 500 in 12 ms

    The last answer:
    out of disk …

    The request:
    webhook-id: evt_1_1042

    {"type":"deployment.failed"}
    "#);
}

#[test]
fn an_explanation_names_the_filter_that_did_not_hold() {
    let explanation = r#"{"matches": false, "verdict": "not sent: a filter does not hold",
        "checks": [
            {"filter": "events", "wanted": "deployment.*", "found": "deployment.failed", "holds": true},
            {"filter": "applications", "wanted": "shop", "found": "cart", "holds": false}]}"#;
    insta::assert_snapshot!(outcome::checks(&parse(explanation).unwrap()), @"
    not sent: a filter does not hold

    FILTER        WANTS         EVENT HAS          HOLDS
    events        deployment.*  deployment.failed  yes
    applications  shop          cart               ✕ no
    ");
}

#[test]
fn a_job_is_told_by_how_far_it_is() {
    let job: Job = parse(
        r#"{"id": "0193", "kind": "replay", "state": "running", "first": 1000, "last": 1339,
            "position": 1119, "total": 340, "delivered": 118, "failed": 2,
            "created_by": "k1", "created_at": "2026-11-20T22:17:00Z", "ended_at": null}"#,
    )
    .unwrap();
    insta::assert_snapshot!(outcome::jobs(&[job], now()), @"
    JOB   KIND    STATE    EVENTS     DONE                                 AGE
    0193  replay  running  1000–1339  120 of 340, 118 delivered, 2 failed  1m
    ");
}
