//! Taking in one report: names, commit, run, then what follows from the run.

use std::sync::Arc;

use super::Context;
use crate::event::{EventType, Noun, Verb};
use crate::outcome::Reported;
use crate::refusal::Refusal;
use crate::report::{Report, Subject};
use crate::run::{Entry, Insertion};
use crate::status::Status;
use crate::text::TargetName;
use crate::time::Timestamp;

impl Context<'_> {
    /// Takes in a report.
    pub(super) fn report(&mut self, report: &Report) -> Result<Reported, Refusal> {
        self.check_names(report)?;
        self.check_report_quotas(report)?;
        self.check_commit(report)?;
        let entry = Entry {
            at: report.told_at.map_or(self.at, |told| told.min(self.at)),
            status: report.status,
            told: report.told_at,
            facts: Arc::clone(&report.facts),
            arrived_at: self.at,
        };
        let since = entry.facts.started_at.map_or(entry.at, |started| started.min(entry.at));
        let project = self.require_project(&report.project, since);
        let application = self.require_application(project, &report.application, since);
        match &report.subject {
            Subject::Build => {
                let version = self.require_version(application, &report.version, since);
                Ok(self.report_build((application, version), report.key.clone(), entry))
            }
            Subject::Deployment { environment, target } => {
                let environment = self.require_environment(environment, since);
                self.unarchive(environment, entry.at);
                let version = self.require_version(application, &report.version, since);
                let target = target.as_ref().map_or("", TargetName::as_str).to_owned();
                let place = crate::deployment::Place { application, environment, target };
                Ok(self.report_deployment(&place, version, report.key.clone(), entry))
            }
        }
    }

    /// A version is one commit only: a build with another is refused, and so is a deployment if
    /// the organization wants that.
    fn check_commit(&self, report: &Report) -> Result<(), Refusal> {
        let is_build = report.subject == Subject::Build;
        if !is_build && !self.snapshot.organization.settings.refuse_other_sha {
            return Ok(());
        }
        let Some(application) = self.snapshot.locate(report).application else { return Ok(()) };
        let known = self.snapshot.version_named(application, report.version.as_str());
        let sent = report.facts.commit_sha.as_ref();
        match known {
            Some(version) if version.contradicts(sent) => Err(Refusal::VersionConflict {
                version: report.version.to_string(),
                pinned: version.commit_sha.as_ref().map_or_else(String::new, |s| s.as_str().into()),
                sent: sent.map_or_else(String::new, |sha| sha.as_str().into()),
            }),
            _ => Ok(()),
        }
    }
}

/// What the log says about a report: nothing of a repeat, the new status where one was reached or
/// a run begun, else that something was updated.
pub(super) fn event_type(
    noun: Noun,
    insertion: Option<&Insertion>,
    status: Status,
) -> Option<EventType> {
    let verb = match insertion {
        Some(Insertion::Repeat { .. }) => return None,
        Some(Insertion::Update) => Verb::Updated,
        Some(Insertion::Advance) | None => Verb::Reached(status),
    };
    Some(EventType::new(noun, verb))
}

/// Older news than this change state and history, but are told only to who asks for history.
const BACKFILL_AGE: std::time::Duration = std::time::Duration::from_hours(24);

/// Whether a report tells of something long past.
pub(super) fn is_backfill(at: Timestamp, now: Timestamp) -> bool {
    now.since(at) > BACKFILL_AGE
}
