//! Making, changing and deleting the nouns of an organization.

use super::Context;
use crate::catalog::{Application, DEFAULT_PROJECT, Environment, Project, Team};
use crate::command::{
    ApplicationEdit, Change, EnvironmentEdit, NewApplication, NewEnvironment, NewProject, NewTeam,
    OrganizationEdit, ProjectEdit, TeamEdit,
};
use crate::environment::EnvironmentType;
use crate::event::{AuditEntry, EventData, EventType, Noun, Verb};
use crate::id::{ApplicationId, EnvironmentId, ProjectId, TeamId};
use crate::outcome::{Decision, Outcome};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::text::ProjectName;

impl Context<'_> {
    pub(super) fn create_project(&mut self, new: NewProject) -> Decision {
        let NewProject { name, description, team } = new;
        if self.snapshot.catalog.project_named(name.as_str()).is_some() {
            return Err(Refusal::name_taken("project", &name));
        }
        let team = self.require_team(team.as_deref())?;
        let project = Project {
            id: self.ids.next(self.at),
            name,
            aliases: Vec::new(),
            description,
            team,
            created_at: self.at,
            deleted_at: None,
        };
        self.audit("project.created", project.name.to_string());
        self.add_project(project.clone());
        Ok(Outcome::Project(project))
    }

    pub(super) fn ensure_project(&mut self, name: ProjectName) -> Decision {
        if let Some(known) = self.snapshot.catalog.project_named(name.as_str()) {
            return Ok(Outcome::Project(known.clone()));
        }
        if self.snapshot.organization.settings.strict {
            return Err(Refusal::Strict { noun: "project".to_owned(), name: name.to_string() });
        }
        self.create_project(NewProject { name, description: None, team: None })
    }

    pub(super) fn edit_project(&mut self, id: ProjectId, edit: ProjectEdit) -> Decision {
        let ProjectEdit { name, description, team } = edit;
        let mut project = self.project(id)?;
        let team = self.changed_team(project.team, team)?;
        let mut former_name = None;
        if let Some(name) = name.filter(|name| *name != project.name) {
            let holder = self.snapshot.catalog.project_named(name.as_str()).map(|p| p.id);
            free("project", name.as_str(), holder.is_none_or(|holder| holder == id))?;
            former_name = Some(rename(&mut project.aliases, project.name.as_str(), name.as_str()));
            project.name = name;
        }
        apply(&mut project.description, description);
        project.team = team;
        let data =
            EventData { project: Some((&project).into()), former_name, ..EventData::default() };
        self.snapshot.catalog.put_project(project.clone());
        self.log(EventType::new(Noun::Project, Verb::Updated), data);
        self.audit("project.updated", project.name.to_string());
        Ok(Outcome::Project(project))
    }

    pub(super) fn delete_project(&mut self, id: ProjectId) -> Decision {
        let mut project = self.project(id)?;
        let default = self.snapshot.catalog.project_named(DEFAULT_PROJECT);
        if default.is_some_and(|default| default.id == id) {
            return Err(Refusal::InUse(
                "the project `default` takes the reports that name no project, and stays".into(),
            ));
        }
        let applications = self.snapshot.catalog.applications.values();
        let held = applications.filter(|a| a.project == id && a.deleted_at.is_none()).count();
        if held > 0 {
            return Err(Refusal::InUse(format!(
                "project `{}` still has {held} applications; delete them first",
                project.name
            )));
        }
        project.deleted_at = Some(self.at);
        let data = EventData { project: Some((&project).into()), ..EventData::default() };
        self.audit("project.deleted", project.name.to_string());
        self.snapshot.catalog.put_project(project);
        self.log(EventType::new(Noun::Project, Verb::Deleted), data);
        Ok(Outcome::Done)
    }

    pub(super) fn create_application(&mut self, new: NewApplication) -> Decision {
        let NewApplication { project, name, description, repository, team } = new;
        let project_name = match project {
            Some(name) => name,
            None => ProjectName::parse(DEFAULT_PROJECT).expect("a word of letters is a name"),
        };
        let project = self.snapshot.catalog.project_named(project_name.as_str());
        let project = project.ok_or_else(|| Refusal::not_found("project", &project_name))?.id;
        if self.snapshot.catalog.application_named(project, name.as_str()).is_some() {
            return Err(Refusal::name_taken("application", &name));
        }
        let team = self.require_team(team.as_deref())?;
        self.check_applications_max(1)?;
        let made = self.new_application(project, name, self.at);
        let application = Application { description, repository, team, ..made };
        self.audit("application.created", application.name.to_string());
        self.add_application(application.clone());
        Ok(Outcome::Application(application))
    }

    pub(super) fn edit_application(
        &mut self,
        id: ApplicationId,
        edit: ApplicationEdit,
    ) -> Decision {
        let ApplicationEdit { name, description, repository, team, environments } = edit;
        let mut application = self.application(id)?;
        let team = self.changed_team(application.team, team)?;
        let environments = environments.map(|codes| self.coded_environments(&codes)).transpose()?;
        let mut former_name = None;
        if let Some(name) = name.filter(|name| *name != application.name) {
            let catalog = &self.snapshot.catalog;
            let holder = catalog.application_named(application.project, name.as_str());
            free("application", name.as_str(), holder.is_none_or(|holder| holder.id == id))?;
            let old = application.name.as_str();
            former_name = Some(rename(&mut application.aliases, old, name.as_str()));
            application.name = name;
        }
        apply(&mut application.description, description);
        apply(&mut application.repository, repository);
        application.team = team;
        application.environments = environments.unwrap_or(application.environments);
        let mut data = self.application_data(&application);
        data.former_name = former_name;
        self.snapshot.catalog.put_application(application.clone());
        self.log(EventType::new(Noun::Application, Verb::Updated), data);
        self.audit("application.updated", application.name.to_string());
        Ok(Outcome::Application(application))
    }

    pub(super) fn delete_application(&mut self, id: ApplicationId) -> Decision {
        let mut application = self.application(id)?;
        application.deleted_at = Some(self.at);
        let data = self.application_data(&application);
        self.audit("application.deleted", application.name.to_string());
        self.snapshot.catalog.put_application(application);
        self.snapshot.empty_application(id);
        self.log(EventType::new(Noun::Application, Verb::Deleted), data);
        Ok(Outcome::Done)
    }

    pub(super) fn create_environment(&mut self, new: NewEnvironment) -> Decision {
        let NewEnvironment { code, name, kind, team, url, position } = new;
        if self.snapshot.catalog.environment_coded(code.as_str()).is_some() {
            return Err(Refusal::name_taken("environment", &code));
        }
        let team = self.require_team(team.as_deref())?;
        self.check_environments_max()?;
        let environment = Environment {
            id: self.ids.next(self.at),
            name: name.unwrap_or_else(|| code.to_string()),
            aliases: Vec::new(),
            kind: kind.unwrap_or_else(|| EnvironmentType::infer(code.as_str())),
            code,
            team,
            url,
            position: position.unwrap_or(0),
            created_at: self.at,
            archived_at: None,
            deleted_at: None,
        };
        self.audit("environment.created", environment.code.to_string());
        self.add_environment(environment.clone());
        Ok(Outcome::Environment(environment))
    }

    pub(super) fn edit_environment(
        &mut self,
        id: EnvironmentId,
        edit: EnvironmentEdit,
    ) -> Decision {
        let EnvironmentEdit { code, name, kind, team, url, position, archived } = edit;
        let mut environment = self.environment(id)?;
        let team = self.changed_team(environment.team, team)?;
        if archived == Some(false) && environment.archived_at.is_some() {
            self.check_environments_max()?;
        }
        let mut former_name = None;
        if let Some(code) = code.filter(|code| *code != environment.code) {
            let holder = self.snapshot.catalog.environment_coded(code.as_str()).map(|e| e.id);
            free("environment", code.as_str(), holder.is_none_or(|holder| holder == id))?;
            let old = environment.code.as_str();
            former_name = Some(rename(&mut environment.aliases, old, code.as_str()));
            environment.code = code;
        }
        environment.name = name.unwrap_or(environment.name);
        environment.kind = kind.unwrap_or(environment.kind);
        environment.team = team;
        apply(&mut environment.url, url);
        environment.position = position.unwrap_or(environment.position);
        environment.archived_at = match archived {
            Some(true) => environment.archived_at.or(Some(self.at)),
            Some(false) => None,
            None => environment.archived_at,
        };
        let data = EventData {
            environment: Some((&environment).into()),
            former_name,
            ..EventData::default()
        };
        self.snapshot.catalog.put_environment(environment.clone());
        self.log(EventType::new(Noun::Environment, Verb::Updated), data);
        self.audit("environment.updated", environment.code.to_string());
        Ok(Outcome::Environment(environment))
    }

    pub(super) fn archive_environment(&mut self, id: EnvironmentId) -> Decision {
        let found = self.snapshot.catalog.environments.get(id);
        if !found.is_some_and(|it| it.archived_at.is_none() && it.deleted_at.is_none()) {
            return Ok(Outcome::Done);
        }
        let edit = EnvironmentEdit { archived: Some(true), ..EnvironmentEdit::default() };
        self.edit_environment(id, edit)
    }

    pub(super) fn delete_environment(&mut self, id: EnvironmentId) -> Decision {
        let mut environment = self.environment(id)?;
        environment.deleted_at = Some(self.at);
        let data = EventData { environment: Some((&environment).into()), ..EventData::default() };
        self.audit("environment.deleted", environment.code.to_string());
        self.snapshot.catalog.put_environment(environment);
        self.snapshot.empty_environment(id);
        self.log(EventType::new(Noun::Environment, Verb::Deleted), data);
        Ok(Outcome::Done)
    }

    pub(super) fn create_team(&mut self, new: NewTeam) -> Decision {
        let NewTeam { code, name } = new;
        if self.snapshot.catalog.team_coded(&code).is_some() {
            return Err(Refusal::name_taken("team", &code));
        }
        let name = name.unwrap_or_else(|| code.clone());
        let id = self.ids.next(self.at);
        let team = Team { id, code, name, created_at: self.at, deleted_at: None };
        self.audit("team.created", team.code.clone());
        self.snapshot.catalog.teams.put(id, team.clone());
        Ok(Outcome::Team(team))
    }

    pub(super) fn edit_team(&mut self, id: TeamId, edit: TeamEdit) -> Decision {
        let TeamEdit { code, name } = edit;
        let mut team = self.team(id)?;
        if let Some(code) = code.filter(|code| *code != team.code) {
            let holder = self.snapshot.catalog.team_coded(&code);
            free("team", &code, holder.is_none())?;
            team.code = code;
        }
        team.name = name.unwrap_or(team.name);
        self.snapshot.catalog.teams.put(id, team.clone());
        self.audit("team.updated", team.code.clone());
        Ok(Outcome::Team(team))
    }

    pub(super) fn delete_team(&mut self, id: TeamId) -> Decision {
        let mut team = self.team(id)?;
        team.deleted_at = Some(self.at);
        self.audit("team.deleted", team.code.clone());
        self.snapshot.catalog.teams.put(id, team);
        Ok(Outcome::Done)
    }

    pub(super) fn edit_organization(&mut self, edit: OrganizationEdit) -> Decision {
        let OrganizationEdit { name, settings } = edit;
        settings.as_ref().map_or(Ok(()), Settings::check)?;
        let organization = &mut self.snapshot.organization;
        if let Some(name) = name {
            organization.name = name;
        }
        if let Some(settings) = settings {
            organization.settings = settings;
        }
        let (slug, changed) = (organization.slug.clone(), organization.clone());
        self.snapshot.is_organization_changed = true;
        self.audit("organization.updated", slug);
        Ok(Outcome::Organization(changed))
    }

    /// Notes an administrative change in the audit log.
    pub(super) fn audit(&mut self, action: &str, subject: String) {
        self.snapshot.audit.push(AuditEntry {
            organization: self.snapshot.organization.id,
            at: self.at,
            by: self.by.clone(),
            action: action.to_owned(),
            subject,
        });
    }

    fn project(&self, id: ProjectId) -> Result<Project, Refusal> {
        let found = self.snapshot.catalog.projects.get(id).filter(|p| p.deleted_at.is_none());
        found.cloned().ok_or_else(|| Refusal::not_found("project", &id))
    }

    pub(super) fn application(&self, id: ApplicationId) -> Result<Application, Refusal> {
        let found = self.snapshot.catalog.applications.get(id).filter(|a| a.deleted_at.is_none());
        found.cloned().ok_or_else(|| Refusal::not_found("application", &id))
    }

    pub(super) fn environment(&self, id: EnvironmentId) -> Result<Environment, Refusal> {
        let found = self.snapshot.catalog.environments.get(id).filter(|e| e.deleted_at.is_none());
        found.cloned().ok_or_else(|| Refusal::not_found("environment", &id))
    }

    fn team(&self, id: TeamId) -> Result<Team, Refusal> {
        let found = self.snapshot.catalog.teams.get(id).filter(|team| team.deleted_at.is_none());
        found.cloned().ok_or_else(|| Refusal::not_found("team", &id))
    }

    fn require_team(&self, code: Option<&str>) -> Result<Option<TeamId>, Refusal> {
        let Some(code) = code else { return Ok(None) };
        let team = self.snapshot.catalog.team_coded(code);
        team.map(|team| Some(team.id)).ok_or_else(|| Refusal::not_found("team", &code))
    }

    fn changed_team(
        &self,
        team: Option<TeamId>,
        change: Change<String>,
    ) -> Result<Option<TeamId>, Refusal> {
        match change {
            None => Ok(team),
            Some(code) => self.require_team(code.as_deref()),
        }
    }
}

fn free(noun: &str, name: &str, is_free: bool) -> Result<(), Refusal> {
    if is_free { Ok(()) } else { Err(Refusal::name_taken(noun, name)) }
}

/// Keeps the old name as an alias, and takes the new one back if it was an alias.
fn rename(aliases: &mut Vec<String>, old: &str, new: &str) -> String {
    aliases.retain(|alias| alias != new && alias != old);
    aliases.push(old.to_owned());
    old.to_owned()
}

fn apply<T>(field: &mut Option<T>, change: Change<T>) {
    if let Some(value) = change {
        *field = value;
    }
}
