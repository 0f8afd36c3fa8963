//! Sending a sample event, and what came of it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use landfall_domain::access::Scope;
use landfall_domain::webhook::format::{Format, sample};
use landfall_engine::webhooks::{Resent, WebhookNow};
use serde::Deserialize;

use super::head::Head;
use super::pretty::pretty;
use super::state::ShownState;
use super::told::Told;
use super::{duration, webhook_id};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

/// The type of event that people care for most.
pub(super) const KIND_DEFAULT: &str = "deployment.completed";

/// The types of events that a format has a name for.
pub(super) fn kinds_of(format: &Format) -> Vec<&'static str> {
    let has_name =
        |kind: &&str| format.vocabulary().is_none_or(|vendor| vendor.name_of(kind).is_some());
    sample::KINDS.iter().copied().filter(has_name).collect()
}

/// What came of a test.
struct Came {
    kind: String,
    state: ShownState,
    status: Option<u16>,
    took: String,
    error: Option<(String, String)>,
    body: String,
}

impl Came {
    fn of(kind: String, resent: Resent) -> Self {
        let exchange = resent.attempt.exchange;
        Self {
            kind,
            state: ShownState::of_attempt(resent.is_delivered),
            status: exchange.status,
            took: duration(exchange.duration_us),
            error: exchange.error,
            body: pretty(&exchange.body),
        }
    }
}

#[derive(Template)]
#[template(path = "webhook_test.html")]
struct TestPage {
    page: Page,
    head: Head,
    kinds: Vec<&'static str>,
    kind: String,
    result: Option<Came>,
}

impl TestPage {
    fn is_chosen(&self, kind: &str) -> bool {
        self.kind == kind
    }

    fn of((page, head, found): (Page, Head, WebhookNow), kind: String) -> Self {
        let kinds = kinds_of(&found.armed.webhook.config.format);
        Self { page, head, kinds, kind, result: None }
    }
}

pub(super) async fn form(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(word): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response, Trouble> {
    let id = webhook_id(&word)?;
    let found = Head::of(&dashboard.engine, &viewer, id, ("/test", &told)).await?;
    Ok(html(&TestPage::of(found, KIND_DEFAULT.to_owned())))
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    kind: String,
}

/// Nothing is changed by a test, so its result is the page itself.
pub(super) async fn send(
    State(dashboard): State<Dashboard>,
    Path(word): Path<String>,
    Sent { viewer, form: Wanted { kind } }: Sent<Wanted>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let (engine, id) = (&dashboard.engine, webhook_id(&word)?);
    let resent = engine.test_webhook(&viewer.caller, id, &kind).await?;
    let found = Head::of(engine, &viewer, id, ("/test", &Told::default())).await?;
    let page = TestPage::of(found, kind.clone());
    Ok(html(&TestPage { result: Some(Came::of(kind, resent)), ..page }))
}
