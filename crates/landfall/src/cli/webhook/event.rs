//! One event and one webhook: test, resend, explain, preview.

use clap::Args;
use hyper::Method;
use serde_json::{Map, Value, json};

use super::super::api::parse;
use super::super::failure::Failure;
use super::Within;
use super::find::Webhooks;
use super::outcome::{checks, outcome, request};
use super::settings::Form;
use super::shapes::Resent;

#[derive(Debug, Args)]
pub(super) struct TestArguments {
    /// The webhook's name or id
    webhook: String,
    /// The type of the sample event [default: deployment.completed]
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct PreviewArguments {
    /// The webhook's name or id
    webhook: String,
    /// The number of an event
    #[arg(long, value_name = "SEQUENCE", conflicts_with = "kind")]
    event: Option<u64>,
    /// A type of event, of which a sample is shown [default: deployment.completed]
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    form: Form,
}

/// Sends a sample event.
pub(super) async fn test(test: TestArguments, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let TestArguments { webhook, kind, json } = test;
    let body = kind.map_or_else(|| json!({}), |kind| json!({ "event_type": kind }));
    let path = webhooks.at(&webhook).await?.below("test");
    let answer = webhooks.api.send(Method::POST, path, &body).await?;
    tell(&answer, json, webhooks)
}

/// Sends an event once more.
pub(super) async fn resend(within: Within, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let path = webhooks.at(&within.webhook).await?.below("deliveries");
    let path = path.below(&within.sequence.to_string()).below("resend");
    let answer = webhooks.api.send(Method::POST, path, &json!({})).await?;
    tell(&answer, within.json, webhooks)
}

/// Says what came of an attempt; one that failed has an exit code of its own.
fn tell(answer: &str, json: bool, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let Resent { delivered, attempt } = parse(answer)?;
    let words = outcome(&attempt);
    if json {
        webhooks.session.output.verbatim(answer)?;
    } else if delivered {
        webhooks.session.output.text(&format!("Delivered: {words}"))?;
    }
    if delivered { Ok(()) } else { Err(Failure::Undelivered(format!("not delivered: {words}"))) }
}

/// Says why an event was sent or not.
pub(super) async fn explain(within: Within, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let path = webhooks.at(&within.webhook).await?.below("matches");
    let body = webhooks.api.get(path.below(&within.sequence.to_string())).await?;
    webhooks.print(&body, within.json, || Ok(checks(&parse(&body)?)))
}

/// Shows what would be sent.
pub(super) async fn preview(
    preview: PreviewArguments,
    webhooks: &Webhooks<'_>,
) -> Result<(), Failure> {
    let PreviewArguments { webhook, event, kind, form, json } = preview;
    let mut body: Map<String, Value> = form.body()?;
    body.extend(event.map(|sequence| ("event".to_owned(), json!(sequence))));
    body.extend(kind.map(|kind| ("event_type".to_owned(), json!(kind))));
    let path = webhooks.at(&webhook).await?.below("preview");
    let answer = webhooks.api.send(Method::POST, path, &Value::Object(body)).await?;
    webhooks.print(&answer, json, || Ok(request(&parse(&answer)?)))
}
