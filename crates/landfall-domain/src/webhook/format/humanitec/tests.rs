//! Humanitec's payloads, seen from outside: what was given, what the event holds, what is sent.

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::time::Timestamp;
use crate::view::Named;
use crate::webhook::format::Format;
use crate::webhook::format::sample::sample;

const AT: Timestamp = Timestamp::from_micros(1_711_097_363_436_635);

fn data(kind: &str, organization: &Named) -> String {
    serde_json::to_string(&sample(kind, organization, AT).unwrap()).unwrap()
}

fn send(payload: Option<Value>, kind: &str, app_id: Option<&str>) -> Result<String, RenderError> {
    let organization = Named { id: Uuid::nil(), name: "acme".to_owned() };
    let data = data(kind, &organization);
    let message = Message {
        id: "evt_1",
        sequence: 7,
        kind,
        at: AT,
        organization: &organization,
        data: &data,
        base_url: None,
        vendor_secret: None,
        app_id,
    };
    let payload = payload.map(|payload| serde_json::from_value(payload).unwrap());
    let rendered = Format::Humanitec { payload }.render(&message)?;
    assert_eq!((rendered.content_type, rendered.headers.len()), ("application/json", 0));
    Ok(String::from_utf8(rendered.body).unwrap())
}

fn fill(payload: Value, kind: &str) -> Value {
    serde_json::from_str(&send(Some(payload), kind, None).unwrap()).unwrap()
}

#[test]
fn without_a_payload_the_default_one_is_sent_in_its_order() {
    assert_eq!(
        send(None, "deployment.completed", None).unwrap(),
        r#"{"event":"deployment.finished","triggered_at":"2024-03-22T08:49:23.436635000Z","triggered_by":"ada","org_id":"acme","app_id":"shop","env_id":"production"}"#
    );
}

#[test]
fn an_empty_payload_is_sent_empty() {
    assert_eq!(send(Some(json!({})), "environment.created", None).unwrap(), "{}");
}

#[test]
fn every_variable_of_the_document_is_filled() {
    let payload = json!({
        "event": "${event}", "at": "${triggered_at}", "by": "${triggered_by}", "org": "${org_id}",
        "app": "${app_id}", "env": "${env_id}", "name": "${name}", "type": "${type}",
        "delta": "${delta_id}", "comment": "${comment}", "status": "${status}",
    });
    let deployment = json!({
        "event": "deployment.finished", "at": "2024-03-22T08:49:23.436635000Z", "by": "ada",
        "org": "acme", "app": "shop", "env": "production", "name": "Production",
        "type": "production", "delta": "3f5c1e9a7b2d4c6e8f0a1b2c3d4e5f60718293a4",
        "comment": "Faster checkout", "status": "failed",
    });
    assert_eq!(fill(payload.clone(), "deployment.failed"), deployment);
    let environment = json!({
        "event": "environment.created", "at": "2024-03-22T08:49:23.436635000Z", "by": "ci",
        "org": "acme", "app": "", "env": "production", "name": "Production",
        "type": "production", "delta": "", "comment": "", "status": "",
    });
    assert_eq!(fill(payload, "environment.created"), environment);
}

#[test]
fn ids_of_a_deployment_are_those_of_the_log() {
    let event = sample("deployment.started", &Named { id: Uuid::nil(), name: String::new() }, AT);
    let event = event.unwrap();
    let payload = json!({ "deployment": "${deploy_id}", "set": "${set_id}" });
    assert_eq!(
        fill(payload, "deployment.started"),
        json!({ "deployment": event.deployment.unwrap().id, "set": event.version.unwrap().id })
    );
}

#[test]
fn the_webhooks_own_app_wins_over_the_events_project() {
    for kind in ["environment.deleted", "deployment.started"] {
        let payload = Some(json!({ "app": "${app_id}" }));
        assert_eq!(send(payload, kind, Some("mine")).unwrap(), r#"{"app":"mine"}"#);
    }
}

#[test]
fn what_is_no_variable_is_left_as_it_is() {
    for (text, sent) in [
        ("${foo}", "${foo}"),
        ("${application.name}", "${application.name}"),
        ("${EVENT} ${ event} ${}", "${EVENT} ${ event} ${}"),
        ("${event", "${event"),
        ("$ ${ $} {event} ${", "$ ${ $} {event} ${"),
        ("$${status}", "$succeeded"),
        ("${${status}}", "${succeeded}"),
        ("${foo ${org_id}✓${status}…", "${foo acme✓succeeded…"),
    ] {
        let filled = fill(json!({ "text": text }), "deployment.completed");
        assert_eq!(filled, json!({ "text": sent }));
    }
}

#[test]
fn strings_are_filled_at_every_depth_and_nothing_else_is_touched() {
    let payload = json!({
        "${event}": "${status}", "n": 1, "b": [true, null, { "deep": ["${org_id}"] }],
    });
    let sent = json!({ "${event}": "succeeded", "n": 1, "b": [true, null, { "deep": ["acme"] }] });
    assert_eq!(fill(payload, "deployment.completed"), sent);
}

#[test]
fn an_event_that_humanitec_lacks_has_no_form() {
    let refused = send(None, "build.started", None);
    assert!(matches!(refused, Err(RenderError::NoName(Vocabulary::Humanitec))));
}

#[test]
fn too_much_text_is_refused_before_it_is_kept_and_before_it_is_sent() {
    let long = |bytes| Map::from_iter([("k".to_owned(), json!("x".repeat(bytes)))]);
    assert!(Payload::parse(long(Payload::BYTES_MAX - r#"{"k":""}"#.len())).is_ok());
    let refused = Payload::parse(long(Payload::BYTES_MAX)).unwrap_err();
    assert_eq!(refused.to_string(), "is 65544 bytes long; at most 65536 are allowed");
    let variables = |count| Map::from_iter([("k".to_owned(), json!("${app_id}".repeat(count)))]);
    let refused = Payload::parse(variables(501)).unwrap_err();
    assert_eq!(refused.to_string(), "has 501 variables; at most 500 are allowed");
    let many = Some(Value::Object(variables(500)));
    let refused = send(many, "deployment.started", Some(&"o".repeat(3_000)));
    assert!(matches!(refused, Err(RenderError::TooLong { .. })));
}

#[test]
fn no_name_is_longer_than_is_looked_for() {
    let names = crate::webhook::format::template::known_placeholders();
    let variables = names.iter().filter(|name| Placeholder::of_humanitec(name).is_some());
    assert_eq!(variables.clone().count(), 13);
    assert!(variables.clone().all(|name| name.len() <= NAME_BYTES_MAX));
}

proptest! {
    #[test]
    fn no_value_breaks_out_of_its_string(app_id in "\\PC{0,20}|[\"\\\\{}$,:]{0,20}", text in "\\PC{0,40}") {
        let payload = json!({ "app": "${app_id}", "text": text });
        let sent = send(Some(payload), "deployment.started", Some(&app_id)).unwrap();
        let sent: Value = serde_json::from_str(&sent).unwrap();
        prop_assert_eq!(&sent["app"], &json!(app_id));
        prop_assert_eq!(sent.as_object().unwrap().len(), 2);
        if !text.contains("${") {
            prop_assert_eq!(&sent["text"], &json!(text));
        }
    }
}
