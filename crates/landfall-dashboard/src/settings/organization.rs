//! The organization itself: its name, its rules and its limits.

use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use landfall_domain::access::Scope;
use landfall_domain::catalog::Organization;
use landfall_domain::command::{Command, OrganizationEdit};
use landfall_domain::refusal::Refusal;
use landfall_domain::settings::Settings;
use landfall_domain::text::Text;
use landfall_engine::{EngineError, Options};
use serde::Deserialize;

use super::desk::{Answer, Desk, Filled, done, told};
use super::fields::{number, optional_number, required};
use super::frame::{Frame, Happened, Place, Told};
use crate::Dashboard;
use crate::page::Page;

/// Everybody reads it, and admins edit it.
pub(super) static PLACE: Place = Place {
    path: "/settings",
    name: "Organization",
    one: "organization",
    sees: Scope::Read,
    edits: Scope::Admin,
};

/// The route of the organization.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route(PLACE.path, get(show).post(edit))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    name: String,
    strict: Option<String>,
    refuse_other_sha: Option<String>,
    stale_after_hours: String,
    archive_previews_after_days: String,
    environments_max: String,
    applications_max: String,
}

impl Form {
    fn of(organization: &Organization) -> Self {
        let Settings {
            strict,
            refuse_other_sha,
            stale_after_hours,
            archive_previews_after_days,
            environments_max,
            applications_max,
        } = &organization.settings;
        let checked = |is_on: bool| is_on.then(|| "on".to_owned());
        let limit = |max: Option<u32>| max.map(|max| max.to_string()).unwrap_or_default();
        Self {
            name: organization.name.clone(),
            strict: checked(*strict),
            refuse_other_sha: checked(*refuse_other_sha),
            stale_after_hours: stale_after_hours.to_string(),
            archive_previews_after_days: archive_previews_after_days.to_string(),
            environments_max: limit(*environments_max),
            applications_max: limit(*applications_max),
        }
    }

    fn edit(&self) -> Result<OrganizationEdit, Refusal> {
        let settings = Settings {
            strict: self.strict.is_some(),
            refuse_other_sha: self.refuse_other_sha.is_some(),
            stale_after_hours: number("stale_after_hours", &self.stale_after_hours)?,
            archive_previews_after_days: number(
                "archive_previews_after_days",
                &self.archive_previews_after_days,
            )?,
            environments_max: optional_number("environments_max", &self.environments_max)?,
            applications_max: optional_number("applications_max", &self.applications_max)?,
        };
        let name = required::<255>("name", &self.name).map(Text::into_string)?;
        Ok(OrganizationEdit { name: Some(name), settings: Some(settings) })
    }
}

#[derive(Template)]
#[template(path = "settings/organization.html")]
struct OrganizationPage {
    page: Page,
    frame: Frame,
    slug: String,
    kept: [Kept; 3],
    form: Form,
}

/// How long something is kept, which only whoever runs the server sets.
struct Kept {
    what: &'static str,
    days: u64,
    /// The setting, in a file and in the environment.
    setting: (&'static str, &'static str),
}

impl Kept {
    const fn new(
        what: &'static str,
        kept_for: Duration,
        setting: (&'static str, &'static str),
    ) -> Self {
        Self { what, days: kept_for.as_secs() / 86_400, setting }
    }

    fn all(options: &Options) -> [Self; 3] {
        let events = ("events_kept_days", "LANDFALL_EVENTS_KEPT_DAYS");
        let attempts = ("attempts_kept_days", "LANDFALL_ATTEMPTS_KEPT_DAYS");
        let refused = ("refused_kept_days", "LANDFALL_REFUSED_KEPT_DAYS");
        [
            Self::new("Events", options.events_kept_for, events),
            Self::new("Deliveries and attempts", options.attempts_kept_for, attempts),
            Self::new("Refused reports", options.refused_kept_for, refused),
        ]
    }
}

async fn show(desk: Desk, Query(happened): Query<Happened>) -> Answer {
    desk.require(PLACE.sees)?;
    render(&desk, None, happened.into()).await
}

async fn render(desk: &Desk, form: Option<Form>, told: Told) -> Answer {
    let organization = desk.engine.own_organization(desk.caller()).await?;
    let form = form.unwrap_or_else(|| Form::of(&organization));
    let (slug, kept) = (organization.slug, Kept::all(desk.engine.options()));
    let fill = |page, frame| OrganizationPage { page, frame, slug, kept, form };
    desk.show(&PLACE, told, fill).await
}

async fn edit(Filled { desk, form }: Filled<Form>) -> Answer {
    match change(&desk, &form).await {
        Ok(()) => Ok(done(PLACE.path, "saved")),
        Err(why) => render(&desk, Some(form), told(why)?).await,
    }
}

async fn change(desk: &Desk, form: &Form) -> Result<(), EngineError> {
    desk.require(PLACE.edits)?;
    let edit = Command::EditOrganization(form.edit()?);
    desk.engine.administer(desk.caller(), edit).await.map(|_| ())
}
