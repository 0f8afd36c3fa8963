//! Where applications are meant to run, which is said apart from where they do.

use super::Context;
use crate::catalog::Application;
use crate::command::Assignment;
use crate::event::{EventType, Noun, Verb};
use crate::id::{EnvironmentId, ProjectId};
use crate::outcome::{Decision, Outcome};
use crate::refusal::Refusal;
use crate::text::{ApplicationName, EnvironmentCode, ProjectName};
use crate::view::Named;

impl Context<'_> {
    /// Notes assignments beside those that are known; applications that are new are made.
    pub(super) fn assign_applications(
        &mut self,
        project: &ProjectName,
        assignments: Vec<Assignment>,
    ) -> Decision {
        let known = self.snapshot.catalog.project_named(project.as_str());
        let project = known.ok_or_else(|| Refusal::not_found("project", project))?.id;
        let wanted = self.wanted(assignments)?;
        self.check_new_applications(project, &wanted)?;
        let assigned = wanted.into_iter().map(|(name, there)| self.assign(project, name, there));
        Ok(Outcome::Assigned(assigned.collect()))
    }

    /// The environments of those codes, once each.
    pub(super) fn coded_environments(
        &self,
        codes: &[EnvironmentCode],
    ) -> Result<Vec<EnvironmentId>, Refusal> {
        let mut found = Vec::with_capacity(codes.len());
        for code in codes {
            let known = self.snapshot.catalog.environment_coded(code.as_str());
            let id = known.ok_or_else(|| Refusal::not_found("environment", code))?.id;
            if !found.contains(&id) {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Each application that is named, once, and where it is wanted.
    fn wanted(
        &self,
        assignments: Vec<Assignment>,
    ) -> Result<Vec<(ApplicationName, Vec<EnvironmentId>)>, Refusal> {
        let mut wanted: Vec<(ApplicationName, Vec<EnvironmentId>)> = Vec::new();
        for Assignment { application, environments } in assignments {
            let there = self.coded_environments(&environments)?;
            match wanted.iter_mut().find(|(name, _)| *name == application) {
                Some((_, known)) => add_missing(known, there),
                None => wanted.push((application, there)),
            }
        }
        Ok(wanted)
    }

    fn check_new_applications(
        &self,
        project: ProjectId,
        wanted: &[(ApplicationName, Vec<EnvironmentId>)],
    ) -> Result<(), Refusal> {
        let catalog = &self.snapshot.catalog;
        let names = wanted.iter().map(|(name, _)| name);
        let mut new =
            names.filter(|name| catalog.application_named(project, name.as_str()).is_none());
        let Some(first) = new.next() else { return Ok(()) };
        if self.snapshot.organization.settings.strict {
            return Err(Refusal::Strict {
                noun: "application".to_owned(),
                name: first.to_string(),
            });
        }
        self.check_applications_max(1 + new.count())
    }

    fn assign(
        &mut self,
        project: ProjectId,
        name: ApplicationName,
        there: Vec<EnvironmentId>,
    ) -> Named {
        let known = self.snapshot.catalog.application_named(project, name.as_str()).cloned();
        let Some(mut application) = known else {
            let made = self.new_application(project, name, self.at);
            let application = Application { environments: there, ..made };
            let named = Named::from(&application);
            self.audit("application.created", named.name.clone());
            self.add_application(application);
            return named;
        };
        let named = Named::from(&application);
        if there.iter().any(|id| !application.environments.contains(id)) {
            // Previews come and go, and a list of those that are gone would only grow.
            let environments = &self.snapshot.catalog.environments;
            let is_there = |id: &EnvironmentId| {
                environments.get(*id).is_some_and(|known| known.deleted_at.is_none())
            };
            application.environments.retain(is_there);
            add_missing(&mut application.environments, there);
            let data = self.application_data(&application);
            self.snapshot.catalog.put_application(application);
            self.log(EventType::new(Noun::Application, Verb::Updated), data);
            self.audit("application.updated", named.name.clone());
        }
        named
    }
}

fn add_missing(known: &mut Vec<EnvironmentId>, there: Vec<EnvironmentId>) {
    for id in there {
        if !known.contains(&id) {
            known.push(id);
        }
    }
}
