//! `landfall webhook listen`: events forwarded to the developer's own machine as they happen.
//!
//! It makes no webhook: it follows the log with the key of the one who listens, so it needs no way
//! in from the server, and leaves nothing behind. What it sends is what a webhook would.

mod forward;
mod message;
#[cfg(test)]
mod tests;

use clap::Args;
use landfall_domain::id::OrganizationId;
use landfall_domain::view::Named;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::signature::Key;
use serde::Deserialize;
use serde_json::json;

use self::forward::{Forwarder, Outcome};
use self::message::Happened;
use super::super::api::parse;
use super::super::connection::Secret;
use super::super::events::follow::Following;
use super::super::events::render::Event;
use super::super::failure::Failure;
use super::super::path::Path;
use super::super::session::Session;
use super::find::Webhooks;
use super::wanted::Wanted;

#[derive(Debug, Args)]
pub(super) struct ListenArguments {
    /// Where to send, such as `http://localhost:3000/hook`
    #[arg(long, value_name = "URL")]
    forward: String,
    /// The secret to sign with, `whsec_…` or `whsk_…` [default: a new one, shown at the start]
    #[arg(long, value_name = "SECRET")]
    secret: Option<Secret>,
    /// Begin after the event of this number [default: with what happens from now on]
    #[arg(long, value_name = "SEQUENCE")]
    after: Option<u64>,
    /// Print a line of JSON for each event
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wanted: Wanted,
}

/// The key's organization, as far as a delivery names it.
#[derive(Deserialize)]
struct Organization {
    id: OrganizationId,
    slug: String,
    #[serde(default)]
    last_sequence: u64,
}

/// What is listened for, and where it goes.
struct Listener<'a> {
    session: &'a Session,
    forwarder: Forwarder,
    filters: Filters,
    organization: OrganizationId,
    named: Named,
    json: bool,
}

/// Forwards events until it is interrupted.
pub(super) async fn run(
    arguments: ListenArguments,
    webhooks: &Webhooks<'_>,
) -> Result<(), Failure> {
    let ListenArguments { forward, wanted, secret, after, json } = arguments;
    let Webhooks { api, session } = *webhooks;
    let filters = wanted.checked()?;
    let secret = secret.unwrap_or_else(|| Secret::from(Key::symmetric(session.random())));
    let key =
        Key::parse(secret.reveal()).map_err(|why| Failure::local(format!("--secret: {why}")))?;
    let verified_with = key.public_text().unwrap_or_else(|| secret.reveal().to_owned());
    let forwarder = Forwarder::new(&forward, key)?;

    let organization: Organization = parse(&api.get(Path::new("/organization")).await?)?;
    let Organization { id, slug, last_sequence } = organization;
    let named = Named { id: id.uuid(), name: slug };
    session.output.note(&format!("Forwarding to {forward}; verify with: {verified_with}"));

    let listener = Listener { session, forwarder, filters, organization: id, named, json };
    let after = after.unwrap_or(last_sequence);
    let following = Following { api, session, types: None, after };
    following.run(async |json| listener.take(json).await).await
}

impl Listener<'_> {
    /// Forwards an event if it is wanted. That nobody takes it is told, and ends nothing.
    async fn take(&self, json: &str) -> Result<(), Failure> {
        let happened = Happened::read(json)?;
        if !happened.is_wanted(&self.filters) {
            return Ok(());
        }
        let outcome = match happened.message(self.organization, &self.named) {
            Ok(message) => self.forwarder.send(&message, self.session.now()).await,
            Err(error) => Outcome::Failed(error.to_string()),
        };
        self.tell(&happened, json, &outcome)
    }

    fn tell(&self, happened: &Happened<'_>, event: &str, outcome: &Outcome) -> Result<(), Failure> {
        if !self.json {
            let line = parse::<Event>(event)?.line();
            return self.session.output.text(&format!("{line}  [{}]", outcome.words()));
        }
        let (status, duration_ms, error) = outcome.parts();
        let line = json!({
            "sequence": happened.sequence,
            "type": happened.kind,
            "status": status,
            "duration_ms": duration_ms,
            "error": error,
        });
        self.session.output.verbatim(&line.to_string())
    }
}
