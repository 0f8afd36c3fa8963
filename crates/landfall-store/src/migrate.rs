//! Bringing the schema up to date: numbered texts, run once each, forward only.

use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::event;

/// Every migration, in order; the first is number 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_ledger.sql"),
    include_str!("../../../migrations/0002_webhooks.sql"),
    include_str!("../../../migrations/0003_signing_keys.sql"),
    include_str!("../../../migrations/0004_users.sql"),
    include_str!("../../../migrations/0005_outcome_expiry.sql"),
    include_str!("../../../migrations/0006_last_sign_in.sql"),
    include_str!("../../../migrations/0007_event_blocks.sql"),
    include_str!("../../../migrations/0008_events_in_blocks.sql"),
];

/// The migration after which the events are moved, which SQL alone can't do.
const EVENTS_MOVE: i64 = 7;

/// The words in which the engines differ, and SQLite's own.
const WORDS: [(&str, &str); 3] =
    [("{id}", "BLOB"), ("{bytes}", "BLOB"), ("{clustered}", "WITHOUT ROWID")];

/// Runs the migrations that are missing.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    run(db, MIGRATIONS)
}

fn run(db: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found: i64 = db.sqlite().query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, text) in (1..).zip(migrations).filter(|(number, _)| *number > found) {
        let sql = WORDS.iter().fold((*text).to_owned(), |sql, (word, own)| sql.replace(word, own));
        db.begin()?;
        db.sqlite().execute_batch(&sql)?;
        if number == EVENTS_MOVE {
            event::move_into_blocks(db)?;
        }
        db.sqlite().execute_batch(&format!("PRAGMA user_version = {number}"))?;
        db.commit()?;
    }
    Ok(())
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
    fn events_of_data_from_before_there_were_blocks_are_all_in_blocks_afterwards() {
        let directory = tempfile::tempdir().unwrap();
        let mut db = Connection::open_writer(&directory.path().join("old.db")).unwrap();
        run(&mut db, &MIGRATIONS[..5]).unwrap();
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
