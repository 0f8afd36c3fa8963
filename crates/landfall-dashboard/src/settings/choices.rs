//! What forms let people choose from: the teams and the projects of the organization.

use landfall_domain::catalog::Catalog;
use landfall_domain::id::TeamId;

/// The code of the team that something belongs to; empty without one.
pub(super) fn code_of(catalog: &Catalog, team: Option<TeamId>) -> String {
    let team = team.and_then(|team| catalog.teams.get(team));
    let live = team.filter(|team| team.deleted_at.is_none());
    live.map(|team| team.code.clone()).unwrap_or_default()
}

/// The codes of all teams, in order.
pub(super) fn team_codes(catalog: &Catalog) -> Vec<String> {
    let live = catalog.teams.values().filter(|team| team.deleted_at.is_none());
    let mut codes: Vec<String> = live.map(|team| team.code.clone()).collect();
    codes.sort();
    codes
}

/// The names of all projects, in order.
pub(super) fn project_names(catalog: &Catalog) -> Vec<String> {
    let live = catalog.projects.values().filter(|project| project.deleted_at.is_none());
    let mut names: Vec<String> = live.map(|project| project.name.to_string()).collect();
    names.sort();
    names
}
