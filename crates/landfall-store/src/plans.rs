//! Telling PostgreSQL early how its tables have grown.
//!
//! It chooses among indexes by what it knows of a table, and learns that by itself within a minute or
//! so. A fresh installation that takes in much at once would be slow until then.

use crate::driver::Connection;

/// After so many rows written since the start the tables are looked at; later they change slowly enough.
const LOOKED_AT: [u64; 3] = [500, 5_000, 50_000];

/// The tables that grow with every report.
const ANALYZE: &str =
    "ANALYZE applications, environments, versions, builds, deployments, cells, event_blocks";

/// Counts what was written.
#[derive(Default)]
pub(crate) struct Plans {
    rows: u64,
}

impl Plans {
    /// Called between groups.
    pub(crate) fn after_group(&mut self, db: &mut Connection, rows: u64) {
        let before = self.rows;
        self.rows = before.saturating_add(rows);
        let is_due = LOOKED_AT.iter().any(|at| (before..self.rows).contains(at));
        if !is_due || !db.is_shared() {
            return;
        }
        if let Err(error) = db.postgres().and_then(|postgres| postgres.run(ANALYZE)) {
            tracing::warn!(error = &error as &dyn std::error::Error, "ANALYZE failed");
        }
    }
}
