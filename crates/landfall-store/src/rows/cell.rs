//! Cells: what runs in one place, as decisions need it and as clients see it.

use landfall_domain::cell::Cell;
use landfall_domain::changes::Changed;
use landfall_domain::deployment::Place;
use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId};
use landfall_domain::time::Timestamp;
use landfall_domain::view::CellView;

use super::to_json;
use crate::driver::{Connection, Drafting, Reading, Row, Value};
use crate::error::StoreError;

const BY_PLACE: &str = "SELECT application_id, environment_id, target, state FROM cells \
    WHERE organization_id = ?1 AND application_id = ?2 AND environment_id = ?3 AND target = ?4";
const BY_PAIR: &str = "SELECT application_id, environment_id, target, state FROM cells \
    WHERE organization_id = ?1 AND application_id = ?2 AND environment_id = ?3";
const PUT: &str = "INSERT INTO cells (organization_id, application_id, environment_id, target, \
    state, shown, open_news_at, reported_at, retired_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
    ON CONFLICT (organization_id, application_id, environment_id, target) DO UPDATE SET \
    state = excluded.state, shown = excluded.shown, open_news_at = excluded.open_news_at, \
    reported_at = excluded.reported_at, retired_at = excluded.retired_at";
const EMPTY_ENVIRONMENT: &str =
    "DELETE FROM cells WHERE organization_id = ?1 AND environment_id = ?2";
const EMPTY_APPLICATION: &str =
    "DELETE FROM cells WHERE organization_id = ?1 AND application_id = ?2";

pub(crate) fn decode(row: &Row<'_>) -> Result<(Place, Cell), StoreError> {
    let place = Place {
        application: ApplicationId::from_uuid(row.uuid(0)?),
        environment: EnvironmentId::from_uuid(row.uuid(1)?),
        target: row.text(2)?,
    };
    Ok((place, row.json(3, "cell")?))
}

/// What reads the cells of those places, for [`decode`].
pub(crate) fn at(organization: OrganizationId, places: &[Place]) -> Reading<'_> {
    let keys = places.iter().map(|place| {
        [
            Value::from(organization),
            place.application.into(),
            place.environment.into(),
            (&place.target).into(),
        ]
    });
    Reading::of(BY_PLACE, keys)
}

/// The cells of an application in an environment, whatever their target.
pub(crate) fn of_pair(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    environment: EnvironmentId,
) -> Result<Vec<(Place, Cell)>, StoreError> {
    db.read(BY_PAIR, &[organization.into(), application.into(), environment.into()], decode)
}

/// Drafts the rows of cells that were reported or corrected at `at`.
pub(crate) fn save(
    draft: &mut Drafting<'_>,
    organization: OrganizationId,
    cells: &Changed<Place, Cell>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let rows = cells.iter().map(|(place, cell)| row(organization, place, cell, at));
    draft.write(PUT, rows.collect::<Result<Vec<_>, _>>()?)
}

fn row<'a>(
    organization: OrganizationId,
    place: &'a Place,
    cell: &'a Cell,
    at: Timestamp,
) -> Result<[Value<'a>; 9], StoreError> {
    Ok([
        organization.into(),
        place.application.into(),
        place.environment.into(),
        (&place.target).into(),
        to_json(cell, "cell")?.into(),
        to_json(&CellView::from(cell), "cell")?.into(),
        cell.in_progress().map(|open| open.run.news_at).into(),
        at.into(),
        cell.retired_at.into(),
    ])
}

/// Drafts the removal of the cells of environments and applications that were deleted.
pub(crate) fn empty(
    draft: &mut Drafting<'_>,
    organization: OrganizationId,
    environments: &[EnvironmentId],
    applications: &[ApplicationId],
) -> Result<(), StoreError> {
    let rows = environments.iter().map(|id| [Value::from(organization), (*id).into()]);
    draft.write(EMPTY_ENVIRONMENT, rows)?;
    let rows = applications.iter().map(|id| [Value::from(organization), (*id).into()]);
    draft.write(EMPTY_APPLICATION, rows)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[BY_PLACE, BY_PAIR, PUT, EMPTY_ENVIRONMENT, EMPTY_APPLICATION];
