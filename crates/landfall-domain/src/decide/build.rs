//! Reports of builds.

use std::collections::BTreeSet;

use super::Context;
use super::placement::{Candidates, OpenCandidate, Placement, place};
use super::report::{event_type, is_backfill};
use crate::build::Build;
use crate::cell::OpenRun;
use crate::event::{EventData, EventType, Noun, Verb};
use crate::id::{ApplicationId, BuildId, VersionId};
use crate::identity::{Identity, RunKey};
use crate::outcome::{Reported, ReportedSubject};
use crate::run::{Entry, Insertion, Run};
use crate::time::Timestamp;
use crate::view::{BuildView, RunView};

/// More open builds of one version than this are found only by their own ids.
const LISTED_MAX: usize = 16;

impl Context<'_> {
    /// Takes in a report of a build whose names are known by now.
    pub(super) fn report_build(
        &mut self,
        (application, version): (ApplicationId, VersionId),
        key: RunKey,
        mut entry: Entry,
    ) -> Reported {
        if let Some(sha) = entry.facts.commit_sha.clone() {
            self.snapshot.versions.get_mut(version).expect("it was just found").pin(&sha);
        }
        let placement = self.place_build(application, version, &key, &mut entry);
        let at = entry.at;
        let build = Build {
            id: self.ids.next(at),
            application,
            version,
            key,
            run: Run::begin(entry.clone()),
        };
        let (id, other, insertion) = match placement {
            Placement::Begin => {
                let id = build.id;
                self.snapshot.put_build(build);
                (id, None, None)
            }
            Placement::Into(id) => self.insert_build(id, None, entry),
            Placement::Adopt(id) => self.insert_build(id, Some(build.key), entry),
        };
        let view = self.build_view(id);
        let event = event_type(Noun::Build, insertion.as_ref(), view.run.status);
        self.track_builds(version, event.is_some().then_some(id), [Some(id), other]);
        let sequence = event.map(|kind| self.tell_build(kind, id, at));
        if let Some(other) = other {
            self.tell_build(EventType::new(Noun::Build, Verb::Updated), other, at);
        }
        Reported {
            repeated: sequence.is_none(),
            became_current: false,
            subject: ReportedSubject::Build(view),
            sequence,
        }
    }

    fn place_build(
        &self,
        application: ApplicationId,
        version: VersionId,
        key: &RunKey,
        entry: &mut Entry,
    ) -> Placement<BuildId> {
        let identity = Identity::of_build(application, version, key);
        let own: Vec<(BuildId, &Run)> =
            self.snapshot.builds_of(identity).into_iter().map(|b| (b.id, &b.run)).collect();
        let stale_after = self.snapshot.organization.settings.stale_after();
        let known = self.snapshot.versions.get(version).map(|v| v.open_builds.as_slice());
        let known = known.unwrap_or_default();
        let run_of = |id| self.snapshot.builds.get(id).map(|build| &build.run);
        let open = known.iter().rev().filter(|open| !(key.is_given() && open.is_keyed));
        let open = open.filter_map(|open| {
            let run = run_of(open.id).filter(|run| run.closing().is_none())?;
            let is_left = open.is_stale(self.at, stale_after);
            Some(OpenCandidate { id: open.id, run, is_left })
        });
        let open = open.collect();
        let last = known.iter().filter_map(|known| self.snapshot.builds.get(known.id));
        let mut last = last.filter(|build| build.run.closing().is_some());
        let is_same = |last: &&Build| last.identity() == identity || !key.is_given();
        let last_reported = last.find(is_same).map(|last| (last.id, &last.run));
        place(entry, &Candidates { is_keyed: key.is_given(), own, open, last_reported })
    }

    fn insert_build(
        &mut self,
        id: BuildId,
        adopter: Option<RunKey>,
        entry: Entry,
    ) -> (BuildId, Option<BuildId>, Option<Insertion>) {
        let mut first = self.snapshot.builds.get(id).cloned().expect("a placement is loaded");
        first.key = adopter.unwrap_or(first.key);
        let created_at = first.run.created_at();
        let (insertion, rest) = first.run.insert(entry);
        let Some(rest) = rest else {
            if Some(&first) != self.snapshot.builds.get(id) {
                self.snapshot.put_build(first);
            }
            return (id, None, Some(insertion));
        };
        let mut second = Build { run: rest, ..first.clone() };
        let is_founder_first = !second.run.holds_founder(created_at);
        let new = if is_founder_first { &mut second } else { &mut first };
        new.id = self.ids.next(new.run.began_at());
        let new_id = new.id;
        self.snapshot.put_build(first);
        self.snapshot.put_build(second);
        if is_founder_first {
            (id, Some(new_id), Some(insertion))
        } else {
            (new_id, Some(id), None)
        }
    }

    /// Keeps the version's list of builds: the open ones, and the one that was `reported` last.
    fn track_builds(
        &mut self,
        version: VersionId,
        reported: Option<BuildId>,
        changed: [Option<BuildId>; 2],
    ) {
        let builds = &self.snapshot.builds;
        let known = self.snapshot.versions.get(version).expect("loaded with its builds");
        let known: BTreeSet<BuildId> = known.open_builds.iter().map(|known| known.id).collect();
        let is_last = |id| reported.map_or_else(|| known.contains(&id), |reported| reported == id);
        let ids = known.iter().copied().chain(changed.into_iter().flatten());
        let listed = ids.collect::<BTreeSet<_>>().into_iter().filter_map(|id| builds.get(id));
        let mut listed: Vec<OpenRun<BuildId>> = listed
            .filter(|build| build.run.closing().is_none() || is_last(build.id))
            .map(standing)
            .collect();
        listed.sort_by_key(|listed| (listed.began_at, listed.id));
        if listed.len() > LISTED_MAX {
            let oldest = listed.iter().position(|listed| Some(listed.id) != reported);
            listed.remove(oldest.unwrap_or(0));
        }
        let version = self.snapshot.versions.get(version).filter(|v| v.open_builds != listed);
        if let Some(id) = version.map(|version| version.id)
            && let Some(version) = self.snapshot.versions.get_mut(id)
        {
            version.open_builds = listed;
        }
    }

    fn tell_build(&mut self, kind: EventType, id: BuildId, told_at: Timestamp) -> u64 {
        let BuildView { run, project, application, version } = self.build_view(id);
        let data = EventData {
            project: Some(project),
            application: Some(application),
            version: Some(version),
            build: Some(run),
            backfill: is_backfill(told_at, self.at),
            ..EventData::default()
        };
        self.snapshot.append(kind, (told_at, self.at), data)
    }

    fn build_view(&self, id: BuildId) -> BuildView {
        let build = self.snapshot.builds.get(id).expect("a decision views what it holds");
        let catalog = &self.snapshot.catalog;
        let version = self.snapshot.versions.get(build.version);
        let version = version.expect("a build's version is loaded with it");
        let application = catalog.applications.get(build.application);
        let application = application.expect("applications are never unloaded");
        BuildView {
            run: RunView::of(id.uuid(), &build.key, &build.run, version).into(),
            project: catalog
                .projects
                .get(application.project)
                .expect("projects are never unloaded")
                .into(),
            application: application.into(),
            version: version.into(),
        }
    }
}

fn standing(build: &Build) -> OpenRun<BuildId> {
    OpenRun {
        id: build.id,
        began_at: build.run.began_at(),
        news_at: build.run.news_at(),
        is_keyed: build.key.is_given(),
    }
}
