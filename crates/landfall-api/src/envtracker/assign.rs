//! `PUT /webhook/assign-apps`: where applications are meant to run.

use axum::extract::Request;
use axum::response::Response;
use landfall_domain::command::{Assignment, Command};
use landfall_domain::outcome::Outcome;
use landfall_domain::text::{ApplicationName, EnvironmentCode, ProjectName};
use serde::Deserialize;

use super::answer;
use super::error::Failure;
use super::signed::take_in;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// A request assigns at most so many applications.
const APPS_MAX: usize = 1_000;
/// It names at most so many environments, counted once for each application.
const ENVS_MAX: usize = 10_000;

/// Envtracker, "Request body (assign applications)".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    project_code: ProjectName,
    apps: Vec<App>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct App {
    repo_code: ApplicationName,
    envs: Vec<EnvironmentCode>,
}

/// Takes in assignments.
pub(super) async fn take(api: &Api, request: Request) -> Result<Response, Failure> {
    let signed = take_in(api, request).await?;
    let Body { project_code, apps } = signed.json()?;
    check_bounds(&apps)?;
    let assignments = apps
        .into_iter()
        .map(|App { repo_code, envs }| Assignment { application: repo_code, environments: envs });
    let command =
        Command::AssignApplications { project: project_code, assignments: assignments.collect() };
    let once = signed.once("PUT /webhook/assign-apps");
    match api.engine.manage_once(&signed.incoming.caller, command, once).await? {
        Outcome::Assigned(applications) => Ok(answer::assigned(&applications)),
        other => unreachable!("assignments were answered with {other:?}"),
    }
}

fn check_bounds(apps: &[App]) -> Result<(), Rejection> {
    let envs: usize = apps.iter().map(|app| app.envs.len()).sum();
    if apps.len() <= APPS_MAX && envs <= ENVS_MAX {
        return Ok(());
    }
    let reason = format!(
        "must hold at most {APPS_MAX} applications and {ENVS_MAX} environments; send the rest in \
         another request"
    );
    Err(Rejection::field("apps", reason))
}
