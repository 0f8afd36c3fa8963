//! The project or webhook that a path names, found for its caller.
//!
//! Akinon's ids are 24 hexadecimal digits in any case ("Entity ID"). One of another form is a 400;
//! one that names nothing of the caller's organization is a 404, whosever it is.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use landfall_domain::catalog::{Catalog, Project};
use landfall_domain::id::WebhookId;
use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::vendor::Vendor;
use landfall_engine::{Armed, Caller, EngineError};

use super::caller::require_caller;
use super::error::Failure;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;
use crate::shared::vendor::webhooks_of;

/// The project that a path names, and who asks.
pub(super) struct InProject {
    /// Who asks; they may do what the method does.
    pub caller: Caller,
    /// A live project of theirs.
    pub project: Project,
}

impl InProject {
    /// The webhooks that were made through this API in the project, oldest first.
    pub(super) fn webhooks(&self, api: &Api) -> Result<Vec<Arc<Armed>>, EngineError> {
        webhooks_of(api, &self.caller, |webhook, vendor| {
            *vendor == Vendor::Akinon && webhook.config.project == Some(self.project.id)
        })
    }

    async fn find(
        api: &Api,
        caller: Caller,
        organization: &str,
        project: &str,
    ) -> Result<Self, Failure> {
        if caller.organization.object_id() != organization {
            return Err(Refusal::not_found("organization", organization).into());
        }
        let project = require_project(&*api.engine.catalog(&caller).await?, project)?;
        Ok(Self { caller, project })
    }
}

impl FromRequestParts<Api> for InProject {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let caller = require_caller(api, parts).await?;
        let [organization, project] = ids(parts).await?;
        Self::find(api, caller, &organization, &project).await
    }
}

/// The webhook that a path names, and who asks.
pub(super) struct AtWebhook {
    /// Who asks; they may do what the method does.
    pub caller: Caller,
    /// One that this API shows in the project that the path names.
    pub webhook: WebhookId,
}

impl FromRequestParts<Api> for AtWebhook {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let caller = require_caller(api, parts).await?;
        let [organization, project, webhook] = ids(parts).await?;
        let place = InProject::find(api, caller, &organization, &project).await?;
        let mut all = place.webhooks(api)?.into_iter().map(|armed| armed.webhook.id);
        let found = all.find(|id| id.object_id() == webhook);
        let found = found.ok_or_else(|| Refusal::not_found("webhook", &webhook))?;
        Ok(Self { caller: place.caller, webhook: found })
    }
}

fn require_project(catalog: &Catalog, id: &str) -> Result<Project, Refusal> {
    let mut live = catalog.projects.values().filter(|project| project.deleted_at.is_none());
    let found = live.find(|project| project.id.object_id() == id);
    found.cloned().ok_or_else(|| Refusal::not_found("project", id))
}

/// The ids of a path in their order, in lower case.
async fn ids<const COUNT: usize>(parts: &mut Parts) -> Result<[String; COUNT], Rejection> {
    let words = RawPathParams::from_request_parts(parts, &()).await;
    let words = words.map_err(|_| Rejection::field("path", "must be UTF-8"))?;
    let ids: Result<Vec<_>, _> = words.iter().map(|(name, word)| object_id(name, word)).collect();
    ids?.try_into().map_err(|_| Rejection::field("path", "must name each id once"))
}

fn object_id(name: &str, word: &str) -> Result<String, Rejection> {
    const DIGITS: usize = 24;
    if word.len() == DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(word.to_ascii_lowercase());
    }
    let why = "must be 24 hexadecimal digits, the `object_id` that GET /api/v1/organization, \
               /api/v1/projects and /api/v1/webhooks show";
    Err(Rejection::field(name, why))
}
