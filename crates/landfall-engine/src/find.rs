//! Finding anything by what people know of it: names, versions, commits.

use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Catalog, Environment, Project};
use landfall_domain::id::{ApplicationId, OrganizationId};
use landfall_domain::version::Version;
use landfall_store::queries::{Page, versions};
use landfall_store::{Connection, StoreError};

use crate::access::Caller;
use crate::catalog::{applications_in_order, environments_in_order};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::nouns::Nouns;

/// A shorter beginning of a commit would find too much.
const COMMIT_CHARS_MIN: usize = 4;
/// Versions are looked for in so many applications by name.
const APPLICATIONS_MAX: usize = 2_000;
/// Versions of one application that a name finds.
const PER_APPLICATION: i64 = 3;

/// What a text finds, best first.
#[derive(Debug, Default)]
pub struct Found {
    /// Applications with their projects.
    pub applications: Vec<(Project, Application)>,
    /// Environments, in the order of promotion.
    pub environments: Vec<Environment>,
    /// Versions with their applications, by name or commit; newest first.
    pub versions: Vec<(Application, Version)>,
}

impl Engine {
    /// What a text finds: at most `limit` of each kind. An empty text finds what comes first.
    pub async fn find_anything(
        &self,
        caller: &Caller,
        text: &str,
        limit: usize,
    ) -> Result<Found, EngineError> {
        caller.require(Scope::Read)?;
        let (organization, text) = (caller.organization, text.trim().to_owned());
        let (reader, nouns) = (&self.shared.store.reader, self.shared.nouns.clone());
        Ok(reader.read(move |db| read(db, &nouns, organization, &text, limit)).await?)
    }
}

fn read(
    db: &mut Connection,
    nouns: &Nouns,
    organization: OrganizationId,
    text: &str,
    limit: usize,
) -> Result<Found, StoreError> {
    let catalog = nouns.of(db, organization)?;
    let lower = text.to_lowercase();
    let mut applications = applications_in_order(&catalog);
    applications.retain(|(_, found)| named(found.name.as_str(), &found.aliases, &lower));
    applications.sort_by_key(|(_, found)| !begins(found.name.as_str(), &lower));
    let mut environments = environments_in_order(&catalog);
    environments.retain(|found| {
        found.archived_at.is_none()
            && (named(found.code.as_str(), &found.aliases, &lower)
                || found.name.to_lowercase().contains(&lower))
    });
    environments.sort_by_key(|found| !begins(found.code.as_str(), &lower));
    let applications = applications.into_iter().take(limit);
    Ok(Found {
        applications: applications.map(|(p, a)| (p.clone(), a.clone())).collect(),
        environments: environments.into_iter().take(limit).cloned().collect(),
        versions: versions_of(db, organization, &catalog, text, limit)?,
    })
}

fn named(name: &str, aliases: &[String], lower: &str) -> bool {
    name.to_lowercase().contains(lower)
        || aliases.iter().any(|alias| alias.to_lowercase().contains(lower))
}

fn begins(name: &str, lower: &str) -> bool {
    name.to_lowercase().starts_with(lower)
}

fn versions_of(
    db: &mut Connection,
    organization: OrganizationId,
    catalog: &Catalog,
    text: &str,
    limit: usize,
) -> Result<Vec<(Application, Version)>, StoreError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let live = catalog.applications.values().filter(|found| found.deleted_at.is_none());
    let ids: Vec<ApplicationId> = live.map(|found| found.id).take(APPLICATIONS_MAX).collect();
    let mut found = versions::named_like(db, organization, &ids, (text, PER_APPLICATION))?;
    if text.chars().count() >= COMMIT_CHARS_MIN {
        let page = Page::first(i64::try_from(limit).unwrap_or(i64::MAX));
        found.extend(versions::of_commit(db, organization, text, page)?);
    }
    // Whole names come first, then what is newest.
    found.sort_by_key(|version| (version.name.as_str() != text, std::cmp::Reverse(version.id)));
    found.dedup_by_key(|version| version.id);
    let named = found.into_iter().filter_map(|version| {
        Some((catalog.applications.get(version.application)?.clone(), version))
    });
    Ok(named.take(limit).collect())
}
