//! Webhooks that are stored and can't be read here, since a later release wrote them: what they are owed
//! waits, and the others do not.

use std::sync::Arc;

use landfall_domain::id::OrganizationId;
use landfall_store::StoreError;

use super::lane::Order;
use super::{Armed, Dispatcher, Key};
use crate::lock::lock;

fn unreadable() -> StoreError {
    StoreError::corrupt("webhook", "a later release may have written it")
}

impl Dispatcher {
    /// Leaves out a webhook that can't be read, also where it could before it was edited. No attempt of it
    /// starts here any more; what is under way ends, and what it is owed stays owed.
    pub(crate) async fn leave_out(&self, key: Key) {
        let lane = {
            let mut entries = lock(&self.entries);
            let entry = entries.remove(&key);
            let lane = entry.as_ref().and_then(super::Entry::orders);
            let mut left_out = lock(&self.left_out);
            left_out.entry(key).or_default();
            if let Some(entry) = entry {
                entry.armed.replace();
                left_out.insert(key, lane.clone());
            }
            lane
        };
        if let Some(lane) = lane {
            // An error means that it ended already.
            drop(lane.send(Order::Leave).await);
        }
    }

    /// Waits until the lane ended that a webhook had before it was left out, and its place is stored.
    pub(crate) async fn until_left(&self, key: Key) {
        let lane = lock(&self.left_out).get(&key).cloned().flatten();
        if let Some(lane) = lane {
            lane.closed().await;
            self.context.flush().await;
        }
    }

    /// A webhook as it is now. It is an error if it is there, but can't be read.
    pub(crate) fn find_readable(&self, key: Key) -> Result<Option<Arc<Armed>>, StoreError> {
        let entries = lock(&self.entries);
        let found = entries.get(&key).map(|entry| Arc::clone(&entry.armed));
        let is_left_out = found.is_none() && lock(&self.left_out).contains_key(&key);
        if is_left_out { Err(unreadable()) } else { Ok(found) }
    }

    /// All webhooks of an organization, oldest first, for whoever would do harm if one was missing.
    pub(crate) fn list_all(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<Arc<Armed>>, StoreError> {
        let is_whole = lock(&self.left_out).keys().all(|(owner, _)| *owner != organization);
        if is_whole { Ok(self.list(organization)) } else { Err(unreadable()) }
    }
}
