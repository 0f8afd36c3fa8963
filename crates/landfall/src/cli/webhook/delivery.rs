//! Deliveries: what became of each event that a webhook was owed.

use clap::Args;
use hyper::Method;
use serde_json::json;

use super::super::api::parse;
use super::super::failure::Failure;
use super::super::shapes::Page;
use super::Within;
use super::find::Webhooks;
use super::outcome::{deliveries, delivery};
use super::shapes::Delivery;

/// The server gives no longer pages.
const LIMIT_MAX: i64 = 500;

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The webhook's name or id
    webhook: String,
    /// Only those that are delivered, retrying, dead or skipped
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// How many to show, up to 500
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 20,
        value_parser = clap::value_parser!(u16).range(1..=LIMIT_MAX))]
    limit: u16,
    /// Go on after this page: the `next` of its JSON
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

/// Lists deliveries.
pub(super) async fn list(list: ListArguments, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let ListArguments { webhook, state, limit, cursor, json } = list;
    let path = webhooks.at(&webhook).await?.below("deliveries");
    let path = path.with("state", state).with("limit", Some(limit)).with("cursor", cursor);
    let body = webhooks.api.get(path).await?;
    if json {
        return webhooks.session.output.verbatim(&body);
    }
    let page: Page<Delivery<u64>> = parse(&body)?;
    let output = &webhooks.session.output;
    output.text(&deliveries(&page.items, webhooks.session.now()))?;
    if let Some(next) = page.next {
        output.note(&format!("There are more: add --cursor {next}"));
    }
    Ok(())
}

/// Shows a delivery with its attempts.
pub(super) async fn show(within: Within, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let path = webhooks.at(&within.webhook).await?.below("deliveries");
    let body = webhooks.api.get(path.below(&within.sequence.to_string())).await?;
    let now = webhooks.session.now();
    webhooks.print(&body, within.json, || Ok(delivery(&parse(&body)?, now)))
}

/// Gives a delivery up.
pub(super) async fn skip(within: Within, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let Within { webhook, sequence, json } = within;
    let path = webhooks.at(&webhook).await?.below("deliveries").below(&sequence.to_string());
    webhooks.api.send(Method::POST, path.clone().below("skip"), &json!({})).await?;
    if json {
        return webhooks.session.output.verbatim(&webhooks.api.get(path).await?);
    }
    webhooks.session.output.text(&format!("Delivery {sequence} is skipped."))
}
