//! Projects, applications, environments and teams.

use landfall_domain::catalog::{Application, Catalog, Environment, Project, Team};
use landfall_domain::changes::NounChanges;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId, ProjectId, TeamId};
use landfall_domain::text::Text;

use super::to_json;
use crate::driver::{Connection, Drafting, Row, Value};
use crate::error::StoreError;

const PROJECTS: &str = "SELECT id, name, aliases, description, team_id, created_at, deleted_at \
    FROM projects WHERE organization_id = ?1 ORDER BY name";
const APPLICATIONS: &str = "SELECT id, project_id, name, aliases, description, repository, \
    team_id, created_at, deleted_at, environments FROM applications WHERE organization_id = ?1 ORDER BY name";
const ENVIRONMENTS: &str = "SELECT id, code, name, aliases, type, team_id, url, position, \
    created_at, archived_at, deleted_at FROM environments WHERE organization_id = ?1 \
    ORDER BY position, code";
const TEAMS: &str = "SELECT id, code, name, created_at, deleted_at FROM teams \
    WHERE organization_id = ?1 ORDER BY code";

const PUT_PROJECT: &str = "INSERT INTO projects \
    (organization_id, id, name, aliases, description, team_id, created_at, deleted_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (organization_id, id) DO UPDATE SET \
    name = excluded.name, aliases = excluded.aliases, description = excluded.description, \
    team_id = excluded.team_id, deleted_at = excluded.deleted_at";
const PUT_APPLICATION: &str = "INSERT INTO applications (organization_id, id, project_id, name, \
    aliases, description, repository, team_id, created_at, deleted_at, environments) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
    ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, \
    aliases = excluded.aliases, description = excluded.description, \
    repository = excluded.repository, team_id = excluded.team_id, \
    deleted_at = excluded.deleted_at, environments = excluded.environments";
const PUT_ENVIRONMENT: &str = "INSERT INTO environments (organization_id, id, code, name, \
    aliases, type, team_id, url, position, created_at, archived_at, deleted_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
    ON CONFLICT (organization_id, id) DO UPDATE SET code = excluded.code, name = excluded.name, \
    aliases = excluded.aliases, type = excluded.type, team_id = excluded.team_id, \
    url = excluded.url, position = excluded.position, archived_at = excluded.archived_at, \
    deleted_at = excluded.deleted_at";
const PUT_TEAM: &str = "INSERT INTO teams \
    (organization_id, id, code, name, created_at, deleted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
    ON CONFLICT (organization_id, id) DO UPDATE SET code = excluded.code, name = excluded.name, \
    deleted_at = excluded.deleted_at";

fn name<const MAX: usize>(row: &Row<'_>, column: usize) -> Result<Text<MAX>, StoreError> {
    Text::parse(row.str(column)?).map_err(|error| StoreError::corrupt("name", error))
}

fn project(row: &Row<'_>) -> Result<Project, StoreError> {
    Ok(Project {
        id: ProjectId::from_uuid(row.uuid(0)?),
        name: name(row, 1)?,
        aliases: row.json(2, "aliases")?,
        description: row.text_or_null(3)?,
        team: row.uuid_or_null(4)?.map(TeamId::from_uuid),
        created_at: row.time(5)?,
        deleted_at: row.time_or_null(6)?,
    })
}

fn application(row: &Row<'_>) -> Result<Application, StoreError> {
    Ok(Application {
        id: ApplicationId::from_uuid(row.uuid(0)?),
        project: ProjectId::from_uuid(row.uuid(1)?),
        name: name(row, 2)?,
        aliases: row.json(3, "aliases")?,
        description: row.text_or_null(4)?,
        repository: row.text_or_null(5)?,
        team: row.uuid_or_null(6)?.map(TeamId::from_uuid),
        environments: row.json(9, "environments")?,
        created_at: row.time(7)?,
        deleted_at: row.time_or_null(8)?,
    })
}

fn environment(row: &Row<'_>) -> Result<Environment, StoreError> {
    Ok(Environment {
        id: EnvironmentId::from_uuid(row.uuid(0)?),
        code: name(row, 1)?,
        name: row.text(2)?,
        aliases: row.json(3, "aliases")?,
        kind: EnvironmentType::parse(row.str(4)?).unwrap_or(EnvironmentType::Development),
        team: row.uuid_or_null(5)?.map(TeamId::from_uuid),
        url: row.text_or_null(6)?,
        position: row.int(7)?,
        created_at: row.time(8)?,
        archived_at: row.time_or_null(9)?,
        deleted_at: row.time_or_null(10)?,
    })
}

fn team(row: &Row<'_>) -> Result<Team, StoreError> {
    Ok(Team {
        id: TeamId::from_uuid(row.uuid(0)?),
        code: row.text(1)?,
        name: row.text(2)?,
        created_at: row.time(3)?,
        deleted_at: row.time_or_null(4)?,
    })
}

/// All nouns of an organization, deleted ones included, since history still names them.
pub fn load(db: &mut Connection, organization: OrganizationId) -> Result<Catalog, StoreError> {
    let key = [organization.into()];
    let mut catalog = Catalog::default();
    for found in db.read(TEAMS, &key, team)? {
        catalog.teams.load(found.id, found);
    }
    for found in db.read(PROJECTS, &key, project)? {
        catalog.load_project(found);
    }
    for found in db.read(APPLICATIONS, &key, application)? {
        catalog.load_application(found);
    }
    for found in db.read(ENVIRONMENTS, &key, environment)? {
        catalog.load_environment(found);
    }
    Ok(catalog)
}

/// Drafts the rows of what changed.
pub(crate) fn save(
    draft: &mut Drafting<'_>,
    organization: OrganizationId,
    NounChanges { projects, applications, environments, teams }: &NounChanges,
) -> Result<(), StoreError> {
    let projects = projects.iter().map(|(_, project)| project_row(organization, project));
    draft.write(PUT_PROJECT, projects.collect::<Result<Vec<_>, _>>()?)?;
    let applications = applications.iter().map(|(_, found)| application_row(organization, found));
    draft.write(PUT_APPLICATION, applications.collect::<Result<Vec<_>, _>>()?)?;
    let environments = environments.iter().map(|(_, found)| environment_row(organization, found));
    draft.write(PUT_ENVIRONMENT, environments.collect::<Result<Vec<_>, _>>()?)?;
    let teams = teams.iter().map(|(_, team)| team_row(organization, team));
    draft.write(PUT_TEAM, teams)
}

fn project_row(
    organization: OrganizationId,
    project: &Project,
) -> Result<[Value<'_>; 8], StoreError> {
    let Project { id, name, aliases, description, team, created_at, deleted_at } = project;
    Ok([
        organization.into(),
        (*id).into(),
        name.as_str().into(),
        to_json(aliases, "aliases")?.into(),
        description.as_ref().into(),
        (*team).into(),
        (*created_at).into(),
        (*deleted_at).into(),
    ])
}

fn application_row(
    organization: OrganizationId,
    application: &Application,
) -> Result<[Value<'_>; 11], StoreError> {
    Ok([
        organization.into(),
        application.id.into(),
        application.project.into(),
        application.name.as_str().into(),
        to_json(&application.aliases, "aliases")?.into(),
        application.description.as_ref().into(),
        application.repository.as_ref().into(),
        application.team.into(),
        application.created_at.into(),
        application.deleted_at.into(),
        to_json(&application.environments, "environments")?.into(),
    ])
}

fn environment_row(
    organization: OrganizationId,
    environment: &Environment,
) -> Result<[Value<'_>; 12], StoreError> {
    Ok([
        organization.into(),
        environment.id.into(),
        environment.code.as_str().into(),
        (&environment.name).into(),
        to_json(&environment.aliases, "aliases")?.into(),
        environment.kind.as_str().into(),
        environment.team.into(),
        environment.url.as_ref().into(),
        environment.position.into(),
        environment.created_at.into(),
        environment.archived_at.into(),
        environment.deleted_at.into(),
    ])
}

fn team_row(organization: OrganizationId, team: &Team) -> [Value<'_>; 6] {
    let Team { id, code, name, created_at, deleted_at } = team;
    [
        organization.into(),
        (*id).into(),
        code.into(),
        name.into(),
        (*created_at).into(),
        (*deleted_at).into(),
    ]
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    PROJECTS,
    APPLICATIONS,
    ENVIRONMENTS,
    TEAMS,
    PUT_PROJECT,
    PUT_APPLICATION,
    PUT_ENVIRONMENT,
    PUT_TEAM,
];
