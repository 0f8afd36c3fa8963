//! Templates, seen from outside: what was saved, what the event holds, what is sent.

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::event::EventData;
use crate::time::Timestamp;
use crate::view::Named;
use crate::webhook::format::Format;
use crate::webhook::format::sample::sample;

fn organization() -> Named {
    Named { id: Uuid::nil(), name: "acme".to_owned() }
}

fn data(kind: &str) -> String {
    let at = Timestamp::from_micros(1_700_000_000_000_000);
    serde_json::to_string(&sample(kind, &organization(), at).unwrap()).unwrap()
}

fn fill_text(template: Value, kind: &str, data: &str) -> Result<String, RenderError> {
    let organization = organization();
    let message = Message {
        id: "evt_1",
        sequence: 7,
        kind,
        at: Timestamp::from_micros(1_700_000_000_000_000),
        organization: &organization,
        data,
        base_url: Some("https://landfall.test"),
        vendor_secret: None,
        app_id: None,
    };
    let format = Format::Template { template: Template::parse(template).unwrap() };
    format.render(&message).map(|rendered| String::from_utf8(rendered.body).unwrap())
}

fn fill(template: Value, kind: &str, data: &str) -> Value {
    serde_json::from_str(&fill_text(template, kind, data).unwrap()).unwrap()
}

#[test]
fn placeholders_become_the_event() {
    let template = json!({
        "text": "${application.name} ${version.name} → ${data.environment.code} (${type})",
        "number": "${sequence}",
        "both ${sequence}": ["${organization}", "${data.organization.name}", 1, null],
        "link": "${base_url}/deployments/${deployment.id}",
        "when": "${timestamp}",
    });
    let data = data("deployment.completed");
    let event: EventData = serde_json::from_str(&data).unwrap();
    assert_eq!(
        fill(template, "deployment.completed", &data),
        json!({
            "text": "checkout 1.4.2 → production (deployment.completed)",
            "number": 7,
            "both 7": [organization(), "acme", 1, null],
            "link": format!("https://landfall.test/deployments/{}", event.deployment.unwrap().id),
            "when": "2023-11-14T22:13:20Z",
        })
    );
}

#[test]
fn humanitec_variables_are_filled_as_humanitec_does() {
    let template = json!({
        "event": "${event}", "app": "${app_id}", "env": "${env_id}", "status": "${status}",
        "org": "${org_id}", "by": "${triggered_by}", "at": "${triggered_at}", "name": "${name}",
        "comment": "${comment}",
    });
    assert_eq!(
        fill(template, "deployment.failed", &data("deployment.failed")),
        json!({
            "event": "deployment.finished", "app": "shop", "env": "production",
            "status": "failed", "org": "acme", "by": "ada",
            "at": "2023-11-14T22:13:20.000000000Z", "name": "Production",
            "comment": "Faster checkout",
        })
    );
}

#[test]
fn what_an_event_lacks_is_null_alone_and_nothing_within_text() {
    let template = json!({"alone": "${build.url}", "within": "<${build.url}>", "${build.url}": 1});
    let filled = fill(template, "environment.created", &data("environment.created"));
    assert_eq!(filled, json!({"alone": null, "within": "<>", "": 1}));
}

#[test]
fn metadata_is_open_ended_and_keeps_its_types_and_digits() {
    let data = r#"{"deployment":{"metadata":{"a":{"b":[1]},"x.y/z":true,"n":null,
        "big":123456789012345678901234567890,"huge":1e999}}}"#;
    let text = fill_text(
        json!([
            "${deployment.metadata.a.b}",
            "${deployment.metadata.a.b}!",
            "${deployment.metadata.x.y/z}",
            "${deployment.metadata.n}",
            "${deployment.metadata.n}!",
            "${deployment.metadata.big}",
            "${deployment.metadata.huge}",
            "${data.deployment.metadata.nowhere}",
        ]),
        "deployment.completed",
        data,
    );
    let filled = r#"[[1],"[1]!",true,null,"!",123456789012345678901234567890,1e999,null]"#;
    assert_eq!(text.unwrap(), filled);
}

#[test]
fn dollars_can_be_written() {
    let template =
        json!(["$${type}", "$$${type}", "$5 {x}", "$", "a$", "${type}$${", "$${${type}"]);
    let kind = "project.created";
    assert_eq!(
        fill(template, kind, "{}"),
        json!([
            "${type}",
            "$${type}",
            "$5 {x}",
            "$",
            "a$",
            "project.created${",
            "${project.created"
        ])
    );
}

#[test]
fn a_value_is_never_filled_again() {
    let data = r#"{"by":"${organization.name}\"}","former_name":"$"}"#;
    let template = json!({"a": "${by}", "b": "x${by}", "${by}": 1, "c": "${former_name}{by}"});
    assert_eq!(
        fill(template, "project.updated", data),
        json!({
            "a": "${organization.name}\"}",
            "b": "x${organization.name}\"}",
            "${organization.name}\"}": 1,
            "c": "${by}",
        })
    );
}

#[test]
fn what_no_event_can_fill_is_refused_when_it_is_saved() {
    let refused = |text: &str| Template::parse(json!({ "a": [text] })).unwrap_err();
    let message = refused("x ${aplication.name}").to_string();
    assert!(message.starts_with("`${aplication.name}` is not a placeholder; known are id, type,"));
    assert!(message.contains("application.name"));
    assert_eq!(
        refused("${type").to_string(),
        "`${type` has no closing brace; write `$${` for a literal `${`"
    );
    assert!(matches!(refused("${a${type}"), TemplateError::Malformed(_)));
    assert!(matches!(refused("${}"), TemplateError::Unknown { .. }));
    assert!(Template::parse(json!({ "${nope}": 1 })).is_err());
}

#[test]
fn templates_and_bodies_have_bounds() {
    let long = json!("x".repeat(Template::BYTES_MAX));
    assert!(matches!(Template::parse(long), Err(TemplateError::TooLong { .. })));
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    assert!(Template::parse(nested(32)).is_ok());
    assert_eq!(Template::parse(nested(33)), Err(TemplateError::TooDeep));
    assert!(Template::parse(json!("${id}".repeat(500))).is_ok());
    assert_eq!(Template::parse(json!("${id}".repeat(501))), Err(TemplateError::TooMany));
    let data = json!({ "by": "x".repeat(90_000) }).to_string();
    for template in [json!("${by}".repeat(500)), json!(vec!["${by}"; 500])] {
        let refused = fill_text(template, "project.created", &data);
        assert!(matches!(refused, Err(RenderError::TooLong { .. })));
    }
}

#[test]
fn a_template_serialises_as_it_was_given() {
    let format = json!({"kind": "template", "template": {"a": ["$${x} ${type}", 1.5, null]}});
    let read: Format = serde_json::from_value(format.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), format);
    assert!(
        serde_json::from_value::<Format>(json!({"kind": "template", "template": "${x}"})).is_err()
    );
}

proptest! {
    #[test]
    fn no_value_breaks_the_json(by in "\\PC*|[\"\\\\${}\u{0}-\u{1f}]*", key in "[\"\\\\${}a]{0,8}") {
        let data = json!({"by": by, "deployment": {"metadata": {"a": {key.clone(): by.clone()}}}});
        let template = json!({
            "alone": "${by}",
            "within": "a ${by} b ${by}",
            "k${by}": "${deployment.metadata.a}",
            "shown": "${deployment.metadata.a}.",
        });
        let filled = fill(template, "deployment.completed", &data.to_string());
        prop_assert_eq!(&filled["alone"], &json!(by));
        prop_assert_eq!(&filled["within"], &json!(format!("a {by} b {by}")));
        prop_assert_eq!(&filled[format!("k{by}")], &json!({ key: by }));
    }

    #[test]
    fn every_text_without_a_placeholder_is_sent_as_it_is(text in "[^$]*|[$a}]*") {
        prop_assert_eq!(fill(json!([text.clone()]), "project.created", "{}"), json!([text]));
    }
}
