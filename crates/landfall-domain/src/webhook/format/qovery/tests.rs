//! The envelope, byte for byte, and the headers beside it.

use serde_json::{Value, json};

use super::*;
use crate::webhook::format::Format;
use crate::webhook::format::sample::{KINDS, sample};

const AT: Timestamp = Timestamp::from_micros(1_772_366_400_000_000);

fn organization() -> Named {
    Named { id: Uuid::from_u128(5), name: "acme".to_owned() }
}

fn told(kind: &str, secret: Option<&str>, data: &Value) -> Result<Rendered, RenderError> {
    let message = Message {
        id: "evt_1",
        sequence: 7,
        kind,
        at: AT,
        organization: &organization(),
        data: &data.to_string(),
        base_url: None,
        vendor_secret: secret,
        app_id: None,
    };
    Format::Qovery.render(&message)
}

fn data(kind: &str) -> Value {
    serde_json::to_value(sample(kind, &organization(), AT).unwrap()).unwrap()
}

fn body(kind: &str, data: &Value) -> Value {
    serde_json::from_slice(&told(kind, None, data).unwrap().body).unwrap()
}

#[test]
fn the_body_is_compact_and_its_members_stand_as_documented() {
    let told = told("deployment.completed", None, &data("deployment.completed")).unwrap();
    let ids = |nth: u128| Uuid::from_u128(5 ^ (nth << 64) ^ nth);
    let (deployment, project, application, environment) = (ids(5), ids(1), ids(2), ids(3));
    let wanted = [
        r#"{"created_at":"2026-03-01T12:00:00Z","event_type":"DEPLOYMENT_SUCCESSFUL","#,
        &format!(r#""payload_type":"DEPLOYMENT","payload_id":"{deployment}","payload":{{"#),
        &format!(r#""id":"{deployment}","deployment_id":"{deployment}","#),
        r#""current_status":"DEPLOYED","desired_status":"DEPLOYED","#,
        r#""organization":{"id":"00000000-0000-0000-0000-000000000005","name":"acme"},"#,
        &format!(r#""project":{{"id":"{project}","name":"shop"}},"#),
        &format!(r#""environment":{{"id":"{environment}","name":"Production","#),
        r#""mode":"PRODUCTION","cluster_name":"eu-1"},"#,
        &format!(r#""applications":[{{"id":"{application}","name":"checkout","#),
        r#""version":"1.4.2","commit_id":"3f5c1e9a7b2d4c6e8f0a1b2c3d4e5f60718293a4"}],"#,
        r#""databases":[],"containers":[],"jobs":[],"logs":[]}}"#,
    ];
    assert_eq!(String::from_utf8(told.body).unwrap(), wanted.concat());
    assert_eq!(told.content_type, "application/json");
}

#[test]
fn each_event_has_its_name_and_the_state_after_it() {
    for (kind, event_type, state) in [
        ("deployment.started", "DEPLOYMENT_STARTED", "DEPLOYING"),
        ("deployment.completed", "DEPLOYMENT_SUCCESSFUL", "DEPLOYED"),
        ("deployment.failed", "DEPLOYMENT_FAILURE", "DEPLOYMENT_ERROR"),
        ("deployment.aborted", "DEPLOYMENT_CANCELLED", "CANCELED"),
    ] {
        let body = body(kind, &data(kind));
        assert_eq!(body["event_type"], event_type);
        assert_eq!(body["payload"]["current_status"], state);
        assert_eq!(body["payload"]["desired_status"], "DEPLOYED");
    }
}

#[test]
fn what_qovery_has_no_name_for_is_not_told() {
    for kind in KINDS.iter().filter(|kind| Vocabulary::Qovery.name_of(kind).is_none()) {
        let refused = told(kind, None, &data(kind)).unwrap_err();
        assert!(matches!(refused, RenderError::NoName(Vocabulary::Qovery)), "{kind}");
    }
}

#[test]
fn what_a_report_leaves_out_is_empty_and_testing_is_development() {
    let mut data = data("deployment.started");
    data["environment"]["type"] = json!("testing");
    data["version"].as_object_mut().unwrap().remove("commit_sha");
    data["deployment"].as_object_mut().unwrap().remove("commit_sha");
    data.as_object_mut().unwrap().remove("target");
    let payload = &body("deployment.started", &data)["payload"];
    assert_eq!(payload["environment"]["mode"], "DEVELOPMENT");
    assert_eq!(payload["environment"]["cluster_name"], "");
    assert_eq!(payload["applications"][0]["commit_id"], "");
}

#[test]
fn an_event_without_a_deployment_is_told_to_nobody() {
    let mut data = data("deployment.started");
    data.as_object_mut().unwrap().remove("deployment");
    assert!(matches!(told("deployment.started", None, &data), Err(RenderError::Data(_))));
}

#[test]
fn both_headers_carry_the_raw_secret_if_there_is_one() {
    let headers = |secret| told("deployment.failed", secret, &data("deployment.failed"));
    let wanted = [("qovery-secret", "s3 cret"), ("qovery-signature", "s3 cret")];
    let wanted = wanted.map(|(name, value)| (name, value.to_owned()));
    assert_eq!(headers(Some("s3 cret")).unwrap().headers, wanted);
    assert_eq!(headers(None).unwrap().headers, []);
}

#[test]
fn a_secret_that_no_header_carries_as_it_is_can_not_be_sent() {
    for secret in ["s", "a b", "~!\"#", "eyJhbGciOi.J9_-="] {
        assert!(can_send(secret), "{secret:?}");
    }
    for secret in [" s", "s ", "a\nb", "a\tb", "ä", "\u{7f}", "🔑", "\0"] {
        assert!(!can_send(secret), "{secret:?}");
    }
}

#[test]
fn every_type_of_environment_has_a_mode_that_qovery_knows() {
    for kind in EnvironmentType::ALL {
        assert!(MODES.contains(&mode_of(kind)), "{kind:?}");
    }
}
