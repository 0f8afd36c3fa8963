//! Deliveries and attempts: what became of each event owed to a webhook.
//!
//! Most deliveries are made by their first attempt at once; those are kept many in a row, with the
//! answers that they share. Every other one has a row of its own, and so has each of its attempts.

use landfall_domain::id::{AttemptId, AttemptKind, IdSource, JobId, OrganizationId, WebhookId};
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Attempt, Delivery, DeliveryState, Exchange};
use serde::{Deserialize, Serialize};

use super::{sequence_of, to_i64, to_json};
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const PUT: &str = "INSERT INTO deliveries (organization_id, webhook_id, sequence, state, attempts, \
    next_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
    ON CONFLICT (organization_id, webhook_id, sequence) DO UPDATE SET state = excluded.state, \
    attempts = excluded.attempts, next_at = excluded.next_at, last_at = excluded.last_at";
const DUE: &str = "SELECT sequence, state, attempts, next_at, last_at FROM deliveries \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND next_at IS NOT NULL \
    ORDER BY next_at LIMIT ?3";
const HURRY: &str = "UPDATE deliveries SET next_at = ?3 WHERE organization_id = ?1 \
    AND webhook_id = ?2 AND next_at > ?3";
const ONE: &str = "SELECT sequence, state, attempts, next_at, last_at FROM deliveries \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND sequence = ?3";
const BEFORE: &str = "SELECT sequence, state, attempts, next_at, last_at FROM deliveries \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND sequence < ?3 \
    ORDER BY sequence DESC LIMIT ?4";
const BEFORE_IN_STATE: &str = "SELECT sequence, state, attempts, next_at, last_at FROM deliveries \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND state = ?3 AND sequence < ?4 \
    ORDER BY sequence DESC LIMIT ?5";
const FAILED_BETWEEN: &str = "SELECT sequence, state, attempts, next_at, last_at FROM deliveries \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND (state = 'dead' OR state = 'retrying') \
    AND sequence >= ?3 AND sequence <= ?4 ORDER BY sequence LIMIT ?5";
const COUNT: &str = "SELECT COUNT(*) FROM deliveries \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND state = ?3";
const PUT_PAGE: &str = "INSERT INTO delivered (organization_id, webhook_id, id, first_sequence, \
    last_sequence, entries) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
    ON CONFLICT (organization_id, webhook_id, id) DO NOTHING";
const PAGES_BEFORE: &str = "SELECT id, entries FROM delivered \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND last_sequence >= ?3 \
    AND last_sequence <= ?4 ORDER BY last_sequence DESC LIMIT ?5";
/// Entries are written about in order, so the first pages that may hold a number do.
const PAGES_HOLDING: &str = "SELECT id, entries FROM delivered \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND last_sequence >= ?3 \
    AND last_sequence <= ?4 AND first_sequence <= ?3 ORDER BY last_sequence LIMIT ?5";
const PUT_ATTEMPT: &str = "INSERT INTO attempts (organization_id, webhook_id, sequence, id, \
    number, reason, job_id, at, exchange) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
    ON CONFLICT (organization_id, webhook_id, sequence, id) DO NOTHING";
const ATTEMPTS: &str = "SELECT sequence, id, number, reason, job_id, at, exchange FROM attempts \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND sequence = ?3 ORDER BY id";
const PRUNE_ATTEMPTS: &str = "DELETE FROM attempts WHERE organization_id = ?1 AND id IN \
    (SELECT id FROM attempts WHERE organization_id = ?1 AND id < ?2 ORDER BY id LIMIT ?3)";
const PRUNE_PAGES: &str = "DELETE FROM delivered WHERE organization_id = ?1 AND id IN \
    (SELECT id FROM delivered WHERE organization_id = ?1 AND id < ?2 ORDER BY id LIMIT ?3)";
const PRUNE_DELIVERIES: &str = "DELETE FROM deliveries WHERE organization_id = ?1 \
    AND (webhook_id, sequence) IN (SELECT webhook_id, sequence FROM deliveries \
    WHERE organization_id = ?1 AND last_at < ?2 AND state <> 'retrying' ORDER BY last_at LIMIT ?3)";

/// Deliveries that their first attempt made at once, with the answers that they share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveredPage {
    /// The answers, each once. What differs from entry to entry is zero in them.
    pub exchanges: Vec<Exchange>,
    /// The deliveries, in the order of their end.
    pub entries: Vec<Delivered>,
}

/// One delivery that its first attempt made at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Which event.
    pub sequence: u64,
    /// When the attempt began.
    #[serde(with = "landfall_domain::time::micros")]
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// Which of the answers it got.
    pub exchange: u32,
}

impl DeliveredPage {
    /// Numbers of one page are at most so far apart, so that a search knows where to end.
    pub const SPAN_MAX: u64 = 4_096;

    /// Takes the entries apart so that each page keeps its span.
    fn split(&self) -> Vec<Self> {
        let mut entries = self.entries.clone();
        entries.sort_by_key(|entry| entry.sequence);
        let (mut pages, mut rest) = (Vec::new(), entries.as_slice());
        while let Some(first) = rest.first() {
            let last = first.sequence.saturating_add(Self::SPAN_MAX);
            let count = rest.partition_point(|entry| entry.sequence <= last);
            let (page, others) = rest.split_at(count);
            pages.push(self.part(page));
            rest = others;
        }
        pages
    }

    /// A page of some of the entries, with the answers that those got.
    fn part(&self, entries: &[Delivered]) -> Self {
        if entries.len() == self.entries.len() {
            return Self { exchanges: self.exchanges.clone(), entries: entries.to_vec() };
        }
        let mut part = Self::default();
        for entry in entries {
            part.push(entry.sequence, entry.at, self.exchange(entry));
        }
        part
    }

    /// Adds a delivery. Answers that differ only in their times are kept once.
    pub fn push(&mut self, sequence: u64, at: Timestamp, mut exchange: Exchange) {
        let duration_us = std::mem::take(&mut exchange.duration_us);
        exchange.timestamp = 0;
        exchange.headers.retain(|(name, _)| name != "date");
        let found = self.exchanges.iter().position(|other| *other == exchange);
        let index = found.unwrap_or_else(|| {
            self.exchanges.push(exchange);
            self.exchanges.len() - 1
        });
        let exchange = u32::try_from(index).unwrap_or(u32::MAX);
        self.entries.push(Delivered { sequence, at, duration_us, exchange });
    }

    /// What was sent and came back for an entry.
    pub fn exchange(&self, entry: &Delivered) -> Exchange {
        let shared = self.exchanges.get(entry.exchange as usize).cloned().unwrap_or_default();
        let timestamp = entry.at.as_micros().div_euclid(1_000_000);
        Exchange { duration_us: entry.duration_us, timestamp, ..shared }
    }

    /// The highest number in it.
    pub fn last_sequence(&self) -> Option<u64> {
        self.entries.iter().map(|entry| entry.sequence).max()
    }

    fn first_sequence(&self) -> Option<u64> {
        self.entries.iter().map(|entry| entry.sequence).min()
    }
}

/// What became of the deliveries of one webhook.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// Deliveries made at once.
    pub delivered: DeliveredPage,
    /// Deliveries that changed.
    pub deliveries: Vec<Delivery>,
    /// Attempts that are kept one by one.
    pub attempts: Vec<Attempt>,
}

impl Outcomes {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.delivered.entries.is_empty() && self.deliveries.is_empty() && self.attempts.is_empty()
    }

    /// How many attempts they are of.
    pub fn attempts_made(&self) -> u64 {
        (self.delivered.entries.len() + self.attempts.len()) as u64
    }
}

/// Stores what became of deliveries; pages get ids made from `at` and `entropy`, each webhook's by its
/// number among all, from 0. The same again changes nothing, also if some are left out then.
pub fn put_outcomes<'a>(
    db: &mut Connection,
    outcomes: impl IntoIterator<Item = (u32, (OrganizationId, WebhookId), &'a Outcomes)>,
    (at, entropy): (Timestamp, [u8; 16]),
) -> Result<(), StoreError> {
    let (mut deliveries, mut pages, mut attempts) = (Vec::new(), Vec::new(), Vec::new());
    for (number, key, outcome) in outcomes {
        let (organization, webhook) = key;
        let mut ids = IdSource::new(numbered(entropy, number));
        deliveries.extend(outcome.deliveries.iter().map(|delivery| row(key, delivery)));
        for page in outcome.delivered.split() {
            pages.push([
                Value::from(organization),
                webhook.into(),
                ids.next::<AttemptKind>(at).into(),
                to_i64(page.first_sequence().unwrap_or(0)).into(),
                to_i64(page.last_sequence().unwrap_or(0)).into(),
                to_json(&page, "delivered")?.into(),
            ]);
        }
        for attempt in &outcome.attempts {
            attempts.push(attempt_row(key, attempt)?);
        }
    }
    db.write_later(PUT, deliveries)?;
    db.write_later(PUT_PAGE, pages)?;
    db.write_later(PUT_ATTEMPT, attempts)
}

/// Entropy for one of many.
fn numbered(mut entropy: [u8; 16], number: u32) -> [u8; 16] {
    for (byte, of_number) in entropy.iter_mut().zip(number.to_be_bytes()) {
        *byte ^= of_number;
    }
    entropy
}

fn row<'a>(
    (organization, webhook): (OrganizationId, WebhookId),
    delivery: &Delivery,
) -> [Value<'a>; 7] {
    let Delivery { sequence, state, attempts, next_at, last_at } = delivery;
    [
        organization.into(),
        webhook.into(),
        to_i64(*sequence).into(),
        state.as_str().into(),
        i64::from(*attempts).into(),
        (*next_at).into(),
        (*last_at).into(),
    ]
}

fn attempt_row<'a>(
    (organization, webhook): (OrganizationId, WebhookId),
    attempt: &Attempt,
) -> Result<[Value<'a>; 9], StoreError> {
    let Attempt { id, sequence, number, trigger, job, at, exchange } = attempt;
    Ok([
        organization.into(),
        webhook.into(),
        to_i64(*sequence).into(),
        (*id).into(),
        i64::from(*number).into(),
        to_json(trigger, "attempt")?.into(),
        (*job).into(),
        (*at).into(),
        to_json(exchange, "attempt")?.into(),
    ])
}

fn decode(row: &Row<'_>) -> Result<Delivery, StoreError> {
    let state = row.str(1)?;
    Ok(Delivery {
        sequence: sequence_of(row.int(0)?),
        state: DeliveryState::parse(state).ok_or_else(|| StoreError::corrupt("delivery", state))?,
        attempts: u32::try_from(row.int(2)?).unwrap_or(u32::MAX),
        next_at: row.time_or_null(3)?,
        last_at: row.time(4)?,
    })
}

/// The deliveries that are due first, at most `limit`.
pub fn due(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    db.read(DUE, &[organization.into(), webhook.into(), limit.into()], decode)
}

/// Makes all deliveries due that would be due later.
pub fn hurry(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    now: Timestamp,
) -> Result<(), StoreError> {
    db.write_many(HURRY, [[Value::from(organization), webhook.into(), now.into()]]).map(|_| ())
}

/// A delivery that has a row of its own.
pub fn find(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    sequence: u64,
) -> Result<Option<Delivery>, StoreError> {
    db.read_one(ONE, &[organization.into(), webhook.into(), to_i64(sequence).into()], decode)
}

/// Deliveries with rows of their own before a number, newest first; of one state or of any.
pub fn before(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    state: Option<DeliveryState>,
    before: u64,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let before = to_i64(before).into();
    if let Some(state) = state {
        let state = state.as_str().into();
        let key = [organization.into(), webhook.into(), state, before, limit.into()];
        return db.read(BEFORE_IN_STATE, &key, decode);
    }
    db.read(BEFORE, &[organization.into(), webhook.into(), before, limit.into()], decode)
}

/// Deliveries that failed, for good or so far, between two numbers, in order.
pub fn failed_between(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    (first, last): (u64, u64),
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let (first, last) = (to_i64(first).into(), to_i64(last).into());
    db.read(
        FAILED_BETWEEN,
        &[organization.into(), webhook.into(), first, last, limit.into()],
        decode,
    )
}

/// How many deliveries are in a state.
pub fn count(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    state: DeliveryState,
) -> Result<u64, StoreError> {
    let key = [organization.into(), webhook.into(), state.as_str().into()];
    Ok(db.read_one(COUNT, &key, |row| row.int(0))?.map_or(0, sequence_of))
}

/// Pages of deliveries made at once whose last number lies between two, newest first.
pub fn pages(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    (first, last): (u64, u64),
    limit: i64,
) -> Result<Vec<DeliveredPage>, StoreError> {
    let (first, last) = (to_i64(first).into(), to_i64(last).into());
    let key = [organization.into(), webhook.into(), first, last, limit.into()];
    db.read(PAGES_BEFORE, &key, |row| row.json(1, "delivered"))
}

/// Pages whose numbers span a number that are looked through for it.
const PAGES_HOLDING_MAX: i64 = 64;

/// When a delivery was made by its first attempt at once, if it was: looked for in the pages that
/// end at most `span` numbers later.
pub fn find_delivered(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    (sequence, span): (u64, u64),
) -> Result<Option<Delivered>, StoreError> {
    let last = sequence.saturating_add(span);
    let (first, last) = (to_i64(sequence).into(), to_i64(last).into());
    let key = [organization.into(), webhook.into(), first, last, PAGES_HOLDING_MAX.into()];
    let pages: Vec<DeliveredPage> = db.read(PAGES_HOLDING, &key, |row| row.json(1, "delivered"))?;
    let mut entries = pages.iter().flat_map(|page| &page.entries);
    Ok(entries.find(|entry| entry.sequence == sequence).copied())
}

/// The attempts of a delivery that are kept one by one, oldest first.
pub fn attempts(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    sequence: u64,
) -> Result<Vec<Attempt>, StoreError> {
    let key = [organization.into(), webhook.into(), to_i64(sequence).into()];
    db.read(ATTEMPTS, &key, |row| {
        Ok(Attempt {
            sequence: sequence_of(row.int(0)?),
            id: AttemptId::from_uuid(row.uuid(1)?),
            number: u32::try_from(row.int(2)?).unwrap_or(u32::MAX),
            trigger: row.json(3, "attempt")?,
            job: row.uuid_or_null(4)?.map(JobId::from_uuid),
            at: row.time(5)?,
            exchange: row.json(6, "attempt")?,
        })
    })
}

/// Removes attempts and settled deliveries that ended before a time, at most `count` rows of each
/// table; says how many went.
pub fn prune(
    db: &mut Connection,
    organization: OrganizationId,
    before: Timestamp,
    count: i64,
) -> Result<u64, StoreError> {
    let oldest: AttemptId = IdSource::new([0; 16]).next(before);
    let by_id = [Value::from(organization), oldest.into(), count.into()];
    let attempts = db.write_many(PRUNE_ATTEMPTS, [&by_id])?;
    let pages = db.write_many(PRUNE_PAGES, [&by_id])?;
    let by_age = [Value::from(organization), before.into(), count.into()];
    let deliveries = db.write_many(PRUNE_DELIVERIES, [&by_age])?;
    Ok(attempts + pages + deliveries)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    PUT,
    DUE,
    HURRY,
    ONE,
    BEFORE,
    BEFORE_IN_STATE,
    FAILED_BETWEEN,
    COUNT,
    PUT_PAGE,
    PAGES_BEFORE,
    PAGES_HOLDING,
    PUT_ATTEMPT,
    ATTEMPTS,
    PRUNE_ATTEMPTS,
    PRUNE_PAGES,
    PRUNE_DELIVERIES,
];
