//! One version: what built it, where it has been and where it is.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Project};
use landfall_domain::id::VersionId;
use landfall_domain::refusal::Refusal;
use landfall_domain::version::Version;
use landfall_domain::view::BuildView;
use landfall_store::queries::deployments::{Filter, KnownDeployment};
use landfall_store::queries::{Page, builds};
use landfall_store::rows::version;
use uuid::Uuid;

use super::recent;
use crate::access::Caller;
use crate::board::Board;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{Moment, moment};

/// A version's page shows so many of its deployments.
const DEPLOYMENTS: i64 = 100;
/// And so many of its builds.
const BUILDS: i64 = 10;

/// What a page tells of a version.
#[derive(Debug)]
pub struct VersionStory {
    /// The version.
    pub version: Version,
    /// The application that it is of.
    pub application: Application,
    /// The application's project.
    pub project: Project,
    /// Its builds, newest first.
    pub builds: Vec<BuildView>,
    /// Its deployments, newest first.
    pub deployments: Vec<KnownDeployment>,
    /// What runs where now.
    pub board: Arc<Board>,
    /// When it was read.
    pub moment: Moment,
}

impl Engine {
    /// Everything about one version.
    pub async fn version_story(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<VersionStory, EngineError> {
        caller.require(Scope::Read)?;
        let board = self.board(caller).await?;
        let (organization, wanted) = (caller.organization, VersionId::from_uuid(id));
        let nouns = self.shared.nouns.clone();
        let read = self.shared.store.reader.read(move |db| {
            let Some(version) = version::find(db, organization, wanted)? else { return Ok(None) };
            let catalog = nouns.of(db, organization)?;
            let application = catalog.applications.get(version.application).cloned();
            let project = application.as_ref().and_then(|own| catalog.projects.get(own.project));
            let (Some(project), Some(application)) = (project.cloned(), application) else {
                return Ok(None);
            };
            let (application_id, version_id) = (Some(application.id), Some(wanted));
            let filter =
                Filter { application: application_id, version: version_id, ..Filter::default() };
            let built =
                builds::Filter { application: application_id, version: version_id, status: None };
            Ok(Some(VersionStory {
                builds: builds::list(db, organization, &built, Page::first(BUILDS))?,
                deployments: recent(db, organization, &filter, DEPLOYMENTS)?,
                moment: moment(db, organization)?,
                version,
                application,
                project,
                board,
            }))
        });
        read.await?.ok_or_else(|| Refusal::not_found("version", &id).into())
    }
}
