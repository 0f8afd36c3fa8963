//! Answers in the union of what all generations of Versioner's clients read.

use axum::response::{IntoResponse, Response};
use landfall_domain::facts::JsonObject;
use landfall_domain::outcome::{Reported, ReportedSubject};
use landfall_domain::time::Timestamp;
use landfall_domain::view::{ActorView, BuildView, DeploymentView};
use serde::Serialize;
use uuid::Uuid;

use crate::shared::answer::Json;

/// The answer to a deployment event. Every field is there; what is unknown is null.
#[derive(Serialize)]
struct DeploymentAnswer<'a> {
    id: Uuid,
    /// The GitHub Action 1.0.0 reads these two instead of `id`.
    deployment_id: Uuid,
    event_id: Uuid,
    product_id: Uuid,
    product_name: &'a str,
    version_id: Uuid,
    version: &'a str,
    environment_id: Uuid,
    environment_name: &'a str,
    status: &'static str,
    deployed_at: Timestamp,
    completed_at: Option<Timestamp>,
    created_at: Timestamp,
    deploy_url: Option<&'a str>,
    source_system: Option<&'a str>,
    build_number: Option<&'a str>,
    scm_sha: Option<&'a str>,
    scm_branch: Option<&'a str>,
    scm_repository: Option<&'a str>,
    invoke_id: Option<&'a str>,
    deployed_by: Option<&'a str>,
    deployed_by_email: Option<&'a str>,
    deployed_by_name: Option<&'a str>,
    soak_time_hours: Option<f64>,
    extra_metadata: Option<&'a JsonObject>,
}

/// The answer to a build event.
#[derive(Serialize)]
struct BuildAnswer<'a> {
    id: Uuid,
    build_id: Uuid,
    event_id: Uuid,
    product_id: Uuid,
    product_name: &'a str,
    version_id: Uuid,
    version: &'a str,
    status: &'static str,
    started_at: Timestamp,
    completed_at: Option<Timestamp>,
    created_at: Timestamp,
    build_number: Option<&'a str>,
    build_url: Option<&'a str>,
    source_system: Option<&'a str>,
    scm_sha: Option<&'a str>,
    scm_branch: Option<&'a str>,
    scm_repository: Option<&'a str>,
    invoke_id: Option<&'a str>,
    built_by: Option<&'a str>,
    built_by_email: Option<&'a str>,
    built_by_name: Option<&'a str>,
    extra_metadata: Option<&'a JsonObject>,
}

/// Renders what became of a report.
pub(super) fn render(reported: &Reported) -> Response {
    match &reported.subject {
        ReportedSubject::Deployment(view) => Json(deployment(view)).into_response(),
        ReportedSubject::Build(view) => Json(build(view)).into_response(),
    }
}

fn deployment(view: &DeploymentView) -> DeploymentAnswer<'_> {
    let DeploymentView { run, project: _, application, environment, target: _, version } = view;
    let (login, email, name) = actor(run.actor.as_ref());
    DeploymentAnswer {
        id: run.id,
        deployment_id: run.id,
        event_id: run.id,
        product_id: application.id,
        product_name: &application.name,
        version_id: version.id,
        version: &version.name,
        environment_id: environment.id,
        environment_name: &environment.code,
        status: run.status.as_str(),
        deployed_at: run.ended_at.unwrap_or(run.began_at),
        completed_at: run.ended_at,
        created_at: run.created_at,
        deploy_url: run.url.as_deref(),
        source_system: run.source_system.as_deref(),
        build_number: run.build_number.as_deref(),
        scm_sha: run.commit_sha.as_deref(),
        scm_branch: run.branch.as_deref(),
        scm_repository: run.repository.as_deref(),
        invoke_id: run.invoke_id.as_deref(),
        deployed_by: login,
        deployed_by_email: email,
        deployed_by_name: name,
        soak_time_hours: None,
        extra_metadata: run.metadata.as_ref(),
    }
}

fn build(view: &BuildView) -> BuildAnswer<'_> {
    let BuildView { run, project: _, application, version } = view;
    let (login, email, name) = actor(run.actor.as_ref());
    BuildAnswer {
        id: run.id,
        build_id: run.id,
        event_id: run.id,
        product_id: application.id,
        product_name: &application.name,
        version_id: version.id,
        version: &version.name,
        status: run.status.as_str(),
        started_at: run.began_at,
        completed_at: run.ended_at,
        created_at: run.created_at,
        build_number: run.build_number.as_deref(),
        build_url: run.url.as_deref(),
        source_system: run.source_system.as_deref(),
        scm_sha: run.commit_sha.as_deref(),
        scm_branch: run.branch.as_deref(),
        scm_repository: run.repository.as_deref(),
        invoke_id: run.invoke_id.as_deref(),
        built_by: login,
        built_by_email: email,
        built_by_name: name,
        extra_metadata: run.metadata.as_ref(),
    }
}

type Actor<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn actor(actor: Option<&ActorView>) -> Actor<'_> {
    actor.map_or((None, None, None), |ActorView { login, name, email }| {
        (login.as_deref(), email.as_deref(), name.as_deref())
    })
}
