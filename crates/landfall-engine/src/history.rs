//! Reading what happened: deployments, builds and versions.

use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::id::{ApplicationId, BuildId, DeploymentId, OrganizationId};
use landfall_domain::refusal::Refusal;
use landfall_domain::version::Version;
use landfall_domain::view::{BuildView, DeploymentView};
use landfall_store::queries::{Page, builds, deployments, versions};
use landfall_store::rows::organization;
use landfall_store::{Connection, StoreError};
use uuid::Uuid;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

pub use landfall_store::queries::Page as HistoryPage;
pub use landfall_store::queries::builds::Filter as BuildFilter;
pub use landfall_store::queries::deployments::Filter as DeploymentFilter;
pub use landfall_store::queries::deployments::KnownDeployment;

/// When an organization was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// The number of its last event then.
    pub sequence: u64,
    /// Without news for so long, what is in progress is stale.
    pub stale_after: Duration,
}

/// Where an organization's log stands.
pub(crate) fn moment(db: &mut Connection, id: OrganizationId) -> Result<Moment, StoreError> {
    let found = organization::find(db, id)?;
    Ok(found.map_or_else(Moment::default, |found| Moment {
        sequence: found.next_sequence - 1,
        stale_after: found.settings.stale_after(),
    }))
}

/// Which versions are asked for.
#[derive(Clone, Debug)]
pub enum VersionFilter {
    /// All.
    All,
    /// Those of one application.
    Application(ApplicationId),
    /// Those whose commit begins so.
    Commit(String),
}

impl Engine {
    /// A page of deployments, newest first.
    pub async fn list_deployments(
        &self,
        caller: &Caller,
        filter: DeploymentFilter,
        page: Page,
    ) -> Result<Vec<DeploymentView>, EngineError> {
        caller.require(Scope::Read)?;
        let id = caller.organization;
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| deployments::list(db, id, &filter, page)).await?)
    }

    /// One deployment.
    pub async fn find_deployment(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<DeploymentView, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let wanted = DeploymentId::from_uuid(id);
        let reader = &self.shared.store.reader;
        let found = reader.read(move |db| deployments::find(db, organization, wanted)).await?;
        found.ok_or_else(|| Refusal::not_found("deployment", &id).into())
    }

    /// A page of builds, newest first.
    pub async fn list_builds(
        &self,
        caller: &Caller,
        filter: BuildFilter,
        page: Page,
    ) -> Result<Vec<BuildView>, EngineError> {
        caller.require(Scope::Read)?;
        let id = caller.organization;
        Ok(self.shared.store.reader.read(move |db| builds::list(db, id, &filter, page)).await?)
    }

    /// One build.
    pub async fn find_build(&self, caller: &Caller, id: Uuid) -> Result<BuildView, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let wanted = BuildId::from_uuid(id);
        let reader = &self.shared.store.reader;
        let found = reader.read(move |db| builds::find(db, organization, wanted)).await?;
        found.ok_or_else(|| Refusal::not_found("build", &id).into())
    }

    /// A page of versions, newest first.
    pub async fn list_versions(
        &self,
        caller: &Caller,
        filter: VersionFilter,
        page: Page,
    ) -> Result<Vec<Version>, EngineError> {
        caller.require(Scope::Read)?;
        let id = caller.organization;
        let found = self.shared.store.reader.read(move |db| match filter {
            VersionFilter::All => versions::list(db, id, None, page),
            VersionFilter::Application(application) => {
                versions::list(db, id, Some(application), page)
            }
            VersionFilter::Commit(sha) => versions::of_commit(db, id, &sha, page),
        });
        Ok(found.await?)
    }

    /// One version by its id.
    pub async fn find_version(&self, caller: &Caller, id: Uuid) -> Result<Version, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let wanted = landfall_domain::id::VersionId::from_uuid(id);
        let reader = &self.shared.store.reader;
        let found = reader
            .read(move |db| landfall_store::rows::version::find(db, organization, wanted))
            .await?;
        found.ok_or_else(|| Refusal::not_found("version", &id).into())
    }

    /// One version by its application and name.
    pub async fn find_version_named(
        &self,
        caller: &Caller,
        application: ApplicationId,
        name: &str,
    ) -> Result<Version, EngineError> {
        caller.require(Scope::Read)?;
        let (organization, wanted) = (caller.organization, name.to_owned());
        let reader = &self.shared.store.reader;
        let found = reader
            .read(move |db| versions::find_named(db, organization, application, &wanted))
            .await?;
        found.ok_or_else(|| Refusal::not_found("version", name).into())
    }
}
