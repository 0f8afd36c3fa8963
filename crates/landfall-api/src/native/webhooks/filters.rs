//! The filters of a webhook, as they are sent.

use landfall_domain::environment::EnvironmentType;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::glob::Glob;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::fields::present;
use crate::shared::rejection::Rejection;

/// Which events a webhook wants; all filters that are given must hold. An empty list asks for
/// nothing in particular.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookFiltersBody)]
pub(super) struct FiltersBody {
    /// Patterns of project names; `*` stands for any characters, `?` for one.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, nullable = false)]
    projects: Option<Vec<Glob>>,
    /// Patterns of application names.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, nullable = false)]
    applications: Option<Vec<Glob>>,
    /// Patterns of environment codes or names.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, nullable = false)]
    environments: Option<Vec<Glob>>,
    /// `development`, `testing`, `staging`, `preview`, `production`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, nullable = false, example = json!(["production"]))]
    environment_types: Option<Vec<EnvironmentType>>,
    /// Also send what was reported more than 24 hours after it happened.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    history: Option<bool>,
}

impl FiltersBody {
    /// Sets what is given and leaves the rest.
    pub(super) fn apply(self, filters: &mut Filters) {
        let Self { projects, applications, environments, environment_types, history } = self;
        set(&mut filters.projects, projects);
        set(&mut filters.applications, applications);
        set(&mut filters.environments, environments);
        set(&mut filters.environment_types, environment_types);
        set(&mut filters.history, history);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Refuses filters with too many entries.
pub(super) fn bounded(filters: Filters) -> Result<Filters, Rejection> {
    let lengths = [
        ("events", filters.events.len()),
        ("filters.projects", filters.projects.len()),
        ("filters.applications", filters.applications.len()),
        ("filters.environments", filters.environments.len()),
        ("filters.environment_types", filters.environment_types.len()),
    ];
    let most = Filters::PATTERNS_MAX;
    match lengths.into_iter().find(|(_, length)| *length > most) {
        None => Ok(filters),
        Some((field, length)) => {
            let why = format!("has {length} entries; at most {most} are allowed, so use `*`");
            Err(Rejection::field(field, why))
        }
    }
}
