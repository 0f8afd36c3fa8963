//! Which run a report belongs to (DESIGN §3); the same rule for builds and deployments.

use std::time::Duration;

use crate::run::{Entry, Run};

/// A repeat of a terminal report is harmless for this long.
const REPEAT_WINDOW: Duration = Duration::from_mins(5);

/// Where a report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement<I> {
    /// Into an existing run.
    Into(I),
    /// Into an open run that had no id of its own, and gets this report's.
    Adopt(I),
    /// It begins a run.
    Begin,
}

/// What is known about where a report might go.
pub(super) struct Candidates<'a, I> {
    /// Whether the report carries an id of its source system.
    pub is_keyed: bool,
    /// The runs of the report's own identity, in order of time, an open one last.
    pub own: Vec<(I, &'a Run)>,
    /// The open runs that a report without an id may join, or one with an id adopt; newest first.
    pub open: Vec<OpenCandidate<'a, I>>,
    /// The run that was reported last here, if the report may be a repeat of its end.
    pub last_reported: Option<(I, &'a Run)>,
}

/// An open run of the same version and place.
pub(super) struct OpenCandidate<'a, I> {
    pub id: I,
    pub run: &'a Run,
    /// It is stale or superseded.
    pub is_left: bool,
}

/// Finds the place of `entry`, and corrects its time where only its place can tell it.
///
/// What is certain comes before what is guessed, and a repeat before everything, so that a blind
/// retry never ends another run.
pub(super) fn place<I: Copy>(entry: &mut Entry, candidates: &Candidates<'_, I>) -> Placement<I> {
    let Candidates { is_keyed, own, open, last_reported } = candidates;
    if let Some((id, _)) = own.iter().chain(last_reported).find(|(_, run)| run.holds(entry)) {
        return Placement::Into(*id);
    }
    let mut closed = own.iter().filter(|(_, run)| run.closing().is_some());
    if entry.told.is_some()
        && let Some((id, _)) = closed.find(|(_, run)| run.reaches(entry))
    {
        return Placement::Into(*id);
    }
    if let Some((id, end)) = last_reported.and_then(|(id, run)| Some((id, run.closing()?)))
        && is_blind_retry(entry, end)
    {
        entry.at = end.at;
        return Placement::Into(id);
    }
    if entry.told.is_none()
        && let Some(end) = own.iter().filter_map(|(_, run)| run.ended_at()).max()
    {
        // Its time is its arrival, and arrivals go on from what is known.
        entry.at = entry.at.max(end + Duration::from_micros(1));
    }
    let own_open = own.iter().rev().find(|(_, run)| *is_keyed && run.closing().is_none());
    match (own_open, guess(entry, open)) {
        (Some((id, _)), _) => Placement::Into(*id),
        (None, Some(id)) if *is_keyed => Placement::Adopt(id),
        (None, Some(id)) => Placement::Into(id),
        (None, None) => Placement::Begin,
    }
}

/// The open run that took this very report in before, else the newest that may.
fn guess<I: Copy>(entry: &Entry, open: &[OpenCandidate<'_, I>]) -> Option<I> {
    let may_take = |open: &&OpenCandidate<'_, I>| !open.is_left && open.run.may_take(entry);
    let held = open.iter().find(|open| open.run.holds(entry));
    held.or_else(|| open.iter().find(may_take)).map(|open| open.id)
}

/// The same end told again within minutes, with the same time if any.
fn is_blind_retry(entry: &Entry, end: &Entry) -> bool {
    entry.status == end.status
        && entry.told == end.told
        && entry.arrived_at.since(end.arrived_at) < REPEAT_WINDOW
}
