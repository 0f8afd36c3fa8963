//! What a sample event becomes, while somebody types.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use landfall_engine::webhooks::{DraftPreview, NewWebhook, Request, seen};
use landfall_engine::{Caller, Engine};

use super::super::deliveries::ShownRequest;
use super::super::test::{KIND_DEFAULT, kinds_of};
use super::super::why::ShownCheck;
use super::draft::Draft;
use super::read::{Errors, read};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::form::Sent;

/// The preview beside a form.
#[derive(Template)]
#[template(path = "webhook_preview.html")]
pub(super) struct Preview {
    kinds: Vec<&'static str>,
    kind: String,
    /// Why nothing can be shown.
    wrong: Option<String>,
    request: Option<ShownRequest>,
    checks: Vec<ShownCheck>,
    is_wanted: bool,
}

impl Preview {
    fn is_chosen(&self, kind: &str) -> bool {
        self.kind == kind
    }

    /// What a draft makes of the sample that it names.
    pub(super) async fn of(
        engine: &Engine,
        caller: &Caller,
        draft: &Draft,
        (new, errors): (NewWebhook, &Errors),
    ) -> Result<Self, Trouble> {
        let kinds = kinds_of(&new.config.format);
        let kind = kinds.iter().find(|kind| **kind == draft.sample);
        let kind = (*kind.unwrap_or(&KIND_DEFAULT)).to_owned();
        let DraftPreview { request, checks } = engine.preview_draft(caller, new, &kind).await?;
        let is_wanted = checks.iter().all(|check| check.holds);
        let (request, wrong) = match (errors.of("template"), request) {
            (Some(why), _) => (None, Some(format!("The template {why}"))),
            (None, Err(why)) => (None, Some(why)),
            (None, Ok(request)) => (Some(ShownRequest::of(unsigned(request), true)), None),
        };
        let checks = checks.into_iter().map(Into::into).collect();
        Ok(Self { kinds, kind, wrong, request, checks, is_wanted })
    }
}

/// The secret of a preview is made up, so its signature would only mislead.
fn unsigned(mut request: Request) -> Request {
    for (name, value) in &mut request.headers {
        if seen::is_signature(name) {
            seen::HIDDEN.clone_into(value);
        }
    }
    request
}

/// The preview alone, for a form that changes. What is wrong with a draft is no failure here.
pub(in super::super) async fn preview(
    State(dashboard): State<Dashboard>,
    Sent { viewer, form: draft }: Sent<Draft>,
) -> Result<Response, Trouble> {
    let (new, errors) = read(&draft);
    let preview = Preview::of(&dashboard.engine, &viewer.caller, &draft, (new, &errors)).await?;
    Ok(html(&preview))
}
