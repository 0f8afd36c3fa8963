//! The organization itself: its name, its rules and its limits.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use landfall_domain::access::Scope;
use landfall_domain::catalog::Organization;
use landfall_domain::command::{Command, OrganizationEdit};
use landfall_domain::refusal::Refusal;
use landfall_domain::settings::Settings;
use landfall_domain::text::Text;
use landfall_engine::EngineError;
use serde::Deserialize;

use super::fields::{number, optional_number, required};
use super::{Frame, Happened, Told, done, told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings";

/// The route of the organization.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route(PATH, get(show).post(edit))
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
    form: Form,
}

async fn show(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(happened): Query<Happened>,
) -> Result<Response, Trouble> {
    render(&dashboard, &viewer, None, happened.into()).await
}

async fn render(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    form: Option<Form>,
    told: Told,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Read)?;
    let organization = dashboard.engine.own_organization(&viewer.caller).await?;
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let form = form.unwrap_or_else(|| Form::of(&organization));
    let shown = OrganizationPage { page, frame, slug: organization.slug, form };
    Ok(shown.frame.html(&shown))
}

async fn edit(
    State(dashboard): State<Dashboard>,
    Sent { viewer, form }: Sent<Form>,
) -> Result<Response, Trouble> {
    match change(&dashboard, &viewer, &form).await {
        Ok(()) => Ok(done(PATH, "saved")),
        Err(why) => render(&dashboard, &viewer, Some(form), told(why)?).await,
    }
}

async fn change(dashboard: &Dashboard, viewer: &SignedIn, form: &Form) -> Result<(), EngineError> {
    viewer.caller.require(Scope::Admin)?;
    let edit = Command::EditOrganization(form.edit()?);
    dashboard.engine.administer(&viewer.caller, edit).await.map(|_| ())
}
