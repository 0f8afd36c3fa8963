//! One application: its versions and what was deployed of it lately.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Project, Team};
use landfall_domain::id::ApplicationId;
use landfall_domain::refusal::Refusal;
use landfall_domain::version::Version;
use landfall_store::queries::deployments::{Filter, KnownDeployment};
use landfall_store::queries::versions;
use uuid::Uuid;

use super::{RECENT, recent};
use crate::access::Caller;
use crate::board::Board;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{Moment, moment};

/// Versions that a page shows.
const VERSIONS: i64 = 25;

/// What a page tells of an application.
#[derive(Debug)]
pub struct ApplicationStory {
    /// The application, which may be deleted.
    pub application: Application,
    /// Its project.
    pub project: Project,
    /// The team that it belongs to, by itself or by its project.
    pub team: Option<Team>,
    /// Its newest versions, newest first.
    pub versions: Vec<Version>,
    /// Its last deployments, newest first.
    pub recent: Vec<KnownDeployment>,
    /// Where it runs among others.
    pub board: Arc<Board>,
    /// When it was read.
    pub moment: Moment,
}

impl Engine {
    /// Everything about one application.
    pub async fn application_story(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<ApplicationStory, EngineError> {
        caller.require(Scope::Read)?;
        let board = self.board(caller).await?;
        let (organization, wanted) = (caller.organization, ApplicationId::from_uuid(id));
        let nouns = self.shared.nouns.clone();
        let read = self.shared.store.reader.read(move |db| {
            let catalog = nouns.of(db, organization)?;
            let Some(application) = catalog.applications.get(wanted).cloned() else {
                return Ok(None);
            };
            let Some(project) = catalog.projects.get(application.project).cloned() else {
                return Ok(None);
            };
            let team = application.team.or(project.team);
            let filter = Filter { application: Some(wanted), ..Filter::default() };
            Ok(Some(ApplicationStory {
                team: team.and_then(|team| catalog.teams.get(team).cloned()),
                versions: versions::newest(db, organization, wanted, VERSIONS)?,
                recent: recent(db, organization, &filter, RECENT)?,
                moment: moment(db, organization)?,
                application,
                project,
                board,
            }))
        });
        read.await?.ok_or_else(|| Refusal::not_found("application", &id).into())
    }
}
