//! What PostgreSQL's errors mean to callers.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::error::StoreError;

/// What an error of a statement means. What the server says of a row's content is left out, since
/// errors are logged.
pub(super) fn meaning(error: &Error) -> StoreError {
    let Some(said) = error.as_db_error() else {
        return StoreError::Lost(shown(error));
    };
    let (code, message) = (said.code(), said.message().to_owned());
    if is_overtaken(said) {
        StoreError::Overtaken
    } else if is_conflict(code) {
        StoreError::Conflict(message)
    } else if is_end(code) {
        StoreError::Lost(message)
    } else if is_trouble(code) {
        StoreError::Unavailable(message)
    } else {
        StoreError::Refused { code: code.code().to_owned(), message }
    }
}

/// What an error means of one of several statements that were sent together, of which the last one is
/// COMMIT: a connection that is lost then leaves it unknown whether the transaction was stored. But what the
/// server itself says of a statement before COMMIT has ended the transaction.
pub(super) fn meaning_with_commit(error: &Error, is_last: bool) -> StoreError {
    match meaning(error) {
        StoreError::Lost(_) if is_last || error.as_db_error().is_none() => {
            StoreError::OutcomeUnknown
        }
        other => other,
    }
}

/// Why no connection could be made. Neither the server nor the client repeats a password.
pub(super) fn no_connection(error: &Error) -> StoreError {
    StoreError::Unavailable(shown(error))
}

/// The error and what it comes from, without the details of rows.
fn shown(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        return said.message().to_owned();
    }
    let mut shown = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_shown = cause.to_string();
        if !shown.contains(&cause_shown) {
            shown = format!("{shown}: {cause_shown}");
        }
        source = cause.source();
    }
    shown
}

/// Another transaction was in the way; the same one may go through now.
fn is_conflict(code: &SqlState) -> bool {
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(code)
}

/// The head of an organization is not as it was taken to be, see [`crate::rows::organization`].
fn is_overtaken(said: &DbError) -> bool {
    *said.code() == SqlState::NOT_NULL_VIOLATION && said.column() == Some("next_sequence")
}

/// The server ends the connection.
fn is_end(code: &SqlState) -> bool {
    let ends = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    ends.contains(code) || code.code() == "57P05" || code.code().starts_with("08")
}

/// The server can't write, or has too little of something.
fn is_trouble(code: &SqlState) -> bool {
    *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || ["53", "58"].iter().any(|class| code.code().starts_with(class))
}
