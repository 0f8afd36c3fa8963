//! Why an event was sent or not: each filter held against it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use landfall_domain::access::Scope;
use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::filter::Check;
use landfall_engine::EngineError;
use landfall_engine::webhooks::Explanation;
use serde::Deserialize;

use super::head::Head;
use super::state::ShownState;
use super::told::Told;
use super::webhook_id;
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// The event that is asked about.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    event: String,
}

/// One filter, as it is shown.
pub(super) struct ShownCheck {
    pub state: ShownState,
    pub filter: &'static str,
    pub wanted: String,
    pub found: String,
}

impl From<Check> for ShownCheck {
    fn from(check: Check) -> Self {
        let Check { filter, wanted, found, holds } = check;
        Self { state: ShownState::of_check(holds), filter, wanted, found }
    }
}

/// The answer.
struct Answer {
    sequence: u64,
    verdict: String,
    checks: Vec<ShownCheck>,
    has_delivery: bool,
}

#[derive(Template)]
#[template(path = "webhook_why.html")]
struct WhyPage {
    page: Page,
    head: Head,
    event: String,
    wrong: Option<String>,
    answer: Option<Answer>,
}

pub(super) async fn why(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(word): Path<String>,
    Query(Asked { event }): Query<Asked>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Read)?;
    let (engine, id) = (&dashboard.engine, webhook_id(&word)?);
    let (page, head, _) = Head::of(engine, &viewer, id, ("/why", &Told::default())).await?;
    let text = event.trim().trim_start_matches('#');
    let (answer, wrong) = match text.parse::<u64>() {
        _ if text.is_empty() => (None, None),
        Err(_) => (None, Some("An event is named by its number, such as 1042.".to_owned())),
        Ok(sequence) => match engine.explain(&viewer.caller, id, sequence).await {
            Ok(explanation) => (Some(answer(sequence, explanation)), None),
            Err(EngineError::Refused(refusal @ Refusal::NotFound { .. })) => {
                (None, Some(format!("{refusal}, or it is no longer kept")))
            }
            Err(error) => return Err(error.into()),
        },
    };
    Ok(html(&WhyPage { page, head, event, wrong, answer }))
}

fn answer(sequence: u64, explanation: Explanation) -> Answer {
    let Explanation { checks, delivery, verdict, matches: _ } = explanation;
    let checks = checks.into_iter().map(Into::into).collect();
    Answer { sequence, verdict, checks, has_delivery: delivery.is_some() }
}
