//! Who calls, and what the path names. This is checked in that order, and before the body is read.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::Method;
use axum::http::request::Parts;
use landfall_domain::access::Scope;
use landfall_domain::id::ProjectId;
use landfall_domain::refusal::Refusal;
use landfall_domain::text::ProjectName;
use landfall_domain::webhook::Webhook;
use landfall_domain::webhook::vendor::Vendor;
use landfall_engine::catalog::require_project;
use landfall_engine::{Armed, Caller, EngineError};
use serde::Deserialize;
use uuid::Uuid;

use super::error::Error;
use crate::shared::api::Api;
use crate::shared::credentials::bearer;
use crate::shared::vendor::webhooks_of;

/// A caller who may do such things, in an organization that is theirs.
pub(super) struct Entry {
    /// Who calls.
    pub caller: Caller,
    /// What they call the project; empty where the path has none.
    pub app: String,
    /// The id of the webhook; empty where the path has none.
    pub job: String,
}

/// An app that webhooks can be made for.
pub(super) enum App {
    /// A project that is there.
    Known(ProjectId),
    /// The name of one that nobody has reported yet.
    New(ProjectName),
}

/// The words of a path.
#[derive(Deserialize)]
struct Words {
    org: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    job: String,
}

impl FromRequestParts<Api> for Entry {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Error> {
        let caller = bearer(api, &parts.headers).await?;
        caller.require(scope_for(&parts.method))?;
        let words = Path::<Words>::from_request_parts(parts, api).await;
        let Path(Words { org, app, job }) =
            words.map_err(|_| Refusal::not_found("path", parts.uri.path()))?;
        require_organization(&caller, &org)?;
        Ok(Self { caller, app, job })
    }
}

fn scope_for(method: &Method) -> Scope {
    if method.is_safe() { Scope::Read } else { Scope::Manage }
}

fn require_organization(caller: &Caller, word: &str) -> Result<(), Refusal> {
    let is_own = word == caller.slug || Uuid::parse_str(word) == Ok(caller.organization.uuid());
    if is_own { Ok(()) } else { Err(Refusal::not_found("organization", word)) }
}

impl Entry {
    /// The project that the path names.
    pub(super) async fn project(&self, api: &Api) -> Result<ProjectId, Error> {
        match self.app(api).await? {
            App::Known(project) => Ok(project),
            App::New(_) => Err(self.no_app().into()),
        }
    }

    /// The app that the path names, be it there or not. A word that can't be a project's name, or
    /// that is an id of nothing here, names none.
    pub(super) async fn app(&self, api: &Api) -> Result<App, Error> {
        let catalog = api.engine.catalog(&self.caller).await?;
        if let Ok(project) = require_project(&catalog, &self.app) {
            return Ok(App::Known(project.id));
        }
        let name = ProjectName::parse(&self.app).map_err(|_| self.no_app())?;
        let is_name = name.as_str() == self.app && Uuid::parse_str(&self.app).is_err();
        if is_name { Ok(App::New(name)) } else { Err(self.no_app().into()) }
    }

    /// The webhooks of the app, oldest first.
    pub(super) async fn webhooks(&self, api: &Api) -> Result<Vec<Arc<Armed>>, Error> {
        let project = self.project(api).await?;
        let is_shown = |webhook: &Webhook, vendor: &Vendor| {
            matches!(vendor, Vendor::Humanitec(_)) && webhook.config.project == Some(project)
        };
        Ok(webhooks_of(api, &self.caller, is_shown)?)
    }

    /// The webhook that the path names.
    pub(super) async fn webhook(&self, api: &Api) -> Result<Arc<Armed>, Error> {
        let is_named = |armed: &Arc<Armed>| {
            let vendor = armed.webhook.config.vendor.as_ref();
            vendor.and_then(Vendor::chosen_id) == Some(&self.job)
        };
        let found = self.webhooks(api).await?.into_iter().find(is_named);
        found.ok_or_else(|| self.no_webhook().into())
    }

    /// The app is not there, or belongs to another tenant.
    fn no_app(&self) -> EngineError {
        Refusal::not_found("app", &self.app).into()
    }

    /// The webhook is not there, or belongs to another app.
    fn no_webhook(&self) -> EngineError {
        Refusal::not_found("webhook", &self.job).into()
    }
}
