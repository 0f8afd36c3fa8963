//! A ledger in memory with a clock that tests set, and reports that read like prose.

use std::sync::Arc;

use std::time::Duration;

use crate::actor::Actor;
use crate::catalog::{Catalog, DEFAULT_PROJECT, Organization, Project};
use crate::cell::Cell;
use crate::command::{Command, Envelope};
use crate::decide::decide;
use crate::deployment::{Deployment, Place};
use crate::event::Event;
use crate::facts::Facts;
use crate::id::{DeploymentId, Id, IdSource};
use crate::identity::RunKey;
use crate::outcome::{Decision, Outcome, Reported, ReportedSubject};
use crate::refusal::Refusal;
use crate::report::{ProjectChoice, Report, Subject};
use crate::settings::Settings;
use crate::sha::CommitSha;
use crate::snapshot::{Fallbacks, Snapshot};
use crate::status::Status;
use crate::text::Text;
use crate::time::Timestamp;
use crate::view::{Flag, RunView};

/// The time of day on 1 March 2026, such as `12:00` or `12:00:20`; or a whole date and time.
pub(super) fn time(text: &str) -> Timestamp {
    let whole = match text.len() {
        5 => format!("2026-03-01T{text}:00Z"),
        8 => format!("2026-03-01T{text}Z"),
        _ => text.to_owned(),
    };
    Timestamp::parse(&whole).unwrap()
}

pub(super) fn name<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

/// One organization's ledger, all in memory.
pub(super) struct Ledger {
    pub(super) snapshot: Snapshot,
    pub(super) now: Timestamp,
    calls: u64,
}

/// What a report was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) id: DeploymentId,
    pub(super) run: Arc<RunView>,
    pub(super) repeated: bool,
    pub(super) became_current: bool,
    pub(super) sequence: Option<u64>,
}

impl Ledger {
    pub(super) fn at(clock: &str) -> Self {
        let mut catalog = Catalog::default();
        catalog.load_project(Project {
            id: fixed_id(2),
            name: name(DEFAULT_PROJECT),
            aliases: Vec::new(),
            description: None,
            team: None,
            created_at: Timestamp::default(),
            deleted_at: None,
        });
        let organization = Organization {
            id: fixed_id(1),
            slug: "default".to_owned(),
            name: "Default".to_owned(),
            settings: Settings::default(),
            next_sequence: 1,
            created_at: Timestamp::default(),
        };
        Self { snapshot: Snapshot::new(organization, catalog), now: time(clock), calls: 0 }
    }

    pub(super) fn clock(&mut self, clock: &str) {
        self.now = time(clock);
    }

    pub(super) fn pass(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    /// Decides a command, with the fallbacks that the store would load for it.
    pub(super) fn decide(&mut self, command: Command) -> Decision {
        if let Command::VoidDeployment { id, .. } = &command {
            self.snapshot.fallbacks = self.fallbacks(*id);
        }
        self.calls += 1;
        let mut entropy = [0; 16];
        entropy[..8].copy_from_slice(&self.calls.to_be_bytes());
        let actor = Actor { key_id: "k1".to_owned() };
        let decision =
            decide(&mut self.snapshot, Envelope { actor, at: self.now, entropy, command });
        self.snapshot.fallbacks = Fallbacks::default();
        decision
    }

    pub(super) fn send(&mut self, told: Told) -> Answer {
        self.try_send(told).unwrap()
    }

    pub(super) fn try_send(&mut self, told: Told) -> Result<Answer, Refusal> {
        match self.decide(Command::Report(Arc::new(told.report)))? {
            Outcome::Reported(reported) => Ok(Answer::of(*reported)),
            other => panic!("a report was answered {other:?}"),
        }
    }

    pub(super) fn void(&mut self, id: DeploymentId) -> Decision {
        self.decide(Command::VoidDeployment { id, reason: None })
    }

    pub(super) fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.snapshot.organization.settings);
    }

    fn fallbacks(&self, id: DeploymentId) -> Fallbacks {
        let Some(voided) = self.snapshot.deployments.get(id) else { return Fallbacks::default() };
        let latest = |status| {
            let others = self.snapshot.deployments.values();
            let others = others.filter(|d| d.id != id && d.place == voided.place);
            latest(others, status).map(|deployment| deployment.id)
        };
        Fallbacks { completed: latest(Status::Completed), failed: latest(Status::Failed) }
    }

    pub(super) fn place(&self, environment: &str, target: &str) -> Place {
        let catalog = &self.snapshot.catalog;
        let project = catalog.project_named(DEFAULT_PROJECT).unwrap().id;
        Place {
            application: catalog.application_named(project, "shop").unwrap().id,
            environment: catalog.environment_coded(environment).unwrap().id,
            target: target.to_owned(),
        }
    }

    /// The cell of `shop` in `production`.
    pub(super) fn cell(&self) -> &Cell {
        self.snapshot.cell(&self.place("production", "")).unwrap()
    }

    /// The version that runs in `production`.
    pub(super) fn current(&self) -> Option<&str> {
        self.cell().current.as_ref().map(|current| current.version_name.as_str())
    }

    /// All deployments in the order of their ids: version, status, begin and end.
    pub(super) fn history(&self) -> Vec<String> {
        let mut all: Vec<&Deployment> = self.snapshot.deployments.values().collect();
        all.sort_by_key(|deployment| deployment.id);
        all.into_iter().map(|deployment| self.line(deployment)).collect()
    }

    fn line(&self, deployment: &Deployment) -> String {
        let version = &self.snapshot.versions.get(deployment.version).unwrap().name;
        let run = &deployment.run;
        let mut line = format!("{version} {} {}", run.status(), short(run.began_at()));
        if let Some(end) = run.ended_at().filter(|end| *end != run.began_at()) {
            line = format!("{line}-{}", short(end));
        }
        if deployment.voided.is_some() { format!("{line} voided") } else { line }
    }

    /// The log since `sequence`: types, versions, and which became current.
    pub(super) fn log_after(&self, sequence: u64) -> Vec<String> {
        let since = self.snapshot.events.iter().filter(|event| event.sequence > sequence);
        since.map(event_line).collect()
    }

    pub(super) fn head(&self) -> u64 {
        self.snapshot.organization.next_sequence - 1
    }

    pub(super) fn deployment(&self, id: DeploymentId) -> &Deployment {
        self.snapshot.deployments.get(id).unwrap()
    }
}

/// The latest of `deployments` that ended with `status` and counts.
pub(super) fn latest<'a>(
    deployments: impl Iterator<Item = &'a Deployment>,
    status: Status,
) -> Option<&'a Deployment> {
    deployments
        .filter(|deployment| deployment.voided.is_none() && deployment.run.status() == status)
        .max_by_key(|deployment| (deployment.run.ended_at(), deployment.identity(), deployment.id))
}

/// The `n`th id, the same in every ledger.
pub(super) fn fixed_id<K>(n: u8) -> Id<K> {
    IdSource::new([n; 16]).next(Timestamp::default())
}

fn event_line(event: &Event) -> String {
    let version = event.data.version.as_ref().map_or("", |version| version.name.as_str());
    let current = if event.data.became_current == Some(true) { "current" } else { "" };
    let backfill = if event.data.backfill { "backfill" } else { "" };
    let kind = event.kind.to_string();
    let words = [kind.as_str(), version, current, backfill].into_iter();
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn short(time: Timestamp) -> String {
    time.to_string().trim_start_matches("2026-03-01T").trim_end_matches('Z').to_owned()
}

impl Answer {
    fn of(reported: Reported) -> Self {
        let Reported { subject, repeated, became_current, sequence } = reported;
        let run = match subject {
            ReportedSubject::Build(build) => build.run,
            ReportedSubject::Deployment(deployment) => deployment.run,
        };
        Self { id: Id::from_uuid(run.id), run, repeated, became_current, sequence }
    }

    pub(super) fn flags(&self) -> &[Flag] {
        &self.run.flags
    }
}

/// A report in the making: of `shop` in `production`, unless it says otherwise.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) report: Report,
}

pub(super) fn report(status: Status, version: &str) -> Told {
    Told {
        report: Report {
            subject: Subject::Deployment { environment: name("production"), target: None },
            project: ProjectChoice::Default,
            application: name("shop"),
            version: name(version),
            status,
            key: RunKey::default(),
            told_at: None,
            facts: Facts::default().into(),
        },
    }
}

pub(super) fn pending(version: &str) -> Told {
    report(Status::Pending, version)
}

pub(super) fn started(version: &str) -> Told {
    report(Status::Started, version)
}

pub(super) fn completed(version: &str) -> Told {
    report(Status::Completed, version)
}

pub(super) fn failed(version: &str) -> Told {
    report(Status::Failed, version)
}

impl Told {
    pub(super) fn of_build(mut self) -> Self {
        self.report.subject = Subject::Build;
        self
    }

    pub(super) fn invoked_by(mut self, id: &str) -> Self {
        self.report.key.invoke_id = Some(id.to_owned());
        self
    }

    pub(super) fn known_as(mut self, id: &str) -> Self {
        self.report.key.source_id = Some(id.to_owned());
        self
    }

    pub(super) fn told(self, clock: &str) -> Self {
        self.told_at(time(clock))
    }

    pub(super) fn told_at(mut self, at: Timestamp) -> Self {
        self.report.told_at = Some(at);
        self
    }

    pub(super) fn of(mut self, application: &str) -> Self {
        self.report.application = name(application);
        self
    }

    pub(super) fn into(mut self, code: &str) -> Self {
        let Subject::Deployment { environment, .. } = &mut self.report.subject else {
            panic!("builds go nowhere")
        };
        *environment = name(code);
        self
    }

    pub(super) fn on(mut self, region: &str) -> Self {
        let Subject::Deployment { target, .. } = &mut self.report.subject else {
            panic!("builds go nowhere")
        };
        *target = Some(name(region));
        self
    }

    pub(super) fn sha(mut self, sha: &str) -> Self {
        Arc::make_mut(&mut self.report.facts).commit_sha = Some(CommitSha::parse(sha).unwrap());
        self
    }

    pub(super) fn by(mut self, actor: &str) -> Self {
        Arc::make_mut(&mut self.report.facts).actor = Some(actor.to_owned());
        self
    }

    pub(super) fn in_project(mut self, project: ProjectChoice) -> Self {
        self.report.project = project;
        self
    }
}
