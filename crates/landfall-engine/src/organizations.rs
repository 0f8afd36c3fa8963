//! Organizations: the tenants.

use landfall_domain::access::Scope;
use landfall_domain::catalog::{DEFAULT_PROJECT, Organization};
use landfall_domain::command::Command;
use landfall_domain::refusal::Refusal;
use landfall_domain::settings::Settings;
use landfall_domain::text::ProjectName;
use landfall_store::rows::organization;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::{MadeKey, NewKey};

/// The organization that a fresh installation has; its admin keys manage the others.
pub const FIRST_SLUG: &str = "default";

impl Engine {
    /// The caller's own organization.
    pub async fn own_organization(&self, caller: &Caller) -> Result<Organization, EngineError> {
        let id = caller.organization;
        let found = self.shared.store.reader.read(move |db| organization::find(db, id)).await?;
        found.ok_or_else(|| Refusal::not_found("organization", &id).into())
    }

    /// Whether the store answers.
    pub async fn check_ready(&self) -> Result<(), EngineError> {
        Ok(self.shared.store.reader.read(organization::all).await.map(|_| ())?)
    }

    /// Every organization; only admins of the first one see more than their own.
    pub async fn list_organizations(
        &self,
        caller: &Caller,
    ) -> Result<Vec<Organization>, EngineError> {
        if caller.slug != FIRST_SLUG || caller.require(Scope::Admin).is_err() {
            return Ok(vec![self.own_organization(caller).await?]);
        }
        Ok(self.shared.store.reader.read(organization::all).await?)
    }

    /// Makes an organization and its first admin key; for admins of the first organization.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        slug: &str,
        name: Option<String>,
    ) -> Result<(Organization, MadeKey), EngineError> {
        caller.require(Scope::Admin)?;
        if caller.slug != FIRST_SLUG {
            return Err(EngineError::Forbidden(Scope::Admin));
        }
        let made = self.insert_organization(slug, name).await?;
        let made = made.ok_or_else(|| Refusal::name_taken("organization", &slug))?;
        let key = self.first_key(&made).await?;
        Ok((made, key))
    }

    /// Makes the first organization with an admin key, if there is no organization yet. Of nodes that
    /// start together only one does.
    pub async fn ensure_first_organization(&self) -> Result<Option<MadeKey>, EngineError> {
        if !self.shared.store.reader.read(organization::all).await?.is_empty() {
            return Ok(None);
        }
        match self.insert_organization(FIRST_SLUG, None).await? {
            Some(made) => Ok(Some(self.first_key(&made).await?)),
            None => Ok(None),
        }
    }

    /// The organization of that slug, made if there is none.
    pub(crate) async fn ensure_organization(
        &self,
        slug: &str,
    ) -> Result<Organization, EngineError> {
        if let Some(found) = self.organization_of_slug(slug).await? {
            return Ok(found);
        }
        if let Some(made) = self.insert_organization(slug, None).await? {
            return Ok(made);
        }
        // Another node was quicker.
        let found = self.organization_of_slug(slug).await?;
        found.ok_or_else(|| Refusal::not_found("organization", &slug).into())
    }

    async fn organization_of_slug(&self, slug: &str) -> Result<Option<Organization>, EngineError> {
        let slug = slug.to_owned();
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| organization::find_by_slug(db, &slug)).await?)
    }

    async fn first_key(&self, organization: &Organization) -> Result<MadeKey, EngineError> {
        let new = NewKey {
            name: "first admin key".to_owned(),
            scopes: vec![Scope::Admin],
            default_project: None,
            expires_at: None,
        };
        self.make_key(organization.id, &organization.slug, "system", new).await
    }

    /// Makes an organization; nothing if there is one of that slug.
    async fn insert_organization(
        &self,
        slug: &str,
        name: Option<String>,
    ) -> Result<Option<Organization>, EngineError> {
        check_slug(slug)?;
        let created_at = self.ambient().now();
        let made = Organization {
            id: self.ambient().id(created_at),
            slug: slug.to_owned(),
            name: name.unwrap_or_else(|| slug.to_owned()),
            settings: Settings::default(),
            next_sequence: 1,
            created_at,
        };
        let row = made.clone();
        if !self.write(move |db| organization::insert(db, &row)).await? {
            return Ok(None);
        }
        self.ensure_default_project(&made).await?;
        Ok(Some(made))
    }
}

impl Engine {
    /// Every organization has a project for the reports that name none. One of them may have come to
    /// another node by now, and have made it.
    async fn ensure_default_project(&self, made: &Organization) -> Result<(), EngineError> {
        let name = ProjectName::parse(DEFAULT_PROJECT).expect("a word of letters is a name");
        let caller = Caller::system(made.id);
        self.decide(&caller, Command::EnsureProject(name), None).await.map(|_| ())
    }
}

fn check_slug(slug: &str) -> Result<(), EngineError> {
    let is_slug = (1..=50).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-');
    if is_slug {
        return Ok(());
    }
    let reason = "must be 1 to 50 lower-case letters, digits or hyphens, such as `acme-eu`";
    Err(Refusal::Invalid { field: "slug".to_owned(), reason: reason.to_owned() }.into())
}
