//! Migrations of a PostgreSQL, where several nodes may start at once while others go on writing. A table
//! says which ran; one node runs them at a time.

use std::time::Duration;

use super::{MIGRATIONS, Migration, announce, in_words, move_rows, too_new};
use crate::driver::{Connection, Row};
use crate::error::StoreError;

/// Texts sort and compare by their bytes, as in SQLite, whatever the database's own language is.
const WORDS: [(&str, &str); 5] = [
    ("{id}", "BYTEA"),
    ("{bytes}", "BYTEA"),
    ("{clustered}", ""),
    ("{postgresql}", ""),
    (" TEXT", " TEXT COLLATE \"C\""),
];
const BESIDE_OTHERS: [(&str, &str); 1] = [("{online}", "CONCURRENTLY")];
const ALONE: [(&str, &str); 1] = [("{online}", "")];

const MAKE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
    (number BIGINT NOT NULL PRIMARY KEY, compatible_from BIGINT NOT NULL)";
const WAIT_LONG: &str = "SET LOCAL lock_timeout = 0";
const LOCK_TABLE: &str = "LOCK TABLE schema_migrations IN EXCLUSIVE MODE";
pub(super) const APPLIED: &str =
    "SELECT COALESCE(MAX(number), 0), COALESCE(MAX(compatible_from), 0) FROM schema_migrations";
pub(super) const NOTE: &str =
    "INSERT INTO schema_migrations (number, compatible_from) VALUES (?1, ?2)";

/// The lock of whoever runs a step beside others, who must not hold a transaction while it waits: the step
/// would wait for that. So it is asked for again and again. The number is one that nobody else would take.
const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(7810776139261013)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7810776139261013)";
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(50);
const TIMEOUTS: &str =
    "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')";
const WAIT_FOR_ALL: &str = "SET lock_timeout = 0; SET statement_timeout = 0";
/// An ANALYZE of somebody else may deadlock with the step, which is then begun again.
const ONLINE_TRIES: u32 = 10;

/// Two nodes that make the table at once trip over each other once.
const MAKE_TRIES: u32 = 10;

/// Runs the migrations that are missing in a PostgreSQL; the others wait for the one that does.
pub(crate) fn migrate_shared(db: &mut Connection) -> Result<(), StoreError> {
    migrate_to(db, MIGRATIONS)
}

pub(super) fn migrate_to(db: &mut Connection, steps: &[Migration]) -> Result<(), StoreError> {
    make_table(db)?;
    // Most starts find nothing to do, and lock nothing.
    while let Some(next) = steps.get(done(db, steps)?) {
        if next.is_online {
            run_beside_others(db, steps)?;
        } else {
            db.in_transaction(|db| run_missing(db, steps))?;
        }
    }
    Ok(())
}

fn make_table(db: &mut Connection) -> Result<(), StoreError> {
    let mut tries = 1;
    loop {
        match db.postgres()?.run(MAKE_TABLE) {
            Err(StoreError::Refused { .. }) if tries < MAKE_TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}

/// Runs what is missing up to a step that runs beside others; in a new database, where there are none, all.
fn run_missing(db: &mut Connection, steps: &[Migration]) -> Result<(), StoreError> {
    // However long the other node takes.
    db.write_many(WAIT_LONG, [[]])?;
    db.postgres()?.run(LOCK_TABLE)?;
    let done = applied(db, steps)?;
    for (number, step) in (1_i64..).zip(steps).skip(done) {
        if step.is_online && done > 0 {
            break;
        }
        announce(number, done > 0);
        db.postgres()?.run(&in_words(&in_words(step.sql, &WORDS), &ALONE))?;
        move_rows(db, number)?;
        note(db, number, step)?;
    }
    Ok(())
}

fn note(db: &mut Connection, number: i64, step: &Migration) -> Result<(), StoreError> {
    db.write_many(NOTE, [[number.into(), step.compatible_from.into()]]).map(|_| ())
}

/// Runs the next step without keeping anyone from writing.
fn run_beside_others(db: &mut Connection, steps: &[Migration]) -> Result<(), StoreError> {
    take_lock(db)?;
    let read = |row: &Row<'_>| Ok((row.text(0)?, row.text(1)?));
    let timeouts = db.in_transaction(|db| db.read_one(TIMEOUTS, &[], read))?;
    let (lock, statement) = timeouts.unwrap_or_default();
    db.postgres()?.run(WAIT_FOR_ALL)?;
    let mut tries = 1;
    // After any other error the connection is given up, and the lock with it.
    while let Err(error) = run_if_missing(db, steps) {
        if !matches!(error, StoreError::Conflict(_)) || tries >= ONLINE_TRIES {
            return Err(error);
        }
        tries += 1;
    }
    let restore = format!("SET lock_timeout = '{lock}'; SET statement_timeout = '{statement}'");
    db.postgres()?.run(&restore)?;
    db.postgres()?.run(UNLOCK)
}

fn take_lock(db: &mut Connection) -> Result<(), StoreError> {
    let mut is_first = true;
    while db.in_transaction(|db| db.read_one(TRY_LOCK, &[], |row| row.truth(0)))? != Some(true) {
        if std::mem::take(&mut is_first) {
            tracing::info!("waiting for the node that brings the data up to date");
        }
        std::thread::sleep(ASK_AGAIN_AFTER);
    }
    db.take_reopened();
    Ok(())
}

/// Runs the next step if it runs beside others, and nobody ran it meanwhile.
fn run_if_missing(db: &mut Connection, steps: &[Migration]) -> Result<(), StoreError> {
    let next = done(db, steps)?;
    let Some((number, step)) = (1_i64..).zip(steps).nth(next).filter(|(_, step)| step.is_online)
    else {
        return Ok(());
    };
    if db.take_reopened() {
        // Whoever has the lock now would run it as well.
        return Err(StoreError::Lost("it was opened again without the lock".to_owned()));
    }
    announce(number, true);
    let sql = in_words(step.sql, &BESIDE_OTHERS);
    let lines = sql.lines().filter(|line| !line.starts_with("--"));
    let sql = lines.collect::<Vec<_>>().join("\n");
    for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
        db.postgres()?.run(statement)?;
    }
    db.in_transaction(|db| note(db, number, step))
}

fn done(db: &mut Connection, steps: &[Migration]) -> Result<usize, StoreError> {
    db.in_transaction(|db| applied(db, steps))
}

/// How many steps were done already: all, where a newer version did more than are known here.
fn applied(db: &mut Connection, steps: &[Migration]) -> Result<usize, StoreError> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found = db.read_one(APPLIED, &[], |row| Ok((row.int(0)?, row.int(1)?)))?;
    let (found, compatible_from) = found.unwrap_or_default();
    if compatible_from > known {
        return Err(too_new(found, known));
    }
    Ok(usize::try_from(found).unwrap_or(0).min(steps.len()))
}
