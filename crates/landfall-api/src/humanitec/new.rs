//! From Humanitec's body to a webhook that is to be made.

use landfall_domain::id::{ProjectId, WebhookId};
use landfall_domain::text;
use landfall_domain::webhook::Config;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::vendor::{Job, Vendor};
use landfall_engine::Ambient;
use landfall_engine::webhooks::NewWebhook;

use super::body::{Field, WebhookBody, format_of};
use super::triggers::{parse_triggers, patterns};
use super::url::Address;
use crate::shared::rejection::Rejection;
use crate::shared::vendor::events_asked;

/// An id may be this long, as the names of webhooks.
const ID_CHARS_MAX: usize = 100;

/// The webhook to be made, in no project yet, by the key of that id under that name of an app.
pub(super) fn new_webhook(
    body: WebhookBody,
    (app, key_id): (&str, &str),
    ambient: &Ambient,
) -> Result<NewWebhook, Rejection> {
    let WebhookBody { id, disabled, headers, payload, triggers, url } = body;
    let Field::Value(url) = url else {
        return Err(Rejection::field("url", "is required, such as \"example.com/hook\""));
    };
    let address = Address::parse(&url)?;
    let triggers = parse_triggers(&triggers.value().unwrap_or_default())?;
    let job = Job {
        id: id_of(id, ambient)?,
        app_id: app.to_owned(),
        are_headers_null: headers == Field::Null,
        is_url_bare: address.is_bare,
        created_by: key_id.to_owned(),
    };
    let config = Config {
        filters: Filters { events: events_asked(patterns(triggers)), ..Filters::default() },
        format: format_of(payload.value())?,
        vendor: Some(Vendor::Humanitec(job.clone())),
        ..Config::named(job.id)
    };
    Ok(NewWebhook {
        config,
        url: address.url,
        headers: headers.value().unwrap_or_default(),
        secret: None,
        vendor_secret: None,
        is_enabled: disabled.value() != Some(true),
    })
}

/// Places it in a project, of which alone it hears. A filter by id outlasts a rename.
pub(super) fn place_in(project: ProjectId, mut new: NewWebhook) -> NewWebhook {
    let id = Glob::try_from(project.to_string());
    new.config.filters.projects = vec![id.expect("an id is a pattern")];
    new.config.project = Some(project);
    new
}

/// The id that was sent, which has to fit into a path; else a new one.
fn id_of(id: Field<String>, ambient: &Ambient) -> Result<String, Rejection> {
    let Field::Value(id) = id else {
        let made: WebhookId = ambient.id(ambient.now());
        return Ok(made.object_id());
    };
    let checked = text::check(&id, ID_CHARS_MAX).map_err(|why| Rejection::field("id", why))?;
    if checked.len() < id.len() {
        return Err(Rejection::field("id", "must not begin or end with white space"));
    }
    if id.contains('/') || matches!(id.as_str(), "." | "..") {
        let why = "must be usable in a path, so it must not contain `/` or be `.` or `..`";
        return Err(Rejection::field("id", why));
    }
    Ok(id)
}
