//! Everything that one page tells of one thing, read at one moment.

mod application;
mod deployment;
mod environment;
mod version;

pub use self::application::ApplicationStory;
pub use self::deployment::{Between, DeploymentStory};
pub use self::environment::{EnvironmentStory, Resident};
pub use self::version::VersionStory;

use landfall_domain::id::{DeploymentId, OrganizationId};
use landfall_store::queries::Page;
use landfall_store::queries::deployments::{self, Filter, KnownDeployment};
use landfall_store::{Connection, StoreError};

/// Deployments that a page shows of something's history; the timeline has the rest.
const RECENT: i64 = 25;

/// The newest deployments that a filter finds, with their reports.
fn recent(
    db: &mut Connection,
    organization: OrganizationId,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<KnownDeployment>, StoreError> {
    let views = deployments::list(db, organization, filter, Page::first(limit))?;
    let ids = views.iter().map(|view| DeploymentId::from_uuid(view.run.id));
    deployments::known(db, organization, &ids.collect::<Vec<_>>())
}
