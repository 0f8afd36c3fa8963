//! What a webhook is set to, its secret, and its end.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use landfall_domain::access::Scope;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::signature::Key;
use landfall_domain::webhook::{Config, Private, Webhook};
use landfall_engine::webhooks::seen;

use super::form::draft::waits_in_words;
use super::head::Head;
use super::pretty::pretty;
use super::told::Told;
use super::{Moment, exact, secret, webhook_id};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// A setting in words.
struct Fact {
    name: &'static str,
    value: String,
    is_code: bool,
}

fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    Fact { name, value: value.into(), is_code: false }
}

fn code(name: &'static str, value: impl Into<String>) -> Fact {
    Fact { name, value: value.into(), is_code: true }
}

#[derive(Template)]
#[template(path = "webhook_settings.html")]
struct SettingsPage {
    page: Page,
    head: Head,
    facts: Vec<Fact>,
    template: Option<String>,
    created: Moment,
    updated: Moment,
    revision: u64,
    /// Until when deliveries are signed with the secret before as well.
    previous_until: Option<(Timestamp, String)>,
    public_key: Option<String>,
    new_secret: Option<String>,
}

pub(super) async fn settings(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(word): Path<String>,
    Query(told): Query<Told>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Read)?;
    let (engine, id) = (&dashboard.engine, webhook_id(&word)?);
    let (page, head, found) = Head::of(engine, &viewer, id, ("/settings", &told)).await?;
    let now = engine.ambient().now();
    let webhook = &found.armed.webhook;
    let previous = webhook.private.previous_secret.as_ref().map(|(_, until)| *until);
    let new_secret = secret::take(&headers).filter(|_| head.may_manage);
    let is_shown = new_secret.is_some();
    let mut answer = html(&SettingsPage {
        facts: facts(webhook, head.may_manage),
        template: template(&webhook.config.format),
        created: Moment::of(webhook.created_at, now),
        updated: Moment::of(webhook.updated_at, now),
        revision: webhook.revision,
        previous_until: previous.filter(|until| now < *until).map(|until| (until, exact(until))),
        public_key: public_key(webhook),
        new_secret,
        page,
        head,
    });
    if is_shown {
        secret::end(&mut answer, id);
    }
    Ok(answer)
}

fn facts(webhook: &Webhook, sees_all: bool) -> Vec<Fact> {
    let Webhook { config, private, .. } = webhook;
    let filters = &config.filters;
    let types: Vec<&str> =
        filters.environment_types.iter().copied().map(EnvironmentType::as_str).collect();
    let events =
        if filters.events.is_empty() { "all".to_owned() } else { patterns(&filters.events) };
    let mut facts = vec![code("Events", events)];
    facts.extend([
        code("Projects", patterns(&filters.projects)),
        code("Applications", patterns(&filters.applications)),
        code("Environments", patterns(&filters.environments)),
        code("Environment types", types.join(", ")),
    ]);
    facts.push(fact("Late reports", if filters.history { "sent as well" } else { "not sent" }));
    facts.extend(headers(private, sees_all));
    facts.extend(pace(config));
    facts.push(fact(
        "Signature",
        if config.is_asymmetric { "ed25519 (v1a)" } else { "HMAC-SHA256 (v1)" },
    ));
    let vendor_secret = private.vendor_secret.as_ref().map(|_| fact("Vendor's secret", "is set"));
    facts.extend(vendor_secret);
    facts.extend(config.description.clone().map(|text| fact("Description", text)));
    facts.retain(|fact| !fact.value.is_empty());
    facts
}

fn patterns(patterns: &[Glob]) -> String {
    patterns.iter().map(Glob::as_str).collect::<Vec<_>>().join(", ")
}

fn headers(private: &Private, sees_all: bool) -> Option<Fact> {
    let headers = seen::headers(private, sees_all);
    let lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    (!lines.is_empty()).then(|| code("Headers", lines.join("\n")))
}

fn pace(config: &Config) -> Vec<Fact> {
    let order = if config.ordered { "one by one, in the log's order" } else { "as they come" };
    let rate = config.rate_per_second.map(|rate| format!("{rate} per second"));
    vec![
        fact("Order", order),
        fact("At one time", config.slots().to_string()),
        fact("Rate", rate.unwrap_or_else(|| "without limit".to_owned())),
        fact("Bound of an attempt", format!("{} ms", config.timeout_ms)),
        code("Retries after", waits_in_words(&config.retries)),
    ]
}

fn template(format: &Format) -> Option<String> {
    let value: serde_json::Value = match format {
        Format::Template { template } => template.clone().into(),
        Format::Humanitec { payload } => payload.clone()?.into(),
        _ => return None,
    };
    Some(pretty(&value.to_string()))
}

fn public_key(webhook: &Webhook) -> Option<String> {
    let Webhook { config, private, .. } = webhook;
    let key = config.is_asymmetric.then(|| Key::parse(&private.secret).ok())?;
    key?.public_text()
}
