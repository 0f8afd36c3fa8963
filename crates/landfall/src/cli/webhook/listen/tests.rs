//! What of the stream is forwarded, and as what.

use landfall_domain::id::OrganizationId;
use landfall_domain::view::Named;
use landfall_domain::webhook::filter::Filters;
use serde_json::json;

use super::message::Happened;

const EVENT: &str = r#"{"sequence":7,"type":"deployment.completed",
    "timestamp":"2026-11-20T22:18:49.123456Z","recorded_at":"2026-11-20T22:18:50Z","data":{
    "application":{"id":"00000000-0000-0000-0000-000000000002","name":"shop"},"number":1.50}}"#;

#[test]
fn an_event_is_sent_as_a_webhook_would_send_it() {
    let id: OrganizationId = "00000000-0000-0000-0000-000000000005".parse().unwrap();
    let named = Named { id: id.uuid(), name: "acme".to_owned() };
    let sent = Happened::read(EVENT).unwrap().message(id, &named).unwrap();
    assert_eq!(sent.id, "evt_00000000000000000000000000000005_7");
    let body = String::from_utf8(sent.rendered.body).unwrap();
    let begin =
        r#"{"type":"deployment.completed","timestamp":"2026-11-20T22:18:49.123456Z","data":{"#;
    assert!(body.starts_with(begin), "{body}");
    assert!(body.ends_with(r#""name":"shop"},"number":1.50}}"#), "{body}");
}

#[test]
fn only_what_is_wanted_is_sent() {
    let cases = [
        (json!({}), true),
        (json!({"events": ["build.*"]}), false),
        (json!({"events": ["*.completed"], "applications": ["SHOP"]}), true),
        (json!({"environments": ["*"]}), false),
    ];
    for (filters, wanted) in cases {
        let filters: Filters = serde_json::from_value(filters).unwrap();
        assert_eq!(Happened::read(EVENT).unwrap().is_wanted(&filters), wanted, "{filters:?}");
    }
}
