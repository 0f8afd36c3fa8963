//! One's own account: who is signed in, the password, and the sessions.

mod device;
mod password;
mod sessions;

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use landfall_domain::access::Scope;
use landfall_domain::user::User;

use self::sessions::Line;
use super::desk::{Answer, Desk};
use super::frame::{Frame, Happened, Place, Told};
use crate::Dashboard;
use crate::answer::html;
use crate::page::{Alone, Page};
use crate::session::{ACCOUNT_PATH, PASSWORD_PATH};

/// Everybody has one.
pub(super) static PLACE: Place = Place {
    path: ACCOUNT_PATH,
    name: "Your account",
    one: "account",
    sees: Scope::Read,
    edits: Scope::Read,
};

/// The routes of one's own account.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route(PLACE.path, get(show))
        .route(PASSWORD_PATH, post(password::change))
        .route("/settings/account/sessions", post(sessions::end_others))
        .route("/settings/account/sessions/{id}", post(sessions::end))
}

/// The person who is signed in.
struct Person {
    name: String,
    email: String,
    /// The organizations that they are in, and as what.
    places: Vec<(String, &'static str)>,
}

/// The key that the session was opened with.
struct Key {
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "settings/account.html")]
struct AccountPage {
    page: Page,
    frame: Frame,
    person: Option<Person>,
    key: Option<Key>,
    sessions: Vec<Line>,
}

/// All that is shown to whoever has a password that somebody else has seen.
#[derive(Template)]
#[template(path = "settings/initial_password.html")]
struct InitialPage {
    page: Alone,
    csrf: String,
    email: String,
    wrong: Option<String>,
}

async fn show(desk: Desk, Query(happened): Query<Happened>) -> Answer {
    render(&desk, happened.into()).await
}

async fn render(desk: &Desk, told: Told) -> Answer {
    let session = &desk.viewer.session;
    if let Some(user) = session.user().filter(|user| user.has_initial_password) {
        return Ok(first(desk, user, told));
    }
    let sessions = sessions::lines(desk).await?;
    let places = session.organizations().iter().map(|it| (it.name.clone(), it.role.as_str()));
    let person = session.user().map(|user| Person {
        name: user.name.clone(),
        email: user.email.to_string(),
        places: places.collect(),
    });
    let key = session.key().map(|key| Key { id: key.key_id.clone(), name: key.name.clone() });
    let fill = |page, frame| AccountPage { page, frame, person, key, sessions };
    desk.show(&PLACE, told, fill).await
}

/// The page that a person's first sign-in leads to.
fn first(desk: &Desk, user: &User, told: Told) -> Response {
    let status = told.status();
    let wrong = if let Told::Wrong(why) = told { Some(why) } else { None };
    let page = Alone::themed(desk.viewer.theme);
    let (csrf, email) = (desk.viewer.session.csrf(), user.email.to_string());
    (status, html(&InitialPage { page, csrf, email, wrong })).into_response()
}
