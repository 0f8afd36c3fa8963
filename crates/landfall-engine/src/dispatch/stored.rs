//! How a webhook is doing whose lane another node has, as far as that is stored.

use landfall_domain::id::OrganizationId;
use landfall_domain::webhook::delivery::Progress;
use landfall_store::rows::{event, organization, webhook};
use landfall_store::{Connection, StoreError};

use super::armed::Armed;
use super::context::Key;
use super::lane::Standing;
use super::subject::Head;

/// Events that one look at the log brings.
const PAGE: i64 = 256;
/// Looks at the log for what a webhook has not stored that it has seen.
const PAGES_MAX: usize = 4;

/// How a webhook is doing, from what its lane stored. A lane stores its place with what it sends, so
/// events after that which it does not want are as good as seen.
pub(super) fn standing(
    db: &mut Connection,
    (key, armed): (Key, &Armed),
) -> Result<Standing, StoreError> {
    let found = webhook::find_progress(db, &[key])?.pop();
    let Progress { seen, outstanding, health } = found.map(|found| found.2).unwrap_or_default();
    let head = organization::find(db, key.0)?.map_or(0, |found| found.next_sequence - 1);
    let seen = skip_unwanted(db, key.0, armed, seen)?.min(head.max(seen));
    Ok(Standing {
        seen,
        is_caught_up: seen == head,
        in_flight: outstanding.len(),
        retrying: 0,
        health,
        resting_until: None,
    })
}

/// The last number before the first event that is wanted, looking at a bounded part of the log.
fn skip_unwanted(
    db: &mut Connection,
    organization: OrganizationId,
    armed: &Armed,
    mut seen: u64,
) -> Result<u64, StoreError> {
    for _ in 0..PAGES_MAX {
        let events = event::after(db, organization, seen, PAGE)?;
        let Some(last) = events.last().map(|event| event.sequence) else { break };
        let is_wanted = |event: &&landfall_store::StoredEvent| {
            armed.interest().matches(&Head::of(event).subject(&event.kind))
        };
        if let Some(first) = events.iter().find(is_wanted) {
            return Ok(first.sequence - 1);
        }
        seen = last;
    }
    Ok(seen)
}
