//! What filters look at, read from a stored event without reading the rest of it.

use std::borrow::Cow;

use landfall_domain::environment::EnvironmentType;
use landfall_domain::webhook::filter::Subject;
use serde::Deserialize;
use uuid::Uuid;

use crate::events::StoredEvent;

/// The parts of an event's data that filters look at.
#[derive(Deserialize)]
pub(crate) struct Head<'a> {
    #[serde(borrow, default)]
    project: Option<Owner<'a>>,
    #[serde(borrow, default)]
    application: Option<Noun<'a>>,
    #[serde(borrow, default)]
    environment: Option<Place<'a>>,
    #[serde(default)]
    backfill: bool,
}

#[derive(Deserialize)]
struct Noun<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Owner<'a> {
    id: Uuid,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Place<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: EnvironmentType,
}

impl<'a> Head<'a> {
    /// Reads the parts; an event that can't be read has none.
    pub(crate) fn of(event: &'a StoredEvent) -> Self {
        serde_json::from_str(&event.data).unwrap_or(Self {
            project: None,
            application: None,
            environment: None,
            backfill: false,
        })
    }

    /// The parts, as filters want them.
    pub(crate) fn subject<'s>(&'s self, kind: &'s str) -> Subject<'s> {
        let environment = self.environment.as_ref();
        Subject {
            kind,
            project: self.project.as_ref().map(|project| &*project.name),
            project_id: self.project.as_ref().map(|project| project.id),
            application: self.application.as_ref().map(|application| &*application.name),
            environment: environment.map(|environment| &*environment.code),
            environment_name: environment.map(|environment| &*environment.name),
            environment_type: environment.map(|environment| environment.kind),
            backfill: self.backfill,
        }
    }
}
