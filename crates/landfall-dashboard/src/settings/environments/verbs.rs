//! What only environments know: moving them, and putting them out of sight.

use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use landfall_domain::command::{Command, EnvironmentEdit};
use landfall_domain::id::Id;
use landfall_engine::positions::Direction;
use serde::Deserialize;
use uuid::Uuid;

use super::super::desk::{Answer, Filled, done, told};
use super::super::noun::{Noun, path};
use super::{Environments, PLACE};
use crate::Dashboard;

/// The routes of what is done to environments.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/settings/environments/{id}/move", post(shift))
        .route("/settings/environments/{id}/archive", post(archive))
}

#[derive(Deserialize)]
struct Move {
    /// `earlier`, or anything else for later.
    #[serde(default)]
    direction: String,
}

async fn shift(Path(id): Path<Uuid>, Filled { desk, form }: Filled<Move>) -> Answer {
    let is_earlier = form.direction == "earlier";
    let direction = if is_earlier { Direction::Earlier } else { Direction::Later };
    desk.engine.move_environment(desk.caller(), Id::from_uuid(id), direction).await?;
    Ok(done(PLACE.path, "moved"))
}

#[derive(Deserialize)]
struct Archive {
    /// `true` puts it out of sight, anything else brings it back.
    #[serde(default)]
    archived: String,
}

async fn archive(Path(id): Path<Uuid>, Filled { desk, form }: Filled<Archive>) -> Answer {
    let is_archived = form.archived == "true";
    let edit = EnvironmentEdit { archived: Some(is_archived), ..EnvironmentEdit::default() };
    let word = if is_archived { "archived" } else { "restored" };
    match desk.manage(Command::EditEnvironment(Id::from_uuid(id), edit)).await {
        Ok(()) => Ok(done(&path::<Environments>(&id), word)),
        Err(why) => Environments::show(&desk, &id, None, told(why)?).await,
    }
}
