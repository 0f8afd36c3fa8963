//! Which run a report belongs to (DESIGN §3); the same rule for builds and deployments.

use std::time::Duration;

use crate::run::{Entry, Run};
use crate::time::Timestamp;

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
    /// The newest open run that a report without an id may join, or one with an id may adopt.
    pub open: Option<I>,
    /// The run that was reported last here, if the report may be a repeat of its end.
    pub last_reported: Option<(I, &'a Run)>,
}

/// Finds the place of `entry`, and corrects its time where only its place can tell it.
pub(super) fn place<I: Copy>(entry: &mut Entry, candidates: &Candidates<'_, I>) -> Placement<I> {
    let closed = || candidates.own.iter().filter(|(_, run)| run.closing().is_some());
    let newest_closed = closed().next_back();
    if entry.told.is_none() {
        // Its time is its arrival, and arrivals go on from what is known.
        if let Some(end) = newest_closed.and_then(|(_, run)| run.ended_at()) {
            entry.at = entry.at.max(end + Duration::from_micros(1));
        }
    } else if let Some((id, _)) = closed().find(|(_, run)| run.reaches(entry)) {
        return Placement::Into(*id);
    }
    let own_open = candidates.own.last().filter(|(_, run)| run.closing().is_none());
    match (own_open, candidates.open) {
        (Some((id, _)), _) if candidates.is_keyed => return Placement::Into(*id),
        (_, Some(id)) if candidates.is_keyed => return Placement::Adopt(id),
        (_, Some(id)) => return Placement::Into(id),
        (_, None) => {}
    }
    if let Some((id, end)) =
        candidates.last_reported.and_then(|(id, run)| Some((id, run.closing()?)))
        && is_blind_retry(entry, end)
    {
        entry.at = end.at;
        return Placement::Into(id);
    }
    Placement::Begin
}

/// The same end told again within minutes, with the same time if any.
fn is_blind_retry(entry: &Entry, end: &Entry) -> bool {
    entry.status == end.status
        && entry.told == end.told
        && entry.arrived_at.since(end.arrived_at) < REPEAT_WINDOW
}

/// Whether an open run was not heard of for so long that nothing joins it by guess.
pub(super) fn is_stale(news_at: Timestamp, now: Timestamp, stale_after: Duration) -> bool {
    now.since(news_at) > stale_after
}
