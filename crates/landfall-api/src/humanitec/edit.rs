//! From Humanitec's body to what a webhook becomes. What is left out stays, and so does what is sent
//! back as it was shown: another API may have set it to something that this one shows less of.

use landfall_domain::webhook::Webhook;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::vendor::{Job, Vendor};
use landfall_engine::webhooks::WebhookEdit;
use serde_json::{Map, Value};

use super::body::{Field, WebhookBody, format_of};
use super::error::Error;
use super::triggers::{parse_triggers, patterns, shown_triggers};
use super::url::Address;
use super::view::{job_of, shown_payload};
use crate::shared::rejection::Rejection;
use crate::shared::seen;
use crate::shared::vendor::{events_asked, state_for};

/// The edit of a webhook as it is now.
pub(super) fn edit_of(webhook: &Webhook, body: WebhookBody) -> Result<WebhookEdit, Error> {
    let WebhookBody { id, disabled, headers, payload, triggers, url } = body;
    let mut job = job_of(webhook)?.clone();
    require_same_id(&job, &id)?;
    if headers.is_sent() {
        job.are_headers_null = headers == Field::Null;
    }
    let address = address_of(url)?;
    let address = address.and_then(|address| {
        let url = seen::sent_url(&webhook.private, address.url)?;
        Some(Address { url, ..address })
    });
    if let Some(address) = &address {
        job.is_url_bare = address.is_bare;
    }
    let is_on = disabled.is_sent().then(|| disabled.value() != Some(true));
    Ok(WebhookEdit {
        url: address.map(|address| address.url),
        filters: changed_filters(&webhook.config.filters, triggers)?,
        format: changed_format(&webhook.config.format, payload)?,
        headers: headers.is_sent().then(|| headers.value().unwrap_or_default()),
        vendor: Some(Vendor::Humanitec(job)),
        state: is_on.and_then(|is_on| state_for(&webhook.state, is_on)),
        ..WebhookEdit::default()
    })
}

/// Terraform sends the whole of a webhook, with its id.
fn require_same_id(job: &Job, id: &Field<String>) -> Result<(), Rejection> {
    match id {
        Field::Value(id) if *id != job.id => {
            let why = format!("can't be changed from `{}`; make another webhook", job.id);
            Err(Rejection::field("id", why))
        }
        _ => Ok(()),
    }
}

fn address_of(url: Field<String>) -> Result<Option<Address>, Rejection> {
    match url {
        Field::Absent => Ok(None),
        Field::Null => Err(Rejection::field("url", "can't be taken away; leave it out to keep it")),
        Field::Value(url) => Address::parse(&url).map(Some),
    }
}

fn changed_format(
    present: &Format,
    payload: Field<Map<String, Value>>,
) -> Result<Option<Format>, Rejection> {
    if !payload.is_sent() {
        return Ok(None);
    }
    let wanted = payload.value();
    if wanted.as_ref() == shown_payload(present) { Ok(None) } else { format_of(wanted).map(Some) }
}

fn changed_filters(
    present: &Filters,
    triggers: Field<Vec<Map<String, Value>>>,
) -> Result<Option<Filters>, Rejection> {
    if !triggers.is_sent() {
        return Ok(None);
    }
    let wanted = parse_triggers(&triggers.value().unwrap_or_default())?;
    let shown = shown_triggers(present);
    // Their order says nothing.
    if wanted.len() == shown.len() && wanted.iter().all(|name| shown.contains(name)) {
        return Ok(None);
    }
    Ok(Some(Filters { events: events_asked(patterns(wanted)), ..present.clone() }))
}
