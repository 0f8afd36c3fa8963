//! Making and editing a webhook: one form per format, with what a sample event becomes beside it.

pub(super) mod draft;
mod fields;
pub(super) mod formats;
pub(super) mod preview;
mod read;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use landfall_domain::access::Scope;
use landfall_domain::id::WebhookId;
use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::Webhook;
use landfall_domain::webhook::format::template::known_placeholders;
use landfall_engine::EngineError;
use landfall_engine::webhooks::{NewWebhook, WebhookEdit};
use serde::Deserialize;
use uuid::Uuid;

use self::draft::Draft;
use self::fields::{Control, Section, sections};
use self::formats::{FORMATS, FormatOption};
use self::preview::Preview;
use self::read::{Errors, edit_of, read, state_of};
use super::{TAB, back, secret, webhook_id};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

/// The format in the address.
#[derive(Deserialize)]
pub(super) struct Chosen {
    format: Option<String>,
}

/// What a form is for.
#[derive(Clone)]
enum Purpose {
    New,
    Edit { id: Uuid, name: String },
}

impl Purpose {
    fn edit(webhook: &Webhook) -> Self {
        Self::Edit { id: webhook.id.uuid(), name: webhook.config.name.clone() }
    }

    /// The address of the form.
    fn path(&self) -> String {
        match self {
            Self::New => format!("{TAB}/new"),
            Self::Edit { id, .. } => format!("{TAB}/{id}/edit"),
        }
    }
}

#[derive(Template)]
#[template(path = "webhook_form.html")]
struct FormPage {
    page: Page,
    title: String,
    path: String,
    /// Where those go who change their mind.
    away: String,
    button: &'static str,
    formats: &'static [FormatOption],
    format: &'static FormatOption,
    revision: String,
    sections: Vec<Section>,
    errors: Vec<&'static str>,
    event_names: Vec<&'static str>,
    placeholders: Vec<&'static str>,
    preview: Preview,
}

/// A form as it is shown: what was typed, and what is wrong with it.
async fn show(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    purpose: &Purpose,
    (draft, new, errors): (&Draft, NewWebhook, &Errors),
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let format = FormatOption::of_word(&draft.format);
    let preview = Preview::of(engine, &viewer.caller, draft, (new, errors)).await?;
    let sections = sections(draft, errors, matches!(purpose, Purpose::New));
    let fields = sections.iter().flat_map(|section| &section.fields);
    let wrong = fields.filter(|field| field.error.is_some()).map(|field| field.label);
    Ok(html(&FormPage {
        page: Page::new(viewer, TAB, engine.log_head(&viewer.caller).await?),
        title: match purpose {
            Purpose::New => "New webhook".to_owned(),
            Purpose::Edit { name, .. } => format!("Edit {name}"),
        },
        path: purpose.path(),
        away: match purpose {
            Purpose::New => TAB.to_owned(),
            Purpose::Edit { id, .. } => format!("{TAB}/{id}"),
        },
        button: if matches!(purpose, Purpose::New) { "Make the webhook" } else { "Save" },
        formats: FORMATS,
        format,
        revision: draft.revision.clone(),
        errors: wrong.collect(),
        sections,
        event_names: format.event_names(),
        placeholders: if format.template == Some(true) { known_placeholders() } else { Vec::new() },
        preview,
    }))
}

/// The form of a new webhook.
pub(super) async fn new(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(Chosen { format }): Query<Chosen>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let option = FormatOption::of_word(format.as_deref().unwrap_or_default());
    let draft = Draft::blank(option.word);
    let (new, _) = read(&draft);
    // Nothing was typed yet, so nothing is wrong.
    show(&dashboard, &viewer, &Purpose::New, (&draft, new, &Errors::default())).await
}

/// Makes a webhook; its secret is shown once.
pub(super) async fn create(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Sent { viewer, form: draft }: Sent<Draft>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let (new, mut errors) = read(&draft);
    if errors.is_empty() {
        match dashboard.engine.create_webhook(&viewer.caller, new.clone()).await {
            Ok(armed) => {
                let (id, made) = (armed.webhook.id, &armed.webhook.private.secret);
                return Ok(secret::send(back(id, "/settings", "created"), id, made, &headers));
            }
            Err(error) => note(&mut errors, error)?,
        }
    }
    wrong(&dashboard, &viewer, &Purpose::New, (&draft, new, errors)).await
}

/// The form of a webhook that exists.
pub(super) async fn edit(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(word): Path<String>,
    Query(Chosen { format }): Query<Chosen>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let armed = dashboard.engine.find_webhook(&viewer.caller, webhook_id(&word)?)?;
    let webhook = &armed.webhook;
    let draft = of_format(Draft::of(webhook), format.as_deref());
    let (new, _) = read(&draft);
    let purpose = Purpose::edit(webhook);
    show(&dashboard, &viewer, &purpose, (&draft, new, &Errors::default())).await
}

/// The same draft in another format, if one was chosen.
fn of_format(draft: Draft, format: Option<&str>) -> Draft {
    let Some(option) = format.map(FormatOption::of_word) else { return draft };
    if option.word == draft.format {
        return draft;
    }
    let blank = Draft::blank(option.word);
    Draft { format: blank.format, template: blank.template, ..draft }
}

/// Saves a webhook, unless somebody else changed it since the form was made.
pub(super) async fn update(
    State(dashboard): State<Dashboard>,
    Path(word): Path<String>,
    Sent { viewer, form: draft }: Sent<Draft>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let (engine, id): (_, WebhookId) = (&dashboard.engine, webhook_id(&word)?);
    let armed = engine.find_webhook(&viewer.caller, id)?;
    let (new, mut errors) = read(&draft);
    if errors.is_empty() {
        let (edit, sent) = (edit_of(new.clone(), &draft), draft.clone());
        let edit = move |webhook: &Webhook| {
            require_revision(webhook, &sent.revision)?;
            let state = state_of(&webhook.state, &sent.state);
            Ok::<_, EngineError>(WebhookEdit { state, ..edit })
        };
        match engine.edit_webhook(&viewer.caller, id, edit).await {
            Ok(_) => return Ok(back(id, "/settings", "saved")),
            Err(error) => note(&mut errors, error)?,
        }
    }
    wrong(&dashboard, &viewer, &Purpose::edit(&armed.webhook), (&draft, new, errors)).await
}

fn require_revision(webhook: &Webhook, revision: &str) -> Result<(), EngineError> {
    if webhook.revision.to_string() == revision {
        return Ok(());
    }
    let why = "the webhook was changed since this form was loaded; load it again, so that nothing \
               that somebody else did is undone";
    Err(Refusal::InUse(why.to_owned()).into())
}

/// Puts what the engine says of a field beside it; everything else is trouble.
fn note(errors: &mut Errors, error: EngineError) -> Result<(), Trouble> {
    match error {
        EngineError::Refused(Refusal::Invalid { field, reason }) => {
            errors.note_engine(&field, &reason);
            Ok(())
        }
        other => Err(other.into()),
    }
}

async fn wrong(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    purpose: &Purpose,
    (draft, new, mut errors): (&Draft, NewWebhook, Errors),
) -> Result<Response, Trouble> {
    // What the engine would say next is told at once.
    if let Err(error) = dashboard.engine.check_new_webhook(&viewer.caller, &new) {
        note(&mut errors, error)?;
    }
    let page = show(dashboard, viewer, purpose, (draft, new, &errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
