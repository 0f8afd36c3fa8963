//! One deployment: how it went, what it brought, and who was told.

use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::deployment::Place;
use landfall_domain::event::EventData;
use landfall_domain::id::{ApplicationId, DeploymentId, EnvironmentId, OrganizationId, VersionId};
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_domain::version::Version;
use landfall_domain::view::{CellView, DeploymentView, StandingView};
use landfall_store::queries::deployments::{self, KnownDeployment};
use landfall_store::queries::status::of_applications;
use landfall_store::queries::versions;
use landfall_store::rows::event;
use landfall_store::{Connection, StoreError, StoredEvent};
use uuid::Uuid;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{Moment, moment};
use crate::webhooks::Notice;

/// Versions that are listed between two.
const BETWEEN_MAX: i64 = 30;
/// Reports are recorded nearly in the order of their arrival: they wait for their group.
const RECORDED_WITHIN: Duration = Duration::from_secs(1);
/// Events that are looked through for those of one report.
const EVENTS_MAX: i64 = 1_000;
/// Events of one deployment that are told.
const TOLD_MAX: usize = 40;

/// What a page tells of a deployment.
#[derive(Debug)]
pub struct DeploymentStory {
    /// The deployment and its reports.
    pub known: KnownDeployment,
    /// What ran there before it.
    pub previous: Option<DeploymentView>,
    /// The versions from that one to this one.
    pub between: Option<Between>,
    /// What runs there now.
    pub current: Option<StandingView>,
    /// When it became the current one, as far as the log still tells.
    pub became_current_at: Option<Timestamp>,
    /// Which webhooks were told of it.
    pub notices: Vec<Notice>,
    /// When it was read.
    pub moment: Moment,
}

/// The versions of an application from one to another, without the older of the two.
#[derive(Debug)]
pub struct Between {
    /// The newest of them, newest first.
    pub versions: Vec<Version>,
    /// How many there are.
    pub count: u64,
    /// The deployment went from the newer to the older.
    pub is_back: bool,
}

impl DeploymentStory {
    /// Whether it is what runs there now.
    pub fn is_current(&self) -> bool {
        self.current.as_ref().is_some_and(|now| now.deployment_id == self.known.view.run.id)
    }

    /// Whether it has not ended and something newer runs there by now.
    pub fn is_superseded(&self) -> bool {
        let run = &self.known.view.run;
        let is_newer = |now: &StandingView| now.at > run.began_at;
        !run.status.is_terminal() && self.current.as_ref().is_some_and(is_newer)
    }
}

impl Engine {
    /// Everything about one deployment.
    pub async fn deployment_story(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<DeploymentStory, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let wanted = DeploymentId::from_uuid(id);
        let read = self.shared.store.reader.read(move |db| read(db, organization, wanted));
        let found = read.await?.ok_or_else(|| Refusal::not_found("deployment", &id))?;
        let (mut story, events) = found;
        story.notices = self.notices(caller, events).await?;
        Ok(story)
    }

    /// One deployment in short: what its own records say, but not what the log says of it, which is
    /// searched for. So it names neither who was told nor when it became the current one.
    pub async fn deployment_in_short(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<DeploymentStory, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let wanted = DeploymentId::from_uuid(id);
        let read = self.shared.store.reader.read(move |db| in_short(db, organization, wanted));
        read.await?.ok_or_else(|| Refusal::not_found("deployment", &id).into())
    }
}

fn read(
    db: &mut Connection,
    organization: OrganizationId,
    id: DeploymentId,
) -> Result<Option<(DeploymentStory, Vec<StoredEvent>)>, StoreError> {
    let Some(mut story) = in_short(db, organization, id)? else { return Ok(None) };
    let events = events_of(db, organization, &story.known)?;
    story.became_current_at =
        events.iter().find(|(_, data)| became_current(data)).map(|(event, _)| event.at);
    Ok(Some((story, events.into_iter().map(|(event, _)| event).collect())))
}

fn in_short(
    db: &mut Connection,
    organization: OrganizationId,
    id: DeploymentId,
) -> Result<Option<DeploymentStory>, StoreError> {
    let found = deployments::known(db, organization, &[id])?;
    let Some(known) = found.into_iter().next() else { return Ok(None) };
    let place = place_of(&known.view);
    let until = known.run.ended_at().unwrap_or_else(|| known.run.latest_at());
    let previous = deployments::completed_before(db, organization, &place, (id, until))?;
    let between = match &previous {
        Some(previous) if known.view.run.commits.is_empty() => {
            between(db, organization, previous, &known.view)?
        }
        _ => None,
    };
    Ok(Some(DeploymentStory {
        current: current_at(db, organization, &place)?,
        became_current_at: None,
        notices: Vec::new(),
        moment: moment(db, organization)?,
        known,
        previous,
        between,
    }))
}

fn place_of(view: &DeploymentView) -> Place {
    Place {
        application: ApplicationId::from_uuid(view.application.id),
        environment: EnvironmentId::from_uuid(view.environment.id),
        target: view.target.clone(),
    }
}

fn between(
    db: &mut Connection,
    organization: OrganizationId,
    previous: &DeploymentView,
    view: &DeploymentView,
) -> Result<Option<Between>, StoreError> {
    let (from, to) =
        (VersionId::from_uuid(previous.version.id), VersionId::from_uuid(view.version.id));
    if from == to {
        return Ok(None);
    }
    let application = ApplicationId::from_uuid(view.application.id);
    let range = (from.min(to), from.max(to));
    Ok(Some(Between {
        versions: versions::between(db, organization, application, range, BETWEEN_MAX)?,
        count: versions::count_between(db, organization, application, range.0, range.1)?,
        is_back: to < from,
    }))
}

fn current_at(
    db: &mut Connection,
    organization: OrganizationId,
    place: &Place,
) -> Result<Option<StandingView>, StoreError> {
    let mut found = Ok(None);
    of_applications(db, organization, &[place.application], |cell| {
        if cell.environment == place.environment && cell.target == place.target {
            found = serde_json::from_str::<CellView>(cell.shown).map(|view| view.current);
        }
    })?;
    found.map_err(|error| StoreError::corrupt("cell", error))
}

fn became_current(data: &EventData) -> bool {
    data.became_current == Some(true)
}

/// The events of a deployment. No index leads to them, but each was recorded when one of the
/// deployment's reports arrived, and the log is searched by time.
fn events_of(
    db: &mut Connection,
    organization: OrganizationId,
    known: &KnownDeployment,
) -> Result<Vec<(StoredEvent, EventData)>, StoreError> {
    let id = known.view.run.id;
    let arrivals = known.run.entries().iter().map(|entry| entry.arrived_at);
    let mut times: Vec<Timestamp> =
        arrivals.chain(known.view.run.voided.as_ref().map(|voided| voided.at)).collect();
    times.sort_unstable();
    let (mut found, mut seen) = (Vec::new(), 0);
    for at in times {
        let first = event::first_since(db, organization, at - RECORDED_WITHIN)?;
        let after = seen.max(first.saturating_sub(1));
        for event in event::after(db, organization, after, EVENTS_MAX)? {
            if event.recorded_at > at + RECORDED_WITHIN || found.len() == TOLD_MAX {
                break;
            }
            seen = event.sequence;
            if let Some(data) = data_of(&event, id) {
                found.push((event, data));
            }
        }
    }
    Ok(found)
}

/// What an event says, if it is of that deployment.
fn data_of(event: &StoredEvent, id: Uuid) -> Option<EventData> {
    let is_named = event.kind.starts_with("deployment.") && event.data.contains(&id.to_string());
    let data: EventData = is_named.then(|| serde_json::from_str(&event.data).ok()).flatten()?;
    data.deployment.as_ref().is_some_and(|run| run.id == id).then_some(data)
}
