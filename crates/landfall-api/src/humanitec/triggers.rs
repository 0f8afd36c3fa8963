//! Triggers: Humanitec's names of events, each in two words.

use landfall_domain::webhook::filter::{Filters, asks_for};
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::vocabulary::Vocabulary;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::shared::rejection::Rejection;

/// An event that a webhook wants.
#[derive(Serialize)]
pub(super) struct TriggerView {
    scope: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl TriggerView {
    /// A name such as `deployment.finished`, in its two words.
    pub(super) fn of(name: &'static str) -> Self {
        let (scope, kind) = name.split_once('.').unwrap_or((name, ""));
        Self { scope, kind }
    }
}

/// Each of Humanitec's events once.
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = Vocabulary::Humanitec.names().iter().map(|(name, _)| *name).collect();
    names.dedup();
    names
}

/// Reads triggers into names of events, each once.
pub(super) fn parse_triggers(
    triggers: &[Map<String, Value>],
) -> Result<Vec<&'static str>, Rejection> {
    let parsed = triggers.iter().enumerate();
    let parsed = parsed.map(|(index, trigger)| parse_trigger(index, trigger));
    Ok(each_once(parsed.collect::<Result<Vec<_>, _>>()?.into_iter()))
}

fn parse_trigger(index: usize, trigger: &Map<String, Value>) -> Result<&'static str, Rejection> {
    let (scope, kind) = (word(index, trigger, "scope")?, word(index, trigger, "type")?);
    let wanted = format!("{scope}.{kind}");
    names().into_iter().find(|name| *name == wanted).ok_or_else(|| {
        let known = names().join(", ");
        let why = format!("is no scope and type that events have; known are {known}");
        Rejection::field(&format!("triggers[{index}]"), why)
    })
}

fn word<'a>(
    index: usize,
    trigger: &'a Map<String, Value>,
    name: &str,
) -> Result<&'a str, Rejection> {
    let refused = |why| Err(Rejection::field(&format!("triggers[{index}].{name}"), why));
    match trigger.get(name) {
        Some(Value::String(word)) => Ok(word),
        None | Some(Value::Null) => refused("is required"),
        Some(_) => refused("must be a string"),
    }
}

/// The names as patterns of events.
pub(super) fn patterns(names: Vec<&'static str>) -> Vec<Glob> {
    let pattern = |name: &str| Glob::try_from(name.to_owned());
    names.into_iter().map(|name| pattern(name).expect("a name is a pattern")).collect()
}

/// The triggers that filters come to: first those that are named, then those that other patterns
/// want.
pub(super) fn shown_triggers(filters: &Filters) -> Vec<&'static str> {
    if filters.events.is_empty() {
        return names();
    }
    let named = filters.events.iter().filter_map(name_in_full);
    let others = |pattern: &&Glob| name_in_full(pattern).is_none();
    let others: Vec<_> = filters.events.iter().filter(others).collect();
    let wanted = names().into_iter().filter(|name| want(&others, name));
    each_once(named.chain(wanted))
}

fn name_in_full(pattern: &Glob) -> Option<&'static str> {
    names().into_iter().find(|name| pattern.as_str().eq_ignore_ascii_case(name))
}

/// Whether patterns want any of what a name stands for.
fn want(patterns: &[&Glob], name: &str) -> bool {
    let is_wanted = |kind| patterns.iter().any(|pattern| asks_for(pattern, kind));
    Vocabulary::Humanitec.kinds_of(name).any(is_wanted)
}

fn each_once(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut once = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}
