//! An event of the stream, and the delivery that a webhook would make of it.

use std::borrow::Cow;

use landfall_domain::event::EventData;
use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_domain::webhook::filter::{Filters, Subject};
use landfall_domain::webhook::format::{Format, Message, RenderError, Rendered};
use landfall_domain::webhook::message_id;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::super::api::parse;
use super::super::super::failure::Failure;

/// An event, its data untouched: what is signed is what the log holds.
#[derive(Debug, Deserialize)]
pub(super) struct Happened<'a> {
    pub sequence: u64,
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    timestamp: Timestamp,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// What is sent, ready to sign.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    /// The `webhook-id`.
    pub id: String,
    /// The exact bytes, and their media type.
    pub rendered: Rendered,
}

impl<'a> Happened<'a> {
    /// Reads an event of the stream.
    pub(super) fn read(json: &'a str) -> Result<Self, Failure> {
        parse(json)
    }

    /// Whether a webhook with these filters would be sent it. Data of a newer server, which can't
    /// be read, holds nothing to filter by.
    pub(super) fn is_wanted(&self, filters: &Filters) -> bool {
        let data: EventData = serde_json::from_str(self.data.get()).unwrap_or_default();
        let environment = data.environment.as_ref();
        filters.matches(&Subject {
            kind: &self.kind,
            project: data.project.as_ref().map(|project| project.name.as_str()),
            project_id: data.project.as_ref().map(|project| project.id),
            application: data.application.as_ref().map(|application| application.name.as_str()),
            environment: environment.map(|environment| environment.code.as_str()),
            environment_name: environment.map(|environment| environment.name.as_str()),
            environment_type: environment.map(|environment| environment.kind),
            backfill: data.backfill,
        })
    }

    /// The delivery, in the standard format.
    pub(super) fn message(
        &self,
        organization: OrganizationId,
        named: &Named,
    ) -> Result<Outgoing, RenderError> {
        let Self { sequence, kind, timestamp, data } = self;
        let id = message_id(organization, *sequence);
        let rendered = Format::Standard.render(&Message {
            id: &id,
            sequence: *sequence,
            kind,
            at: *timestamp,
            organization: named,
            data: data.get(),
            base_url: None,
            vendor_secret: None,
            app_id: None,
        })?;
        Ok(Outgoing { id, rendered })
    }
}
