//! Several statements sent at once, without waiting for the answer of each: one round trip.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Error, Row, RowStream, Statement};
use tokio_stream::StreamExt;

/// A statement and its values, ready to be sent on a connection on which it is prepared.
pub(super) struct Call {
    pub(super) sql: &'static str,
    pub(super) form: Form,
    pub(super) values: Vec<Encoded>,
    pub(super) kind: Kind,
}

/// For how many rows a statement is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    One,
    Many,
}

/// What is wanted of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its rows, as they are read: for one statement at a time, since what follows it on the line is
    /// heard only when they are.
    Read,
    /// All of its rows at once.
    ReadAll,
    /// How many rows it changed.
    Write,
}

/// What the server said to one statement.
pub(super) enum Heard {
    /// It is done.
    Done,
    /// It changed so many rows.
    Changed(u64),
    /// It finds these, which come as they are read: what was found need not fit into memory at once.
    Rows(Pin<Box<RowStream>>),
    /// It found these.
    Found(Vec<Row>),
}

/// A value in the form in which it goes over the line; none is NULL.
#[derive(Debug)]
pub(super) struct Encoded(Option<BytesMut>);

impl Encoded {
    /// Encodes a value as the type that the statement wants.
    pub(super) fn of(value: &impl ToSql, wanted: &Type) -> Result<Self, Failed> {
        let mut bytes = BytesMut::new();
        Ok(Self(match value.to_sql(wanted, &mut bytes)? {
            IsNull::Yes => None,
            IsNull::No => Some(bytes),
        }))
    }
}

type Failed = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Encoded {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

type Step<'a> = Pin<Box<dyn Future<Output = Result<Heard, Error>> + 'a>>;

/// Sends all calls, between a text before and one after them where there are such, and gives what
/// was heard of each, in order.
pub(super) async fn send(
    client: &Client,
    before: Option<&'static str>,
    calls: Vec<(Statement, Call)>,
    after: Option<&'static str>,
) -> Vec<Result<Heard, Error>> {
    let text = |sql: &'static str| -> Step<'_> {
        Box::pin(async move { client.batch_execute(sql).await.map(|()| Heard::Done) })
    };
    let mut steps: Vec<Step<'_>> = Vec::with_capacity(calls.len() + 2);
    steps.extend(before.map(text));
    steps.extend(calls.into_iter().map(|call| -> Step<'_> { Box::pin(run(client, call)) }));
    steps.extend(after.map(text));
    in_order(steps).await
}

async fn run(client: &Client, (statement, call): (Statement, Call)) -> Result<Heard, Error> {
    let Call { values, kind, .. } = call;
    match kind {
        Kind::Read => {
            let rows = client.query_raw(&statement, values).await?;
            Ok(Heard::Rows(Box::pin(rows)))
        }
        Kind::ReadAll => {
            let rows = client.query_raw(&statement, values).await?;
            let rows: Result<_, Error> = Box::pin(rows).collect().await;
            rows.map(Heard::Found)
        }
        Kind::Write => client.execute_raw(&statement, values).await.map(Heard::Changed),
    }
}

/// Polls all of them, the first time in their order, which is when each sends its request.
async fn in_order(mut steps: Vec<Step<'_>>) -> Vec<Result<Heard, Error>> {
    let mut heard: Vec<Option<Result<Heard, Error>>> = steps.iter().map(|_| None).collect();
    poll_fn(|context| poll_all(&mut steps, &mut heard, context)).await;
    heard.into_iter().flatten().collect()
}

fn poll_all(
    steps: &mut [Step<'_>],
    heard: &mut [Option<Result<Heard, Error>>],
    context: &mut Context<'_>,
) -> Poll<()> {
    let mut is_done = true;
    for (step, heard) in steps.iter_mut().zip(heard).filter(|(_, heard)| heard.is_none()) {
        match step.as_mut().poll(context) {
            Poll::Ready(outcome) => *heard = Some(outcome),
            Poll::Pending => is_done = false,
        }
    }
    if is_done { Poll::Ready(()) } else { Poll::Pending }
}
