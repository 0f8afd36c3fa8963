//! How many environments and applications an organization may have.
//!
//! Refused is whatever would make one too many: a new one, or an archived environment that would
//! come back. What is there already stays, even if the limit was lowered since.

use super::Context;
use crate::refusal::Refusal;
use crate::report::{Report, Subject};

impl Context<'_> {
    /// Refuses so many more applications, if that is too many.
    pub(super) fn check_applications_max(&self, more: usize) -> Result<(), Refusal> {
        let Some(max) = self.snapshot.organization.settings.applications_max else { return Ok(()) };
        let applications = self.snapshot.catalog.applications.values();
        let live = applications.filter(|known| known.deleted_at.is_none()).count();
        check("application", live + more, max)
    }

    /// Refuses one more environment, if that is too many.
    pub(super) fn check_environments_max(&self) -> Result<(), Refusal> {
        let Some(max) = self.snapshot.organization.settings.environments_max else { return Ok(()) };
        let environments = self.snapshot.catalog.environments.values();
        let live = environments
            .filter(|known| known.deleted_at.is_none() && known.archived_at.is_none())
            .count();
        check("environment", live + 1, max)
    }

    /// Refuses a report that would make, or bring back, one too many.
    pub(super) fn check_report_quotas(&self, report: &Report) -> Result<(), Refusal> {
        let settings = &self.snapshot.organization.settings;
        if settings.applications_max.is_none() && settings.environments_max.is_none() {
            return Ok(());
        }
        let located = self.snapshot.locate(report);
        if located.application.is_none() {
            self.check_applications_max(1)?;
        }
        if !matches!(report.subject, Subject::Deployment { .. }) {
            return Ok(());
        }
        let known = located.environment.and_then(|id| self.snapshot.catalog.environments.get(id));
        let told_at = report.told_at.map_or(self.at, |told| told.min(self.at));
        let is_there = known.is_some_and(|known| {
            known.archived_at.is_none_or(|archived_at| told_at <= archived_at)
        });
        if is_there { Ok(()) } else { self.check_environments_max() }
    }
}

fn check(noun: &str, wanted: usize, max: u32) -> Result<(), Refusal> {
    if u32::try_from(wanted).is_ok_and(|wanted| wanted <= max) {
        return Ok(());
    }
    Err(Refusal::QuotaReached { noun: noun.to_owned(), max })
}
