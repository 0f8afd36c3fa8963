//! Akinon's events. Akinon documents their names ("Webhooks" of its App Maker tutorials), but no
//! body, so this one is Landfall's own: Akinon's spelling of ids, names and times around what the
//! log says.
//!
//! What a report does not say is left out, not null.

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::event::EventData;
use crate::id::Id;
use crate::time::Timestamp;
use crate::view::{ActorView, EnvironmentRef, ErrorView, Named, RunView, VersionRef};
use crate::webhook::format::{Message, RenderError, Rendered};
use crate::webhook::vocabulary::Vocabulary;

/// Renders `message`.
pub(super) fn render(message: &Message<'_>) -> Result<Rendered, RenderError> {
    let event = message.name_in(Vocabulary::Akinon)?;
    let data: EventData = serde_json::from_str(message.data)?;
    // `distribution.succeeded`: the last word is also where the distribution stands.
    let status = event.rsplit('.').next().unwrap_or(event);
    let body = Body {
        event,
        created_at: Moment(message.at),
        data: Data {
            organization: Noun::of(message.organization),
            project: data.project.as_ref().map(Noun::of),
            application: data.application.as_ref().map(Noun::of),
            version: data.version.as_ref().map(Version::of),
            environment: data.environment.as_ref().map(Environment::of),
            build: data.build.as_ref().map(|run| Run::of(run, status)),
            distribution: data.deployment.as_ref().map(|run| Run::of(run, status)),
        },
    };
    Ok(Rendered::json(serde_json::to_vec(&body)?))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    event: &'static str,
    created_at: Moment,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    organization: Noun<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<Noun<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<Noun<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Version<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Environment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<Run<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<Run<'a>>,
}

#[derive(Serialize)]
struct Noun<'a> {
    #[serde(rename = "_id")]
    id: ObjectId,
    name: &'a str,
}

impl<'a> Noun<'a> {
    fn of(named: &'a Named) -> Self {
        Self { id: ObjectId(named.id), name: &named.name }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    #[serde(rename = "_id")]
    id: ObjectId,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_sha: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn of(version: &'a VersionRef) -> Self {
        let VersionRef { id, name, commit_sha } = version;
        Self { id: ObjectId(*id), name, commit_sha: commit_sha.as_deref() }
    }
}

#[derive(Serialize)]
struct Environment<'a> {
    #[serde(rename = "_id")]
    id: ObjectId,
    code: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> Environment<'a> {
    fn of(environment: &'a EnvironmentRef) -> Self {
        let EnvironmentRef { id, code, name, kind, url: _ } = environment;
        Self { id: ObjectId(*id), code, name, kind: kind.as_str() }
    }
}

/// A build, or a deployment, which Akinon calls a distribution.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    #[serde(rename = "_id")]
    id: ObjectId,
    status: &'static str,
    started_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_sha: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a ActorView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a ErrorView>,
}

impl<'a> Run<'a> {
    fn of(run: &'a RunView, status: &'static str) -> Self {
        Self {
            id: ObjectId(run.id),
            status,
            started_at: Moment(run.began_at),
            finished_at: run.ended_at.map(Moment),
            url: run.url.as_deref(),
            build_number: run.build_number.as_deref(),
            repository: run.repository.as_deref(),
            branch: run.branch.as_deref(),
            commit_sha: run.commit_sha.as_deref(),
            description: run.description.as_deref(),
            actor: run.actor.as_ref(),
            error: run.error.as_ref(),
        }
    }
}

/// An id in the form that Akinon's API shows.
struct ObjectId(Uuid);

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Id::<()>::from_uuid(self.0).object_id())
    }
}

/// A time with exactly three fractional digits, as JavaScript writes it.
struct Moment(Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::format::sample::{KINDS, sample};

    fn rendered(kind: &str) -> Result<String, RenderError> {
        let organization = Named { id: Uuid::from_u128(5), name: "acme".to_owned() };
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        let data = sample(kind, &organization, at).map(|data| serde_json::to_string(&data));
        let message = Message {
            id: "evt_1",
            sequence: 1,
            kind,
            at,
            organization: &organization,
            data: &data.unwrap().unwrap(),
            base_url: None,
            vendor_secret: None,
            app_id: None,
        };
        let rendered = render(&message)?;
        assert_eq!((rendered.content_type, rendered.headers.len()), ("application/json", 0));
        Ok(String::from_utf8(rendered.body).unwrap())
    }

    #[test]
    fn a_deployment_is_a_distribution() {
        let body = rendered("deployment.failed").unwrap();
        assert_eq!(
            body,
            concat!(
                r#"{"event":"distribution.failed","createdAt":"2023-11-14T22:13:20.123Z","data":{"#,
                r#""organization":{"_id":"000000000000000000000005","name":"acme"},"#,
                r#""project":{"_id":"000000000000000000000004","name":"shop"},"#,
                r#""application":{"_id":"000000000000000000000007","name":"checkout"},"#,
                r#""version":{"_id":"000000000000000000000001","name":"1.4.2","#,
                r#""commitSha":"3f5c1e9a7b2d4c6e8f0a1b2c3d4e5f60718293a4"},"#,
                r#""environment":{"_id":"000000000000000000000006","code":"production","#,
                r#""name":"Production","type":"production"},"#,
                r#""distribution":{"_id":"000000000000000000000000","status":"failed","#,
                r#""startedAt":"2023-11-14T22:11:56.873Z","finishedAt":"2023-11-14T22:13:20.123Z","#,
                r#""url":"https://github.com/acme/checkout/actions/runs/9284710","#,
                r#""buildNumber":"482","repository":"acme/checkout","branch":"main","#,
                r#""commitSha":"3f5c1e9a7b2d4c6e8f0a1b2c3d4e5f60718293a4","#,
                r#""description":"Faster checkout","#,
                r#""actor":{"login":"ada","name":"Ada Lovelace","email":"ada@example.com"},"#,
                r#""error":{"message":"health check on /ready failed: 503 after 60 s","#,
                r#""code":"HEALTH_CHECK"}}}}"#
            )
        );
    }

    #[test]
    fn a_build_is_told_as_one_and_has_no_environment() {
        let body = rendered("build.started").unwrap();
        assert!(body.starts_with(r#"{"event":"deployment.build.created","#), "{body}");
        assert!(body.contains(r#""build":{"_id":"000000000000000000000003","status":"created","#));
        for absent in ["environment", "distribution", "finishedAt", "error", "null"] {
            assert!(!body.contains(absent), "{absent} in {body}");
        }
    }

    #[test]
    fn every_event_that_akinon_has_a_name_for_is_told_and_no_other() {
        for kind in KINDS {
            match (Vocabulary::Akinon.name_of(kind), rendered(kind)) {
                (Some(name), Ok(body)) => {
                    assert!(body.starts_with(&format!(r#"{{"event":"{name}","#)), "{kind}: {body}");
                }
                (None, Err(RenderError::NoName(Vocabulary::Akinon))) => {}
                (_, other) => panic!("{kind}: {other:?}"),
            }
        }
    }
}
