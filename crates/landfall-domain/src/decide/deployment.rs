//! Reports of deployments.

use std::sync::Arc;

use super::Context;
use super::placement::{Candidates, OpenCandidate, Placement, place};
use super::report::{event_type, is_backfill};
use crate::cell::{LastReport, Standing};
use crate::deployment::{Deployment, Place};
use crate::event::{EventData, EventType, Noun, Previous, Verb};
use crate::id::{DeploymentId, VersionId};
use crate::identity::{Identity, RunKey};
use crate::outcome::{Reported, ReportedSubject};
use crate::run::{Entry, Insertion, Run};
use crate::time::Timestamp;
use crate::view::{DeploymentView, RunView};

/// The deployment that a report went to, and what else it changed.
struct Taken {
    id: DeploymentId,
    /// The other half, where the report cut a run in two.
    other: Option<DeploymentId>,
    /// What the report did to an existing run; `None` if it began one.
    insertion: Option<Insertion>,
}

impl Context<'_> {
    /// Takes in a report of a deployment whose names are known by now.
    pub(super) fn report_deployment(
        &mut self,
        at_place: &Place,
        version: VersionId,
        key: RunKey,
        mut entry: Entry,
    ) -> Reported {
        self.hint_commit(version, &entry);
        let placement = self.place_deployment(at_place, version, &key, &mut entry);
        let told_at = entry.at;
        let taken = match placement {
            Placement::Begin => self.begin_deployment(at_place, version, key, entry),
            Placement::Into(id) => self.insert_deployment(id, None, entry),
            Placement::Adopt(id) => self.insert_deployment(id, Some(key), entry),
        };
        self.settle(at_place, told_at, &taken)
    }

    /// A deployment's commit is worth knowing where no build told one.
    fn hint_commit(&mut self, version: VersionId, entry: &Entry) {
        let Some(sha) = &entry.facts.commit_sha else { return };
        let known = self.snapshot.versions.get(version);
        if known.is_some_and(|known| known.learns_from(sha))
            && let Some(version) = self.snapshot.versions.get_mut(version)
        {
            version.commit_sha = Some(sha.clone());
        }
    }

    fn place_deployment(
        &self,
        at_place: &Place,
        version: VersionId,
        key: &RunKey,
        entry: &mut Entry,
    ) -> Placement<DeploymentId> {
        let Place { application, environment, target } = at_place;
        let identity = Identity::of_deployment((*application, *environment, target), version, key);
        // A report after the voiding of an open deployment speaks of another one.
        let is_left = |d: &Deployment| d.voided.is_some() && d.run.closing().is_none();
        let own = self.snapshot.deployments_of(identity).into_iter();
        let own = own.filter(|d| !is_left(d)).map(|d| (d.id, &d.run)).collect();
        let candidates = Candidates {
            is_keyed: key.is_given(),
            open: self.joinable(at_place, version, key, entry),
            last_reported: self.repeatable(at_place, version, identity, key),
            own,
        };
        place(entry, &candidates)
    }

    /// The open deployments that a report may join without naming them, newest first.
    fn joinable(
        &self,
        at_place: &Place,
        version: VersionId,
        key: &RunKey,
        entry: &Entry,
    ) -> Vec<OpenCandidate<'_, DeploymentId>> {
        let stale_after = self.snapshot.organization.settings.stale_after();
        let Some(cell) = self.snapshot.cell(at_place) else { return Vec::new() };
        let open = cell.open.iter().rev().filter(|open| {
            let is_other = key.is_given() && open.run.is_keyed;
            open.version == version && !is_other
        });
        open.filter_map(|standing| {
            let open = &standing.run;
            let is_left =
                open.is_stale(self.at, stale_after) || cell.was_superseded(open, entry.at);
            let run = &self.snapshot.deployments.get(open.id)?.run;
            Some(OpenCandidate { id: open.id, run, is_left })
        })
        .collect()
    }

    /// The deployment that was reported last in this cell, if this report may repeat its end.
    fn repeatable(
        &self,
        at_place: &Place,
        version: VersionId,
        identity: Identity,
        key: &RunKey,
    ) -> Option<(DeploymentId, &Run)> {
        let last = self.snapshot.cell(at_place)?.last_report.as_ref()?;
        let deployment = self.snapshot.deployments.get(last.deployment)?;
        let is_same =
            last.version == version && (!key.is_given() || deployment.identity() == identity);
        is_same.then_some((deployment.id, &deployment.run))
    }

    fn insert_deployment(
        &mut self,
        id: DeploymentId,
        adopter: Option<RunKey>,
        entry: Entry,
    ) -> Taken {
        let known = self.snapshot.deployments.get(id).cloned();
        let mut deployment = known.expect("a placement names a loaded run");
        deployment.key = adopter.unwrap_or(deployment.key);
        let created_at = deployment.run.created_at();
        let (insertion, rest) = deployment.run.insert(entry);
        let Some(rest) = rest else {
            if Some(&deployment) != self.snapshot.deployments.get(id) {
                self.snapshot.put_deployment(deployment);
            }
            return Taken { id, other: None, insertion: Some(insertion) };
        };
        self.cut_deployment(deployment, rest, created_at, insertion)
    }

    /// Stores both halves; the id stays with the half whose report first got it.
    fn cut_deployment(
        &mut self,
        mut first: Deployment,
        rest: Run,
        created_at: Timestamp,
        insertion: Insertion,
    ) -> Taken {
        let id = first.id;
        let mut second = Deployment { run: rest, ..first.clone() };
        let is_founder_first = !second.run.holds_founder(created_at);
        let new = if is_founder_first { &mut second } else { &mut first };
        new.id = self.ids.next(new.run.began_at());
        let new_id = new.id;
        self.snapshot.put_deployment(first);
        self.snapshot.put_deployment(second);
        if is_founder_first {
            Taken { id, other: Some(new_id), insertion: Some(insertion) }
        } else {
            Taken { id: new_id, other: Some(id), insertion: None }
        }
    }

    fn begin_deployment(
        &mut self,
        at_place: &Place,
        version: VersionId,
        key: RunKey,
        entry: Entry,
    ) -> Taken {
        let run = Run::begin(entry);
        let id = self.ids.next(run.began_at());
        self.snapshot.put_deployment(Deployment {
            id,
            place: at_place.clone(),
            version,
            key,
            run,
            voided: None,
        });
        Taken { id, other: None, insertion: None }
    }

    /// Brings the cell up to date and tells what happened.
    fn settle(&mut self, at_place: &Place, told_at: Timestamp, taken: &Taken) -> Reported {
        let concerned: Vec<DeploymentId> = [taken.id].into_iter().chain(taken.other).collect();
        let previous = self.track(at_place, &concerned);
        let view = self.deployment_view(taken.id);
        let event = event_type(Noun::Deployment, taken.insertion.as_ref(), view.run.status);
        if event.is_some() {
            self.note_report(at_place, taken.id, told_at);
        }
        let told = (told_at, previous);
        let sequence = event.map(|kind| self.tell_deployment(kind, view.clone(), &told));
        if let Some(other) = taken.other {
            let other = self.deployment_view(other);
            self.tell_deployment(EventType::new(Noun::Deployment, Verb::Updated), other, &told);
        }
        Reported {
            repeated: sequence.is_none(),
            became_current: self.became_current(at_place, taken.id, told.1.as_deref()),
            subject: ReportedSubject::Deployment(view),
            sequence,
        }
    }

    /// Notes which deployment was reported last, and brings back what was retired before that.
    fn note_report(&mut self, at_place: &Place, id: DeploymentId, told_at: Timestamp) {
        let version = self.version_of(id);
        let cell = self.snapshot.cell_mut(at_place);
        cell.last_report = Some(LastReport { deployment: id, version });
        cell.retired_at = cell.retired_at.filter(|retired_at| told_at <= *retired_at);
    }

    /// Shows the cell how its deployments stand now, and returns what was current before.
    pub(super) fn track(
        &mut self,
        at_place: &Place,
        ids: &[DeploymentId],
    ) -> Option<Arc<Standing>> {
        let standings: Vec<(Arc<Standing>, bool)> = ids
            .iter()
            .filter_map(|id| {
                let deployment = self.snapshot.deployments.get(*id)?;
                let version = self.snapshot.versions.get(deployment.version)?;
                let standing = Standing::of(deployment, &version.name);
                Some((Arc::new(standing), deployment.voided.is_some()))
            })
            .collect();
        let mut cell = self.snapshot.cell(at_place).cloned().unwrap_or_default();
        let previous = cell.current.clone();
        cell.track(&standings);
        if self.snapshot.is_alive(at_place) && self.snapshot.cell(at_place) != Some(&cell) {
            *self.snapshot.cell_mut(at_place) = cell;
        }
        previous
    }

    fn became_current(
        &self,
        at_place: &Place,
        id: DeploymentId,
        previous: Option<&Standing>,
    ) -> bool {
        let current = self.snapshot.cell(at_place).and_then(crate::cell::Cell::current_id);
        current == Some(id) && previous.is_none_or(|before| before.run.id != id)
    }

    /// Appends an event about a deployment.
    pub(super) fn tell_deployment(
        &mut self,
        kind: EventType,
        view: DeploymentView,
        (told_at, before): &(Timestamp, Option<Arc<Standing>>),
    ) -> u64 {
        let id = DeploymentId::from_uuid(view.run.id);
        let at_place = self.snapshot.deployments.get(id).map(|d| d.place.clone());
        let became_current =
            at_place.is_some_and(|at_place| self.became_current(&at_place, id, before.as_deref()));
        let DeploymentView { run, project, application, environment, target, version } = view;
        let data = EventData {
            project: Some(project),
            application: Some(application),
            environment: Some(environment),
            target,
            version: Some(version),
            deployment: Some(run),
            became_current: Some(became_current),
            previous: before.as_deref().filter(|_| became_current).map(previous),
            backfill: is_backfill(*told_at, self.at),
            ..EventData::default()
        };
        self.snapshot.append(kind, (*told_at, self.at), data)
    }

    fn version_of(&self, id: DeploymentId) -> VersionId {
        self.snapshot.deployments.get(id).map(|d| d.version).expect("it was just stored")
    }

    /// A deployment as clients see it.
    pub(super) fn deployment_view(&self, id: DeploymentId) -> DeploymentView {
        let deployment = self.snapshot.deployments.get(id).expect("a decision views what it holds");
        let catalog = &self.snapshot.catalog;
        let version = self.snapshot.versions.get(deployment.version);
        let version = version.expect("a deployment's version is loaded with it");
        let application = catalog.applications.get(deployment.place.application);
        let application = application.expect("applications are never unloaded");
        let environment = catalog.environments.get(deployment.place.environment);
        DeploymentView {
            run: RunView::of(id.uuid(), &deployment.key, &deployment.run, version)
                .with_voided(deployment.voided.as_ref())
                .into(),
            project: catalog
                .projects
                .get(application.project)
                .expect("projects are never unloaded")
                .into(),
            application: application.into(),
            environment: environment.expect("environments are never unloaded").into(),
            target: deployment.place.target.clone(),
            version: version.into(),
        }
    }
}

fn previous(standing: &Standing) -> Previous {
    Previous {
        deployment_id: standing.run.id.uuid(),
        version_id: standing.version.uuid(),
        version: standing.version_name.to_string(),
        at: standing.at,
    }
}
