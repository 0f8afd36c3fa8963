//! Filters: which events a webhook wants, and why it gets one or not. All that are given must hold.
//!
//! [`Filters::matches`] decides and [`Filters::explain`] tells; both ask the same rules.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::environment::EnvironmentType;
use crate::webhook::glob::Glob;
use crate::webhook::vocabulary::{Vocabulary, vendors_names_of};

/// What a webhook wants to hear of. An empty list asks for nothing in particular.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Patterns of event types, or vendors' names of them; none means every event, except those
    /// about webhooks.
    #[serde(deserialize_with = "bounded")]
    pub events: Vec<Glob>,
    /// Patterns of project names, or ids of projects. Events about environments and webhooks belong to no project, and
    /// pass.
    #[serde(deserialize_with = "bounded")]
    pub projects: Vec<Glob>,
    /// Patterns of application names; an event without an application does not pass.
    #[serde(deserialize_with = "bounded")]
    pub applications: Vec<Glob>,
    /// Patterns of environment codes or names; an event without an environment does not pass.
    #[serde(deserialize_with = "bounded")]
    pub environments: Vec<Glob>,
    /// Types of environments; an event without an environment does not pass.
    #[serde(deserialize_with = "bounded")]
    pub environment_types: Vec<EnvironmentType>,
    /// Whether it also wants what happened long before it was reported.
    pub history: bool,
}

/// What filters look at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The event's type, such as `deployment.completed`.
    pub kind: &'a str,
    /// The project's name.
    pub project: Option<&'a str>,
    /// The project's id.
    pub project_id: Option<Uuid>,
    /// The application's name.
    pub application: Option<&'a str>,
    /// The environment's code.
    pub environment: Option<&'a str>,
    /// The environment's name for people.
    pub environment_name: Option<&'a str>,
    /// What the environment is for.
    pub environment_type: Option<EnvironmentType>,
    /// It happened long before it was reported.
    pub backfill: bool,
}

/// Which events a webhook is sent: those that its filters let through and its format has words for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// What it asks for.
    pub filters: Filters,
    /// The vendor whose names its format uses.
    pub vocabulary: Option<Vocabulary>,
}

impl Interest {
    /// Whether the webhook is sent such an event.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.has_words(subject) && self.filters.matches(subject)
    }

    /// Each filter that is given, and the format, held against the event.
    pub fn explain(&self, subject: &Subject<'_>) -> Vec<Check> {
        let format = self.vocabulary.map(|vendor| Check {
            filter: "format",
            wanted: format!("an event that the format `{}` has a name for", vendor.as_str()),
            found: vendor.name_of(subject.kind).unwrap_or(subject.kind).to_owned(),
            holds: self.has_words(subject),
        });
        format.into_iter().chain(self.filters.explain(subject)).collect()
    }

    fn has_words(&self, subject: &Subject<'_>) -> bool {
        self.vocabulary.is_none_or(|vendor| vendor.name_of(subject.kind).is_some())
    }
}

/// One filter, held against one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// `format`, `events`, `projects`, `applications`, `environments`, `environment_types` or
    /// `history`.
    pub filter: &'static str,
    /// What the filter asks for.
    pub wanted: String,
    /// What the event has.
    pub found: String,
    /// Whether the one fits the other.
    pub holds: bool,
}

impl Filters {
    /// The pattern that stands alone in `events` where no event is wanted, since an empty list asks
    /// for all of them.
    pub const NO_EVENT: &str = "none";
    /// Entries of each list at most; whoever needs more wants a `*`.
    pub const PATTERNS_MAX: usize = 50;

    /// Whether each list is within [`Self::PATTERNS_MAX`].
    pub fn is_bounded(&self) -> bool {
        let Self { events, projects, applications, environments, environment_types, .. } = self;
        let lists = [events, projects, applications, environments];
        let longest = lists.iter().map(|list| list.len()).max().unwrap_or(0);
        longest.max(environment_types.len()) <= Self::PATTERNS_MAX
    }

    /// Whether all filters hold.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.wants_kind(subject)
            && self.wants_project(subject)
            && self.wants_application(subject)
            && self.wants_environment(subject)
            && self.wants_environment_type(subject)
            && self.wants_history(subject)
    }

    /// Each filter that is given, held against the event; `history` only for a late report.
    pub fn explain(&self, subject: &Subject<'_>) -> Vec<Check> {
        let checks = [
            self.explain_events(subject),
            self.explain_projects(subject),
            self.explain_applications(subject),
            self.explain_environments(subject),
            self.explain_environment_types(subject),
            self.explain_history(subject),
        ];
        checks.into_iter().flatten().collect()
    }

    fn wants_kind(&self, subject: &Subject<'_>) -> bool {
        if self.events.is_empty() {
            return !is_about_webhooks(subject);
        }
        self.events.iter().any(|pattern| asks_for(pattern, subject.kind))
    }

    fn wants_project(&self, subject: &Subject<'_>) -> bool {
        self.projects.is_empty()
            || has_no_project(subject)
            || subject.project.is_some_and(|name| any_matches(&self.projects, name))
            || subject.project_id.is_some_and(|id| any_is_id(&self.projects, id))
    }

    fn wants_application(&self, subject: &Subject<'_>) -> bool {
        self.applications.is_empty()
            || subject.application.is_some_and(|name| any_matches(&self.applications, name))
    }

    fn wants_environment(&self, subject: &Subject<'_>) -> bool {
        let names = [subject.environment, subject.environment_name];
        self.environments.is_empty()
            || names.into_iter().flatten().any(|name| any_matches(&self.environments, name))
    }

    fn wants_environment_type(&self, subject: &Subject<'_>) -> bool {
        self.environment_types.is_empty()
            || subject.environment_type.is_some_and(|kind| self.environment_types.contains(&kind))
    }

    fn wants_history(&self, subject: &Subject<'_>) -> bool {
        self.history || !subject.backfill
    }

    fn explain_events(&self, subject: &Subject<'_>) -> Option<Check> {
        let holds = self.wants_kind(subject);
        let wanted = match (self.events.as_slice(), holds) {
            ([], true) => return None,
            ([], false) => "a pattern that names events about webhooks".to_owned(),
            (patterns, _) => listed(patterns.iter().map(Glob::as_str)),
        };
        Some(Check { filter: "events", wanted, found: subject.kind.to_owned(), holds })
    }

    fn explain_projects(&self, subject: &Subject<'_>) -> Option<Check> {
        let wanted = patterns_given(&self.projects)?;
        let found = if has_no_project(subject) {
            "does not apply: the event belongs to no project".to_owned()
        } else {
            subject.project.unwrap_or("no project").to_owned()
        };
        Some(Check { filter: "projects", wanted, found, holds: self.wants_project(subject) })
    }

    fn explain_applications(&self, subject: &Subject<'_>) -> Option<Check> {
        let wanted = patterns_given(&self.applications)?;
        let found = subject.application.unwrap_or("no application").to_owned();
        let holds = self.wants_application(subject);
        Some(Check { filter: "applications", wanted, found, holds })
    }

    fn explain_environments(&self, subject: &Subject<'_>) -> Option<Check> {
        let wanted = patterns_given(&self.environments)?;
        let found = match (subject.environment, subject.environment_name) {
            (None, None) => "no environment".to_owned(),
            (Some(code), Some(name)) if code != name => format!("{code} ({name})"),
            (Some(name), _) | (None, Some(name)) => name.to_owned(),
        };
        let holds = self.wants_environment(subject);
        Some(Check { filter: "environments", wanted, found, holds })
    }

    fn explain_environment_types(&self, subject: &Subject<'_>) -> Option<Check> {
        if self.environment_types.is_empty() {
            return None;
        }
        let wanted = listed(self.environment_types.iter().map(|kind| kind.as_str()));
        let found = subject.environment_type.map_or("no environment", EnvironmentType::as_str);
        let holds = self.wants_environment_type(subject);
        Some(Check { filter: "environment_types", wanted, found: found.to_owned(), holds })
    }

    fn explain_history(&self, subject: &Subject<'_>) -> Option<Check> {
        if !subject.backfill {
            return None;
        }
        let wanted = if self.history { "late reports as well" } else { "no late reports" };
        let found = "reported long after it happened".to_owned();
        let holds = self.wants_history(subject);
        Some(Check { filter: "history", wanted: wanted.to_owned(), found, holds })
    }
}

/// Their own troubles would otherwise reach every webhook that filters by nothing but a project.
fn is_about_webhooks(subject: &Subject<'_>) -> bool {
    subject.kind.starts_with("webhook.")
}

fn has_no_project(subject: &Subject<'_>) -> bool {
    is_about_webhooks(subject) || subject.kind.starts_with("environment.")
}

fn any_matches(patterns: &[Glob], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(text))
}

/// Whether a pattern of events asks for a type of event: it matches it, or is in full what some
/// vendor calls it. A vendor's names are not for wildcards: Akinon's `deployment.build.created` is no
/// deployment.
pub fn asks_for(pattern: &Glob, kind: &str) -> bool {
    let is = |name: &str| pattern.as_str().eq_ignore_ascii_case(name);
    pattern.matches(kind) || vendors_names_of(kind).any(is)
}

fn any_is_id(patterns: &[Glob], id: Uuid) -> bool {
    patterns.iter().any(|pattern| Uuid::parse_str(pattern.as_str()) == Ok(id))
}

fn patterns_given(patterns: &[Glob]) -> Option<String> {
    (!patterns.is_empty()).then(|| listed(patterns.iter().map(Glob::as_str)))
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

fn bounded<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Vec::<T>::deserialize(deserializer)?;
    if list.len() > Filters::PATTERNS_MAX {
        let refusal = format!(
            "at most {} entries are allowed, not {}; combine them with `*`",
            Filters::PATTERNS_MAX,
            list.len()
        );
        return Err(serde::de::Error::custom(refusal));
    }
    Ok(list)
}

#[cfg(test)]
mod tests;
