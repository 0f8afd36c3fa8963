//! Flags that say what a webhook is set to, and the body that they make.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum, builder::ArgAction};
use serde_json::{Map, Value, json};

use super::super::failure::Failure;
use super::wanted::Wanted;

/// What a webhook is set to, as far as it is given.
#[derive(Debug, Default, Args)]
pub(super) struct Settings {
    /// Header that every delivery carries; may be given several times
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header,
        help_heading = "Deliveries")]
    headers: Vec<(String, String)>,
    /// One by one in the log's order, each waiting for the one before
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", action = ArgAction::Set, help_heading = "Deliveries")]
    ordered: Option<bool>,
    /// Attempts at one time, 1 to 64 [default: 8]
    #[arg(long, value_name = "COUNT", help_heading = "Deliveries")]
    concurrency: Option<u32>,
    /// Attempts per second, 1 to 10000 [default: no limit; 1 for Slack]
    #[arg(long, value_name = "COUNT", help_heading = "Deliveries")]
    rate_per_second: Option<u32>,
    /// Milliseconds that an attempt may take, 100 to 30000 [default: 15000]
    #[arg(long, value_name = "MILLISECONDS", help_heading = "Deliveries")]
    timeout_ms: Option<u32>,
    /// Seconds from each failed attempt to the next, separated by commas; `none` tries once
    #[arg(long, value_name = "SECONDS", help_heading = "Deliveries", value_parser = schedule)]
    retry_schedule: Option<Schedule>,
    /// The project that it belongs to; it filters nothing
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The secret that the formats qovery and versioner send or sign with
    #[arg(long, value_name = "SECRET", env = "LANDFALL_VENDOR_SECRET", hide_env_values = true)]
    vendor_secret: Option<String>,
    #[command(flatten)]
    pub form: Form,
    #[command(flatten)]
    pub wanted: Wanted,
}

/// What is sent, as far as it is given.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Deliveries")]
pub(super) struct Form {
    /// What is sent: standard, template, slack, qovery, humanitec, akinon or versioner
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// A file of JSON with `${placeholders}` in its strings, for template and humanitec
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
}

/// Seconds from each failed attempt to the next; a list of its own type, since clap would take a
/// plain one for a flag that is given several times.
#[derive(Clone, Debug)]
struct Schedule(Vec<u32>);

/// A setting that can be emptied, named as its flag is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Emptied {
    Event,
    ProjectFilter,
    Application,
    Environment,
    EnvironmentType,
    Header,
    RatePerSecond,
    RetrySchedule,
    Project,
    Description,
}

impl Settings {
    /// Only what was given, so that nothing else changes.
    pub(super) fn body(&self) -> Result<Map<String, Value>, Failure> {
        let Self {
            wanted,
            form,
            headers,
            ordered,
            concurrency,
            rate_per_second,
            timeout_ms,
            retry_schedule,
            project,
            description,
            vendor_secret,
        } = self;
        let filters = wanted.filters();
        let headers: Map<String, Value> =
            headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let mut body = form.body()?;
        let mut set = |name: &str, value: Option<Value>| {
            body.extend(value.map(|value| (name.to_owned(), value)));
        };
        set("events", wanted.events());
        set("filters", (!filters.is_empty()).then_some(Value::Object(filters)));
        set("headers", (!headers.is_empty()).then_some(Value::Object(headers)));
        set("ordered", ordered.map(Value::from));
        set("concurrency", concurrency.map(Value::from));
        set("rate_per_second", rate_per_second.map(Value::from));
        set("timeout_ms", timeout_ms.map(Value::from));
        set("retry_schedule", retry_schedule.as_ref().map(|schedule| json!(schedule.0)));
        set("project", project.as_ref().map(|project| json!(project)));
        set("description", description.as_ref().map(|text| json!(text)));
        set("vendor_secret", vendor_secret.as_ref().map(|secret| json!(secret)));
        Ok(body)
    }
}

impl Form {
    /// The format and the template; a template needs no format beside it.
    pub(super) fn body(&self) -> Result<Map<String, Value>, Failure> {
        let Self { format, template } = self;
        let mut body = Map::new();
        let format = format.as_deref().or_else(|| template.as_ref().map(|_| "template"));
        body.extend(format.map(|format| ("format".to_owned(), json!(format))));
        if let Some(file) = template {
            let name = file.display();
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| format!("{name} can't be read"))?;
            let value =
                serde_json::from_str(&text).with_context(|| format!("{name} is no JSON"))?;
            body.insert("template".to_owned(), value);
        }
        Ok(body)
    }
}

impl Emptied {
    /// Empties the setting in the body of an edit; fails if the body sets it.
    pub(super) fn apply(self, body: &mut Map<String, Value>) -> Result<(), ()> {
        let (name, filter) = match self {
            Self::Event => ("events", None),
            Self::ProjectFilter => ("filters", Some("projects")),
            Self::Application => ("filters", Some("applications")),
            Self::Environment => ("filters", Some("environments")),
            Self::EnvironmentType => ("filters", Some("environment_types")),
            Self::Header => ("headers", None),
            Self::RatePerSecond => ("rate_per_second", None),
            Self::RetrySchedule => ("retry_schedule", None),
            Self::Project => ("project", None),
            Self::Description => ("description", None),
        };
        let (fields, name, empty) = match filter {
            None => (body, name, Value::Null),
            Some(filter) => {
                let filters = body.entry(name).or_insert_with(|| json!({}));
                (filters.as_object_mut().ok_or(())?, filter, json!([]))
            }
        };
        // Twice cleared is cleared; anything else there was given.
        let before = fields.insert(name.to_owned(), empty.clone());
        if before.is_some_and(|before| before != empty) { Err(()) } else { Ok(()) }
    }
}

/// `NAME=VALUE`, or `NAME: VALUE` as curl has it, whichever separator comes first.
fn header(text: &str) -> Result<(String, String), String> {
    let split = text.find(['=', ':']).map(|at| (&text[..at], &text[at + 1..]));
    let (name, value) = split.ok_or("a header is like X-Team=web")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn schedule(text: &str) -> Result<Schedule, String> {
    if text == "none" {
        return Ok(Schedule(Vec::new()));
    }
    let seconds = text.split(',').map(|word| word.trim().parse()).collect::<Result<_, _>>();
    seconds.map(Schedule).map_err(|_| "a schedule is like 5,30,120, in seconds, or none".to_owned())
}
