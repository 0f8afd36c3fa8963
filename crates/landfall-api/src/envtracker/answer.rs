//! Answers of what was done. The document has no bodies: a message, and the ids of what was touched.

use axum::response::{IntoResponse, Response};
use landfall_domain::catalog::Environment;
use landfall_domain::outcome::{Reported, ReportedSubject};
use landfall_domain::view::Named;
use serde::Serialize;
use uuid::Uuid;

use crate::shared::answer::Json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentAnswer<'a> {
    message: &'a str,
    deployment_id: Uuid,
    project_id: Uuid,
    application_id: Uuid,
    environment_id: Uuid,
    version: &'a str,
    status: &'a str,
}

/// A deployment was recorded.
pub(super) fn deployment(reported: &Reported) -> Response {
    let ReportedSubject::Deployment(view) = &reported.subject else {
        unreachable!("a deployment was reported, and a build answered");
    };
    let answer = DeploymentAnswer {
        message: "Deployment recorded",
        deployment_id: view.run.id,
        project_id: view.project.id,
        application_id: view.application.id,
        environment_id: view.environment.id,
        version: &view.version.name,
        status: view.run.status.as_str(),
    };
    Json(answer).into_response()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnvironmentAnswer<'a> {
    message: &'a str,
    environment_id: Uuid,
    code: &'a str,
}

/// An environment was made.
pub(super) fn environment(made: &Environment) -> Response {
    let answer = EnvironmentAnswer {
        message: "Environment created successfully",
        environment_id: made.id.uuid(),
        code: made.code.as_str(),
    };
    Json(answer).into_response()
}

#[derive(Serialize)]
struct AssignedAnswer<'a> {
    message: &'a str,
    apps: Vec<AssignedApp<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssignedApp<'a> {
    repo_code: &'a str,
    application_id: Uuid,
}

impl<'a> From<&'a Named> for AssignedApp<'a> {
    fn from(application: &'a Named) -> Self {
        Self { repo_code: &application.name, application_id: application.id }
    }
}

/// Applications were assigned.
pub(super) fn assigned(applications: &[Named]) -> Response {
    let answer = AssignedAnswer {
        message: "Applications assigned successfully",
        apps: applications.iter().map(Into::into).collect(),
    };
    Json(answer).into_response()
}
