//! Reading an organization's nouns.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Catalog, Environment, Project, Team};
use landfall_domain::command::Command;
use landfall_domain::id::{ProjectId, TeamId};
use landfall_domain::refusal::Refusal;
use uuid::Uuid;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// All nouns of the caller's organization.
    pub async fn catalog(&self, caller: &Caller) -> Result<Arc<Catalog>, EngineError> {
        caller.require(Scope::Read)?;
        let (organization, nouns) = (caller.organization, self.shared.nouns.clone());
        Ok(self.shared.store.reader.read(move |db| nouns.of(db, organization)).await?)
    }

    /// Deletes a project that holds nothing: no applications, and no webhooks that a vendor's API
    /// finds only under it.
    pub async fn delete_project(&self, caller: &Caller, id: ProjectId) -> Result<(), EngineError> {
        caller.require(Scope::Manage)?;
        let held = self.list_all_webhooks(caller)?.into_iter().filter(|armed| {
            let config = &armed.webhook.config;
            config.vendor.is_some() && config.project == Some(id)
        });
        let names: Vec<String> = held.map(|armed| armed.webhook.config.name.clone()).collect();
        if !names.is_empty() {
            return Err(Refusal::InUse(format!(
                "webhooks that were made in this project still belong to it; delete them first: {}",
                names.join(", ")
            ))
            .into());
        }
        self.manage(caller, Command::DeleteProject(id)).await.map(|_| ())
    }
}

/// The live project of that id, name or former name.
pub fn require_project<'a>(catalog: &'a Catalog, word: &str) -> Result<&'a Project, Refusal> {
    let by_id =
        id(word).and_then(|id| catalog.projects.get(landfall_domain::id::Id::from_uuid(id)));
    let found = by_id.or_else(|| catalog.project_named(word)).filter(|p| p.deleted_at.is_none());
    found.ok_or_else(|| Refusal::not_found("project", word))
}

/// The live application of that id, `project/name` or name; a name in several projects is refused.
pub fn require_application<'a>(
    catalog: &'a Catalog,
    word: &str,
) -> Result<&'a Application, Refusal> {
    if let Some(found) = id(word)
        .and_then(|id| catalog.applications.get(landfall_domain::id::Id::from_uuid(id)))
        .filter(|application| application.deleted_at.is_none())
    {
        return Ok(found);
    }
    if let Some((project, name)) = word.split_once('/')
        && let Some(project) = catalog.project_named(project)
        && let Some(found) = catalog.application_named(project.id, name)
    {
        return Ok(found);
    }
    let mut named =
        catalog.projects.values().filter_map(|project| catalog.application_named(project.id, word));
    match (named.next(), named.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => Err(Refusal::not_found("application", word)),
        (Some(_), Some(_)) => Err(Refusal::Invalid {
            field: "application".to_owned(),
            reason: format!("`{word}` is in several projects; name it as `project/{word}`"),
        }),
    }
}

/// The live environment of that id, code or former code.
pub fn require_environment<'a>(
    catalog: &'a Catalog,
    word: &str,
) -> Result<&'a Environment, Refusal> {
    let by_id =
        id(word).and_then(|id| catalog.environments.get(landfall_domain::id::Id::from_uuid(id)));
    let found = by_id.or_else(|| catalog.environment_coded(word));
    found
        .filter(|environment| environment.deleted_at.is_none())
        .ok_or_else(|| Refusal::not_found("environment", word))
}

/// The live team of that id or code.
pub fn require_team<'a>(catalog: &'a Catalog, word: &str) -> Result<&'a Team, Refusal> {
    let by_id = id(word).and_then(|id| catalog.teams.get(TeamId::from_uuid(id)));
    let found = by_id.or_else(|| catalog.team_coded(word)).filter(|team| team.deleted_at.is_none());
    found.ok_or_else(|| Refusal::not_found("team", word))
}

/// Live environments in the order of promotion: by type, then position, then code.
pub fn environments_in_order(catalog: &Catalog) -> Vec<&Environment> {
    let mut live: Vec<&Environment> = catalog
        .environments
        .values()
        .filter(|environment| environment.deleted_at.is_none())
        .collect();
    live.sort_by(|a, b| (a.kind, a.position, &a.code).cmp(&(b.kind, b.position, &b.code)));
    live
}

/// Live applications with their projects, by project and name.
pub fn applications_in_order(catalog: &Catalog) -> Vec<(&Project, &Application)> {
    let live = catalog.applications.values().filter(|found| found.deleted_at.is_none());
    let mut live: Vec<_> = live
        .filter_map(|application| Some((catalog.projects.get(application.project)?, application)))
        .collect();
    live.sort_by(|(p, a), (q, b)| (&p.name, &a.name, a.id).cmp(&(&q.name, &b.name, b.id)));
    live
}

fn id(word: &str) -> Option<Uuid> {
    Uuid::parse_str(word).ok()
}
