//! Flags that say which events are wanted; those of a webhook and of `listen` are the same.

use clap::{Args, builder::ArgAction};
use landfall_domain::webhook::filter::Filters;
use serde_json::{Map, Value, json};

use super::super::failure::Failure;

/// Which events are wanted: all filters that are given must hold.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct Wanted {
    /// Only these types, such as `deployment.*`; several separated by commas, or given again
    #[arg(long = "event", value_name = "GLOB", value_delimiter = ',')]
    pub events: Vec<String>,
    /// Only of projects of these names
    #[arg(long = "project-filter", value_name = "GLOB", value_delimiter = ',')]
    pub projects: Vec<String>,
    /// Only of applications of these names
    #[arg(long = "application", short, value_name = "GLOB", value_delimiter = ',')]
    pub applications: Vec<String>,
    /// Only of environments of these codes or names
    #[arg(long = "environment", short, value_name = "GLOB", value_delimiter = ',')]
    pub environments: Vec<String>,
    /// Only of environments of these types: development, testing, staging, preview, production
    #[arg(long = "environment-type", value_name = "TYPE", value_delimiter = ',')]
    pub environment_types: Vec<String>,
    /// Also what was reported more than a day after it happened
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", action = ArgAction::Set)]
    pub history: Option<bool>,
}

impl Wanted {
    /// The types that were given.
    pub(super) fn events(&self) -> Option<Value> {
        list(&self.events)
    }

    /// The other filters that were given, as the API takes them.
    pub(super) fn filters(&self) -> Map<String, Value> {
        let Self { events: _, projects, applications, environments, environment_types, history } =
            self;
        let given = [
            ("projects", list(projects)),
            ("applications", list(applications)),
            ("environments", list(environments)),
            ("environment_types", list(environment_types)),
            ("history", history.map(Value::from)),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// The same filters as a webhook on the server would have.
    pub(super) fn checked(&self) -> Result<Filters, Failure> {
        let mut all = self.filters();
        all.extend(self.events().map(|events| ("events".to_owned(), events)));
        serde_json::from_value(Value::Object(all))
            .map_err(|error| Failure::local(format!("a filter can't be used: {error}")))
    }
}

/// What was not given is left out, which is something else than an empty list.
fn list(words: &[String]) -> Option<Value> {
    (!words.is_empty()).then(|| json!(words))
}
