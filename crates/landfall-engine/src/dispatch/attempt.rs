//! One attempt: render, sign, send, and judge what came back.

use std::time::Instant;

use hyper::body::Bytes;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::Exchange;
use landfall_domain::webhook::format::{Message, RenderError, Rendered};
use landfall_domain::webhook::message_id;
use landfall_domain::webhook::verdict::{Answer, Verdict, judge};

use super::armed::Armed;
use crate::ambient::Ambient;
use crate::egress::{self, Egress, Outgoing, SendError};
use crate::events::StoredEvent;

/// What an attempt came to.
pub(super) struct Outcome {
    /// When it began.
    pub at: Timestamp,
    /// What was sent and came back.
    pub exchange: Exchange,
    /// What it means.
    pub verdict: Verdict,
}

/// Renders what an attempt says.
pub(crate) fn render(
    armed: &Armed,
    event: &StoredEvent,
) -> Result<(String, Rendered), RenderError> {
    let id = id_of(armed, event);
    let message = Message {
        id: &id,
        sequence: event.sequence,
        kind: &event.kind,
        at: event.at,
        organization: &armed.organization,
        data: &event.data,
        base_url: None,
    };
    let rendered = armed.webhook.config.format.render(&message)?;
    Ok((id, rendered))
}

/// The `webhook-id`: of an event of the log, always the same; of a sample, a new one.
fn id_of(armed: &Armed, event: &StoredEvent) -> String {
    let id = message_id(armed.webhook.organization, event.sequence);
    if event.sequence == 0 { format!("{id}_test_{}", event.at.as_micros()) } else { id }
}

/// Makes one attempt.
pub(super) async fn attempt(
    egress: &Egress,
    ambient: &Ambient,
    armed: &Armed,
    event: &StoredEvent,
) -> Outcome {
    let (at, begun) = (ambient.now(), Instant::now());
    let answer = match render(armed, event) {
        Ok((id, rendered)) => send(egress, armed, at, &id, rendered).await,
        Err(error) => Err(("render".to_owned(), error.to_string())),
    };
    let base = Exchange {
        revision: armed.webhook.revision,
        timestamp: at.as_micros().div_euclid(1_000_000),
        duration_us: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        ..Exchange::default()
    };
    match answer {
        Ok(answer) => {
            let verdict = verdict(&answer, ambient.now());
            Outcome { at, exchange: with_answer(base, answer), verdict }
        }
        Err(error) => {
            let verdict = judge(&Answer::NoAnswer, at);
            Outcome { at, exchange: Exchange { error: Some(error), ..base }, verdict }
        }
    }
}

async fn send(
    egress: &Egress,
    armed: &Armed,
    at: Timestamp,
    id: &str,
    Rendered { body, content_type }: Rendered,
) -> Result<egress::Answer, (String, String)> {
    let named = |error: SendError| (error.code().to_owned(), error.to_string());
    let outgoing = Outgoing {
        target: armed.target().map_err(|why| ("forbidden_url".to_owned(), why))?,
        headers: armed.headers(id, content_type, at, &body),
        body: Bytes::from(body),
        timeout: armed.webhook.config.timeout(),
    };
    egress.send(outgoing).await.map_err(named)
}

fn verdict(answer: &egress::Answer, now: Timestamp) -> Verdict {
    let header = |wanted: &str| {
        let found = answer.headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let answer = Answer::Status {
        status: answer.status,
        retry_after: header("retry-after"),
        webhook_delivery: header("webhook-delivery"),
    };
    judge(&answer, now)
}

fn with_answer(base: Exchange, answer: egress::Answer) -> Exchange {
    let egress::Answer { status, headers, body, is_cut } = answer;
    Exchange {
        status: Some(status),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        is_body_cut: is_cut,
        ..base
    }
}
