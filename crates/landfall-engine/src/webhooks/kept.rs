//! Deliveries and attempts as they are kept: some in rows of their own, most many in a page.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use landfall_domain::id::IdSource;
use landfall_domain::webhook::delivery::{Attempt, Delivery, DeliveryState, Trigger};
use landfall_store::rows::delivery::{self, Delivered, DeliveredPage};
use landfall_store::rows::event;
use landfall_store::{Connection, StoreError};

use super::deliveries::{DeliveryItem, DeliveryPage};
use crate::dispatch::Key;

/// Pages of deliveries that one look brings.
const PAGES: i64 = 32;
/// More pages than can end within one page's span.
const PAGES_MAX: i64 = 10_000;
/// Attempts that one look at many deliveries brings, give or take those of one delivery.
const ATTEMPTS_MAX: usize = 500;

/// A delivery with its attempts, oldest first.
pub(super) type Detail = (DeliveryItem, Vec<Attempt>);

/// A delivery with the page entry it comes from, if it has no row of its own.
pub(super) type Found = (Delivery, Option<AtOnce>);

/// A delivery that its first attempt made at once, in the page that it is kept in.
pub(super) type AtOnce = (Arc<DeliveredPage>, Delivered);

pub(super) fn with_event(
    db: &mut Connection,
    (organization, _): Key,
    delivery: Delivery,
) -> Result<DeliveryItem, StoreError> {
    let sequence = delivery.sequence;
    let next = event::after(db, organization, sequence.saturating_sub(1), 1)?;
    let event = next.into_iter().find(|event| event.sequence == sequence);
    Ok(DeliveryItem { delivery, event })
}

pub(super) fn find(
    db: &mut Connection,
    key: Key,
    sequence: u64,
) -> Result<Option<Found>, StoreError> {
    if let Some(row) = delivery::find(db, key, sequence)? {
        return Ok(Some((row, None)));
    }
    let range = (sequence, sequence.saturating_add(DeliveredPage::SPAN_MAX));
    let mut pages = delivery::pages(db, key, range, PAGES_MAX)?;
    pages.reverse();
    Ok(pages.into_iter().find_map(|page| {
        let entry = *page.entries.iter().find(|entry| entry.sequence == sequence)?;
        Some((delivery_of(&entry), Some((Arc::new(page), entry))))
    }))
}

fn delivery_of(entry: &Delivered) -> Delivery {
    Delivery {
        sequence: entry.sequence,
        state: DeliveryState::Delivered,
        attempts: 1,
        next_at: None,
        last_at: entry.at + Duration::from_micros(entry.duration_us),
    }
}

pub(super) fn detail(
    db: &mut Connection,
    key: Key,
    sequence: u64,
) -> Result<Option<Detail>, StoreError> {
    let found = find(db, key, sequence)?;
    found.map(|found| with_attempts(db, key, found)).transpose()
}

fn with_attempts(db: &mut Connection, key: Key, found: Found) -> Result<Detail, StoreError> {
    let (delivery, at_once) = found;
    let first = at_once.map(|(page, entry)| first_attempt(key, &page, &entry));
    let mut attempts: Vec<Attempt> = first.into_iter().collect();
    attempts.extend(delivery::attempts(db, key, delivery.sequence)?);
    Ok((with_event(db, key, delivery)?, attempts))
}

/// The attempt that made a delivery at once. Its id is not kept, but always comes out the same.
fn first_attempt((_, webhook): Key, page: &DeliveredPage, entry: &Delivered) -> Attempt {
    let own = webhook.uuid().as_u128() ^ u128::from(entry.sequence);
    Attempt {
        id: IdSource::new(own.to_be_bytes()).next(entry.at),
        sequence: entry.sequence,
        number: 1,
        trigger: Trigger::Automatic,
        job: None,
        at: entry.at,
        exchange: page.exchange(entry),
    }
}

/// Deliveries with rows of their own and those of pages, merged, newest first.
pub(super) fn list(
    db: &mut Connection,
    key: Key,
    wanted: DeliveryPage,
) -> Result<Vec<Delivery>, StoreError> {
    Ok(list_found(db, key, wanted)?.into_iter().map(|(delivery, _)| delivery).collect())
}

/// The same with their attempts, until those are too many for one look.
pub(super) fn details(
    db: &mut Connection,
    key: Key,
    wanted: DeliveryPage,
) -> Result<Vec<Detail>, StoreError> {
    let (mut details, mut attempts) = (Vec::new(), 0);
    for found in list_found(db, key, wanted)? {
        let detail = with_attempts(db, key, found)?;
        attempts += detail.1.len();
        details.push(detail);
        if attempts >= ATTEMPTS_MAX {
            break;
        }
    }
    Ok(details)
}

fn list_found(
    db: &mut Connection,
    key: Key,
    wanted: DeliveryPage,
) -> Result<Vec<Found>, StoreError> {
    let DeliveryPage { state, before, limit } = wanted;
    let count = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = delivery::before(db, key, state, before, count)?;
    let mut found: Vec<Found> = rows.into_iter().map(|row| (row, None)).collect();
    if state.is_none_or(|state| state == DeliveryState::Delivered) {
        let at_once = list_delivered(db, key, before, limit)?;
        found.extend(at_once.into_iter().map(|(page, entry)| {
            let delivery = delivery_of(&entry);
            (delivery, Some((page, entry)))
        }));
    }
    found.sort_by_key(|(delivery, _)| Reverse(delivery.sequence));
    found.dedup_by_key(|(delivery, _)| delivery.sequence);
    found.truncate(limit);
    Ok(found)
}

/// Pages come by their last number, so everything above the lowest of those is complete.
fn list_delivered(
    db: &mut Connection,
    key: Key,
    before: u64,
    limit: usize,
) -> Result<Vec<AtOnce>, StoreError> {
    let mut last = before.saturating_add(DeliveredPage::SPAN_MAX);
    let mut found = Vec::<AtOnce>::new();
    loop {
        let pages = delivery::pages(db, key, (0, last), PAGES)?;
        let Some(lowest) = pages.iter().filter_map(DeliveredPage::last_sequence).min() else {
            return Ok(found);
        };
        for page in pages.into_iter().map(Arc::new) {
            let wanted = page.entries.iter().filter(|entry| entry.sequence < before);
            found.extend(wanted.map(|entry| (Arc::clone(&page), *entry)));
        }
        let complete = found.iter().filter(|(_, entry)| entry.sequence > lowest).count();
        if complete >= limit || lowest == 0 {
            return Ok(found);
        }
        last = lowest - 1;
    }
}
