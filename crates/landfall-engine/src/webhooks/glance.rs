//! How webhooks are doing, at a glance: where each stands, and what came of its attempts in a day.

use std::sync::Arc;
use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::id::WebhookId;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::DeliveryState;
use landfall_store::queries::tried::{self, Newest, Tried};
use landfall_store::rows::{delivery, organization};
use landfall_store::{Connection, StoreError};

use super::WebhookNow;
use crate::access::Caller;
use crate::dispatch::{Armed, Key};
use crate::engine::Engine;
use crate::error::EngineError;

/// What came of the attempts in one part of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Attempts that were delivered.
    pub delivered: u32,
    /// Attempts that failed.
    pub failed: u32,
}

/// What came of a webhook's attempts in the last 24 hours.
#[derive(Clone, Debug)]
pub struct Day {
    /// When it begins.
    pub since: Timestamp,
    /// Half hours, the oldest first.
    pub buckets: [Bucket; Self::BUCKETS],
    /// Half of the attempts that were delivered took no longer, in microseconds.
    pub p50_us: Option<u64>,
    /// What was before this was too much to be read, and is left out.
    pub read_since: Option<Timestamp>,
}

impl Day {
    /// Half hours of a day.
    pub const BUCKETS: usize = 48;
    /// How long one of its buckets is.
    pub const BUCKET: Duration = Duration::from_mins(30);

    fn of(mut tried: Vec<Tried>, is_cut: bool, now: Timestamp) -> Self {
        let since = now - Self::BUCKET * 48;
        tried.retain(|tried| tried.at >= since);
        let oldest = tried.iter().map(|tried| tried.at).min();
        let mut day = Self {
            since,
            buckets: [Bucket::default(); Self::BUCKETS],
            p50_us: median(&tried),
            read_since: oldest.filter(|_| is_cut),
        };
        for tried in tried {
            let index = tried.at.since(since).as_micros() / Self::BUCKET.as_micros();
            let index = usize::try_from(index).unwrap_or(usize::MAX).min(Self::BUCKETS - 1);
            let bucket = &mut day.buckets[index];
            *(if tried.is_delivered { &mut bucket.delivered } else { &mut bucket.failed }) += 1;
        }
        day
    }
}

fn median(tried: &[Tried]) -> Option<u64> {
    let delivered = tried.iter().filter(|tried| tried.is_delivered);
    let mut durations: Vec<u64> = delivered.map(|tried| tried.duration_us).collect();
    let middle = durations.len().checked_sub(1)? / 2;
    Some(*durations.select_nth_unstable(middle).1)
}

/// A webhook at a glance.
#[derive(Clone)]
pub struct Glance {
    /// How it is doing.
    pub now: WebhookNow,
    /// How it went in the last day.
    pub day: Day,
}

/// What the store knows of one webhook.
struct Counted {
    dead: u64,
    retrying: u64,
    day: Day,
}

impl Engine {
    /// Webhooks at a glance, oldest first: at most `limit` of those after an id.
    pub async fn glance_webhooks(
        &self,
        caller: &Caller,
        after: Option<WebhookId>,
        limit: usize,
    ) -> Result<Vec<Glance>, EngineError> {
        let mut page = self.list_webhooks(caller)?;
        page.retain(|armed| after.is_none_or(|after| armed.webhook.id > after));
        page.truncate(limit);
        self.glance(caller, page).await
    }

    /// One webhook at a glance.
    pub async fn glance_webhook(
        &self,
        caller: &Caller,
        id: WebhookId,
    ) -> Result<Glance, EngineError> {
        let armed = self.find_webhook(caller, id)?;
        let mut found = self.glance(caller, vec![armed]).await?;
        Ok(found.remove(0))
    }

    async fn glance(
        &self,
        caller: &Caller,
        webhooks: Vec<Arc<Armed>>,
    ) -> Result<Vec<Glance>, EngineError> {
        caller.require(Scope::Read)?;
        let (organization, now) = (caller.organization, self.ambient().now());
        let keys: Vec<Key> = webhooks.iter().map(|a| (organization, a.webhook.id)).collect();
        let standings = keys.iter().map(|key| self.shared.dispatcher.standing(*key));
        let standings = futures_util::future::join_all(standings).await;
        let read = self.shared.store.reader.read(move |db| {
            let head = organization::find(db, organization)?.map_or(0, |o| o.next_sequence - 1);
            let others = tried::others_since(db, organization, now - Day::BUCKET * 48)?;
            let counted = keys.iter().map(|key| count(db, *key, &others, now));
            Ok((head, counted.collect::<Result<Vec<_>, _>>()?))
        });
        let (head, counted) = read.await?;
        let glances = webhooks.into_iter().zip(standings).zip(counted);
        let glances = glances.map(|((armed, standing), Counted { dead, retrying, day })| {
            let standing = standing.unwrap_or_default();
            Glance { now: WebhookNow { armed, standing, head, dead, retrying }, day }
        });
        Ok(glances.collect())
    }
}

fn count(
    db: &mut Connection,
    key: Key,
    others: &Newest<(WebhookId, Tried)>,
    now: Timestamp,
) -> Result<Counted, StoreError> {
    let Newest { mut tried, is_cut } = tried::at_once_since(db, key, now - Day::BUCKET * 48)?;
    let own = others.tried.iter().filter(|(webhook, _)| *webhook == key.1);
    tried.extend(own.map(|(_, tried)| *tried));
    Ok(Counted {
        dead: delivery::count(db, key, DeliveryState::Dead)?,
        retrying: delivery::count(db, key, DeliveryState::Retrying)?,
        day: Day::of(tried, is_cut || others.is_cut, now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(now: Timestamp, minutes_ago: u64, duration_us: u64, is_delivered: bool) -> Tried {
        Tried { at: now - Duration::from_mins(minutes_ago), duration_us, is_delivered }
    }

    #[test]
    fn attempts_fall_into_their_half_hours() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let all = vec![
            tried(now, 0, 30, true),
            tried(now, 29, 10, true),
            tried(now, 31, 20, false),
            tried(now, 24 * 60 - 1, 20, true),
            tried(now, 24 * 60 + 1, 99, true),
        ];
        let day = Day::of(all, false, now);
        assert_eq!(day.buckets[47], Bucket { delivered: 2, failed: 0 });
        assert_eq!(day.buckets[46], Bucket { delivered: 0, failed: 1 });
        assert_eq!(day.buckets[0], Bucket { delivered: 1, failed: 0 });
        assert_eq!(day.p50_us, Some(20), "of those that were delivered within the day");
        assert_eq!(day.read_since, None);
    }

    #[test]
    fn a_day_without_attempts_has_no_median() {
        assert_eq!(Day::of(Vec::new(), false, Timestamp::MAX).p50_us, None);
    }
}
