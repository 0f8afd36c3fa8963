//! Qovery's names of events and modes of environments, and the filters of all webhooks.
//!
//! Filters can say what Qovery has no words for, such as `deployment.*` or `testing` alone. It is
//! shown in the words that come closest, and stays while nothing else is asked for.

use landfall_domain::environment::EnvironmentType;
use landfall_domain::webhook::filter::{Filters, asks_for};
use landfall_domain::webhook::format::qovery::mode_of;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::vocabulary::Vocabulary;

use super::words::event_names;
use crate::shared::vendor::events_asked;

/// The names of the events that patterns want: those that are given by name, then the others.
pub(super) fn shown_events(patterns: &[Glob]) -> Vec<&'static str> {
    let mut shown: Vec<&'static str> = Vec::new();
    let is_wanted = |name: &&'static str| {
        patterns.is_empty() || patterns.iter().any(|pattern| wants(pattern, name))
    };
    for name in patterns.iter().filter_map(own_name).chain(event_names().filter(is_wanted)) {
        if !shown.contains(&name) {
            shown.push(name);
        }
    }
    shown
}

/// The patterns of a new webhook.
pub(super) fn new_events(asked: &[&'static str]) -> Vec<Glob> {
    events_asked(asked.iter().map(|name| by_name(name)).collect())
}

/// What patterns become when these names are asked for.
///
/// A pattern stays unless it wants a name that is not asked for; one that wants no name of Qovery's
/// was set through another API, and is none of this one's business.
pub(super) fn edited_events(present: &[Glob], asked: &[&'static str]) -> Vec<Glob> {
    let are_all_asked = event_names().all(|name| asked.contains(&name));
    if asked == shown_events(present) || (present.is_empty() && are_all_asked) {
        return present.to_vec();
    }
    let stays = |pattern: &&Glob| {
        let is_only_asked =
            event_names().all(|name| !wants(pattern, name) || asked.contains(&name));
        own_name(pattern).is_none() && pattern.as_str() != Filters::NO_EVENT && is_only_asked
    };
    let mut edited: Vec<Glob> = present.iter().filter(stays).cloned().collect();
    for name in asked {
        if !edited.iter().any(|pattern| wants(pattern, name)) {
            edited.push(by_name(name));
        }
    }
    events_asked(edited)
}

/// The name of Qovery's that a pattern is.
fn own_name(pattern: &Glob) -> Option<&'static str> {
    event_names().find(|name| pattern.as_str().eq_ignore_ascii_case(name))
}

/// Whether a pattern wants the event of that name, as filters do.
fn wants(pattern: &Glob, name: &str) -> bool {
    Vocabulary::Qovery.kinds_of(name).any(|kind| asks_for(pattern, kind))
}

fn by_name(name: &str) -> Glob {
    Glob::try_from(name.to_owned()).expect("a word of letters is a pattern")
}

/// Qovery's words for types of environments, each once.
pub(super) fn shown_modes(types: &[EnvironmentType]) -> Vec<&'static str> {
    let mut shown = Vec::new();
    for mode in types.iter().map(|kind| mode_of(*kind)) {
        if !shown.contains(&mode) {
            shown.push(mode);
        }
    }
    shown
}

/// What types become when these modes are asked for: of a mode that is shown already stay those
/// that are there, and another brings all that it stands for.
pub(super) fn edited_types(
    present: &[EnvironmentType],
    asked: &[&'static str],
) -> Vec<EnvironmentType> {
    asked.iter().flat_map(|mode| types_of(mode, present)).collect()
}

fn types_of(mode: &str, present: &[EnvironmentType]) -> Vec<EnvironmentType> {
    let within = |types: &[EnvironmentType]| -> Vec<_> {
        types.iter().copied().filter(|kind| mode_of(*kind) == mode).collect()
    };
    let there = within(present);
    if there.is_empty() { within(&EnvironmentType::ALL) } else { there }
}
