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
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = db.sqlite().query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, text) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
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
