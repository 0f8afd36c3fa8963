//! One attempt: render, sign, send, and judge what came back.

use std::time::Instant;

use hyper::body::Bytes;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::Private;
use landfall_domain::webhook::delivery::Exchange;
use landfall_domain::webhook::format::{Message, RenderError, Rendered};
use landfall_domain::webhook::message_id;
use landfall_domain::webhook::vendor::Vendor;
use landfall_domain::webhook::verdict::{Answer, Verdict, judge};
use tracing::Instrument;

use super::armed::Armed;
use super::context::Context;
use crate::egress::{self, Egress, Outgoing, SendError, Target};
use crate::events::StoredEvent;
use crate::trace;

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
        base_url: armed.base_url.as_deref(),
        vendor_secret: armed.webhook.private.vendor_secret.as_deref(),
        app_id: armed.webhook.config.vendor.as_ref().and_then(Vendor::app_id),
    };
    let rendered = armed.webhook.config.format.render(&message)?;
    Ok((id, rendered))
}

/// The `webhook-id`: of an event of the log, always the same; of a sample, a new one.
fn id_of(armed: &Armed, event: &StoredEvent) -> String {
    let id = message_id(armed.webhook.organization, event.sequence);
    if event.sequence == 0 { format!("{id}_test_{}", event.at.as_micros()) } else { id }
}

/// Makes one attempt; one by hand has the number 0.
pub(super) async fn attempt(
    context: &Context,
    armed: &Armed,
    event: &StoredEvent,
    number: u32,
) -> Outcome {
    let span = trace::attempt(&armed.webhook, event.sequence, number);
    let outcome = make(context, armed, event).instrument(span.clone()).await;
    trace::note_exchange(&span, &outcome.exchange);
    outcome
}

async fn make(context: &Context, armed: &Armed, event: &StoredEvent) -> Outcome {
    let Context { egress, ambient, .. } = context;
    let (at, begun) = (ambient.now(), Instant::now());
    let (id, rendered, target) = match prepare(armed, event) {
        Ok(prepared) => prepared,
        Err(error) => return Outcome::unsendable(armed, at, error),
    };
    let answer = send(egress, armed, target, at, (&id, rendered)).await;
    let duration_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let base = Exchange { duration_us, ..blank(armed, at) };
    match answer {
        Ok(answer) => {
            let verdict = verdict(&answer, ambient.now());
            let exchange = with_answer(base, answer, &Credentials::of(&armed.webhook.private));
            Outcome { at, exchange, verdict }
        }
        Err(error) => {
            let error = Some((error.code().to_owned(), error.to_string()));
            let verdict = judge(&Answer::NoAnswer, at);
            Outcome { at, exchange: Exchange { error, ..base }, verdict }
        }
    }
}

/// An attempt of which nothing is known yet.
fn blank(armed: &Armed, at: Timestamp) -> Exchange {
    Exchange {
        revision: armed.webhook.revision,
        timestamp: at.as_micros().div_euclid(1_000_000),
        ..Exchange::default()
    }
}

type CodeAndReason = (String, String);

impl Outcome {
    /// Nothing could be sent, for a reason that lies in the webhook or the event: it says nothing of
    /// the receiver.
    fn unsendable(armed: &Armed, at: Timestamp, error: CodeAndReason) -> Self {
        let exchange = Exchange { error: Some(error), ..blank(armed, at) };
        let verdict = Verdict { is_sick: false, ..judge(&Answer::NoAnswer, at) };
        Self { at, exchange, verdict }
    }

    /// The attempt itself broke.
    pub(super) fn defect(armed: &Armed, at: Timestamp) -> Self {
        let reason = "a defect of Landfall; its log says more".to_owned();
        Self::unsendable(armed, at, ("defect".to_owned(), reason))
    }
}

/// Renders what is sent, and finds out where to.
fn prepare(
    armed: &Armed,
    event: &StoredEvent,
) -> Result<(String, Rendered, Target), CodeAndReason> {
    let target = armed.target().map_err(|why| ("forbidden_url".to_owned(), why))?;
    let rendered = render(armed, event);
    let (id, rendered) = rendered.map_err(|error| ("render".to_owned(), error.to_string()))?;
    Ok((id, rendered, target))
}

async fn send(
    egress: &Egress,
    armed: &Armed,
    target: Target,
    at: Timestamp,
    (id, rendered): (&str, Rendered),
) -> Result<egress::Answer, SendError> {
    let outgoing = Outgoing {
        target,
        headers: armed.headers(id, at, &rendered),
        body: Bytes::from(rendered.body),
        timeout: armed.webhook.config.timeout(),
    };
    egress.send(outgoing).await
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

/// What of a webhook's own values a receiver may echo and must not be stored in the clear, let alone
/// be shown to who may only read.
struct Credentials<'a>(Vec<&'a str>);

impl<'a> Credentials<'a> {
    /// Shorter values are no credentials, and stand in too many texts.
    const CHARS_MIN: usize = 6;

    fn of(private: &'a Private) -> Self {
        let values = private.headers.values().chain(&private.vendor_secret).map(String::as_str);
        Self(values.filter(|value| value.len() >= Self::CHARS_MIN).collect())
    }

    fn hidden(&self, text: String) -> String {
        let Self(values) = self;
        values.iter().fold(text, |text, value| {
            if text.contains(value) { text.replace(value, "…") } else { text }
        })
    }
}

fn with_answer(base: Exchange, answer: egress::Answer, secret: &Credentials<'_>) -> Exchange {
    let egress::Answer { status, headers, body, is_cut } = answer;
    let headers = headers.into_iter().map(|(name, value)| (name, secret.hidden(value)));
    Exchange {
        status: Some(status),
        headers: headers.collect(),
        body: secret.hidden(String::from_utf8_lossy(&body).into_owned()),
        is_body_cut: is_cut,
        ..base
    }
}
