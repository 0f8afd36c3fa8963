//! Bringing the schema up to date: numbered texts, run once each, forward only.
//!
//! On PostgreSQL several nodes may start at once, and nodes of two versions may share the data while
//! they are replaced one by one, see [`shared`]. So each migration says the oldest schema whose nodes may
//! go on beside it.

mod shared;

pub(crate) use self::shared::migrate_shared;
use self::shared::{APPLIED, NOTE};
use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::event;

/// One step of the schema.
struct Migration {
    sql: &'static str,
    /// Nodes that know the schema of this number may go on after it; a step that they would stumble
    /// over names itself.
    compatible_from: i64,
    /// Takes long on much data, so on PostgreSQL others write meanwhile: its statements, which only make
    /// and drop indexes, run one by one, and again from the first one if the node ends in between.
    is_online: bool,
}

const fn migration(sql: &'static str, compatible_from: i64) -> Migration {
    Migration { sql, compatible_from, is_online: false }
}

const fn online(sql: &'static str, compatible_from: i64) -> Migration {
    Migration { sql, compatible_from, is_online: true }
}

/// Every migration, in order; the first is number 1.
const MIGRATIONS: &[Migration] = &[
    migration(include_str!("../../../../migrations/0001_ledger.sql"), 1),
    migration(include_str!("../../../../migrations/0002_webhooks.sql"), 2),
    migration(include_str!("../../../../migrations/0003_signing_keys.sql"), 3),
    migration(include_str!("../../../../migrations/0004_users.sql"), 4),
    migration(include_str!("../../../../migrations/0005_outcome_expiry.sql"), 5),
    migration(include_str!("../../../../migrations/0006_last_sign_in.sql"), 6),
    migration(include_str!("../../../../migrations/0007_event_blocks.sql"), 7),
    // Before it no node told the others that it changed something.
    migration(include_str!("../../../../migrations/0008_several_nodes.sql"), 8),
    // Before it each node sent every event.
    migration(include_str!("../../../../migrations/0009_nodes.sql"), 9),
    online(include_str!("../../../../migrations/0010_histories.sql"), 9),
    online(include_str!("../../../../migrations/0011_one_index_less.sql"), 9),
    migration(include_str!("../../../../migrations/0012_blocks_as_they_are.sql"), 9),
];

/// The migration after which the events are moved, which SQL alone can't do.
const EVENTS_MOVE: i64 = 7;

/// The number of no schema: it marks a copy that is incomplete, so that no version serves it, not even
/// one from before there were copies.
pub(crate) const INCOMPLETE: i64 = i32::MAX as i64;

/// The words in which the engines differ. What one line says to PostgreSQL alone is a comment here.
const SQLITE_WORDS: [(&str, &str); 5] = [
    ("{id}", "BLOB"),
    ("{bytes}", "BLOB"),
    ("{clustered}", "WITHOUT ROWID"),
    ("{online}", ""),
    ("{postgresql}", "--"),
];

fn in_words(sql: &str, words: &[(&str, &str)]) -> String {
    words.iter().fold(sql.to_owned(), |sql, (word, own)| sql.replace(word, own))
}

/// Runs the migrations that are missing in a file of SQLite, which nobody else has open.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    migrate_to(db, MIGRATIONS)
}

fn migrate_to(db: &mut Connection, steps: &[Migration]) -> Result<(), StoreError> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found: i64 = db.sqlite()?.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(too_new(found, known));
    }
    for (number, step) in (1..).zip(steps).filter(|(number, _)| *number > found) {
        announce(number, found > 0);
        db.begin()?;
        db.sqlite()?.execute_batch(&in_words(step.sql, &SQLITE_WORDS))?;
        move_rows(db, number)?;
        db.sqlite()?.execute_batch(&format!("PRAGMA user_version = {number}"))?;
        db.commit()?;
    }
    Ok(())
}

/// Says in the log what a start takes long for: there is data.
fn announce(migration: i64, is_data_there: bool) {
    if is_data_there {
        tracing::info!(
            migration,
            "bringing the data up to date; with much of it this takes minutes"
        );
    }
}

/// What a migration does beside its text.
fn move_rows(db: &mut Connection, number: i64) -> Result<(), StoreError> {
    if number == EVENTS_MOVE { event::move_into_blocks(db) } else { Ok(()) }
}

const fn too_new(found: i64, known: i64) -> StoreError {
    if found == INCOMPLETE { StoreError::Incomplete } else { StoreError::Newer { found, known } }
}

const FORGET: &str = "DELETE FROM schema_migrations WHERE number = ?1";
const NO_SUCH_TABLE: &str = "42P01";

/// The schema of a database: 0 if it has none.
pub(crate) fn found_schema(db: &mut Connection) -> Result<i64, StoreError> {
    if !db.is_shared() {
        return Ok(db.sqlite()?.query_row("PRAGMA user_version", [], |row| row.get(0))?);
    }
    match db.read_one(APPLIED, &[], |row| row.int(0)) {
        Err(StoreError::Refused { code, .. }) if code == NO_SUCH_TABLE => Ok(0),
        found => Ok(found?.unwrap_or_default()),
    }
}

/// Refuses what this version does not know: a newer schema, or data that is not all there yet.
pub(crate) fn refuse_newer(found: i64) -> Result<(), StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known { Err(too_new(found, known)) } else { Ok(()) }
}

/// Refuses every schema but the present one.
pub(crate) fn require_present(found: i64) -> Result<(), StoreError> {
    refuse_newer(found)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found < known { Err(StoreError::Older { found, known }) } else { Ok(()) }
}

/// Keeps every node from data that is not all there yet.
pub(crate) fn mark_incomplete(db: &mut Connection) -> Result<(), StoreError> {
    if db.is_shared() {
        return db.write_many(NOTE, [[INCOMPLETE.into(), INCOMPLETE.into()]]).map(|_| ());
    }
    Ok(db.sqlite()?.execute_batch(&format!("PRAGMA user_version = {INCOMPLETE}"))?)
}

/// Opens the data to nodes, with the transaction that is open.
pub(crate) fn mark_complete(db: &mut Connection) -> Result<(), StoreError> {
    if db.is_shared() {
        return db.write_many(FORGET, [[INCOMPLETE.into()]]).map(|_| ());
    }
    let known = MIGRATIONS.len();
    Ok(db.sqlite()?.execute_batch(&format!("PRAGMA user_version = {known}"))?)
}

/// How many migrations there are.
pub(crate) const fn known() -> usize {
    MIGRATIONS.len()
}

/// Runs those of the first so many migrations that are missing, as the release did that knew no more.
pub(crate) fn migrate_first(db: &mut Connection, steps: usize) -> Result<(), StoreError> {
    let steps = &MIGRATIONS[..steps.min(MIGRATIONS.len())];
    if db.is_shared() { shared::migrate_to(db, steps) } else { migrate_to(db, steps) }
}

/// From which schema on nodes may go on after a migration, which are numbered from 1.
#[cfg(test)]
pub(crate) fn compatible_from(number: usize) -> usize {
    usize::try_from(MIGRATIONS[number - 1].compatible_from).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::event::StoredEvent;
    use landfall_domain::id::OrganizationId;
    use landfall_domain::time::Timestamp;

    const ORGANIZATION: &str = "INSERT INTO organizations \
        (id, slug, name, settings, next_sequence, next_key, created_at) \
        VALUES (?1, 'acme', 'Acme', '{}', 2001, 1, 1)";
    const EVENT: &str = "INSERT INTO events \
        (organization_id, sequence, type, at, recorded_at, data) \
        VALUES (?1, ?2, 'build.completed', ?2, ?3, ?4)";

    #[test]
    fn what_is_made_while_others_write_says_so_twice() {
        for step in MIGRATIONS {
            assert_eq!(step.sql.contains("{online}"), step.is_online, "{}", step.sql);
        }
    }

    #[test]
    fn events_of_data_from_before_there_were_blocks_are_all_in_blocks_afterwards() {
        let directory = tempfile::tempdir().unwrap();
        let mut db = Connection::open_writer(&directory.path().join("old.db")).unwrap();
        migrate_to(&mut db, &MIGRATIONS[..5]).unwrap();
        let id = OrganizationId::from_uuid(uuid::Uuid::from_u128(7));
        db.begin().unwrap();
        db.write_many(ORGANIZATION, [[id.into()]]).unwrap();
        let old: Vec<StoredEvent> = (3..=2_000).map(old_event).collect();
        for event in &old {
            let (sequence, data) = (event.sequence.cast_signed(), &*event.data);
            let row = [id.into(), sequence.into(), event.recorded_at.into(), data.into()];
            db.write_many(EVENT, [row]).unwrap();
        }
        db.commit().unwrap();

        migrate(&mut db).unwrap();

        assert_eq!(event::after(&mut db, id, 0, 5_000).unwrap(), old);
        assert_eq!(event::first(&mut db, id).unwrap(), Some(3));
        for sequence in [3_u64, 64, 65, 1_999] {
            let at = Timestamp::from_micros(10 * sequence.cast_signed() - 5);
            assert_eq!(event::first_since(&mut db, id, at).unwrap(), sequence);
        }
        assert_eq!(
            event::first_since(&mut db, id, Timestamp::from_micros(1 << 40)).unwrap(),
            2_001
        );
    }

    fn old_event(sequence: u64) -> StoredEvent {
        StoredEvent {
            sequence,
            kind: "build.completed".into(),
            at: Timestamp::from_micros(sequence.cast_signed()),
            recorded_at: Timestamp::from_micros(10 * sequence.cast_signed()),
            data: format!("{{\"target\":\"{sequence}\"}}").into(),
        }
    }
}
