//! From what was typed to a webhook, and what is wrong with it, each beside its field.
//!
//! What is wrong is left as it is unless said otherwise, so that a preview has something to show.

use std::collections::BTreeMap;

use landfall_domain::environment::EnvironmentType;
use landfall_domain::text::{self, Text};
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::humanitec::Payload;
use landfall_domain::webhook::format::template::Template;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::retry::Schedule;
use landfall_domain::webhook::signature::Key;
use landfall_domain::webhook::{Config, Disabled, State};
use landfall_engine::webhooks::{NewWebhook, WebhookEdit};

use super::draft::{Draft, is_on};
use super::formats::FormatOption;

const NAME_CHARS_MAX: usize = 100;
const URL_CHARS_MAX: usize = 2_000;
const DESCRIPTION_CHARS_MAX: usize = 2_000;
const VENDOR_SECRET_CHARS_MAX: usize = 500;

/// What is wrong with the fields.
#[derive(Debug, Default)]
pub(super) struct Errors(BTreeMap<&'static str, String>);

impl Errors {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// Takes note of something; the first thing that is wrong with a field stands.
    pub(super) fn note(&mut self, field: &'static str, why: impl Into<String>) {
        self.0.entry(field).or_insert_with(|| why.into());
    }

    /// Takes note of what the engine said of one of its fields.
    pub(super) fn note_engine(&mut self, field: &str, why: &str) {
        self.note(field_of(field), why);
    }

    fn taken<T, E: ToString>(&mut self, field: &'static str, read: Result<T, E>) -> Option<T> {
        read.map_err(|why| self.note(field, why.to_string())).ok()
    }
}

/// What the form calls a field of the engine.
fn field_of(field: &str) -> &'static str {
    match field {
        "url" => "url",
        "headers" => "headers",
        "secret" => "secret",
        "vendor_secret" => "vendor_secret",
        "concurrency" => "concurrency",
        "timeout_ms" => "timeout",
        "rate_per_second" => "rate",
        "filters" => "events",
        "template" => "template",
        _ => "name",
    }
}

/// A webhook as it was typed, as far as it can be read, and what is wrong.
pub(super) fn read(draft: &Draft) -> (NewWebhook, Errors) {
    let mut errors = Errors::default();
    let name = errors.taken("name", Text::<NAME_CHARS_MAX>::parse(&draft.name));
    let base = Config::named(name.map(Text::into_string).unwrap_or_default());
    let secret = not_blank(&draft.secret);
    let config = Config {
        description: read_description(draft, &mut errors),
        filters: read_filters(draft, &mut errors),
        format: read_format(draft, &mut errors),
        ordered: is_on(&draft.ordered),
        concurrency: number(&mut errors, "concurrency", &draft.concurrency)
            .unwrap_or(base.concurrency),
        rate_per_second: number(&mut errors, "rate", &draft.rate),
        timeout_ms: number(&mut errors, "timeout", &draft.timeout).unwrap_or(base.timeout_ms),
        retries: errors.taken("retries", read_waits(&draft.retries)).unwrap_or_default(),
        is_asymmetric: match &secret {
            Some(secret) => matches!(Key::parse(secret), Ok(Key::Asymmetric(_))),
            None => draft.signature == "ed25519",
        },
        ..base
    };
    let url = draft.url.trim();
    let checked = text::check(url, URL_CHARS_MAX).map(|_| ());
    errors.taken("url", checked);
    let vendor_secret = not_blank(&draft.vendor_secret);
    if let Some(text) = &vendor_secret {
        errors.taken("vendor_secret", text::check(text, VENDOR_SECRET_CHARS_MAX).map(|_| ()));
    }
    let new = NewWebhook {
        config,
        url: url.to_owned(),
        headers: errors.taken("headers", read_headers(&draft.headers)).unwrap_or_default(),
        secret,
        vendor_secret,
        is_enabled: draft.state != "disabled",
    };
    (new, errors)
}

/// What an edit makes of a webhook: all that the form shows. A vendor's secret stays unless another
/// one is typed, for it is never shown.
pub(super) fn edit_of(new: NewWebhook, draft: &Draft) -> WebhookEdit {
    let NewWebhook { config, url, headers, vendor_secret, secret: _, is_enabled: _ } = new;
    let forgets = is_on(&draft.forget_vendor_secret);
    WebhookEdit {
        name: Some(config.name),
        description: Some(config.description),
        url: Some(url),
        filters: Some(config.filters),
        format: Some(config.format),
        headers: Some(headers),
        ordered: Some(config.ordered),
        concurrency: Some(config.concurrency),
        rate_per_second: Some(config.rate_per_second),
        timeout_ms: Some(config.timeout_ms),
        retries: Some(config.retries),
        vendor_secret: match vendor_secret {
            Some(secret) => Some(Some(secret)),
            None => forgets.then_some(None),
        },
        project: None,
        vendor: None,
        state: None,
    }
}

/// The state to go to; `None` if the webhook is as it is wanted, so that its reason stays.
pub(super) fn state_of(state: &State, wanted: &str) -> Option<State> {
    match wanted {
        word if word == state.as_str() => None,
        "enabled" => Some(State::Enabled),
        "paused" => Some(State::Paused),
        "disabled" => Some(State::Disabled { reason: Disabled::ByHand }),
        _ => None,
    }
}

fn not_blank(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn read_description(draft: &Draft, errors: &mut Errors) -> Option<String> {
    let text = not_blank(&draft.description.replace('\r', ""))?;
    let chars = text.chars().count();
    if chars > DESCRIPTION_CHARS_MAX {
        let why =
            format!("is {chars} characters long; at most {DESCRIPTION_CHARS_MAX} are allowed");
        errors.note("description", why);
        return None;
    }
    Some(text)
}

fn read_filters(draft: &Draft, errors: &mut Errors) -> Filters {
    let kinds = draft.kinds().into_iter().filter(|(_, is_on)| *is_on);
    let environment_types: Vec<EnvironmentType> = kinds.map(|(kind, _)| kind).collect();
    Filters {
        events: globs(errors, "events", &draft.events),
        projects: globs(errors, "projects", &draft.projects),
        applications: globs(errors, "applications", &draft.applications),
        environments: globs(errors, "environments", &draft.environments),
        environment_types,
        history: is_on(&draft.history),
    }
}

/// Names may hold spaces, so only commas and lines part them.
fn globs(errors: &mut Errors, field: &'static str, text: &str) -> Vec<Glob> {
    let parts = text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let read: Result<Vec<Glob>, _> = parts.map(|part| Glob::try_from(part.to_owned())).collect();
    let globs = errors.taken(field, read).unwrap_or_default();
    if globs.len() > Filters::PATTERNS_MAX {
        let why =
            format!("has {} patterns; at most {} are allowed", globs.len(), Filters::PATTERNS_MAX);
        errors.note(field, why);
    }
    globs
}

fn read_format(draft: &Draft, errors: &mut Errors) -> Format {
    let option = FormatOption::of_word(&draft.format);
    let text = draft.template.trim();
    match (option.template, text.is_empty()) {
        (None, _) | (Some(false), true) => option.plain(),
        (Some(true), true) => {
            errors.note("template", "is empty; write the JSON that is to be sent");
            Format::Standard
        }
        (Some(is_required), false) => {
            errors.taken("template", read_json(text, is_required)).unwrap_or(option.plain())
        }
    }
}

fn read_json(text: &str, is_template: bool) -> Result<Format, String> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|why| format!("is not JSON: {why}"))?;
    match value {
        value if is_template => {
            let template = Template::parse(value).map_err(|why| why.to_string())?;
            Ok(Format::Template { template })
        }
        serde_json::Value::Object(payload) => {
            let payload = Payload::parse(payload).map_err(|why| why.to_string())?;
            Ok(Format::Humanitec { payload: Some(payload) })
        }
        _ => Err("must be a JSON object".to_owned()),
    }
}

fn number(errors: &mut Errors, field: &'static str, text: &str) -> Option<u32> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    errors.taken(field, text.parse().map_err(|_| "must be a whole number"))
}

fn read_headers(text: &str) -> Result<BTreeMap<String, String>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut headers = BTreeMap::new();
    for line in lines {
        let (name, value) =
            line.split_once(':').ok_or_else(|| format!("`{line}` is not `Name: value`"))?;
        let before = headers.insert(name.trim().to_owned(), value.trim().to_owned());
        if before.is_some() {
            return Err(format!("`{}` is there twice", name.trim()));
        }
    }
    Ok(headers)
}

/// Reads `5s 30s 2m 1h`; a number alone is in seconds, and nothing at all is no retry.
fn read_waits(text: &str) -> Result<Schedule, String> {
    let words = text.split([',', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty());
    let waits: Result<Vec<u32>, String> = words.map(read_wait).collect();
    Schedule::try_from(waits?).map_err(|why| why.to_string())
}

fn read_wait(word: &str) -> Result<u32, String> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &word[digits.len()..] {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        _ => None,
    };
    let seconds =
        digits.parse().ok().zip(unit).and_then(|(count, unit): (u32, u32)| count.checked_mul(unit));
    seconds.ok_or_else(|| format!("`{word}` is no wait such as 30s, 5m, 2h or 1d"))
}

#[cfg(test)]
mod tests {
    use super::super::draft::waits_in_words;
    use super::*;

    #[test]
    fn waits_are_read_as_they_are_written() {
        let usual = Schedule::default();
        assert_eq!(waits_in_words(&usual), "5s 30s 2m 10m 30m 1h 2h 4h 8h 12h 1d 1d");
        assert_eq!(read_waits(&waits_in_words(&usual)), Ok(usual));
        assert_eq!(read_waits("90, 2m").map(Vec::from), Ok(vec![90, 120]));
        assert_eq!(read_waits(" ").map(Vec::from), Ok(vec![]));
        for wrong in ["soon", "5y", "0s", "8d", "-1", "99999999999h"] {
            assert!(read_waits(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_header_is_a_name_and_a_value() {
        let read = read_headers("Authorization: Bearer a:b\n\n X-A:").unwrap();
        assert_eq!(read["Authorization"], "Bearer a:b");
        assert_eq!(read["X-A"], "");
        assert!(read_headers("no colon").is_err());
        assert!(read_headers("A: 1\nA: 2").is_err());
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let draft = Draft {
            name: " ".to_owned(),
            rate: "many".to_owned(),
            template: "{".to_owned(),
            retries: "soon".to_owned(),
            ..Draft::blank("template")
        };
        let (_, errors) = read(&draft);
        for field in ["name", "url", "rate", "template", "retries"] {
            assert!(errors.of(field).is_some(), "{field}");
        }
        assert_eq!(errors.of("timeout"), None);
    }
}
