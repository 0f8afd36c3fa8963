//! A webhook as somebody types it: texts, right or wrong, exactly as they were sent.

use landfall_domain::environment::EnvironmentType;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::retry::Schedule;
use landfall_domain::webhook::{Config, Webhook};
use serde::Deserialize;

/// What checkboxes send.
const ON: &str = "on";
/// A Slack webhook takes about one message per second.
const SLACK_RATE: &str = "1";
/// What a template begins with.
const TEMPLATE: &str = r#"{
  "text": "${application.name} ${version.name} is ${deployment.status} in ${environment.name}"
}"#;

/// The fields of the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Draft {
    pub format: String,
    pub name: String,
    pub url: String,
    pub description: String,
    pub events: String,
    pub projects: String,
    pub applications: String,
    pub environments: String,
    pub development: String,
    pub testing: String,
    pub staging: String,
    pub preview: String,
    pub production: String,
    pub history: String,
    pub headers: String,
    pub template: String,
    pub vendor_secret: String,
    pub forget_vendor_secret: String,
    pub secret: String,
    pub signature: String,
    pub ordered: String,
    pub concurrency: String,
    pub rate: String,
    pub timeout: String,
    pub retries: String,
    pub state: String,
    /// The revision that the form was made from; empty for a new webhook.
    pub revision: String,
    /// The type of event that is previewed.
    pub sample: String,
}

impl Draft {
    /// A webhook of a format as it is unless said otherwise.
    pub(super) fn blank(format: &str) -> Self {
        let config = Config::named(String::new());
        let rate = if format == "slack" { SLACK_RATE } else { "" };
        let template = if format == "template" { TEMPLATE } else { "" };
        Self {
            format: format.to_owned(),
            concurrency: config.concurrency.to_string(),
            rate: rate.to_owned(),
            timeout: config.timeout_ms.to_string(),
            retries: waits_in_words(&config.retries),
            template: template.to_owned(),
            state: "enabled".to_owned(),
            signature: "hmac".to_owned(),
            ..Self::default()
        }
    }

    /// A webhook as it is.
    pub(super) fn of(webhook: &Webhook) -> Self {
        let Webhook { config, private, state, revision, .. } = webhook;
        let filters = &config.filters;
        let mark = |kind| on(filters.environment_types.contains(&kind));
        let headers = private.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        Self {
            format: config.format.as_str().to_owned(),
            name: config.name.clone(),
            url: private.url.clone(),
            description: config.description.clone().unwrap_or_default(),
            events: patterns(&filters.events),
            projects: patterns(&filters.projects),
            applications: patterns(&filters.applications),
            environments: patterns(&filters.environments),
            development: mark(EnvironmentType::Development),
            testing: mark(EnvironmentType::Testing),
            staging: mark(EnvironmentType::Staging),
            preview: mark(EnvironmentType::Preview),
            production: mark(EnvironmentType::Production),
            history: on(filters.history),
            headers: headers.collect::<Vec<_>>().join("\n"),
            template: template(&config.format),
            ordered: on(config.ordered),
            concurrency: config.concurrency.to_string(),
            rate: config.rate_per_second.map(|rate| rate.to_string()).unwrap_or_default(),
            timeout: config.timeout_ms.to_string(),
            retries: waits_in_words(&config.retries),
            state: state.as_str().to_owned(),
            revision: revision.to_string(),
            ..Self::default()
        }
    }

    /// What was marked of the types of environments.
    pub(super) fn kinds(&self) -> [(EnvironmentType, bool); 5] {
        EnvironmentType::ALL.map(|kind| {
            let text = match kind {
                EnvironmentType::Development => &self.development,
                EnvironmentType::Testing => &self.testing,
                EnvironmentType::Staging => &self.staging,
                EnvironmentType::Preview => &self.preview,
                EnvironmentType::Production => &self.production,
            };
            (kind, is_on(text))
        })
    }
}

/// Whether a checkbox was marked.
pub(super) fn is_on(text: &str) -> bool {
    text == ON
}

fn on(is_on: bool) -> String {
    if is_on { ON.to_owned() } else { String::new() }
}

fn patterns(patterns: &[Glob]) -> String {
    patterns.iter().map(Glob::as_str).collect::<Vec<_>>().join(", ")
}

fn template(format: &Format) -> String {
    let value: serde_json::Value = match format {
        Format::Template { template } => template.clone().into(),
        Format::Humanitec { payload: Some(payload) } => payload.clone().into(),
        _ => return String::new(),
    };
    super::super::pretty::pretty(&value.to_string())
}

/// The waits of a schedule, each in its largest unit: `5s 30s 2m`.
pub(in super::super) fn waits_in_words(schedule: &Schedule) -> String {
    let waits = schedule.seconds().iter().map(|seconds| match *seconds {
        seconds if seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    });
    waits.collect::<Vec<_>>().join(" ")
}
