//! What an event becomes on its way to a webhook: text in the webhook's format, signed; and which
//! webhooks want it.

use anyhow::{Context, ensure};
use landfall_domain::environment::EnvironmentType;
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_domain::webhook::filter::{Filters, Interest, Subject};
use landfall_domain::webhook::format::sample::sample;
use landfall_domain::webhook::format::template::Template;
use landfall_domain::webhook::format::{Format, Message};
use landfall_domain::webhook::signature::{self, Key};
use serde_json::json;
use uuid::Uuid;

use super::{Benchmark, reports};
use crate::counted::the_counted_part;
use crate::data::WEBHOOKS;

pub(super) const BENCHMARKS: &[Benchmark] = &[
    Benchmark::pure("render: standard", || render(&Format::Standard)),
    Benchmark::pure("render: template", || render(&Format::Template { template: template()? })),
    Benchmark::pure("render: slack", || render(&Format::Slack)),
    Benchmark::pure("render: qovery", || render(&Format::Qovery)),
    Benchmark::pure("render: humanitec", || render(&Format::Humanitec { payload: None })),
    Benchmark::pure("render: akinon", || render(&Format::Akinon)),
    Benchmark::pure("render: versioner", || render(&Format::Versioner)),
    Benchmark::pure("sign: symmetric, 2 KiB", || sign(SYMMETRIC)),
    Benchmark::pure("sign: asymmetric, 2 KiB", || sign(ASYMMETRIC)),
    Benchmark::pure("filter: an event against 10,000 filters", filter),
];

const KIND: &str = "deployment.completed";
const SYMMETRIC: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
/// The same secret, and its public half.
const ASYMMETRIC: &str =
    "whsk_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYjvFSRLB5uksSoaCXIZ+J//cVVv/vUJE8Xomq//+6WXQ==";

fn template() -> anyhow::Result<Template> {
    Ok(Template::parse(json!({
        "text": "${application.name} ${version.name} → ${environment.code} (${type})",
        "link": "${base_url}/deployments/${deployment.id}",
        "number": "${sequence}",
        "commit": "${deployment.commit_sha}",
        "who": ["${deployment.actor.login}", "${deployment.actor.email}", true, null],
        "deployment": "${deployment}",
    }))?)
}

fn render(format: &Format) -> anyhow::Result<()> {
    let organization = Named { id: Uuid::from_u128(77 << 100), name: "acme".to_owned() };
    let at = Timestamp::from_micros(1_772_366_400_000_000);
    let data = sample(KIND, &organization, at).context("there is no such event")?;
    let data = serde_json::to_string(&data)?;
    let message = Message {
        id: "evt_019573f4b8007a1b8c2d3e4f50617283_1234",
        sequence: 1_234,
        kind: KIND,
        at,
        organization: &organization,
        data: &data,
        base_url: Some("https://landfall.example.com"),
        vendor_secret: Some("a secret of the vendor's"),
        app_id: Some("shop"),
    };
    let rendered = the_counted_part(|| format.render(&message))?;
    ensure!(!rendered.body.is_empty(), "nothing was rendered");
    Ok(())
}

fn sign(secret: &str) -> anyhow::Result<()> {
    let (keys, body) = ([Key::parse(secret)?], [b'x'; 2_048]);
    let header = the_counted_part(|| signature::header(&keys, "evt_1", 1_772_366_400, &body));
    ensure!(header.starts_with("v1"), "nothing was signed");
    Ok(())
}

/// Half of them want an application of their own, half a pattern of environments.
fn filter() -> anyhow::Result<()> {
    let mut interests = Vec::with_capacity(WEBHOOKS);
    for number in 0..WEBHOOKS {
        let mut filters = Filters::default();
        if number % 2 == 0 {
            filters.applications = vec![reports::application(number).try_into()?];
        } else {
            filters.environments = vec![format!("*-{number}").try_into()?];
        }
        interests.push(Interest { filters, vocabulary: None });
    }
    let name = reports::application(400);
    let subject = Subject {
        kind: KIND,
        project: Some("default"),
        project_id: Some(Uuid::nil()),
        application: Some(&name),
        environment: Some("production"),
        environment_name: Some("Production"),
        environment_type: Some(EnvironmentType::Production),
        backfill: false,
    };
    let wanting =
        the_counted_part(|| interests.iter().filter(|interest| interest.matches(&subject)).count());
    ensure!(wanting == 1, "{wanting} want it");
    Ok(())
}
