//! The body of a webhook to be made or edited; its schema is the same for both.

use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::qovery::can_send;
use landfall_domain::webhook::glob::Glob;
use serde::Deserialize;

use super::words::{EventName, Kind, Mode};
use crate::shared::json;
use crate::shared::rejection::Rejection;
use crate::shared::url::HttpUrl;

/// The console sends this for a secret that its user left alone.
const SECRET_UNCHANGED: &str = "SECRET_VALUE_UNCHANGED";
/// A longer secret is refused.
const SECRET_CHARS_MAX: usize = 500;
/// A longer description is refused.
const DESCRIPTION_CHARS_MAX: usize = 2_000;

/// Every field that clients send to be read. Others, such as `id`, they send back as shown; those
/// are ignored.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    target_url: Option<HttpUrl>,
    #[serde(default)]
    events: Option<Vec<EventName>>,
    #[serde(default)]
    target_secret: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    project_names_filter: Option<Vec<Glob>>,
    #[serde(default)]
    environment_types_filter: Option<Vec<Mode>>,
}

/// What is asked of a webhook; what is `None` was left out.
pub(super) struct Asked {
    /// What it is for.
    pub kind: Kind,
    /// Where to.
    pub target_url: String,
    /// The names of the events it wants, each once.
    pub events: Vec<&'static str>,
    /// What becomes of its secret.
    pub secret: SecretAsked,
    /// What people say of it; empty for nothing.
    pub description: Option<String>,
    /// Whether it sends.
    pub is_enabled: Option<bool>,
    /// Patterns of project names.
    pub projects: Option<Vec<Glob>>,
    /// What its environments are for, each word once.
    pub modes: Option<Vec<&'static str>>,
}

/// What becomes of a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SecretAsked {
    /// It stays; a new webhook has none.
    Keep,
    /// There is none any more.
    Clear,
    /// It is this one.
    Set(String),
}

/// Reads a body.
pub(super) fn parse(body: &[u8]) -> Result<Asked, Rejection> {
    let body: Body = json::parse(body)?;
    let kind = required("kind", body.kind)?;
    let target_url = required("target_url", body.target_url)?.into_string();
    let events = required("events", body.events)?;
    let modes = body.environment_types_filter;
    Ok(Asked {
        kind,
        target_url,
        events: each_once(events.into_iter().map(|EventName(name)| name)),
        secret: secret(body.target_secret)?,
        description: body.description.as_deref().map(description).transpose()?,
        is_enabled: body.enabled,
        projects: body.project_names_filter.map(bounded).transpose()?,
        modes: modes.map(|modes| each_once(modes.into_iter().map(|Mode(mode)| mode))),
    })
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, Rejection> {
    value.ok_or_else(|| Rejection::field(name, "is required"))
}

fn each_once(words: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut once = Vec::new();
    for word in words {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    once
}

fn secret(text: Option<String>) -> Result<SecretAsked, Rejection> {
    const NAME: &str = "target_secret";
    let Some(text) = text.filter(|text| text != SECRET_UNCHANGED) else {
        return Ok(SecretAsked::Keep);
    };
    if text.is_empty() {
        return Ok(SecretAsked::Clear);
    }
    require_length(NAME, &text, SECRET_CHARS_MAX)?;
    if !can_send(&text) {
        let why = "must be printable ASCII without spaces around it, since a header carries it";
        return Err(Rejection::field(NAME, why));
    }
    Ok(SecretAsked::Set(text))
}

fn description(text: &str) -> Result<String, Rejection> {
    const NAME: &str = "description";
    // Texts of web forms end their lines with both.
    let text = text.trim().replace("\r\n", "\n");
    require_length(NAME, &text, DESCRIPTION_CHARS_MAX)?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        let why = "must not contain control characters other than line breaks and tabs";
        return Err(Rejection::field(NAME, why));
    }
    Ok(text)
}

fn require_length(name: &str, text: &str, chars_max: usize) -> Result<(), Rejection> {
    let chars = text.chars().count();
    if chars <= chars_max {
        return Ok(());
    }
    let why = format!("is {chars} characters long; at most {chars_max} are allowed");
    Err(Rejection::field(name, why))
}

fn bounded(patterns: Vec<Glob>) -> Result<Vec<Glob>, Rejection> {
    let (length, most) = (patterns.len(), Filters::PATTERNS_MAX);
    if length <= most {
        return Ok(patterns);
    }
    let why = format!("has {length} entries; at most {most} are allowed, so use `*`");
    Err(Rejection::field("project_names_filter", why))
}
