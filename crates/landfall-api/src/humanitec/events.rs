//! `/orgs/{org}/events`: what a webhook can be triggered by, and the variables of each.

use serde::Serialize;

use super::entry::Entry;
use super::error::Error;
use super::triggers::{TriggerView, names};
use crate::shared::answer::Json;

/// Variables of environments (Humanitec, "Webhooks", "Environment").
const OF_ENVIRONMENT: [&str; 8] =
    ["event", "triggered_at", "triggered_by", "org_id", "app_id", "env_id", "name", "type"];

/// Variables of deployments (Humanitec, "Webhooks", "Deployment").
const OF_DEPLOYMENT: [&str; 11] = [
    "event",
    "triggered_at",
    "triggered_by",
    "org_id",
    "app_id",
    "env_id",
    "deploy_id",
    "delta_id",
    "set_id",
    "comment",
    "status",
];

/// An event, and the variables that a payload may use.
#[derive(Serialize)]
pub(super) struct EventView {
    #[serde(flatten)]
    trigger: TriggerView,
    properties: &'static [&'static str],
}

/// Humanitec, "List Events": a bare array.
pub(super) async fn list(_: Entry) -> Result<Json<Vec<EventView>>, Error> {
    Ok(Json(names().into_iter().map(event).collect()))
}

fn event(name: &'static str) -> EventView {
    let is_environment = name.starts_with("environment.");
    let properties: &[&str] = if is_environment { &OF_ENVIRONMENT } else { &OF_DEPLOYMENT };
    EventView { trigger: TriggerView::of(name), properties }
}
