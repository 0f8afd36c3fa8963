//! How often an application was deployed on each of the last days.
//!
//! It is counted when a row comes into sight and kept with the row, which is made anew when the log
//! names its application; so it is counted again exactly when it may have changed, or when a day ends.

use std::sync::Arc;
use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;
use landfall_store::queries::deployments::count_between;
use landfall_store::{Connection, StoreError};

use super::row::Row;
use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lock::lock;

/// Days that are counted; the last of them is today, in UTC.
pub const ACTIVITY_DAYS: usize = 30;
/// A day with more deployments than this counts as one with so many.
pub const ACTIVITY_A_DAY_MAX: u32 = 1_000;
const DAY: Duration = Duration::from_hours(24);
const DAY_MICROS: i64 = 86_400_000_000;

/// Deployments of an application by day: all that began then, however they ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// How many there were, the oldest day first.
    pub days: [u32; ACTIVITY_DAYS],
    /// The last day, in days since 1970.
    today: i64,
}

impl Engine {
    /// How often applications were deployed lately, in the order of their rows.
    pub async fn activity(
        &self,
        caller: &Caller,
        rows: Vec<Arc<Row>>,
    ) -> Result<Vec<Arc<Activity>>, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let today = self.ambient().now().as_micros() / DAY_MICROS;
        let known: Option<Vec<_>> = rows.iter().map(|row| row.activity_of(today)).collect();
        if let Some(known) = known {
            return Ok(known);
        }
        let reader = &self.shared.store.reader;
        let read = reader
            .read(move |db| rows.iter().map(|row| row.count(db, organization, today)).collect());
        Ok(read.await?)
    }
}

impl Row {
    /// What was counted, if it was counted today.
    fn activity_of(&self, today: i64) -> Option<Arc<Activity>> {
        let known = lock(&self.activity);
        known.as_ref().filter(|known| known.today == today).cloned()
    }

    fn count(
        &self,
        db: &mut Connection,
        organization: OrganizationId,
        today: i64,
    ) -> Result<Arc<Activity>, StoreError> {
        if let Some(known) = self.activity_of(today) {
            return Ok(known);
        }
        let first = today + 1 - i64::try_from(ACTIVITY_DAYS).unwrap_or(0);
        let mut days = [0; ACTIVITY_DAYS];
        for (day, count) in (first..).zip(&mut days) {
            let since = Timestamp::from_micros(day * DAY_MICROS);
            let until = since + DAY;
            let application = self.application.id;
            *count =
                count_between(db, organization, application, (since, until), ACTIVITY_A_DAY_MAX)?;
        }
        let counted = Arc::new(Activity { days, today });
        *lock(&self.activity) = Some(Arc::clone(&counted));
        Ok(counted)
    }
}
