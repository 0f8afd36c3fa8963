//! What is where: the matrix of applications and environments.

use std::collections::HashMap;
use std::fmt::Write;

use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Catalog, Environment, Project};
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId};
use landfall_domain::time::Timestamp;
use landfall_domain::view::CellView;
use landfall_store::queries::status::{ShownCell, all, of_applications};
use landfall_store::rows::organization;
use landfall_store::{Connection, StoreError};
use uuid::Uuid;

use crate::access::Caller;
use crate::catalog::{applications_in_order, environments_in_order};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::nouns::Nouns;

/// Which part of the matrix is asked for; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct MatrixFilter {
    /// Applications whose name holds this text, in any case.
    pub text: Option<String>,
    /// Applications of the project of this name.
    pub project: Option<String>,
    /// Applications of the team of this code.
    pub team: Option<String>,
    /// Environments of this code; all if none is named.
    pub environments: Vec<String>,
    /// Environments of this type.
    pub kind: Option<EnvironmentType>,
    /// Archived environments too.
    pub with_archived: bool,
}

/// Which rows are asked for.
#[derive(Clone, Debug)]
pub enum Rows {
    /// All.
    All,
    /// At most so many after an application.
    Page {
        /// The application that the page before ended with.
        after: Option<ApplicationId>,
        /// At most so many.
        limit: usize,
    },
}

/// The matrix, or a page of it.
#[derive(Debug)]
pub struct Matrix {
    /// The columns, in the order of promotion.
    pub environments: Vec<Environment>,
    /// The rows, by project and name.
    pub rows: Vec<MatrixRow>,
    /// The application that the page ends with, if there are more.
    pub next: Option<ApplicationId>,
    /// The number of the last event that the matrix holds.
    pub sequence: u64,
}

/// One application and what runs of it.
#[derive(Debug)]
pub struct MatrixRow {
    /// Its project.
    pub project: Project,
    /// The application.
    pub application: Application,
    /// Its cells as JSON objects, separated by commas.
    pub cells: String,
}

impl Engine {
    /// What runs where.
    pub async fn status(
        &self,
        caller: &Caller,
        filter: MatrixFilter,
        rows: Rows,
    ) -> Result<Matrix, EngineError> {
        caller.require(Scope::Read)?;
        let (organization, now) = (caller.organization, self.ambient().now());
        let reader = &self.shared.store.reader;
        let nouns = self.shared.nouns.clone();
        Ok(reader.read(move |db| read(db, &nouns, organization, (&filter, &rows), now)).await?)
    }

    /// The deployments of an application that are current somewhere.
    pub async fn current_deployments(
        &self,
        caller: &Caller,
        application: ApplicationId,
    ) -> Result<Vec<Uuid>, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| currents(db, organization, application)).await?)
    }
}

fn currents(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
) -> Result<Vec<Uuid>, StoreError> {
    let mut cells: Vec<Result<CellView, _>> = Vec::new();
    of_applications(db, organization, &[application], |cell| {
        cells.push(serde_json::from_str(cell.shown));
    })?;
    let current = cells.into_iter().filter_map(|cell| {
        let cell = cell.map_err(|error| StoreError::corrupt("cell", error));
        cell.map(|cell| cell.current.map(|standing| standing.deployment_id)).transpose()
    });
    current.collect()
}

fn read(
    db: &mut Connection,
    nouns: &Nouns,
    id: OrganizationId,
    (filter, rows): (&MatrixFilter, &Rows),
    now: Timestamp,
) -> Result<Matrix, StoreError> {
    let Some(organization) = organization::find(db, id)? else {
        return Ok(Matrix { environments: vec![], rows: vec![], next: None, sequence: 0 });
    };
    let catalog = nouns.of(db, id)?;
    let environments = columns(&catalog, filter);
    let (chosen, next) = page(&catalog, filter, rows);
    let mut cells = Cells::new(&environments, now - organization.settings.stale_after());
    if matches!(rows, Rows::All) {
        all(db, id, |cell| cells.add(&cell))?;
    } else {
        let ids: Vec<ApplicationId> =
            chosen.iter().map(|(_, application)| application.id).collect();
        of_applications(db, id, &ids, |cell| cells.add(&cell))?;
    }
    let rows = chosen.into_iter().map(|(project, application)| MatrixRow {
        project: project.clone(),
        application: application.clone(),
        cells: cells.by_application.remove(&application.id).unwrap_or_default(),
    });
    let sequence = organization.next_sequence - 1;
    Ok(Matrix { rows: rows.collect(), environments, next, sequence })
}

fn columns(catalog: &Catalog, filter: &MatrixFilter) -> Vec<Environment> {
    let named: Vec<EnvironmentId> = filter
        .environments
        .iter()
        .filter_map(|code| catalog.environment_coded(code))
        .map(|environment| environment.id)
        .collect();
    environments_in_order(catalog)
        .into_iter()
        .filter(|found| filter.with_archived || found.archived_at.is_none())
        .filter(|found| filter.kind.is_none_or(|kind| kind == found.kind))
        .filter(|found| filter.environments.is_empty() || named.contains(&found.id))
        .cloned()
        .collect()
}

/// The rows of a page, and the application that it ends with if there are more.
fn page<'a>(
    catalog: &'a Catalog,
    filter: &MatrixFilter,
    rows: &Rows,
) -> (Vec<(&'a Project, &'a Application)>, Option<ApplicationId>) {
    let mut found = applications_in_order(catalog);
    let text = filter.text.as_ref().map(|text| text.to_lowercase());
    let team = filter.team.as_ref().map(|code| catalog.team_coded(code).map(|team| team.id));
    found.retain(|(project, application)| {
        let is_named = |text: &String| application.name.as_str().to_lowercase().contains(text);
        text.as_ref().is_none_or(is_named)
            && filter.project.as_ref().is_none_or(|name| project.name.as_str() == name)
            && team.is_none_or(|team| team.is_some() && application.team.or(project.team) == team)
    });
    let Rows::Page { after, limit } = rows else { return (found, None) };
    if let Some(after) = after
        && let Some(index) = found.iter().position(|(_, application)| application.id == *after)
    {
        found.drain(..=index);
    }
    let has_more = found.len() > *limit;
    found.truncate(*limit);
    let last = found.last().filter(|_| has_more).map(|(_, application)| application.id);
    (found, last)
}

/// Most cells are shorter; a row that need not grow is cheaper than a small one.
const CELL_BYTES_USUAL: usize = 448;
/// No more than this is set aside for a row before its cells are known.
const ROW_BYTES_RESERVED_MAX: usize = 64 * 1024;

/// Collects cells as JSON, by copying what is stored.
struct Cells {
    prefixes: HashMap<EnvironmentId, String>,
    stale_before: Timestamp,
    by_application: HashMap<ApplicationId, String>,
}

impl Cells {
    fn new(environments: &[Environment], stale_before: Timestamp) -> Self {
        let prefix = |environment: &Environment| {
            let code = serde_json::to_string(environment.code.as_str()).unwrap_or_default();
            (environment.id, format!("{{\"environment\":{code}"))
        };
        Self {
            prefixes: environments.iter().map(prefix).collect(),
            stale_before,
            by_application: HashMap::new(),
        }
    }

    fn add(&mut self, cell: &ShownCell<'_>) {
        let Some(prefix) = self.prefixes.get(&cell.environment) else { return };
        let room = self.prefixes.len().saturating_mul(CELL_BYTES_USUAL).min(ROW_BYTES_RESERVED_MAX);
        let json = self.by_application.entry(cell.application);
        let json = json.or_insert_with(|| String::with_capacity(room));
        if !json.is_empty() {
            json.push(',');
        }
        json.push_str(prefix);
        if !cell.target.is_empty() {
            let target = serde_json::to_string(cell.target).unwrap_or_default();
            // Writing to a string can't fail.
            let _ = write!(json, ",\"target\":{target}");
        }
        if cell.open_news_at.is_some_and(|news| news < self.stale_before) {
            json.push_str(",\"stale\":true");
        }
        let shown = cell.shown.trim_start_matches('{');
        if shown != "}" {
            json.push(',');
        }
        json.push_str(shown);
    }
}
