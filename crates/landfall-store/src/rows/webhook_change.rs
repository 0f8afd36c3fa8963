//! What was done to webhooks, for the nodes that did not do it themselves.
//!
//! Whoever changes something takes the next number and holds it until the commit, so numbers become
//! visible in order and without gaps: a node that has read up to a number has missed nothing.

use landfall_domain::id::{OrganizationId, WebhookId};

use super::{sequence_of, to_i64};
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const RAISE: &str = "UPDATE webhook_changes_head SET number = number + 1 WHERE id = 1";
const HEAD: &str = "SELECT number FROM webhook_changes_head WHERE id = 1";
const INSERT: &str = "INSERT INTO webhook_changes (number, organization_id, webhook_id, kind, \
    sequence) VALUES (?1, ?2, ?3, ?4, ?5)";
const AFTER: &str = "SELECT number, organization_id, webhook_id, kind, sequence \
    FROM webhook_changes WHERE number > ?1 ORDER BY number LIMIT ?2";
const PRUNE: &str = "DELETE FROM webhook_changes WHERE number <= ?1";

/// A node that missed more than this reads all webhooks anew.
const KEPT: u64 = 10_000;
/// So many are forgotten at a time.
const PRUNED_AT_ONCE: u64 = 100;

/// What was done to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was made, changed or deleted.
    Edited,
    /// A job of it was started.
    Job,
    /// This delivery was made by hand.
    Delivered(u64),
    /// This delivery is not to be made.
    Skipped(u64),
}

impl Change {
    fn parts(self) -> (&'static str, Option<u64>) {
        match self {
            Self::Edited => ("edited", None),
            Self::Job => ("job", None),
            Self::Delivered(sequence) => ("delivered", Some(sequence)),
            Self::Skipped(sequence) => ("skipped", Some(sequence)),
        }
    }

    fn parse(kind: &str, sequence: Option<u64>) -> Option<Self> {
        match (kind, sequence) {
            ("edited", None) => Some(Self::Edited),
            ("job", None) => Some(Self::Job),
            ("delivered", Some(sequence)) => Some(Self::Delivered(sequence)),
            ("skipped", Some(sequence)) => Some(Self::Skipped(sequence)),
            _ => None,
        }
    }
}

/// A change with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberedChange {
    /// From 1.
    pub number: u64,
    /// Whose webhook.
    pub organization: OrganizationId,
    /// Which webhook.
    pub webhook: WebhookId,
    /// What.
    pub change: Change,
}

fn decode(row: &Row<'_>) -> Result<NumberedChange, StoreError> {
    let (kind, sequence) = (row.str(3)?, row.int_or_null(4)?.map(sequence_of));
    Ok(NumberedChange {
        number: sequence_of(row.int(0)?),
        organization: OrganizationId::from_uuid(row.uuid(1)?),
        webhook: WebhookId::from_uuid(row.uuid(2)?),
        change: Change::parse(kind, sequence)
            .ok_or_else(|| StoreError::corrupt("change of a webhook", kind))?,
    })
}

/// Notes what this transaction does to a webhook; gives the number. Where there are no other nodes
/// nothing is noted, and the number is 0.
pub fn note(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    change: Change,
) -> Result<u64, StoreError> {
    if !db.is_shared() {
        return Ok(0);
    }
    db.write_later(RAISE, [[]])?;
    let number = head(db)?;
    let (kind, sequence) = change.parts();
    let sequence = sequence.map(to_i64).map_or(Value::Null, Value::from);
    let row = [to_i64(number).into(), organization.into(), webhook.into(), kind.into(), sequence];
    db.write_later(INSERT, [row])?;
    if number.is_multiple_of(PRUNED_AT_ONCE) {
        db.write_later(PRUNE, [[to_i64(number.saturating_sub(KEPT)).into()]])?;
    }
    Ok(number)
}

/// The number of the last change.
pub fn head(db: &mut Connection) -> Result<u64, StoreError> {
    Ok(db.read_one(HEAD, &[], |row| row.int(0))?.map_or(0, sequence_of))
}

/// Changes after a number, in order.
pub fn after(
    db: &mut Connection,
    number: u64,
    limit: i64,
) -> Result<Vec<NumberedChange>, StoreError> {
    db.read(AFTER, &[to_i64(number).into(), limit.into()], decode)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[RAISE, HEAD, INSERT, AFTER, PRUNE];
