//! What the tails of logs missed: what other nodes appended, and what came before something of our own
//! that was heard of sooner.
//!
//! What this node commits is handed out by the thread that made it durable. On PostgreSQL other nodes
//! append to the same logs, so the heads of those that somebody follows here are looked at again and
//! again, all by one query. What is missing is read from the log once for all who listen, so everybody
//! gets every event once and in order, whoever appended it.

use std::time::Duration;

use landfall_domain::id::OrganizationId;
use landfall_store::StoreError;
use landfall_store::rows::{event, organization};

use super::context::Context;
use super::tail::Index;

/// How often heads are looked at: a live stream shows what another node took in within a second, also
/// where the database is busy, and ten queries of a few keys in a second are nothing to it.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// After a look that failed the next one waits so long.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// Events that one look at the log brings.
const PAGE: i64 = 512;

/// Hands out what the tails of logs missed, for ever.
pub(super) async fn mind(context: &Context) {
    let is_shared = context.engine.upgrade().is_some_and(|engine| engine.store.is_shared());
    let mut was_read = true;
    loop {
        wait(context, is_shared).await;
        let outcome = catch_up_all(context).await;
        if let Err(error) = &outcome
            && was_read
        {
            let error = error as &dyn std::error::Error;
            tracing::warn!(error, "the log can't be read; its followers wait");
        }
        was_read = outcome.is_ok();
        if !was_read {
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            context.tail.gap.notify_one();
        }
    }
}

/// Waits until something is known to be missing or, if other nodes append too, may be.
async fn wait(context: &Context, is_shared: bool) {
    let missed = context.tail.gap.notified();
    if is_shared {
        // Whether it is known or only time to look, the same is done.
        drop(tokio::time::timeout(LOOK_EVERY, missed).await);
    } else {
        missed.await;
    }
}

/// Says of the first log that can't be read, after all others were.
async fn catch_up_all(context: &Context) -> Result<(), StoreError> {
    let indexes = context.tail.all();
    if indexes.is_empty() {
        return Ok(());
    }
    let ids: Vec<OrganizationId> = indexes.iter().map(|(id, _)| *id).collect();
    let heads = context.reader.read(move |db| organization::last_sequences(db, &ids)).await?;
    let mut outcome = Ok(());
    for (id, index) in indexes {
        let head = heads.get(&id).copied().unwrap_or_default();
        outcome = outcome.and(catch_up_to(context, id, &index, head).await);
    }
    outcome
}

/// Hands out what the log holds up to a number; not beyond it, though there may be more by now, since
/// others wait for their turn.
pub(super) async fn catch_up_to(
    context: &Context,
    organization: OrganizationId,
    index: &Index,
    head: u64,
) -> Result<(), StoreError> {
    while index.position() < head {
        if !read_on(context, organization, index).await? {
            index.skip_to(head);
        }
    }
    Ok(())
}

/// Hands out the next page of the log; false if there is nothing more.
async fn read_on(
    context: &Context,
    organization: OrganizationId,
    index: &Index,
) -> Result<bool, StoreError> {
    let position = index.position();
    let read = context.reader.read(move |db| event::after(db, organization, position, PAGE));
    let events = read.await?;
    let Some(first) = events.first() else { return Ok(false) };
    if !index.hand_out(&events) {
        // What is missing was forgotten; each webhook finds out which numbers it missed.
        index.skip_to(first.sequence - 1);
    }
    Ok(true)
}
