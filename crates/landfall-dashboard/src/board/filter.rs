//! Which rows and columns are shown; the URL holds it.

use std::time::Duration;

use landfall_domain::catalog::Environment;
use landfall_domain::time::Timestamp;
use landfall_engine::board::{Cell, Row};
use serde::{Deserialize, Serialize};

/// A filter; what is empty filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// Text in the name of the application or its project, in any case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// Name of a project.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub project: String,
    /// Code of a team.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub team: String,
    /// A type of environment.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What the rows have in common: `today`, `progress`, `failing` or `drifted`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub show: String,
}

/// The rows that have something in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// Something became current within a day.
    Today,
    /// A deployment is in progress.
    Progress,
    /// The last deployment failed.
    Failing,
    /// A version lags behind or runs ahead.
    Drifted,
}

impl Show {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Today, Self::Progress, Self::Failing, Self::Drifted];

    /// The word in the URL.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Progress => "progress",
            Self::Failing => "failing",
            Self::Drifted => "drifted",
        }
    }

    /// The words beside the number.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Today => "changed today",
            Self::Progress => "in progress",
            Self::Failing => "failing",
            Self::Drifted => "drifted",
        }
    }

    /// Whether a row is one of them.
    pub(crate) fn holds(self, row: &Row, now: Timestamp) -> bool {
        match self {
            Self::Today => {
                let mut currents = row.cells.iter().filter_map(Cell::current);
                currents.any(|current| now.since(current.at) < Duration::from_hours(24))
            }
            Self::Progress => row.is_in_progress(),
            Self::Failing => row.is_failing(),
            Self::Drifted => row.is_drifted(),
        }
    }
}

impl Filter {
    /// Whether a row is shown, whatever the rows have in common.
    pub(crate) fn names(&self, row: &Row) -> bool {
        let project = row.project.name.as_str();
        let text = self.q.trim().to_lowercase();
        let is_named = |name: &str| name.to_lowercase().contains(&text);
        (self.project.is_empty() || self.project == project)
            && (self.team.is_empty() || row.team.as_ref() == Some(&self.team))
            && (text.is_empty() || is_named(row.application.name.as_str()) || is_named(project))
    }

    /// Whether a row is shown.
    pub(crate) fn holds(&self, row: &Row, now: Timestamp) -> bool {
        self.names(row) && self.shown().is_none_or(|show| show.holds(row, now))
    }

    /// Whether a column is shown.
    pub(crate) fn wants(&self, environment: &Environment) -> bool {
        self.kind.is_empty() || self.kind == environment.kind.as_str()
    }

    /// What the rows have in common.
    pub(crate) fn shown(&self) -> Option<Show> {
        Show::ALL.into_iter().find(|show| show.word() == self.show)
    }

    /// The address of the matrix with this filter, but for what the rows have in common.
    pub(crate) fn href(&self, show: Option<Show>) -> String {
        let show = show.map_or(String::new(), |show| show.word().to_owned());
        let query = serde_urlencoded::to_string(Self { show, ..self.clone() }).unwrap_or_default();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }

    /// The address of a page of the matrix with this filter.
    pub(crate) fn href_from(&self, line: usize, column: usize) -> String {
        let filter = serde_urlencoded::to_string(self).unwrap_or_default();
        let between = if filter.is_empty() { "" } else { "&" };
        format!("/?{filter}{between}line={line}&column={column}")
    }

    /// Whether rows of that project only are shown.
    pub(crate) fn is_project(&self, name: &str) -> bool {
        self.project == name
    }

    /// Whether rows of that team only are shown.
    pub(crate) fn is_team(&self, code: &str) -> bool {
        self.team == code
    }

    /// Whether columns of that type only are shown.
    pub(crate) fn is_kind(&self, kind: &str) -> bool {
        self.kind == kind
    }

    /// What the form keeps without showing it.
    pub(crate) fn hidden(&self) -> Vec<(&'static str, &str)> {
        if self.show.is_empty() { Vec::new() } else { vec![("show", &self.show)] }
    }
}
