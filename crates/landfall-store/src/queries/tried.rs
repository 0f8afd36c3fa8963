//! What came of attempts lately, without what was sent and answered: for pictures of a day.
//!
//! A busy webhook has more of them than anybody wants to read, so the newest come first and there is
//! an end.

use landfall_domain::id::{AttemptId, IdSource, OrganizationId, WebhookId};
use landfall_domain::time::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::driver::{Connection, Value};
use crate::error::StoreError;
use crate::rows::delivery::Delivered;

const PAGES: &str = "SELECT id, entries FROM delivered \
    WHERE organization_id = ?1 AND webhook_id = ?2 AND id >= ?3 AND id < ?4 \
    ORDER BY id DESC LIMIT ?5";
const ATTEMPTS: &str = "SELECT webhook_id, at, exchange FROM attempts \
    WHERE organization_id = ?1 AND id >= ?2 ORDER BY id DESC LIMIT ?3";

/// Pages that one look brings; each may hold thousands of entries.
const PAGES_AT_ONCE: i64 = 32;
/// Pages of one webhook that are read.
const PAGES_MAX: usize = 2_048;
/// With so many entries no further page is read.
const ENTRIES_MAX: usize = 10_000;
/// Attempts of one organization that are read.
const ATTEMPTS_MAX: i64 = 2_000;

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// Whether the receiver has it.
    pub is_delivered: bool,
}

/// What came of the newest attempts.
#[derive(Clone, Debug)]
pub struct Newest<T> {
    /// The attempts.
    pub tried: Vec<T>,
    /// What was before these was too much to be read.
    pub is_cut: bool,
}

/// The part of a page that is wanted.
#[derive(Deserialize)]
struct Entries {
    entries: Vec<Delivered>,
}

/// The part of an exchange that is wanted.
#[derive(Deserialize)]
struct Outcome {
    duration_us: u64,
    #[serde(default)]
    status: Option<u16>,
}

/// The deliveries of a webhook since a time that their first attempt made at once.
pub fn at_once_since(
    db: &mut Connection,
    (organization, webhook): (OrganizationId, WebhookId),
    since: Timestamp,
) -> Result<Newest<Tried>, StoreError> {
    let (oldest, mut before) = (oldest(since), Uuid::max());
    let (mut found, mut pages_read) = (Newest { tried: Vec::new(), is_cut: false }, 0);
    loop {
        let key: [Value<'_>; 5] = [
            organization.into(),
            webhook.into(),
            oldest.into(),
            before.into(),
            PAGES_AT_ONCE.into(),
        ];
        let pages =
            db.read(PAGES, &key, |row| Ok((row.uuid(0)?, row.json::<Entries>(1, "delivered")?)))?;
        let Some((last, _)) = pages.last() else { return Ok(found) };
        (before, pages_read) = (*last, pages_read + pages.len());
        let entries = pages.iter().flat_map(|(_, page)| &page.entries);
        found.tried.extend(entries.map(|entry| Tried {
            at: entry.at,
            duration_us: entry.duration_us,
            is_delivered: true,
        }));
        found.is_cut = found.tried.len() >= ENTRIES_MAX || pages_read >= PAGES_MAX;
        if found.is_cut {
            return Ok(found);
        }
    }
}

/// All other attempts of an organization since a time.
pub fn others_since(
    db: &mut Connection,
    organization: OrganizationId,
    since: Timestamp,
) -> Result<Newest<(WebhookId, Tried)>, StoreError> {
    let key = [organization.into(), oldest(since).into(), ATTEMPTS_MAX.into()];
    let tried = db.read(ATTEMPTS, &key, |row| {
        let Outcome { duration_us, status } = row.json(2, "attempt")?;
        let is_delivered = status.is_some_and(|status| (200..300).contains(&status));
        let tried = Tried { at: row.time(1)?, duration_us, is_delivered };
        Ok((WebhookId::from_uuid(row.uuid(0)?), tried))
    })?;
    let is_cut = tried.len() >= usize::try_from(ATTEMPTS_MAX).unwrap_or(usize::MAX);
    Ok(Newest { tried, is_cut })
}

/// No id that was made at `since` or later sorts before this one by more than a microsecond.
fn oldest(since: Timestamp) -> AttemptId {
    IdSource::new([0; 16]).next(since)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[PAGES, ATTEMPTS];
