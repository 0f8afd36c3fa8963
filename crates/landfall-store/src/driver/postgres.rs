//! PostgreSQL: one connection, with a runtime of its own.
//!
//! What is written waits until something must be known, the commit at the latest, and then goes out
//! together with it. So does BEGIN. Statements are prepared once per connection. When the connection
//! is lost, the next transaction opens another one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Statement};
use tokio_stream::StreamExt;

use super::Reading;
use super::address::Address;
use super::failure::{meaning, meaning_with_commit, no_connection};
use super::pipeline::{Call, Encoded, Form, Heard, Kind, send};
use super::purpose::Purpose;
use super::row::Row;
use super::runtime::Own;
use super::statement;
use super::value::Value;
use super::waves::waves;
use crate::error::StoreError;

/// A connection that takes longer to make does not come about.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// After a connection could not be made, the next attempt waits so long, and then ever longer.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest of those pauses.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// With more statements than this, all are prepared anew: more than there are.
const STATEMENTS_MAX: usize = 1_024;

/// The time now, in microseconds: not that of the transaction's beginning, which may be long ago.
pub(super) const CLOCK: &str =
    "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// How far the present transaction is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    /// There is none.
    None,
    /// It begins with what is sent next.
    Wanted(&'static str),
    /// It has begun.
    Open,
    /// A statement of it failed, so it can only be undone.
    Failed,
}

/// A connection.
pub(crate) struct Postgres {
    runtime: Own,
    client: Client,
    address: Arc<Address>,
    purpose: Purpose,
    statements: HashMap<(&'static str, Form), Statement>,
    transaction: Transaction,
    waiting: Vec<Call>,
    is_broken: bool,
    was_reopened: bool,
    pause: Duration,
    next_try: Option<Instant>,
    rows_written: u64,
    round_trips: u64,
}

impl Postgres {
    pub(super) fn connect(address: Arc<Address>, purpose: Purpose) -> Result<Self, StoreError> {
        let runtime = Own::new()?;
        let client = runtime.wait(open(&address, purpose))?;
        Ok(Self {
            runtime,
            client,
            address,
            purpose,
            statements: HashMap::new(),
            transaction: Transaction::None,
            waiting: Vec::new(),
            is_broken: false,
            was_reopened: false,
            pause: PAUSE,
            next_try: None,
            rows_written: 0,
            round_trips: 0,
        })
    }

    pub(super) fn read_many<'k>(
        &mut self,
        sql: &'static str,
        keys: impl IntoIterator<Item = impl AsRef<[Value<'k>]>>,
        mut each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let keys: Vec<_> = keys.into_iter().collect();
        let keys: Vec<&[Value<'k>]> = keys.iter().map(AsRef::as_ref).collect();
        match self.call_to_read(sql, &keys, Kind::Read)? {
            Some(call) => self.rows_of(call, &mut each),
            None => Ok(()),
        }
    }

    pub(super) fn read_together(
        &mut self,
        readings: &[Reading<'_>],
        mut each: impl FnMut(usize, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (mut calls, mut numbers) = (Vec::new(), Vec::new());
        for (number, Reading { sql, keys, is_in_turn }) in readings.iter().enumerate() {
            let keys: Vec<&[Value<'_>]> = keys.iter().map(AsRef::as_ref).collect();
            for keys in keys.chunks(if *is_in_turn { 1 } else { keys.len().max(1) }) {
                calls.extend(self.call_to_read(sql, keys, Kind::ReadAll)?);
                numbers.resize(calls.len(), number);
            }
        }
        if calls.is_empty() {
            return Ok(());
        }
        for (number, heard) in numbers.into_iter().zip(self.exchange(calls, None)?) {
            let Heard::Found(rows) = heard else { continue };
            rows.iter().try_for_each(|row| each(number, &Row::from(row)))?;
        }
        Ok(())
    }

    /// The call that finds rows, unless there are no keys.
    fn call_to_read(
        &mut self,
        sql: &'static str,
        keys: &[&[Value<'_>]],
        kind: Kind,
    ) -> Result<Option<Call>, StoreError> {
        match keys {
            [] => Ok(None),
            [key] => self.call(sql, key, kind).map(Some),
            keys => self.call_many(sql, keys, kind).map(Some),
        }
    }

    pub(super) fn write_many<'v>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = impl AsRef<[Value<'v>]>>,
    ) -> Result<u64, StoreError> {
        let calls = self.calls_to_write(sql, rows)?;
        if calls.is_empty() {
            return Ok(0);
        }
        let heard = self.exchange(calls, None)?;
        let changed = heard.iter().map(|heard| match heard {
            Heard::Changed(rows) => *rows,
            Heard::Done | Heard::Rows(_) | Heard::Found(_) => 0,
        });
        Ok(changed.sum())
    }

    pub(super) fn write_later<'v>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = impl AsRef<[Value<'v>]>>,
    ) -> Result<(), StoreError> {
        let calls = self.calls_to_write(sql, rows)?;
        self.write_calls_later(calls);
        Ok(())
    }

    /// The same of calls that any connection to the database made ready.
    pub(super) fn write_calls_later(&mut self, calls: Vec<Call>) {
        self.waiting.extend(calls);
    }

    /// Has a transaction begin with what is sent next; opens the connection again if it was lost.
    pub(super) fn begin(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.ensure_open()?;
        self.transaction = Transaction::Wanted(text);
        Ok(())
    }

    /// Commits, and does something else while the answer is awaited.
    pub(super) fn commit_beside(&mut self, meanwhile: impl FnOnce()) -> Result<(), StoreError> {
        match self.transaction {
            Transaction::None => Ok(()),
            Transaction::Wanted(_) if self.waiting.is_empty() => {
                self.transaction = Transaction::None;
                Ok(())
            }
            Transaction::Wanted(_) | Transaction::Open => {
                self.exchange_beside(Vec::new(), Some("COMMIT"), meanwhile).map(|_| ())
            }
            Transaction::Failed => {
                Err(StoreError::NotCommitted("a statement of it failed".to_owned()))
            }
        }
    }

    /// Undoes the transaction. Where that fails the connection is given up, which undoes it as well.
    pub(super) fn rollback(&mut self) {
        self.waiting.clear();
        let is_begun = matches!(self.transaction, Transaction::Open | Transaction::Failed);
        if is_begun && !self.is_lost() {
            self.is_broken = self.run("ROLLBACK").is_err();
        }
        self.transaction = Transaction::None;
    }

    /// Runs a text of several statements, such as a migration, however long it takes.
    pub(crate) fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        self.round_trips += 1;
        let done = self.runtime.wait(self.client.batch_execute(sql));
        done.map_err(|error| meaning(&error))
    }

    /// Prepares a statement in every form in which it may be sent.
    #[cfg(test)]
    pub(crate) fn prepare_every_form(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let values = self.prepared(sql, Form::One)?.params().len();
        let has_many = sql.starts_with("INSERT ") || sql.starts_with("SELECT ");
        if has_many && values > 0 && !sql.ends_with("FOR UPDATE") {
            self.prepared(sql, Form::Many)?;
        }
        Ok(())
    }

    pub(super) const fn take_rows_written(&mut self) -> u64 {
        std::mem::replace(&mut self.rows_written, 0)
    }

    pub(super) const fn take_reopened(&mut self) -> bool {
        std::mem::replace(&mut self.was_reopened, false)
    }

    pub(super) const fn take_round_trips(&mut self) -> u64 {
        std::mem::replace(&mut self.round_trips, 0)
    }

    pub(super) fn is_lost(&self) -> bool {
        self.is_broken || self.client.is_closed()
    }

    /// Looks whether the connection is there, and makes another one if it is not.
    pub(super) fn ensure_open(&mut self) -> Result<(), StoreError> {
        if self.is_ready() {
            return Ok(());
        }
        if self.next_try.is_some_and(|next| Instant::now() < next) {
            return Err(StoreError::Unavailable("it could not be reached just now".to_owned()));
        }
        match self.runtime.wait(open(&self.address, self.purpose)) {
            Ok(client) => self.renew(client),
            Err(error) => {
                self.next_try = Some(Instant::now() + self.pause);
                self.pause = (self.pause * 2).min(PAUSE_MAX);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Whether the connection is there, after what came in since it was used last is heard, such as its end.
    pub(super) fn is_ready(&self) -> bool {
        self.runtime.catch_up();
        !self.is_lost()
    }

    fn renew(&mut self, client: Client) {
        self.client = client;
        self.statements.clear();
        self.waiting.clear();
        self.transaction = Transaction::None;
        (self.is_broken, self.pause, self.next_try) = (false, PAUSE, None);
        self.was_reopened = true;
    }

    fn rows_of(
        &mut self,
        call: Call,
        each: &mut impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let answer_time_max = self.purpose.answer_time_max();
        for heard in self.exchange(vec![call], None)? {
            let Heard::Rows(mut rows) = heard else { continue };
            let reading = async {
                while let Some(row) = rows.next().await {
                    match row {
                        Ok(row) => each(&Row::from(&row))?,
                        Err(error) => return Err(meaning(&error)),
                    }
                }
                Ok(())
            };
            let read =
                self.runtime.wait(async { tokio::time::timeout(answer_time_max, reading).await });
            read.unwrap_or_else(|_| Err(no_answer())).map_err(|error| self.fail(error))?;
        }
        Ok(())
    }

    /// The calls that write rows: one statement for all where that can be.
    pub(super) fn calls_to_write<'v>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = impl AsRef<[Value<'v>]>>,
    ) -> Result<Vec<Call>, StoreError> {
        let rows: Vec<_> = rows.into_iter().collect();
        let rows: Vec<&[Value<'v>]> = rows.iter().map(AsRef::as_ref).collect();
        if rows.len() < 2 || !sql.starts_with("INSERT ") {
            return rows.into_iter().map(|row| self.call(sql, row, Kind::Write)).collect();
        }
        let waves = waves(&rows, &statement::conflict_key(sql));
        waves.iter().map(|rows| self.call_many(sql, rows, Kind::Write)).collect()
    }

    fn call(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        kind: Kind,
    ) -> Result<Call, StoreError> {
        let statement = self.prepared(sql, Form::One)?;
        let pairs = values.iter().zip(statement.params());
        let values =
            pairs.map(|(value, wanted)| Encoded::of(value, wanted)).collect::<Result<_, _>>();
        let values = values.map_err(|error| StoreError::corrupt("value", error))?;
        Ok(Call { sql, form: Form::One, values, kind })
    }

    fn call_many(
        &mut self,
        sql: &'static str,
        rows: &[&[Value<'_>]],
        kind: Kind,
    ) -> Result<Call, StoreError> {
        let statement = self.prepared(sql, Form::Many)?;
        let columns = statement.params().iter().enumerate().map(|(column, wanted)| {
            let values: Vec<&Value<'_>> = rows.iter().filter_map(|row| row.get(column)).collect();
            Encoded::of(&values, wanted)
        });
        let values = columns.collect::<Result<_, _>>();
        let values = values.map_err(|error| StoreError::corrupt("value", error))?;
        Ok(Call { sql, form: Form::Many, values, kind })
    }

    /// The statement, prepared on this connection. The types of many are those of one.
    fn prepared(&mut self, sql: &'static str, form: Form) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.get(&(sql, form)) {
            return Ok(known.clone());
        }
        let text = match form {
            Form::One => statement::for_one(sql),
            Form::Many => {
                let one = self.prepared(sql, Form::One)?;
                let types: Vec<&str> = one.params().iter().map(Type::name).collect();
                let rows = statement::for_rows(sql, &types);
                rows.unwrap_or_else(|| statement::for_keys(sql, &types))
            }
        };
        self.round_trips += 1;
        let prepared = self.runtime.wait(self.client.prepare(&text));
        let prepared = prepared.map_err(|error| self.fail(meaning(&error)))?;
        if self.statements.len() >= STATEMENTS_MAX {
            self.statements.clear();
        }
        self.statements.insert((sql, form), prepared.clone());
        Ok(prepared)
    }

    /// Sends what waits, `calls` and the end of the transaction at once, and hears what came of them:
    /// one round trip. Gives what was heard of `calls`.
    fn exchange(
        &mut self,
        calls: Vec<Call>,
        end: Option<&'static str>,
    ) -> Result<Vec<Heard>, StoreError> {
        self.exchange_beside(calls, end, || {})
    }

    /// The same, with something to do meanwhile.
    fn exchange_beside(
        &mut self,
        calls: Vec<Call>,
        end: Option<&'static str>,
        meanwhile: impl FnOnce(),
    ) -> Result<Vec<Heard>, StoreError> {
        let ours_many = calls.len();
        let mut all = std::mem::take(&mut self.waiting);
        all.extend(calls);
        let all = all.into_iter().map(|call| Ok((self.prepared(call.sql, call.form)?, call)));
        let all = all.collect::<Result<Vec<_>, StoreError>>()?;
        let begin = match self.transaction {
            Transaction::Wanted(text) => Some(text),
            _ => None,
        };
        if self.transaction != Transaction::None {
            self.transaction = Transaction::Open;
        }
        let ours = usize::from(begin.is_some()) + all.len();
        let ours = ours - ours_many..ours;
        self.round_trips += 1;
        let sending = send(&self.client, begin, all, end);
        let answer_time_max = self.purpose.answer_time_max();
        let Some(answers) = self.runtime.wait_beside(sending, meanwhile, answer_time_max) else {
            self.is_broken = true;
            return Err(if end.is_some() { StoreError::OutcomeUnknown } else { no_answer() });
        };
        let mut heard = Vec::with_capacity(answers.len());
        let last = answers.len().saturating_sub(1);
        for (number, answer) in answers.into_iter().enumerate() {
            let meaning = |error: &Error| match end {
                Some(_) => meaning_with_commit(error, number == last),
                None => meaning(error),
            };
            heard.push(answer.map_err(|error| self.fail(meaning(&error)))?);
        }
        self.count(&heard);
        if end.is_some() {
            self.transaction = Transaction::None;
        }
        Ok(heard.drain(ours).collect())
    }

    fn count(&mut self, heard: &[Heard]) {
        for heard in heard {
            if let Heard::Changed(rows) = heard {
                self.rows_written += rows;
            }
        }
    }

    /// Notes that a statement failed, after which the transaction can only be undone.
    fn fail(&mut self, error: StoreError) -> StoreError {
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
        // After a failover this may be a server that only reads, and another one writes.
        self.is_broken |= matches!(
            error,
            StoreError::Lost(_) | StoreError::Unavailable(_) | StoreError::OutcomeUnknown
        );
        error
    }
}

fn no_answer() -> StoreError {
    StoreError::Lost("it did not answer in time".to_owned())
}

/// Connects, and tells the session how to work.
async fn open(address: &Address, purpose: Purpose) -> Result<Client, StoreError> {
    let connecting = tokio::time::timeout(CONNECT_TIME_MAX, async {
        let (client, connection) = address.config().connect(address.tls()).await?;
        // It ends when the connection does, which the client then knows as well.
        drop(tokio::runtime::Handle::current().spawn(connection));
        for settings in purpose.settings() {
            client.batch_execute(settings).await?;
        }
        Ok(client)
    });
    match connecting.await {
        Ok(opened) => opened.map_err(|error| no_connection(&error)),
        Err(_) => Err(StoreError::Unavailable("it does not answer".to_owned())),
    }
}
