//! Making a board, and bringing one up to date.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use landfall_domain::catalog::{Application, Catalog, Project};
use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId, ProjectId, VersionId};
use landfall_store::queries::status::{ShownCell, all, of_applications, of_environments};
use landfall_store::queries::versions;
use landfall_store::rows::{catalog, event, organization};
use landfall_store::{Connection, StoreError};
use serde::Deserialize;
use uuid::Uuid;

use super::Board;
use super::columns::Columns;
use super::row::{Cell, Heat, Place, Row};
use crate::catalog::applications_in_order;
use crate::events::StoredEvent;

/// A board that is further behind than this is made anew.
const EVENTS_MAX: i64 = 2_000;

/// The board as of now, made from the one that is known if there is one.
pub(super) fn up_to_date(
    db: &mut Connection,
    id: OrganizationId,
    known: Option<Arc<Board>>,
) -> Result<Arc<Board>, StoreError> {
    let found = organization::find(db, id)?;
    let head = found.as_ref().map_or(0, |found| found.next_sequence - 1);
    let catalog_revision = organization::catalog_revision(db, id)?;
    let stale_after = found.map(|found| found.settings).unwrap_or_default().stale_after();
    let changed = match &known {
        Some(known)
            if (known.sequence, known.catalog_revision) >= (head, catalog_revision)
                && known.stale_after == stale_after =>
        {
            return Ok(Arc::clone(known));
        }
        Some(known) => changed_since(db, id, known.sequence, head)?,
        None => None,
    };
    let catalog = catalog::load(db, id)?;
    let columns = Columns::of(&catalog);
    let mut builder = Builder { id, catalog, columns, projects: HashMap::new() };
    let rows = match known.zip(changed) {
        Some((known, changed)) => builder.renew(db, &known, changed)?,
        None => builder.rows(db)?,
    };
    let environments = builder.columns.environments;
    Ok(Arc::new(Board { sequence: head, catalog_revision, environments, rows, stale_after }))
}

/// The applications that the log names after a number; `None` if there is too much to read.
fn changed_since(
    db: &mut Connection,
    id: OrganizationId,
    after: u64,
    head: u64,
) -> Result<Option<BTreeSet<ApplicationId>>, StoreError> {
    #[derive(Deserialize)]
    struct Named {
        id: Uuid,
    }
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        application: Option<Named>,
    }
    if after >= head {
        return Ok(Some(BTreeSet::new()));
    }
    let events = event::after(db, id, after, EVENTS_MAX)?;
    if events.last().is_none_or(|last| last.sequence < head) {
        return Ok(None);
    }
    let application = |event: &StoredEvent| {
        let head: Head = serde_json::from_str(&event.data).ok()?;
        head.application.map(|named| ApplicationId::from_uuid(named.id))
    };
    Ok(Some(events.iter().filter_map(application).collect()))
}

struct Builder {
    id: OrganizationId,
    catalog: Catalog,
    columns: Columns,
    projects: HashMap<ProjectId, Arc<Project>>,
}

type Rows = Vec<Arc<Row>>;
type Places = HashMap<ApplicationId, HashMap<EnvironmentId, Vec<Place>>>;

impl Builder {
    /// Every row, read from the cells.
    fn rows(&mut self, db: &mut Connection) -> Result<Rows, StoreError> {
        let mut reading = Reading::default();
        all(db, self.id, |cell| reading.add(&cell))?;
        let mut places = reading.finish()?;
        let mut rows = Vec::new();
        for (project, application) in self.wanted() {
            let own = places.remove(&application.id).unwrap_or_default();
            rows.push(self.row(db, &project, application, own)?);
        }
        Ok(rows)
    }

    /// The rows of a board. Those of the changed applications are read anew, and those that other
    /// columns make say something else.
    fn renew(
        &mut self,
        db: &mut Connection,
        known: &Board,
        mut changed: BTreeSet<ApplicationId>,
    ) -> Result<Rows, StoreError> {
        let before: HashMap<ApplicationId, &Arc<Row>> =
            known.rows.iter().map(|row| (row.application.id, row)).collect();
        changed.extend(self.touched(db, known)?);
        changed.extend(self.edited(&before));
        let ids: Vec<ApplicationId> = changed.iter().copied().collect();
        let mut reading = Reading::default();
        of_applications(db, self.id, &ids, |cell| reading.add(&cell))?;
        let mut places = reading.finish()?;
        let mut rows = Vec::new();
        for (project, application) in self.wanted() {
            let kept = before.get(&application.id);
            if let Some(row) = kept.filter(|_| !changed.contains(&application.id)) {
                rows.push(Arc::clone(row));
            } else {
                let own = places.remove(&application.id).unwrap_or_default();
                rows.push(self.row(db, &project, application, own)?);
            }
        }
        Ok(rows)
    }

    /// The applications that are others than their rows say, or whose project or team is.
    fn edited(&self, rows: &HashMap<ApplicationId, &Arc<Row>>) -> Vec<ApplicationId> {
        let wanted = applications_in_order(&self.catalog).into_iter();
        let is_other = |(project, application): &(&Project, &Application)| {
            rows.get(&application.id).is_none_or(|row| {
                row.application != **application
                    || *row.project != **project
                    || row.team.as_deref() != self.team_of(project, application)
            })
        };
        wanted.filter(is_other).map(|(_, application)| application.id).collect()
    }

    /// The code of the team that an application belongs to: its own, or else its project's.
    fn team_of(&self, project: &Project, application: &Application) -> Option<&str> {
        let team = self.catalog.teams.get(application.team.or(project.team)?)?;
        team.deleted_at.is_none().then_some(&team.code)
    }

    /// The applications whose rows a change of the columns makes say something else.
    fn touched(
        &self,
        db: &mut Connection,
        known: &Board,
    ) -> Result<BTreeSet<ApplicationId>, StoreError> {
        if known.environments == self.columns.environments {
            return Ok(BTreeSet::new());
        }
        let before = Columns::new(known.environments.clone());
        let unfit = known.rows.iter().filter(|row| !self.columns.fit(row, &before));
        let mut touched: BTreeSet<ApplicationId> = unfit.map(|row| row.application.id).collect();
        let new = self.columns.new_since(&before);
        of_environments(db, self.id, &new, |cell| {
            touched.insert(cell.application);
        })?;
        Ok(touched)
    }

    fn wanted(&self) -> Vec<(Project, Application)> {
        let found = applications_in_order(&self.catalog).into_iter();
        found.map(|(project, application)| (project.clone(), application.clone())).collect()
    }

    fn row(
        &mut self,
        db: &mut Connection,
        project: &Project,
        application: Application,
        mut places: HashMap<EnvironmentId, Vec<Place>>,
    ) -> Result<Arc<Row>, StoreError> {
        let shared = self.projects.entry(project.id).or_insert_with(|| Arc::new(project.clone()));
        let shared = Arc::clone(shared);
        let cells = self.columns.environments.iter().filter_map(|environment| {
            let (environment, places) = places.remove_entry(&environment.id)?;
            Some(Cell { environment, places, heat: Heat::Old, is_joined: false, drift: None })
        });
        let (id, application_id) = (self.id, application.id);
        let team = self.team_of(project, &application).map(str::to_owned);
        let mut row = Row {
            team,
            project: shared,
            cells: cells.collect(),
            application,
            activity: Mutex::default(),
        };
        row.compare(&self.columns, |older, newer| {
            let (older, newer) = (VersionId::from_uuid(older), VersionId::from_uuid(newer));
            versions::count_between(db, id, application_id, older, newer)
        })?;
        Ok(Arc::new(row))
    }
}

/// Cells on their way from the store.
#[derive(Default)]
struct Reading {
    places: Places,
    broken: Option<StoreError>,
}

impl Reading {
    fn add(&mut self, cell: &ShownCell<'_>) {
        match serde_json::from_str(cell.shown) {
            Ok(view) => {
                let place =
                    Place { target: cell.target.to_owned(), view, open_news_at: cell.open_news_at };
                let of_application = self.places.entry(cell.application).or_default();
                of_application.entry(cell.environment).or_default().push(place);
            }
            Err(error) => self.broken = Some(StoreError::corrupt("cell", error)),
        }
    }

    fn finish(self) -> Result<Places, StoreError> {
        self.broken.map_or(Ok(self.places), Err)
    }
}
