//! Versioner's notifications, as its guide "Notifications" shows them: one flat object, the event's
//! name in a header, and a signature over the exact bytes in another.
//!
//! What `environment` holds for a build is documented nowhere; here it is the empty text, which
//! every receiver can read that expects a text.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde::de::Error as _;
use sha2::Sha256;
use uuid::Uuid;

use crate::event::EventData;
use crate::view::{ActorView, RunView};
use crate::webhook::format::{Message, RenderError, Rendered};
use crate::webhook::vocabulary::Vocabulary;

const EVENT: &str = "x-versioner-event";
const SIGNATURE: &str = "x-versioner-signature";

/// Renders `message`.
pub(super) fn render(message: &Message<'_>) -> Result<Rendered, RenderError> {
    let event_type = message.name_in(Vocabulary::Versioner)?;
    let data: EventData = serde_json::from_str(message.data)?;
    let run = data.deployment.as_ref().or(data.build.as_ref());
    let run = run.ok_or_else(|| serde_json::Error::missing_field("deployment"))?;
    let body = serde_json::to_vec(&Notification::of(message, event_type, &data, run))?;
    let signature = message.vendor_secret.map(|secret| (SIGNATURE, signature(secret, &body)));
    let headers = [(EVENT, event_type.to_owned())].into_iter().chain(signature).collect();
    Ok(Rendered { headers, ..Rendered::json(body) })
}

/// The fields in the order in which the guide shows them.
#[derive(Serialize)]
struct Notification<'a> {
    id: Uuid,
    deployed_at: String,
    event_type: &'a str,
    environment: &'a str,
    is_successful: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_sha: Option<&'a str>,
    /// Always null, since Landfall runs no such checks.
    preflight_status: (),
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
}

impl<'a> Notification<'a> {
    fn of(
        message: &Message<'_>,
        event_type: &'a str,
        data: &'a EventData,
        run: &'a RunView,
    ) -> Self {
        let version = data.version.as_ref();
        let commit_sha = run.commit_sha.as_ref().or(version.and_then(|it| it.commit_sha.as_ref()));
        Self {
            id: run.id,
            // With microseconds and an offset, as Python writes it.
            deployed_at: format!("{:.6}", message.at).replace('Z', "+00:00"),
            event_type,
            environment: data.environment.as_ref().map_or("", |environment| &environment.code),
            is_successful: is_successful(event_type),
            deployer: run.actor.as_ref().and_then(name_of),
            product_name: data.application.as_ref().map(|application| application.name.as_str()),
            version: version.map(|version| version.name.as_str()),
            repo_name: run.repository.as_deref(),
            commit_sha: commit_sha.map(String::as_str),
            preflight_status: (),
            source_url: message.base_url.and_then(|base| source_url(base, data)),
        }
    }
}

/// Only of a deployment that has ended well or badly can it be told.
fn is_successful(event_type: &str) -> Option<bool> {
    match event_type {
        "deployment.completed" => Some(true),
        "deployment.failed" => Some(false),
        _ => None,
    }
}

fn name_of(actor: &ActorView) -> Option<&str> {
    let ActorView { login, name, email } = actor;
    name.as_deref().or(login.as_deref()).or(email.as_deref())
}

/// The pages that Versioner's own clients link to.
fn source_url(base: &str, data: &EventData) -> Option<String> {
    if let Some(deployment) = &data.deployment {
        return Some(format!("{base}/manage/deployments?view={}", deployment.id));
    }
    data.version.as_ref().map(|version| format!("{base}/manage/versions?view={}", version.id))
}

/// `sha256=` and the HMAC of the body in lower-case hexadecimal digits.
fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mac = mac.expect("HMAC takes keys of every length").chain_update(body);
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let digits = digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    "sha256=".chars().chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::EnvironmentType;
    use crate::status::Status;
    use crate::time::Timestamp;
    use crate::view::{EnvironmentRef, Named, VersionRef};
    use crate::webhook::format::sample::{KINDS, sample};

    const AT: &str = "2026-05-24T14:06:05.890103Z";
    const ID: Uuid = Uuid::from_u128(0xac37_da84_0891_48ae_9011_6500_6658_04ee);

    fn organization() -> Named {
        Named { id: Uuid::from_u128(5), name: "acme".to_owned() }
    }

    /// Renders data at the time of the documented sample, for a dashboard as Versioner's.
    fn rendered(kind: &str, data: &EventData, secret: Option<&str>) -> Rendered {
        render(&Message {
            id: "evt_1",
            sequence: 1,
            kind,
            at: Timestamp::parse(AT).unwrap(),
            organization: &organization(),
            data: &serde_json::to_string(data).unwrap(),
            base_url: Some("https://app.versioner.io"),
            vendor_secret: secret,
            app_id: None,
        })
        .unwrap()
    }

    fn text(rendered: Rendered) -> String {
        String::from_utf8(rendered.body).unwrap()
    }

    /// What Versioner's documented sample tells of.
    fn documented() -> EventData {
        let mut data = sample("deployment.completed", &organization(), Timestamp::default());
        let mut data = data.take().unwrap();
        let run = std::sync::Arc::make_mut(data.deployment.as_mut().unwrap());
        (run.id, run.status) = (ID, Status::Completed);
        run.repository = Some("versioner-io/versioner-ui".to_owned());
        run.commit_sha = Some("a3f9c2d1e4b5...".to_owned());
        run.actor.as_mut().unwrap().name = Some("Phil Austin".to_owned());
        data.application.as_mut().unwrap().name = "my-ui".to_owned();
        data.version = Some(VersionRef { id: ID, name: "1.2.6".to_owned(), commit_sha: None });
        data.environment = Some(EnvironmentRef {
            id: ID,
            code: "production".to_owned(),
            name: "Production".to_owned(),
            kind: EnvironmentType::Production,
            url: None,
        });
        data
    }

    #[test]
    fn a_deployment_is_told_as_the_guide_shows_it() {
        // The guide's sample, but for `preflight_status`, which is "passed" there.
        let sample = concat!(
            r#"{"id":"ac37da84-0891-48ae-9011-6500665804ee","#,
            r#""deployed_at":"2026-05-24T14:06:05.890103+00:00","#,
            r#""event_type":"deployment.completed","environment":"production","#,
            r#""is_successful":true,"deployer":"Phil Austin","product_name":"my-ui","#,
            r#""version":"1.2.6","repo_name":"versioner-io/versioner-ui","#,
            r#""commit_sha":"a3f9c2d1e4b5...","preflight_status":null,"#,
            r#""source_url":"https://app.versioner.io/manage/deployments"#,
            r#"?view=ac37da84-0891-48ae-9011-6500665804ee"}"#
        );
        assert_eq!(text(rendered("deployment.completed", &documented(), None)), sample);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut data = documented();
        let run = std::sync::Arc::make_mut(data.deployment.as_mut().unwrap());
        (run.actor, run.repository, run.commit_sha) = (None, None, None);
        let body = text(rendered("deployment.started", &data, None));
        assert_eq!(
            body,
            concat!(
                r#"{"id":"ac37da84-0891-48ae-9011-6500665804ee","#,
                r#""deployed_at":"2026-05-24T14:06:05.890103+00:00","#,
                r#""event_type":"deployment.started","environment":"production","#,
                r#""is_successful":null,"product_name":"my-ui","version":"1.2.6","#,
                r#""preflight_status":null,"#,
                r#""source_url":"https://app.versioner.io/manage/deployments"#,
                r#"?view=ac37da84-0891-48ae-9011-6500665804ee"}"#
            )
        );
    }

    #[test]
    fn a_build_has_no_environment_and_leads_to_its_version() {
        let data = sample("build.completed", &organization(), Timestamp::default()).unwrap();
        let body = text(rendered("build.completed", &data, None));
        let version = data.version.unwrap().id;
        assert!(body.contains(r#""environment":"","is_successful":null,"#), "{body}");
        let link = format!(r#""https://app.versioner.io/manage/versions?view={version}""#);
        assert!(body.contains(&link), "{body}");
    }

    #[test]
    fn a_secret_signs_the_bytes_in_a_header() {
        let plain = rendered("deployment.completed", &documented(), None);
        assert_eq!(plain.headers, [(EVENT, "deployment.completed".to_owned())]);
        let signed = rendered("deployment.completed", &documented(), Some("s3cret-ä"));
        assert_eq!(signed.body, plain.body);
        assert_eq!(signed.headers[0], plain.headers[0]);
        assert_eq!(signed.headers[1], (SIGNATURE, signature("s3cret-ä", &signed.body)));
    }

    #[test]
    fn the_signature_is_the_one_of_rfc_4231() {
        // Test case 2.
        let wanted = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), wanted);
    }

    #[test]
    fn every_build_and_deployment_is_told_and_nothing_else() {
        let organization = organization();
        for kind in KINDS {
            let data = sample(kind, &organization, Timestamp::default()).unwrap();
            let message = Message {
                id: "evt_1",
                sequence: 1,
                kind,
                at: Timestamp::default(),
                organization: &organization,
                data: &serde_json::to_string(&data).unwrap(),
                base_url: None,
                vendor_secret: None,
                app_id: None,
            };
            match (Vocabulary::Versioner.name_of(kind), render(&message)) {
                (Some(_), Ok(rendered)) => {
                    let body = text(rendered);
                    assert!(body.contains(&format!(r#""event_type":"{kind}""#)), "{body}");
                    assert!(!body.contains("source_url"), "{body}");
                }
                (None, Err(RenderError::NoName(_))) => {}
                (_, other) => panic!("{kind}: {other:?}"),
            }
        }
    }
}
