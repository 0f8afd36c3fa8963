//! Ranges of the log by time, for resends and replays.

use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::time::Timestamp;
use landfall_store::rows::event;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// The first and the last number of the events that were recorded from `since` to `until`, both
    /// included; if there are none, the last is one before the first.
    pub async fn sequences_between(
        &self,
        caller: &Caller,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<(u64, u64), EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let read = self.shared.store.reader.read(move |db| {
            let first = event::first_since(db, organization, since)?;
            let next = event::first_since(db, organization, until + Duration::from_micros(1))?;
            Ok((first, next.max(first) - 1))
        });
        Ok(read.await?)
    }
}
