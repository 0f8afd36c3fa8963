//! What is done to people beside editing: another password, keeping them out, letting them in.

use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use landfall_engine::EngineError;
use landfall_engine::users::{ChangedMember, MemberEdit};
use serde::Deserialize;
use uuid::Uuid;

use super::super::desk::{Answer, Desk, Filled, done, told};
use super::super::frame::Told;
use super::super::noun::{Noun, path};
use super::{PLACE, PasswordPage, People};
use crate::Dashboard;
use crate::form::Empty;

/// The routes of what is done to people.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/settings/people/{id}/password", post(reset))
        .route("/settings/people/{id}/disable", post(disable))
}

/// Makes another password. It is in the answer and nowhere else, so nothing leads on from here.
async fn reset(Path(id): Path<Uuid>, Filled { desk, form: Empty {} }: Filled<Empty>) -> Answer {
    let edit = MemberEdit { resets_password: true, ..MemberEdit::default() };
    match change(&desk, &id, edit).await {
        Ok(ChangedMember { member, password }) => {
            let (email, text) = (member.user.email.to_string(), password.unwrap_or_default());
            let (is_another, url) = (true, desk.own_url.clone());
            let fill = |page, frame| PasswordPage { page, frame, email, is_another, text, url };
            desk.show(&PLACE, Told::NOTHING, fill).await
        }
        Err(why) => People::show(&desk, &id, None, told(why)?).await,
    }
}

#[derive(Deserialize)]
struct Disable {
    /// `true` keeps them out, anything else lets them in again.
    #[serde(default)]
    disabled: String,
}

async fn disable(Path(id): Path<Uuid>, Filled { desk, form }: Filled<Disable>) -> Answer {
    let is_disabled = form.disabled == "true";
    let edit = MemberEdit { disabled: Some(is_disabled), ..MemberEdit::default() };
    let word = if is_disabled { "disabled" } else { "enabled" };
    match change(&desk, &id, edit).await {
        Ok(_) => Ok(done(&path::<People>(&id), word)),
        Err(why) => People::show(&desk, &id, None, told(why)?).await,
    }
}

async fn change(desk: &Desk, id: &Uuid, edit: MemberEdit) -> Result<ChangedMember, EngineError> {
    desk.engine.edit_user(desk.caller(), &id.to_string(), edit).await
}
