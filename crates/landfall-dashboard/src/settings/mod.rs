//! Settings: a page for each noun of an organization, beside a list of them.
//!
//! A form that is refused comes back as it was sent, with the reason above it. One that is taken
//! leads on to a page that says so. What the nouns share is in `noun`; a noun's own file holds its
//! fields, its columns and the engine's calls.

mod account;
mod applications;
mod audit;
mod choices;
mod desk;
mod environments;
mod fields;
mod frame;
mod keys;
mod moment;
mod noun;
mod organization;
mod part;
mod people;
mod projects;
mod signing_keys;
mod teams;

use axum::Router;

use self::applications::Applications;
use self::environments::Environments;
use self::frame::Place;
use self::keys::Keys;
use self::noun::{Noun, edited_routes};
use self::people::People;
use self::projects::Projects;
use self::signing_keys::SigningKeys;
use self::teams::Teams;
use crate::Dashboard;

/// The pages of the side list, in their order.
static SIDE: [&Place; 10] = [
    &account::PLACE,
    &organization::PLACE,
    People::PLACE,
    Environments::PLACE,
    Projects::PLACE,
    Applications::PLACE,
    Teams::PLACE,
    Keys::PLACE,
    SigningKeys::PLACE,
    &audit::PLACE,
];

/// The routes of the settings.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new()
        .merge(account::routes())
        .merge(organization::routes())
        .merge(people::routes())
        .merge(environments::routes())
        .merge(edited_routes::<Projects>())
        .merge(edited_routes::<Applications>())
        .merge(edited_routes::<Teams>())
        .merge(noun::routes::<Keys>())
        .merge(edited_routes::<SigningKeys>())
        .merge(audit::routes())
}
