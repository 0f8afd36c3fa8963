//! Changing one's own password.

use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use landfall_engine::EngineError;
use landfall_engine::sessions::{Client, NewSession};
use serde::Deserialize;

use super::super::desk::{Answer, Desk, Filled, done, told};
use super::super::fields::invalid;
use super::{PLACE, render};
use crate::session::cookie_of;
use crate::sign_in::From;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    present_password: String,
    new_password: String,
    /// Nobody sees what they type, so they type it twice.
    new_password_again: String,
}

/// Changes it. All sessions of the person end, and this browser goes on with a new one.
pub(super) async fn change(
    From(client): From,
    headers: HeaderMap,
    Filled { desk, form }: Filled<Form>,
) -> Answer {
    match changed(&desk, &form, &client).await {
        Ok(new) => {
            let cookie = cookie_of(&new, desk.now(), &headers);
            Ok(([(header::SET_COOKIE, cookie)], done(PLACE.path, "password")).into_response())
        }
        Err(why) => render(&desk, told(why)?).await,
    }
}

async fn changed(desk: &Desk, form: &Form, client: &Client) -> Result<NewSession, EngineError> {
    let Form { present_password, new_password, new_password_again } = form;
    if new_password != new_password_again {
        return Err(invalid("new_password_again", "differs from the new password").into());
    }
    let session = &desk.viewer.session;
    desk.engine.change_own_password(session, present_password, new_password, client).await
}
