//! From the names in a report to the things they name, made where they are new.

use super::Context;
use crate::catalog::{Application, DEFAULT_PROJECT, Environment, Project};
use crate::environment::EnvironmentType;
use crate::event::{EventData, EventType, Noun, Verb};
use crate::id::{ApplicationId, EnvironmentId, ProjectId, VersionId};
use crate::refusal::Refusal;
use crate::report::{ProjectChoice, Report, Subject};
use crate::text::{ApplicationName, EnvironmentCode, ProjectName, VersionName};
use crate::time::Timestamp;
use crate::version::Version;

impl Context<'_> {
    /// Refuses a report whose names must be known and are not: its project, where it says so, and
    /// all of them in a strict organization.
    pub(super) fn check_names(&self, report: &Report) -> Result<(), Refusal> {
        if let ProjectChoice::Existing(name) = &report.project {
            let known = self.snapshot.catalog.project_named(name.as_str());
            known.ok_or_else(|| Refusal::not_found("project", name))?;
        }
        if !self.snapshot.organization.settings.strict {
            return Ok(());
        }
        let strict = |noun: &str, name: &str| {
            Err(Refusal::Strict { noun: noun.to_owned(), name: name.to_owned() })
        };
        let located = self.snapshot.locate(report);
        if located.project.is_none() {
            return strict("project", project_name(&report.project));
        }
        if located.application.is_none() {
            return strict("application", report.application.as_str());
        }
        match &report.subject {
            Subject::Deployment { environment, .. } if located.environment.is_none() => {
                strict("environment", environment.as_str())
            }
            _ => Ok(()),
        }
    }

    /// The project of a report, made if it is new.
    pub(super) fn require_project(&mut self, choice: &ProjectChoice, at: Timestamp) -> ProjectId {
        if let Some(project) = self.snapshot.project_chosen(choice) {
            return project.id;
        }
        let name = match choice {
            ProjectChoice::Named(name) | ProjectChoice::Existing(name) => name.clone(),
            _ => ProjectName::parse(DEFAULT_PROJECT).expect("a word of letters is a name"),
        };
        let id = self.ids.next(at);
        self.add_project(Project {
            id,
            name,
            aliases: Vec::new(),
            description: None,
            team: None,
            created_at: at,
            deleted_at: None,
        })
    }

    /// The application of a report, made if it is new.
    pub(super) fn require_application(
        &mut self,
        project: ProjectId,
        name: &ApplicationName,
        at: Timestamp,
    ) -> ApplicationId {
        if let Some(known) = self.snapshot.catalog.application_named(project, name.as_str()) {
            return known.id;
        }
        let application = self.new_application(project, name.clone(), at);
        self.add_application(application)
    }

    /// An application of which only the name is known.
    pub(super) fn new_application(
        &mut self,
        project: ProjectId,
        name: ApplicationName,
        at: Timestamp,
    ) -> Application {
        Application {
            id: self.ids.next(at),
            project,
            name,
            aliases: Vec::new(),
            description: None,
            repository: None,
            team: None,
            environments: Vec::new(),
            created_at: at,
            deleted_at: None,
        }
    }

    /// The environment of a report, made if it is new.
    pub(super) fn require_environment(
        &mut self,
        code: &EnvironmentCode,
        at: Timestamp,
    ) -> EnvironmentId {
        if let Some(known) = self.snapshot.catalog.environment_coded(code.as_str()) {
            return known.id;
        }
        let id = self.ids.next(at);
        self.add_environment(Environment {
            id,
            code: code.clone(),
            name: code.to_string(),
            aliases: Vec::new(),
            kind: EnvironmentType::infer(code.as_str()),
            team: None,
            url: None,
            position: 0,
            created_at: at,
            archived_at: None,
            deleted_at: None,
        })
    }

    /// The version of a report, made if it is new.
    pub(super) fn require_version(
        &mut self,
        application: ApplicationId,
        name: &VersionName,
        at: Timestamp,
    ) -> VersionId {
        if let Some(known) = self.snapshot.version_named(application, name.as_str()) {
            let (id, is_earlier) = (known.id, at < known.created_at);
            if is_earlier && let Some(version) = self.snapshot.versions.get_mut(id) {
                version.created_at = at;
            }
            return id;
        }
        let id = self.ids.next(at);
        self.snapshot.add_version(Version {
            id,
            application,
            name: name.clone(),
            commit_sha: None,
            is_pinned: false,
            created_at: at,
            open_builds: Vec::new(),
        });
        id
    }

    /// Adds a project and says so in the log.
    pub(super) fn add_project(&mut self, project: Project) -> ProjectId {
        let id = project.id;
        let data = EventData { project: Some((&project).into()), ..EventData::default() };
        self.snapshot.catalog.put_project(project);
        self.log(EventType::new(Noun::Project, Verb::Created), data);
        id
    }

    /// Adds an application and says so in the log.
    pub(super) fn add_application(&mut self, application: Application) -> ApplicationId {
        let id = application.id;
        let data = self.application_data(&application);
        self.snapshot.catalog.add_application(application);
        self.log(EventType::new(Noun::Application, Verb::Created), data);
        id
    }

    /// Adds an environment and says so in the log.
    pub(super) fn add_environment(&mut self, environment: Environment) -> EnvironmentId {
        let id = environment.id;
        let data = EventData { environment: Some((&environment).into()), ..EventData::default() };
        self.snapshot.catalog.put_environment(environment);
        self.log(EventType::new(Noun::Environment, Verb::Created), data);
        id
    }

    /// What an event says about an application.
    pub(super) fn application_data(&self, application: &Application) -> EventData {
        EventData {
            project: self.snapshot.catalog.projects.get(application.project).map(Into::into),
            application: Some(application.into()),
            ..EventData::default()
        }
    }

    /// Appends an event that happens now, and says who asked for it.
    pub(super) fn log(&mut self, kind: EventType, mut data: EventData) -> u64 {
        data.by = Some(self.by.clone());
        self.snapshot.append(kind, (self.at, self.at), data)
    }

    /// Brings an environment back that was archived before what a report tells.
    pub(super) fn unarchive(&mut self, id: EnvironmentId, told_at: Timestamp) {
        let environments = &mut self.snapshot.catalog.environments;
        let archived_at = environments.get(id).and_then(|known| known.archived_at);
        if archived_at.is_some_and(|archived_at| told_at > archived_at)
            && let Some(environment) = environments.get_mut(id)
        {
            environment.archived_at = None;
            let known = Some((&*environment).into());
            let data = EventData { environment: known, ..EventData::default() };
            self.log(EventType::new(Noun::Environment, Verb::Updated), data);
        }
    }
}

fn project_name(choice: &ProjectChoice) -> &str {
    match choice {
        ProjectChoice::Named(name) | ProjectChoice::Existing(name) => name.as_str(),
        ProjectChoice::OfKey(_) | ProjectChoice::Default => DEFAULT_PROJECT,
    }
}
