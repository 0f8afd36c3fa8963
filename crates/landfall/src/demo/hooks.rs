//! The company's webhooks: one of most formats, most of them well.

use std::collections::BTreeMap;

use landfall_domain::environment::EnvironmentType;
use landfall_domain::webhook::Config;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::template::Template;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::retry::Schedule;
use landfall_domain::webhook::vendor::Vendor;
use landfall_engine::webhooks::NewWebhook;
use serde_json::json;

use super::company::{LOGISTICS, STOREFRONT};
use super::receiver::Receiver;

/// The one that is paused in the end.
pub(super) const PAUSED: &str = "Status page";

/// All of them, ready to be made.
pub(super) fn all(receiver: &Receiver) -> Vec<NewWebhook> {
    let all = [
        (data_warehouse(), "/warehouse"),
        (shop_channel(), "/slack"),
        (release_notes(), "/release-notes"),
        (incidents(), "/incidents"),
        (deploy_console(), "/console"),
        (pipelines(), "/pipelines"),
        (status_page(), "/status"),
    ];
    all.map(|(config, path)| made(config, receiver.url(path))).into()
}

fn made(config: Config, url: String) -> NewWebhook {
    NewWebhook {
        config,
        url,
        headers: BTreeMap::new(),
        secret: None,
        vendor_secret: None,
        is_enabled: true,
    }
}

fn named(name: &str, description: &str, filters: Filters) -> Config {
    let description = Some(description.to_owned());
    Config { description, filters, ..Config::named(name.to_owned()) }
}

/// Hears everything, and now and then stumbles.
fn data_warehouse() -> Config {
    named("Data warehouse", "Every event, for the monthly report", Filters::default())
}

fn shop_channel() -> Config {
    let events = globs(&["deployment.completed", "deployment.failed"]);
    let projects = globs(&[STOREFRONT.name]);
    let environment_types = vec![EnvironmentType::Production];
    let filters = Filters { events, projects, environment_types, ..Filters::default() };
    let config = named("#shop-releases", "What the shop's customers see next", filters);
    Config { format: Format::Slack, ..config }
}

fn release_notes() -> Config {
    let environment_types = vec![EnvironmentType::Production, EnvironmentType::Staging];
    let events = globs(&["deployment.completed"]);
    let filters = Filters { events, environment_types, ..Filters::default() };
    let template = json!({
        "title": "${application.name} ${version.name}",
        "where": "${environment.name}",
        "by": "${deployment.actor.name}",
    });
    let template =
        Template::parse(template).expect("the template is short and its names are known");
    let config = named("Release notes", "Drafts a page for every release", filters);
    Config { format: Format::Template { template }, ordered: true, ..config }
}

/// Its receiver is sick all the time.
fn incidents() -> Config {
    let events = globs(&["deployment.failed", "build.failed", "deployment.aborted"]);
    let filters = Filters { events, ..Filters::default() };
    named("Incident desk", "Opens a ticket for whatever fails", filters)
}

/// Its receiver does not know everything that it is sent, and says so for good.
fn deploy_console() -> Config {
    let events = globs(&["deployment.*"]);
    let projects = globs(&[LOGISTICS.name]);
    let filters = Filters { events, projects, ..Filters::default() };
    let config = named("Deploy console", "The wall screen in the warehouse", filters);
    let retries = Schedule::try_from(vec![60]).expect("one retry after a minute is allowed");
    Config { format: Format::Qovery, vendor: Some(Vendor::Qovery), retries, ..config }
}

fn pipelines() -> Config {
    let events = globs(&["deployment.completed", "deployment.failed"]);
    let environments = globs(&["testing", "staging"]);
    let filters = Filters { events, environments, ..Filters::default() };
    let config = named("End-to-end tests", "Starts them after each deployment", filters);
    Config { format: Format::Humanitec { payload: None }, ..config }
}

fn status_page() -> Config {
    let environment_types = vec![EnvironmentType::Production];
    let filters = Filters { environment_types, ..Filters::default() };
    named(PAUSED, "Paused while the page moves to another provider", filters)
}

fn globs(patterns: &[&str]) -> Vec<Glob> {
    let globs = patterns.iter().map(|pattern| Glob::try_from((*pattern).to_owned()));
    globs.map(|glob| glob.expect("names are patterns")).collect()
}
