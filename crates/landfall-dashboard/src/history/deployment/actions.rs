//! Putting a deployment right: voiding it, or retiring its application from there.

use axum::extract::{Path, State};
use axum::response::Redirect;
use landfall_domain::access::Scope;
use landfall_domain::command::Command;
use landfall_domain::id::{ApplicationId, DeploymentId, EnvironmentId};
use landfall_domain::refusal::Refusal;
use landfall_domain::text::TargetName;
use serde::Deserialize;
use uuid::Uuid;

use super::super::id_of;
use crate::Dashboard;
use crate::answer::Trouble;
use crate::form::Sent;

/// A reason is for people, in a line or two.
const REASON_CHARS_MAX: usize = 500;

/// What the form of either asks for.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    /// The name that had to be typed.
    #[serde(default)]
    confirm: String,
    #[serde(default)]
    reason: String,
}

/// Declares that a deployment never happened.
pub(super) async fn void(
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    Sent { viewer, form }: Sent<Confirmed>,
) -> Result<Redirect, Trouble> {
    let (engine, id) = (&dashboard.engine, id_of(&id)?);
    viewer.caller.require(Scope::Manage)?;
    let view = engine.find_deployment(&viewer.caller, id).await?;
    let reason: String = form.reason.trim().chars().take(REASON_CHARS_MAX).collect();
    if form.confirm.trim() != view.version.name {
        return Ok(back(id, "unconfirmed"));
    }
    if reason.is_empty() {
        return Ok(back(id, "unreasoned"));
    }
    let command = Command::VoidDeployment { id: DeploymentId::from_uuid(id), reason: Some(reason) };
    engine.manage(&viewer.caller, command).await?;
    Ok(back(id, "voided"))
}

/// Says that the application no longer runs where the deployment went.
pub(super) async fn retire(
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    Sent { viewer, form }: Sent<Confirmed>,
) -> Result<Redirect, Trouble> {
    let (engine, id) = (&dashboard.engine, id_of(&id)?);
    viewer.caller.require(Scope::Manage)?;
    let view = engine.find_deployment(&viewer.caller, id).await?;
    if form.confirm.trim() != view.application.name {
        return Ok(back(id, "unconfirmed"));
    }
    let target = (!view.target.is_empty()).then(|| TargetName::parse(&view.target)).transpose();
    let target = target.map_err(|error| Refusal::Invalid {
        field: "target".to_owned(),
        reason: error.to_string(),
    })?;
    let command = Command::RetireApplication {
        application: ApplicationId::from_uuid(view.application.id),
        environment: EnvironmentId::from_uuid(view.environment.id),
        target,
    };
    engine.manage(&viewer.caller, command).await?;
    Ok(back(id, "retired"))
}

fn back(id: Uuid, done: &str) -> Redirect {
    Redirect::to(&format!("/deployments/{id}?done={done}"))
}

/// What was done, in words.
pub(super) fn note(done: &str) -> Option<&'static str> {
    match done {
        "voided" => Some("Voided. What ran there before counts as current again."),
        "retired" => Some("Retired. The next report brings it back."),
        _ => None,
    }
}

/// Why nothing was done.
pub(super) fn wrong(done: &str) -> Option<&'static str> {
    match done {
        "unconfirmed" => Some("Nothing was done: the name that was typed is another one."),
        "unreasoned" => Some("Nothing was done: say why, for those who look at it later."),
        _ => None,
    }
}
